"""Rational points of a declared domain: plain numbers first, then pseudo-random ones."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from random import Random
from typing import Any

from bce.algebra.domain import Domain
from bce.algebra.errors import AlgebraError
from bce.algebra.expression import RELATION_SIGNS, Relation, difference, symbols_of
from bce.algebra.interpreter import Interpreter
from bce.algebra.intervals import Intervals, signs_of
from bce.algebra.ranges import Range
from bce.algebra.scope import Scope
from bce.algebra.statement import Statement

_POINTS = 24
_MOST_DRAWS = 60
_NICE = [Fraction(text) for text in "1 1/2 0 2 -1 1/3 3/2 -2 1/4 3 -1/2".split()]

#: Rational points of the unit sphere, for families whose squares add up to 1.
_UNIT_VECTORS = {
    length: [Fraction(text) for text in vector.split()]
    for length, vector in {
        1: "1",
        2: "3/5 4/5",
        3: "2/3 1/3 2/3",
        4: "1/5 2/5 2/5 4/5",
        5: "1/5 4/15 8/15 8/15 3/5",
    }.items()
}


def points(statement: Statement) -> Iterator[dict[str, Fraction]]:
    """Yield rational points of the declared domain: plain numbers first, then pseudo-random ones."""
    random = Random(20220528)
    draw = _Draw(statement, random)
    for attempt in range(_POINTS):
        for trial in range(_MOST_DRAWS):
            point = draw.point(attempt, plain=trial == 0)
            if point is not None:
                yield point
                break
        else:
            return


class _Draw:
    def __init__(self, statement: Statement, random: Random) -> None:
        self.statement = statement
        self.random = random
        self.domain: Domain = statement.domain
        self.used = statement.names

    def point(self, attempt: int, *, plain: bool) -> dict[str, Fraction] | None:
        """Return a point that satisfies every declared condition, None if this draw failed."""
        point: dict[str, Fraction] = {}
        nice = self._nice_numbers(attempt) if plain else None
        for name, values in self.domain.symbols.items():
            if name in self.used and name not in self.statement.helpers.symbols:
                point[name] = self._value(values, nice)
        members = self._member_count(point)
        for family, values in self.domain.families.items():
            if family in self.used:
                for k in range(1, members + 1):
                    point[f"{family}_{k}"] = self._value(values, None)
        return self._repaired(point)

    def _nice_numbers(self, attempt: int) -> Iterator[Fraction] | None:
        """Return plain numbers for the first draws; the second draw gives all symbols the same ones."""
        if attempt >= 8:
            return None
        return cycle(_NICE[1:2]) if attempt == 1 else iter(_NICE[attempt:] + _NICE)

    def _value(self, values: Range, nice: Iterator[Fraction] | None) -> Fraction:
        if nice is not None:
            for candidate in islice(nice, 2 * len(_NICE)):
                if candidate in values:
                    return candidate
        if values.integer:
            low = int(values.lower) if values.lower is not None else -2
            high = int(values.upper) if values.upper is not None else low + 4
            return Fraction(self.random.randint(low, max(low, high)))
        if values.lower is not None and values.upper is not None:
            return values.lower + (values.upper - values.lower) * Fraction(self.random.randint(1, 28), 29)
        size = Fraction(self.random.randint(1, 90), 13)
        if values.lower is not None:
            return values.lower + size
        if values.upper is not None:
            return values.upper - size
        return size if self.random.random() < 0.5 else -size

    def _member_count(self, point: dict[str, Fraction]) -> int:
        counts = [int(value) for name, value in point.items() if self.domain.symbols[name].integer]
        return max(counts) if counts else 4

    def _repaired(self, point: dict[str, Fraction]) -> dict[str, Fraction] | None:
        """Solve declared equations for their last quantity, and check every other condition."""
        for condition in self.domain.conditions:
            if not self._concerned(condition):
                continue
            if condition.operator == "=" and not self._solve(condition, point):
                return None
        for condition in self.domain.conditions:
            if self._concerned(condition) and not self._holds(condition, point):
                return None
        return point

    def _concerned(self, condition: Relation) -> bool:
        return symbols_of(condition) <= self.used

    def _solve(self, condition: Relation, point: dict[str, Fraction]) -> bool:
        if self._gap_at(condition, point) == 0:
            return True
        for name in reversed(list(point)):
            zero, one, two = (self._gap_at(condition, {**point, name: Fraction(v)}) for v in (0, 1, 2))
            rational = isinstance(zero, Fraction) and isinstance(one, Fraction)
            if not rational or zero == one or two != 2 * one - zero:
                continue
            value = zero / (zero - one)
            family = name.rpartition("_")[0]
            values = self.domain.symbols.get(name) or self.domain.families.get(family)
            if values is not None and value in values:
                point[name] = value
                return True
            return self._scale(condition, point, name)
        return self._unit_vector(condition, point)

    def _unit_vector(self, condition: Relation, point: dict[str, Fraction]) -> bool:
        """Try a rational point of the unit sphere, for a condition on the squares of a family."""
        for family, values in self.domain.families.items():
            keys = [key for key in point if key.rpartition("_")[0] == family]
            vector = _UNIT_VECTORS.get(len(keys), [])
            if keys and vector and family in symbols_of(condition) and all(v in values for v in vector):
                trial = {**point, **dict(zip(keys, vector, strict=True))}
                if self._gap_at(condition, trial) == 0:
                    point.update(trial)
                    return True
        return False

    def _scale(self, condition: Relation, point: dict[str, Fraction], name: str) -> bool:
        """Shrink the members of a family until they leave room for the last one."""
        family = name.rpartition("_")[0]
        if family not in self.domain.families:
            return False
        keys = [key for key in point if key.rpartition("_")[0] == family]
        if any(point[key] < Fraction(1, 1000) for key in keys):
            return False
        for key in keys:
            point[key] /= 2
        return self._solve(condition, point)

    def _holds(self, condition: Relation, point: dict[str, Fraction]) -> bool:
        gap = self._gap_at(condition, point)
        return gap is not None and signs_of(gap) <= RELATION_SIGNS[condition.operator]

    def _gap_at(self, condition: Relation, point: dict[str, Fraction]) -> Any:
        arithmetic = Intervals()
        interpreter = Interpreter(arithmetic, self.statement.functions)
        try:
            tree = difference(condition.left, condition.right)
            return interpreter.evaluate(tree, scope_at(self.statement, point, arithmetic))
        except AlgebraError:
            return None


def scope_at(statement: Statement, point: dict[str, Fraction], arithmetic: Intervals) -> Scope:
    """Return the scope of a point; a member that it lacks, such as ``p_0``, gets a value there."""
    families = {}
    for family in statement.domain.families:

        def member(index: Any, family: str = family) -> Any:
            key = f"{family}_{index}"
            if key not in point:
                point[key] = _far_member(statement.domain.families[family], key)
            arithmetic.members_used.add(key)
            return point[key]

        families[family] = member
    values = {name: point[name] for name in statement.domain.symbols if name in point}
    return statement.scope(values, families)


def _far_member(values: Range, key: str) -> Fraction:
    """Return a value for a member beyond those of the point, the same whenever it is asked for."""
    share = Fraction(zlib.crc32(key.encode()) % 28 + 1, 29)
    if values.lower is not None and values.upper is not None:
        return values.lower + (values.upper - values.lower) * share
    if values.lower is not None:
        return values.lower + share
    return values.upper - share if values.upper is not None else share
