"""The model everyone speaks: derivations, their rows, and definitions.

A `Cell` becomes a `Derivation` when its LaTeX has been parsed and every name in it has a
meaning. Nothing here decides whether a row is true; see `bce.verdicts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .algebra.domain import Domain, Function, Functions, Helpers, names_of
from .algebra.errors import GrammarError
from .algebra.expression import Expression, Relation
from .algebra.grammar import Link, Names, parse, parse_chain, parse_head
from .algebra.prove import Certificate, Statement
from .cells import Cell, Item
from .declarations import DeclarationError, read_domain, read_helpers

Result = TypeVar("Result")

_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{")
_NAME = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")
_MARK = re.compile(r"\\(?P<mark>label|by|refuted)\b\s*(?P<brace>\{)?")
_CERTIFICATE = re.compile(r"^(?:minimum|maximum)\s+at\s+(?P<variable>.+?)\s*=\s*(?P<at>.+)$", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One step: a relation between two formulas, with the words of its author.

    ``left_latex`` and ``right_latex`` are the author's own text. ``expected`` is "proved",
    or "refuted" for a mistake that is shown on purpose.
    """

    step: int
    name: str | None
    relation: Relation
    left_latex: str
    right_latex: str
    reason: str
    expected: str
    certificate: Certificate | None
    line: int
    column: int

    @property
    def label(self) -> str:
        """The lasting id of the step inside of its derivation: its name, or else its number."""
        return self.name or str(self.step)


@dataclass(frozen=True)
class Derivation:
    """A chain of relations, or a definition, with all that its names mean."""

    id: str
    kind: str
    title: str
    file: str
    line: int
    given: tuple[str, ...]
    where: tuple[str, ...]
    uses: tuple[str, ...]
    source: str | None
    rows: tuple[Row, ...]
    domain: Domain
    helpers: Helpers
    functions: Functions

    @property
    def head(self) -> str:
        return self.rows[0].left_latex

    def statement(self, row: Row) -> Statement:
        """Return a row as something to prove or refute."""
        return Statement(row.relation, self.domain, self.helpers, self.functions, row.certificate)


def build_definition(cell: Cell, functions: Functions) -> tuple[Derivation, Function]:
    """Parse a ``%%definition`` cell.

    Raises
    ------
    ReadError
        If anything in it cannot be read.
    """
    domain, helpers, functions = _declarations(cell, functions)
    left, sign, right = cell.body.text.partition("=")
    if not sign:
        raise cell.error("a definition is one equation, such as f(x) = x^2", cell.body)
    name, parameters = _reading(cell, 0, lambda: parse_head(left))
    for parameter in parameters:
        if parameter not in domain.symbols and parameter not in domain.families:
            raise cell.error(f"the parameter {parameter} has no domain; declare it under 'given'", cell.body)
    body = _reading(cell, len(left) + 1, lambda: parse(right, names_of(domain, helpers, functions)))
    line, column = cell.body.place(len(left) + 1)
    row = Row(
        step=1,
        name=None,
        relation=Relation("=", body, body),
        left_latex=_without_alignment(left),
        right_latex=right.strip(),
        reason="",
        expected="proved",
        certificate=None,
        line=line,
        column=column,
    )
    derivation = _derivation(cell, (row,), domain, helpers, functions)
    return derivation, Function(name, parameters, body, domain, helpers)


def build_derivation(cell: Cell, functions: Functions) -> Derivation:
    """Parse a ``%%derivation`` cell.

    Raises
    ------
    ReadError
        If anything in it cannot be read.
    """
    domain, helpers, functions = _declarations(cell, functions)
    names = names_of(domain, helpers, functions)
    rows: list[Row] = []
    left: tuple[Expression, str] | None = None
    for start, text in _split_rows(cell):
        row = _read_row(cell, domain, names, start, text, len(rows) + 1, left)
        rows.append(row)
        if row.expected == "refuted":
            left = (row.relation.left, row.left_latex)
        else:
            left = (row.relation.right, row.right_latex)
    if not rows:
        raise cell.error("a derivation needs a row with a relation, such as a &= b", cell.body)
    _refuse_repeated_names(cell, rows)
    return _derivation(cell, tuple(rows), domain, helpers, functions)


def _reading(cell: Cell, offset: int, read: Callable[[], Result], step: int = 1) -> Result:
    """Have a part of the body parsed; an error of the grammar becomes one with a place in the file."""
    try:
        return read()
    except GrammarError as error:
        raise cell.error(error.message, cell.body, offset + error.start, step) from None


def _derivation(
    cell: Cell, rows: tuple[Row, ...], domain: Domain, helpers: Helpers, functions: Functions
) -> Derivation:
    return Derivation(
        id=cell.id,
        kind=cell.kind,
        title=cell.title,
        file=cell.file,
        line=cell.line,
        given=tuple(item.text for item in cell.items("given")),
        where=tuple(item.text for item in cell.items("where")),
        uses=tuple(cell.uses),
        source=cell.source,
        rows=rows,
        domain=domain,
        helpers=helpers,
        functions=functions,
    )


def _declarations(cell: Cell, functions: Functions) -> tuple[Domain, Helpers, Functions]:
    domain, helpers = Domain(), Helpers()
    for key in ("given", "where"):
        items = cell.items(key)
        try:
            if key == "given":
                domain = read_domain((item.text for item in items), functions)
            else:
                helpers, functions = read_helpers((item.text for item in items), domain, functions)
        except (DeclarationError, GrammarError) as error:
            message = error.message if isinstance(error, GrammarError) else str(error)
            guilty = next((item for item in items if _fails_alone(item, message)), items[0])
            raise cell.error(f"{key}: {message}", guilty) from None
    return domain, helpers, functions


def _fails_alone(item: Item, message: str) -> bool:
    return item.text in message or any(word in item.text for word in re.findall(r"symbol (\S+?):", message))


# --- rows -----------------------------------------------------------------------------


def _split_rows(cell: Cell) -> list[tuple[int, str]]:
    r"""Split the body at every ``\\`` outside of braces and environments; keep each row's offset."""
    rows, start = [], 0
    for position in [*_top_level(cell.body.text, "\\\\"), len(cell.body.text)]:
        text = cell.body.text[start:position]
        if text.strip():
            rows.append((start, text))
        start = position + 2
    return rows


def _top_level(text: str, mark: str) -> list[int]:
    """Return the places of a mark outside of braces, environments and ``$…$``."""
    places, depth, position, in_dollars = [], 0, 0, False
    while position < len(text):
        environment = _ENVIRONMENT.match(text, position)
        if environment:
            depth += 1 if environment[1] == "begin" else -1
            position = text.find("}", position) + 1 or len(text)
            continue
        if text.startswith(mark, position) and depth == 0 and not in_dollars:
            places.append(position)
            position += len(mark)
            continue
        if text[position] == "\\":
            position += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        in_dollars ^= text[position] == "$"
        position += 1
    return places


def _read_row(
    cell: Cell, domain: Domain, names: Names, start: int, text: str, step: int, previous: tuple[Expression, str] | None
) -> Row:
    split = _top_level(text, "&&")
    formula = text[: split[0]] if split else text
    words = " ".join(text[split[0] + 2 :].split()) if split else ""
    reason, marks = _read_marks(cell, words, start, step)
    first, links = _reading(cell, start, lambda: parse_chain(formula, names), step)
    link = _only_link(cell, links, start, formula, step)
    if first is not None:
        if previous is not None and first != previous[0]:
            message = "only the first row has a left side; the other rows continue from the row before"
            raise cell.error(message, cell.body, start, step)
        left = (first, _without_alignment(formula[: link.sign_start]))
    elif previous is None:
        raise cell.error("the first row needs a left side: the head of the derivation", cell.body, start, step)
    else:
        left = previous
    line, column = cell.body.place(start + link.sign_start)
    return Row(
        step=step,
        name=marks.get("label"),
        relation=Relation(link.operator, left[0], link.right),
        left_latex=left[1],
        right_latex=_without_alignment(formula[link.start : link.end]),
        reason=reason,
        expected="refuted" if "refuted" in marks else "proved",
        certificate=_certificate(cell, marks.get("by"), domain, names, start, step),
        line=line,
        column=column,
    )


def _without_alignment(latex: str) -> str:
    """Strip the ``&`` at either end; those of an environment inside belong to it."""
    return latex.strip().strip("&").strip()


def _only_link(cell: Cell, links: list[Link], start: int, formula: str, step: int) -> Link:
    if len(links) == 1:
        return links[0]
    blank = len(formula) - len(formula.lstrip())
    if not links:
        raise cell.error("this row has no relation such as =", cell.body, start + blank, step)
    raise cell.error("two relations in one row; give each its own row", cell.body, start + links[1].sign_start, step)


def _read_marks(cell: Cell, words: str, start: int, step: int) -> tuple[str, dict[str, str]]:
    r"""Take ``\label{…}``, ``\by{…}`` and ``\refuted`` off the end of a reason."""
    marks: dict[str, str] = {}
    reason = words
    while match := _MARK.search(reason):
        end = match.end()
        value = ""
        if match["brace"]:
            end = _closing_brace(reason, match.end())
            value = reason[match.end() : end - 1].strip()
        if match["mark"] in marks:
            raise cell.error(f"two \\{match['mark']} marks on one row", cell.body, start, step)
        marks[match["mark"]] = value
        reason = (reason[: match.start()] + reason[end:]).strip()
    if "label" in marks and not _NAME.match(marks["label"]):
        message = f"the name {marks['label']!r} of a step is not in kebab-case with a letter first"
        raise cell.error(message, cell.body, start, step)
    unknown = re.search(r"\\[a-zA-Z]+", re.sub(r"\$[^$]*\$", "", reason))
    if unknown:
        marks_are = "the marks are \\label, \\by and \\refuted"
        message = f"{unknown.group()} in a reason: set mathematics between $ signs; {marks_are}"
        raise cell.error(message, cell.body, start, step)
    return reason, marks


def _closing_brace(text: str, position: int) -> int:
    depth = 1
    while position < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        position += 1
    return position


def _certificate(
    cell: Cell, text: str | None, domain: Domain, names: Names, start: int, step: int
) -> Certificate | None:
    if text is None:
        return None
    match = _CERTIFICATE.match(text)
    if match is None:
        message = f"the certificate {text!r} is not of the form \\by{{minimum at x = a}}"
        raise cell.error(message, cell.body, start, step)
    variable = domain.symbols.get(match["variable"])
    if variable is None or variable.integer:
        message = f"the certificate speaks of {match['variable']}, which is not declared as a real quantity"
        raise cell.error(message, cell.body, start, step)
    try:
        return Certificate(match["variable"], parse(match["at"], names))
    except GrammarError as error:
        raise cell.error(f"in the certificate: {error.message}", cell.body, start, step) from None


def _refuse_repeated_names(cell: Cell, rows: list[Row]) -> None:
    seen: dict[str, Row] = {}
    for row in rows:
        if row.name is not None and row.name in seen:
            message = f"the steps {seen[row.name].step} and {row.step} have the same name {row.name!r}"
            raise cell.error(message, cell.body, 0, row.step)
        if row.name is not None:
            seen[row.name] = row

