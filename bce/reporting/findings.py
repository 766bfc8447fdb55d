"""What is wrong with a text: one finding for every unreadable place and every step not as expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bce.reading.cells import Problem
from bce.verdicts import VerdictKind

from .phrases import claim, counterexample
from .report import Report, StepReport, is_as_expected

Rule = Literal[VerdictKind, "error"]

#: The kinds of findings, with what each means. A row that is *defined* is none: that is always as expected.
RULES: dict[Rule, str] = {
    "error": "the text cannot be read",
    "refuted": "the relation certainly fails at a point of the domain",
    "unproved": "the step is neither proved nor refuted",
    "proved": "a step that is marked as a mistake is true",
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


def findings(reports: Iterable[Report], problems: Iterable[Problem]) -> list[Finding]:
    """Return all findings, file by file and from top to bottom."""
    found = [finding for report in reports for finding in step_findings(report)]
    found += map(problem_finding, problems)
    return sorted(found, key=lambda finding: (finding.file, finding.line, finding.column))


def step_findings(report: Report) -> list[Finding]:
    """Return a finding for every step that did not turn out as expected."""
    return [
        Finding(
            file=report["file"],
            line=step["line"],
            column=step["column"],
            width=step["width"],
            rule=step["verdict"],
            where=step["id"],
            message=_complaint(step),
        )
        for step in report["steps"]
        if not is_as_expected(step)
    ]


def problem_finding(problem: Problem) -> Finding:
    """Return an unreadable place as a finding."""
    step = "" if problem.step is None else f".{problem.step}"
    where = "" if problem.derivation is None else f"{problem.derivation}{step}"
    return Finding(problem.file, problem.line, problem.column, problem.width, "error", where, problem.message)


def _complaint(step: StepReport) -> str:
    example, open_ = step["counterexample"], "; ".join(step["open"])
    if example is not None:
        return counterexample(example["point"], example["values"], claim(step))
    if step["expected"] == "refuted":
        how = "is in fact true" if step["verdict"] == "proved" else f"could not be refuted ({open_})"
        return f"marked \\refuted, but {claim(step)} {how}"
    return f"{claim(step)}: {open_}"
