r"""Refutations: a point of the domain, certified values, and nothing true ever refuted."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from trial_cells import ENTROPY, SIGMOID, checked_book, decide, derivation, kinds, trial

from bce.algebra.decide.prove import prove
from bce.audit.independent import in_domain, judge, replays, value_of
from bce.audit.values import ball, precision
from bce.verdicts import check

LENGTHS = "n, j positive integer; j <= n; p_i real"

FALSE = [
    ("x real", "\\frac{d}{dx} \\log(1 + e^{-x}) &= \\frac{-e^{-x}}{1 + e^{x}}"),
    ("x, z real", "-x - e^{-x} &= -x - e^{-z}"),
    ("x real", "\\sigma(-x) &= \\sigma(x)"),
    ("x real", "\\sigma'(x) &= \\sigma(x) (1 + \\sigma(x))"),
    ("x real", "|x| &= x"),
    ("x real", "\\sqrt{x^2} &= x"),
    ("x real; x != 0", "\\log(x^2) &= 2 \\log|x| + 1"),
    ("p, q in (0, 1)", "\\log(p + q) &= \\log p + \\log q"),
    ("0 < p < 1", "p &\\le p^2"),
    ("0 <= z <= 1", "z &< 1"),
    ("0 <= z <= 1", "z &> 0"),
    ("x real", "x^2 &> 0"),
    ("x real", "x &\\ne x^2"),
    ("y in {0, 1}", "y &= 1 - y"),
    ("y in {0, 1}", "2 y &= y^2 + 1"),
    ("n positive integer; x_i real", "\\sum_{i=1}^{n} x_i^2 &= (\\sum_{i=1}^{n} x_i)^2"),
    ("n positive integer; p_i > 0; \\sum_{i=1}^{n} p_i = 1", "\\sum_{i=1}^{n} p_i^2 &= 1"),
    ("n positive integer; p_i > 0; \\sum_{i=1}^{n} p_i^2 = 1", "\\sum_{i=1}^{n} p_i &= 1"),
    ("p, q in (0, 1); p + q = 1", "p &= q"),
    ("p, q in (0, 1); p != q", "p &< q"),
    (LENGTHS, "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} p_i^2) &= 2 \\sum_{i=1}^{n} p_i"),
    ("x real", "\\max(x, 0) &= \\min(x, 0)"),
    ("x real", "e^{100 + x} &= e^{100 + x} + 1"),
    ("x real", "9^{9999} &= 9^{9998}"),
    ("x > 0", "\\log_2 x &= \\log x"),
    ("x > 0", "x^{\\frac{1}{2}} &= x"),
]


@pytest.mark.parametrize(("given", "row"), FALSE, ids=[row for _, row in FALSE])
def test_false_row_is_refuted_at_a_point_that_an_independent_evaluator_confirms(given: str, row: str) -> None:
    one = trial(given, row, SIGMOID)
    verdict = check(one).steps[0].verdict
    assert verdict.kind == "refuted", verdict
    statement = one.statement(one.rows[0])
    assert in_domain(statement, verdict.counterexample.point)
    assert replays(statement, verdict.counterexample.point)


def test_every_refutation_of_the_book_is_confirmed_by_an_independent_evaluator() -> None:
    refuted = [
        (checked.derivation.statement(step.row), step.verdict.counterexample)
        for checked in checked_book()
        for step in checked.steps
        if step.verdict.counterexample is not None
    ]
    assert len(refuted) > 5
    for statement, counterexample in refuted:
        assert in_domain(statement, counterexample.point), statement.relation
        assert replays(statement, counterexample.point), statement.relation


def test_printed_values_are_the_values_at_the_point_to_the_last_digit() -> None:
    for given, row in FALSE:
        one = trial(given, row, SIGMOID)
        example = check(one).steps[0].verdict.counterexample
        statement = one.statement(one.rows[0])
        for side, printed in zip((one.rows[0].relation.left, one.rows[0].relation.right), example.values, strict=True):
            with precision(400):
                exact = ball(value_of(statement, side, example.point))
                shown = ball(Fraction(printed.rstrip("…")))
                tolerance = abs(exact) * 2 / 10**12 if printed.endswith("…") else abs(exact) / 2**300
                assert abs(exact - shown) <= tolerance or exact.overlaps(shown), (row, printed)


TRUE = [
    # values that floating point would get wrong
    ("x real", "1 - \\sigma(1000 + x^2) &> 0"),
    ("x real", "\\log(1 + e^{-1000 - x^2}) &> 0"),
    ("x real", "(10^{40} + e^{x}) - 10^{40} &= e^{x}"),
    ("0 < p < 1", "p^{60} &> 0"),
    # truths at the edge of a domain
    ("0 <= z <= 1", "z (1 - z) &\\ge 0"),
    ("y in {0, 1}", "y (1 - y) &= 0"),
    ("x real", "x^2 &\\ge 0"),
    ("x real", "|x| + x &\\ge 0"),
    # truths that the prover has no rule for
    ("x real", "e^{x} &\\ge 1 + x"),
    ("x, y real", "x^2 + y^2 &\\ge 2 x y"),
    ("x > 0", "\\log x &< x"),
    ("x real", "\\frac{e^{x} + e^{-x}}{2} &\\ge 1"),
    ("n positive integer; p_i > 0; \\sum_{i=1}^{n} p_i = 1", "p_1 &\\le 1"),
    ("n positive integer", "\\sum_{i=1}^{n} i &= \\frac{n (n + 1)}{2}"),
    ("n positive integer; p_i real", "\\sum_{i=1}^{n} \\sum_{k=1}^{i} p_k &= \\sum_{k=1}^{n} (n - k + 1) p_k"),
    ("n positive integer; y_i in {0, 1}", "\\sum_{i=1}^{n} y_i^2 &= \\sum_{i=1}^{n} y_i"),
    # truths wherever both sides have a value
    ("x real", "\\log(x^2) &= 2 \\log|x|"),
    ("x real", "\\frac{x^2}{x} &= x"),
    ("x real", "\\frac{d}{dx} |x| &= \\frac{|x|}{x}"),
]


@pytest.mark.parametrize(("given", "row"), TRUE, ids=[row for _, row in TRUE])
def test_true_row_is_never_refuted(given: str, row: str) -> None:
    one = trial(given, row, SIGMOID)
    assert check(one).steps[0].verdict.kind != "refuted"


@pytest.mark.parametrize("right", ["x", "x + 1"])
def test_derivative_by_a_helper_of_a_formula_with_its_symbols_is_not_decided_by_guess(right: str) -> None:
    # With h = e^x, does the x of x h move with h? Both are read by somebody.
    row = f"\\frac{{\\partial}}{{\\partial h}} (x h) &= {right}"
    verdict = decide("x real", row, where="h = e^{x}")
    assert verdict.kind == "unproved"
    assert "a derivative by h of a formula that contains x too, on which h depends" in verdict.open[0]


def test_relation_that_holds_at_some_points_only_is_refuted_at_another() -> None:
    verdict = decide("x real", "x^2 &= x")
    point = verdict.counterexample.point["x"]
    assert point**2 != point


def test_label_is_0_or_1_in_a_counterexample() -> None:
    assert decide("y in {0, 1}; x real", "y x &= x").counterexample.point["y"] == 0


def test_counterexample_satisfies_declared_equations() -> None:
    verdict = decide("n positive integer; 0 < p_i <= 1; \\sum_{i=1}^{n} p_i = 1", "H(p) &= 0", ENTROPY)
    point = verdict.counterexample.point
    assert sum(point[f"p_{k}"] for k in range(1, int(point["n"]) + 1)) == 1


def test_where_strict_relation_fails_by_equality_the_counterexample_is_a_point_of_equality() -> None:
    one = trial("0 < p < 1", "(p - \\frac{1}{2})^2 &> 0")
    verdict = check(one).steps[0].verdict
    assert verdict.kind == "refuted"
    assert verdict.counterexample.point == {"p": Fraction(1, 2)}


def test_refuted_row_marked_as_expected_lets_the_next_row_continue_from_the_last_true_one() -> None:
    rows = ("2 x &= x + x && true", "&= x && a slip \\refuted", "&= 3 x - x && true again")
    assert kinds(derivation("x real", *rows)) == ["proved", "refuted", "proved"]


def test_independent_evaluator_knows_undefined_from_false() -> None:
    one = trial("x real", "\\frac{x}{x} &= 1")
    statement = one.statement(one.rows[0])
    assert judge(statement, {"x": Fraction(0)}) == "undefined"
    assert judge(statement, {"x": Fraction(3)}) == "true"
    assert judge(trial("x real", "x &= 1").statement(trial("x real", "x &= 1").rows[0]), {"x": Fraction(3)}) == "false"


@pytest.mark.parametrize(
    ("row", "point"),
    [
        ("\\log p &\\ne \\log 2", {"p": 2}),
        ("e^{x} &\\ne e^{2 - x}", {"x": 1}),
        ("\\sqrt{p} &\\ne \\frac{\\sqrt{8}}{2}", {"p": 2}),
    ],
)
def test_sides_that_no_enclosure_can_tell_apart_are_proved_equal_at_a_point(row: str, point: dict) -> None:
    one = trial("p > 0; x real", row)
    verdict = check(one).steps[0].verdict
    assert verdict.kind == "refuted"
    assert verdict.method == "both sides are proved equal at a rational point"
    assert verdict.counterexample.point == point
    assert replays(one.statement(one.rows[0]), verdict.counterexample.point)


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ("p > 2", "\\log p &\\ne \\log 2"),
        ("x real", "e^{x} &\\ne -e^{2 - x}"),
        ("x != 1; x real", "e^{x} &\\ne e^{2 - x}"),
    ],
)
def test_sides_that_are_equal_outside_of_the_domain_only_are_not_refuted(given: str, row: str) -> None:
    assert decide(given, row).kind != "refuted"


FALSE_PROOFS = ["x &= x + 1", "x &> x + 1", "e^{x} &\\le 0", "e^{-x} &= 1 - x + \\frac{x^2}{2}", "x^2 &\\ne x x"]


@pytest.mark.parametrize("row", FALSE_PROOFS)
def test_false_proof_is_caught_and_said_to_be_a_fault_of_the_verifier(monkeypatch, row: str) -> None:
    monkeypatch.setattr("bce.verdicts.prove", lambda statement: replace(prove(statement), proved=True))
    verdict = decide("x real", row)
    assert verdict.kind == "unproved"
    assert "a fault of the verifier" in verdict.open[0]


def test_proof_that_no_enclosure_contradicts_stands(monkeypatch) -> None:
    monkeypatch.setattr("bce.verdicts.prove", lambda statement: replace(prove(statement), proved=True))
    assert decide("x real", "e^{x} &\\ge 1 + x").kind == "proved"
