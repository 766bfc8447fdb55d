"""Refuting a relation: a rational point of the domain where it certainly fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import cycle, islice
from random import Random
from typing import Any

from mpmath import iv

from .domain import Domain, Helpers, symbols_of
from .errors import AlgebraError, Work
from .expression import RELATION_SIGNS, Expression, Negation, Number, Relation, difference
from .interpreter import DEFAULT_WORK, Interpreter, Scope
from .intervals import Intervals, NotHere, signs_of, to_interval, working_precision
from .prove import Statement, prove
from .ranges import Range

_POINTS = 24
_PRECISIONS = (80, 400)
_NICE = [Fraction(text) for text in "1 1/2 0 2 -1 1/3 3/2 -2 1/4 3 -1/2".split()]
_MOST_DRAWS = 60


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
    for point in points(statement):
        for precision in _PRECISIONS:
            with working_precision(precision):
                used: set[str] = set()
                sides = sides_at(statement, point, work, used)
                if sides is None:
                    break
                known = signs_of(gap_of(*sides))
                if known <= wanted:
                    break
                if not known & wanted:
                    return _certificate(_needed(statement, point, used), sides)
        if 0 not in wanted and sides is not None and known - wanted == {0} and _equal_at(statement, point):
            return replace(_certificate(point, sides), method="both sides are proved equal at a rational point")
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


def scope_at(statement: Statement, point: dict[str, Fraction], arithmetic: Intervals) -> Scope:
    """Return the scope in which every declared name has its value at the point."""
    families = {}
    for family in statement.domain.families:

        def member(index: Any, family: str = family) -> Any:
            key = f"{family}_{index}"
            if key not in point:
                raise NotHere(f"{key} has no value at this point")
            arithmetic.members_used.add(key)
            return point[key]

        families[family] = member
    values = {name: point[name] for name in statement.domain.symbols if name in point}
    return Scope(values, families, statement.helpers, outermost=True)


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


# --- points of the domain -------------------------------------------------------------


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
        return max([3, *counts]) if counts else 4

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
            zero, one = (self._gap_at(condition, {**point, name: Fraction(v)}) for v in (0, 1))
            if not isinstance(zero, Fraction) or not isinstance(one, Fraction) or zero == one:
                continue
            value = zero / (zero - one)
            family = name.rpartition("_")[0]
            values = self.domain.symbols.get(name) or self.domain.families.get(family)
            if values is not None and value in values:
                point[name] = value
                return True
            return self._scale(condition, point, name)
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
