"""A checked cell's report as part of the page: the author's formulas, the reasons, the verdicts, the anchors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util import logging

from bce.book.domain import DerivationDomain, Entry, derivation_domain
from bce.book.words.nodes import inline_nodes
from bce.book.words.text import plain_text
from bce.book.words.verdict_labels import verdict_label
from bce.reporting.phrases import condition, conditions, counterexample
from bce.reporting.report import MIME_TYPE, Report, StepReport

from . import nodes as blocks
from .sources import sources_of

if TYPE_CHECKING:
    from myst_nb.core.render import MimeData, NbElementRenderer

logger = logging.getLogger(__name__)


class ReportRenderer:
    """The plugin that MyST-NB calls for every output, in every book of an environment in which this package is.

    A book without ``bce.book.domain`` gets none of a report, and so shows the cell's table for plain notebooks.
    """

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the nodes of a report, none where they cannot be shown, or None for any other output.

        A report that is not what its source gives is a warning, which stops a strict build, and is not drawn.
        """
        if data.mime_type != MIME_TYPE:
            return None
        env = getattr(renderer.renderer, "sphinx_env", None)
        if inline or env is None or DerivationDomain.name not in env.domaindata:
            return []
        report = json.loads(data.content) if isinstance(data.content, str) else data.content
        page = _Page(renderer, report, data.line)
        return [page.statement()] if page.agrees_with_source(data.cell_index) else []


class _Page:
    """One report on one page."""

    def __init__(self, renderer: NbElementRenderer, report: Report, line: int | None) -> None:
        self.report = report
        self.markdown = renderer.renderer
        self.document = self.markdown.document
        self.env = self.markdown.sphinx_env
        # MyST-NB names the second line of a cell.
        self.location = (self.env.docname, None if line is None else line - 1)
        self.line = line or 0
        self.domain = derivation_domain(self.env)

    def agrees_with_source(self, cell_index: int | None) -> bool:
        """Hold the report against the chapters, and warn of every difference."""
        cells = self.markdown.nb_client.notebook.cells
        source = "" if cell_index is None else cells[cell_index]["source"]
        file = str(self.env.doc2path(self.env.docname, base=False))
        complaints = list(sources_of(self.env.app).complaints(self.report, file, source))
        for complaint in complaints:
            logger.warning("%s", complaint, location=self.location, type="bce", subtype="source")
        return not complaints

    def statement(self) -> blocks.statement:
        report = self.report
        kind = report["kind"]
        self._note(report["id"], Entry(kind, self.env.docname, report["id"], report["title"]))
        self.domain.note_report(self.env.docname, report)
        label = plain_text(f"{kind.capitalize()}: {report['title']}")
        block = blocks.statement(ids=[report["id"]], classes=[kind], label=label)
        self._claim_anchor(report["id"], block)
        block += self._title()
        if text := conditions(report):
            block += nodes.paragraph("", "", *inline_nodes(text), classes=["conditions"])
        block += self._definition() if kind == "definition" else self._derivation()
        if origin := self._origin():
            block += origin
        block += blocks.foot("", blocks.used_by(statement=report["id"]), *self._cite())
        return block

    def _title(self) -> nodes.paragraph:
        kind, title = self.report["kind"].capitalize(), self.report["title"]
        return nodes.paragraph(
            "", "",
            nodes.inline(kind, kind, classes=["kind"]), nodes.Text(" "),
            nodes.inline("", "", *inline_nodes(title), classes=["title"]), nodes.Text("\N{NO-BREAK SPACE}"),
            _permalink(self.report["id"], "#", f"Link to this {kind.lower()}"),
            classes=["statement-title"],
        )  # fmt: skip

    def _definition(self) -> list[nodes.Node]:
        (step,) = self.report["steps"]
        equation = f"{step['left']} {step['relation']} {step['right']}"
        row = nodes.container("", _formula(equation), self._evidence(step), classes=["definition-row"])
        if step["reason"]:
            row.insert(1, nodes.paragraph("", "", *inline_nodes(step["reason"]), classes=["reason"]))
        return [row]

    def _derivation(self) -> list[nodes.Node]:
        head = _formula(self.report["head"])
        head["classes"].append("head")
        return [head, blocks.step_list("", *map(self._step, self.report["steps"]))]

    def _step(self, step: StepReport) -> blocks.step:
        label = verdict_label(step)
        kind = "mistake" if step["expected"] == "refuted" else "step"
        entry = Entry(kind, self.env.docname, step["id"], self.report["title"], step["step"])
        by_number = f"{self.report['id']}.{step['step']}"
        row = blocks.step(ids=[step["id"]], classes=[label.css_class])
        self._note(step["id"], entry)
        self._claim_anchor(step["id"], row)
        # A retired number is an old name of another step, and never comes to mean this one.
        if by_number != step["id"] and by_number not in self.env.config.bce_retired:
            row["ids"].append(by_number)
            self._note(by_number, entry._replace(is_alias=True))
        row += _permalink(step["id"], str(step["step"]), f"Link to {entry.text}")
        row += nodes.inline("", "", nodes.math("", step["relation"]), classes=["relation"])
        row += _formula(step["right"])
        reason = nodes.paragraph("", "", *inline_nodes(step["reason"]), classes=["reason"])
        row += blocks.grounds("", reason, self._evidence(step))
        return row

    def _evidence(self, step: StepReport) -> blocks.evidence:
        label = verdict_label(step)
        summary = blocks.evidence_summary(
            "", nodes.inline(label.sign, label.sign, classes=["sign"]), nodes.Text(f" {label.words}")
        )
        details = nodes.definition_list()
        given = "; ".join(map(condition, self.report["given"])) or "no symbols are free"
        details += _term("Domain", given)
        if example := step["counterexample"]:
            details += _term("Counterexample", counterexample(example["point"], example["values"], formula="${}$"))
        if step["method"] and step["expected"] != "defined":
            details += _term("Decided by", step["method"])
        if step["obligations"] and step["verdict"] != "refuted":
            details += _term("Shown on the way", *map(_in_dollars, step["obligations"]))
        if step["open"]:
            details += _term("Left open", *step["open"])
        parts: list[nodes.Node] = [summary, details]
        if self.report["kind"] == "derivation":
            parts += self._cite(step=step["step"])
        is_open = step["verdict"] == "refuted"
        return blocks.evidence("", *parts, classes=[label.css_class], open=is_open)

    def _origin(self) -> nodes.paragraph | None:
        parts: list[nodes.Node] = []
        if self.report["source"]:
            parts += [nodes.Text("Source: "), *self._citation(self.report["source"])]
        if self.report["uses"]:
            parts.append(nodes.Text(". Rests on " if parts else "Rests on "))
            for position, identifier in enumerate(self.report["uses"]):
                parts += [nodes.Text(", ")] if position else []
                parts.append(self._statement_link(identifier))
        if not parts:
            return None
        return nodes.paragraph("", "", *parts, nodes.Text("."), classes=["origin"])

    def _citation(self, source: str) -> list[nodes.Node]:
        """Cite ``key, "locator"`` in the bibliography; several sources are separated by semicolons."""
        found = nodes.paragraph()
        for position, part in enumerate(source.split(";")):
            key, comma, locator = part.strip().partition(",")
            separator = "; " if position else ""
            with self.markdown.current_node_context(found):
                self.markdown.nested_render_text(f"{separator}{{cite:t}}`{key.strip()}`", self.line, inline=True)
            if comma:
                found += nodes.Text(f", {_typographic(locator.strip())}")
        return list(found.children)

    def _statement_link(self, identifier: str) -> pending_xref:
        link = pending_xref(
            "", nodes.inline(identifier, identifier), refdomain="bce", reftype="statement", reftarget=identifier,
            refdoc=self.env.docname, refexplicit=False, refwarn=True,
        )  # fmt: skip
        link.source, link.line = self.document["source"], self.line
        return link

    def _cite(self, **step: int) -> list[nodes.Node]:
        """Return the place of a citation, in a book that is a publication."""
        return [blocks.cite(derivation=self.report["id"], **step)] if "bce_publication" in self.env.config else []

    def _note(self, identifier: str, entry: Entry) -> None:
        self.domain.note(identifier, entry, self.location)

    def _claim_anchor(self, anchor: str, block: nodes.Element) -> None:
        """Make the anchor ours. A heading may have taken it from its words; permanent ids come first."""
        holder = self.document.ids.get(anchor)
        if isinstance(holder, nodes.section):
            renamed = f"section-{anchor}"
            holder["ids"] = [renamed if identifier == anchor else identifier for identifier in holder["ids"]]
            self.document.ids[renamed] = holder
            for name, identifier in self.document.nameids.items():
                if identifier == anchor:
                    self.document.nameids[name] = renamed
        self.document.ids[anchor] = block


def _permalink(anchor: str, text: str, label: str) -> blocks.permalink:
    return blocks.permalink("", nodes.Text(text), anchor=anchor, label=label)


def _formula(latex: str) -> blocks.formula:
    return blocks.formula("", nodes.math(latex, latex, display=True))


def _term(term: str, *texts: str) -> nodes.definition_list_item:
    definitions = [nodes.definition("", nodes.paragraph("", "", *inline_nodes(text))) for text in texts]
    return nodes.definition_list_item("", nodes.term(term, term), *definitions)


def _in_dollars(latex: str) -> str:
    return latex if "$" in latex else f"${latex}$"


def _typographic(locator: str) -> str:
    """Turn the straight quotes around a locator into typographic ones."""
    if len(locator) > 1 and locator[0] == locator[-1] == '"':
        return f"“{locator[1:-1]}”"
    return locator
