"""Checked derivations as plain data: what `bce check --format json`, the pages and other programs read.

`SCHEMA_FILE` is the JSON Schema of both documents that hold such data: what the command prints, and the
``derivations.json`` of a built book.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from bce.algebra.decide.refute import Counterexample
from bce.algebra.expression import Operator
from bce.reading.cells import Kind
from bce.reading.derivation import Derivation
from bce.reading.rows import Expected
from bce.verdicts import Checked, Step, VerdictKind

#: What a notebook calls the object that `report` returns.
MIME_TYPE = "application/vnd.bce.derivation+json"
SCHEMA_FILE = Path(__file__).with_name("derivations.schema.json")

#: Version of the format. It grows when a field changes its meaning or goes.
SCHEMA = 1


class CounterexampleReport(TypedDict):
    """A rational point of the domain, and what the left and the right side are there."""

    point: dict[str, str]
    values: list[str]


class RuleReport(TypedDict):
    """A proof rule that a step rests on, and what it was applied to (nothing where no short text says it)."""

    rule: str
    to: str


class StepReport(TypedDict):
    """One relation of a chain, with its verdict and the place of its sign in the file."""

    step: int
    name: str | None
    id: str
    left: str
    relation: Operator
    right: str
    reason: str
    verdict: VerdictKind
    expected: Expected
    counterexample: CounterexampleReport | None
    open: list[str]
    method: str
    rules: list[RuleReport]
    obligations: list[str]
    line: int
    column: int
    width: int


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
    return {
        "step": row.step,
        "name": row.name,
        "id": derivation.step_id(row),
        "left": row.left_latex,
        "relation": row.relation.operator,
        "right": row.right_latex,
        "reason": row.reason,
        "verdict": verdict.kind,
        "expected": row.expected,
        "counterexample": _counterexample_report(verdict.counterexample),
        "open": list(verdict.open),
        "method": verdict.method,
        "rules": [{"rule": use.rule, "to": use.to} for use in verdict.trace],
        "obligations": list(verdict.met),
        "line": row.line,
        "column": row.column,
        "width": row.width,
    }


def _counterexample_report(example: Counterexample | None) -> CounterexampleReport | None:
    if example is None:
        return None
    return {"point": {name: str(value) for name, value in example.point.items()}, "values": list(example.values)}


def is_as_expected(step: StepReport) -> bool:
    """Tell whether a step is proved or defined, or refuted if its author marked it as a mistake."""
    return step["verdict"] == step["expected"]
