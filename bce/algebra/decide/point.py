"""A point of the domain: a rational number for every symbol, and for every member that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from bce.algebra.expression import Relation
from bce.algebra.intervals import to_interval
from bce.algebra.ranges import Range
from bce.algebra.scope import Scope
from bce.algebra.statement import Statement


class Draw:
    """Random numbers for names: always the same for the same name, so that a point and what it moves to agree.

    ``farthest`` is 0 for numbers near the ends of a range; else whole numbers lie beyond the first few and up to it.
    """

    def __init__(self, seed: int, farthest: int = 0, scale: Fraction = Fraction(1)) -> None:
        self.random = Random(seed)
        self.farthest = farthest
        self.scale = scale
        self._drawn: dict[str, Fraction] = {}

    def number(self, values: Range, name: str) -> Fraction:
        """Return a number of the range."""
        if name not in self._drawn:
            self._drawn[name] = self._number(values)
        return self._drawn[name]

    def _number(self, values: Range) -> Fraction:
        random = self.random
        if values.integer:
            return Fraction(self._whole(values))
        ends = [end for sign, end in values.bounds() if sign in ("\\le", "\\ge")]
        if ends and not self.farthest and random.random() < 0.125:
            return random.choice(ends)
        if values.lower is not None and values.upper is not None:
            return values.lower + (values.upper - values.lower) * Fraction(random.randint(1, 28), 29)
        size = Fraction(random.randint(1, 90), 13) * self.scale
        if values.lower is not None:
            return values.lower + size
        if values.upper is not None:
            return values.upper - size
        return size if random.random() < 0.5 else -size

    def _whole(self, values: Range) -> int:
        random = self.random
        nearest, farthest = (5, self.farthest) if self.farthest else (0, max(1, round(4 * self.scale)))
        distance = random.randint(nearest, farthest)
        if values.lower is not None and values.upper is not None:
            inside = values.lower + distance <= values.upper and random.random() < 0.5
            return int(values.lower) + distance if inside else random.randint(int(values.lower), int(values.upper))
        if values.lower is not None:
            return int(values.lower) + distance
        if values.upper is not None:
            return int(values.upper) - distance
        return distance if random.random() < 0.5 else -distance


class Point:
    """Values of symbols, and of members such as ``p_2`` from when they are first asked for.

    ``asked`` has the names of the members that were asked for, and ``found`` what is known of conditions here.
    """

    def __init__(self, statement: Statement, values: Mapping[str, Fraction], draw: Draw) -> None:
        self.statement = statement
        self.values = dict(values)
        self.draw = draw
        self.asked: set[str] = set()
        self.found: dict[Relation, bool] = {}

    def member(self, family: str, index: Fraction) -> Fraction:
        """Return the value of ``family_index``, a number of the family's range."""
        name = f"{family}_{index}"
        self.asked.add(name)
        if name not in self.values:
            self.values[name] = self.draw.number(self.range_of(name), name)
        return self.values[name]

    def range_of(self, name: str) -> Range:
        """Return the declared range of a symbol, or of the family that a member belongs to."""
        domain = self.statement.domain
        return domain.symbols[name] if name in domain.symbols else domain.families[name.rpartition("_")[0]]

    def moved(self, changes: Mapping[str, Fraction]) -> Point | None:
        """Return the point with some values changed, None where one of them leaves its range."""
        if any(value not in self.range_of(name) for name, value in changes.items()):
            return None
        return Point(self.statement, {**self.values, **changes}, self.draw)

    def forget_unasked(self) -> None:
        """Drop the members that nobody has asked for."""
        symbols = self.statement.domain.symbols
        self.values = {name: value for name, value in self.values.items() if name in symbols or name in self.asked}

    def scope(self, *, enclosed: bool = False) -> Scope:
        """Return what names mean here, for an arithmetic of numbers: exact, or in intervals what need not be whole."""

        def number(name: str, value: Fraction) -> Any:
            return to_interval(value) if enclosed and not self.range_of(name).integer else value

        def member(family: str, index: Fraction) -> Any:
            return number(f"{family}_{index}", self.member(family, index))

        domain = self.statement.domain
        symbols = {name: number(name, value) for name, value in self.values.items() if name in domain.symbols}
        return self.statement.scope(symbols, {family: partial(member, family) for family in domain.families})

    def __str__(self) -> str:
        return in_words(self.values)


def in_words(values: Mapping[str, Fraction]) -> str:
    """Return a point as ``x = 1, z = 1/2``."""
    return ", ".join(f"{name} = {value}" for name, value in values.items()) or "every point"
