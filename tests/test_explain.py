r"""What ``--explain`` shows: the normal forms of both sides, with each kind of generator spelled out."""

from __future__ import annotations

import pytest
from trial_cells import trial

from bce.reporting.explain import explain
from bce.verdicts import check

GIVEN = "n positive integer; a, b > 0; x real; p_i > 0"

NORMAL_FORMS = [
    ("x - x", "0"),
    ("-x + 2", "2 - x"),
    ("-x - 2 a", "-2*a - x"),
    ("3 a b^2", "3*a*b^2"),
    ("e^{-x}", "1 / exp(x)"),
    ("e^{2 x}", "exp(x)^2"),
    ("\\log(a + b)", "log(a + b)"),
    ("\\log(12 a)", "2*log(2) + log(3) + log(a)"),
    ("\\sqrt{a + b}", "root2(a + b)"),
    ("a^{\\frac{1}{3}}", "root3(a)"),
    ("p_2 p_{n+1}", "p[1 + n]*p[2]"),
    ("\\sum_{k=1}^{n} p_k^2", "sum(index 0=1..n: p[index 0]^2)"),
    ("\\frac{1}{a + b}", "1 / (a + b)"),
]


def normal_form(formula: str) -> str:
    checked = check(trial(GIVEN, f"{formula} &= {formula} + x - x"))
    (line,) = [line for line in explain(checked, "trial.1").splitlines() if line.startswith("  left:")]
    return line.removeprefix("  left:").strip()


@pytest.mark.parametrize(("formula", "shown"), NORMAL_FORMS)
def test_a_normal_form_is_written_with_its_generators(formula: str, shown: str) -> None:
    assert normal_form(formula) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a x + b e^{x}", "b e^{x} + a x"),
        ("\\log(a b)", "\\log b + \\log a"),
        ("\\sum_{i=1}^{n} \\log p_i", "\\log(\\prod_{k=1}^{n} p_k)"),
    ],
)
def test_equal_formulas_are_written_alike_in_whatever_order_they_are_met(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)
