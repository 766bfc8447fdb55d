"""The report of a checked cell, as it travels from the kernel to whatever shows it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypedDict


class StepReport(TypedDict):
    """One relation of a chain, with its verdict."""

    step: int
    name: str | None
    id: str
    left: str
    relation: str
    right: str
    reason: str
    verdict: Literal["proved", "refuted", "unproved"]
    expected: Literal["proved", "refuted"]
    point: dict[str, str] | None
    values: list[str] | None
    open: list[str]
    method: str
    obligations: list[str]
    line: int


class Report(TypedDict):
    """One definition or derivation; every formula is the author's LaTeX."""

    id: str
    kind: Literal["definition", "derivation"]
    title: str
    file: str
    line: int
    given: list[str]
    where: list[str]
    uses: list[str]
    source: str | None
    head: str
    steps: list[StepReport]


class VerdictLabel(NamedTuple):
    """How a verdict is shown: by a sign and by words, so that colour is never needed."""

    sign: str
    words: str
    css_class: str


def verdict_label(report: Report, step: StepReport) -> VerdictLabel:
    """Say how a step was decided, and whether that was expected.

    Examples
    --------
    >>> verdict_label({"kind": "derivation"}, {"verdict": "refuted", "expected": "refuted"})
    VerdictLabel(sign='✗', words='refuted, as expected', css_class='refuted-as-expected')
    """
    verdict, expected = step["verdict"], step["expected"]
    if verdict == "proved":
        if expected == "refuted":
            return VerdictLabel("!", "proved, but marked as a mistake", "unexpected")
        words = "well defined" if report["kind"] == "definition" else "proved"
        return VerdictLabel("✓", words, "proved")
    if verdict == "refuted":
        if expected == "refuted":
            return VerdictLabel("✗", "refuted, as expected", "refuted-as-expected")
        return VerdictLabel("✗", "refuted", "unexpected")
    return VerdictLabel("?", "not proved", "unexpected")
