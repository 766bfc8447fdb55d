"""The field in which equations are decided.

Every formula becomes a quotient of two integer polynomials in *generators*: variables,
exponentials of monomials, logarithms of irreducible polynomials of proven sign,
logarithms of primes, roots, and sums of symbolic length. The laws of ``exp`` and ``log``
are applied while an element is built, so that two formulas are equal as soon as the
numerator of their difference is the zero polynomial. Nothing is simplified by search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import lcm

from sympy.polys.rings import PolyElement

from bce.algebra.errors import BudgetExceeded, Undefined, Unsupported, Work
from bce.algebra.ranges import NEGATIVE, POSITIVE, Range, Signs

from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable
from .polynomials import MOST_BITS, constant, factored, has_long_coefficient, is_one, lifted, lowest_terms, ring_of

#: Work allowed for one step, in polynomial terms multiplied.
DEFAULT_BUDGET = 3_000_000


class Field:
    """A growing list of generators, and the operations that need to know them.

    ``signs`` is asked for the signs of a polynomial's values; see `bce.algebra.exact.signs`.
    """

    def __init__(self, work: Work | None = None) -> None:
        self.generators: list[Generator] = []
        self.work = work or Work(DEFAULT_BUDGET)
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
        is_whole = is_one(denominator)
        if not is_whole:
            # The cost of a greatest common divisor doubles with every further generator.
            self.work.spend(1 << max(0, numerator.ring.ngens - 10))
            numerator, denominator = lowest_terms(numerator, denominator)
        if has_long_coefficient(numerator) or (not is_whole and has_long_coefficient(denominator)):
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

    def adjoin(self, make: Callable[[int], Generator]) -> Element:
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
        return self.adjoin(lambda position: Variable(position, family, domain, family, index))

    def exp(self, exponent: Element) -> Element:
        result = self.number(1)
        for coefficient, monomial in self._terms(exponent):
            result = result * self.rational_power(self._exp_of_monomial(monomial), coefficient)
        return result

    def _exp_of_monomial(self, monomial: Element) -> Element:
        single = monomial.generators()
        if len(single) == 1 and isinstance(single[0], Logarithm) and monomial.same(self.generator_element(single[0])):
            return single[0].argument
        for g in self.generators:
            if isinstance(g, Exponential) and g.exponent.same(monomial):
                return self.generator_element(g)
        return self.adjoin(lambda position: Exponential(position, monomial))

    def rational_power(self, base: Element, power: Fraction) -> Element:
        if power.denominator == 1:
            return base**power.numerator
        return self._root(base, power.denominator) ** power.numerator

    def _root(self, base: Element, degree: int) -> Element:
        roots = self._roots_of(base)
        for root in roots:
            if root.degree % degree == 0:
                return self.generator_element(root) ** (root.degree // degree)
        common = lcm(degree, *(root.degree for root in roots))
        finest = self.adjoin(lambda position: Root(position, base, common))
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
        terms = [(Fraction(int(c)), self.monomial(m), self.number(1)) for m, c in whole.terms() if c]
        content = Fraction(int(denominator.content()))
        bottom = self.polynomial(denominator.primitive()[1])
        terms += [(Fraction(int(c)) / content, self.monomial(m), bottom) for m, c in rest.terms() if c]
        return [(coefficient, monomial / below) for coefficient, monomial, below in terms]

    def monomial(self, monomial: tuple[int, ...]) -> Element:
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
        return self.adjoin(lambda position: Logarithm(position, argument))

    def power(self, base: Element, exponent: Element) -> Element:
        """Return ``base ** exponent``; any exponent but an integer needs a positive base."""
        value = exponent.rational()
        if value is not None and value.denominator == 1:
            return base ** int(value)
        return self.exp(exponent * self.log(base))

    # --- indices of sums --------------------------------------------------------------

    def index_variable(self, depth: int) -> Variable:
        """Return the bound variable of sums nested this deep, a positive integer."""
        while depth >= len(self._indices):
            domain = Range(lower=Fraction(1), lower_open=False, integer=True)
            self._indices.append(self.variable(f"index {len(self._indices)}", domain))
        return self._indices[depth]

    def index_variables(self) -> list[Variable]:
        """Return all bound variables of sums."""
        return self._indices

    # --- relations -----------------------------------------------------------------------

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
            result = result + factor * self.monomial(tuple(kept))
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
            term = self.monomial(kept) * self.number(Fraction(int(coefficient)))
            result = result + term * root.base**times
        return Element(self, result.numerator, result.numerator.ring.one)
