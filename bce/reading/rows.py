"""The rows of a derivation: LaTeX and words, split and parsed into steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeVar

from bce.algebra.domain import Domain, Helpers
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Derivative, Expression, Indexed, Number, Relation, Symbol, symbols_of
from bce.algebra.grammar.letters import Letters
from bce.algebra.grammar.lexer import RELATIONS, Token, without_comments
from bce.algebra.grammar.read import Link, Names, chain_of, parse, plain_tokens, without_alignment
from bce.algebra.grammar.token_stream import spelled
from bce.algebra.statement import Certificate

from .account import Account, Claim, account, is_membership, is_operator, relations_in
from .cells import NAME, Cell, Problem, ReadError
from .conditions import narrowed, written
from .declarations import DeclarationError, read_domain
from .latex_text import blank, closing_brace, rows_of, stripped, top_level

Result = TypeVar("Result")

Expected = Literal["proved", "defined", "refuted"]

_MARK = re.compile(r"\\(?P<mark>label|by|refuted)\b\s*(?P<brace>\{)?")
_CERTIFICATE = re.compile(r"^(?:minimum|maximum)\s+at\s+(?P<variable>.+?)\s*=\s*(?P<at>.+)$", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One step: a relation between two formulas, with the words of its author.

    ``left_latex`` and ``right_latex`` are the author's own text. ``expected`` is "proved";
    "defined" for a row that introduces a name, so that nothing is claimed but that it has a
    value; or "refuted" for a mistake that is shown on purpose. ``domain`` is that of the derivation with
    the conditions that the row states for itself, None if it states none. A row that is
    ``weakened`` offers an alternative with "or", so that it may hold though its relation does not.
    """

    step: int
    name: str | None
    relation: Relation
    left_latex: str
    right_latex: str
    reason: str
    expected: Expected
    certificate: Certificate | None
    line: int
    column: int
    width: int = 1
    domain: Domain | None = None
    weakened: bool = False

    @property
    def label(self) -> str:
        """The lasting id of the step inside of its derivation: its name, or else its number."""
        return self.name or str(self.step)

    @property
    def introduces(self) -> bool:
        """Tell whether the row says what a name means, so that it is neither true nor false."""
        return self.expected == "defined"


class RowReader:
    """Reads the rows of one cell, each continuing from the row before."""

    def __init__(self, cell: Cell, domain: Domain, helpers: Helpers, names: Names) -> None:
        self.cell = cell
        self.domain = domain
        self.helpers = helpers
        self.names = names
        self.body = without_comments(cell.body.text)
        self.letters = Letters()
        self.rows: list[Row] = []
        self.continues: Row | None = None
        self.conditions: list[Relation] = []
        self.parallel = False

    def read(self) -> tuple[Row, ...]:
        """Read all rows of the cell's body.

        Raises
        ------
        ReadError
            If a row cannot be read; the error names the step.
        """
        if self.names.lenient:
            self._read_displays()
        else:
            self._read_cell()
        if not self.rows:
            raise self.cell.error("a derivation needs a row with a relation, such as a &= b", self.cell.body)
        self._reading(self.letters.refuse_applied)
        self._refuse_repeated_names()
        for item in self.cell.header.get("by", []):
            # A note that is typeset by others has no place for \\by in its formula.
            self.rows[-1] = replace(self.rows[-1], certificate=self._certificate(item.text, 0))
        return tuple(self.rows)

    # --- the book's own cells ---------------------------------------------------------

    def _read_cell(self) -> None:
        for start, end in rows_of(self.body):
            text = self.body[start:end]
            if text.strip(" \n\t&"):
                self._read_row(start, text)

    def _read_row(self, start: int, text: str) -> None:
        """Read one row of a cell: a formula, and behind ``&&`` its reason and its marks."""
        split = top_level(text, "&&")
        formula, words = (text[: split[0]], text[split[0] + 2 :]) if split else (text, "")
        reason, marks = self._read_marks(" ".join(words.split()), start)
        tokens = self._reading(lambda: without_alignment(plain_tokens(formula, self.names, start)))
        first, links = self._chain(tokens, start + len(formula))
        if not links:
            raise self._error("this row has no relation such as =", tokens[0].start if tokens else start)
        if len(links) > 1:
            raise self._error("two relations in one row; give each its own row", links[1].sign_start)
        if first is not None and self.continues is not None and first != self._previous()[0]:
            raise self._error("only the first row has a left side; the other rows continue from the row before", start)
        certificate = self._certificate(marks.get("by"), start)
        self._add(first, links[0], start, self.body, name=marks.get("label"), reason=reason, certificate=certificate)
        if "refuted" in marks:
            self.rows[-1] = self.continues = replace(self.rows[-1], expected="refuted")

    # --- displays of other people's files ---------------------------------------------

    def _read_displays(self) -> None:
        for tokens in self._joined(self._token_rows()):
            found = self._reading(lambda tokens=tokens: account(tokens, self.body, self.names))  # type: ignore[misc]
            if not found.claims:
                message = "this row has no relation such as =, and the row behind it does not go on with it"
                raise self._error(message, tokens[0].start)
            self._read_account(found)

    def _token_rows(self) -> Iterator[list[Token]]:
        for start, end in rows_of(self.body):
            text = self.body[start:end]
            if text.strip(" \n\t&"):
                tokens = self._reading(lambda text=text, start=start: plain_tokens(text, self.names, start))  # type: ignore[misc]
                if tokens:
                    yield tokens

    def _joined(self, rows: Iterator[list[Token]]) -> Iterator[list[Token]]:
        r"""Join rows that go on: those that begin with a sign, and those before the first relation."""
        pending: list[Token] = []
        for tokens in rows:
            if pending and self._goes_on(pending, tokens):
                row_end = Token("command", "\\\\", pending[-1].end, tokens[0].start)
                pending = [*pending, row_end, *tokens]
            else:
                if pending:
                    yield pending
                pending = tokens
        if pending:
            yield pending

    def _goes_on(self, before: list[Token], row: list[Token]) -> bool:
        """Tell whether a row continues the formula of the row before."""
        marks = [token for token in row if token.text != "&"]
        last = next((token for token in reversed(before) if token.text != "&"), None)
        if not marks or (last is not None and (last.text in RELATIONS or is_operator(last))):
            return True
        if marks[0].text in RELATIONS:
            return not relations_in(before)
        if not is_operator(marks[0]):
            return False
        signs = relations_in(row)
        if signs and row[0].text == "&" and row[row.index(signs[0]) - 1].text == "&":
            raise self._error(
                "this can be read in two ways, as going on with the row before or as a new formula; "
                "put the & before the sign or before the relation, not both",
                marks[0].start,
            )
        return not signs or row[0].text == "&"

    def _read_account(self, found: Account) -> None:
        """Read the claims of a row, each with the conditions that stand beside them."""
        body = self._shown(found)
        conditions = [relation for tokens in found.conditions for relation in self._relations(tokens)]
        for tokens in found.alternatives:
            self._relations(tokens)
        main = [claim for claim in found.claims if not claim.aside]
        begins = found.claims[0].tokens[0]
        if begins.text not in RELATIONS:
            self.conditions = []
        elif self.parallel:
            message = "two formulas stand side by side before this one, which goes on with either; give it a left side"
            raise self._error(message, begins.start)
        self.conditions = [*self.conditions, *conditions]
        for claim in found.claims:
            self._read_claim(claim, body, " ".join(found.words) if claim is found.claims[0] else "")
        if found.alternatives:
            self.rows[-1] = replace(self.rows[-1], weakened=True)
        self.parallel = len(main) > 1 or bool(found.alternatives)

    def _read_claim(self, claim: Claim, body: str, words: str) -> None:
        goes_on = self.continues
        tokens = claim.tokens
        first, links = self._chain(tokens, tokens[-1].end)
        domain = self._narrowed(self.conditions, tokens[0].start) if self.conditions else None
        for number, link in enumerate(links):
            reason = words if number == len(links) - 1 else ""
            self._add(first if number == 0 else None, link, tokens[0].start, body, reason=reason, domain=domain)
        if claim.aside:
            self._require_known(tokens, [row.relation for row in self.rows[-len(links) :]])
            self.continues = goes_on

    def _require_known(self, tokens: list[Token], relations: list[Relation]) -> None:
        """Refuse a reason such as ``since x > 0`` that nothing declares: it is a condition."""
        sides = [side for relation in relations for side in (relation.left, relation.right)]
        if not all(isinstance(side, (Symbol, Indexed, Number)) for side in sides):
            return
        if narrowed(self.domain, relations) != self.domain:
            written = spelled(tokens)
            message = (
                f"{written} is offered as a reason, but not declared: declare it in the comment above, or write 'if'"
            )
            raise self._error(message, tokens[0].start)

    def _relations(self, tokens: list[Token]) -> list[Relation]:
        if is_membership(tokens):
            return self._bounds(tokens)
        first, links = self._chain(tokens, tokens[-1].end)
        if first is None or not links:
            raise self._error("a condition is a relation with two sides, such as x > 0", tokens[0].start)
        sides = [first, *(link.right for link in links)]
        return [Relation(link.operator, left, link.right) for left, link in zip(sides, links, strict=False)]

    def _bounds(self, tokens: list[Token]) -> list[Relation]:
        r"""Read ``x \in (0, 1)``, a condition of a row, as bounds."""
        text = self.body[tokens[0].start : tokens[-1].end]
        try:
            stated = read_domain([text], {}, lenient=True)
        except DeclarationError as error:
            raise self._error(str(error), tokens[0].start) from None
        for name, values in stated.symbols.items():
            if values.integer and not self.domain.symbols.get(name, values).integer:
                raise self._error(f"{name} is declared real; declare it as a whole number instead", tokens[0].start)
        if stated.families or not stated.symbols.keys() <= self.domain.symbols.keys():
            raise self._error("a condition speaks of declared symbols; declare this one above", tokens[0].start)
        return [
            Relation(operator, Symbol(name), written(bound))
            for name, values in stated.symbols.items()
            for operator, bound in values.bounds()
        ]

    def _narrowed(self, conditions: list[Relation], offset: int) -> Domain:
        domain = narrowed(self.domain, conditions)
        if any(values.is_empty() for values in domain.symbols.values()):
            raise self._error("the conditions of this row leave no value", offset)
        return domain

    def _shown(self, found: Account) -> str:
        """Return the body without the remarks and layout of a row; every other character keeps its place."""
        pieces, done = [], 0
        for token in found.layout:
            if token.start >= done:
                pieces += [self.body[done : token.start], blank(self.body[token.start : token.end])]
                done = token.end
        return "".join([*pieces, self.body[done:]])

    # --- steps ------------------------------------------------------------------------

    def _chain(self, tokens: list[Token], end: int) -> tuple[Expression | None, list[Link]]:
        first, links = self._reading(lambda: chain_of(tokens, self.names, end, self.letters))
        for tree in (first, *(link.right for link in links)):
            if tree is not None:
                self._refuse_free_derivatives(tree, tokens[0].start)
        return first, links

    def _refuse_free_derivatives(self, tree: Expression, offset: int) -> None:
        r"""Refuse ``dC/dw`` where C and w are both declared: by the declaration it would be 0."""
        for node in tree.walk():
            if not isinstance(node, Derivative) or not isinstance(node.body, (Symbol, Indexed)):
                continue
            body, by = _base(node.body), _base(node.variable)
            if body != by and body in self._free and by in self._free:
                message = (
                    f"{node.body} and {node.variable} are declared as independent of each other, so that the "
                    f"derivative would be 0; say what {node.body} is: where: {node.body} = …"
                )
                raise self._error(message, offset)

    @cached_property
    def _free(self) -> set[str]:
        """The names that are declared and neither have a value nor are tied by a condition."""
        valued = self.helpers.names() | {family for family, _ in self.helpers.members}
        tied = {name for condition in self.domain.conditions for name in symbols_of(condition)}
        return (set(self.domain.symbols) | set(self.domain.families)) - valued - tied

    def _add(
        self,
        first: Expression | None,
        link: Link,
        start: int,
        body: str,
        *,
        name: str | None = None,
        reason: str = "",
        certificate: Certificate | None = None,
        domain: Domain | None = None,
    ) -> None:
        """Add a step: its left side is its own, or the right side of the row that it continues."""
        if first is not None:
            left, left_latex = first, stripped(body[start : link.sign_start])
        elif self.continues is None:
            raise self._error("the first row needs a left side: the head of the derivation", link.sign_start)
        else:
            left, left_latex = self._previous()
        line, column = self.cell.body.place(link.sign_start)
        right_latex = stripped(body[link.start : link.end])
        width = len(body[link.sign_start : link.end].rstrip(" &\n\t").split("\n", 1)[0])
        relation = Relation(link.operator, left, link.right)
        self.continues = Row(
            self._step,
            name,
            relation,
            left_latex,
            right_latex,
            reason,
            "proved",
            certificate,
            line,
            column,
            width,
            domain,
        )
        self.rows.append(self.continues)

    @property
    def _step(self) -> int:
        return len(self.rows) + 1

    def _error(self, message: str, offset: int) -> ReadError:
        return self.cell.error(message, self.cell.body, offset, self._step, 1)

    def _reading(self, read: Callable[[], Result]) -> Result:
        return reading(self.cell, 0, read, self._step)

    def _previous(self) -> tuple[Expression, str]:
        """Return the right side of the last row that is no mistake."""
        assert self.continues is not None
        last = self.continues
        if last.expected == "refuted":
            return last.relation.left, last.left_latex
        return last.relation.right, last.right_latex

    # --- marks ------------------------------------------------------------------------

    def _read_marks(self, words: str, start: int) -> tuple[str, dict[str, str]]:
        r"""Take ``\label{…}``, ``\by{…}`` and ``\refuted`` off the end of a reason."""
        marks: dict[str, str] = {}
        reason = words
        while match := _MARK.search(reason):
            end = match.end()
            value = ""
            if match["brace"]:
                end = closing_brace(reason, match.end())
                if not end:
                    raise self._error(f"the brace of \\{match['mark']} is never closed", start)
                value = reason[match.end() : end - 1].strip()
            if match["mark"] in marks:
                raise self._error(f"two \\{match['mark']} marks on one row", start)
            marks[match["mark"]] = value
            reason = (reason[: match.start()] + reason[end:]).strip()
        if "label" in marks and not re.fullmatch(NAME, marks["label"]):
            message = f"the name {marks['label']!r} of a step is not in kebab-case with a letter first"
            raise self._error(message, start)
        if reason.count("$") % 2:
            raise self._error("a $ without its partner in the reason", start)
        unknown = re.search(r"\\[a-zA-Z]+", re.sub(r"\$[^$]*\$", "", reason))
        if unknown:
            marks_are = "the marks are \\label, \\by and \\refuted"
            message = f"{unknown.group()} in a reason: set mathematics between $ signs; {marks_are}"
            raise self._error(message, start)
        return reason, marks

    def _certificate(self, text: str | None, start: int) -> Certificate | None:
        if text is None:
            return None
        match = _CERTIFICATE.match(text)
        if match is None:
            message = f"the certificate {text!r} is not of the form \\by{{minimum at x = a}}"
            raise self._error(message, start)
        variable = self.domain.symbols.get(match["variable"])
        if variable is None or variable.integer:
            message = f"the certificate speaks of {match['variable']}, which is not declared as a real quantity"
            raise self._error(message, start)
        try:
            return Certificate(match["variable"], parse(match["at"], self.names))
        except GrammarError as error:
            raise self._error(f"in the certificate: {error.message}", start) from None

    def _refuse_repeated_names(self) -> None:
        seen: dict[str, Row] = {}
        for row in self.rows:
            if row.name is not None and row.name in seen:
                message = f"the steps {seen[row.name].step} and {row.step} have the same name {row.name!r}"
                raise ReadError(
                    Problem(self.cell.file, row.line, row.column, message, self.cell.id, row.step, row.width)
                )
            if row.name is not None:
                seen[row.name] = row


def _base(tree: Expression) -> str:
    return tree.family if isinstance(tree, Indexed) else tree.name if isinstance(tree, Symbol) else ""


def reading(cell: Cell, offset: int, read: Callable[[], Result], step: int = 1) -> Result:
    """Have a part of the body parsed; an error of the grammar becomes one with a place in the file."""
    try:
        return read()
    except GrammarError as error:
        raise cell.error(error.message, cell.body, offset + error.start, step, error.end - error.start) from None
