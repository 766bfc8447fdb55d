r"""What is proved: true rows of every kind, and never one that is false or undefined somewhere.

Each table gives a declared domain, a row, and what it takes to see why.
"""

from __future__ import annotations

import pytest
from trial_cells import CROSS, ENTROPY, GAP, SIGMOID, decide, definition

from bce.reading.cells import ReadError

LENGTHS = "n, j positive integer; j <= n; p_i, q_i real"
DISTRIBUTION = "n positive integer; 0 < p_i <= 1; \\sum_{i=1}^{n} p_i = 1"

TRUE = [
    # logarithms, exponentials and powers
    ("x real", "\\log(e^{-x}) &= -x"),
    ("p, q > 0", "\\log\\frac{p}{q} &= \\log p - \\log q"),
    ("p > 0; x real", "\\log(p^{x}) &= x \\log p"),
    ("x != 0; x real", "\\log(x^2) &= 2 \\log |x|"),
    ("0 < p < 1", "\\log(1 - p^2) &= \\log(1 - p) + \\log(1 + p)"),
    ("x real", "e^{2 \\log(1 + e^{x})} &= (1 + e^{x})^2"),
    ("p > 0", "\\log_2(8 p) &= 3 + \\log_2 p"),
    ("x > 0", "\\sqrt{x} \\sqrt{x} &= x"),
    ("x real", "\\sqrt{x^2} &= |x|"),
    ("x > 0", "x^{\\frac{1}{2}} x^{\\frac{1}{3}} &= x^{\\frac{5}{6}}"),
    ("x real", "\\frac{1}{1 + e^{-x}} &= \\frac{e^{x}}{e^{x} + 1}"),
    # |x|, max, min and cases
    ("x real", "\\max(x, 0) - \\min(x, 0) &= |x|"),
    ("x, y real", "\\lvert x y \\rvert &= \\lvert x \\rvert \\lvert y \\rvert"),
    ("x, y real; y != 0", "\\left|\\frac{x}{y}\\right| &= \\frac{|x|}{|y|}"),
    ("x, y real", "\\sqrt{x^4 y^2} &= x^2 |y|"),
    ("x real", "x + \\log(1 + e^{-x}) &= \\max(x, 0) + \\log(1 + e^{-|x|})"),
    ("x, y real", "\\max(x, y) &= \\frac{x + y + |x - y|}{2}"),
    ("x real", "\\begin{cases} x & x \\ge 0 \\\\ -x & \\text{otherwise} \\end{cases} &= |x|"),
    ("y in {0, 1}", "y^2 &= y"),
    ("y, z in {0, 1}; y + z = 1", "y z &= 0"),
    # sums
    ("n positive integer; x real", "\\sum_{i=1}^{n} x &= n x"),
    (LENGTHS, "\\sum_{i=1}^{n} (2 p_i - q_i) &= 2 \\sum_{i=1}^{n} p_i - \\sum_{k=1}^{n} q_k"),
    (LENGTHS, "\\sum_{i=1}^{n} p_i &= p_1 + \\sum_{i=2}^{n} p_i"),
    (LENGTHS, "\\sum_{i=1}^{n-1} p_i + p_n &= \\sum_{i=1}^{n} p_i"),
    (LENGTHS, "\\sum_{i=1}^{n} \\sum_{k=1}^{n} p_i q_k &= (\\sum_{i=1}^{n} p_i) (\\sum_{i=1}^{n} q_i)"),
    ("x real", "\\sum_{i=1}^{0} x &= 0 \\cdot x"),
    ("x real", "\\sum_{i=1}^{3} x^{i} &= x + x^2 + x^3"),
    ("n positive integer; x_i > 0", "\\log\\left(\\prod_{i=1}^{n} x_i\\right) &= \\sum_{i=1}^{n} \\log(x_i)"),
    ("n nonnegative integer; x > 0", "\\prod_{i=1}^{n} x &= x^{n}"),
    (DISTRIBUTION, "\\sum_{i=1}^{n} 2 p_i &= 2"),
    # derivatives
    ("x real", "\\frac{d}{dx} e^{x^2} &= 2 x e^{x^2}"),
    ("x real; x != 0", "\\frac{d}{dx} |x| &= \\frac{|x|}{x}"),
    ("x > 0", "\\frac{d^2}{dx^2} (x \\log x) &= \\frac{1}{x}"),
    ("x, y real", "\\frac{\\partial}{\\partial x} (x y) &= y"),
    (LENGTHS, "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} p_i^2) &= 2 p_j"),
    (LENGTHS, "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} \\sum_{k=1}^{n} p_i p_k) &= 2 \\sum_{i=1}^{n} p_i"),
    (
        LENGTHS,
        "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} p_i (\\sum_{k=1}^{n} q_k)) &= \\sum_{k=1}^{n} q_k",
    ),
    # inequalities
    ("x real", "e^{x} &> 0"),
    ("0 < p < 1", "p (1 - p) &> 0"),
    ("0 <= z <= 1", "z (1 - z) &\\ge 0"),
    ("x real", "x^2 + x + 1 &> 0"),
    ("t > 0", "t - 1 - \\log t &\\ge 0"),
    ("p, q in (0, 1); p != q", "(p - q)^2 &> 0"),
    ("p, q in (0, 1); p != q", "p &\\ne q"),
    ("x real", "\\log(1 + e^{-x}) &> 0"),
    ("n positive integer; p_i > 0", "\\sum_{i=1}^{n} p_i &> 0"),
    ("0 < p <= 1", "-\\log p &\\ge 0"),
]


@pytest.mark.parametrize(("given", "row"), TRUE, ids=[row for _, row in TRUE])
def test_true_row_is_proved(given: str, row: str) -> None:
    verdict = decide(given, row)
    assert verdict.kind == "proved", verdict


UNDEFINED_SOMEWHERE = [
    ("x real", "\\frac{x}{x} &= 1"),
    ("x real", "\\frac{x^2 - 1}{x - 1} &= x + 1"),
    ("x real", "e^{\\log x} &= x"),
    ("x real", "\\log(x^2) &= 2 \\log x"),
    ("x real", "0 \\cdot \\log x &= 0"),
    ("0 <= p <= 1", "p \\log p - p \\log p &= 0"),
    ("0 <= p < 1", "-p \\log p &\\ge 0"),
    ("0 < p <= 1", "\\log\\frac{p}{1 - p} &= \\log p - \\log(1 - p)"),
    ("x >= 0", "x^0 &= 1"),
    ("x real", "0^0 &= 1"),
    ("x > 0", "0^{x} &= 0"),
    ("x, y real", "x^{y} x^{-y} &= 1"),
    ("x real", "(x^3)^{\\frac{1}{3}} &= x"),
    ("x real", "\\sqrt{x} \\sqrt{x} &= x"),
    ("a, b real; a b > 0", "\\log(a b) &= \\log a + \\log b"),
    ("x >= 0", "x \\frac{d}{dx} \\sqrt{x} &= \\frac{\\sqrt{x}}{2}"),
    ("x real", "x \\frac{d}{dx} |x| &= |x|"),
    ("x real", "x \\frac{d}{dx} (\\sqrt{x^2}) &= \\sqrt{x^2}"),
    ("x real", "\\frac{d}{dx} \\max(x, 0) &= \\begin{cases} 1 & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}"),
    ("x real", "\\begin{cases} x & x > 0 \\\\ -x & x < 0 \\end{cases} &= |x|"),
    ("n positive integer; p_i >= 0", "\\sum_{i=1}^{n} \\frac{p_i}{p_i} &= n"),
    ("n positive integer; x_i real", "\\prod_{i=1}^{n} x_i^2 &= (\\prod_{i=1}^{n} x_i)^2"),
    ("0 <= s < 1; p_i > 0", "p_{s} &> 0"),
    ("p_i > 0", "p_{\\frac{1}{2}} &> 0"),
]


@pytest.mark.parametrize(("given", "row"), UNDEFINED_SOMEWHERE, ids=[row for _, row in UNDEFINED_SOMEWHERE])
def test_row_that_is_undefined_on_a_part_of_the_domain_is_not_proved(given: str, row: str) -> None:
    assert decide(given, row).kind != "proved"


#: The factors (n-1)(n-2) hide a row from the first numbers that anyone would try.
FALSE = [
    ("n positive integer", "\\sum_{i=3}^{n} 1 &= n - 2"),
    ("n integer", "\\sum_{i=1}^{n} 1 &= n"),
    ("n positive integer", "(\\sum_{i=1}^{n} |i - 2|)^2 &= (\\sum_{i=1}^{n} (i - 2))^2"),
    (
        "n positive integer",
        "(\\sum_{i=1}^{n} \\begin{cases} 1 & i \\ge 3 \\\\ -1 & \\text{otherwise} \\end{cases})^2 &= n^2",
    ),
    (
        "n positive integer; x_i real",
        "(n-1)(n-2) (\\sum_{i=1}^{n} |x_i|)^2 &= (n-1)(n-2) (\\sum_{i=1}^{n} x_i)^2",
    ),
    (LENGTHS, "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} p_i p_{i+1}) &= p_{j+1}"),
    (LENGTHS, "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} p_i (\\sum_{k=1}^{n} q_k)) &= n q_j"),
    (LENGTHS, "\\frac{\\partial}{\\partial p_j} (\\sum_{i=1}^{n} p_i) &= n"),
    (DISTRIBUTION, "\\frac{\\partial}{\\partial p_1} (\\sum_{i=1}^{n} p_i) &= 0"),
    ("p, q in (0, 1); p + q = 1", "\\frac{\\partial}{\\partial p} (p q) &= 1 - 2 p"),
    (DISTRIBUTION, "p_1 &< 1"),
    (DISTRIBUTION + "; m positive integer", "\\sum_{i=1}^{m} p_i &= 1"),
    ("n nonnegative integer; p_i > 0", "\\sum_{i=1}^{n} p_i &> 0"),
    ("0 <= z <= 1", "z &< 1"),
    ("x real", "x^2 &> 0"),
    ("x real", "\\sqrt{x^2} &= x"),
    ("x < 0", "x^{\\frac{2}{3}} &= x"),
    ("x real", "|x| &= x"),
    ("p, q in (0, 1)", "(p - q)^2 &> 0"),
    ("x in [-1, 1]", "|x| &< 1"),
]


@pytest.mark.parametrize(("given", "row"), FALSE, ids=[row for _, row in FALSE])
def test_false_row_is_not_proved(given: str, row: str) -> None:
    assert decide(given, row).kind != "proved"


# --- helper quantities and functions --------------------------------------------------


def test_derivative_by_a_helper_quantity_treats_it_as_the_variable() -> None:
    assert decide("x real", "\\frac{d}{dh} h^2 &= 2 h", where="h = e^{x}").kind == "proved"
    assert decide("x real", "\\frac{d}{dx} h^2 &= 2 h^2", where="h = e^{x}").kind == "proved"
    assert decide("x real", "\\frac{d}{dx} h^2 &= 2 h", where="h = e^{x}").kind == "refuted"


def test_helper_quantity_is_read_anew_in_every_case() -> None:
    assert decide("x real", "h &= x", where="h = |x|").kind == "refuted"
    hidden = "(n-1)(n-2)(n-3)(n-4)"
    row = f"{hidden} k &= {hidden} x^2"
    assert decide("x real; n positive integer", row, where="h = |x|; k = h x").kind != "proved"


def test_derivative_by_a_member_that_has_a_value_of_its_own_is_never_0() -> None:
    assert decide("p_i real", "\\frac{\\partial}{\\partial p_2} p_2 &= 0", where="p_2 = 1 - p_1").kind != "proved"


def test_nested_derivatives_do_not_confuse_their_variables() -> None:
    inner = definition("inner", "x, y real", "g(x, y) = \\frac{\\partial}{\\partial x} (x y)")
    outer = definition("outer", "x, y real", "k(x, y) = \\frac{\\partial}{\\partial x} g(y, x)", uses="inner")
    row = "(n-1)(n-2) k(x, x) &="
    assert decide("n positive integer; x real", f"{row} (n-1)(n-2)", inner, outer).kind == "proved"
    assert decide("n positive integer; x real", f"{row} 0", inner, outer).kind != "proved"


def test_prime_in_one_case_does_not_reach_into_another_case() -> None:
    size = definition("size", "x real", "f(x) = |x|")
    left = "\\begin{cases} f'(x) & x > 0 \\\\ f'(x) + 1 & \\text{otherwise} \\end{cases}"
    wrong = "\\begin{cases} 1 & x > 0 \\\\ 2 & \\text{otherwise} \\end{cases}"
    right = "\\begin{cases} 1 & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}"
    assert decide("x real; x != 0", f"{left} &= {wrong}", size).kind == "refuted"
    assert decide("x real; x != 0", f"{left} &= {right}", size).kind == "proved"


@pytest.mark.parametrize(
    ("given", "row", "cells", "where"),
    [
        ("k, x real", "\\sum_{k=1}^{2} h &= 3 x", (), "h = k x"),
        ("k real", "\\sum_{k=1}^{2} u_k &= 5", (), "u_i = k i"),
        ("k, x real", "\\sum_{k=1}^{2} g(x) &= 3 x", (definition("free", "k, x real", "g(x) = k x"),), ""),
        ("k, x real", "\\sum_{k=1}^{2} g(x) &= 3 x", (), "g(y) = k y"),
    ],
)
def test_index_that_has_another_meaning_is_refused(given: str, row: str, cells: tuple, where: str) -> None:
    with pytest.raises(ReadError, match="the index k has another meaning already"):
        decide(given, row, *cells, where=where)


def test_parameter_that_stands_twice_in_a_head_is_refused() -> None:
    with pytest.raises(ReadError, match="a parameter stands twice"):
        decide("x real", "g(1, 2) &= 2", definition("twice", "x real", "g(x, x) = x"))


def test_names_are_not_captured_by_a_parameter_of_a_caller() -> None:
    free = definition("free", "k, x real", "g(x) = k x")
    caller = definition("caller", "k real", "h(k) = k + g(3)", uses="free")
    assert decide("k, x real", "h(x) &= 4 k", free, caller).kind != "proved"


def test_parameter_may_have_the_name_of_a_symbol_or_helper_of_the_derivation() -> None:
    plus = definition("plus", "x real", "g(x) = x + 1")
    assert decide("y real", "g(y) &= y + 1", plus, where="x = y^2").kind == "proved"
    product = definition("product", "x real", "g(x) = h x", where="h = x^2")
    assert decide("h real", "g(2 h) &= 8 h^3", product).kind == "proved"


def test_function_is_not_proved_outside_of_its_domain() -> None:
    assert decide("t real", "\\mathrm{gap}(t) &= t - 1 - \\log t", GAP).kind == "unproved"
    assert decide("t >= 0", "\\mathrm{gap}(t) &\\ge 0", GAP).kind == "unproved"
    assert decide("n positive integer; p_i >= 0", "H(p) &= -\\sum_{i=1}^{n} p_i \\log p_i", ENTROPY).kind != "proved"


def test_factors_of_known_sign_stay_whole_while_the_others_are_multiplied_out() -> None:
    left = "p (s - 1 - \\mathrm{gap}(s)) + (1 - p) (t - 1 - \\mathrm{gap}(t))"
    where = "s = \\frac{p}{q}; t = \\frac{1-p}{1-q}"
    given = "0 < p < 1; 0 < q < 1"
    assert decide(given, f"{left} &\\le p (s - 1) + (1 - p) (t - 1)", GAP, where=where).kind == "proved"
    assert decide(given, f"{left} &\\ge p (s - 1) + (1 - p) (t - 1)", GAP, where=where).kind == "refuted"


def test_function_of_a_family_is_unfolded() -> None:
    given = "n positive integer; 0 < p_i <= 1"
    assert decide(given, "H(p, p) &= H(p)", ENTROPY, CROSS).kind == "proved"
    assert decide("p_i in (0, 1]", "H(p) &= -p_1 \\log p_1 - p_2 \\log p_2", ENTROPY, where="n = 2").kind == "proved"


def test_sigmoid_and_its_derivative() -> None:
    assert decide("x real", "\\sigma'(x) &= \\sigma(x) (1 - \\sigma(x))", SIGMOID).kind == "proved"
    assert decide("x real", "\\sigma(-x) &= 1 - \\sigma(x)", SIGMOID).kind == "proved"
    assert decide("x real", "\\sigma(x) &< 1", SIGMOID).kind == "proved"


# --- certificates ---------------------------------------------------------------------


def test_certificate_of_a_convex_function_proves_its_minimum() -> None:
    row = "p \\log p + (1 - p) \\log(1 - p) &\\ge -\\log 2"
    assert decide("0 < p < 1", row, by="minimum at p = \\frac{1}{2}").kind == "proved"


@pytest.mark.parametrize(
    ("given", "row", "by"),
    [
        ("0 < p < 1", "p \\log p + (1 - p) \\log(1 - p) &\\ge -\\log 2", "minimum at p = \\frac{1}{3}"),
        ("0 < p < 1", "p (1 - p) &\\ge 0", "minimum at p = \\frac{1}{2}"),
        ("0 < p < 1", "p \\log p + (1 - p) \\log(1 - p) &> -\\log 2", "minimum at p = \\frac{1}{2}"),
        ("x real; x - 1 > -1", "x^3 - 75 x + 200 &\\ge 0", "minimum at x = -5"),
        ("x, y real; x > y; y > 0", "x^3 - 75 x + 200 &\\ge 0", "minimum at x = -5"),
        ("x real", "\\begin{cases} x^3 - 75x + 200 & x > 0 \\\\ 9 & x \\le 0 \\end{cases} &> 0", "minimum at x = -5"),
        ("x > 0", "x - 2 - \\log x &\\ge 0", "minimum at x = 1"),
        ("x > 0", "x - 1 - \\log x &\\ge 0", "minimum at x = 0"),
        ("x > 0", "x - 1 - \\log x &\\ge 0", "minimum at x = -1"),
        ("x > 0", "x - 1 - \\log x &\\ge 0", "minimum at x = x"),
        ("x > 0", "x - 1 - \\log x &\\le 0", "maximum at x = 1"),
        ("x real", "x^2 &= x^2 + 0", "minimum at x = 0"),
    ],
)
def test_wrong_certificate_proves_nothing(given: str, row: str, by: str) -> None:
    assert decide(given, row, by=by).kind != "proved"


@pytest.mark.parametrize(
    "by", ["minimum at h = 0", "minimum at y = 0", "minimum at u = 0", "magic", "minimum at x = ("]
)
def test_certificate_that_cannot_be_read_is_an_error(by: str) -> None:
    with pytest.raises(ReadError, match="certificate"):
        decide("x real; y in {0, 1}", "x^2 &\\ge 0 \\cdot y", where="h = x", by=by)


# --- domains --------------------------------------------------------------------------


def test_nothing_is_proved_on_an_empty_domain() -> None:
    assert decide("x > 0; x + 1 < 0", "x &= x + 1").kind != "proved"
    assert decide("0 < p < 1; p^2 > 1", "p &= p + 1").kind != "proved"


def test_proof_says_what_had_to_hold() -> None:
    verdict = decide("0 < q < 1", "\\log\\frac{1}{q} &= -\\log q")
    assert any("q" in met for met in verdict.met)
    undefined = decide("x real", "\\frac{x}{x} &= 1")
    assert undefined.open[-1] == "x \\ne 0 is not shown to hold on the whole domain"


def test_same_formula_on_both_sides_is_vacuous() -> None:
    verdict = decide("x real", "x + 1 &= (x + 1)")
    assert verdict.kind == "unproved"
    assert "vacuous" in verdict.open[0]
