"""The model everyone speaks: derivations, their rows, and definitions.

A `Cell` becomes a `Derivation` when its LaTeX has been parsed and every name in it has a
meaning. Nothing here decides whether a row is true; see `bce.verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from bce.algebra.domain import Domain, Function, Functions, Helpers, names_of
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Relation
from bce.algebra.grammar.lexer import without_comments
from bce.algebra.grammar.read import parse, parse_head
from bce.algebra.statement import Statement

from .cells import Cell, Item, Kind
from .declarations import DeclarationError, read_domain, read_helpers, remember, with_values
from .latex_text import stripped
from .rows import Result, Row, RowReader, reading


@dataclass(frozen=True)
class Derivation:
    """A chain of relations, or a definition, with all that its names mean."""

    id: str
    kind: Kind
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
    lenient: bool = False

    @property
    def head(self) -> str:
        return self.rows[0].left_latex

    def step_id(self, row: Row) -> str:
        """Return the permanent id of a row; the only row of a definition has that of the definition."""
        return self.id if self.kind == "definition" else f"{self.id}.{row.label}"

    def statement(self, row: Row) -> Statement:
        """Return a row as something to prove or refute."""
        return Statement(row.relation, row.domain or self.domain, self.helpers, self.functions, row.certificate)


def build_definition(cell: Cell, functions: Functions) -> tuple[Derivation, Function]:
    """Parse a ``%%definition`` cell.

    Raises
    ------
    ReadError
        If anything in it cannot be read.
    """
    domain, helpers, functions, _ = _declarations(cell, functions)
    text = without_comments(cell.body.text)
    left, sign, right = text.partition("=")
    if not sign:
        raise cell.error("a definition is one equation, such as f(x) = x^2", cell.body)
    name, parameters = reading(cell, 0, lambda: parse_head(left))
    for parameter in parameters:
        if parameter not in domain.symbols and parameter not in domain.families:
            raise cell.error(f"the parameter {parameter} has no domain; declare it under 'given'", cell.body)
    body = reading(cell, len(left) + 1, lambda: parse(right, names_of(domain, helpers, functions)))
    line, column = cell.body.place(len(left) + 1)
    row = Row(
        step=1,
        name=None,
        relation=Relation("=", body, body),
        left_latex=stripped(left),
        right_latex=right.strip(),
        reason="",
        expected="defined",
        certificate=None,
        line=line,
        column=column,
    )
    derivation = _derivation(cell, (row,), domain, helpers, functions)
    return derivation, Function(name, parameters, body, domain, helpers, f"{cell.id} ({cell.file}:{cell.line})")


def build_derivation(cell: Cell, functions: Functions) -> Derivation:
    """Parse a ``%%derivation`` cell.

    Raises
    ------
    ReadError
        If anything in it cannot be read.
    """
    domain, helpers, functions, known = _declarations(cell, functions)
    names = names_of(domain, helpers, functions, lenient=cell.lenient)
    rows = RowReader(cell, domain, helpers, names).read()
    if cell.introduces is not None and cell.introduces in known:
        rows = (replace(rows[0], expected="defined"), *rows[1:])
    return _derivation(cell, rows, domain, helpers, functions)


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
        lenient=cell.lenient,
    )


def _declarations(cell: Cell, functions: Functions) -> tuple[Domain, Helpers, Functions, list[Item]]:
    """Return what the header declares, and which of the remembered quantities are known here."""
    domain = _reading_items(cell, "given", lambda texts: read_domain(texts, functions, lenient=cell.lenient))
    helpers, functions = _reading_items(
        cell, "where", lambda texts: read_helpers(texts, domain, functions, lenient=cell.lenient)
    )
    known = []
    for item in cell.remembered:
        with suppress(DeclarationError, GrammarError):
            helpers, functions, name = remember(item.text, domain, helpers, functions)
            if name is not None:
                known.append(item)
    return with_values(domain, helpers), helpers, functions, known


def _reading_items(cell: Cell, key: str, read: Callable[[list[str]], Result]) -> Result:
    """Read declarations; an error is laid at the first item with which it occurs."""
    items = cell.items(key)
    texts = [item.text for item in items]
    try:
        return read(texts)
    except (DeclarationError, GrammarError) as error:
        for count, item in enumerate(items, 1):
            try:
                read(texts[:count])
            except (DeclarationError, GrammarError) as first:
                message = first.message if isinstance(first, GrammarError) else str(first)
                earlier = next((i for i in items if i.text == getattr(first, "earlier", None)), None)
                if earlier is not None:
                    message += f" in line {earlier.line}"
                raise cell.error(f"{key}: {message}", item) from None
        raise cell.error(f"{key}: {error}") from None
