"""Verdicts: every row of a derivation is proved, refuted, or said to be open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .algebra.intervals import signs_of, working_precision
from .algebra.expression import RELATION_SIGNS
from .algebra.prove import Decision, Statement, prove
from .algebra.refute import Counterexample, gap_of, points, refute, sides_at
from .catalogue import Catalogue
from .cells import Cell, Problem, ReadError, is_magic, markdown_cells, read_cell
from .derivation import Derivation, Row

#: Version of the object that `report` and ``bce check --format json`` return.
SCHEMA = 1
_PROBES = 2


@dataclass(frozen=True)
class Verdict:
    """What was decided about a row.

    ``kind`` is "proved" (both sides are equal wherever the domain holds, and defined there),
    "refuted" (at a rational point of the domain the sides certainly differ) or "unproved".
    """

    kind: str
    method: str
    met: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    counterexample: Counterexample | None = None

    def __str__(self) -> str:
        if self.counterexample is not None:
            return f"refuted at {_point_text(self.counterexample)}"
        return self.kind if self.kind == "proved" else f"unproved: {'; '.join(self.open)}"


@dataclass(frozen=True)
class Step:
    """A row with its verdict."""

    row: Row
    verdict: Verdict

    @property
    def as_expected(self) -> bool:
        return self.verdict.kind == self.row.expected


@dataclass(frozen=True)
class Checked:
    """A derivation with the verdict of every row."""

    derivation: Derivation
    steps: tuple[Step, ...]

    @property
    def as_expected(self) -> bool:
        return all(step.as_expected for step in self.steps)


@dataclass(frozen=True)
class Result:
    """Everything found in a text."""

    derivations: tuple[Checked, ...]
    problems: tuple[Problem, ...]

    @property
    def as_expected(self) -> bool:
        return not self.problems and all(checked.as_expected for checked in self.derivations)


def check(derivation: Derivation) -> Checked:
    """Decide every row of a derivation."""
    steps = [Step(row, _verdict(derivation, row)) for row in derivation.rows]
    return Checked(derivation, tuple(steps))


def check_text(text: str, file: str = "text") -> Result:
    r"""Check the definitions and derivations in a text.

    Parameters
    ----------
    text : str
        Markdown with ``%%derivation`` and ``%%definition`` cells, or one such cell alone.
    file : str
        The name to give in messages.

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
    catalogue = Catalogue([_one_cell(text, file)] if is_magic(text) else markdown_cells(text, file))
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


def _verdict(derivation: Derivation, row: Row) -> Verdict:
    statement = derivation.statement(row)
    vacuous = row.relation.left == row.relation.right and derivation.kind == "derivation"
    if vacuous:
        return Verdict("unproved", "", open=("vacuous: both sides are the same formula; drop the row or say more",))
    decision = prove(statement)
    if decision.proved:
        return _confirmed(statement, decision)
    counterexample = refute(statement)
    if counterexample is not None:
        return Verdict("refuted", "disjoint enclosures at a rational point", decision.met, (), counterexample)
    return Verdict("unproved", decision.method, decision.met, decision.open)


def _confirmed(statement: Statement, decision: Decision) -> Verdict:
    """Hold a proof against interval arithmetic at two points, so that a fault of the prover shows."""
    wanted = RELATION_SIGNS[statement.relation.operator]
    probes = list(islice(points(statement), _PROBES))
    if not probes:
        empty = "no point of the declared domain was found; do its conditions contradict each other?"
        return Verdict("unproved", decision.method, decision.met, (empty,))
    with working_precision(80):
        for point in probes:
            sides = sides_at(statement, point)
            if sides is not None and not signs_of(gap_of(*sides)) & wanted:
                fault = "the proof and interval arithmetic contradict each other; this is a fault of the verifier"
                return Verdict("unproved", decision.method, decision.met, (fault,))
    return Verdict("proved", decision.method, decision.met)


# --- reports --------------------------------------------------------------------------


def report(checked: Checked) -> dict[str, Any]:
    """Return a checked derivation as plain data, the object that every page and program reads."""
    derivation = checked.derivation
    return {
        "id": derivation.id,
        "kind": derivation.kind,
        "title": derivation.title,
        "file": derivation.file,
        "line": derivation.line,
        "given": list(derivation.given),
        "where": list(derivation.where),
        "uses": list(derivation.uses),
        "source": derivation.source,
        "head": derivation.head,
        "steps": [_step_report(derivation, step) for step in checked.steps],
    }


def _step_report(derivation: Derivation, step: Step) -> dict[str, Any]:
    row, verdict = step.row, step.verdict
    example = verdict.counterexample
    return {
        "step": row.step,
        "name": row.name,
        "id": f"{derivation.id}.{row.label}",
        "left": row.left_latex,
        "relation": row.relation.operator,
        "right": row.right_latex,
        "reason": row.reason,
        "verdict": verdict.kind,
        "expected": row.expected,
        "point": None if example is None else {name: str(value) for name, value in example.point.items()},
        "values": None if example is None else list(example.values),
        "open": list(verdict.open),
        "method": verdict.method,
        "obligations": list(verdict.met),
        "line": row.line,
    }


def problem_lines(checked: Checked) -> list[str]:
    """Return one line for every step that did not turn out as expected."""
    derivation = checked.derivation
    return [
        f"{derivation.file}:{step.row.line}: {derivation.id}.{step.row.label}: {_complaint(step)}"
        for step in checked.steps
        if not step.as_expected
    ]


def _complaint(step: Step) -> str:
    row, verdict = step.row, step.verdict
    relation = f"{row.left_latex} {row.relation.operator} {row.right_latex}"
    relation = " ".join(relation.split())
    if verdict.counterexample is not None:
        left, right = verdict.counterexample.values
        return f"refuted: {relation} at {_point_text(verdict.counterexample)}: the left side is {left}, the right side is {right}"
    if row.expected == "refuted":
        how = "is in fact true" if verdict.kind == "proved" else f"could not be refuted ({'; '.join(verdict.open)})"
        return f"{verdict.kind}: marked \\refuted, but {relation} {how}"
    return f"unproved: {relation}: {'; '.join(verdict.open)}"


def _point_text(example: Counterexample) -> str:
    return ", ".join(f"{name} = {value}" for name, value in example.point.items()) or "every point"
