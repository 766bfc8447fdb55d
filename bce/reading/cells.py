"""Cells of definitions and derivations, as they stand in a text, before anything is parsed.

The same reader serves the cell magic in a notebook and the command line, which finds the
cells in Markdown chapters without Jupyter or Sphinx.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from .markdown import code_blocks

Kind = Literal["definition", "derivation"]

#: What a checked cell is; its magic has the same name.
KINDS: tuple[Kind, ...] = get_args(Kind)
KEYS = ("title", "given", "where", "uses", "source")
LARGEST_FILE = 5_000_000
LONGEST_MESSAGE = 400
NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
"""The pattern of an id or of a step's name: kebab-case."""

_MAGICS: dict[str, Kind] = {kind: kind for kind in KINDS}
_MAGIC = re.compile(rf"^%%(?P<kind>{'|'.join(KINDS)})\b[ \t]*(?P<id>.*?)[ \t]*$")
_LOAD = re.compile(r"^\s*%load_ext\s+bce\.book\b")
#: A line that begins a cell, or would if it stood at the beginning of one.
MAGIC_LINE = re.compile(
    r"[ \t>]*(?:(?:[-*+#]|\d{1,9}[.)])[ \t]+){0,3}[ \t]*%%(?:definition|derivation)\b", re.IGNORECASE
)
_OPTION = re.compile(r"^\s*:[\w-]+:.*$")


@dataclass(frozen=True)
class Problem:
    """Something that cannot be read, and where. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    derivation: str | None = None
    step: int | None = None
    width: int = 1


class ReadError(Exception):
    """Raised with a `Problem` when a text cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.file}:{problem.line}: {problem.message}")
        self.problem = problem


@dataclass(frozen=True)
class Item:
    """A header value or a body, with the place of its first character."""

    text: str
    line: int
    column: int = 1

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of a character of the text."""
        before = self.text[:offset]
        newlines = before.count("\n")
        column = offset - (before.rfind("\n") + 1) + 1
        return self.line + newlines, column if newlines else column + self.column - 1


@dataclass(frozen=True)
class Cell:
    """A ``%%definition`` or ``%%derivation`` cell, or a marked formula: its header by key, and its body.

    A ``lenient`` one comes from a file in which other notation than the book's is usual;
    ``remembered`` are quantities that formulas before it introduced, for use where they fit;
    ``introduces`` is the one of its own first row, if that reads like a definition.
    """

    kind: Kind
    id: str
    file: str
    line: int
    body: Item
    header: dict[str, list[Item]] = field(default_factory=dict)
    lenient: bool = False
    remembered: tuple[Item, ...] = ()
    introduces: Item | None = None

    @property
    def title(self) -> str:
        return self.header["title"][0].text

    @property
    def source(self) -> str | None:
        items = self.header.get("source", [])
        return items[0].text if items else None

    @property
    def uses(self) -> list[str]:
        return [part.strip() for item in self.header.get("uses", []) for part in item.text.split(",") if part.strip()]

    @property
    def content(self) -> tuple[str, str, dict[str, list[str]], str]:
        """What the cell says: its kind, id, header and body. Where it stands does not matter."""
        header = {key: [item.text for item in items] for key, items in self.header.items()}
        return self.kind, self.id, header, self.body.text.strip()

    def items(self, key: str) -> list[Item]:
        """Return the ``;``-separated items of all lines of a key."""
        result = []
        for item in self.header.get(key, []):
            offset = 0
            for part in re.split(r"(?<!\\);", item.text):
                if part.strip():
                    start = offset + len(part) - len(part.lstrip())
                    result.append(Item(part.strip(), item.line, item.column + start))
                offset += len(part) + 1
        return result

    def error(
        self, message: str, item: Item | None = None, offset: int = 0, step: int | None = None, width: int | None = None
    ) -> ReadError:
        """Return an error that names this cell and a place in one of its items, the whole item by default."""
        line, column = (self.line, 1) if item is None else item.place(offset)
        if width is None:
            width = 1 if item is None else len(item.text.split("\n", 1)[0])
        if len(message) > LONGEST_MESSAGE:
            message = f"{message[: LONGEST_MESSAGE - 100]} … {message[-90:]}"
        return ReadError(Problem(self.file, line, column, message, self.id or None, step, width))


def is_magic(source: str) -> bool:
    """Tell whether the source of a code cell begins with one of the two magics."""
    return magic_id(source) is not None


def magic_id(source: str) -> str | None:
    """Return the id that the magic of a code cell names, None if the cell begins with no magic."""
    match = _MAGIC.match(source.lstrip("\n").split("\n", 1)[0])
    return match and match["id"]


def loads_magics(source: str) -> bool:
    """Tell whether the source of a code cell begins by loading the magics."""
    return _LOAD.match(source) is not None


def read_cell(source: str, file: str, first_line: int = 1) -> Cell:
    """Read the source of one cell, magic line included.

    Raises
    ------
    ReadError
        If the header is not understood; the error names the line.
    """
    lines = source.split("\n")
    match = _MAGIC.match(lines[0])
    blank = Item("", first_line)
    if match is None:
        raise ReadError(Problem(file, first_line, 1, "a cell begins with %%definition or %%derivation"))
    cell = Cell(_MAGICS[match["kind"]], match["id"], file, first_line, blank)
    if not re.fullmatch(NAME, match["id"]):
        raise cell.error(
            f"the id {match['id']!r} is not in kebab-case: small letters and digits joined by '-', "
            "such as sigmoid-derivative"
        )
    header, used = _read_header(cell, lines)
    body = Item("\n".join(lines[used:]), first_line + used)
    if not body.text.strip():
        raise cell.error("the cell has no body; write the formula after a blank line under the header")
    return Cell(cell.kind, cell.id, file, first_line, body, header)


def _read_header(cell: Cell, lines: list[str]) -> tuple[dict[str, list[Item]], int]:
    header: dict[str, list[Item]] = {}
    position = 1
    while position < len(lines) and lines[position].strip():
        line, number = lines[position], cell.line + position
        key, colon, value = line.partition(":")
        place = Item(line, number)
        if not colon:
            found = f"expected 'key: value' in the header, found {line.strip()!r}"
            raise cell.error(f"{found}; a blank line ends the header", place)
        if key.strip() not in KEYS:
            raise cell.error(f"unknown key {key.strip()!r} in the header; the keys are {', '.join(KEYS)}", place)
        start = len(key) + 1 + len(value) - len(value.lstrip())
        header.setdefault(key.strip(), []).append(Item(value.strip(), number, start + 1))
        position += 1
    if "title" not in header:
        raise cell.error("the header has no 'title: …' line")
    for key in ("title", "source"):
        if len(header.get(key, [])) > 1:
            raise cell.error(f"the header has two lines '{key}'", header[key][1])
    return header, position + 1


def markdown_cells(text: str, file: str) -> Iterator[Cell | Problem]:
    """Yield every definition and derivation cell of a MyST chapter, and a problem for each unreadable one."""
    lines = text.split("\n")
    blocks = code_blocks(lines)
    expected = {number for number, line in enumerate(lines) if "%%" in line and MAGIC_LINE.match(line)}
    for block in blocks:
        if not block.cell and block.closed:
            expected -= set(range(block.first, block.end))  # an example
        elif block.cell and block.apart:
            source, first = _without_options(lines[block.first : block.end], block.first + 1)
            if is_magic(source):
                first += len(source) - len(source.lstrip("\n"))
                expected.discard(first - 1)
                yield cell_or_problem(source.lstrip("\n").rstrip(), file, first)
    for number in sorted(expected):
        yield stray_magic(file, number + 1)


def cell_or_problem(source: str, file: str, first_line: int = 1) -> Cell | Problem:
    """Read a cell, or say why it cannot be read."""
    try:
        return read_cell(source, file, first_line)
    except ReadError as error:
        return error.problem


def stray_magic(file: str, line: int) -> Problem:
    """Return the problem of a line that begins a cell where none is read."""
    message = (
        "this cell is not read: %%derivation or %%definition is the first line of a {code-cell}, which stands in "
        "no list and no quotation"
    )
    return Problem(file, line, 1, message)


def _without_options(lines: list[str], first: int) -> tuple[str, int]:
    """Drop the ``:tags: [...]`` lines (or the ``---`` block) at the top of a code cell."""
    skipped = 0
    if lines and lines[0].strip() == "---":
        end = next((k for k, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
        skipped = end + 1 if end else 0
    while skipped < len(lines) and (_OPTION.match(lines[skipped]) or (skipped and not lines[skipped].strip())):
        skipped += 1
    return "\n".join(lines[skipped:]), first + skipped
