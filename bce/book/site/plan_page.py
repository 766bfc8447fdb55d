"""The plan of the program: ``{plan}`` draws its rooms, ``{modules-naming}`` lists the modules that know a word.

The drawing is SVG inside of the page, and the list below it says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .plan import FLOORS, Arrows, Floors, Source, arrows, rising, room_of, shortest

# As wide as the text of a phone with 360 pixels, so that letters keep their size there.
_WIDTH, _BOX, _GAP = 326, 92, 8
_HEIGHT, _PITCH, _TIP = 30, 66, 4


class Plan(SphinxDirective):
    """The directive ``{plan}``: its argument names the folder, ``bce`` or ``bce.book``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw the rooms of the folder, and list them with what each is for and what it imports."""
        folder = self.arguments[0]
        if folder not in FLOORS:
            raise self.error(f"there is no plan of {folder}; there are plans of {', '.join(FLOORS)}")
        source, floors = Source.read(), FLOORS[folder]
        if upwards := rising(source, floors):
            raise self.error(f"no plan can be drawn while imports lead up: {'; '.join(upwards)}")
        found = arrows(source, floors)
        label = f"{len(found)} rooms of {folder} on {len(floors)} floors; the list below says who imports whom"
        drawing = nodes.raw("", draw(floors, shortest(found), label), format="html")
        return [drawing, _listed((room, _described(room, source, floors, found)) for room in found)]


class ModulesNaming(SphinxDirective):
    """The directive ``{modules-naming}``: the modules in some rooms that name one of the words of its argument."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {"in": directives.unchanged_required}  # noqa: RUF012 - as docutils declares it

    def run(self) -> list[nodes.Node]:
        """List the modules with what each is for."""
        source = Source.read()
        rooms = tuple(f"{room}." for room in self.options["in"].split())
        found = [module for module in source.naming(self.arguments[0].split()) if f"{module}.".startswith(rooms)]
        return [_listed((module, [source.purpose(module)]) for module in found)]


def _listed(entries: Iterable[tuple[str, Sequence[str]]]) -> nodes.definition_list:
    """Return names with paragraphs about each."""
    return nodes.definition_list("", *(_entry(name, texts) for name, texts in entries), classes=["rooms"])


def _entry(name: str, texts: Sequence[str]) -> nodes.definition_list_item:
    described = nodes.definition("", *(nodes.paragraph("", "", *_with_code(text)) for text in texts))
    return nodes.definition_list_item("", nodes.term("", "", nodes.literal("", name)), described)


def _with_code(text: str) -> list[nodes.Node]:
    """Set what stands between double backquotes as code."""
    pieces = enumerate(text.split("``"))
    return [nodes.literal("", piece) if number % 2 else nodes.Text(piece) for number, piece in pieces]


def _described(room: str, source: Source, floors: Floors, found: Arrows) -> Sequence[str]:
    """Say what a room is for, what it imports, and how large it is."""
    sizes = [lines for module, lines in source.lines.items() if room_of(module, floors) == room]
    size = f"{len(sizes)} modules, {sum(sizes):,} lines." if len(sizes) > 1 else f"{sum(sizes):,} lines."
    below = [f"``{other}``" for floor in floors for other in floor if other in found[room]]
    imports = f"Imports {', '.join(below)}." if below else "Imports no other room."
    return source.purpose(room), f"{imports} {size}"


# The drawing --------------------------------------------------------------------------------------------------------


def draw(floors: Floors, found: Arrows, label: str) -> str:
    """Return the plan as SVG."""
    height = _top(len(floors) - 1) + _HEIGHT + 1
    boxes = [
        _box(room, _middle(floor, position), _top(number))
        for number, floor in enumerate(floors)
        for position, room in enumerate(floor)
    ]
    return (
        f'<svg class="plan" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(label)}">\n{"".join(_ways(floors, found))}\n{"".join(boxes)}</svg>\n'
    )


def _top(floor: int) -> int:
    return 1 + floor * _PITCH


def _middle(floor: Sequence[str], position: int) -> float:
    """Return where a room stands: the rooms of a floor share its width."""
    return (2 * position + 1) * _WIDTH / (2 * len(floor))


def _box(room: str, x: float, y: int) -> str:
    name = escape(room.rpartition(".")[2])
    rectangle = f'<rect x="{x - _BOX / 2:.1f}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="5"/>'
    return f'{rectangle}<text x="{x:.1f}" y="{y + _HEIGHT / 2 + 4}">{name}</text>'


def _ways(floors: Floors, found: Arrows) -> Iterator[str]:
    """Yield the arrows; those that leave a box, or come to one, stand side by side."""
    level = {room: number for number, floor in enumerate(floors) for room in floor}
    middle = {room: _middle(floor, position) for floor in floors for position, room in enumerate(floor)}
    pairs = [(start, end) for start, others in found.items() for end in sorted(others)]
    for start, end in pairs:
        leaving = sorted((other for room, other in pairs if room == start), key=middle.__getitem__)
        coming = sorted((room for room, other in pairs if other == end), key=middle.__getitem__)
        first = middle[start] + _shift(leaving.index(end), len(leaving))
        last = middle[end] + _shift(coming.index(start), len(coming))
        yield _way(first, last, level[start], floors[level[start] + 1 : level[end]])


def _shift(position: int, count: int) -> float:
    return (position - (count - 1) / 2) * _BOX * 0.7 / max(count, 2)


def _way(x: float, last: float, floor: int, between: Floors) -> str:
    """Draw one arrow, which passes the floors between beside their boxes."""
    drawn, start = f"M{x:.1f} {_top(floor) + _HEIGHT}", x
    for number, rooms in enumerate(between, 1):
        straight = start + (last - start) * number / (len(between) + 1)
        gaps = [_middle(rooms, k) + side * (_BOX / 2 + _GAP) for k in range(len(rooms)) for side in (-1, 1)]
        gap = min(gaps, key=lambda gap: abs(gap - straight))
        drawn += f"{_bend(x, gap, _top(floor + number))}V{_top(floor + number) + _HEIGHT}"
        x = gap
    end = _top(floor + len(between) + 1)
    tip = f"M{last - _TIP:.1f} {end - 1.7 * _TIP:.1f}h{2 * _TIP}L{last:.1f} {end}z"
    return f'<path class="way" d="{drawn}{_bend(x, last, end - _TIP)}"/><path class="tip" d="{tip}"/>'


def _bend(x: float, to: float, y: int) -> str:
    """Lead down from one floor to the next."""
    reach = (_PITCH - _HEIGHT) * 0.6
    return f"C{x:.1f} {y - (_PITCH - _HEIGHT) + reach:.1f} {to:.1f} {y - reach:.1f} {to:.1f} {y}"


def setup(app: Sphinx) -> None:
    """Register both directives."""
    app.add_directive("plan", Plan)
    app.add_directive("modules-naming", ModulesNaming)
