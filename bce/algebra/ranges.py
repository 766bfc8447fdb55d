"""Ranges of real numbers and sets of possible signs: the arithmetic of what is known.

A sign set holds every sign a quantity may have: ``{1}`` is positive, ``{0, 1}`` is
non-negative, ``{-1, 1}`` is non-zero, ``{-1, 0, 1}`` is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, floor

from .expression import Operator

Signs = frozenset[int]

POSITIVE: Signs = frozenset({1})
NEGATIVE: Signs = frozenset({-1})
ZERO: Signs = frozenset({0})
NON_NEGATIVE: Signs = frozenset({0, 1})
NON_POSITIVE: Signs = frozenset({-1, 0})
NON_ZERO: Signs = frozenset({-1, 1})
ANY: Signs = frozenset({-1, 0, 1})


def sign_of_number(value: int | Fraction) -> Signs:
    numerator = value.numerator
    return POSITIVE if numerator > 0 else NEGATIVE if numerator < 0 else ZERO


def opposite(signs: Signs) -> Signs:
    return frozenset(-sign for sign in signs)


def signs_of_product(factors: Iterable[Signs]) -> Signs:
    result = POSITIVE
    for signs in factors:
        result = _signs_of_two(result, signs)
    return result


@cache
def _signs_of_two(first: Signs, second: Signs) -> Signs:
    return frozenset(a * b for a in first for b in second)


def signs_of_power(signs: Signs, exponent: int) -> Signs:
    return frozenset(sign**exponent for sign in signs)


def signs_of_sum(terms: Iterable[Signs]) -> Signs:
    result = ZERO
    for signs in terms:
        result = _sum_of_two(result, signs)
        if len(result) == 3:
            break
    return result


@cache
def _sum_of_two(first: Signs, second: Signs) -> Signs:
    both = [(a, b) for a in first for b in second]
    return ANY if any(a * b < 0 for a, b in both) else frozenset(a or b for a, b in both)


def signs_of_total(terms: Signs, length: Signs) -> Signs:
    """Return the signs of a sum over terms of these signs; a sum whose bounds may be reversed has any sign."""
    if not length <= NON_NEGATIVE:
        return ANY
    signs = terms if length == POSITIVE else terms | ZERO
    return signs if signs <= NON_NEGATIVE or signs <= NON_POSITIVE else ANY


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of real numbers; None is an infinite end.

    ``integer`` keeps whole numbers only, and then a finite end is the outermost member: ``n > 0`` is ``n >= 1``.
    """

    lower: Fraction | None = None
    upper: Fraction | None = None
    lower_open: bool = True
    upper_open: bool = True
    integer: bool = False

    def __post_init__(self) -> None:
        if not self.integer:
            return
        if self.lower is not None:
            first = floor(self.lower) + 1 if self.lower_open else ceil(self.lower)
            object.__setattr__(self, "lower", Fraction(first))
            object.__setattr__(self, "lower_open", False)
        if self.upper is not None:
            last = ceil(self.upper) - 1 if self.upper_open else floor(self.upper)
            object.__setattr__(self, "upper", Fraction(last))
            object.__setattr__(self, "upper_open", False)

    def __contains__(self, value: Fraction) -> bool:
        if self.integer and value.denominator != 1:
            return False
        if self.lower is not None and (value < self.lower or (self.lower_open and value == self.lower)):
            return False
        return self.upper is None or value < self.upper or (not self.upper_open and value == self.upper)

    def __str__(self) -> str:
        kind = "an integer" if self.integer else "real"
        if self.lower is None and self.upper is None:
            return kind
        left = "(-∞" if self.lower is None else f"{'(' if self.lower_open else '['}{self.lower}"
        right = "∞)" if self.upper is None else f"{self.upper}{')' if self.upper_open else ']'}"
        return f"{'an integer ' if self.integer else ''}in {left}, {right}"

    def intersect(self, other: Range) -> Range:
        lower, lower_open = _tighter(self.lower, self.lower_open, other.lower, other.lower_open, largest=True)
        upper, upper_open = _tighter(self.upper, self.upper_open, other.upper, other.upper_open, largest=False)
        return Range(lower, upper, lower_open, upper_open, self.integer or other.integer)

    def is_empty(self) -> bool:
        if self.lower is None or self.upper is None:
            return False
        return self.lower > self.upper or (self.lower == self.upper and (self.lower_open or self.upper_open))

    def finite_integers(self) -> list[int] | None:
        """Return the members of a short integer range, None for any other."""
        if not self.integer or self.lower is None or self.upper is None or self.upper - self.lower > 3:
            return None
        return list(range(int(self.lower), int(self.upper) + 1))

    def bounds(self) -> list[tuple[Operator, Fraction]]:
        """Return the bounds as relations ``(">", 0)`` a member satisfies."""
        result: list[tuple[Operator, Fraction]] = []
        if self.lower is not None:
            result.append((">" if self.lower_open else "\\ge", self.lower))
        if self.upper is not None:
            result.append(("<" if self.upper_open else "\\le", self.upper))
        return result


def _tighter(
    a: Fraction | None, a_open: bool, b: Fraction | None, b_open: bool, *, largest: bool
) -> tuple[Fraction | None, bool]:
    if a is None or b is None:
        return (b, b_open) if a is None else (a, a_open)
    if a == b:
        return a, a_open or b_open
    return (a, a_open) if (a > b) == largest else (b, b_open)


REAL = Range()
POSITIVE_REALS = Range(lower=Fraction(0))
NON_NEGATIVE_REALS = Range(lower=Fraction(0), lower_open=False)
NEGATIVE_REALS = Range(upper=Fraction(0))


def range_of_signs(signs: Signs, offset: int = 0) -> Range:
    """Return the smallest range of ``offset + quantity`` when the quantity has these signs."""
    zero = Fraction(offset)
    lower = None if -1 in signs else zero
    upper = None if 1 in signs else zero
    return Range(lower, upper, 0 not in signs, 0 not in signs)


_SIGN_SETS = {
    (below, at_zero, above): frozenset([-1] * below + [0] * at_zero + [1] * above)
    for below in (False, True)
    for at_zero in (False, True)
    for above in (False, True)
}


def signs_in_range(domain: Range) -> Signs:
    """Return the signs that members of a range can have."""
    lowest, highest = (0 if end is None else end.numerator for end in (domain.lower, domain.upper))
    below = domain.lower is None or lowest < 0
    above = domain.upper is None or highest > 0
    at_zero = (below or (lowest == 0 and not domain.lower_open)) and (above or (highest == 0 and not domain.upper_open))
    return _SIGN_SETS[below, at_zero, above]
