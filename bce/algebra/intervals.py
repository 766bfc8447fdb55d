"""The interval arithmetic: certified enclosures of formulas at rational points.

Rational values stay exact fractions as long as possible; the first ``exp`` or ``log``
makes an interval of them (mpmath's ``iv``, which rounds outwards). Derivatives are
computed by dual numbers over intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import iv

from .doubles import DOUBLE, DoubleInterval
from .errors import AlgebraError, BudgetExceeded, Unsupported
from .expression import Expression, Relation, Side, TotalKind
from .ranges import ANY, NEGATIVE, POSITIVE, ZERO, Signs, sign_of_number

_LONGEST_SUM = 1000
_LARGEST_EXPONENT = 10_000
_DEEPEST_DERIVATIVE = 8
_LARGEST_NUMBER_BITS = 100_000

#: A Fraction, an mpmath interval, or a Dual over these.
Value = Any


class NotHere(AlgebraError):
    """The formula has no certified value at this point: it is undefined, or too close to call."""


class NoValue(NotHere):
    """The formula certainly has no value at this point."""


@dataclass(frozen=True)
class Dual:
    """``value + slope ε`` with ``ε² = 0``. The level tells the ε of nested derivatives apart."""

    value: Value
    slope: Value
    level: int


class Intervals:
    """An `Arithmetic` of certified enclosures. Use it inside of `working_precision`."""

    def __init__(self) -> None:
        self._level = 0

    # --- field operations -------------------------------------------------------------

    def number(self, value: Fraction) -> Value:
        return value

    def add(self, terms: Sequence[Value]) -> Value:
        total = terms[0]
        for term in terms[1:]:
            total = _add(total, term)
        return total

    def negate(self, value: Value) -> Value:
        return _multiply(Fraction(-1), value)

    def multiply(self, factors: Sequence[Value]) -> Value:
        product = factors[0]
        for factor in factors[1:]:
            product = _multiply(product, factor)
        return product

    def divide(self, numerator: Value, denominator: Value, tree: Expression) -> Value:
        return _multiply(numerator, self._reciprocal(denominator))

    def _reciprocal(self, value: Value) -> Value:
        if isinstance(value, Dual):
            inverse = self._reciprocal(value.value)
            slope = _multiply(_multiply(Fraction(-1), value.slope), _multiply(inverse, inverse))
            return Dual(inverse, slope, value.level)
        if signs_of(value) == ZERO:
            raise NoValue("a denominator is 0")
        if 0 in signs_of(value):
            raise NotHere("a denominator may be 0")
        return 1 / value

    def power(self, base: Value, exponent: Value, tree: Expression) -> Value:
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            return self._whole_power(base, int(exponent))
        if signs_of(base) != POSITIVE and not isinstance(exponent, Fraction):
            raise NotHere("a power of what may not be positive, with an exponent that may be whole")
        return self.exp(_multiply(exponent, self.log(base, tree)))

    def _whole_power(self, base: Value, exponent: int) -> Value:
        if abs(exponent) > _LARGEST_EXPONENT:
            raise BudgetExceeded(f"an exponent of {exponent}")
        if exponent <= 0 and signs_of(base) == ZERO:
            raise NoValue("0 with a power that is not positive")
        if exponent <= 0 and 0 in signs_of(base):
            raise NotHere("a power of 0 that is not positive")
        if exponent < 0:
            return self._reciprocal(self._whole_power(base, -exponent))
        result: Value = Fraction(1)
        while exponent:
            if exponent % 2:
                result = _multiply(result, base)
            exponent //= 2
            base = _multiply(base, base) if exponent else base
        return result

    # --- transcendental functions -----------------------------------------------------

    def exp(self, exponent: Value) -> Value:
        if isinstance(exponent, Dual):
            value = self.exp(exponent.value)
            return Dual(value, _multiply(value, exponent.slope), exponent.level)
        if exponent == 0 and isinstance(exponent, Fraction):
            return Fraction(1)
        exponent = to_interval(exponent)
        if exponent.b > 1_000_000 or exponent.a < -1_000_000:
            raise NotHere("an exponential out of reach")
        return exponent.exp() if isinstance(exponent, DoubleInterval) else iv.exp(exponent)

    def log(self, argument: Value, tree: Expression) -> Value:
        if isinstance(argument, Dual):
            slope = _multiply(argument.slope, self._reciprocal(argument.value))
            return Dual(self.log(argument.value, tree), slope, argument.level)
        if not signs_of(argument) & POSITIVE:
            raise NoValue("a logarithm of a number that is not positive")
        if signs_of(argument) != POSITIVE:
            raise NotHere("the argument of a logarithm may not be positive")
        if isinstance(argument, Fraction) and argument == 1:
            return Fraction(0)
        argument = to_interval(argument)
        return argument.log() if isinstance(argument, DoubleInterval) else iv.log(argument)

    def sqrt(self, argument: Value, tree: Expression) -> Value:
        if isinstance(argument, Fraction) and argument == 0:
            return argument
        if signs_of(argument) == NEGATIVE:
            raise NoValue("a root of a negative number")
        return self.power(argument, Fraction(1, 2), tree)

    def choose(self, branches: Sequence[tuple[Value, Signs, Callable[[], Value]]], smooth: bool) -> Value:
        for value, signs, result in branches:
            known = signs_of(value)
            if isinstance(value, Dual) and 0 in known:
                raise NotHere("a derivative where two cases meet")
            if known <= signs:
                return result()
            if known & signs:
                raise NotHere("the case is too close to call")
        raise NoValue("no case of a definition applies")

    # --- calculus and sums ------------------------------------------------------------

    def differentiate(self, function: Callable[[Value], Value], at: Value, order: int, declared: bool) -> Value:
        if order == 0:
            return function(at)
        return self._slope(lambda value: self.differentiate(function, value, order - 1, declared), at)

    def _slope(self, function: Callable[[Value], Value], at: Value) -> Value:
        if self._level >= _DEEPEST_DERIVATIVE:
            raise BudgetExceeded(f"budget: derivatives nested more than {_DEEPEST_DERIVATIVE} deep")
        self._level += 1
        try:
            result = function(Dual(at, Fraction(1), self._level))
            return result.slope if isinstance(result, Dual) and result.level == self._level else Fraction(0)
        finally:
            self._level -= 1

    def total(self, kind: TotalKind, lower: Value, upper: Value, body: Callable[[Value], Value]) -> Value:
        if not all(isinstance(bound, Fraction) and bound.denominator == 1 for bound in (lower, upper)):
            raise Unsupported("the bounds of a sum have to be whole numbers")
        if upper < lower - 1:
            raise Unsupported(f"a sum from {lower} to {upper}: it may end at most one below its start")
        if upper - lower > _LONGEST_SUM:
            raise BudgetExceeded(f"a sum of {upper - lower} terms")
        terms = [body(Fraction(k)) for k in range(int(lower), int(upper) + 1)]
        return self.add([Fraction(0), *terms]) if kind == "sum" else self.multiply([Fraction(1), *terms])

    def limit(self, function: Callable[[Value], Value], target: object, side: Side) -> Value:
        raise NotHere("a limit has no value at one point")

    def require(self, value: Value, signs: Signs, relation: Relation) -> None:
        if not signs_of(value) & signs:
            raise NoValue(f"{relation} does not hold there")
        if not signs_of(value) <= signs:
            raise NotHere(f"{relation} does not hold here")

    def same_index(self, a: Value, b: Value) -> bool:
        return bool(a == b)

    def require_whole(self, value: Value, tree: Expression) -> None:
        if isinstance(value, Dual):
            raise Unsupported(f"a derivative by {tree}, which has to be a whole number")
        if not isinstance(value, Fraction):
            raise NotHere(f"{tree} is not shown to be a whole number")
        if value.denominator != 1:
            raise NoValue(f"{tree} is not a whole number")

    def is_bound(self, index: Value) -> bool:
        return False


def signs_of(value: Value) -> Signs:
    """Return the signs that an enclosed value may have."""
    if isinstance(value, Dual):
        return signs_of(value.value)
    # `isinstance` is slow for what is no Fraction: that is an abstract base class's question.
    if type(value) is Fraction:
        return sign_of_number(value)
    if value > 0:
        return POSITIVE
    if value < 0:
        return NEGATIVE
    return ZERO if value.a == 0 == value.b else ANY


def to_interval(value: Value) -> Any:
    """Return the smallest interval of the working precision around a value."""
    if type(value) is Fraction:
        return _enclosed(*value.as_integer_ratio(), iv.prec)
    return value


@lru_cache(maxsize=1 << 12)
def _enclosed(numerator: int, denominator: int, precision: int) -> Any:
    """Enclose a rational number at the working precision; the same few are asked for all the time."""
    if max(numerator.bit_length(), denominator.bit_length()) > _LARGEST_NUMBER_BITS:
        raise BudgetExceeded("a number too long to enclose")
    if precision == DOUBLE:
        return DoubleInterval.around(Fraction(numerator, denominator))
    return iv.mpf(numerator) / iv.mpf(denominator)


def _add(a: Value, b: Value) -> Value:
    if type(a) is type(b) and type(a) is not Dual:
        return a + b
    if isinstance(a, Dual) or isinstance(b, Dual):
        a, b, level = _same_level(a, b)
        return Dual(_add(a.value, b.value), _add(a.slope, b.slope), level)
    return to_interval(a) + to_interval(b)


def _multiply(a: Value, b: Value) -> Value:
    if type(a) is type(b) is DoubleInterval:
        return a * b
    if isinstance(a, Dual) or isinstance(b, Dual):
        a, b, level = _same_level(a, b)
        slope = _add(_multiply(a.value, b.slope), _multiply(a.slope, b.value))
        return Dual(_multiply(a.value, b.value), slope, level)
    if type(a) is Fraction and type(b) is Fraction:
        result = a * b
        if max(result.numerator.bit_length(), result.denominator.bit_length()) > _LARGEST_NUMBER_BITS:
            raise BudgetExceeded("a number too long to multiply")
        return result
    if (type(a) is Fraction and a == 0) or (type(b) is Fraction and b == 0):
        return Fraction(0)
    return to_interval(a) * to_interval(b)


def _same_level(a: Value, b: Value) -> tuple[Dual, Dual, int]:
    """Lift both values to the innermost derivative that is going on in either."""
    level = max(v.level if isinstance(v, Dual) else 0 for v in (a, b))
    lifted = [v if isinstance(v, Dual) and v.level == level else Dual(v, Fraction(0), level) for v in (a, b)]
    return lifted[0], lifted[1], level


def working_precision(bits: int) -> Any:
    """Return a context manager that sets the working precision of all intervals; `DOUBLE` makes them doubles."""
    return _Precision(bits)


class _Precision:
    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before, iv.prec = iv.prec, self.bits

    def __exit__(self, *error: object) -> None:
        iv.prec = self.before
