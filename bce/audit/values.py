"""The values of terms: exact fractions as long as they can be, balls of python-flint from the first logarithm on."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from .terms import ANY_SIGN, Case, Missing, NoValue, Signs, Term, Undecided

#: A `Fraction`, or a ball.
Value = Any

_LARGEST_EXPONENT = 10_000
#: How near a limit is approached, a + 2^-k for a finite target and 2^k for an infinite one:
#: far, where powers of the distance have settled, and not so far, where e^t still has digits.
_STEPS = ((48, 96, 192), (5, 7, 9))
_SETTLED = Fraction(1, 2**28)


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
            self._values[id(term)] = _VALUES[term.operation](self, *term.parts)
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


_VALUES: dict[str, Callable[..., Value]] = {
    "number": Evaluation._number,
    "variable": Evaluation._variable,
    "add": Evaluation._add,
    "multiply": Evaluation._multiply,
    "power": Evaluation._power,
    "root": Evaluation._root,
    "slope of root": Evaluation._slope_of_root,
    "exp": Evaluation._exp,
    "log": Evaluation._log,
    "infinity": Evaluation._infinity,
    "limit": Evaluation._limit,
    "choose": Evaluation._choose,
    "demand": Evaluation._demand,
}


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


def _exponential(exponent: Any) -> Any:
    result = exponent.exp()
    if not result.is_finite():
        raise Undecided
    return result
