"""How verdicts are worded, on pages and in notebooks alike."""

from __future__ import annotations

from typing import NamedTuple

from bce.reporting.report import Report, StepReport


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
