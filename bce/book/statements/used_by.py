"""What rests on a definition or derivation: links at its foot, and its place on the map."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bce.book.domain import derivation_domain
from bce.book.words.html import inline_html
from bce.book.words.text import plain_text

from .map_page import PAGE as MAP
from .map_page import anchor, draw, is_on_map

_MOST_SHOWN = 5
_MOST_DRAWN = 12


class used_by(nodes.General, nodes.Element):
    """The place of the links to everything that uses a statement; known when all chapters are read."""


def visit_html(translator: HTML5Translator, node: used_by) -> None:
    """Write the links; a long list is folded away."""
    builder, identifier = translator.builder, node["statement"]
    domain = derivation_domain(builder.env)
    title = plain_text(domain.entries[identifier].title)

    def address(other: str) -> str:
        entry = domain.entries[other]
        return f"{builder.get_relative_uri(builder.current_docname, entry.docname)}#{entry.anchor}"

    def link(user: str) -> str:
        return f'<a href="{escape(address(user))}">{inline_html(domain.entries[user].title)}</a>'

    user_ids = domain.used_by()[identifier]
    users = [link(user) for user in user_ids]
    _, report = domain.reports[identifier]
    on_map = ""
    if MAP in builder.env.found_docs and is_on_map(report):
        page = builder.get_relative_uri(builder.current_docname, MAP)
        label = f'<span class="visually-hidden">: {escape(title)}</span>'
        on_map = f'<a href="{escape(f"{page}#{anchor(identifier)}")}">On the map{label}</a>'
    if len(users) > _MOST_SHOWN:
        summary = f'Used by {len(users)} others<span class="visually-hidden">: {escape(title)}</span>'
        items = "".join(f"<li>{user}</li>" for user in users)
        text = f"<details><summary>{summary}</summary>\n<ul>{items}</ul></details>\n{on_map}"
    else:
        text = (f"<p>Used by {', '.join(users)}.</p>\n" if users else "") + on_map
    near = dict.fromkeys(report["uses"], ()) | {identifier: report["uses"]} | dict.fromkeys(user_ids, (identifier,))
    if 1 < len(near) <= _MOST_DRAWN and near.keys() <= domain.reports.keys():
        picture = draw({i: domain.reports[i][1] for i in near}, {i: address(i) for i in near}, near)
        summary = f'Neighbourhood<span class="visually-hidden"> of {escape(title)}</span>'
        drawing = f'<div class="map">{picture}</div>'
        text += f'\n<details class="neighbourhood"><summary>{summary}</summary>\n{drawing}</details>'
    if text:
        translator.body.append(f'<div class="used-by">{text}</div>\n')
    raise nodes.SkipNode


def _skip(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the node."""
    skip = (_skip, None)
    app.add_node(used_by, html=(visit_html, None), latex=skip, text=skip, man=skip, texinfo=skip)
