r"""A small language of formulas with an evaluator of its own, for tests that know what a formula is worth.

A `Term` is LaTeX together with the function that computes it; no tree, no parser and no rule of the verifier is
involved. Values have 60 digits. An empty sum (its upper bound is one below the lower one) is 0; anything further
reversed has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from mpmath import mp, mpf

mp.dps = 60
_ZERO = mpf(10) ** -40
_SAME, _DIFFERENT, _LARGE = mpf(10) ** -27, mpf(10) ** -12, mpf(10) ** 12
_LONGEST = 400


class Undefined(Exception):
    """The formula has no value here."""


class Unsure(Exception):
    """The digits do not tell."""


class Ambiguous(Exception):
    """The formula means one thing to some readers and another to others."""


class Outside(Exception):
    """The statement says nothing about this point."""


@dataclass(frozen=True)
class Point:
    """Values of symbols and indices, the members of families, and what helper quantities stand for.

    The body of a helper family is a term in the index i.
    """

    values: Mapping[str, mpf]
    members: Mapping[str, Callable[[int], mpf]] = field(default_factory=dict)
    helpers: Mapping[str, Term] = field(default_factory=dict)

    def at(self, name: str, value: mpf) -> Point:
        return replace(self, values={**self.values, name: value})

    def of(self, name: str) -> mpf:
        return self.values[name] if name in self.values else self.helpers[name].value(self)

    def member(self, family: str, index: int) -> mpf:
        if family in self.members:
            return self.members[family](index)
        return self.helpers[f"{family}_i"].value(self.at("i", mpf(index)))


#: How firmly a term holds together: a sum, a product, or something that needs no bracket in a product.
SUM, PRODUCT, FACTOR = range(3)


@dataclass(frozen=True)
class Term:
    """A formula as it is written, and the function that computes it; ``names`` are those that it mentions."""

    latex: str
    rank: int
    value: Callable[[Point], mpf]
    names: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.latex


@dataclass(frozen=True)
class Statement:
    """A relation between two terms, perhaps under a condition that is printed behind it."""

    left: Term
    sign: str
    right: Term
    condition: Statement | None = None

    def holds(self, point: Point) -> bool:
        """Tell whether the relation holds at a point.

        Raises
        ------
        Undefined
            If one side has no value.
        Unsure
            If the digits do not tell.
        Outside
            If the condition does not hold.
        """
        if self.condition is not None and not self.condition.holds(point):
            raise Outside
        found = _compared(self.left.value(point), self.right.value(point))
        return found in {"=": {0}, "<": {-1}, ">": {1}, "\\le": {-1, 0}, "\\ge": {0, 1}, "\\ne": {-1, 1}}[self.sign]

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


def _compared(left: mpf, right: mpf) -> int:
    if mp.isinf(left) != mp.isinf(right):
        return 1 if left > right else -1
    gap, size = left - right, 1 + abs(left) + abs(right)
    if not mp.isfinite(gap):
        raise Unsure  # both are infinite
    if abs(gap) < _SAME * size and size < _LARGE:
        return 0
    if abs(gap) < _DIFFERENT * size:
        raise Unsure
    return 1 if gap > 0 else -1


def exact(value: Fraction | int) -> mpf:
    return mpf(Fraction(value).numerator) / Fraction(value).denominator


def nearest(value: mpf) -> Fraction:
    """Return a value as a fraction; one within the error of a sum is the simple fraction that it is meant to be."""
    return Fraction(str(mp.nstr(value, 40))).limit_denominator(10**12)


# --- values ---------------------------------------------------------------------------


def divided(a: mpf, b: mpf) -> mpf:
    if abs(b) < _ZERO:
        raise Undefined
    return a / b


def logarithm(value: mpf) -> mpf:
    if value < _ZERO:
        raise Undefined
    return mp.log(value)


def exponential(value: mpf) -> mpf:
    if abs(value) > 2000:
        raise Unsure
    return mp.exp(value)


def root(value: mpf) -> mpf:
    if value < -_ZERO:
        raise Undefined
    return mp.sqrt(max(value, mpf(0)))


def raised(base: mpf, exponent: int) -> mpf:
    if exponent <= 0 and abs(base) < _ZERO:
        raise Undefined
    if abs(exponent) > 200:
        raise Unsure
    return base**exponent


def whole(value: mpf) -> int:
    nearest = int(mp.nint(value))
    if abs(value - nearest) > _DIFFERENT:
        raise Undefined
    return nearest


def total(point: Point, index: str, bounds: tuple[Term, Term], body: Term, *, product: bool = False) -> mpf:
    """Return a sum or a product over an index."""
    first, last = (whole(bound.value(point)) for bound in bounds)
    if last < first - 1:
        raise Undefined
    if last - first > _LONGEST:
        raise Unsure
    result = mpf(1 if product else 0)
    for k in range(first, last + 1):
        value = body.value(point.at(index, mpf(k)))
        result = result * value if product else result + value
    return result


def slope(function: Callable[[mpf], mpf], at: mpf) -> mpf:
    """Return the derivative of a function, by differences; at a corner there is none."""
    function(at)
    step = mpf(10) ** -15 * (min(abs(at), mpf(1)) or 1)
    try:
        sides = [(function(at + sign * step) - function(at)) / (sign * step) for sign in (1, -1)]
    except Undefined:
        raise Unsure from None  # an end of where the function is defined
    if abs(sides[0] - sides[1]) > mpf(10) ** -6 * (1 + abs(sides[0])):
        raise Undefined
    return (function(at + step) - function(at - step)) / (2 * step)  # off by about 1e-30
