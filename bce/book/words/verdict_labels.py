"""How verdicts are worded, on pages and in notebooks alike."""

from __future__ import annotations

from typing import NamedTuple

from bce.reporting.report import StepReport
from bce.verdicts import VerdictKind


class VerdictLabel(NamedTuple):
    """How a verdict is shown: by a sign and by words, so that colour is never needed."""

    sign: str
    words: str
    css_class: str


_LABELS: dict[VerdictKind, VerdictLabel] = {
    "proved": VerdictLabel("✓", "proved", "proved"),
    "defined": VerdictLabel("✓", "defined", "defined"),
    "refuted": VerdictLabel("✗", "refuted", "unexpected"),
    "unproved": VerdictLabel("?", "not proved", "unexpected"),
}


def verdict_label(step: StepReport) -> VerdictLabel:
    """Say how a step was decided, and whether that was expected.

    Examples
    --------
    >>> verdict_label({"verdict": "refuted", "expected": "refuted"})
    VerdictLabel(sign='✗', words='refuted, as expected', css_class='refuted-as-expected')
    """
    verdict, expected = step["verdict"], step["expected"]
    if verdict == "proved" and expected == "refuted":
        return VerdictLabel("!", "proved, but marked as a mistake", "unexpected")
    if verdict == "refuted" and expected == "refuted":
        return VerdictLabel("✗", "refuted, as expected", "refuted-as-expected")
    return _LABELS[verdict]
