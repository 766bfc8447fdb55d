"""The field in which equations are decided.

Every formula becomes a quotient of two integer polynomials in *generators*: variables,
exponentials of monomials, logarithms of irreducible polynomials of proven sign,
logarithms of primes, roots, and sums of symbolic length. The laws of ``exp`` and ``log``
are applied while an element is built, so that two formulas are equal as soon as the
numerator of their difference is the zero polynomial. Nothing is simplified by search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

from sympy.polys.rings import PolyElement

from bce.algebra.errors import BudgetExceeded, Undefined, Unsupported, Work
from bce.algebra.ranges import NEGATIVE, POSITIVE, Range, Signs

from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable, generator_depends_on, parts_of
from .polynomials import MOST_BITS, constant, factored, has_long_coefficient, is_one, lifted, lowest_terms, ring_of

#: Work allowed for one step, in polynomial terms multiplied.
DEFAULT_BUDGET = 3_000_000


class Field:
    """A growing list of generators, and the operations that need to know them.

    ``signs`` is asked for the signs of a polynomial's values; see `bce.algebra.exact.signs`.
    """

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self.generators: list[Generator] = []
        self.work = Work(budget)
        self.signs: Callable[[Element], Signs] = lambda element: frozenset({-1, 0, 1})
        #: Generators that a declared equation determines, with their values.
        self.solved: dict[Generator, Element] = {}
        self._indices: list[Variable] = []

    # --- elements ---------------------------------------------------------------------

    def number(self, value: Fraction | int) -> Element:
        numerator, denominator = value.numerator, value.denominator
        if max(numerator.bit_length(), denominator.bit_length()) > MOST_BITS:
            raise BudgetExceeded(f"budget: a number of more than {MOST_BITS} bits")
        size = len(self.generators)
        return Element(self, constant(size, numerator), constant(size, denominator))

    def align(self, a: Element, b: Element) -> tuple[PolyElement, PolyElement, PolyElement, PolyElement]:
        """Return numerators and denominators of both elements, lifted into today's ring."""
        size = len(self.generators)
        for element in (a, b):
            if element.numerator.ring.ngens != size or element.denominator.ring.ngens != size:
                # It is the same element there, so it may as well stay there.
                element.numerator = lifted(element.numerator, size)
                element.denominator = lifted(element.denominator, size)
        self.work.spend(len(a.numerator) * len(b.denominator) + len(a.denominator) * len(b.numerator))
        return a.numerator, a.denominator, b.numerator, b.denominator

    def lift(self, polynomial: PolyElement) -> PolyElement:
        return lifted(polynomial, len(self.generators))

    def quotient(self, numerator: PolyElement, denominator: PolyElement) -> Element:
        if not denominator:
            raise Undefined("a denominator is 0")
        self.work.spend(len(numerator) + len(denominator))
        if not is_one(denominator):
            # The cost of a greatest common divisor doubles with every further generator.
            self.work.spend(1 << max(0, numerator.ring.ngens - 10))
            numerator, denominator = lowest_terms(numerator, denominator)
        if has_long_coefficient(numerator) or has_long_coefficient(denominator):
            raise BudgetExceeded(f"budget: a coefficient of more than {MOST_BITS} bits")
        return Element(self, numerator, denominator)

    def polynomial(self, polynomial: PolyElement) -> Element:
        numerator = self.lift(polynomial)
        return Element(self, numerator, numerator.ring.one)

    def generator_element(self, generator: Generator) -> Element:
        ring = ring_of(len(self.generators))
        return Element(self, ring.gens[generator.position], ring.one)

    def resolve(self, generator: Generator) -> Element:
        """Return the generator, or the value that a declared equation gives it."""
        return self.solved.get(generator) or self.generator_element(generator)

    def solve(self, equation: Element) -> None:
        """Make ``equation == 0`` hold by expressing one generator through the others."""
        numerator = self.lift(equation.numerator)
        candidates = sorted(equation.generators(), key=lambda g: (isinstance(g, Total), g.position))
        for generator in reversed(candidates):
            gen = numerator.ring.gens[generator.position]
            if numerator.degree(gen) != 1 or not isinstance(generator, (Total, Variable)):
                continue
            slope = self.polynomial(numerator.diff(gen))
            rest = self.polynomial(numerator) - slope * self.generator_element(generator)
            if slope.rational() is not None and not rest.depends_on(generator):
                self.solved[generator] = -rest / slope
                return
        raise Unsupported("a declared equation has to determine one of its quantities linearly")

    def _adjoin(self, make: Callable[[int], Generator]) -> Element:
        generator = make(len(self.generators))
        self.generators.append(generator)
        return self.generator_element(generator)

    def factor(self, polynomial: PolyElement) -> tuple[int, tuple[tuple[PolyElement, int], ...]]:
        """Return the content and the irreducible factors with their powers."""
        polynomial = self.lift(polynomial)
        if polynomial.is_ground:
            return int(polynomial.LC), ()
        # The price is the same whether an earlier step has asked for these factors or not.
        self.work.spend(50 * len(polynomial))
        if sum(polynomial.degrees()) > 40 or len(polynomial) > 300:
            raise BudgetExceeded("budget: a polynomial too large to factor")
        return factored(polynomial)

    # --- generators -------------------------------------------------------------------

    def variable(self, name: str, domain: Range) -> Variable:
        """Return a new free variable."""
        variable = Variable(len(self.generators), name, domain)
        self.generators.append(variable)
        return variable

    def member(self, family: str, index: Element, domain: Range) -> Element:
        """Return the member of a family at an index, always the same generator for the same index."""
        for g in self.generators:
            if isinstance(g, Variable) and g.family == family and g.index is not None and g.index.same(index):
                return self.resolve(g)
        return self._adjoin(lambda position: Variable(position, family, domain, family, index))

    def exp(self, exponent: Element) -> Element:
        result = self.number(1)
        for coefficient, monomial in self._terms(exponent):
            result = result * self._rational_power(self._exp_of_monomial(monomial), coefficient)
        return result

    def _exp_of_monomial(self, monomial: Element) -> Element:
        single = monomial.generators()
        if len(single) == 1 and isinstance(single[0], Logarithm) and monomial.same(self.generator_element(single[0])):
            return single[0].argument
        for g in self.generators:
            if isinstance(g, Exponential) and g.exponent.same(monomial):
                return self.generator_element(g)
        return self._adjoin(lambda position: Exponential(position, monomial))

    def _rational_power(self, base: Element, power: Fraction) -> Element:
        if power.denominator == 1:
            return base**power.numerator
        return self._root(base, power.denominator) ** power.numerator

    def _root(self, base: Element, degree: int) -> Element:
        roots = self._roots_of(base)
        for root in roots:
            if root.degree % degree == 0:
                return self.generator_element(root) ** (root.degree // degree)
        common = lcm(degree, *(root.degree for root in roots))
        finest = self._adjoin(lambda position: Root(position, base, common))
        return finest ** (common // degree)

    def _roots_of(self, base: Element) -> list[Root]:
        """Return the roots of a base that are known, the finest first."""
        roots = [g for g in self.generators if isinstance(g, Root) and g.base.same(base)]
        return sorted(roots, key=lambda root: -root.degree)

    def square_part(self, element: Element) -> tuple[Element, Element]:
        """Split an element into ``square ** 2 * rest`` with as much in the square as factors show."""
        square, rest = self.number(1), self.number(1)
        for polynomial, side in ((element.numerator, 1), (element.denominator, -1)):
            content, factors = self.factor(polynomial)
            rest = rest * self.number(content) ** side
            for factor, power in factors:
                base = self.polynomial(factor)
                square = square * base ** (side * (power // 2))
                rest = rest * base ** (side * (power % 2))
        return square, rest

    def constant_term(self, element: Element) -> Fraction:
        """Return the term of a polynomial with whole coefficients that is free of all generators."""
        return Fraction(int(self.lift(element.numerator).coeff(1)))

    def square_root(self, base: Element) -> Element:
        """Return the root of a non-negative element without splitting it."""
        return self._root(base, 2)

    def _terms(self, element: Element) -> list[tuple[Fraction, Element]]:
        """Split an element into rational coefficients times monic monomials (over one denominator)."""
        numerator, denominator = self.lift(element.numerator), self.lift(element.denominator)
        whole, rest = numerator.div(denominator) if len(denominator) > 1 else (numerator.ring.zero, numerator)
        terms = [(Fraction(int(c)), self._monomial(m), self.number(1)) for m, c in whole.terms() if c]
        content = Fraction(int(denominator.content()))
        bottom = self.polynomial(denominator.primitive()[1])
        terms += [(Fraction(int(c)) / content, self._monomial(m), bottom) for m, c in rest.terms() if c]
        return [(coefficient, monomial / below) for coefficient, monomial, below in terms]

    def _monomial(self, monomial: tuple[int, ...]) -> Element:
        ring = ring_of(len(self.generators))
        padded = monomial + (0,) * (ring.ngens - len(monomial))
        return self.polynomial(ring.from_dict({padded: 1}))

    def log(self, argument: Element) -> Element:
        r"""Return the logarithm, split over every factor whose sign is proven.

        The caller shows that the argument is positive. Factors of unknown sign stay
        together in one generator, because ``\log(ab)`` is not ``\log a + \log b`` for them.
        """
        result, unknown, sign = self.number(0), self.number(1), 1
        for polynomial, side in ((argument.numerator, 1), (argument.denominator, -1)):
            content, factors = self.factor(polynomial)
            sign *= 1 if content > 0 else -1
            result = result + self.log_of_integer(abs(content)) * self.number(side)
            for factor, power in factors:
                element = self.polynomial(factor)
                signs = self.signs(element)
                if signs == NEGATIVE:
                    sign *= (-1) ** power
                if signs in (POSITIVE, NEGATIVE):
                    positive = element if signs == POSITIVE else -element
                    result = result + self._log_of_factor(positive) * self.number(side * power)
                else:
                    unknown = unknown * element ** (side * power)
        unknown = unknown * self.number(sign)
        if unknown.rational() == 1:
            return result
        return result + self._logarithm(unknown)

    def log_of_integer(self, value: int) -> Element:
        """Return the logarithm of a positive integer, split into those of its small primes."""
        result, prime = self.number(0), 2
        while value > 1:
            if prime > 1000:
                return result + self._logarithm(self.number(value))
            power = 0
            while value % prime == 0:
                value, power = value // prime, power + 1
            if power:
                result = result + self._logarithm(self.number(prime)) * self.number(power)
            prime += 1 if prime == 2 else 2
        return result

    def _log_of_factor(self, factor: Element) -> Element:
        single = factor.generators()
        if len(single) == 1 and factor.same(self.generator_element(single[0])):
            if isinstance(single[0], Exponential):
                return single[0].exponent
            if isinstance(single[0], Root):
                return self.log(single[0].base) / self.number(single[0].degree)
        return self._logarithm(factor)

    def _logarithm(self, argument: Element) -> Element:
        for g in self.generators:
            if isinstance(g, Logarithm) and g.argument.same(argument):
                return self.generator_element(g)
        return self._adjoin(lambda position: Logarithm(position, argument))

    def power(self, base: Element, exponent: Element) -> Element:
        """Return ``base ** exponent``; any exponent but an integer needs a positive base."""
        value = exponent.rational()
        if value is not None and value.denominator == 1:
            return base ** int(value)
        return self.exp(exponent * self.log(base))

    # --- sums of symbolic length ------------------------------------------------------

    def index_variable(self, depth: int) -> Variable:
        """Return the bound variable of sums nested this deep, a positive integer."""
        while depth >= len(self._indices):
            domain = Range(lower=Fraction(1), lower_open=False, integer=True)
            self._indices.append(self.variable(f"index {len(self._indices)}", domain))
        return self._indices[depth]

    def index_variables(self) -> list[Variable]:
        """Return all bound variables of sums."""
        return self._indices

    def total(self, index: Variable, lower: Element, upper: Element, body: Element) -> Element:
        """Return the sum of ``body`` for ``index`` from lower to upper, by linearity."""
        count = upper - lower + self.number(1)
        result = self.number(0)
        for coefficient, kernel in self._linear_parts(body, index):
            one = kernel.rational() == 1
            result = result + coefficient * (count if one else self._total(index, lower, upper, kernel))
        return result

    def _total(self, index: Variable, lower: Element, upper: Element, body: Element) -> Element:
        index, body = self._with_first_index(index, body)
        for g in self.generators:
            if (
                isinstance(g, Total)
                and g.index is index
                and g.lower.same(lower)
                and g.upper.same(upper)
                and g.body.same(body)
            ):
                return self.resolve(g)
        return self._adjoin(lambda position: Total(position, index, lower, upper, body))

    def _with_first_index(self, index: Variable, body: Element) -> tuple[Variable, Element]:
        """Rename the bound index to the first that is free, so that equal sums are one generator."""
        depth = 0
        while (first := self.index_variable(depth)) is not index:
            if not body.depends_on(first):
                return first, self.substitute(body, {index: self.generator_element(first)})
            depth += 1
        return index, body

    def _linear_parts(self, body: Element, index: Variable) -> Iterable[tuple[Element, Element]]:
        """Split a body into (coefficient free of the index, rest that has no such factor)."""
        free_below, bound_below = self._split_factors(body.denominator, index)
        numerator = self.lift(body.numerator)
        if len(bound_below.numerator) > 1:
            # Divide first, so that E/(1 + E) and 1 - 1/(1 + E) have the same parts.
            whole, numerator = numerator.div(self.lift(bound_below.numerator))
            yield from self._monomial_parts(whole, index, free_below, self.number(1))
        yield from self._monomial_parts(numerator, index, free_below, bound_below)

    def _monomial_parts(
        self, numerator: PolyElement, index: Variable, free_below: Element, bound_below: Element
    ) -> Iterable[tuple[Element, Element]]:
        bound = [generator_depends_on(g, index) for g in self.generators]
        groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in numerator.items():
            inside = tuple(power if b else 0 for power, b in zip(monomial, bound, strict=False))
            outside = tuple(0 if b else power for power, b in zip(monomial, bound, strict=False))
            groups.setdefault(inside, {})[outside] = coefficient
        for kernel, terms in sorted(groups.items(), key=lambda item: item[0]):
            coefficients = self.polynomial(numerator.ring.from_dict(terms))
            yield coefficients / free_below, self._monomial(kernel) / bound_below

    def _split_factors(self, polynomial: PolyElement, index: Variable) -> tuple[Element, Element]:
        content, factors = self.factor(polynomial)
        free, bound = self.number(content), self.number(1)
        for factor, power in factors:
            element = self.polynomial(factor) ** power
            if element.depends_on(index):
                bound = bound * element
            else:
                free = free * element
        return free, bound

    # --- substitution and relations ---------------------------------------------------

    def substitute(self, element: Element, values: Mapping[Generator, Element]) -> Element:
        """Return the element with generators replaced, inside of other generators too."""
        cache: dict[Generator, Element] = dict(values)
        return self._replace(element, cache)

    def _replace(self, element: Element, cache: dict[Generator, Element]) -> Element:
        touched = [g for g in element.generators() if self._touched(g, cache)]
        if not touched:
            return element
        for generator in touched:
            if generator not in cache:
                cache[generator] = self._rebuild(generator, cache)
        numerator = self.evaluate(element.numerator, cache)
        return numerator / self.evaluate(element.denominator, cache)

    def _touched(self, generator: Generator, cache: Mapping[Generator, Element]) -> bool:
        if generator in cache:
            return True
        if isinstance(generator, Total) and generator.index in cache:
            cache = {g: value for g, value in cache.items() if g is not generator.index}
        return any(self._touched(inner, cache) for part in parts_of(generator) for inner in part.generators())

    def _rebuild(self, generator: Generator, cache: dict[Generator, Element]) -> Element:
        if isinstance(generator, Total):
            return self._rebuild_total(generator, cache)
        parts = [self._replace(part, cache) for part in parts_of(generator)]
        if isinstance(generator, Exponential):
            return self.exp(parts[0])
        if isinstance(generator, Logarithm):
            return self.log(parts[0])
        if isinstance(generator, Root):
            return self._rational_power(parts[0], Fraction(1, generator.degree))
        if isinstance(generator, Variable) and generator.family is not None:
            return self.member(generator.family, parts[0], generator.domain)
        raise Unsupported("this quantity cannot be substituted into")

    def _rebuild_total(self, total: Total, cache: Mapping[Generator, Element]) -> Element:
        """Substitute into a sum under a bound index that no replacement contains."""
        lower, upper = (self._replace(part, dict(cache)) for part in (total.lower, total.upper))
        inside = {g: value for g, value in cache.items() if g is not total.index}
        depth = 0
        while self._occurs(self.index_variable(depth), total, inside):
            depth += 1
        index = self.index_variable(depth)
        body = self._replace(total.body, {total.index: self.generator_element(index)})
        return self.total(index, lower, upper, self._replace(body, inside))

    def _occurs(self, index: Variable, total: Total, values: Mapping[Generator, Element]) -> bool:
        if index is total.index:
            return any(value.depends_on(index) for value in values.values())
        return total.body.depends_on(index) or any(g is index or v.depends_on(index) for g, v in values.items())

    def evaluate(self, polynomial: PolyElement, values: Mapping[Generator, Element]) -> Element:
        """Return the polynomial with some generators replaced by elements."""
        result = self.number(0)
        for monomial, coefficient in list(polynomial.terms()):
            kept = list(monomial)
            factor = self.number(Fraction(int(coefficient)))
            for position, power in enumerate(monomial):
                if power and self.generators[position] in values:
                    factor = factor * values[self.generators[position]] ** power
                    kept[position] = 0
            result = result + factor * self._monomial(tuple(kept))
        return result

    def reduced(self, element: Element) -> Element:
        """Return the element with every power of a root below the root's degree."""
        coarse: dict[Generator, Element] = {}
        for root in element.generators():
            finest = self._roots_of(root.base)[0] if isinstance(root, Root) else root
            if isinstance(root, Root) and isinstance(finest, Root) and finest is not root:
                coarse[root] = self.generator_element(finest) ** (finest.degree // root.degree)
        if coarse:
            element = self.evaluate(element.numerator, coarse)
        while True:
            numerator = self.lift(element.numerator)
            for root in element.generators():
                if isinstance(root, Root) and any(m[root.position] >= root.degree for m in numerator):
                    element = self._reduce_root(numerator, root)
                    break
            else:
                return element

    def _reduce_root(self, numerator: PolyElement, root: Root) -> Element:
        result = self.number(0)
        for monomial, coefficient in numerator.terms():
            times, rest = divmod(monomial[root.position], root.degree)
            kept = (*monomial[: root.position], rest, *monomial[root.position + 1 :])
            term = self._monomial(kept) * self.number(Fraction(int(coefficient)))
            result = result + term * root.base**times
        return Element(self, result.numerator, result.numerator.ring.one)
