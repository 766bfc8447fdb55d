"""Verdicts: every row of a derivation is proved, refuted, or said to be open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bce.algebra.decide.prove import prove
from bce.algebra.decide.refute import NO_POINT, Counterexample, doubt, search
from bce.algebra.rules import Use
from bce.reading.catalogue import Catalogue
from bce.reading.cells import Cell, Problem, ReadError, is_magic, read_cell
from bce.reading.derivation import Derivation
from bce.reading.documents import document_cells
from bce.reading.rows import Expected, Row

VerdictKind = Literal[Expected, "unproved"]


@dataclass(frozen=True, repr=False)
class Verdict:
    """What was decided about a row.

    ``kind`` is "proved" (the relation holds wherever the domain does, and both sides have a value there),
    "defined" (the row introduces a name, and what it stands for has a value on the whole domain), "refuted"
    (at a rational point of the domain the relation certainly fails) or "unproved".
    ``method`` names what decided, and ``trace`` has every rule that a proof rests on with what it was applied to.
    ``without_value`` says where a side has certainly no value, if such a point was found:
    then the step cannot hold on its whole domain, though nothing can be compared there.
    """

    kind: VerdictKind
    method: str
    trace: tuple[Use, ...] = ()
    met: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    without_value: str | None = None

    def __repr__(self) -> str:
        return f"<Verdict {self}>"

    def __str__(self) -> str:
        if self.counterexample is not None:
            return f"refuted at {self.counterexample.where()}"
        return self.kind if self.holds else f"unproved: {'; '.join(self.open)}"

    @property
    def holds(self) -> bool:
        """Tell whether nothing stands against the row: it is proved or defined."""
        return self.kind in ("proved", "defined")


@dataclass(frozen=True, repr=False)
class Step:
    """A row with its verdict.

    ``row`` has the step's number, its ``name``, both sides as the author wrote them (``left_latex`` and
    ``right_latex``), the ``reason`` and the ``line`` in the text.
    """

    row: Row
    verdict: Verdict

    def __repr__(self) -> str:
        relation = " ".join(f"{self.row.left_latex} {self.row.relation.operator} {self.row.right_latex}".split())
        return f"<Step {self.row.label}: {relation}: {self.verdict}>"

    def _repr_markdown_(self) -> str:
        """Show the step in a notebook, with its formula set."""
        sign = "✓" if self.verdict.holds else "✗" if self.verdict.kind == "refuted" else "?"
        relation = f"{self.row.left_latex} {self.row.relation.operator} {self.row.right_latex}"
        return f"${relation}$ {sign} {self.verdict}"

    @property
    def as_expected(self) -> bool:
        """Tell whether the row is proved or defined, or refuted if it is marked as a mistake."""
        return self.verdict.kind == self.row.expected


@dataclass(frozen=True, repr=False)
class Checked:
    """A derivation with the verdict of every row.

    ``derivation`` has the ``id``, the ``title`` and the ``kind``; ``steps`` has a :class:`Step` for each row.
    """

    derivation: Derivation
    steps: tuple[Step, ...]

    def __repr__(self) -> str:
        verdicts = ", ".join(f"{step.row.label} {step.verdict.kind}" for step in self.steps)
        return f"<Checked {self.derivation.id}: {verdicts}>"

    def _repr_markdown_(self) -> str:
        """Show the steps in a notebook, a line each."""
        return "\n\n".join([f"**{self.derivation.title}**", *(step._repr_markdown_() for step in self.steps)])

    @property
    def as_expected(self) -> bool:
        """Tell whether all steps are as expected."""
        return all(step.as_expected for step in self.steps)


@dataclass(frozen=True)
class Result:
    """Everything found in a text.

    ``derivations`` has a :class:`Checked` for each cell that could be read; ``problems`` has the others, each with
    its place and what is wrong.
    """

    derivations: tuple[Checked, ...]
    problems: tuple[Problem, ...]

    @property
    def as_expected(self) -> bool:
        """Tell whether something was read, all of it, and all steps are as expected."""
        return bool(self.derivations) and not self.problems and all(checked.as_expected for checked in self.derivations)


def check(derivation: Derivation) -> Checked:
    """Decide every row of a derivation."""
    steps = [Step(row, decide(derivation, row)) for row in derivation.rows]
    return Checked(derivation, tuple(steps))


def check_text(text: str, file: str = "text") -> Result:
    r"""Check the definitions and derivations in a text.

    Parameters
    ----------
    text : str
        Markdown with ``%%derivation`` and ``%%definition`` cells or marked formulas, or one
        such cell alone.
    file : str
        The name to give in messages; with the ending ``.tex`` or ``.ipynb`` the text is read
        as LaTeX or as a notebook.

    Returns
    -------
    Result
        The checked derivations, and the problems of cells that cannot be read.

    Examples
    --------
    >>> import bce
    >>> result = bce.check(r'''%%derivation product-of-exponentials
    ... title: Exponents add
    ... given: x, y real
    ...
    ... e^{x} e^{y} &= e^{x + y} && the law of exponents \\
    ...             &= e^{x y}   && a slip \\
    ... ''')
    >>> for step in result.derivations[0].steps:
    ...     print(step.verdict)
    proved
    refuted at x = 1, y = 1/2
    """
    catalogue = Catalogue([_one_cell(text, file)] if is_magic(text) else document_cells(text, file))
    derivations = tuple(check_all(catalogue))
    return Result(derivations, tuple(catalogue.problems))


def _one_cell(text: str, file: str) -> Cell | Problem:
    try:
        return read_cell(text.strip(), file)
    except ReadError as error:
        return error.problem


def check_all(catalogue: Catalogue) -> Iterable[Checked]:
    """Check the whole catalogue, one derivation at a time; its problems grow while this runs."""
    for derivation in catalogue.derivations():
        yield check(derivation)


def decide(derivation: Derivation, row: Row) -> Verdict:
    """Decide one row of a derivation."""
    statement = derivation.statement(row)
    strict = derivation.kind == "derivation" and not derivation.lenient
    vacuous = row.relation.left == row.relation.right and strict
    if vacuous:
        return Verdict("unproved", "", open=("vacuous: both sides are the same formula; drop the row or say more",))
    decision = prove(statement)
    if decision.proved:
        doubts = doubt(statement)
        if doubts is None:
            return Verdict("defined" if row.introduces else "proved", decision.method, decision.trace, decision.met)
        return Verdict("unproved", decision.method, decision.trace, decision.met, (doubts,))
    if row.weakened:
        alternative = "the row offers an alternative with 'or', which is not decided"
        return Verdict("unproved", decision.method, decision.trace, decision.met, (*decision.open, alternative))
    found = search(statement)
    if found.counterexample is not None:
        return Verdict("refuted", found.counterexample.method, (), decision.met, (), found.counterexample)
    against = found.without_value if found.tried else NO_POINT
    open_ = decision.open if against is None else (against, *decision.open)
    return Verdict("unproved", decision.method, decision.trace, decision.met, open_, without_value=found.without_value)
