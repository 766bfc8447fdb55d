r"""Limits: proved by their largest terms, never against an independent estimate."""

from __future__ import annotations

from fractions import Fraction

import pytest
from trial_cells import decide, trial

from bce.audit.independent import judge
from bce.verdicts import check

TRUE = [
    ("a real", "\\lim_{t \\to \\infty} \\frac{1}{1 + e^{-t}} &= 1"),
    ("a real", "\\lim_{t \\to -\\infty} \\frac{1}{1 + e^{-t}} &= 0"),
    ("a real", "\\lim_{t \\to 0^+} t \\log t &= 0"),
    ("a real", "\\lim_{t \\to 0^+} \\log t &= -\\infty"),
    ("a real", "\\lim_{t \\to \\infty} (t + \\log(1 + e^{-t})) &= \\infty"),
    ("a real", "\\lim_{t \\to 0} \\frac{e^{t} - 1}{t} &= 1"),
    ("a real", "\\lim_{t \\to 0} \\frac{1}{t^2} &= \\infty"),
    ("a real", "\\lim_{t \\to a} t^2 &= a^2"),
    ("a > 0", "\\lim_{t \\to \\infty} a t &= \\infty"),
    ("a != 0; a real", "\\lim_{t \\to \\infty} \\frac{a t + 1}{a t} &= 1"),
    ("a real", "\\lim_{t \\to \\infty} (\\sqrt{t^2 + t} - t) &= \\frac{1}{2}"),
    ("a real", "\\lim_{t \\to \\infty} t (\\log(e^{t} + 1) - t) &= 0"),
    ("a real", "\\lim_{t \\to \\infty} \\frac{d}{dt} (\\log(1 + e^{t})) &= 1"),
]


@pytest.mark.parametrize(("given", "row"), TRUE, ids=[row for _, row in TRUE])
def test_true_limit_is_proved_and_independently_estimated(given: str, row: str) -> None:
    one = trial(given, row)
    assert check(one).steps[0].verdict.kind == "proved"
    assert judge(one.statement(one.rows[0]), {"a": Fraction(3, 2)}) == "true"


NOT_TRUE = [
    ("a real", "\\lim_{t \\to 0} \\frac{|t|}{t} &= 1"),
    ("a real", "\\lim_{t \\to 0} \\frac{1}{t} &= \\infty"),
    ("a real", "\\lim_{t \\to 0} t \\log t &= 0"),
    ("a real", "\\lim_{t \\to \\infty} \\frac{a t + 1}{a t} &= 1"),
    ("a real", "\\lim_{t \\to \\infty} a t &= \\infty"),
    ("a real", "\\lim_{t \\to \\infty} \\frac{1}{t} &= 1"),
    ("a real", "\\lim_{t \\to \\infty} t &= -\\infty"),
    ("a real", "\\lim_{t \\to \\infty} t - \\lim_{t \\to \\infty} t &= 0"),
    ("a real", "\\infty - \\infty &= 0"),
    ("a real", "\\frac{1}{\\infty} &= 0"),
    ("a real", "\\lim_{t \\to 0} \\begin{cases} 1 & t = 0 \\\\ 0 & \\text{otherwise} \\end{cases} &= 1"),
    ("a real", "\\lim_{t \\to \\infty} e^{-a t} &= 0"),
    ("a >= 0", "\\lim_{t \\to \\infty} \\frac{t}{a t + 1} &= \\frac{1}{a}"),
    ("a real", "\\lim_{t \\to \\infty} \\sqrt{a t} &= \\infty"),
]


@pytest.mark.parametrize(("given", "row"), NOT_TRUE, ids=[row for _, row in NOT_TRUE])
def test_limit_that_is_false_or_does_not_exist_is_not_proved(given: str, row: str) -> None:
    assert decide(given, row).kind != "proved"


def test_limit_of_two_cases_ends_in_words() -> None:
    assert decide("x > 0", "\\lim_{t \\to \\infty} \\frac{\\max(x, t)}{\\max(x, t)} &= 0").kind == "unproved"
