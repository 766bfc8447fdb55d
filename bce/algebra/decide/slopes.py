"""Exact values with their slopes: one evaluation tells how a condition changes with every quantity in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bce.algebra.expression import Expression, Relation, TotalKind
from bce.algebra.intervals import Intervals, NotHere, Value
from bce.algebra.ranges import Signs
from bce.algebra.scope import Scope

from .point import Point


@dataclass(frozen=True)
class Sloped:
    """A rational value, and how fast it grows with each quantity that it depends on."""

    value: Fraction
    slopes: dict[str, Fraction]


class Slopes(Intervals):
    """An `Arithmetic` of sloped values. What is not rational has no value here."""

    def scope(self, point: Point) -> Scope:
        """Return what names mean at a point."""
        plain = point.scope()
        symbols = {name: Sloped(value, {name: Fraction(1)}) for name, value in plain.values.items()}

        def member(index: Value, family: str) -> Sloped:
            return Sloped(point.member(family, value_of(index)), {f"{family}_{value_of(index)}": Fraction(1)})

        families = {family: lambda index, family=family: member(index, family) for family in plain.families}
        return point.statement.scope(symbols, families)

    def add(self, terms: Sequence[Value]) -> Value:
        total, slopes = Fraction(0), dict[str, Fraction]()
        for term in map(_sloped, terms):
            total += term.value
            for name, slope in term.slopes.items():
                slopes[name] = slopes.get(name, Fraction(0)) + slope
        return Sloped(total, slopes) if slopes else total

    def negate(self, value: Value) -> Value:
        return _scaled(_sloped(value), Fraction(-1))

    def multiply(self, factors: Sequence[Value]) -> Value:
        product = _sloped(factors[0])
        for factor in map(_sloped, factors[1:]):
            parts = [_scaled(product, factor.value), _scaled(factor, product.value)]
            product = Sloped(product.value * factor.value, _sloped(self.add(parts)).slopes)
        return product

    def divide(self, numerator: Value, denominator: Value, tree: Expression) -> Value:
        below = _sloped(denominator)
        if below.value == 0:
            raise NotHere("a denominator is 0")
        return self.multiply([numerator, Sloped(1 / below.value, _scaled(below, -1 / below.value**2).slopes)])

    def power(self, base: Value, exponent: Value, tree: Expression) -> Value:
        under, times = _sloped(base), value_of(exponent)
        if times.denominator != 1 or abs(times) > 64 or (times <= 1 and under.value == 0):
            raise NotHere("a power that is not rational")
        slope = times * under.value ** int(times - 1)
        return Sloped(under.value ** int(times), _scaled(under, slope).slopes)

    def exp(self, exponent: Value) -> Value:
        return _constant(super().exp(value_of(exponent)), exponent)

    def log(self, argument: Value, tree: Expression) -> Value:
        return _constant(super().log(value_of(argument), tree), argument)

    def sqrt(self, argument: Value, tree: Expression) -> Value:
        return _constant(super().sqrt(value_of(argument), tree), argument)

    def choose(self, branches: Sequence[tuple[Value, Signs, Callable[[], Value]]], smooth: bool) -> Value:
        return super().choose([(value_of(value), signs, result) for value, signs, result in branches], smooth)

    def differentiate(self, function: Callable[[Value], Value], at: Value, order: int, declared: bool) -> Value:
        raise NotHere("the slope of a derivative")

    def total(self, kind: TotalKind, lower: Value, upper: Value, body: Callable[[Value], Value]) -> Value:
        return super().total(kind, value_of(lower), value_of(upper), body)

    def require(self, value: Value, signs: Signs, relation: Relation) -> None:
        super().require(value_of(value), signs, relation)

    def same_index(self, a: Value, b: Value) -> bool:
        return value_of(a) == value_of(b)

    def require_whole(self, value: Value, tree: Expression) -> None:
        super().require_whole(value_of(value), tree)


def value_of(value: Value) -> Fraction:
    """Return the value without its slopes."""
    return _sloped(value).value


def slopes_of(value: Value) -> dict[str, Fraction]:
    """Return the slopes that are not 0."""
    return {name: slope for name, slope in _sloped(value).slopes.items() if slope}


def _sloped(value: Value) -> Sloped:
    if isinstance(value, Sloped):
        return value
    if isinstance(value, Fraction):
        return Sloped(value, {})
    raise NotHere("a value that is not rational")


def _constant(value: Value, argument: Value) -> Value:
    """Return a value of a function whose slopes are not rational: its argument may not move."""
    if slopes_of(argument):
        raise NotHere("a slope that is not rational")
    return value


def _scaled(value: Sloped, factor: Fraction) -> Sloped:
    return Sloped(factor * value.value, {name: factor * slope for name, slope in value.slopes.items()})
