"""Derivatives in the field: the one derivation with D(e^u) = e^u D(u) and D(log u) = D(u)/u."""

from __future__ import annotations

from bce.algebra.errors import Unsupported
from bce.algebra.ranges import NON_NEGATIVE, NON_ZERO, POSITIVE

from . import sums
from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable, generator_depends_on, parts_of
from .field import Field


def differentiate(element: Element, variable: Variable) -> Element:
    """Return the derivative of an element by one of its field's variables.

    A sum over ``i`` that contains ``p_i``, differentiated by ``p_j``, keeps the one term
    with ``i = j`` (the Kronecker delta); ``j`` has to lie between the bounds.
    """
    field = element.field
    numerator, denominator = (field.polynomial(p) for p in (element.numerator, element.denominator))
    top, bottom = (_of_polynomial(part, variable) for part in (numerator, denominator))
    return (top * denominator - numerator * bottom) / (denominator * denominator)


def _of_polynomial(element: Element, variable: Variable) -> Element:
    field = element.field
    result = field.number(0)
    for generator in element.generators():
        inner = _of_generator(field, generator, variable)
        if not inner.is_zero():
            numerator = field.lift(element.numerator)
            outer = field.polynomial(numerator.diff(numerator.ring.gens[generator.position]))
            result = result + outer * inner
    return result


def _of_generator(field: Field, generator: Generator, variable: Variable) -> Element:
    if generator is variable:
        return field.number(1)
    if isinstance(generator, Exponential):
        return differentiate(generator.exponent, variable) * field.generator_element(generator)
    if isinstance(generator, Logarithm):
        return differentiate(generator.argument, variable) / generator.argument
    if isinstance(generator, Root):
        if not generator.base.depends_on(variable):
            return field.number(0)
        if field.signs(generator.base) != POSITIVE:
            raise Unsupported("the derivative of a root whose radicand may be 0")
        slope = differentiate(generator.base, variable) / generator.base
        return slope * field.generator_element(generator) / field.number(generator.degree)
    if isinstance(generator, Total):
        return _of_total(field, generator, variable)
    if isinstance(generator, Variable):
        return _of_variable(field, generator, variable)
    raise Unsupported("no derivative of this quantity is known")


def _of_variable(field: Field, generator: Variable, variable: Variable) -> Element:
    same_family = generator.family is not None and generator.family == variable.family
    if same_family and generator.index is not None and variable.index is not None:
        apart = generator.index - variable.index
        if not apart.is_zero() and not field.signs(apart) <= NON_ZERO:
            raise Unsupported(
                f"whether the members of {generator.family} at two different symbolic indices are the same is open"
            )
    return field.number(0)


def _of_total(field: Field, total: Total, variable: Variable) -> Element:
    for bound in (total.lower, total.upper):
        if bound.depends_on(variable):
            raise Unsupported("a derivative by the bound of a sum")
    # The variable may be a member at an index that is called as the sum's own; then the sum's gets another name.
    index, body = sums.renamed(total, [field.generator_element(variable)])
    member = _bound_member(index, body, variable)
    if member is None:
        return sums.total(index, total.lower, total.upper, differentiate(body, variable))
    if variable.index is None or body.depends_on(variable):
        raise Unsupported("a sum over a family that also contains the one member it is differentiated by")
    if _sums_over(body, variable.family):
        raise Unsupported("a derivative of a sum over a family, in whose terms there is another sum over it")
    for gap in (variable.index - total.lower, total.upper - variable.index):
        if not field.signs(gap) <= NON_NEGATIVE:
            raise Unsupported("the index of the derivative is not declared to lie between the bounds of the sum")
    return sums.substitute(differentiate(body, member), {index: variable.index})


def _bound_member(index: Variable, body: Element, variable: Variable) -> Variable | None:
    """Return the generator ``p_i`` of a sum over ``i`` when the variable is a ``p_j``."""
    field = body.field
    members = [
        g
        for g in field.generators
        if isinstance(g, Variable)
        and g.family is not None
        and g.family == variable.family
        and generator_depends_on(g, index)
        and body.depends_on(g)
    ]
    if not members:
        return None
    at = members[0].index
    if len(members) > 1 or at is None or not at.same(field.generator_element(index)):
        raise Unsupported("a derivative of a sum over shifted members of a family")
    return members[0]


def _sums_over(element: Element, family: str | None) -> bool:
    """Tell whether there is a sum over a family in an element, at any depth."""
    return any(
        (isinstance(generator, Total) and _has_member(generator.body, family)) or _sums_over(part, family)
        for generator in element.generators()
        for part in parts_of(generator)
    )


def _has_member(element: Element, family: str | None) -> bool:
    return any(
        (isinstance(g, Variable) and g.family == family) or any(_has_member(part, family) for part in parts_of(g))
        for g in element.generators()
    )
