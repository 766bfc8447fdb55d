"""Polynomials with whole coefficients, in as many generators as a field has: SymPy's, remembered.

The steps of a derivation ask for the same few polynomials again and again. What costs
time is kept, whichever step asked first: equal arguments have equal answers.
Nobody changes a polynomial in place.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache

from sympy import ZZ
from sympy.polys.rings import PolyElement, PolyRing

MOST_BITS = 4096
_TOO_LARGE = ZZ(2) ** MOST_BITS


@cache
def ring_of(size: int) -> PolyRing:
    """Return the ring of polynomials in so many generators."""
    return PolyRing([f"g{k}" for k in range(size)], ZZ, "lex")


@lru_cache(maxsize=1 << 12)
def constant(size: int, value: int) -> PolyElement:
    return ring_of(size).ground_new(value)


def lifted(polynomial: PolyElement, size: int) -> PolyElement:
    """Return the same polynomial in a ring with more generators."""
    missing = size - polynomial.ring.ngens
    if not missing:
        return polynomial
    return ring_of(size).dtype({monomial + (0,) * missing: c for monomial, c in polynomial.items()})


def is_one(polynomial: PolyElement) -> bool:
    return len(polynomial) == 1 and polynomial.get(polynomial.ring.zero_monom) == 1


def has_long_coefficient(polynomial: PolyElement) -> bool:
    """Tell whether a coefficient has more bits than a number may have."""
    for coefficient in polynomial.values():  # noqa: SIM110 (half of the time of any() with a generator)
        if not -_TOO_LARGE < coefficient < _TOO_LARGE:
            return True
    return False


@lru_cache(maxsize=1 << 14)
def lowest_terms(numerator: PolyElement, denominator: PolyElement) -> tuple[PolyElement, PolyElement]:
    """Divide both by their greatest common divisor."""
    divided: tuple[PolyElement, PolyElement] = numerator.cancel(denominator)
    return divided


@lru_cache(maxsize=1 << 12)
def factored(polynomial: PolyElement) -> tuple[int, tuple[tuple[PolyElement, int], ...]]:
    """Return the content and the irreducible factors with their powers."""
    content, factors = polynomial.factor_list()
    return int(content), tuple((factor, int(power)) for factor, power in factors)


@lru_cache(maxsize=1 << 12)
def composed(polynomial: PolyElement, k: int, top: tuple[Fraction, ...], bottom: tuple[Fraction, ...]) -> PolyElement:
    """Replace generator k by top(w)/bottom(w) and multiply the positive denominators away."""
    ring = polynomial.ring
    w = ring.gens[k]
    scale = 1
    for coefficient in (*top, *bottom):
        scale = scale * coefficient.denominator
    numerator = sum((ring.ground_new(int(c * scale)) * w**p for p, c in enumerate(top)), ring.zero)
    denominator = sum((ring.ground_new(int(c * scale)) * w**p for p, c in enumerate(bottom)), ring.zero)
    degree = polynomial.degree(w)
    result = ring.zero
    for monomial, coefficient in polynomial.terms():
        rest = (*monomial[:k], 0, *monomial[k + 1 :])
        term = ring.from_dict({rest: coefficient})
        for base, power in ((numerator, monomial[k]), (denominator, degree - monomial[k])):
            term = term * base**power if power else term
        result += term
    return result
