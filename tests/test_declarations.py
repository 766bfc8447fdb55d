r"""The lines ``given`` and ``where``: what they mean, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from trial_cells import decide, trial

from bce.algebra.ranges import Range
from bce.reading.cells import ReadError

ZERO, ONE = Fraction(0), Fraction(1)


@pytest.mark.parametrize(
    ("given", "ranges"),
    [
        ("x real", {"x": Range()}),
        ("x, y positive", {"x": Range(ZERO), "y": Range(ZERO)}),
        ("x nonnegative", {"x": Range(ZERO, lower_open=False)}),
        ("x negative", {"x": Range(upper=ZERO)}),
        ("n positive integer", {"n": Range(ONE, lower_open=False, integer=True)}),
        ("n nonnegative integer", {"n": Range(ZERO, lower_open=False, integer=True)}),
        ("q in (0, 1)", {"q": Range(ZERO, ONE)}),
        ("z in [0, 1]", {"z": Range(ZERO, ONE, False, False)}),
        ("z \\in (0, 1]", {"z": Range(ZERO, ONE, True, False)}),
        ("y in {0, 1}", {"y": Range(ZERO, ONE, False, False, True)}),
        ("y \\in \\{0, 1\\}", {"y": Range(ZERO, ONE, False, False, True)}),
        ("x in [0, \\infty)", {"x": Range(ZERO, lower_open=False)}),
        ("x in (-\\infty, 2)", {"x": Range(upper=Fraction(2))}),
        ("x > 0", {"x": Range(ZERO)}),
        ("0 >= x", {"x": Range(upper=ZERO, upper_open=False)}),
        ("-1/2 < x <= 3/4", {"x": Range(Fraction(-1, 2), Fraction(3, 4), True, False)}),
        ("0.25 \\le x \\leq \\frac{1}{2}", {"x": Range(Fraction(1, 4), Fraction(1, 2), False, False)}),
        ("0 < p, q < 1", {"p": Range(ZERO, ONE), "q": Range(ZERO, ONE)}),
        ("x real; x > 0; x <= 1", {"x": Range(ZERO, ONE, True, False)}),
        ("\\hat{y} in (0, 1)", {"\\hat{y}": Range(ZERO, ONE)}),
        ("p_T real", {"p_T": Range()}),
        ("x_1, x_2 real", {"x_1": Range(), "x_2": Range()}),
    ],
)
def test_domain_is_read(given: str, ranges: dict[str, Range]) -> None:
    assert dict(trial(given, "0 &= 0").domain.symbols) == ranges


def test_index_letter_declares_a_family() -> None:
    domain = trial("n positive integer; 0 < p_i <= 1; \\sum_{i=1}^{n} p_i = 1", "0 &= 0").domain
    assert dict(domain.families) == {"p": Range(ZERO, ONE, True, False)}
    assert len(domain.conditions) == 1


def test_relation_between_symbols_is_a_condition() -> None:
    assert decide("p, q in (0, 1); p != q", "(p - q)^2 &> 0").kind == "proved"
    assert decide("x, y real; x < y", "x - y &< 0").kind == "proved"


def test_chain_of_conditions_holds_link_by_link() -> None:
    given = "n, j positive integer; 1 <= j <= n; p_i real"
    assert decide(given, "n - j &\\ge 0").kind == "proved"


@pytest.mark.parametrize(
    ("wide", "narrow", "row"),
    [
        ("x real", "x > 0", "e^{\\log x} &= x"),
        ("x real", "x >= 0", "|x| &= x"),
        ("x real", "x != 0; x real", "\\frac{x}{x} &= 1"),
        ("0 <= p <= 1", "0 < p < 1", "\\log(p (1 - p)) &= \\log p + \\log(1 - p)"),
        ("0 <= p <= 1", "0 < p <= 1", "\\log p &\\le 0"),
        ("0 < p <= 1", "0 < p < 1", "\\log p &< 0"),
        ("p, q in (0, 1)", "p, q in (0, 1); p != q", "\\frac{(p - q)^2}{p - q} &= p - q"),
        ("z in [0, 1]", "z in {0, 1}", "z^2 &= z"),
        (
            "p_i > 0; n positive integer",
            "p_i > 0; n positive integer; \\sum_{i=1}^{n} p_i = 1",
            "\\sum_{i=1}^{n} 2 p_i &= 2",
        ),
        ("n integer", "n positive integer", "\\sum_{i=1}^{n} 1 &= n"),
        ("p_i >= 0; n positive integer", "p_i > 0; n positive integer", "\\sum_{i=1}^{n} p_i &> 0"),
    ],
)
def test_row_is_proved_with_its_assumption_and_never_without(wide: str, narrow: str, row: str) -> None:
    assert decide(narrow, row).kind == "proved"
    assert decide(wide, row).kind != "proved"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("x complex", "x complex"),
        ("x in {1, 2}", "a set is"),
        ("x in (a, b)", "not a number"),
        ("x in (0, -\\infty)", "infty"),
        ("x in (\\infty, 0)", "infty"),
        ("1 < x < 0", "no value for x"),
        ("x in (1, 1)", "no value for x"),
        ("x > 0; x < 0", "no value for x"),
        ("y integer; 0 < y < 1", "no value for y"),
        ("0 < 1 < x", "two numbers"),
        ("x + 1 real", "not the name of a symbol"),
        ("x real; x != u", "undeclared symbol u"),
        ("x", "x"),
        ("x real; )", "given"),
    ],
)
def test_unreadable_domain_is_an_error_at_its_line(given: str, words: str) -> None:
    with pytest.raises(ReadError) as caught:
        trial(given, "0 &= 0")
    assert words in caught.value.problem.message
    assert caught.value.problem.line == 4


# --- where ----------------------------------------------------------------------------


def test_helper_quantity_stands_for_its_formula() -> None:
    assert decide("x real", "h + k &= e^{x} + e^{2x}", where="h = e^{x}; k = h^2").kind == "proved"


def test_order_of_helpers_does_not_matter() -> None:
    assert decide("x real", "k &= e^{2x}", where="k = h^2; h = e^{x}").kind == "proved"


def test_members_and_lengths_may_have_values() -> None:
    row = "\\sum_{i=1}^{n} p_i &= 1 + 0 \\cdot p_1"
    assert decide("p_i real", row, where="n = 2; p_2 = 1 - p_1").kind == "proved"


def test_family_may_have_a_general_member() -> None:
    assert decide("n positive integer", "\\sum_{i=1}^{n} u_i &= 1", where="u_i = \\frac{1}{n}").kind == "proved"


def test_function_may_be_defined_under_where() -> None:
    assert decide("x real", "f(f(x)) &= x + 2", where="f(y) = y + 1").kind == "proved"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("h", "name = formula"),
        ("h = h + 1", "through itself"),
        ("h = k; k = h", "k"),
        ("x = 1", "keep one"),
        ("x + 1 = 2", "not a name"),
        ("h = 1; h = 2", "h"),
        ("h = u", "undeclared symbol u"),
        ("h = (", "ends"),
        ("f(y) = f(y) + 1", "through itself"),
    ],
)
def test_unreadable_helper_is_an_error_at_its_line(where: str, words: str) -> None:
    with pytest.raises(ReadError) as caught:
        trial("x real", "0 &= 0", where=where)
    assert words in caught.value.problem.message
    assert caught.value.problem.line == 5
