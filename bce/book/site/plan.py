"""The plan of the program: its rooms, floor by floor, and who imports whom.

Everything but `FLOORS` is read from the source while the book builds, so that the plan cannot go stale. A room is a
folder of the package or a single module; what it is for is the first sentence of its docstring.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2]

Floors = tuple[tuple[str, ...], ...]
Arrows = Mapping[str, frozenset[str]]
"""For each room the rooms that it imports."""

FLOORS: Mapping[str, Floors] = {
    "bce": (
        ("bce.book", "bce.__main__"),
        ("bce", "bce.reporting", "bce.audit"),
        ("bce.information", "bce.numeric", "bce.verdicts"),
        ("bce.losses", "bce.reading", "bce.algebra.decide"),
        ("bce.algebra.grammar", "bce.algebra.exact"),
        ("bce.algebra",),
    ),
    "bce.book": (
        ("bce.book", "bce.book.extension", "bce.book.maintain"),
        ("bce.book.magic", "bce.book.editions"),
        ("bce.book.kernel", "bce.book.citing", "bce.book.site"),
        ("bce.book.statements", "bce.book.published"),
        ("bce.book.domain", "bce.book.errors", "bce.book.places"),
        ("bce.book.words",),
    ),
}
"""The rooms of the package and those of its largest room, from the top floor down.

A room may import rooms of lower floors, and no others. A module belongs to the room with the longest name that it is
in: ``bce.algebra.domain`` to ``bce.algebra``, ``bce.algebra.exact.field`` to ``bce.algebra.exact``.
"""


@dataclass(frozen=True)
class Import:
    """One import of a module of the package by another, and the line where it stands."""

    importer: str
    imported: str
    line: int


@dataclass(frozen=True)
class Source:
    """The modules of a package: for each the path, the text and the syntax tree."""

    trees: Mapping[str, ast.Module]
    lines: Mapping[str, int]

    @classmethod
    @cache
    def read(cls, package: Path = PACKAGE) -> Source:
        """Read every module below a folder; nothing is imported or run."""
        trees, lines = {}, {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            trees[name] = ast.parse(text)
            lines[name] = text.count("\n")
        return cls(trees, lines)

    def is_folder(self, module: str) -> bool:
        """Tell whether other modules lie in this one."""
        return any(name.startswith(f"{module}.") for name in self.trees)

    def purpose(self, module: str) -> str:
        """Return the first sentence of a module's docstring.

        Raises
        ------
        ValueError
            If there is none.
        """
        text = ast.get_docstring(self.trees[module])
        if text is None:
            raise ValueError(f"the module {module} has no docstring; its first sentence says what the room is for")
        return re.split(r"(?<=\.)\s", " ".join(text.split("\n\n")[0].split()))[0]

    def imports(self) -> Iterator[Import]:
        """Yield every import of one module by another, those inside of functions and for type checkers too."""
        for module, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    for name in self._imported(module, node):
                        if name in self.trees and name != module:
                            yield Import(module, name, node.lineno)

    def _imported(self, module: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            return
        # One dot is the folder that the module lies in; a folder's own module lies in itself.
        parts = module.split(".") if self.is_folder(module) else module.split(".")[:-1]
        start = parts[: len(parts) - node.level + 1] if node.level else []
        origin = ".".join([*start, *([node.module] if node.module else [])])
        for alias in node.names:
            inside = f"{origin}.{alias.name}"
            yield inside if inside in self.trees else origin

    def naming(self, words: Collection[str]) -> list[str]:
        """Return the modules with an identifier or a text that is one of some words, or has it as a part.

        Parts are set apart by underscores, as in ``square_root``; capitals and backslashes do not count.
        """
        word = re.compile(rf"(?:^|_|\\)(?:{'|'.join(words)})(?:$|_)", re.IGNORECASE)
        return [module for module, tree in self.trees.items() if any(map(word.search, _names_in(tree)))]


def _names_in(tree: ast.Module) -> Iterator[str]:
    """Yield names of variables, attributes, functions and classes, and texts without spaces."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            yield node.value


def room_of(module: str, floors: Floors) -> str | None:
    """Return the room that a module belongs to, None if it lies in none of them.

    Examples
    --------
    >>> room_of("bce.algebra.exact.field", FLOORS["bce"]), room_of("bce.algebra.domain", FLOORS["bce"])
    ('bce.algebra.exact', 'bce.algebra')
    """
    rooms = [room for floor in floors for room in floor if f"{module}.".startswith(f"{room}.")]
    return max(rooms, key=len, default=None)


def arrows(source: Source, floors: Floors) -> Arrows:
    """Return the imports between rooms."""
    found: dict[str, set[str]] = {room: set() for floor in floors for room in floor}
    for one in source.imports():
        start, end = room_of(one.importer, floors), room_of(one.imported, floors)
        if start and end and start != end:
            found[start].add(end)
    return {room: frozenset(imported) for room, imported in found.items()}


def rising(source: Source, floors: Floors) -> list[str]:
    """Describe every import that does not lead to a lower floor."""
    floor_of = {room: number for number, floor in enumerate(floors) for room in floor}
    found = []
    for one in source.imports():
        start, end = room_of(one.importer, floors), room_of(one.imported, floors)
        if start and end and start != end and floor_of[end] <= floor_of[start]:
            found.append(f"{one.importer}, line {one.line}, imports {one.imported}: {end} is not below {start}")
    return found


def shortest(found: Arrows) -> Arrows:
    """Leave out every arrow that a longer way replaces.

    Examples
    --------
    >>> {room: sorted(to) for room, to in shortest({"a": {"b", "c"}, "b": {"c"}, "c": set()}).items()}
    {'a': ['b'], 'b': ['c'], 'c': []}
    """

    def below(room: str) -> frozenset[str]:
        return found[room].union(*(below(other) for other in found[room]))

    return {room: frozenset(to - set().union(*map(below, to))) for room, to in found.items()}
