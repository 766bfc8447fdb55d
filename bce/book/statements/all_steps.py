"""The page of all steps: every definition, derivation and step with its id and verdict, and all retired ids.

It is complete without JavaScript; with it, a field filters the list.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.docutils import SphinxDirective

from bce.book.domain import Entry, derivation_domain
from bce.book.places import Place, register_place
from bce.book.words.html import inline_html
from bce.book.words.verdict_labels import verdict_label
from bce.reporting.report import Report, StepReport


class all_steps(Place):
    """The place of the list of all steps."""


class retired_ids(Place):
    """The place of the list of retired ids."""


class AllSteps(SphinxDirective):
    """The directive ``{all-steps}``."""

    def run(self) -> list[nodes.Node]:
        """Keep the place; the list is known when all chapters are read."""
        derivation_domain(self.env).note_overview(self.name)
        return [all_steps()]


class RetiredIds(SphinxDirective):
    """The directive ``{retired-ids}``: the place where links to retired ids end."""

    def run(self) -> list[nodes.Node]:
        """Keep the place, and let old links from other books find it."""
        domain = derivation_domain(self.env)
        domain.note_overview(self.name)
        for identifier, (kind, since, *_) in self.config.bce_retired.items():
            title = f"{identifier}, retired in version {since}"
            domain.note(identifier, Entry(kind, self.env.docname, identifier, title, is_retired=True))
        return [retired_ids()]


def write_all_steps(builder: StandaloneHTMLBuilder, node: all_steps) -> str:
    """Write the list, chapter by chapter."""
    domain, titles = derivation_domain(builder.env), builder.env.titles
    address = partial(domain.address, builder)
    parts = [
        '<p class="filter" hidden><label for="filter-steps">Show only what contains</label> '
        '<input id="filter-steps" type="search" autocomplete="off"> <output for="filter-steps"></output></p>\n'
    ]
    for docname, items in groupby(domain.reports_in_order(), key=lambda item: item[0]):
        title = escape(titles[docname].astext(), quote=False)
        rows = "".join(_statement(address, report) for _, report in items)
        parts.append(f'<section class="all-steps"><h2>{title}</h2>\n<ul>\n{rows}</ul></section>\n')
    return "".join(parts)


def _statement(address: Callable[[str], str], report: Report) -> str:
    link = f'<a href="{escape(address(report["id"]))}">{inline_html(report["title"])}</a>'
    head = f'<span class="kind">{report["kind"].capitalize()}</span> {link} <code>{report["id"]}</code>'
    if report["kind"] == "definition":
        return f"<li>{head} {_verdict(report['steps'][0])}</li>\n"
    steps = "".join(_step(address, step) for step in report["steps"])
    return f"<li>{head}\n<ol>\n{steps}</ol></li>\n"


def _step(address: Callable[[str], str], step: StepReport) -> str:
    link = f'<a href="{escape(address(step["id"]))}"><code>{step["id"]}</code></a>'
    return f"<li>{link} {inline_html(step['reason'])} {_verdict(step)}</li>\n"


def _verdict(step: StepReport) -> str:
    label = verdict_label(step)
    return f'<span class="verdict {label.css_class}">{label.sign} {label.words}</span>'


def write_retired_ids(builder: StandaloneHTMLBuilder, node: retired_ids) -> str:
    """Write what became of each retired id."""
    domain, retired = derivation_domain(builder.env), builder.config.bce_retired
    if not retired:
        return "<p>No id was retired so far.</p>\n"
    parts = []
    for identifier, (kind, since, reason, replacement) in retired.items():
        instead = ""
        if replacement in domain.entries:
            address = escape(domain.address(builder, replacement))
            instead = f' Go to <a href="{address}"><code>{replacement}</code></a> instead.'
        parts.append(
            f'<dt id="{identifier}"><code>{identifier}</code></dt>\n'
            f"<dd>This {kind} was retired in version {escape(since)}: {escape(reason)}.{instead}</dd>\n"
        )
    return f'<dl class="retired">\n{"".join(parts)}</dl>\n'


def setup(app: Sphinx) -> None:
    """Register both directives."""
    register_place(app, all_steps, write_all_steps)
    register_place(app, retired_ids, write_retired_ids)
    app.add_directive("all-steps", AllSteps)
    app.add_directive("retired-ids", RetiredIds)
