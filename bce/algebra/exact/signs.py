r"""Which signs an element can have on the declared domain.

The answers are sound, never complete: a set that is too large makes a step unproved,
never wrongly proved. An element is factored, and the rules of `sign_rules` are tried on
each irreducible factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from sympy.polys.rings import PolyElement

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
    signs_of_total,
)
from bce.algebra.rules import Rule, Trace, Use, Uses

from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable, parts_of
from .field import Field
from .sign_rules import ASSUMPTION, RANGES, SIGN_RULES, signs_by_terms

_Key = frozenset[tuple[tuple[int, ...], int]]


class SignOracle:
    """Answers sign questions for one field under a set of assumptions."""

    def __init__(self, field: Field, trace: Trace) -> None:
        self.field = field
        self.trace = trace
        self.assumptions: list[tuple[Element, Signs]] = []
        self._ranges: dict[Generator, Range] = {}
        # What is known comes with the rules that it rests on.
        self._facts: dict[_Key, tuple[Signs, Uses]] = {}
        self._known: dict[PolyElement, tuple[Signs, Uses]] = {}
        self._generator_ranges: dict[Generator, tuple[Range, Uses]] = {}
        self._constant: dict[Generator, bool] = {}
        field.signs = self.signs

    def assume(self, element: Element, signs: Signs) -> None:
        """Add the knowledge that an element has one of these signs, if that is news."""
        self.assumptions.append((element, signs))
        with self.trace.apart() as uses:
            if self.signs(element) <= signs:
                return
            self._narrow(element, signs)
            consequences = list(self._consequences(element, signs))
        for polynomial, known in consequences:
            key, sign = _primitive_key(polynomial)
            before, earlier = self._facts.get(key, (ANY, {}))
            self._facts[key] = before & (known if sign > 0 else opposite(known)), {**earlier, **uses}
        self._known.clear()
        self._generator_ranges.clear()

    def fact(self, polynomial: PolyElement) -> Signs:
        """Return the signs that the assumptions leave to a polynomial."""
        if not self._facts:
            return ANY
        key, sign = _primitive_key(polynomial)
        known, uses = self._facts.get(key, (ANY, {}))
        self.trace.uses.update(uses)
        return known if sign > 0 else opposite(known)

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
            with self.trace.apart() as uses:
                found = self._find_range(generator)
            self._generator_ranges[generator] = found, uses if found != _widest_range(generator) else {}
        found, uses = self._generator_ranges[generator]
        self.trace.uses.update(uses)
        return found

    def _find_range(self, generator: Generator) -> Range:
        if isinstance(generator, Variable):
            if generator not in self._ranges or not self.trace.allows(ASSUMPTION):
                return generator.domain
            self.trace.uses[Use(ASSUMPTION.name)] = None
            return self._ranges[generator]
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
        if element.denominator.is_ground:
            return signs_of_product((self._polynomial(element.numerator), self._polynomial(element.denominator)))
        with self.trace.apart() as uses:
            signs = signs_of_product((self._polynomial(element.numerator), self._polynomial(element.denominator)))
        if signs != ANY:
            self.trace.uses.update(uses)
        return signs

    def _polynomial(self, polynomial: PolyElement) -> Signs:
        polynomial = self.field.lift(polynomial)
        if not polynomial:
            return ZERO
        if polynomial.is_ground:
            return sign_of_number(int(polynomial.LC))
        found = self._known.get(polynomial)
        if found is None:
            self.field.work.spend(200)
            with self.trace.apart() as uses:
                found = self.trace.narrowed(self._ways(polynomial)), uses
            self._known[self.field.lift(polynomial)] = found
        signs, uses = found
        if uses:
            self.trace.uses.update(uses)
        return signs

    def _ways(self, polynomial: PolyElement) -> Iterable[tuple[Rule | None, Callable[[], Signs]]]:
        """Yield the ways to the signs of a polynomial: at once, by its factors, and as a whole."""
        yield ASSUMPTION, lambda: self.fact(polynomial)
        if len(polynomial) == 1:
            yield None, lambda: self._by_generators(polynomial)
        yield RANGES, lambda: signs_by_terms(self, polynomial)
        yield None, lambda: self._by_factors(polynomial)

    def _by_generators(self, monomial: PolyElement) -> Signs:
        """Return the signs of a product of generators; that of a constant generator is plain from what it is."""
        generators, ring = self.field.polynomial(monomial).generators(), monomial.ring
        powers = next(iter(monomial))
        if sum(powers) == 1:
            only = generators[0]
            signs = signs_in_range(self.range_of(only)) if self._is_constant(only) else ANY
        else:
            bases = [(self._polynomial(ring.gens[g.position]), powers[g.position]) for g in generators]
            signs = signs_of_product(signs_of_power(base, power) for base, power in bases)
        return signs_of_product((sign_of_number(int(monomial.LC)), signs))

    def _is_constant(self, generator: Generator) -> bool:
        if generator not in self._constant:
            inner = [g for part in parts_of(generator) for g in part.generators()]
            self._constant[generator] = not isinstance(generator, Variable) and all(map(self._is_constant, inner))
        return self._constant[generator]

    def _by_factors(self, polynomial: PolyElement) -> Signs:
        content, factors = self.field.factor(polynomial)
        signs = [signs_of_power(self._irreducible(factor), power) for factor, power in factors]
        return signs_of_product([sign_of_number(content), *signs])

    def _irreducible(self, polynomial: PolyElement) -> Signs:
        def asked(rule: Rule) -> tuple[Rule, Callable[[], Signs]]:
            return rule, lambda: SIGN_RULES[rule](self, self.field.lift(polynomial))

        return self.trace.narrowed(map(asked, SIGN_RULES))


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


def _widest_range(generator: Generator) -> Range:
    """Return the range that a generator has, whatever is known about what is inside of it."""
    if isinstance(generator, Variable):
        return generator.domain
    if isinstance(generator, Exponential):
        return POSITIVE_REALS
    return NON_NEGATIVE_REALS if isinstance(generator, Root) else REAL


def _exponential_range(exponent: Signs) -> Range:
    if exponent in (POSITIVE, NON_NEGATIVE):
        return range_of_signs(exponent, offset=1)
    if exponent in (NEGATIVE, NON_POSITIVE):
        return Range(Fraction(0), Fraction(1), upper_open=exponent == NEGATIVE)
    return POSITIVE_REALS
