"""The map: one picture of what rests on what, drawn while the book builds.

Definitions stand on the left; each derivation stands to the right of everything that it uses. The picture is the same
for the same book, and it is SVG inside of the page: its boxes are links, its text can be found and selected.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.docutils import SphinxDirective

from bce.book.domain import derivation_domain
from bce.book.places import Place, register_place
from bce.book.words.html import characters
from bce.book.words.verdict_labels import verdict_label
from bce.reporting.report import Report

NAME = "book-map"
_WIDTH, _HEIGHT = 200, 38  # of a box
_COLUMN, _ROW, _MARGIN = 280, 46, 10
_SWEEPS = 12
_LETTERS = 25  # in a line of a box

Graph = Mapping[str, Sequence[str]]
"""For each id the ids that it uses."""


def anchor(identifier: str) -> str:
    """Return the anchor of a box on the map."""
    return f"map-{identifier}"


def is_on_map(report: Report) -> bool:
    """Say whether a statement is a part of the argument: solutions of exercises are not."""
    return not report["id"].startswith(("exercise-", "find-the-mistake-"))


def layers(graph: Graph) -> list[list[str]]:
    """Put every id to the right of all that it uses, as far to the left as that allows.

    Raises
    ------
    ValueError
        If the graph has a circle; the message names it.

    Examples
    --------
    >>> layers({"loss": ["sigmoid", "entropy"], "entropy": ["log"], "log": [], "sigmoid": []})
    [['log', 'sigmoid'], ['entropy'], ['loss']]
    """
    depth: dict[str, int] = {}

    def visit(identifier: str, path: tuple[str, ...]) -> int:
        if identifier in path:
            circle = " → ".join([*path[path.index(identifier) :], identifier])
            raise ValueError(f"these rest on each other in a circle: {circle}")
        if identifier not in depth:
            below = [visit(used, (*path, identifier)) for used in graph[identifier] if used in graph]
            depth[identifier] = 1 + max(below, default=-1)
        return depth[identifier]

    for identifier in graph:
        visit(identifier, ())
    found: list[list[str]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for identifier in graph:
        found[depth[identifier]].append(identifier)
    return [sorted(layer, key=list(graph).index) for layer in found]


def arrange(graph: Graph) -> dict[str, tuple[int, float]]:
    """Return column and row of every id, with neighbours near each other.

    Each column is sorted again and again by the mean row of its neighbours, to the right and to the left.
    """
    columns = layers(graph)
    neighbours: dict[str, list[str]] = {identifier: [] for identifier in graph}
    for identifier, used in graph.items():
        for other in used:
            if other in graph:
                neighbours[identifier].append(other)
                neighbours[other].append(identifier)
    tallest = max(map(len, columns), default=0)
    rows: dict[str, float] = {}

    def spread(column: Sequence[str]) -> None:
        for position, identifier in enumerate(column):
            rows[identifier] = (position + 0.5) * tallest / len(column) - 0.5

    def mean_row(identifier: str) -> float:
        near = neighbours[identifier] or [identifier]
        return sum(rows[other] for other in near) / len(near)

    for column in columns:
        spread(column)
    for _ in range(_SWEEPS):
        for column in [*columns, *reversed(columns)]:
            column.sort(key=mean_row)
            spread(column)
    return {identifier: (x, rows[identifier]) for x, column in enumerate(columns) for identifier in column}


# The picture --------------------------------------------------------------------------------------------------------


class book_map(Place):
    """The place of the map."""


class BookMap(SphinxDirective):
    """The directive ``{book-map}``."""

    def run(self) -> list[nodes.Node]:
        """Keep the place; what is drawn is known when all chapters are read."""
        derivation_domain(self.env).note_overview(NAME)
        return [book_map()]


def write_map(builder: StandaloneHTMLBuilder, node: book_map) -> str:
    """Draw the map into the page."""
    domain = derivation_domain(builder.env)
    reports = {report["id"]: report for _, report in domain.reports_in_order() if is_on_map(report)}
    picture = draw(reports, {identifier: domain.address(builder, identifier) for identifier in reports})
    return f'<div class="map" role="region" aria-label="The map" tabindex="0">{picture}</div>\n'


def draw(reports: Mapping[str, Report], addresses: Mapping[str, str], graph: Graph | None = None) -> str:
    """Return the map as SVG; with a ``graph``, only what that says, and without anchors."""
    is_map = graph is None
    graph = {identifier: report["uses"] for identifier, report in reports.items()} if graph is None else graph
    places = {i: (_MARGIN + x * _COLUMN, _MARGIN + round(y * _ROW)) for i, (x, y) in arrange(graph).items()}
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + _MARGIN
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + _MARGIN
    lines = [
        f'<path d="{_curve(places[used], places[i])}" data-from="{used}" data-to="{i}"/>'
        for i in graph
        for used in graph[i]
        if used in places
    ]
    boxes = [_box(reports[i], places[i], addresses[i], anchor(i) if is_map else "") for i in graph]
    label = f"{len(boxes)} definitions and derivations, each to the right of what it rests on"
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-label="{label}">\n'
        f'<g class="uses" aria-hidden="true">{"".join(lines)}</g>\n{"".join(boxes)}</svg>'
    )


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    x2, y2 = end[0], end[1] + _HEIGHT // 2
    bend = (_COLUMN - _WIDTH) // 2 + 20
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"


def _box(report: Report, place: tuple[int, int], address: str, identifier: str) -> str:
    x, y = place
    labels = [verdict_label(step) for step in report["steps"]]
    sign = "✗" if any(label.sign == "✗" for label in labels) else "✓"
    count = f"{len(labels)} step{'s' if len(labels) > 1 else ''}: " if report["kind"] == "derivation" else ""
    verdicts = ", ".join(dict.fromkeys(label.words for label in labels))
    title = characters(report["title"])
    lines = textwrap.wrap(title, _LETTERS, max_lines=2, placeholder=" …")
    first = y + _HEIGHT // 2 + 4 - 7 * (len(lines) - 1)
    radius = 6 if report["kind"] == "derivation" else 18
    name = f'id="{identifier}" ' if identifier else ""
    told = escape(f"{report['kind'].capitalize()}: {title} ({count}{verdicts})")
    words = "".join(f'<tspan x="{x + 22}" y="{first + 14 * n}">{escape(line)}</tspan>' for n, line in enumerate(lines))
    return (
        f'<a {name}class="{report["kind"]}" href="{escape(address)}" data-id="{report["id"]}">'
        f'<title>{told}</title><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="{radius}"/>'
        f'<text><tspan class="sign" x="{x + 8}" y="{y + _HEIGHT // 2 + 4}">{sign}</tspan>{words}</text></a>\n'
    )


def setup(app: Sphinx) -> None:
    """Register the map's directive."""
    register_place(app, book_map, write_map)
    app.add_directive(NAME, BookMap)
