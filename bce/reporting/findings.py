"""What is wrong with a text: one finding for every unreadable place and every step not as expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bce.reading.cells import Problem
from bce.verdicts import Checked, Step, VerdictKind

Rule = Literal[VerdictKind, "error"]

#: The kinds of findings, with what each means. A row that is *defined* is none: that is always as expected.
RULES: dict[Rule, str] = {
    "error": "the text cannot be read",
    "refuted": "the two sides certainly differ at a point of the domain",
    "unproved": "the step is neither proved nor refuted",
    "proved": "a step marked as a mistake is true",
}


@dataclass(frozen=True)
class Finding:
    """A place in a file and what is wrong there. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    width: int
    rule: Rule
    where: str
    message: str

    def __str__(self) -> str:
        where = f" {self.where}:" if self.where else ""
        return f"{self.file}:{self.line}:{where} {self.rule}: {self.message}"


def findings(checked: Iterable[Checked], problems: Iterable[Problem]) -> Iterator[Finding]:
    """Yield all findings, those of checked derivations first."""
    for one in checked:
        yield from step_findings(one)
    for problem in problems:
        yield problem_finding(problem)


def step_findings(checked: Checked) -> list[Finding]:
    """Return a finding for every step that did not turn out as expected."""
    derivation = checked.derivation
    return [
        Finding(
            file=derivation.file,
            line=step.row.line,
            column=step.row.column,
            width=step.row.width,
            rule=step.verdict.kind,
            where=f"{derivation.id}.{step.row.label}",
            message=_complaint(step),
        )
        for step in checked.steps
        if not step.as_expected
    ]


def problem_finding(problem: Problem) -> Finding:
    """Return an unreadable place as a finding."""
    step = "" if problem.step is None else f".{problem.step}"
    where = "" if problem.derivation is None else f"{problem.derivation}{step}"
    return Finding(problem.file, problem.line, problem.column, problem.width, "error", where, problem.message)


def _complaint(step: Step) -> str:
    row, verdict = step.row, step.verdict
    relation = " ".join(f"{row.left_latex} {row.relation.operator} {row.right_latex}".split())
    if verdict.counterexample is not None:
        left, right = verdict.counterexample.values
        point = verdict.counterexample.where()
        return f"{relation} at {point}: the left side is {left}, the right side is {right}"
    if row.expected == "refuted":
        how = "is in fact true" if verdict.kind == "proved" else f"could not be refuted ({'; '.join(verdict.open)})"
        return f"marked \\refuted, but {relation} {how}"
    return f"{relation}: {'; '.join(verdict.open)}"
