"""Refuting a relation: a rational point of the domain where it certainly fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mpmath import iv

from bce.algebra.domain import Domain, Helpers
from bce.algebra.doubles import DOUBLE
from bce.algebra.errors import AlgebraError, Work
from bce.algebra.expression import RELATION_SIGNS, Expression, Negation, Number, Relation
from bce.algebra.interpreter import DEFAULT_WORK, Interpreter
from bce.algebra.intervals import Intervals, NoValue, signs_of, to_interval, working_precision
from bce.algebra.ranges import ANY, Signs
from bce.algebra.statement import Statement

from .point import Point, in_words
from .points import points, probes
from .prove import prove

_PRECISIONS = (80, 400)
NO_POINT = "no point of the declared domain was found; do its conditions contradict each other?"


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
        return in_words(self.point)


@dataclass(frozen=True)
class Search:
    """What the points of the domain say against a relation.

    There is a counterexample, or a place where a side certainly has no value, or neither;
    ``tried`` counts the points.
    """

    counterexample: Counterexample | None = None
    without_value: str | None = None
    tried: int = 0


class Sides:
    """Both sides of a relation at a point: enclosures, or the reason why there are none.

    They are evaluated once, and again only if the working precision was too low to tell them apart.
    """

    def __init__(self, statement: Statement, point: Point, work: Work, precision: int = _PRECISIONS[0]) -> None:
        self.statement = statement
        self.point = point
        self.work = work
        self.precision = precision
        self.without_value: str | None = None
        self.values = self._evaluated()

    def signs(self) -> Signs:
        """Return the signs that the left side minus the right side may have."""
        if self.values is None:
            return ANY
        with working_precision(self.precision):
            return signs_of(gap_of(*self.values))

    def sharpened(self, precision: int) -> Sides:
        """Return the sides with more digits."""
        if precision > self.precision:
            self.precision = precision
            self.values = self._evaluated()
        return self

    def _may_enclose(self) -> bool:
        """Tell whether values may be intervals: not if one of two numbers has to equal the other, as in a condition."""
        return self.precision == DOUBLE and all(c.operator != "=" for c in self.statement.domain.conditions)

    def _evaluated(self) -> tuple[Any, Any] | None:
        relation = self.statement.relation
        values: list[Any] = []
        interpreter = Interpreter(Intervals(), self.statement.functions, self.work)
        with working_precision(self.precision):
            for name, tree in (("left", relation.left), ("right", relation.right)):
                if tree is relation.left and values:
                    return values[0], values[0]
                try:
                    values.append(interpreter.evaluate(tree, self.point.scope(enclosed=self._may_enclose())))
                except NoValue as reason:
                    place = f" at {self.point}" if self.point.values else ""
                    self.without_value = f"the {name} side has no value{place}: {reason}"
                    return None
                except (AlgebraError, RecursionError, OverflowError, ZeroDivisionError):
                    continue
        return (values[0], values[1]) if len(values) == 2 else None


def search(statement: Statement) -> Search:
    """Look for a certified counterexample; that there is none says nothing about the relation."""
    wanted = RELATION_SIGNS[statement.relation.operator]
    work, tried, without_value = Work(DEFAULT_WORK), 0, None
    equal = 0 not in wanted and _always_equal(statement)
    for point in points(statement):
        tried += 1
        sides = Sides(statement, point, work)
        without_value = without_value or sides.without_value
        if sides.values is None:
            continue
        example = _against(sides, wanted, equal)
        if example is not None:
            return Search(example, without_value, tried)
    return Search(None, without_value, tried)


def _against(sides: Sides, wanted: Signs, equal: bool) -> Counterexample | None:
    """Return a counterexample if the relation certainly fails at a point."""
    if equal:
        return replace(_certificate(sides), margin="0", method="both sides are proved equal")
    for precision in _PRECISIONS:
        known = sides.sharpened(precision).signs()
        if known <= wanted:
            return None
        if not known & wanted:
            return _certificate(sides)
    if 0 not in wanted and known - wanted == {0} and _equal_at(sides.statement, sides.point):
        return replace(_certificate(sides), method="both sides are proved equal at a rational point")
    return None


def doubt(statement: Statement) -> str | None:
    """Hold a proof against interval arithmetic, so that a fault of the prover shows; return what speaks against it."""
    wanted = RELATION_SIGNS[statement.relation.operator]
    tried = 0
    for point in probes(statement, _probe_count(statement)):
        tried += 1
        # Doubles tell nearly always that all is well; what they say against a proof, or not at all, is looked at again.
        quick = Sides(statement, point, Work(DEFAULT_WORK), DOUBLE)
        if quick.values is not None and (quick.signs() <= wanted or (0 in wanted and quick.signs() & wanted)):
            continue
        sides = Sides(statement, point, Work(DEFAULT_WORK))
        if sides.without_value is not None or not sides.signs() & wanted:
            return "the proof and interval arithmetic contradict each other; this is a fault of the verifier"
    return None if tried else NO_POINT


def _probe_count(statement: Statement) -> int:
    """Return how many points a proof is held against: more where a formula speaks of whole numbers."""
    domain = statement.domain
    ranges = [
        values for names in (domain.symbols, domain.families) for n, values in names.items() if n in statement.names
    ]
    return 3 if any(values.integer for values in ranges) else 2


def _always_equal(statement: Statement) -> bool:
    """Tell whether both sides of a strict relation are proved equal, so that it holds nowhere."""
    relation = Relation("=", statement.relation.left, statement.relation.right)
    return prove(replace(statement, relation=relation, certificate=None)).proved


def _equal_at(statement: Statement, point: Point) -> bool:
    """Prove that both sides are equal at a point: no enclosure can, but the exact field does."""
    if statement.domain.families:
        return False
    values: dict[str, Expression] = {name: _written(value) for name, value in point.values.items()}
    relation = Relation("=", statement.relation.left, statement.relation.right)
    helpers = Helpers({**statement.helpers.symbols, **values}, statement.helpers.members)
    return prove(Statement(relation, Domain(), helpers, statement.functions)).proved


def _written(value: Fraction) -> Expression:
    size = Number(abs(value))
    return Negation(size) if value < 0 else size


def gap_of(left: Any, right: Any) -> Any:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left - right
    return to_interval(left) - to_interval(right)


def _certificate(sides: Sides) -> Counterexample:
    assert sides.values is not None
    left, right = sides.values
    with working_precision(sides.precision):
        margin = iv.nstr(abs(to_interval(gap_of(left, right))).a, 5).strip("[]").split(",")[0]
        return Counterexample(dict(sides.point.values), (_digits(left), _digits(right)), margin)


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
