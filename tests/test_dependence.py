r"""What depends on what: names that are bound, looked up, tied by a condition, or followed through helpers.

A derivative, a limit or a prime varies one quantity. If anything else in the formula moves with
it, nothing says what is held fixed: such a row is neither proved nor refuted, whatever it claims.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest
from mpmath import mp, mpf
from trial_cells import decide, definition, kinds

import bce
from bce.reading.cells import ReadError

CIRCLE = "p, q > 0; p + q = 1"

# given, where, a left side with its variation, and what readers may take it for
MOVES_TOGETHER = [
    ("x real", "h = e^{x}", "\\frac{\\partial}{\\partial h} (x h)", ("x", "x + 1")),
    ("x real", "h = e^{x}", "\\frac{\\partial}{\\partial h} (e^{x})", ("0", "1")),
    ("x real", "h = 2 x", "\\frac{\\partial}{\\partial h} x", ("0", "\\frac{1}{2}")),
    ("x real", "h = 3 x + 1\nwhere: g = x^2", "\\frac{\\partial}{\\partial h} (h + g)", ("1", "1 + \\frac{2 x}{3}")),
    (
        "x real; 0 < z < 1",
        "p = \\frac{1}{1 + e^{-x}}\nwhere: L = (1 - z) x - \\log p",
        "\\frac{\\partial}{\\partial p} L",
        ("-\\frac{1}{p}", "\\frac{1 - z}{p (1 - p)} - \\frac{1}{p}"),
    ),
    ("x, y real", "h = x y\nwhere: f(t) = t + x", "\\frac{\\partial}{\\partial h} (h f(1))", ("1 + x",)),
    ("x real; n positive integer", "h = x^2\nwhere: u_i = i x", "\\frac{\\partial}{\\partial h} u_1", ("0",)),
    (CIRCLE, "", "\\frac{d}{dp} (p q)", ("q", "1 - 2 p")),
    (CIRCLE, "", "\\frac{d}{dp} (-p \\log p - q \\log q)", ("-\\log p - 1", "\\log q - \\log p")),
    (CIRCLE, "f(p) = p \\log p + q \\log q", "f'(p)", ("\\log p + 1", "\\log p - \\log q")),
    (CIRCLE, "h = p^2", "\\frac{\\partial}{\\partial h} (h q)", ("q",)),
    ("x, y > 0; y = 2 x", "", "\\frac{d}{dx} y", ("0", "2")),
    ("x, y, z > 0; y = 2 x; z = y + 1", "", "\\frac{d}{dx} (x z)", ("z", "z + 2 x")),
    ("n, k positive integer; k <= n; p_i > 0; \\sum_{i=1}^{n} p_i = 1", "",
     "\\frac{\\partial}{\\partial p_k} \\sum_{i=1}^{n} p_i^2", ("2 p_k",)),
    ("n, k positive integer; k <= n; p_i > 0; p_1 + p_2 = 1", "",
     "\\frac{\\partial}{\\partial p_k} \\sum_{i=1}^{n} p_i^2", ("2 p_k",)),
]  # fmt: skip

MOVES_TOGETHER_IN_A_LIMIT = [
    ("x, y > 0; x - y = 0", "", "\\lim_{x \\to 0^+} \\frac{x}{y}", ("0", "1")),
    ("p, q in (0, 1); p + q = 1", "", "\\lim_{p \\to 0^+} q", ("q", "1")),
    ("p, q in (0, 1); p + q = 1", "f(t) = t + q", "\\lim_{p \\to 0^+} f(p)", ("q", "1")),
    ("x real", "h = x + 1", "\\lim_{h \\to 0} (h + x)", ("x", "-1")),
]

FREE_TO_MOVE = [
    ("x real", "h = e^{x}", "\\frac{\\partial}{\\partial h} (h^2) &= 2 e^{x}"),
    ("x, z real", "h = x^2\nwhere: g = z h", "\\frac{\\partial}{\\partial h} (h g) &= 2 z h"),
    ("x real", "h = x^2", "\\frac{d}{dx} (x h) &= 3 x^2"),
    ("x real; n positive integer", "u_i = i x", "\\frac{d}{dx} \\sum_{i=1}^{n} u_i &= \\sum_{i=1}^{n} i"),
    ("0 < p < 1", "q = 1 - p", "\\frac{d}{dp} (-p \\log p - q \\log q) &= \\log q - \\log p"),
    (CIRCLE + "; x real", "", "\\frac{d}{dx} (p x + q x^2) &= p + 2 q x"),
    (CIRCLE, "", "\\frac{d}{dp} (p \\log p) &= \\log p + 1"),
    (CIRCLE, "", "\\frac{d}{dq} (q \\log q) &= \\log q + 1"),
    ("n positive integer; p_i, q_i > 0; \\sum_{i=1}^{n} q_i = 1", "",
     "\\frac{\\partial}{\\partial p_1} (p_1^2 \\sum_{i=1}^{n} q_i) &= 2 p_1"),
    ("x_i real", "", "\\frac{\\partial}{\\partial x_1} x_2 &= 0"),
    ("x real", "h = x + 1", "\\lim_{x \\to 0} h &= 1"),
    ("p, q in (0, 1); p + q = 1", "", "\\lim_{t \\to 0^+} t q &= 0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "where", "left", "claims"), MOVES_TOGETHER + MOVES_TOGETHER_IN_A_LIMIT)
def test_nothing_is_decided_while_something_else_moves_too(given: str, where: str, left: str, claims: tuple) -> None:
    for claim in claims:
        verdict = _lenient(given, f"{left} = {claim}", where)
        assert verdict.kind == "unproved", claim
        assert "nothing says what is held fixed" in verdict.open[0], verdict.open


@pytest.mark.parametrize(("given", "where", "row"), FREE_TO_MOVE)
def test_what_does_not_move_may_stand_beside_the_variable(given: str, where: str, row: str) -> None:
    assert _lenient(given, row, where).kind == "proved"


def _lenient(given: str, row: str, where: str = "") -> bce.verdicts.Verdict:
    header = "\n".join([given, *(["where: " + where] if where else [])])
    result = bce.check(f"<!-- bce: {header} -->\n$$ {row} $$\n")
    assert not result.problems, result.problems
    return result.derivations[0].steps[0].verdict


# --- messages -------------------------------------------------------------------------


def test_a_tie_is_shown_with_the_way_to_follow_it() -> None:
    row = "\\frac{d}{dp} (p \\log p + q \\log q) &= \\log p - \\log q"
    assert decide(CIRCLE, row).open[0] == (
        "a derivative by p, which the condition p + q = 1 ties to q: nothing says what is held fixed; "
        "to follow the condition, write q = 1 - p under 'where', and not under 'given'"
    )
    assert decide("0 < p < 1", row, where="q = 1 - p").kind == "proved"


def test_a_declared_quantity_is_not_taken_for_a_constant() -> None:
    with pytest.raises(ReadError, match="C and w are declared as independent of each other"):
        decide("C, w real", "\\frac{d}{dw} C &= 0")
    assert decide("w real", "\\frac{d}{dw} C &= 2 w", where="C = w^2").kind == "proved"
    assert decide("z, w real", "\\frac{d}{dw} C &= 0", where="C = z^2").kind == "proved"


@pytest.mark.parametrize(
    ("given", "where", "row"),
    [
        ("y in {0, 1}", "", "\\frac{d}{dy} (y^2) &= 2 y"),
        ("n positive integer", "", "\\frac{d}{dn} (n^2) &= 2 n"),
        ("n positive integer", "f(n) = n^2", "f'(n) &= 2 n"),
        ("n positive integer", "", "\\sum_{i=1}^{n} \\frac{d}{di} (i^2) &= \\sum_{i=1}^{n} 2 i"),
        ("y_i in {0, 1}", "", "\\frac{d}{dy_1} (y_1^2) &= 2 y_1"),
        ("y real; y_i in {0, 1}", "", "\\frac{d}{dy_1} (y_1^2) &= 2 y_1"),
        ("y in {0, 1}", "h = y + 1", "\\frac{d}{dh} (h^2) &= 2 h"),
        ("x real", "h = 3", "\\frac{d}{dh} (h^2) &= 2 h"),
    ],
)
def test_what_takes_separate_values_has_no_derivative(given: str, where: str, row: str) -> None:
    for claim in (row, row + " + 1"):
        verdict = _lenient(given, claim, where)
        assert verdict.kind == "unproved"
        assert "does not vary" in verdict.open[0]


def test_a_derivative_at_a_whole_number_is_one_of_a_function_of_real_numbers() -> None:
    assert _lenient("n positive integer", "f'(n) = 2 n", "f(t) = t^2").kind == "proved"


# --- functions ------------------------------------------------------------------------

LIMIT = definition("slope", "x real", "s(x) = \\lim_{h \\to 0} \\frac{e^{x + h} - e^{x}}{h}")
PLUS = definition("plus", "t, h real", "k(t) = t + h")


@pytest.mark.parametrize(
    ("claim", "kind"), [("\\frac{d}{dx}(h) + t", "2 x"), ("\\frac{d}{dx} (h)", "2 x"), ("\\frac{d}{dx} (t h)", "0")]
)
def test_a_helper_in_the_body_of_a_function_sees_what_is_bound_there(claim: str, kind: str) -> None:
    where = f"h = x^2\nwhere: f(t) = {claim}"
    assert _lenient("x real", f"f(0) = {kind}", where).kind == "proved"
    assert _lenient("x real", f"f(0) = {kind} + 1", where).kind == "refuted"


def test_a_helper_is_not_captured_by_the_parameter_of_a_function() -> None:
    where = "h = x^2\nwhere: f(x) = h + x"
    assert _lenient("x real", "f(x) = x^2 + x", where).kind == "proved"
    assert _lenient("x real", "f'(x) = 2 x + 1", where).kind == "proved"
    for claim in ("6", "x^2 + 2"):
        verdict = _lenient("x real", f"f(2) = {claim}", where)
        assert verdict.kind == "unproved"
        assert "x has a meaning of its own in f" in verdict.open[0]


def test_a_helper_of_a_function_is_not_taken_for_the_free_name_of_another() -> None:
    twice = definition("twice", "x real", "f(x) = k(x) + h", where="h = 2 x", uses="plus")
    for claim in ("5 x", "3 x + h"):
        verdict = decide("x, h real", f"f(x) &= {claim}", PLUS, twice)
        assert verdict.kind == "unproved"
        assert "h has a meaning of its own in f" in verdict.open[0]


def test_a_free_name_of_a_function_follows_the_helper_of_that_name() -> None:
    assert decide("x real", "\\frac{d}{dx} k(x) &= 1 + 2 x", PLUS, where="h = x^2").kind == "proved"
    assert decide("x real", "k'(x) &= 1", PLUS, where="h = x^2").kind == "proved"


WITH_I = definition("with-i", "t, i real", "k(t) = t + i")
SUM_OF_K = definition("sum-of-k", "t real; n positive integer", "f(t) = \\sum_{i=1}^{n} k(t)", uses="with-i")
SUM_OF_H = definition("sum-of-h", "t, h real; n positive integer", "f(t) = \\sum_{i=1}^{n} t h")
LIMIT_OF_H = definition("limit-of-h", "t, h real", "f(t) = t \\lim_{x \\to 0} h")


@pytest.mark.parametrize(
    ("given", "where", "left", "claims", "cells"),
    [
        ("n positive integer", "", "\\sum_{i=1}^{n} k(1)", ["\\sum_{j=1}^{n} (1 + j)"], [WITH_I]),
        ("n positive integer; i real", "", "f(1)", ["\\sum_{j=1}^{n} (1 + j)", "n + n i"], [WITH_I, SUM_OF_K]),
        ("n positive integer; i real", "h = i^2", "f(1)", ["\\sum_{j=1}^{n} j^2", "n i^2"], [SUM_OF_H]),
        ("x real", "h = x^2", "f(1)", ["0", "x^2"], [LIMIT_OF_H]),
    ],
)
def test_a_letter_that_is_bound_captures_nothing(given: str, where: str, left: str, claims: list, cells: list) -> None:
    for claim in claims:
        verdict = decide(given, f"{left} &= {claim}", *cells, where=where)
        assert verdict.kind == "unproved"
        assert "of a sum or a limit is also looked up" in verdict.open[0]


def test_a_letter_that_is_bound_in_one_function_leaves_others_alone() -> None:
    assert decide("x, y real", "f(2) &= 2 y", LIMIT_OF_H, where="h = y").kind == "proved"
    assert decide("i real; n positive integer", "f(i) &= n i h", SUM_OF_H, where="h = 3").kind == "proved"


def test_an_argument_may_not_move_with_what_a_function_varies() -> None:
    slope = definition("by-h", "t, h real", "k(t) = \\frac{d}{dh} (t h)")
    assert decide("x, h real", "k(x) &= x", slope).kind == "proved"
    for claim in ("h", "2 h"):
        assert decide("x, h real", f"k(h) &= {claim}", slope).kind == "unproved"
        assert decide("x, h real; x - h = 0", f"k(x) &= {claim}", slope).kind == "unproved"


def test_parameters_of_a_function_are_independent_whatever_is_put_in() -> None:
    first = definition("first", "s, t real", "k(s, t) = \\frac{d}{ds} (s t)")
    assert decide("x real", "k(x, x) &= x", first).kind == "proved"
    assert decide("s, t real", "k(t, s) &= s", first).kind == "proved"
    tied = definition("tied", "s, t real; s + t = 1", "k(s, t) = \\frac{d}{ds} (s t)")
    assert decide("x real", "k(x, 1 - x) &= 1 - x", tied).kind == "unproved"


@pytest.mark.parametrize("name", ["x", "h", "t"])
def test_a_function_that_is_defined_by_a_limit_can_be_used(name: str) -> None:
    assert decide(f"{name} real", f"s({name}) &= e^{{{name}}}", LIMIT).kind == "proved"
    assert decide(f"{name} real", f"s'(2 {name}) &= e^{{2 {name}}}", LIMIT).kind == "proved"
    assert decide(f"{name} real", f"s({name}) &= e^{{{name}}} + 1", LIMIT).kind != "proved"


def test_a_condition_that_hides_the_variable_of_a_certificate_is_set_aside_too() -> None:
    hidden = definition("hidden", "t, x real", "g(t) = t + x")
    row = "(x + y)^3 - \\frac{6}{100} (x + y)^2 &\\ge 0"
    assert decide("x, y real; g(y) > \\frac{1}{50}", row, hidden, by="minimum at x = -y").kind != "proved"


@pytest.mark.parametrize(
    ("inside", "given", "argument"),
    [
        ("n positive integer", "k positive integer", "\\frac{k}{2}"),
        ("n positive integer", "k integer", "k"),
        ("n in {0, 1}", "k real", "\\frac{1}{2}"),
        ("n in (0, 1)", "k > 0", "k"),
    ],
)
def test_an_argument_has_to_lie_in_the_declared_set(inside: str, given: str, argument: str) -> None:
    one = definition("one", inside, "f(n) = n")
    assert decide(given, f"f({argument}) + 1 &= 1 + {argument}", one).kind == "unproved"


@pytest.mark.parametrize(
    ("inside", "body", "given", "where"),
    [
        ("x real; 0 < z < 1", "x z", "x real; z > 0", ""),
        ("x real; 0 < z < 1", "x z", "x real", "z = 2"),
        ("x real; 0 < z_i < 1", "x z_1", "x real; z_i > 0", ""),
        ("x real; 0 < z_i < 1", "x z_1", "x real", "z_i = 2"),
    ],
)
def test_what_a_function_looks_up_has_to_lie_in_the_declared_set(
    inside: str, body: str, given: str, where: str
) -> None:
    f = definition("looks-up", inside, f"f(x) = {body}")
    assert decide(given, f"f(x) + 1 &= 1 + {body}", f, where=where).kind == "unproved"
    assert decide(inside, f"f(x) + 1 &= 1 + {body}", f).kind == "proved"


# --- a symbol and a family of one name --------------------------------------------------


def test_a_symbol_and_a_family_of_one_name_are_two_things() -> None:
    given = "p real; p_i > 0; p_1 + p_2 = 1"
    assert decide(given, "p^2 + p_2 &= p p + 1 - p_1").kind == "proved"
    assert decide(given, "(p - 1) (p - \\frac{1}{2}) p &= (p - 1) (p - \\frac{1}{2}) (1 - p_1)").kind != "proved"
    given = "n positive integer; p, p_i > 0"
    assert decide(given, "\\frac{d}{dp} (p \\sum_{i=1}^{n} p_i) &= \\sum_{i=1}^{n} p_i").kind == "proved"


# --- derivatives by helpers, against numbers ----------------------------------------------


class Formula(NamedTuple):
    latex: str
    at: object  # a function of h, x and z


HELPERS = [("x^2", lambda x: x * x), ("e^{x}", mp.exp), ("\\log x", mp.log), ("3 x + 1", lambda x: 3 * x + 1)]
FORMULAS = [
    Formula("h^2", lambda h, x, z: h * h),
    Formula("z h", lambda h, x, z: z * h),
    Formula("x h", lambda h, x, z: x * h),
    Formula("h + x", lambda h, x, z: h + x),
    Formula("e^{z h}", lambda h, x, z: mp.exp(z * h)),
    Formula("k(h)", lambda h, x, z: h * z + h**3),
    Formula("k(x)", lambda h, x, z: x * z + x**3),
    Formula("g", lambda h, x, z: h**3 + z),
    Formula("g h", lambda h, x, z: h**4 + z * h),
]
CLAIMS = [
    Formula("2 h", lambda h, x, z: 2 * h),
    Formula("z", lambda h, x, z: z),
    Formula("x", lambda h, x, z: x),
    Formula("1", lambda h, x, z: mpf(1)),
    Formula("0", lambda h, x, z: mpf(0)),
    Formula("z e^{z h}", lambda h, x, z: z * mp.exp(z * h)),
    Formula("z + 3 h^2", lambda h, x, z: z + 3 * h**2),
    Formula("z + 3 x^2", lambda h, x, z: z + 3 * x**2),
    Formula("3 h^2", lambda h, x, z: 3 * h**2),
    Formula("4 h^3 + z", lambda h, x, z: 4 * h**3 + z),
]


def test_derivatives_by_a_helper_agree_with_difference_quotients() -> None:
    decided = set()
    for (helper, value), formula, claim in product(HELPERS, FORMULAS, CLAIMS):
        row = f"\\frac{{\\partial}}{{\\partial h}} ({formula.latex}) = {claim.latex}"
        where = f"h = {helper}\nwhere: g = h^3 + z\nwhere: k(t) = t z + t^3"
        kind = _lenient("x, z > 0", row, where).kind
        holds = all(_slope(value, formula, x, z, claim) for x, z in [(mpf(2), mpf(3)), (mpf("0.7"), mpf("1.3"))])
        assert kind != "proved" or holds, row
        assert kind != "refuted" or not holds, row
        decided.add((formula.latex, kind))
    proved = {latex for latex, kind in decided if kind == "proved"}
    assert proved == {"h^2", "z h", "e^{z h}", "k(h)", "g", "g h"}
    assert {latex for latex, kind in decided if kind == "refuted"} == proved


def _slope(value: object, formula: Formula, x: mpf, z: mpf, claim: Formula) -> bool:
    """Tell whether a claim is the total derivative by h, which moves x along."""
    along = mp.diff(lambda t: formula.at(value(t), t, z), x) / mp.diff(value, x)
    return abs(along - claim.at(value(x), x, z)) < abs(along) * mpf(10) ** -6


def test_definitions_in_a_circle_end_in_words() -> None:
    one = definition("round", "t real", "f(t) = t + 1")
    assert kinds(one) == ["defined"]
    assert _lenient("x real", "f(1) = 1", "f(t) = g(t)\nwhere: g(t) = f(t)").kind == "unproved"
    assert _lenient("x real", "h = 1", "h = f(1)\nwhere: f(t) = t + h").kind == "unproved"
