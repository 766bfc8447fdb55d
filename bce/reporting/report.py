"""Checked derivations as plain data and as lines of text.

The same object travels from the kernel to the page, and from ``bce check --format json``
to other programs.
"""

from __future__ import annotations

from typing import TypedDict

from bce.algebra.expression import Operator
from bce.reading.cells import Kind
from bce.reading.derivation import Derivation
from bce.reading.rows import Expected
from bce.verdicts import Checked, Step, VerdictKind

#: What a notebook calls the object that `report` returns.
MIME_TYPE = "application/vnd.bce.derivation+json"
#: Version of this object.
SCHEMA = 1


class StepReport(TypedDict):
    """One relation of a chain, with its verdict."""

    step: int
    name: str | None
    id: str
    left: str
    relation: Operator
    right: str
    reason: str
    verdict: VerdictKind
    expected: Expected
    point: dict[str, str] | None
    values: list[str] | None
    open: list[str]
    method: str
    obligations: list[str]
    line: int


class Report(TypedDict):
    """One definition or derivation; every formula is the author's LaTeX."""

    id: str
    kind: Kind
    title: str
    file: str
    line: int
    given: list[str]
    where: list[str]
    uses: list[str]
    source: str | None
    head: str
    steps: list[StepReport]


def report(checked: Checked) -> Report:
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


def _step_report(derivation: Derivation, step: Step) -> StepReport:
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
