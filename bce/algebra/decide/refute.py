"""Refuting a relation: a rational point of the domain where it certainly fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mpmath import iv

from bce.algebra.domain import Domain, Helpers
from bce.algebra.errors import AlgebraError, Work
from bce.algebra.expression import RELATION_SIGNS, Expression, Negation, Number, Relation
from bce.algebra.interpreter import DEFAULT_WORK, Interpreter
from bce.algebra.intervals import Intervals, NoValue, signs_of, to_interval, working_precision
from bce.algebra.statement import Statement

from .points import points, scope_at
from .prove import prove

_PRECISIONS = (80, 400)


@dataclass(frozen=True)
class Counterexample:
    """A point of the domain, and enclosures of both sides that decide against the relation.

    ``values`` are decimal digits on which the enclosures agree, ``margin`` is a lower bound
    of the distance between the two sides.
    """

    point: dict[str, Fraction]
    values: tuple[str, str]
    margin: str
    method: str = "disjoint enclosures at a rational point"

    def where(self) -> str:
        """Return the point in words: ``x = 1, z = 1/2``."""
        return ", ".join(f"{name} = {value}" for name, value in self.point.items()) or "every point"


def refute(statement: Statement) -> Counterexample | None:
    """Look for a certified counterexample; None says nothing about the relation."""
    wanted = RELATION_SIGNS[statement.relation.operator]
    work = Work(DEFAULT_WORK)
    equal = 0 not in wanted and _always_equal(statement)
    for point in points(statement):
        for precision in _PRECISIONS:
            with working_precision(precision):
                used: set[str] = set()
                sides = sides_at(statement, point, work, used)
                if sides is None:
                    break
                known = signs_of(gap_of(*sides))
                if equal:
                    example = _certificate(_needed(statement, point, used), sides)
                    return replace(example, margin="0", method="both sides are proved equal")
                if known <= wanted:
                    break
                if not known & wanted:
                    return _certificate(_needed(statement, point, used), sides)
        if 0 not in wanted and sides is not None and known - wanted == {0} and _equal_at(statement, point):
            return replace(_certificate(point, sides), method="both sides are proved equal at a rational point")
    return None


def _always_equal(statement: Statement) -> bool:
    """Tell whether both sides of a strict relation are proved equal, so that it holds nowhere."""
    relation = Relation("=", statement.relation.left, statement.relation.right)
    return prove(replace(statement, relation=relation, certificate=None)).proved


def without_value(statement: Statement) -> str | None:
    """Look for a point of the domain where a side certainly has no value; say where and why."""
    work = Work(DEFAULT_WORK)
    for point in points(statement):
        for name, tree in (("left", statement.relation.left), ("right", statement.relation.right)):
            arithmetic = Intervals()
            interpreter = Interpreter(arithmetic, statement.functions, work)
            try:
                with working_precision(_PRECISIONS[0]):
                    interpreter.evaluate(tree, scope_at(statement, point, arithmetic))
            except NoValue as reason:
                needed = _needed(statement, point, arithmetic.members_used)
                place = f" at {Counterexample(needed, ('', ''), '').where()}" if needed else ""
                return f"the {name} side has no value{place}: {reason}"
            except (AlgebraError, RecursionError, OverflowError):
                continue
    return None


def _needed(statement: Statement, point: dict[str, Fraction], used: set[str]) -> dict[str, Fraction]:
    """Return the point without the members of families that neither side has asked for."""
    return {name: value for name, value in point.items() if name in statement.domain.symbols or name in used}


def _equal_at(statement: Statement, point: dict[str, Fraction]) -> bool:
    """Prove that both sides are equal at a point: no enclosure can, but the exact field does."""
    if statement.domain.families:
        return False
    values: dict[str, Expression] = {name: _written(value) for name, value in point.items()}
    relation = Relation("=", statement.relation.left, statement.relation.right)
    helpers = Helpers({**statement.helpers.symbols, **values}, statement.helpers.members)
    return prove(Statement(relation, Domain(), helpers, statement.functions)).proved


def _written(value: Fraction) -> Expression:
    size = Number(abs(value))
    return Negation(size) if value < 0 else size


def sides_at(
    statement: Statement, point: dict[str, Fraction], work: Work | None = None, used: set[str] | None = None
) -> tuple[Any, Any] | None:
    """Return enclosures of both sides at a point, None where one of them has none."""
    arithmetic = Intervals()
    interpreter = Interpreter(arithmetic, statement.functions, work)
    scope = scope_at(statement, point, arithmetic)
    if used is not None:
        arithmetic.members_used = used
    try:
        relation = statement.relation
        return interpreter.evaluate(relation.left, scope), interpreter.evaluate(relation.right, scope)
    except (AlgebraError, RecursionError, OverflowError, ZeroDivisionError):
        return None


def gap_of(left: Any, right: Any) -> Any:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left - right
    return to_interval(left) - to_interval(right)


def _certificate(point: dict[str, Fraction], sides: tuple[Any, Any]) -> Counterexample:
    gap = gap_of(*sides)
    margin = iv.nstr(abs(to_interval(gap)).a, 5).strip("[]").split(",")[0]
    return Counterexample(point, (_digits(sides[0]), _digits(sides[1])), margin)


def _digits(value: Any) -> str:
    """Write a value with digits that are certain: exactly if it is rational, else to 12 places."""
    if isinstance(value, Fraction) and max(value.numerator.bit_length(), value.denominator.bit_length()) <= 32:
        return str(value)
    enclosure = to_interval(value)
    if 0 in enclosure:
        return "0.000000000000…"
    ends = [iv.nstr(end, 13).strip("[]").split(",")[0] for end in (enclosure.a, enclosure.b)]
    return f"{_common_start(*ends)}…"


def _common_start(a: str, b: str) -> str:
    length = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:length]
