"""Intervals whose ends are doubles: a quick look, which the intervals of more digits confirm where it matters.

Sums, products and quotients are rounded outwards. The exponential and the logarithm of the machine are trusted to
a few units in the last place, which no standard promises; so nothing is decided by these intervals alone.
"""

from __future__ import annotations

import math
from fractions import Fraction

#: The working precision that stands for these intervals.
DOUBLE = 53
_WIDER = 2.0**-49


class DoubleInterval:
    """All numbers from ``a`` to ``b``."""

    __slots__ = ("a", "b")

    def __init__(self, a: float, b: float) -> None:
        if not -math.inf < a <= b < math.inf:
            raise OverflowError("an interval of doubles without finite ends")
        self.a = a
        self.b = b

    @classmethod
    def around(cls, value: Fraction) -> DoubleInterval:
        """Return an interval around a rational number."""
        return _outward(value.numerator / value.denominator, value.numerator / value.denominator)

    def __add__(self, other: DoubleInterval) -> DoubleInterval:
        return _outward(self.a + other.a, self.b + other.b)

    def __sub__(self, other: DoubleInterval) -> DoubleInterval:
        return _outward(self.a - other.b, self.b - other.a)

    def __mul__(self, other: DoubleInterval) -> DoubleInterval:
        if self.a >= 0 and other.a >= 0:
            return _outward(self.a * other.a, self.b * other.b)
        ends = (self.a * other.a, self.a * other.b, self.b * other.a, self.b * other.b)
        return _outward(min(ends), max(ends))

    def __rtruediv__(self, other: int) -> DoubleInterval:
        return _outward(other / self.b, other / self.a)

    def __gt__(self, other: float) -> bool:
        return self.a > other

    def __lt__(self, other: float) -> bool:
        return self.b < other

    def exp(self) -> DoubleInterval:
        return DoubleInterval(math.exp(self.a) * (1 - _WIDER), math.exp(self.b) * (1 + _WIDER) + 5e-324)

    def log(self) -> DoubleInterval:
        low, high = math.log(self.a), math.log(self.b)
        return _outward(low - abs(low) * _WIDER, high + abs(high) * _WIDER)


def _outward(a: float, b: float) -> DoubleInterval:
    return DoubleInterval(math.nextafter(a, -math.inf), math.nextafter(b, math.inf))
