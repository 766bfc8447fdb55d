"""Declared conditions at a point: whether they hold, and how a point is moved onto them."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, trunc
from typing import Any

from bce.algebra.errors import AlgebraError, Work
from bce.algebra.expression import RELATION_SIGNS, Expression, Indexed, Relation, difference, symbols_of
from bce.algebra.interpreter import Interpreter
from bce.algebra.intervals import Intervals, signs_of, working_precision
from bce.algebra.statement import Statement

from .point import Point
from .slopes import Slopes, slopes_of, value_of

#: Tree nodes that the conditions may cost, for all points of a statement together.
_WORK = 400_000
_ROUNDS = 3
#: How many quantities are tried one by one, where moving all of them does not help.
_SINGLE = 4

#: On which side of 0 the gap of an inequality has to be.
_SIDES = {">": 1, "\\ge": 1, "<": -1, "\\le": -1}

_Slopes = dict[str, Fraction]


class Conditions:
    """The conditions of a statement between the names that it uses."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.relations = [c for c in statement.domain.conditions if symbols_of(c) <= statement.names]
        self.gaps = {c: difference(c.left, c.right) for c in self.relations}
        self.work = Work(_WORK)

    def met_by(self, point: Point) -> Point | None:
        """Return the point, moved to where every condition holds; None if that fails."""
        with working_precision(80):
            for _ in range(_ROUNDS):
                if self._hold(point):
                    return point
                for relation in self.relations:
                    if not self._holds(relation, point):
                        point = self._moved_onto(relation, point) or point
            point = self._moved_onto_all(point) or point
            return point if self._hold(point) else None

    def _hold(self, point: Point) -> bool:
        """Tell whether all conditions hold; the point then keeps only the members that they speak of."""
        hold = all(self._holds(relation, point) for relation in self.relations) and self._whole_members(point)
        if hold:
            point.forget_unasked()
        return hold

    def _holds(self, relation: Relation, point: Point) -> bool:
        if relation not in point.found:
            gap = self._value(self.gaps[relation], point)
            point.found[relation] = gap is not None and signs_of(gap) <= RELATION_SIGNS[relation.operator]
        return point.found[relation]

    def _whole_members(self, point: Point) -> bool:
        """Tell whether members with a value under ``where`` are whole where their family is; no condition says it."""
        families = self.statement.domain.families
        for family, index in self.statement.helpers.members:
            if family in self.statement.names and family in families and families[family].integer:
                value = self._value(Indexed(family, index), point)
                if not isinstance(value, Fraction) or value not in families[family]:
                    return False
        return True

    def _value(self, tree: Expression, point: Point, slopes: Slopes | None = None) -> Any:
        """Return the value of a formula at a point, with slopes if they are asked for; None where it has none."""
        scope = point.scope() if slopes is None else slopes.scope(point)
        try:
            return Interpreter(slopes or Intervals(), self.statement.functions, self.work).evaluate(tree, scope)
        except (AlgebraError, RecursionError, OverflowError):
            return None

    # --- moving -----------------------------------------------------------------------

    def _moved_onto(self, relation: Relation, point: Point) -> Point | None:
        """Return a point that meets a relation which is linear in some quantities, by moving those."""
        gap, slopes = self._gap(relation, point)
        if gap is None or not slopes:
            return None
        singles = [{name: slopes[name]} for name in list(slopes)[:_SINGLE]]
        ways = [slopes, None, *singles] if len(slopes) > 1 else [slopes]
        for way in ways:
            moved = self._on_sphere(point, slopes) if way is None else self._moved_along(relation, point, gap, way)
            if moved is not None and self._holds(relation, moved):
                return moved
        return None

    def _moved_along(self, relation: Relation, point: Point, gap: Fraction, slopes: _Slopes) -> Point | None:
        """Move some quantities together, each by the same share of the way that its range leaves it."""
        side = _SIDES.get(relation.operator) or point.draw.random.choice((1, -1))
        toward = _sign(-gap) if relation.operator == "=" else side
        ways = {name: _way(point, name, toward * slope > 0) for name, slope in slopes.items()}
        beyond = Fraction(0) if relation.operator == "=" else Fraction(point.draw.random.randint(1, 25), 26)
        real = [name for name in slopes if not point.range_of(name).integer]
        if not real:
            missing = -gap + toward * 2 * beyond
            return point.moved(_whole_steps(point, slopes, ways, missing, exactly=not beyond))
        endless = [name for name in real if ways[name] is None]
        weights = {name: max(Fraction(1), abs(point.values[name])) for name in endless} or {
            name: way for name in real if (way := ways[name])
        }
        reach = sum((abs(slopes[name]) * weight for name, weight in weights.items()), Fraction(0))
        if not reach:
            return None
        share = abs(gap) / reach
        share += beyond if endless else (1 - share) * beyond
        steps = {name: _sign(toward * slopes[name]) * share * weight for name, weight in weights.items()}
        return point.moved({name: point.values[name] + step for name, step in steps.items()})

    def _gap(self, relation: Relation, point: Point) -> tuple[Fraction | None, _Slopes]:
        """Return the left side minus the right side, and its slopes in random order; None where it is not rational."""
        gap = self._value(self.gaps[relation], point, Slopes())
        if gap is None:
            return None, {}
        slopes = list(slopes_of(gap).items())
        point.draw.random.shuffle(slopes)
        return value_of(gap), dict(slopes)

    def _on_sphere(self, point: Point, slopes: _Slopes) -> Point | None:
        """Return a rational point of the unit sphere, by stereographic projection: for squares that add up to 1."""
        first, *others = sorted(slopes)
        square = sum((point.values[name] ** 2 for name in others), Fraction(0))
        changes = {name: 2 * point.values[name] / (square + 1) for name in others}
        return point.moved({first: abs(square - 1) / (square + 1), **changes})

    def _moved_onto_all(self, point: Point) -> Point | None:
        """Return the point where all equations hold, if they are linear together: by elimination."""
        rows: list[tuple[_Slopes, Fraction]] = []
        for relation in self.relations:
            gap, slopes = self._gap(relation, point)
            if relation.operator == "=" and gap is not None:
                rows.append(({n: s for n, s in slopes.items() if not point.range_of(n).integer}, -gap))
        changes = _solved(rows)
        return point.moved({name: point.values[name] + change for name, change in changes.items()})


def _way(point: Point, name: str, up: bool) -> Fraction | None:
    """Return how far a value may move before its range ends, None if it has no end there."""
    values = point.range_of(name)
    end = values.upper if up else values.lower
    return None if end is None else abs(end - point.values[name])


def _whole_steps(
    point: Point, slopes: _Slopes, ways: dict[str, Fraction | None], missing: Fraction, *, exactly: bool
) -> _Slopes:
    """Move whole numbers one after the other, each as far as it may and needs to."""
    changes: _Slopes = {}
    for name, slope in slopes.items():
        needed = missing / slope
        steps = trunc(needed) if exactly else _sign(needed) * ceil(abs(needed))
        way = ways[name]
        steps = steps if way is None else _sign(needed) * min(abs(steps), int(way))
        if steps:
            changes[name] = point.values[name] + steps
            missing -= steps * slope
        if missing == 0 or (not exactly and (missing < 0) != (needed * slope < 0)):
            break
    return changes


def _solved(rows: list[tuple[_Slopes, Fraction]]) -> _Slopes:
    """Return a solution of linear equations, with 0 for every quantity that is not needed."""
    pivots: dict[str, int] = {}
    for k in range(len(rows)):
        slopes, missing = rows[k]
        pivot = next((name for name, slope in slopes.items() if slope and name not in pivots), None)
        if pivot is None:
            continue
        pivots[pivot] = k
        for other in range(len(rows)):
            factor = rows[other][0].get(pivot, Fraction(0)) / slopes[pivot]
            if other != k and factor:
                names = dict.fromkeys([*rows[other][0], *slopes])
                left = {n: rows[other][0].get(n, Fraction(0)) - factor * slopes.get(n, Fraction(0)) for n in names}
                rows[other] = (left, rows[other][1] - factor * missing)
    return {name: rows[k][1] / rows[k][0][name] for name, k in pivots.items()}


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)
