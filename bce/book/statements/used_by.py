"""What rests on a definition or derivation: links at its foot, and its place on the map."""

from __future__ import annotations

from html import escape

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from bce.book.domain import derivation_domain
from bce.book.places import register_place
from bce.book.words.html import inline_html
from bce.book.words.text import plain_text

from . import nodes as blocks
from .map_page import NAME, anchor, draw, is_on_map

_MOST_SHOWN = 5
_MOST_DRAWN = 12


def write_links(builder: StandaloneHTMLBuilder, node: blocks.used_by) -> str:
    """Write the links; a long list is folded away."""
    identifier = node["statement"]
    domain = derivation_domain(builder.env)
    title = plain_text(domain.entries[identifier].title)

    def link(user: str) -> str:
        return f'<a href="{escape(domain.address(builder, user))}">{inline_html(domain.entries[user].title)}</a>'

    user_ids = domain.used_by()[identifier]
    users = [link(user) for user in user_ids]
    _, report = domain.reports[identifier]
    on_map = ""
    maps = sorted(domain.overviews.get(NAME, ()))
    if maps and is_on_map(report):
        page = builder.get_relative_uri(builder.current_docname, maps[0])
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
        picture = draw({i: domain.reports[i][1] for i in near}, {i: domain.address(builder, i) for i in near}, near)
        summary = f'Neighbourhood<span class="visually-hidden"> of {escape(title)}</span>'
        drawing = f'<div class="map">{picture}</div>'
        text += f'\n<details class="neighbourhood"><summary>{summary}</summary>\n{drawing}</details>'
    return f'<div class="used-by">{text}</div>\n' if text else ""


def setup(app: Sphinx) -> None:
    """Register the place."""
    register_place(app, blocks.used_by, write_links)
