r"""Operations written out: no names, no functions, no sums, no derivative left to take.

The independent evaluator turns every formula into a graph of these terms. Derivatives are
symbolic, values are exact fractions as long as they can be, then balls of python-flint.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

Value = Any  # a Fraction, or a ball


class NoValue(Exception):
    """The formula has no value here: a division by 0, a logarithm of 0, a corner of |x|."""


class Undecided(Exception):
    """The precision does not decide a sign."""


class Term:
    """A node. ``op`` is one of number, variable, add, multiply, power, root, exp, log, branch, guard."""

    __slots__ = ("op", "parts")

    def __init__(self, op: str, *parts: Any) -> None:
        self.op = op
        self.parts = parts

    def below(self) -> list[Term]:
        if self.op == "branch":
            return [t for gap, _, value in self.parts[0] for t in (gap, value)] + [*self.parts[1]]
        if self.op == "guard":
            return [self.parts[0], *(t for t, _ in self.parts[1])]
        return [t for t in self.parts if isinstance(t, Term)] if self.op not in ("add", "multiply") else [*self.parts[0]]


def number(value: Fraction | int) -> Term:
    return Term("number", Fraction(value))


def add(*terms: Term) -> Term:
    return Term("add", terms)


def multiply(*factors: Term) -> Term:
    if any(f.op == "number" and f.parts[0] == 1 for f in factors):
        factors = tuple(f for f in factors if not (f.op == "number" and f.parts[0] == 1))
    return factors[0] if len(factors) == 1 else Term("multiply", factors)


def negate(term: Term) -> Term:
    return multiply(number(-1), term)


def subtract(a: Term, b: Term) -> Term:
    return add(a, negate(b))


def power(base: Term, exponent: Term) -> Term:
    return Term("power", base, exponent)


def divide(a: Term, b: Term) -> Term:
    return multiply(a, power(b, number(-1)))


def branch(
    cases: Sequence[tuple[Term, frozenset[int], Term]], joined: Sequence[Term] = (), continuous: bool = False
) -> Term:
    """Return the value of the first case whose gap has one of its signs.

    A derivative by cases exists where a gap is 0 only if all cases agree there, and so do
    the ``joined`` formulas that were differentiated. With ``continuous`` a gap too small to
    have a known sign does no harm: the value lies in a ball around all cases.
    """
    return Term("branch", tuple(cases), tuple(joined), continuous)


def guard(value: Term, demands: Sequence[tuple[Term, frozenset[int]]]) -> Term:
    """Return a value that exists only where every demanded term has one of its signs."""
    return Term("guard", value, tuple(demands)) if demands else value


ANY_SIGN = frozenset({-1, 0, 1})


# --- derivatives and substitution -----------------------------------------------------


def depends_on(term: Term, variable: Term, known: dict[int, bool]) -> bool:
    if term is variable:
        return True
    if id(term) not in known:
        known[id(term)] = any(depends_on(t, variable, known) for t in term.below())
    return known[id(term)]


class Differentiation:
    """The derivative of terms by one variable."""

    def __init__(self, variable: Term) -> None:
        self.variable = variable
        self.known: dict[int, Term] = {}
        self.dependent: dict[int, bool] = {}
        self.kept: list[Term] = []  # ids stay unique as long as the terms live

    def of(self, term: Term) -> Term:
        if term is self.variable:
            return number(1)
        if not depends_on(term, self.variable, self.dependent):
            return number(0)
        if id(term) not in self.known:
            self.known[id(term)] = getattr(self, f"_{term.op}")(*term.parts)
            self.kept.append(term)
        return self.known[id(term)]

    def _add(self, terms: Sequence[Term]) -> Term:
        return add(*(self.of(t) for t in terms))

    def _multiply(self, factors: Sequence[Term]) -> Term:
        slopes = []
        for k, factor in enumerate(factors):
            if depends_on(factor, self.variable, self.dependent):
                slopes.append(multiply(self.of(factor), *factors[:k], *factors[k + 1 :]))
        return add(*slopes)

    def _power(self, base: Term, exponent: Term) -> Term:
        if exponent.op == "number":
            n = exponent.parts[0]
            if n == 0:
                return number(0)
            outer = number(1) if n == 1 else multiply(number(n), power(base, number(n - 1)))
            return multiply(outer, self.of(base))
        slope = add(multiply(self.of(exponent), Term("log", base)), multiply(exponent, divide(self.of(base), base)))
        return multiply(power(base, exponent), slope)

    def _root(self, base: Term) -> Term:
        return divide(self.of(base), multiply(number(2), Term("root", base)))

    def _exp(self, exponent: Term) -> Term:
        return multiply(self.of(exponent), Term("exp", exponent))

    def _log(self, argument: Term) -> Term:
        return divide(self.of(argument), argument)

    def _branch(
        self, cases: Sequence[tuple[Term, frozenset[int], Term]], joined: Sequence[Term], continuous: bool
    ) -> Term:
        corner = any(depends_on(gap, self.variable, self.dependent) for gap, _, _ in cases)
        values = [value for _, _, value in cases] if corner else []
        return branch([(gap, signs, self.of(value)) for gap, signs, value in cases], [*joined, *values])

    def _guard(self, value: Term, demands: Sequence[tuple[Term, frozenset[int]]]) -> Term:
        return guard(self.of(value), demands)


def substitute(term: Term, variable: Term, value: Term, known: dict[int, Term] | None = None) -> Term:
    known = {} if known is None else known
    if term is variable:
        return value
    if id(term) in known:
        return known[id(term)]

    def inside(part: Term) -> Term:
        return substitute(part, variable, value, known)

    result = term
    if term.op in ("add", "multiply"):
        result = Term(term.op, tuple(inside(t) for t in term.parts[0]))
    elif term.op in ("power", "root", "exp", "log"):
        result = Term(term.op, *(inside(t) for t in term.parts))
    elif term.op == "branch":
        cases, joined, continuous = term.parts
        moved = [(inside(gap), signs, inside(value)) for gap, signs, value in cases]
        result = branch(moved, [inside(t) for t in joined], continuous)
    elif term.op == "guard":
        result = guard(inside(term.parts[0]), [(inside(t), signs) for t, signs in term.parts[1]])
    known[id(term)] = result
    return result


# --- values ---------------------------------------------------------------------------


@contextmanager
def precision(bits: int):
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: Value) -> arb:
    return arb(fmpq(value.numerator, value.denominator)) if isinstance(value, Fraction) else value


def sign(value: Value) -> int:
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise Undecided


class Evaluation:
    """The values of terms at one point, each computed once."""

    def __init__(self, point: Mapping[str, Fraction]) -> None:
        self.point = point
        self.known: dict[int, Value] = {}

    def of(self, term: Term) -> Value:
        if id(term) not in self.known:
            self.known[id(term)] = getattr(self, f"_{term.op}")(*term.parts)
        return self.known[id(term)]

    def _number(self, value: Fraction) -> Value:
        return value

    def _variable(self, name: str) -> Value:
        if name not in self.point:
            raise NoValue(f"{name} has no value at this point")
        return self.point[name]

    def _add(self, terms: Sequence[Term]) -> Value:
        values = [self.of(t) for t in terms]
        exact = sum((v for v in values if isinstance(v, Fraction)), Fraction(0))
        balls = [v for v in values if not isinstance(v, Fraction)]
        return exact if not balls else sum(balls[1:], balls[0]) + ball(exact)

    def _multiply(self, factors: Sequence[Term]) -> Value:
        exact, balls = Fraction(1), []
        for value in [self.of(f) for f in factors]:
            if isinstance(value, Fraction):
                exact *= value
            else:
                balls.append(value)
        if not balls or exact == 0:
            return exact
        for other in balls[1:]:
            balls[0] = balls[0] * other
        return balls[0] * ball(exact)

    def _power(self, base: Term, exponent: Term) -> Value:
        b, e = self.of(base), self.of(exponent)
        if isinstance(e, Fraction) and e.denominator == 1:
            if e <= 0 and sign(b) == 0:
                raise NoValue("0 to a power that is not positive")
            if abs(e) > 10_000:
                raise Undecided
            return b ** int(e)
        if sign(b) <= 0:
            raise NoValue("a broken power of something that is not positive")
        return self._exponential(ball(e) * ball(b).log())

    def _root(self, base: Term) -> Value:
        value = self.of(base)
        if sign(value) < 0:
            raise NoValue("the root of a negative number")
        return value if sign(value) == 0 else ball(value).sqrt()

    def _exp(self, exponent: Term) -> Value:
        value = self.of(exponent)
        return Fraction(1) if value == 0 and isinstance(value, Fraction) else self._exponential(ball(value))

    def _exponential(self, exponent: arb) -> arb:
        result = exponent.exp()
        if not result.is_finite():
            raise Undecided
        return result

    def _log(self, argument: Term) -> Value:
        value = self.of(argument)
        if sign(value) <= 0:
            raise NoValue("the logarithm of something that is not positive")
        return Fraction(0) if isinstance(value, Fraction) and value == 1 else ball(value).log()

    def _branch(
        self, cases: Sequence[tuple[Term, frozenset[int], Term]], joined: Sequence[Term], continuous: bool
    ) -> Value:
        for gap, signs, value in cases:
            try:
                found = sign(self.of(gap))
            except Undecided:
                if not continuous:
                    raise
                first, *others = (ball(self.of(v)) for _, _, v in cases)
                return functools.reduce(lambda a, b: a.union(b), others, first)
            if joined and found == 0 and signs != ANY_SIGN:
                self._require_equal([value for _, _, value in cases])
                self._require_equal(joined)
            if found in signs:
                return self.of(value)
        raise NoValue("no case applies")

    def _require_equal(self, terms: Sequence[Term]) -> None:
        first, *others = (self.of(t) for t in terms)
        for other in others:
            try:
                apart = sign(ball(first) - ball(other)) if isinstance(ball(first), arb) else 0
            except Undecided:
                continue
            if apart:
                raise NoValue("a derivative where two cases meet")

    def _guard(self, value: Term, demands: Sequence[tuple[Term, frozenset[int]]]) -> Value:
        for term, signs in demands:
            found = self.of(term)
            if signs != ANY_SIGN and sign(found) not in signs:
                raise NoValue("an argument outside of the domain")
        return self.of(value)
