r"""Sums of symbolic length, nested and with bounds that depend on an index, against sums that are written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import pytest
from trial_cells import decide

import bce

NESTED = "n, k positive integer; k <= n; p_i, q_i, r_i > 0; y > 0"
LOGS = "g(t) = \\sum_{i=1}^{n} \\log(q_i + t)"
NESTED_LOGS = "g(t) = \\sum_{i=1}^{n} \\sum_{j=1}^{i} \\log(q_j + t)"

# Substitution into sums, where an index must not catch what is put in.
SUBSTITUTED = [
    (LOGS, "g'(y^2)", "\\sum_{i=1}^{n} \\frac{1}{q_i + y^2}", "\\sum_{i=1}^{n} \\frac{2 y}{q_i + y^2}"),
    (LOGS, "\\sum_{a=1}^{n} g'(p_a)", "\\sum_{a=1}^{n} \\sum_{i=1}^{n} \\frac{1}{q_i + p_a}",
     "\\sum_{i=1}^{n} \\frac{n}{q_i + p_i}"),
    (LOGS, "\\sum_{i=1}^{n} g'(p_i)", "\\sum_{a=1}^{n} \\sum_{i=1}^{n} \\frac{1}{q_i + p_a}",
     "\\sum_{i=1}^{n} \\frac{n}{q_i + p_i}"),
    (LOGS, "\\sum_{i=1}^{n} g'(q_i)", "\\sum_{a=1}^{n} \\sum_{i=1}^{n} \\frac{1}{q_i + q_a}",
     "\\sum_{i=1}^{n} \\frac{n}{2 q_i}"),
    (LOGS, "g'(\\sum_{i=1}^{n} p_i)", "\\sum_{i=1}^{n} \\frac{1}{q_i + \\sum_{j=1}^{n} p_j}",
     "\\sum_{i=1}^{n} \\frac{1}{q_i + p_i}"),
    (LOGS, "g'(q_k)", "\\sum_{i=1}^{n} \\frac{1}{q_i + q_k}", "\\frac{n}{2 q_k}"),
    (NESTED_LOGS, "g'(r_k)", "\\sum_{i=1}^{n} \\sum_{j=1}^{i} \\frac{1}{q_j + r_k}",
     "n \\sum_{j=1}^{k} \\frac{1}{q_j + r_k}"),
    (NESTED_LOGS, "\\sum_{a=1}^{n} g'(r_a)", "\\sum_{a=1}^{n} \\sum_{i=1}^{n} \\sum_{j=1}^{i} \\frac{1}{q_j + r_a}",
     "\\sum_{a=1}^{n} n \\sum_{j=1}^{a} \\frac{1}{q_j + r_a}"),
]  # fmt: skip

# The one member of a sum whose terms have sums of their own in them, with bounds that depend on the index.
DIFFERENTIATED = [
    ("p_k", "\\sum_{i=1}^{n} p_i \\sum_{j=1}^{i} q_j", "\\sum_{j=1}^{k} q_j", "\\sum_{j=1}^{n} q_j"),
    ("p_k", "\\sum_{i=1}^{n} p_i \\sum_{j=1}^{i-1} q_j", "\\sum_{j=1}^{k-1} q_j", "\\sum_{j=1}^{k} q_j"),
    ("p_k", "\\sum_{i=1}^{n} p_i \\sum_{j=1}^{i+1} q_j", "\\sum_{j=1}^{k+1} q_j", "\\sum_{j=1}^{k} q_j"),
    ("p_k", "\\sum_{i=1}^{n} \\log(p_i + \\sum_{j=1}^{i} q_j)", "\\frac{1}{p_k + \\sum_{j=1}^{k} q_j}",
     "\\frac{1}{p_k + \\sum_{j=1}^{n} q_j}"),
    ("p_k", "\\sum_{i=1}^{n} p_i \\sum_{j=1}^{n} p_j", "2 \\sum_{j=1}^{n} p_j", "p_k + \\sum_{j=1}^{n} p_j + 1"),
    ("p_k", "\\sum_{i=1}^{n} \\log(q_i + \\sum_{j=1}^{n} p_j)", "\\sum_{i=1}^{n} \\frac{1}{q_i + \\sum_{j=1}^{n} p_j}",
     "\\frac{1}{q_k + \\sum_{j=1}^{n} p_j}"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "left", "true", "false"), SUBSTITUTED)
def test_nothing_is_caught_by_the_index_of_a_sum(function: str, left: str, true: str, false: str) -> None:
    assert decide(NESTED, f"{left} &= {true}", where=function).kind == "proved"
    assert decide(NESTED, f"{left} &= {false}", where=function).kind == "refuted"


@pytest.mark.parametrize(("by", "body", "true", "false"), DIFFERENTIATED)
def test_a_derivative_by_a_member_sees_bounds_that_depend_on_the_index(
    by: str, body: str, true: str, false: str
) -> None:
    left = f"\\frac{{\\partial}}{{\\partial {by}}} ({body})"
    assert decide(NESTED, f"{left} &= {true}").kind == "proved"
    assert decide(NESTED, f"{left} &= {false}").kind == "refuted"
    # A factor that is 0 at small whole numbers hides the difference from every small example.
    zero = "(k-1) (k-2) (k-3) (k-4) (k-5) (n-1) (n-2) (n-3) (n-4) (n-5)"
    assert decide(NESTED, f"{zero} {left} &= {zero} ({false})").kind != "proved"


@pytest.mark.parametrize("wrong", ["\\frac{2}{p_k + \\sum_{j=1}^{k} p_j}", "\\frac{1}{p_k + \\sum_{j=1}^{k} p_j}"])
def test_a_member_that_occurs_in_many_terms_is_not_differentiated_in_one(wrong: str) -> None:
    left = "\\frac{\\partial}{\\partial p_k} (\\sum_{i=1}^{n} \\log(p_i + \\sum_{j=1}^{i} p_j))"
    assert decide(NESTED, f"{left} &= {wrong}").kind == "refuted"
    assert decide(NESTED, f"(k-1)(k-2)(k-3)(k-4)(k-5) ({left} - {wrong}) &= 0").kind != "proved"


# --- terms at the ends of a sum -----------------------------------------------------------

ENDS = [
    # terms below 1
    ("\\sum_{i=0}^{n} x^{i}", "1 + \\sum_{i=1}^{n} x^{i}", "\\sum_{i=1}^{n} x^{i}"),
    ("\\sum_{i=0}^{n} p_i", "p_0 + \\sum_{i=1}^{n} p_i", "p_1 + \\sum_{i=1}^{n} p_i"),
    ("\\sum_{i=-2}^{n} i^2 p_i", "4 p_{-2} + p_{-1} + \\sum_{i=1}^{n} i^2 p_i", "5 p_{-1} + \\sum_{i=1}^{n} i^2 p_i"),
    # terms that are missing at the start
    ("\\sum_{i=2}^{n} i p_i + p_1", "\\sum_{i=1}^{n} i p_i", "\\sum_{i=2}^{n} i p_i"),
    # terms beyond n
    ("\\sum_{i=1}^{n+1} p_i", "\\sum_{i=1}^{n} p_i + p_{n+1}", "\\sum_{i=1}^{n} p_i + p_n"),
    ("\\sum_{i=1}^{n+2} i p_i", "\\sum_{i=1}^{n} i p_i + (n+1) p_{n+1} + (n+2) p_{n+2}", "\\sum_{i=1}^{n+1} i p_i"),
    # terms that are missing at the end
    ("\\sum_{i=1}^{n-1} p_i", "\\sum_{i=1}^{n} p_i - p_n", "\\sum_{i=1}^{n} p_i - p_{n-1}"),
    # both ends at once
    ("\\sum_{i=0}^{n+1} p_i", "p_0 + p_{n+1} + \\sum_{i=1}^{n} p_i", "2 p_0 + \\sum_{i=1}^{n} p_i"),
    ("\\sum_{i=0}^{n-1} x^{i}", "1 - x^{n} + \\sum_{i=1}^{n} x^{i}", "x - x^{n} + \\sum_{i=1}^{n} x^{i}"),
    # products, whose terms are factors
    ("\\prod_{i=0}^{n+1} p_i", "p_0 p_{n+1} \\prod_{i=1}^{n} p_i", "p_{n+1} \\prod_{i=1}^{n} p_i"),
]


@pytest.mark.parametrize(("left", "right"), [(left, right) for left, right, _ in ENDS])
def test_terms_at_the_ends_of_a_sum_are_split_off(left: str, right: str) -> None:
    assert decide("n positive integer; x, p_i > 0", f"{left} &= {right}").kind == "proved"


@pytest.mark.parametrize(("left", "wrong"), [(left, wrong) for left, _, wrong in ENDS])
def test_terms_at_the_ends_of_a_sum_are_not_lost(left: str, wrong: str) -> None:
    assert decide("n positive integer; x, p_i > 0", f"{left} &= {wrong}").kind == "refuted"


# --- sums that may be empty ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "true", "false"),
    [
        ("n >= -1", "\\sum_{i=0}^{n} 1 = n + 1", "\\sum_{i=0}^{n} p_i \\ge p_0"),
        ("n >= -1", "\\sum_{i=0}^{n} p_i + p_{n+1} = \\sum_{i=0}^{n+1} p_i", "\\sum_{i=0}^{n} p_i > 0"),
        ("n >= -2", "\\sum_{i=-1}^{n} |i| = \\sum_{i=-1}^{n} |i - 0|", "\\sum_{i=-1}^{n} |i| = \\sum_{i=-1}^{n} i + 2"),
        ("n >= -2", "\\sum_{i=-1}^{n} \\sqrt{i^2} = \\sum_{i=-1}^{n} |i|", "\\sum_{i=-1}^{n} e^{p_i} > p_{-2}"),
        ("n >= -5", "\\sum_{i=1}^{n+5} 1 = n + 5", "\\sum_{i=1}^{n+5} p_i \\ge p_{n+2}"),
        ("n >= 0", "\\sum_{i=0}^{n} p_i > 0", "\\sum_{i=0}^{n} i > 0"),
        ("n >= 0", "\\sum_{i=1}^{n} p_i \\ge 0", "\\sum_{i=1}^{n} p_i > 0"),
        ("n >= 3", "\\sum_{i=3}^{n} p_i > 0", "\\sum_{i=3}^{n} p_i > p_3"),
        ("n >= 2", "\\sum_{i=3}^{n} p_i \\ge 0", "\\sum_{i=3}^{n} p_i > 0"),
    ],
)
def test_a_sum_has_the_sign_of_its_terms_only_where_it_has_terms(given: str, true: str, false: str) -> None:
    assert _kind(f"n integer; {given}; p_i > 0", true) == "proved"
    assert _kind(f"n integer; {given}; p_i > 0", false) == "refuted"


@pytest.mark.parametrize(
    "row", ["\\log \\sum_{i=0}^{n} p_i = \\log \\sum_{i=0}^{n} p_i", "\\frac{1}{\\sum_{i=0}^{n} p_i} > 0"]
)
def test_an_empty_sum_is_no_denominator_and_has_no_logarithm(row: str) -> None:
    assert _kind("n integer; n >= -1; p_i > 0", row) == "unproved"
    assert _kind("n integer; n >= 0; p_i > 0", row) == "proved"


@pytest.mark.parametrize("row", ["\\sum_{i=5}^{3} x = 0", "\\prod_{i=5}^{3} x = 1", "\\sum_{i=2}^{-1} x = -2 x"])
def test_a_sum_whose_bounds_are_reversed_is_neither_proved_nor_refuted(row: str) -> None:
    assert _kind("x real", row) == "unproved"
    assert _kind("x real", row + " + 1") == "unproved"
    assert _kind("x real", "\\sum_{i=5}^{4} x = 0") == "proved"


def _kind(given: str, row: str) -> str:
    result = bce.check(f"<!-- bce: {given} -->\n$$ {row} $$\n")
    assert not result.problems, (given, row, result.problems)
    return result.derivations[0].steps[0].verdict.kind


# --- random nested sums, against sums that are written out ----------------------------------

Values = dict[str, int]


class Reversed(Exception):
    """A sum ends more than one below its start: it has no value here."""


@dataclass(frozen=True)
class Term:
    """A formula, and what it is for values of its letters."""

    latex: str
    at: Callable[[Values], Fraction]


#: A formula with holes for the indices of the sums around it, the innermost last.
Body = Callable[[list[Term]], Term]


def number(value: int) -> Term:
    return Term(str(value), lambda values: Fraction(value))


def letter(name: str) -> Term:
    return Term(name, lambda values: Fraction(values[name]))


def plus(term: Term, by: int) -> Term:
    return Term(f"{term.latex}{by:+d}", lambda values: term.at(values) + by) if by else term


def added(*terms: Term) -> Term:
    return Term(" + ".join(f"({t.latex})" for t in terms), lambda values: sum(t.at(values) for t in terms))


def multiplied(one: Term, other: Term) -> Term:
    return Term(f"({one.latex}) ({other.latex})", lambda values: one.at(values) * other.at(values))


def absolute(term: Term) -> Term:
    return Term(f"|{term.latex}|", lambda values: abs(term.at(values)))


def member(family: str, index: Term) -> Term:
    def at(values: Values) -> Fraction:
        place = int(index.at(values))
        return Fraction(1 + (7 * place * place + 3 * place + ord(family)) % 23, 7)

    return Term(f"{family}_{{{index.latex}}}", at)


def total(name: str, lower: Term, upper: Term, body: Term) -> Term:
    def at(values: Values) -> Fraction:
        first, last = int(lower.at(values)), int(upper.at(values))
        if last < first - 1:
            raise Reversed
        return sum((body.at({**values, name: k}) for k in range(first, last + 1)), Fraction(0))

    return Term(f"\\sum_{{{name}={lower.latex}}}^{{{upper.latex}}} ({body.latex})", at)


def random_body(random: Random, depth: int) -> Body:
    kind = random.randrange(7 if depth else 5)
    family, shift, start = random.choice("pq"), random.choice([0, 0, 1, -1]), random.choice([1, 1, 0, 2])
    if kind == 0:
        return lambda indices: member(family, plus(indices[-1], shift))
    if kind == 1:
        return lambda indices: multiplied(member("p", indices[-1]), member("q", indices[0]))
    if kind == 2:
        return lambda indices: plus(indices[-1], abs(shift))
    if kind == 3:
        return lambda indices: absolute(indices[-1]) if shift else number(start)
    one, other = random_body(random, depth - 1 if depth else 0), random_body(random, 0)
    if kind == 4:
        return lambda indices: (
            added(one(indices), other(indices)) if shift else multiplied(one(indices), other(indices))
        )

    def within(indices: list[Term]) -> Term:
        name = "abcd"[len(indices)]
        inner = total(name, number(start), plus(indices[-1 if kind == 5 else 0], shift), one([*indices, letter(name)]))
        return inner if start == 1 else multiplied(other(indices), inner)

    return within


def random_claims(random: Random) -> Iterator[tuple[int, str, Term, Term]]:
    """Yield a least n, a relation and its two sides: always true, true but for short sums, or false."""
    least, first, offset = random.choice([-2, -1, 0, 1, 2]), random.choice([-1, 0, 1, 1, 2]), random.choice([-1, 0, 1])
    one, other = (random_body(random, random.choice([0, 1, 2])) for _ in range(2))
    i, n, start = letter("i"), letter("n"), number(first)
    end, beyond = plus(n, offset), plus(n, offset + 1)

    def of(lower: Term, upper: Term, *terms: Body) -> Term:
        return total("i", lower, upper, added(*(body([n, i]) for body in terms)))

    whole = of(start, end, one)
    yield least, "=", of(start, end, one, other), added(whole, of(start, end, other))
    yield least, "=", of(start, beyond, one), added(whole, one([n, beyond]))
    yield least, "=", whole, added(one([n, start]), of(number(first + 1), end, one))
    yield least, "=", of(start, beyond, one), added(one([n, start]), whole)
    yield least, "=", multiplied(number(2), whole), of(start, end, one, one)
    yield least, "=", whole, of(start, end, other)
    yield least, "\\ge", whole, number(0)
    yield least, ">", whole, number(0)


@pytest.mark.parametrize("seed", range(12))
def test_random_sums_agree_with_sums_that_are_written_out(seed: int) -> None:
    random, decided = Random(seed), set()
    for least, operator, left, right in random_claims(random):
        kind = _kind(f"n integer; n >= {least}; p_i, q_i > 0", f"{left.latex} {operator} {right.latex}")
        outcomes = {_outcome(left, operator, right, n) for n in range(least, least + 9)}
        if kind == "proved":
            assert outcomes == {True}, (least, left.latex, right.latex)
        if kind == "refuted" and operator == "=":
            # For the members that were chosen here, false equations between sums do fail somewhere.
            assert False in outcomes, (least, left.latex, right.latex)
        decided.add(kind)
    assert decided & {"proved", "refuted"}


def _outcome(left: Term, operator: str, right: Term, n: int) -> bool | None:
    """Tell whether the relation holds at n, None if a side has no value."""
    try:
        gap = left.at({"n": n}) - right.at({"n": n})
    except Reversed:
        return None
    return {"=": gap == 0, "\\ge": gap >= 0, ">": gap > 0}[operator]
