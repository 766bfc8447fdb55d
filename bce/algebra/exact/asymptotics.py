r"""Limits: how an element behaves when one variable grows without bound.

An element becomes a series in the scale ``e^{a t} t^b (\log t)^c``, with its largest terms
kept and the size of what is left. The largest term decides the limit. Only terms that
cannot cancel are compared, because coefficients are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import factorial

from sympy.polys.rings import PolyElement

from bce.algebra.errors import AlgebraError, Unsupported
from bce.algebra.ranges import NON_ZERO, POSITIVE

from .elements import Element, Exponential, Generator, Logarithm, Root, Variable
from .field import Field

#: The exponents (a, b, c) of e^{a t} t^b (log t)^c; larger means growing faster.
Scale = tuple[Fraction, Fraction, Fraction]

_ZERO, _ONE = Fraction(0), Fraction(1)
CONSTANT: Scale = (_ZERO, _ZERO, _ZERO)
_POWER: Scale = (_ZERO, _ONE, _ZERO)
_LOG: Scale = (_ZERO, _ZERO, _ONE)
_MOST_TERMS = 5


class InfiniteLimit(AlgebraError):
    """Raised for a limit that is ∞ (sign 1) or -∞ (sign -1)."""

    def __init__(self, sign: int) -> None:
        super().__init__("∞ is not a number; a limit that is ∞ stands alone on one side")
        self.sign = sign


@dataclass(frozen=True)
class Series:
    """The largest terms by scale, and a scale that bounds all that is left (None: nothing is)."""

    field: Field
    terms: dict[Scale, Element]
    rest: Scale | None = None

    def leading(self) -> tuple[Scale, Element] | None:
        """Return the largest term; its coefficient is not the zero function."""
        return max(self.terms.items(), key=lambda item: item[0]) if self.terms else None

    def __add__(self, other: Series) -> Series:
        terms = dict(self.terms)
        for scale, coefficient in other.terms.items():
            terms[scale] = terms[scale] + coefficient if scale in terms else coefficient
        return _cut(self.field, terms, _larger(self.rest, other.rest))

    def __mul__(self, other: Series) -> Series:
        terms: dict[Scale, Element] = {}
        for a, x in self.terms.items():
            for b, y in other.terms.items():
                scale = _times(a, b)
                terms[scale] = terms[scale] + x * y if scale in terms else x * y
        rest = None
        for one, two in ((self, other), (other, self)):
            size = _larger(max(two.terms, default=None), two.rest)
            if one.rest is not None and size is not None:
                rest = _larger(rest, _times(one.rest, size))
        return _cut(self.field, terms, rest)

    def scaled(self, scale: Scale, coefficient: Element) -> Series:
        """Return the product with a single term."""
        return self * Series(self.field, {scale: coefficient})


def limit_of(element: Element, variable: Variable) -> Element:
    """Return the limit of an element when the variable tends to ∞.

    Raises
    ------
    InfiniteLimit
        If it is ∞ or -∞.
    Unsupported
        If it is not decided by the largest terms.
    """
    series = _expand(element, variable)
    leading = series.leading()
    if leading is None or (series.rest is not None and series.rest >= leading[0]):
        if leading is None and (series.rest is None or series.rest < CONSTANT):
            return element.field.number(0)
        raise Unsupported("the largest terms of this limit cancel")
    scale, coefficient = leading
    if scale < CONSTANT:
        return element.field.number(0)
    if scale == CONSTANT:
        return coefficient
    signs = element.field.signs(coefficient)
    if len(signs) != 1:
        raise Unsupported("whether this limit is ∞ or -∞ depends on a sign that is not known")
    raise InfiniteLimit(next(iter(signs)))


def _expand(element: Element, variable: Variable) -> Series:
    if not element.depends_on(variable):
        return _constant(element)
    numerator = _of_polynomial(element.field, element.numerator, variable)
    return numerator * _reciprocal(_of_polynomial(element.field, element.denominator, variable))


def _of_polynomial(field: Field, polynomial: PolyElement, variable: Variable) -> Series:
    total = Series(field, {})
    for monomial, coefficient in field.lift(polynomial).terms():
        product = _constant(field.number(int(coefficient)))
        for position, power in enumerate(monomial):
            if power:
                generator = _of_generator(field, field.generators[position], variable)
                for _ in range(power):
                    product = product * generator
        total = total + product
    return total


def _of_generator(field: Field, generator: Generator, variable: Variable) -> Series:
    if generator is variable:
        return Series(field, {_POWER: field.number(1)})
    element = field.generator_element(generator)
    if not element.depends_on(variable):
        return _constant(element)
    if isinstance(generator, Exponential):
        return _exp(_expand(generator.exponent, variable))
    if isinstance(generator, Logarithm):
        return _log(_expand(generator.argument, variable))
    if isinstance(generator, Root):
        return _root(_expand(generator.base, variable), generator.degree)
    raise Unsupported("the limit of a sum of symbolic length")


def _constant(element: Element) -> Series:
    return _cut(element.field, {CONSTANT: element}, None)


def _split(series: Series) -> tuple[Scale, Element, Series]:
    """Write a series as its largest term times ``1 + u``, with u tending to 0."""
    leading = series.leading()
    if leading is None or (series.rest is not None and series.rest >= leading[0]):
        raise Unsupported("the largest terms of a denominator or of the argument of a logarithm cancel")
    scale, coefficient = leading
    field = series.field
    if not field.signs(coefficient) <= NON_ZERO:
        raise Unsupported("the coefficient of the largest term may be 0")
    inverse = (-scale[0], -scale[1], -scale[2])
    one_plus = series.scaled(inverse, field.number(1) / coefficient)
    return scale, coefficient, one_plus + _constant(field.number(-1))


def _powers(small: Series, coefficients: list[Fraction]) -> Series:
    """Return ``sum(c_k u^k)``, with the size of the next term as the rest."""
    field = small.field
    total, power = Series(field, {}), _constant(field.number(1))
    for coefficient in coefficients:
        total = total + power * _constant(field.number(coefficient))
        power = power * small
    size = _larger(max(power.terms, default=None), power.rest)
    return total if size is None else total + Series(field, {}, size)


def _reciprocal(series: Series) -> Series:
    scale, coefficient, small = _split(series)
    inverse = (-scale[0], -scale[1], -scale[2])
    signs = [Fraction((-1) ** k) for k in range(_MOST_TERMS)]
    return _powers(small, signs).scaled(inverse, series.field.number(1) / coefficient)


def _log(series: Series) -> Series:
    scale, coefficient, small = _split(series)
    field = series.field
    if field.signs(coefficient) != POSITIVE:
        raise Unsupported("the argument of a logarithm is not positive in the end")
    if scale[2]:
        raise Unsupported("a logarithm of a logarithm in a limit")
    large = {CONSTANT: field.log(coefficient), _POWER: field.number(scale[0]), _LOG: field.number(scale[1])}
    mercator = [_ZERO, *(Fraction((-1) ** (k + 1), k) for k in range(1, _MOST_TERMS))]
    return _cut(field, large, None) + _powers(small, mercator)


def _exp(series: Series) -> Series:
    field = series.field
    if series.rest is not None and series.rest >= CONSTANT:
        raise Unsupported("an exponential whose exponent is not known well enough")
    scale, factor, small = CONSTANT, field.number(1), {}
    for place, coefficient in series.terms.items():
        rate = coefficient.rational()
        if place < CONSTANT:
            small[place] = coefficient
        elif place == CONSTANT:
            factor = field.exp(coefficient)
        elif place == _POWER and rate is not None:
            scale = _times(scale, (rate, _ZERO, _ZERO))
        elif place == _LOG and rate is not None:
            scale = _times(scale, (_ZERO, rate, _ZERO))
        else:
            raise Unsupported("an exponential that grows in another way than e^{a t} t^b")
    taylor = [Fraction(1, factorial(k)) for k in range(_MOST_TERMS)]
    return _powers(Series(field, small, series.rest), taylor).scaled(scale, factor)


def _root(series: Series, degree: int) -> Series:
    scale, coefficient, small = _split(series)
    field, power = series.field, Fraction(1, degree)
    if field.signs(coefficient) != POSITIVE:
        raise Unsupported("a root of what is not positive in the end")
    binomial, coefficients = _ONE, []
    for k in range(_MOST_TERMS):
        coefficients.append(binomial)
        binomial = binomial * (power - k) / (k + 1)
    factor = field.power(coefficient, field.number(power))
    return _powers(small, coefficients).scaled((scale[0] * power, scale[1] * power, scale[2] * power), factor)


def _cut(field: Field, terms: dict[Scale, Element], rest: Scale | None) -> Series:
    """Keep the largest terms, none of them below the rest or zero."""
    kept = {s: c for s, c in terms.items() if (rest is None or s > rest) and not c.is_zero()}
    ordered = sorted(kept, reverse=True)
    if len(ordered) > _MOST_TERMS:
        rest = _larger(rest, ordered[_MOST_TERMS])
        ordered = ordered[:_MOST_TERMS]
    return Series(field, {scale: kept[scale] for scale in ordered}, rest)


def _times(a: Scale, b: Scale) -> Scale:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _larger(a: Scale | None, b: Scale | None) -> Scale | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)
