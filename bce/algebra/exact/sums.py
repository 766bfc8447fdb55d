"""Sums of symbolic length, and substitution, which has to know what a sum binds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Any

from sympy.polys.rings import PolyElement

from bce.algebra.errors import Unsupported

from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable, generator_depends_on, parts_of
from .field import Field


def total(index: Variable, lower: Element, upper: Element, body: Element) -> Element:
    """Return the sum of ``body`` for ``index`` from lower to upper, by linearity."""
    field = body.field
    length = upper - lower + field.number(1)
    result = field.number(0)
    for coefficient, kernel in _linear_parts(body, index):
        one = kernel.rational() == 1
        result = result + coefficient * (length if one else _generator(index, lower, upper, kernel))
    return result


def _generator(index: Variable, lower: Element, upper: Element, body: Element) -> Element:
    """Return the sum as a generator, always the same one for equal sums."""
    field = body.field
    index, body = _with_first_index(index, body)
    for g in field.generators:
        if (
            isinstance(g, Total)
            and g.index is index
            and g.lower.same(lower)
            and g.upper.same(upper)
            and g.body.same(body)
        ):
            return field.resolve(g)
    return field.adjoin(lambda position: Total(position, index, lower, upper, body))


def _with_first_index(index: Variable, body: Element) -> tuple[Variable, Element]:
    """Rename the bound index to the first that is free, so that equal sums are one generator."""
    field, depth = body.field, 0
    while (first := field.index_variable(depth)) is not index:
        if not body.depends_on(first):
            return first, substitute(body, {index: field.generator_element(first)})
        depth += 1
    return index, body


def _linear_parts(body: Element, index: Variable) -> Iterable[tuple[Element, Element]]:
    """Split a body into (coefficient free of the index, rest that has no such factor)."""
    field = body.field
    free_below, bound_below = _split_factors(field, body.denominator, index)
    numerator = field.lift(body.numerator)
    if len(bound_below.numerator) > 1:
        # Divide first, so that E/(1 + E) and 1 - 1/(1 + E) have the same parts.
        whole, numerator = numerator.div(field.lift(bound_below.numerator))
        yield from _monomial_parts(whole, index, free_below, field.number(1))
    yield from _monomial_parts(numerator, index, free_below, bound_below)


def _monomial_parts(
    numerator: PolyElement, index: Variable, free_below: Element, bound_below: Element
) -> Iterable[tuple[Element, Element]]:
    field = free_below.field
    bound = [generator_depends_on(g, index) for g in field.generators]
    groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
    for monomial, coefficient in numerator.items():
        inside = tuple(power if b else 0 for power, b in zip(monomial, bound, strict=False))
        outside = tuple(0 if b else power for power, b in zip(monomial, bound, strict=False))
        groups.setdefault(inside, {})[outside] = coefficient
    for kernel, terms in sorted(groups.items(), key=lambda item: item[0]):
        coefficients = field.polynomial(numerator.ring.from_dict(terms))
        yield coefficients / free_below, field.monomial(kernel) / bound_below


def _split_factors(field: Field, polynomial: PolyElement, index: Variable) -> tuple[Element, Element]:
    content, factors = field.factor(polynomial)
    free, bound = field.number(content), field.number(1)
    for factor, power in factors:
        element = field.polynomial(factor) ** power
        if element.depends_on(index):
            bound = bound * element
        else:
            free = free * element
    return free, bound


# --- substitution ---------------------------------------------------------------------


def substitute(element: Element, values: Mapping[Generator, Element]) -> Element:
    """Return the element with generators replaced, inside of other generators too."""
    return _replace(element, dict(values))


def _replace(element: Element, cache: dict[Generator, Element]) -> Element:
    touched = [g for g in element.generators() if _touched(g, cache)]
    if not touched:
        return element
    for generator in touched:
        if generator not in cache:
            cache[generator] = _rebuild(element.field, generator, cache)
    numerator = element.field.evaluate(element.numerator, cache)
    return numerator / element.field.evaluate(element.denominator, cache)


def _touched(generator: Generator, values: Mapping[Generator, Element]) -> bool:
    if generator in values:
        return True
    if isinstance(generator, Total):
        inside = _inside(generator, values)
        return any(
            _touched(inner, known)
            for part, known in ((generator.lower, values), (generator.upper, values), (generator.body, inside))
            for inner in part.generators()
        )
    return any(_touched(inner, values) for part in parts_of(generator) for inner in part.generators())


def _inside(generator: Total, values: Mapping[Generator, Element]) -> dict[Generator, Element]:
    """Return the values that hold in the body of a sum: those of no quantity that the sum binds."""
    return {g: value for g, value in values.items() if not generator_depends_on(g, generator.index)}


def _rebuild(field: Field, generator: Generator, cache: dict[Generator, Element]) -> Element:
    if isinstance(generator, Total):
        return _rebuild_total(generator, cache)
    parts = [_replace(part, cache) for part in parts_of(generator)]
    if isinstance(generator, Exponential):
        return field.exp(parts[0])
    if isinstance(generator, Logarithm):
        return field.log(parts[0])
    if isinstance(generator, Root):
        return field.rational_power(parts[0], Fraction(1, generator.degree))
    if isinstance(generator, Variable) and generator.family is not None:
        return field.member(generator.family, parts[0], generator.domain)
    raise Unsupported("this quantity cannot be substituted into")


def _rebuild_total(generator: Total, cache: Mapping[Generator, Element]) -> Element:
    """Substitute into a sum under a bound index that no replacement contains."""
    field = generator.body.field
    lower, upper = (_replace(part, dict(cache)) for part in (generator.lower, generator.upper))
    inside = _inside(generator, cache)
    index, body = renamed(generator, [*(field.generator_element(g) for g in inside), *inside.values()])
    return total(index, lower, upper, _replace(body, inside))


def renamed(generator: Total, taken: Sequence[Element]) -> tuple[Variable, Element]:
    """Return index and body of a sum, under the first index that occurs in none of these elements."""
    field = generator.body.field

    def is_free(index: Variable) -> bool:
        within = index is not generator.index and generator.body.depends_on(index)
        return not within and not any(element.depends_on(index) for element in taken)

    index = next(filter(is_free, map(field.index_variable, count())))
    return index, _replace(generator.body, {generator.index: field.generator_element(index)})
