"""Conditions that a row states for itself, taken into the domain."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from bce.algebra.domain import Domain
from bce.algebra.expression import Expression, Negation, Number, Operator, Quotient, Relation, Symbol
from bce.algebra.ranges import Range

#: The sign that a relation has from right to left.
MIRRORED: dict[str, Operator] = {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le"}


def narrowed(domain: Domain, relations: Iterable[Relation]) -> Domain:
    """Return a domain with further conditions: bounds of one symbol in its range, all others as they are."""
    symbols, conditions = dict(domain.symbols), list(domain.conditions)
    for relation in relations:
        bound = bound_of(relation)
        if bound is not None and bound[0] in symbols:
            symbols[bound[0]] = symbols[bound[0]].intersect(bound[1])
        elif relation not in conditions:
            conditions.append(relation)
    return Domain(symbols, domain.families, tuple(conditions))


def bound_of(relation: Relation) -> tuple[str, Range] | None:
    """Return the symbol that a relation bounds by a number, and the range; None for any other relation."""
    left, operator, right = relation.left, relation.operator, relation.right
    if constant(left) is not None and operator in MIRRORED:
        left, operator, right = right, MIRRORED[operator], left
    number = constant(right)
    if not isinstance(left, Symbol) or number is None or operator not in MIRRORED:
        return None
    return left.name, half_line(operator, number)


def half_line(operator: str, bound: Fraction | None) -> Range:
    """Return the numbers on one side of a bound; None is no bound."""
    if operator in (">", "\\ge"):
        return Range(lower=bound, lower_open=operator == ">")
    return Range(upper=bound, upper_open=operator == "<")


def constant(tree: Expression) -> Fraction | None:
    """Return the value of a number that is written as such: ``-1``, ``0.5``, a fraction of numbers."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Negation):
        inner = constant(tree.operand)
        return None if inner is None else -inner
    if isinstance(tree, Quotient):
        top, bottom = constant(tree.numerator), constant(tree.denominator)
        return top / bottom if top is not None and bottom else None
    return None


def written(value: Fraction) -> Expression:
    """Return a number as a formula."""
    return Negation(Number(-value)) if value < 0 else Number(value)
