"""Rational points of the declared domain: plain numbers first, then pseudo-random ones.

A point that is given away lies in the domain: every value is in its declared range, every member of a family in the
range of the family, and every declared condition holds there, by certified arithmetic.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice

from bce.algebra.ranges import Range
from bce.algebra.statement import Statement

from .conditions import Conditions
from .point import Draw, Point

_POINTS = 24
_MOST_DRAWS = 60
_NICE = [Fraction(text) for text in "1 1/2 0 2 -1 1/3 3/2 -2 1/4 3 -1/2".split()]
_SCALES = [Fraction(1, 16), Fraction(1, 4), Fraction(4), Fraction(16)]
#: The largest whole numbers of the probes, in turn. They are not small, where a factor such as ``(k-1)(k-2)`` is 0.
_FARTHEST = (6, 7, 9)


def points(statement: Statement) -> Iterator[Point]:
    """Yield points to refute with: plain numbers first, then pseudo-random ones, the same in every run."""
    draws = _Draws(statement, 20220528)
    for attempt in range(_POINTS):
        point = draws.point(attempt)
        if point is None:
            return
        yield point


def probes(statement: Statement, count: int) -> Iterator[Point]:
    """Yield points to doubt a proof with: unequal and not plain, with whole numbers beyond the first few.

    They are other points for every statement, so that no formula can be written to vanish at them.
    """
    relation = statement.relation
    draws = _Draws(statement, zlib.crc32(f"{relation.left} {relation.operator} {relation.right}".encode()))
    for attempt in range(count):
        point = draws.point(attempt, farthest=_FARTHEST[attempt % len(_FARTHEST)])
        if point is None:
            return
        yield point


class _Draws:
    def __init__(self, statement: Statement, seed: int) -> None:
        self.statement = statement
        self.seed = seed
        self.conditions = Conditions(statement)
        helpers, used = statement.helpers.symbols, statement.names
        self.symbols = {
            name: values for name, values in statement.domain.symbols.items() if name in used and name not in helpers
        }

    def point(self, attempt: int, farthest: int = 0) -> Point | None:
        """Return a point that satisfies every declared condition, None if none was found."""
        for trial in range(_MOST_DRAWS):
            late = trial >= _MOST_DRAWS // 3
            number = self.seed + attempt * _MOST_DRAWS + trial
            scale = _SCALES[number % len(_SCALES)] if late else Fraction(1)
            draw = Draw(number, 0 if late else farthest, scale)
            values = {name: draw.number(values, name) for name, values in self.symbols.items()}
            if not farthest and trial == 0:
                values |= self._plain(attempt)
            if farthest and not late and not self._unequal(values):
                continue
            point = self.conditions.met_by(Point(self.statement, values, draw))
            if point is not None:
                return point
        return None

    def _plain(self, attempt: int) -> dict[str, Fraction]:
        """Return plain numbers for the first draws; the second draw gives all symbols the same ones."""
        if attempt >= 8:
            return {}
        numbers = cycle(_NICE[1:2]) if attempt == 1 else iter(_NICE[attempt:] + _NICE)
        found = {name: _first_in(values, numbers) for name, values in self.symbols.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _unequal(self, values: dict[str, Fraction]) -> bool:
        whole = [values[name] for name, domain in self.symbols.items() if domain.finite_integers() is None]
        return len(set(whole)) == len(whole)


def _first_in(values: Range, numbers: Iterator[Fraction]) -> Fraction | None:
    return next((number for number in islice(numbers, 2 * len(_NICE)) if number in values), None)
