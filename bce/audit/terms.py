"""Formulas written out: no name, no function, no sum and no derivative is left in a term.

Derivatives are taken symbolically, term by term. Values are exact fractions as long as they
can be, and balls of python-flint from the first logarithm or exponential on.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

#: A `Fraction`, or a ball.
Value = Any
Signs = frozenset[int]

ANY_SIGN: Signs = frozenset({-1, 0, 1})
_LARGEST_EXPONENT = 10_000
#: How near a limit is approached, a + 2^-k for a finite target and 2^k for an infinite one:
#: far, where powers of the distance have settled, and not so far, where e^t still has digits.
_STEPS = ((48, 96, 192), (5, 7, 9))
_SETTLED = Fraction(1, 2**28)


class NoValue(Exception):
    """The formula has no value here: a division by 0, a logarithm of 0, a corner of a derivative."""


class Undecided(Exception):
    """The working precision does not decide a sign."""


class Missing(Undecided):
    """The point has no value for a quantity."""


class Term:
    """A node, known by its identity. Equal parts of a formula may be shared."""

    __slots__ = ("operation", "parts")

    def __init__(self, operation: str, *parts: Any) -> None:
        self.operation = operation
        self.parts = parts

    def below(self) -> list[Term]:
        """Return the terms that this one is made of."""
        if self.operation in ("add", "multiply"):
            return list(self.parts[0])
        if self.operation == "choose":
            cases, joined, _ = self.parts
            return [t for gap, _, value in cases for t in (gap, value)] + [t for group in joined for t in group]
        if self.operation == "demand":
            return [self.parts[0], *(term for term, _ in self.parts[1])]
        return [part for part in self.parts if isinstance(part, Term)]


#: A gap, the signs of it that select the case, and the value of the case.
Case = tuple[Term, Signs, Term]


def number(value: Fraction | int) -> Term:
    """Return a constant."""
    return Term("number", Fraction(value))


def variable(name: str) -> Term:
    """Return a quantity that has its value from the point."""
    return Term("variable", name)


def add(*terms: Term) -> Term:
    """Return a sum; no terms give 0."""
    return Term("add", terms)


def multiply(*factors: Term) -> Term:
    """Return a product; no factors give 1."""
    kept = tuple(f for f in factors if not (f.operation == "number" and f.parts[0] == 1))
    return kept[0] if len(kept) == 1 else Term("multiply", kept)


def negate(term: Term) -> Term:
    """Return ``-term``."""
    return multiply(number(-1), term)


def subtract(a: Term, b: Term) -> Term:
    """Return ``a - b``."""
    return add(a, negate(b))


def power(base: Term, exponent: Term) -> Term:
    """Return a power; any exponent but a whole number needs a positive base."""
    return Term("power", base, exponent)


def divide(a: Term, b: Term) -> Term:
    """Return ``a / b``."""
    return multiply(a, power(b, number(-1)))


def limit(body: Term, by: Term, target: Term, ways: Sequence[int]) -> Term:
    """Return the value that a body approaches from above (1), below (-1) or both; it is estimated.

    The body is evaluated nearer and nearer to the target, and has to settle or to grow. A
    ball around the last value allows for the distance that is left.
    """
    return Term("limit", body, by, target, tuple(ways))


def choose(cases: Sequence[Case], joined: Sequence[Sequence[Term]] = (), continuous: bool = False) -> Term:
    """Return the value of the first case whose gap has one of its signs.

    A derivative by cases exists where a gap is 0 only if all cases agree there, and so do
    the formulas in each group of ``joined``: what was differentiated. With ``continuous`` a
    gap too small to have a known sign does no harm: the value lies in a ball around all cases.
    """
    return Term("choose", tuple(cases), tuple(joined), continuous)


def demand(value: Term, demands: Sequence[tuple[Term, Signs]]) -> Term:
    """Return a value that exists only where every demanded term has one of its signs."""
    return Term("demand", value, tuple(demands)) if demands else value


# --- derivatives and substitution -----------------------------------------------------


class Differentiation:
    """The derivative of terms by one variable."""

    def __init__(self, by: Term) -> None:
        self.by = by
        self._slopes: dict[int, Term] = {}
        self._dependent: dict[int, bool] = {}

    def of(self, term: Term) -> Term:
        """Return the derivative of a term."""
        if term is self.by:
            return number(1)
        if not self._depends(term):
            return number(0)
        if id(term) not in self._slopes:
            self._slopes[id(term)] = getattr(self, f"_{_name(term)}")(*term.parts)
        return self._slopes[id(term)]

    def _depends(self, term: Term) -> bool:
        if term is self.by:
            return True
        if id(term) not in self._dependent:
            self._dependent[id(term)] = any(self._depends(part) for part in term.below())
        return self._dependent[id(term)]

    def _add(self, terms: Sequence[Term]) -> Term:
        return add(*(self.of(term) for term in terms))

    def _multiply(self, factors: Sequence[Term]) -> Term:
        moving = [k for k, factor in enumerate(factors) if self._depends(factor)]
        return add(*(multiply(self.of(factors[k]), *factors[:k], *factors[k + 1 :]) for k in moving))

    def _power(self, base: Term, exponent: Term) -> Term:
        if exponent.operation == "number":
            n = exponent.parts[0]
            if n == 0:
                return number(0)
            outer = number(1) if n == 1 else multiply(number(n), power(base, number(n - 1)))
            return multiply(outer, self.of(base))
        by_exponent = multiply(self.of(exponent), Term("log", base))
        by_base = multiply(exponent, divide(self.of(base), base))
        return multiply(power(base, exponent), add(by_exponent, by_base))

    def _root(self, base: Term) -> Term:
        return Term("slope of root", base, self.of(base))

    def _slope_of_root(self, base: Term, slope: Term) -> Term:
        bend = divide(multiply(slope, self.of(base)), multiply(number(4), power(Term("root", base), number(3))))
        return subtract(Term("slope of root", base, self.of(slope)), bend)

    def _exp(self, exponent: Term) -> Term:
        return multiply(self.of(exponent), Term("exp", exponent))

    def _log(self, argument: Term) -> Term:
        return divide(self.of(argument), argument)

    def _choose(self, cases: Sequence[Case], joined: Sequence[Sequence[Term]], continuous: bool) -> Term:
        corner = any(self._depends(gap) for gap, _, _ in cases)
        values = [[value for _, _, value in cases]] if corner else []
        return choose([(gap, signs, self.of(value)) for gap, signs, value in cases], [*joined, *values])

    def _demand(self, value: Term, demands: Sequence[tuple[Term, Signs]]) -> Term:
        return demand(self.of(value), demands)

    def _limit(self, body: Term, by: Term, target: Term, ways: Sequence[int]) -> Term:
        raise Undecided("the derivative of a limit")


def substitute(term: Term, by: Term, value: Term) -> Term:
    """Return a term with a variable replaced."""
    return _substitute(term, by, value, {})


def _substitute(term: Term, by: Term, value: Term, known: dict[int, Term]) -> Term:
    if term is by:
        return value
    if id(term) in known:
        return known[id(term)]

    def inside(part: Term) -> Term:
        return _substitute(part, by, value, known)

    result = term
    if term.operation in ("add", "multiply"):
        result = Term(term.operation, tuple(inside(part) for part in term.parts[0]))
    elif term.operation in ("power", "root", "slope of root", "exp", "log"):
        result = Term(term.operation, *(inside(part) for part in term.parts))
    elif term.operation == "choose":
        cases, joined, continuous = term.parts
        moved = [(inside(gap), signs, inside(chosen)) for gap, signs, chosen in cases]
        result = choose(moved, [[inside(part) for part in group] for group in joined], continuous)
    elif term.operation == "limit":
        body, bound, target, ways = term.parts
        result = limit(inside(body), bound, inside(target), ways)
    elif term.operation == "demand":
        result = demand(inside(term.parts[0]), [(inside(part), signs) for part, signs in term.parts[1]])
    known[id(term)] = result
    return result


# --- values ---------------------------------------------------------------------------


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set the working precision of all balls."""
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: Value) -> Any:
    """Return the smallest ball of the working precision around a value."""
    return arb(fmpq(value.numerator, value.denominator)) if isinstance(value, Fraction) else value


def sign(value: Value) -> int:
    """Return the sign of a value.

    Raises
    ------
    Undecided
        If a ball contains 0.
    """
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
        self._values: dict[int, Value] = {}

    def of(self, term: Term) -> Value:
        """Return the value of a term.

        Raises
        ------
        NoValue
            If the term is not defined at the point.
        Undecided
            If the working precision does not tell.
        """
        if id(term) not in self._values:
            self._values[id(term)] = getattr(self, f"_{_name(term)}")(*term.parts)
        return self._values[id(term)]

    def _number(self, value: Fraction) -> Value:
        return value

    def _variable(self, name: str) -> Value:
        if name not in self.point:
            raise Missing(f"{name} has no value at this point")
        return self.point[name]

    def _add(self, terms: Sequence[Term]) -> Value:
        exact, balls = Fraction(0), []
        for value in [self.of(term) for term in terms]:
            if isinstance(value, Fraction):
                exact += value
            else:
                balls.append(value)
        return sum(balls[1:], balls[0]) + ball(exact) if balls else exact

    def _multiply(self, factors: Sequence[Term]) -> Value:
        exact, balls = Fraction(1), []
        for value in [self.of(factor) for factor in factors]:
            if isinstance(value, Fraction):
                exact *= value
            else:
                balls.append(value)
        if not balls or exact == 0:
            return exact
        return functools.reduce(lambda a, b: a * b, balls) * ball(exact)

    def _power(self, base: Term, exponent: Term) -> Value:
        b, e = self.of(base), self.of(exponent)
        if isinstance(e, Fraction) and e.denominator == 1:
            if e <= 0 and sign(b) == 0:
                raise NoValue("0 to a power that is not positive")
            if abs(e) > _LARGEST_EXPONENT:
                raise Undecided
            return b ** int(e)
        if sign(b) <= 0:
            if not isinstance(e, Fraction) and e.contains_integer():
                raise Undecided
            raise NoValue("a broken power of something that is not positive")
        return _exponential(ball(e) * ball(b).log())

    def _root(self, base: Term) -> Value:
        value = self.of(base)
        if sign(value) < 0:
            raise NoValue("the root of a negative number")
        if isinstance(value, Fraction):
            root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
            if root * root == value:
                return root
        return ball(value).sqrt()

    def _slope_of_root(self, base: Term, slope: Term) -> Value:
        # A root has no slope where its radicand crosses 0; where that touches 0, it depends.
        root = self._root(base)
        if sign(root) == 0:
            if sign(self.of(slope)) == 0:
                raise Undecided
            raise NoValue("the derivative of a root of 0")
        return ball(self.of(slope)) / (2 * ball(root))

    def _exp(self, exponent: Term) -> Value:
        value = self.of(exponent)
        return Fraction(1) if isinstance(value, Fraction) and value == 0 else _exponential(ball(value))

    def _log(self, argument: Term) -> Value:
        value = self.of(argument)
        if sign(value) <= 0:
            raise NoValue("the logarithm of something that is not positive")
        return Fraction(0) if isinstance(value, Fraction) and value == 1 else ball(value).log()

    def _infinity(self) -> Value:
        return arb.pos_inf()

    def _limit(self, body: Term, by: Term, target: Term, ways: Sequence[int]) -> Value:
        to = self.of(target)
        found = [self._approached(body, by, to, way) for way in ways]
        if any(not found[0].overlaps(other) for other in found):
            raise NoValue("the limits from the two sides differ")
        return found[0]

    def _approached(self, body: Term, by: Term, target: Value, way: int) -> Any:
        finite = isinstance(target, Fraction)
        if not finite and target.is_finite():
            raise Undecided
        for steps in _STEPS:
            places = [target + Fraction(way, 2**k) if finite else Fraction(way * 2**k) for k in steps]
            try:
                return _settled([ball(Evaluation({**self.point, by.parts[0]: place}).of(body)) for place in places])
            except Undecided:
                continue
        raise Undecided

    def _choose(self, cases: Sequence[Case], joined: Sequence[Sequence[Term]], continuous: bool) -> Value:
        for gap, signs, value in cases:
            try:
                found = sign(self.of(gap))
            except Undecided:
                if not continuous:
                    raise
                return functools.reduce(lambda a, b: a.union(b), [ball(self.of(v)) for _, _, v in cases])
            if joined and found == 0 and signs != ANY_SIGN:
                for group in ([value for _, _, value in cases], *joined):
                    self._require_equal(group)
            if found in signs:
                return self.of(value)
        raise NoValue("no case applies")

    def _require_equal(self, terms: Sequence[Term]) -> None:
        first, *others = (ball(self.of(term)) for term in terms)
        if not all(first.overlaps(other) for other in others):
            raise NoValue("a derivative where two cases meet")

    def _demand(self, value: Term, demands: Sequence[tuple[Term, Signs]]) -> Value:
        for term, signs in demands:
            found = self.of(term)
            if signs != ANY_SIGN and sign(found) not in signs:
                raise NoValue("an argument outside of the domain")
        return self.of(value)


def _settled(values: Sequence[Any]) -> Any:
    """Return the value that a sequence of balls settles on, or ∞ with the sign it grows to."""
    before, middle, last = values
    left, right = abs(last - middle), abs(middle - before)
    small = ball(_SETTLED) * (abs(last) + 1)
    if left < small and right < small:
        return last + arb(0, left.upper() * 4 + ball(_SETTLED) ** 2)
    if abs(last) > 1.5 * abs(middle) and abs(middle) > 1.5 * abs(before) and abs(last) > 60:
        return arb.pos_inf() if last > 0 else arb.neg_inf()
    raise Undecided


def _name(term: Term) -> str:
    return term.operation.replace(" ", "_")


def _exponential(exponent: Any) -> Any:
    result = exponent.exp()
    if not result.is_finite():
        raise Undecided
    return result
