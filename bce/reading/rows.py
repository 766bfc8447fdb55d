"""The rows of a derivation: LaTeX and words, split and parsed into steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from bce.algebra.domain import Domain
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Expression, Relation
from bce.algebra.grammar.read import Link, Names, parse, parse_chain
from bce.algebra.statement import Certificate

from .cells import NAME, Cell, Problem, ReadError
from .latex_text import RELATION, closing_brace, plain_words, split_remark, top_level, without_alignment

Result = TypeVar("Result")

Expected = Literal["proved", "defined", "refuted"]

_MARK = re.compile(r"\\(?P<mark>label|by|refuted)\b\s*(?P<brace>\{)?")
_CERTIFICATE = re.compile(r"^(?:minimum|maximum)\s+at\s+(?P<variable>.+?)\s*=\s*(?P<at>.+)$", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One step: a relation between two formulas, with the words of its author.

    ``left_latex`` and ``right_latex`` are the author's own text. ``expected`` is "proved";
    "defined" for a row that introduces a name, so that nothing is claimed but that it has a
    value; or "refuted" for a mistake that is shown on purpose.
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

    def __init__(self, cell: Cell, domain: Domain, names: Names) -> None:
        self.cell = cell
        self.domain = domain
        self.names = names
        self.rows: list[Row] = []

    def read(self) -> tuple[Row, ...]:
        """Read all rows of the cell's body.

        Raises
        ------
        ReadError
            If a row cannot be read; the error names the step.
        """
        for start, text in self._split():
            self._read_row(start, text)
        if not self.rows:
            raise self.cell.error("a derivation needs a row with a relation, such as a &= b", self.cell.body)
        self._refuse_repeated_names()
        for item in self.cell.header.get("by", []):
            # A note that is typeset by others has no place for \\by in its formula.
            self.rows[-1] = replace(self.rows[-1], certificate=self._certificate(item.text, 0))
        return tuple(self.rows)

    def _split(self) -> Iterator[tuple[int, str]]:
        r"""Split the body at every ``\\`` outside of braces and environments; keep each row's offset.

        In other people's files a row without a relation continues the row before.
        """
        body, start = self.cell.body.text, 0
        pending: tuple[int, str] | None = None
        for end in [*top_level(body, "\\\\"), len(body)]:
            text = body[start:end]
            if text.strip(" \n\t&"):
                unfinished = pending is not None and not RELATION.search(pending[1])
                if pending is not None and self.names.lenient and (unfinished or not RELATION.search(text)):
                    pending = pending[0], f"{pending[1]}  {body[pending[0] + len(pending[1]) + 2 : end]}"
                else:
                    if pending is not None:
                        yield pending
                    pending = start, text
            start = end + 2
        if pending is not None:
            yield pending

    def _read_row(self, start: int, text: str) -> None:
        formula, words = self._reason(text)
        reason, marks = self._read_marks(words, start)
        first, links = self._reading(start, lambda: parse_chain(formula, self.names))
        self._require_relations(links, start, formula)
        for number, link in enumerate(links):
            left, left_latex = self._left_side(first if number == 0 else None, link, start, formula)
            line, column = self.cell.body.place(start + link.sign_start)
            last = number == len(links) - 1
            row = Row(
                step=self._step,
                name=marks.get("label") if last else None,
                relation=Relation(link.operator, left, link.right),
                left_latex=left_latex,
                right_latex=without_alignment(formula[link.start : link.end]),
                reason=reason if last else "",
                expected="refuted" if "refuted" in marks else "proved",
                certificate=self._certificate(marks.get("by"), start),
                line=line,
                column=column,
                width=len(formula[link.sign_start : link.end].rstrip(" &\n\t").split("\n", 1)[0]),
            )
            self.rows.append(row)

    @property
    def _step(self) -> int:
        return len(self.rows) + 1

    def _error(self, message: str, offset: int) -> ReadError:
        return self.cell.error(message, self.cell.body, offset, self._step, 1)

    def _reading(self, offset: int, read: Callable[[], Result]) -> Result:
        return reading(self.cell, offset, read, self._step)

    def _reason(self, text: str) -> tuple[str, str]:
        r"""Split a row into its formula and its words, behind ``&&`` or in a last ``\text``."""
        split = top_level(text, "&&")
        if split:
            words = text[split[0] + 2 :]
            return text[: split[0]], plain_words(words) if self.names.lenient else " ".join(words.split())
        return split_remark(text) if self.names.lenient else (text, "")

    def _require_relations(self, links: list[Link], start: int, formula: str) -> None:
        blank = len(formula) - len(formula.lstrip())
        if not links:
            raise self._error("this row has no relation such as =", start + blank)
        if len(links) > 1 and not self.names.lenient:
            raise self._error("two relations in one row; give each its own row", start + links[1].sign_start)

    def _left_side(self, first: Expression | None, link: Link, start: int, formula: str) -> tuple[Expression, str]:
        """Return the left side of a step: its own, or the right side of the last row that is no mistake."""
        previous = self._previous()
        if first is not None:
            if previous is not None and first != previous[0] and not self.names.lenient:
                message = "only the first row has a left side; the other rows continue from the row before"
                raise self._error(message, start)
            return first, without_alignment(formula[: link.sign_start])
        if previous is None:
            raise self._error("the first row needs a left side: the head of the derivation", start)
        return previous

    def _previous(self) -> tuple[Expression, str] | None:
        if not self.rows:
            return None
        last = self.rows[-1]
        if last.expected == "refuted":
            return last.relation.left, last.left_latex
        return last.relation.right, last.right_latex

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
        unknown = None if self.names.lenient else re.search(r"\\[a-zA-Z]+", re.sub(r"\$[^$]*\$", "", reason))
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


def reading(cell: Cell, offset: int, read: Callable[[], Result], step: int = 1) -> Result:
    """Have a part of the body parsed; an error of the grammar becomes one with a place in the file."""
    try:
        return read()
    except GrammarError as error:
        raise cell.error(error.message, cell.body, offset + error.start, step, error.end - error.start) from None
