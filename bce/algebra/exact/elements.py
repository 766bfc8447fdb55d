"""Elements of the field, and the generators that they are quotients of polynomials in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sympy.polys.rings import PolyElement

from bce.algebra.errors import BudgetExceeded
from bce.algebra.ranges import Range

from .polynomials import is_one

if TYPE_CHECKING:
    from .field import Field

_LARGEST_EXPONENT = 64


@dataclass(eq=False)
class Generator:
    """One of the quantities that elements are polynomials in, with its place in the ring."""

    position: int


@dataclass(eq=False)
class Variable(Generator):
    """A free quantity; a family member carries its family and index."""

    name: str
    domain: Range
    family: str | None = None
    index: Element | None = None


@dataclass(eq=False)
class Exponential(Generator):
    exponent: Element


@dataclass(eq=False)
class Logarithm(Generator):
    argument: Element


@dataclass(eq=False)
class Root(Generator):
    """The positive root: ``self ** degree == base``."""

    base: Element
    degree: int


@dataclass(eq=False)
class Total(Generator):
    """``sum(body for index in lower..upper)``; the body has no factor free of the index."""

    index: Variable
    lower: Element
    upper: Element
    body: Element


def _same_terms(a: PolyElement, b: PolyElement) -> bool:
    """Compare polynomials of one ring: their own comparison asks first for the ring."""
    return bool(dict.__eq__(a, b))


class Element:
    """A quotient of polynomials in the generators of a field, in lowest terms."""

    __slots__ = ("_positions", "denominator", "field", "numerator")

    def __init__(self, field: Field, numerator: PolyElement, denominator: PolyElement) -> None:
        self.field = field
        self.numerator = numerator
        self.denominator = denominator
        self._positions: list[int] | None = None

    def __add__(self, other: Element) -> Element:
        if not other.numerator:
            return self
        if not self.numerator:
            return other
        a, b, c, d = self.field.align(self, other)
        if (is_one(b) and is_one(d)) or _same_terms(b, d):
            return self.field.quotient(a + c, b)
        return self.field.quotient(a * d + c * b, b * d)

    def __neg__(self) -> Element:
        return Element(self.field, -self.numerator, self.denominator)

    def __sub__(self, other: Element) -> Element:
        return self + (-other)

    def __mul__(self, other: Element) -> Element:
        if other.is_one():
            return self
        if self.is_one():
            return other
        a, b, c, d = self.field.align(self, other)
        return self.field.quotient(a * c, b if is_one(d) else d if is_one(b) else b * d)

    def __truediv__(self, other: Element) -> Element:
        a, b, c, d = self.field.align(self, other)
        return self.field.quotient(a * d, b * c)

    def __pow__(self, exponent: int) -> Element:
        if abs(exponent) > _LARGEST_EXPONENT:
            raise BudgetExceeded(f"budget: an exponent of {exponent}; at most {_LARGEST_EXPONENT} is expanded")
        base = self if exponent >= 0 else Element(self.field, self.denominator, self.numerator)
        self.field.work.spend((len(base.numerator) + len(base.denominator)) ** min(abs(exponent), 12))
        top, bottom = base.numerator ** abs(exponent), base.denominator ** abs(exponent)
        return self.field.quotient(top, bottom)

    def is_one(self) -> bool:
        """Tell whether the element is the number 1 as it is written."""
        return is_one(self.numerator) and is_one(self.denominator)

    def is_zero(self) -> bool:
        """Tell whether the element is the zero function, using the relations of roots."""
        return not self.field.reduced(self).numerator

    def equals(self, other: Element) -> bool:
        return (self - other).is_zero()

    def same(self, other: Element) -> bool:
        """Tell whether both are the very same quotient, term by term."""
        a, b, c, d = self.field.align(self, other)
        return _same_terms(a, c) and _same_terms(b, d)

    def rational(self) -> Fraction | None:
        """Return the value of a constant element, None for any other."""
        if self.numerator.is_ground and self.denominator.is_ground:
            return Fraction(int(self.numerator.LC or 0), int(self.denominator.LC))
        return None

    def generators(self) -> list[Generator]:
        """Return the generators that occur, without those inside of them."""
        if self._positions is None:
            used = {
                position
                for polynomial in (self.numerator, self.denominator)
                for monomial in polynomial
                for position, power in enumerate(monomial)
                if power
            }
            self._positions = sorted(used)
        return [self.field.generators[position] for position in self._positions]

    def depends_on(self, variable: Generator) -> bool:
        return any(generator_depends_on(g, variable) for g in self.generators())


def generator_depends_on(generator: Generator, variable: Generator) -> bool:
    if generator is variable:
        return True
    if isinstance(generator, Total) and generator_depends_on(variable, generator.index):
        # In the body this name, and a member at this index, is the sum's own. Its bounds lie outside.
        return generator.lower.depends_on(variable) or generator.upper.depends_on(variable)
    return any(part.depends_on(variable) for part in parts_of(generator))


def parts_of(generator: Generator) -> list[Element]:
    if isinstance(generator, Exponential):
        return [generator.exponent]
    if isinstance(generator, Logarithm):
        return [generator.argument]
    if isinstance(generator, Root):
        return [generator.base]
    if isinstance(generator, Total):
        return [generator.lower, generator.upper, generator.body]
    if isinstance(generator, Variable) and generator.index is not None:
        return [generator.index]
    return []
