"""The page of all steps: every definition, derivation and step with its id and verdict, and all retired ids.

It is complete without JavaScript; with it, a field filters the list.
"""

from __future__ import annotations

from html import escape
from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from bce.book.domain import Entry, derivation_domain
from bce.book.words.html import inline_html
from bce.book.words.verdict_labels import verdict_label
from bce.reporting.report import Report, StepReport

PAGE = "chapters/all_steps"


class all_steps(nodes.General, nodes.Element):
    """The place of the list of all steps."""


class retired_ids(nodes.General, nodes.Element):
    """The place of the list of retired ids."""


class AllSteps(SphinxDirective):
    """The directive ``{all-steps}``."""

    def run(self) -> list[nodes.Node]:
        """Keep the place; the list is known when all chapters are read."""
        return [all_steps()]


class RetiredIds(SphinxDirective):
    """The directive ``{retired-ids}``: the place where links to retired ids end."""

    def run(self) -> list[nodes.Node]:
        """Keep the place, and let old links from other books find it."""
        domain = derivation_domain(self.env)
        for identifier, (kind, since, *_) in self.config.bce_retired.items():
            title = f"{identifier}, retired in version {since}"
            # Not noted but put in place: a page that had the id may not have been read again yet.
            domain.entries[identifier] = Entry(kind, self.env.docname, identifier, title, is_retired=True)
        return [retired_ids()]


def visit_all_steps(translator: HTML5Translator, node: all_steps) -> None:
    """Write the list, chapter by chapter."""
    builder = translator.builder
    env = builder.env
    translator.body.append(
        '<p class="filter" hidden><label for="filter-steps">Show only what contains</label> '
        '<input id="filter-steps" type="search" autocomplete="off"> <output for="filter-steps"></output></p>\n'
    )
    for docname, items in groupby(derivation_domain(env).reports_in_order(), key=lambda item: item[0]):
        page = builder.get_relative_uri(builder.current_docname, docname)
        title = escape(env.titles[docname].astext(), quote=False)
        rows = "".join(_statement(page, report) for _, report in items)
        translator.body.append(f'<section class="all-steps"><h2>{title}</h2>\n<ul>\n{rows}</ul></section>\n')
    raise nodes.SkipNode


def _statement(page: str, report: Report) -> str:
    address = escape(f"{page}#{report['id']}")
    link = f'<a href="{address}">{inline_html(report["title"])}</a>'
    head = f'<span class="kind">{report["kind"].capitalize()}</span> {link} <code>{report["id"]}</code>'
    if report["kind"] == "definition":
        return f"<li>{head} {_verdict(report, report['steps'][0])}</li>\n"
    steps = "".join(_step(page, report, step) for step in report["steps"])
    return f"<li>{head}\n<ol>\n{steps}</ol></li>\n"


def _step(page: str, report: Report, step: StepReport) -> str:
    address, reason = escape(f"{page}#{step['id']}"), inline_html(step["reason"])
    return f'<li><a href="{address}"><code>{step["id"]}</code></a> {reason} {_verdict(report, step)}</li>\n'


def _verdict(report: Report, step: StepReport) -> str:
    label = verdict_label(report, step)
    return f'<span class="verdict {label.css_class}">{label.sign} {label.words}</span>'


def visit_retired_ids(translator: HTML5Translator, node: retired_ids) -> None:
    """Write what became of each retired id."""
    builder = translator.builder
    config, entries = builder.config, derivation_domain(builder.env).entries
    if not config.bce_retired:
        translator.body.append("<p>No id was retired so far.</p>\n")
        raise nodes.SkipNode
    translator.body.append('<dl class="retired">\n')
    for identifier, (kind, since, reason, replacement) in config.bce_retired.items():
        instead = ""
        if replacement in entries:
            entry = entries[replacement]
            address = f"{builder.get_relative_uri(builder.current_docname, entry.docname)}#{entry.anchor}"
            instead = f' Go to <a href="{escape(address)}"><code>{replacement}</code></a> instead.'
        translator.body.append(
            f'<dt id="{identifier}"><code>{identifier}</code></dt>\n'
            f"<dd>This {kind} was retired in version {escape(since)}: {escape(reason)}.{instead}</dd>\n"
        )
    translator.body.append("</dl>\n")
    raise nodes.SkipNode


def _write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page again whenever anything was read."""
    return [PAGE] if PAGE in env.found_docs else []


def _skip(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register both directives."""
    skip = (_skip, None)
    for node, visit in ((all_steps, visit_all_steps), (retired_ids, visit_retired_ids)):
        app.add_node(node, html=(visit, None), latex=skip, text=skip, man=skip, texinfo=skip)
    app.add_directive("all-steps", AllSteps)
    app.add_directive("retired-ids", RetiredIds)
    app.connect("env-updated", _write_again)
