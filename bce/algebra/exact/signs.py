r"""Which signs a polynomial in the generators can have on the declared domain.

The answers are sound, never complete: a set that is too large makes a step unproved,
never wrongly proved. The rules, in the order they are tried for an irreducible factor:

1. an assumption says it (a declared ``p \ne q``, or the branch of a case distinction);
2. the signs of the terms add up;
3. after moving every generator's range to (0, ∞) the signs of the terms add up;
4. a polynomial in one generator has no root in its range (Sturm's theorem);
5. sums over the same index, and multiples of their length, are one sum of one sign;
6. a constant is enclosed by an interval that does not contain 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from mpmath import iv
from sympy import QQ
from sympy.polys.rings import PolyElement
from sympy.polys.rootisolation import dup_count_real_roots

from bce.algebra.ranges import (
    ANY,
    NEGATIVE,
    NON_NEGATIVE,
    NON_NEGATIVE_REALS,
    NON_POSITIVE,
    POSITIVE,
    POSITIVE_REALS,
    REAL,
    ZERO,
    Range,
    Signs,
    opposite,
    range_of_signs,
    sign_of_number,
    signs_in_range,
    signs_of_power,
    signs_of_product,
    signs_of_sum,
    signs_of_total,
)

from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable
from .field import Field
from .polynomials import composed

_MAX_CASES = 243

_Key = frozenset[tuple[tuple[int, ...], int]]


class SignOracle:
    """Answers sign questions for one field under a set of assumptions."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.assumptions: list[tuple[Element, Signs]] = []
        self._ranges: dict[Generator, Range] = {}
        self._facts: dict[_Key, Signs] = {}
        self._known: dict[PolyElement, Signs] = {}
        self._generator_ranges: dict[Generator, Range] = {}
        field.signs = self.signs

    def assume(self, element: Element, signs: Signs) -> None:
        """Add the knowledge that an element has one of these signs."""
        self.assumptions.append((element, signs))
        self._narrow(element, signs)
        for polynomial, known in self._consequences(element, signs):
            key, sign = _primitive_key(polynomial)
            self._facts[key] = self._facts.get(key, ANY) & (known if sign > 0 else opposite(known))
        self._known.clear()
        self._generator_ranges.clear()

    def _consequences(self, element: Element, signs: Signs) -> Iterable[tuple[PolyElement, Signs]]:
        """Yield what a sign of a quotient says of its numerator, and of the one factor not known yet."""
        below = self._polynomial(element.denominator)
        if below not in (POSITIVE, NEGATIVE):
            return
        above = signs_of_product((signs, below))
        yield element.numerator, above
        content, factors = self.field.factor(element.numerator)
        known = [(f, power, self._polynomial(f)) for f, power in factors]
        open_factors = [f for f, power, known_signs in known if power % 2 and len(known_signs) > 1]
        others = [
            signs_of_power(known_signs, power)
            for f, power, known_signs in known
            if not any(f is o for o in open_factors)
        ]
        rest = signs_of_product([sign_of_number(content), *others])
        if len(open_factors) == 1 and rest in (POSITIVE, NEGATIVE):
            yield open_factors[0], signs_of_product((above, rest))

    def forget(self, count: int) -> None:
        """Keep only the first ``count`` assumptions."""
        kept = self.assumptions[:count]
        self.assumptions, self._ranges, self._facts = [], {}, {}
        self._known.clear()
        self._generator_ranges.clear()
        for element, signs in kept:
            self.assume(element, signs)

    def _narrow(self, element: Element, signs: Signs) -> None:
        """Turn an assumption on ``a x + b`` into a smaller range of ``x``."""
        numerator, generators = element.numerator, element.generators()
        if len(generators) != 1 or not element.denominator.is_ground or not isinstance(generators[0], Variable):
            return
        variable = generators[0]
        numerator = self.field.lift(numerator)
        if numerator.degree(numerator.ring.gens[variable.position]) != 1:
            return
        slope = Fraction(int(numerator.LC))
        offset = Fraction(int(numerator.coeff(1)))
        if slope < 0:
            signs = opposite(signs)
        moved = range_of_signs(signs)
        shift = -offset / slope
        narrow = Range(
            None if moved.lower is None else shift,
            None if moved.upper is None else shift,
            moved.lower_open,
            moved.upper_open,
        )
        self._ranges[variable] = self._find_range(variable).intersect(narrow)
        self._generator_ranges.clear()

    # --- ranges of generators ---------------------------------------------------------

    def range_of(self, generator: Generator) -> Range:
        """Return the smallest known range of a generator's values."""
        if generator not in self._generator_ranges:
            self._generator_ranges[generator] = self._find_range(generator)
        return self._generator_ranges[generator]

    def _find_range(self, generator: Generator) -> Range:
        if isinstance(generator, Variable):
            return self._ranges.get(generator, generator.domain)
        if isinstance(generator, Exponential):
            return _exponential_range(self.signs(generator.exponent))
        if isinstance(generator, Logarithm):
            if self.signs(generator.argument) != POSITIVE:
                return REAL
            return range_of_signs(self.signs(generator.argument - self.field.number(1)))
        if isinstance(generator, Root):
            return POSITIVE_REALS if self.signs(generator.base) == POSITIVE else NON_NEGATIVE_REALS
        if isinstance(generator, Total):
            return range_of_signs(self._total_signs(generator))
        return REAL

    def _total_signs(self, total: Total) -> Signs:
        return signs_of_total(self.signs(total.body), self.signs(total.upper - total.lower + self.field.number(1)))

    # --- signs ------------------------------------------------------------------------

    def signs(self, element: Element) -> Signs:
        """Return the set of signs the element may have."""
        return signs_of_product((self._polynomial(element.numerator), self._polynomial(element.denominator)))

    def _polynomial(self, polynomial: PolyElement) -> Signs:
        polynomial = self.field.lift(polynomial)
        if not polynomial:
            return ZERO
        if polynomial.is_ground:
            return sign_of_number(int(polynomial.LC))
        if polynomial not in self._known:
            self.field.work.spend(200)
            at_once = self._by_terms(polynomial)
            if len(at_once) == 1:
                self._known[polynomial] = at_once
                return at_once
            content, factors = self.field.factor(polynomial)
            signs = [signs_of_power(self._irreducible(f), power) for f, power in factors]
            product = signs_of_product([sign_of_number(content), *signs])
            self._known[self.field.lift(polynomial)] = product & self._assumed(polynomial)
            return self._known[self.field.lift(polynomial)]
        return self._known[polynomial]

    def _irreducible(self, polynomial: PolyElement) -> Signs:
        signs = self._assumed(polynomial)
        for rule in (self._by_terms, self._by_ranges, self._by_roots, self._by_sums, self._by_enclosure):
            if len(signs) <= 1:
                break
            signs &= rule(self.field.lift(polynomial))
        return signs

    def _assumed(self, polynomial: PolyElement) -> Signs:
        if not self._facts:
            return ANY
        key, sign = _primitive_key(polynomial)
        known = self._facts.get(key, ANY)
        return known if sign > 0 else opposite(known)

    def _by_terms(self, polynomial: PolyElement) -> Signs:
        generators = self.field.generators
        ranges = {k: self.range_of(generators[k]) for k in _used(polynomial)}
        return _term_signs(self.field.lift(polynomial), ranges)

    def _by_ranges(self, polynomial: PolyElement) -> Signs:
        ranges = {k: self.range_of(self.field.generators[k]) for k in _used(polynomial)}
        self.field.work.spend(len(polynomial) * 10)
        result: Signs = frozenset()
        for case, (moved, moved_ranges) in enumerate(_boxes(self.field.lift(polynomial), ranges)):
            result |= _term_signs(moved, moved_ranges)
            if result == ANY or case > _MAX_CASES:
                return ANY
        return result

    def _by_roots(self, polynomial: PolyElement) -> Signs:
        used = _used(polynomial)
        if len(used) != 1:
            return ANY
        domain = self.range_of(self.field.generators[used[0]])
        degree = polynomial.degree(polynomial.ring.gens[used[0]])
        if domain.lower == domain.upper and domain.lower is not None:
            return ANY
        coefficients = [QQ(0)] * (degree + 1)
        for monomial, coefficient in polynomial.items():
            coefficients[degree - monomial[used[0]]] = QQ(int(coefficient))
        bounds = {
            "inf": None if domain.lower is None else QQ(domain.lower.numerator, domain.lower.denominator),
            "sup": None if domain.upper is None else QQ(domain.upper.numerator, domain.upper.denominator),
        }
        roots = dup_count_real_roots(coefficients, QQ, **bounds)
        for bound, is_open in ((domain.lower, domain.lower_open), (domain.upper, domain.upper_open)):
            if bound is not None and is_open and _horner(coefficients, bound) == 0:
                roots -= 1
        if roots:
            return ANY
        return sign_of_number(_horner(coefficients, _inside(domain)))

    def _by_sums(self, polynomial: PolyElement) -> Signs:
        """Read ``n - sum(y_i)`` as ``sum(1 - y_i)``."""
        rest, body, first = self.field.polynomial(polynomial), self.field.number(0), None
        for generator in rest.generators():
            gen = polynomial.ring.gens[generator.position]
            if not isinstance(generator, Total) or polynomial.degree(gen) != 1:
                continue
            slope = self.field.polynomial(polynomial.diff(gen))
            first = first or generator
            same_bounds = generator.upper.same(first.upper) and generator.lower.same(first.lower)
            if slope.rational() is None or generator.index is not first.index or not same_bounds:
                return ANY
            rest = rest - slope * self.field.generator_element(generator)
            body = body + slope * generator.body
        if first is None:
            return ANY
        length = first.upper - first.lower + self.field.number(1)
        per_term = (rest / length).rational()
        if per_term is None:
            return ANY
        return signs_of_total(self.signs(body + self.field.number(per_term)), self.signs(length))

    def _by_enclosure(self, polynomial: PolyElement) -> Signs:
        r"""Enclose a constant such as ``\log 3 - 1`` in an interval, if it is one."""
        for precision in (100, 400):
            value = _enclosure(self.field, self.field.polynomial(polynomial), precision)
            if value is None:
                return ANY
            if value > 0:
                return POSITIVE
            if value < 0:
                return NEGATIVE
        return ANY


def _primitive_key(polynomial: PolyElement) -> tuple[_Key, int]:
    """Return a key that is the same for all multiples of a polynomial, in every ring, and the multiple's sign."""
    content = int(polynomial.content()) * (1 if polynomial.LC > 0 else -1)
    terms = frozenset((_stripped(monomial), int(c) // content) for monomial, c in polynomial.items())
    return terms, 1 if content > 0 else -1


def _stripped(monomial: tuple[int, ...]) -> tuple[int, ...]:
    length = len(monomial)
    while length and not monomial[length - 1]:
        length -= 1
    return monomial[:length]


def _exponential_range(exponent: Signs) -> Range:
    if exponent in (POSITIVE, NON_NEGATIVE):
        return range_of_signs(exponent, offset=1)
    if exponent in (NEGATIVE, NON_POSITIVE):
        return Range(Fraction(0), Fraction(1), upper_open=exponent == NEGATIVE)
    return POSITIVE_REALS


def _used(polynomial: PolyElement) -> list[int]:
    return sorted({k for monomial in polynomial for k, power in enumerate(monomial) if power})


def _term_signs(polynomial: PolyElement, ranges: dict[int, Range]) -> Signs:
    signs = {k: signs_in_range(domain) for k, domain in ranges.items()}
    return signs_of_sum(
        signs_of_product(
            [sign_of_number(int(coefficient))]
            + [signs_of_power(signs[k], power) for k, power in enumerate(monomial) if power]
        )
        for monomial, coefficient in polynomial.terms()
    )


def _boxes(polynomial: PolyElement, ranges: dict[int, Range]) -> Iterable[tuple[PolyElement, dict[int, Range]]]:
    """Yield polynomials with all ranges moved to (0, ∞), whose signs together are the polynomial's."""
    for k, domain in ranges.items():
        if domain == POSITIVE_REALS:
            continue
        for moved in _moved(polynomial, k, domain):
            yield from _boxes(moved, {**ranges, k: POSITIVE_REALS})
        return
    yield polynomial, ranges


def _moved(polynomial: PolyElement, k: int, domain: Range) -> Iterable[PolyElement]:
    """Yield the polynomial at each closed end of the range, and on its inside."""
    one, zero = Fraction(1), Fraction(0)
    for bound, is_open in ((domain.lower, domain.lower_open), (domain.upper, domain.upper_open)):
        if bound is not None and not is_open:
            yield composed(polynomial, k, (bound,), (one,))
    if domain.lower is not None and domain.upper is not None:
        if domain.lower < domain.upper:
            yield composed(polynomial, k, (domain.lower, domain.upper), (one, one))
    elif domain.lower is not None:
        yield composed(polynomial, k, (domain.lower, one), (one,))
    elif domain.upper is not None:
        yield composed(polynomial, k, (domain.upper, -one), (one,))
    else:
        yield composed(polynomial, k, (zero,), (one,))
        yield composed(polynomial, k, (zero, one), (one,))
        yield composed(polynomial, k, (zero, -one), (one,))


def _horner(coefficients: list[Any], at: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in coefficients:
        value = value * at + Fraction(int(coefficient.numerator), int(coefficient.denominator))
    return value


def _inside(domain: Range) -> Fraction:
    if domain.lower is not None and domain.upper is not None:
        return (domain.lower + domain.upper) / 2
    if domain.lower is not None:
        return domain.lower + 1
    return domain.upper - 1 if domain.upper is not None else Fraction(0)


def _enclosure(field: Field, element: Element, precision: int) -> Any:
    """Return an interval around a constant element, None if it is not constant."""
    before, iv.prec = iv.prec, precision
    try:
        values = {}
        for generator in element.generators():
            inner = {Exponential: "exponent", Logarithm: "argument", Root: "base"}.get(type(generator))
            value = None if inner is None else _enclosure(field, getattr(generator, inner), precision)
            if value is None:
                return None
            values[generator.position] = _apply(generator, value)
        top, bottom = (_interval_of(p, values) for p in (element.numerator, element.denominator))
        return None if 0 in bottom else top / bottom
    finally:
        iv.prec = before


def _apply(generator: Generator, value: Any) -> Any:
    if isinstance(generator, Exponential):
        return iv.exp(value)
    if isinstance(generator, Logarithm):
        return iv.log(value) if value > 0 else iv.mpf(["-inf", "inf"])
    assert isinstance(generator, Root)
    return iv.exp(iv.log(value) / generator.degree) if value > 0 else iv.mpf(["-inf", "inf"])


def _interval_of(polynomial: PolyElement, values: dict[int, Any]) -> Any:
    total = iv.mpf(0)
    for monomial, coefficient in polynomial.terms():
        term = iv.mpf(int(coefficient))
        for position, power in enumerate(monomial):
            if power:
                term *= values[position] ** power
        total += term
    return total
