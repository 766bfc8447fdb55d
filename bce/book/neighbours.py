"""What rests on a definition or derivation: links at its foot, and its place on the map."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bce.book.domain import derivation_domain
from bce.book.graph import PAGE as MAP
from bce.book.graph import anchor, is_on_map
from bce.book.inline import plain_text
from bce.book.words import inline_html

_MOST_SHOWN = 5


class used_by(nodes.General, nodes.Element):
    """The place of the links to everything that uses a statement; known when all chapters are read."""


def visit_html(translator: HTML5Translator, node: used_by) -> None:
    """Write the links; a long list is folded away."""
    builder, identifier = translator.builder, node["statement"]
    domain = derivation_domain(builder.env)
    title = plain_text(domain.entries[identifier].title)

    def link(user: str) -> str:
        entry = domain.entries[user]
        address = builder.get_relative_uri(builder.current_docname, entry.docname)
        return f'<a href="{escape(f"{address}#{entry.anchor}")}">{inline_html(entry.title)}</a>'

    users = [link(user) for user in domain.used_by()[identifier]]
    _, report = domain.reports[identifier]
    on_map = ""
    if MAP in builder.env.found_docs and is_on_map(report):
        address = builder.get_relative_uri(builder.current_docname, MAP)
        label = f'<span class="visually-hidden">: {escape(title)}</span>'
        on_map = f'<a href="{escape(f"{address}#{anchor(identifier)}")}">On the map{label}</a>.'
    if len(users) > _MOST_SHOWN:
        summary = f'Used by {len(users)} others<span class="visually-hidden">: {escape(title)}</span>'
        items = "".join(f"<li>{user}</li>" for user in users)
        text = f"<details><summary>{summary}</summary>\n<ul>{items}</ul></details>\n{on_map}"
    else:
        text = f"Used by {', '.join(users)}. {on_map}" if users else on_map
    if text:
        translator.body.append(f'<div class="used-by">{text}</div>\n')
    raise nodes.SkipNode


def _skip(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the node."""
    skip = (_skip, None)
    app.add_node(used_by, html=(visit_html, None), latex=skip, text=skip, man=skip, texinfo=skip)
