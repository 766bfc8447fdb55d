r"""Derivations in other people's files: marked formulas in Markdown, LaTeX and notebooks.

A comment marks the displayed formulas that follow it, and declares their domain::

    <!-- bce: x real; 0 < z < 1 -->          in Markdown
    $$ \log \frac{a}{b} = \log a - \log b $$

    % bce: x real; 0 < z < 1                 in LaTeX
    \begin{align} … \end{align}

The comment may have several lines ``key: value`` (in LaTeX several comments) with the keys
of a cell's header and ``id``. Displays that only blank lines part are one derivation.
``bce-all:`` declares for all that follows, ``bce: skip`` leaves the next display out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import PurePath

from bce.algebra.grammar.lexer import without_comments
from bce.algebra.grammar.read import COMMANDS

from .cells import MAGIC_LINE, Cell, Item, Problem, ReadError, cell_or_problem, is_magic, markdown_cells, stray_magic
from .introduced import Introduced, Memory
from .latex_text import ENVIRONMENTS, blank, without_layout
from .marks import Mark, marked

SUFFIXES = (".md", ".markdown", ".tex", ".ipynb")

_OPEN = re.compile(
    rf"(?P<open>\$\$|\\\[|\\begin\{{(?P<env>(?:{ENVIRONMENTS})\*?)\}}(?:\s*\{{\d+\}})?"
    r"|(?P<fence>`{3,}|~{3,})(?:\{math\}|math)[^\n]*\n)"
)
_REDEFINED = re.compile(
    r"\\(?:(?:re)?newcommand|DeclareMathOperator|DeclareRobustCommand|(?:New|Renew)DocumentCommand|[gex]?def|let)"
    r"\*?\s*\{?\s*(?P<name>\\[A-Za-z]+)"
)
_SLUG = re.compile(r"[^a-z0-9]+")


def document_cells(text: str, file: str) -> Iterator[Cell | Problem]:
    """Yield every derivation in a file, by the kind of file its name says."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    suffix = PurePath(file).suffix.lower()
    if suffix == ".ipynb":
        yield from _notebook_cells(text, file)
    elif suffix == ".tex":
        yield from _whole(_Document(file), text, tex=True)
    else:
        yield from markdown_cells(text, file)
        yield from _whole(_Document(file), text)


def _whole(document: _Document, text: str, *, tex: bool = False) -> Iterator[Cell | Problem]:
    yield from document.cells(text, tex=tex)
    yield from document.declared_for_nothing()


def _notebook_cells(text: str, file: str) -> Iterator[Cell | Problem]:
    try:
        cells = json.loads(text)["cells"]
        sources = [(str(c["cell_type"]), "".join(c["source"])) for c in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        yield Problem(file, 1, 1, "not a notebook: the file is no JSON object with a list of cells")
        return
    document, position, line = _Document(file), 0, 1
    for kind, source in sources:
        first = json.dumps(source.split("\n", 1)[0])[1:-1]
        found = text.find(first, position)
        if found >= 0:
            line += text.count("\n", position, found)
            position = found + len(first)
        if kind == "code" and is_magic(source):
            yield cell_or_problem(source.rstrip(), file, line)
        elif kind == "markdown":
            yield from document.cells(source, line)
        strays = () if kind == "code" and is_magic(source) else enumerate(source.split("\n"))
        yield from (stray_magic(file, line + n) for n, one in strays if "%%" in one and MAGIC_LINE.match(one))
    yield from document.declared_for_nothing()


@dataclass
class _Document:
    """A file that is read from top to bottom: what it has declared and introduced so far."""

    file: str
    common: dict[str, list[Item]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    redefined: dict[str, int] = field(default_factory=dict)
    for_all: int | None = None
    marks: int = 0

    def cells(self, text: str, first_line: int = 1, *, tex: bool = False) -> Iterator[Cell | Problem]:
        """Yield a cell for every mark and the displays that follow it."""
        page = Item(text, first_line)
        found = marked(page, self.file, tex=tex)
        yield from found.problems
        for macro in _REDEFINED.finditer(found.code):
            if macro["name"] in COMMANDS:
                self.redefined.setdefault(macro["name"], page.place(macro.start())[0])
        skipped = [mark.end for mark in found.marks if mark.skip]
        displayed = [mark for mark in found.marks if not mark.skip]
        for number, mark in enumerate(displayed):
            if mark.for_all:
                self.for_all = self.for_all or page.place(mark.start)[0]
                _merge(self.common, mark.header)
            else:
                limit = displayed[number + 1].start if number + 1 < len(displayed) else len(text)
                self.marks += 1
                yield self._cell(page, mark, _displays(found.code, mark.end, limit, skipped), tex)

    def declared_for_nothing(self) -> Iterator[Problem]:
        """Yield a problem if the file declares something for all marked formulas and marks none."""
        if self.for_all is not None and not self.marks:
            message = "bce-all declares for the marked formulas of a file, and none is marked here: mark each with bce:"
            yield Problem(self.file, self.for_all, 1, message)

    def _cell(self, page: Item, mark: Mark, body: tuple[int, str] | None, tex: bool) -> Cell | Problem:
        line, column = page.place(mark.start)
        if body is None:
            message = "this comment marks no formula: a displayed formula ($$, \\[, align, …) has to follow it"
            return Problem(self.file, line, column, message)
        header: dict[str, list[Item]] = {key: list(items) for key, items in self.common.items()}
        _merge(header, mark.header)
        stem = _SLUG.sub("-", PurePath(self.file).stem.lower()).strip("-")
        default = f"{stem if stem[:1].isalpha() else 'file-' + stem}-line-{line}"
        name = header.pop("id", [Item(default, line)])[-1].text
        header.setdefault("title", [Item(f"{PurePath(self.file).name}, line {line}", line)])
        formula = Item(body[1], *page.place(body[0]))
        cell = Cell("derivation", name, self.file, line, formula, header, True)
        problem = self._redefinition(cell) or (None if tex else _quotation(cell))
        if problem is not None:
            return problem
        introduced: Introduced | None = self.memory.introduced_by(cell)
        try:
            remembered = self.memory.needed_by(cell, introduced)
        except ReadError as error:
            return error.problem
        if introduced is not None:
            self.memory.add(introduced)
        return replace(cell, remembered=remembered, introduces=introduced.item if introduced else None)

    def _redefinition(self, cell: Cell) -> Problem | None:
        for name, line in self.redefined.items():
            use = re.search(rf"{re.escape(name)}(?![A-Za-z])", cell.body.text)
            if use is not None:
                message = (
                    f"{name} is defined anew in line {line}; here it would be read as usual: name the macro otherwise"
                )
                return cell.error(message, cell.body, use.start(), width=len(name)).problem
        return None


def _quotation(cell: Cell) -> Problem | None:
    """Refuse a line of a display that begins with ``>``, which is a quotation in Markdown and a relation in TeX."""
    sign = re.search(r"^ {0,3}>", cell.body.text, re.MULTILINE)
    if sign is None:
        return None
    message = "a line that begins with > is a quotation in Markdown: write \\gt, or put the sign behind something"
    return cell.error(message, cell.body, sign.end() - 1, width=1).problem


def _displays(text: str, start: int, limit: int, skipped: list[int]) -> tuple[int, str] | None:
    """Return the run of displays after a mark: its offset, and the text with everything else blanked."""
    position, pieces, first = start, [], None
    while True:
        opening = _OPEN.search(text, position, limit)
        if opening is None or text[position : opening.start()].strip():
            break
        end, inner_end = _end_of_display(text, opening, limit)
        if end is None:
            break
        if any(position <= s <= opening.start() for s in skipped):
            position = end
            continue
        first = opening.end() if first is None else first
        pieces.append((opening.end(), inner_end))
        position = end
    if first is None:
        return None
    body = [without_layout(without_comments(text[pieces[0][0] : pieces[0][1]]))]
    for (_, before), (begin, end) in pairwise(pieces):
        body += ["\\\\", blank(text[before + 2 : begin]), without_layout(without_comments(text[begin:end]))]
    return first, "".join(body)


def _end_of_display(text: str, opening: re.Match[str], limit: int) -> tuple[int | None, int]:
    """Return the end of a display and the end of the formula in it."""
    if opening["open"] == "$$":
        closing = "$$"
    elif opening["env"]:
        closing = f"\\end{{{opening['env']}}}"
    else:
        closing = "\n" + opening["fence"] if opening["fence"] else "\\]"
    found = text.find(closing, opening.end(), limit)
    return (None, 0) if found < 0 else (found + len(closing), found)


def _merge(header: dict[str, list[Item]], more: dict[str, list[Item]]) -> None:
    for key, items in more.items():
        header.setdefault(key, []).extend(items)
