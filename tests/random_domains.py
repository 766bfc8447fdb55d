"""Declared domains with points of their own: ranges, families, helper quantities, functions and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from formula_writer import Writer
from language import Point, Statement, Term, exact
from mpmath import mpf

Range = Callable[[Fraction], bool]
Draw = Callable[[Random], Fraction]


@dataclass(frozen=True)
class Quantity:
    """A declared symbol or member: its declaration, values to draw, and what belongs to its range."""

    declared: str
    draw: Draw
    contains: Range


def _between(low: int | Fraction, high: int | Fraction) -> Draw:
    return lambda random: Fraction(low) + (Fraction(high) - Fraction(low)) * Fraction(random.randint(1, 96), 97)


def _wholes(low: int, high: int) -> Draw:
    return lambda random: Fraction(random.randint(low, high))


def _is_whole(value: Fraction) -> bool:
    return value.denominator == 1


REALS = [
    Quantity("{} real", lambda random: Fraction(random.randint(-40, 40), random.choice([1, 3, 7, 11])), lambda v: True),
    Quantity("{} > 0", lambda random: Fraction(random.randint(1, 50), random.choice([1, 7, 11])), lambda v: v > 0),
    Quantity("{} >= 0", lambda random: Fraction(random.randint(0, 30), random.choice([1, 7, 11])), lambda v: v >= 0),
    Quantity("{} in (0, 1)", _between(0, 1), lambda v: 0 < v < 1),
    Quantity("0 <= {} <= 1", lambda random: Fraction(random.randint(0, 9), 9), lambda v: 0 <= v <= 1),
    Quantity("{} > 1/4", _between(Fraction(1, 4), 3), lambda v: v > Fraction(1, 4)),
    Quantity("-1 < {} < 2", _between(-1, 2), lambda v: -1 < v < 2),
]
WHOLES = [
    Quantity("{} positive integer", _wholes(1, 9), lambda v: _is_whole(v) and v >= 1),
    Quantity("{} nonnegative integer", _wholes(0, 8), lambda v: _is_whole(v) and v >= 0),
    Quantity("{0} integer; {0} >= -1", _wholes(-1, 7), lambda v: _is_whole(v) and v >= -1),
    Quantity("{0} integer; {0} > -3", _wholes(-2, 6), lambda v: _is_whole(v) and v > -3),
    Quantity("{0} integer; {0} > 2", _wholes(3, 9), lambda v: _is_whole(v) and v > 2),
    Quantity("{0} integer; 0 < {0} < 5", _wholes(1, 4), lambda v: _is_whole(v) and 0 < v < 5),
    Quantity("{0} integer; {0} <= 3", _wholes(-6, 3), lambda v: _is_whole(v) and v <= 3),
    Quantity("{0} integer", _wholes(-6, 6), _is_whole),
    Quantity("{0} in {{0, 1}}", _wholes(0, 1), lambda v: v in (0, 1)),
]
#: What a bound of a sum can be: the first five, which cannot reach far below 1.
LENGTHS = WHOLES[:6]


@dataclass
class Domain:
    """The declarations of a note, and how its points are drawn."""

    symbols: dict[str, Quantity] = field(default_factory=dict)
    families: dict[str, Quantity] = field(default_factory=dict)
    helpers: dict[str, Term] = field(default_factory=dict)
    functions: dict[str, tuple[str, Term]] = field(default_factory=dict)
    conditions: list[Statement] = field(default_factory=list)
    #: Moves values onto a declared equation, those that are named excepted.
    repair: Callable[[dict[str, Fraction], Mapping[str, Members]], None] = lambda values, members: None

    @property
    def given(self) -> str:
        declared = [q.declared.format(name) for name, q in self.symbols.items()]
        declared += [q.declared.format(f"{name}_i") for name, q in self.families.items()]
        return "; ".join([*declared, *map(str, self.conditions)])

    @property
    def where(self) -> str:
        bodies = [f"{name} = {body}" for name, body in self.helpers.items()]
        bodies += [f"{name}({parameter}) = {body}" for name, (parameter, body) in self.functions.items()]
        return "; ".join(bodies)

    def tie_pair(self, first: str, second: str, write: Writer) -> None:
        """Declare two positive quantities that sum to 1."""
        inside = Quantity("{} > 0", _between(0, 1), lambda v: v > 0)
        self.symbols |= {first: inside, second: inside}
        self._tie(write.add(write.name(first), write.name(second)), write)

        def repair(values: dict[str, Fraction], members: Mapping[str, Members]) -> None:
            values[second] = 1 - values[first]

        self.repair = repair

    def tie_members(self, family: str, write: Writer) -> None:
        """Declare a family of positive members, of which the first three sum to 1."""
        self.families[family] = Quantity("{} > 0", _between(0, 1), lambda v: v > 0)
        index = write.name("i")
        self._tie(write.sum("i", write.number(1), write.number(3), write.member(family, index)), write)

        def repair(values: dict[str, Fraction], members: Mapping[str, Members]) -> None:
            members[family].share_out(range(1, 4))

        self.repair = repair

    def tie_distribution(self, family: str, length: str, write: Writer) -> None:
        """Declare a family of positive members that sum to 1 over a symbolic length."""
        self.symbols[length] = WHOLES[0]
        self.families[family] = Quantity("{} > 0", _between(0, 1), lambda v: v > 0)
        index = write.name("i")
        self._tie(write.sum("i", write.number(1), write.name(length), write.member(family, index)), write)
        before = self.repair

        def repair(values: dict[str, Fraction], members: Mapping[str, Members]) -> None:
            before(values, members)
            members[family].share_out(range(1, int(values[length]) + 1))

        self.repair = repair

    def _tie(self, total: Term, write: Writer) -> None:
        self.conditions.append(Statement(total, "=", write.number(1)))

    def draw(self, random: Random) -> Point | None:
        """Return a random point, None if the conditions could not be met."""
        for _ in range(60):
            values = {name: quantity.draw(random) for name, quantity in self.symbols.items()}
            members = {name: Members(quantity, random.random()) for name, quantity in self.families.items()}
            self.repair(values, members)
            point = self.point(values, members)
            if point is not None:
                return point
        return None

    def point(self, values: Mapping[str, Fraction], members: Mapping[str, Members]) -> Point | None:
        """Return a point with values, None if it does not lie in the domain."""
        if not all(self.symbols[name].contains(value) for name, value in values.items()):
            return None
        point = Point({name: exact(value) for name, value in values.items()}, members, self.helpers)
        holds = all(condition.holds(point) for condition in self.conditions)
        return point if holds and all(family.are_in_range() for family in members.values()) else None

    def named_points(self, named: Mapping[str, Fraction]) -> Iterator[Point | None]:
        """Yield the point that a verdict names, with random values for what it leaves out.

        It is None where it does not lie in the domain.
        """
        random = Random(1)
        for _ in range(200):
            members = {name: Members(quantity, random.random()) for name, quantity in self.families.items()}
            values = {name: named.get(name, quantity.draw(random)) for name, quantity in self.symbols.items()}
            for name, value in named.items():
                family, _, index = name.rpartition("_")
                if name not in values and family in members:
                    members[family].fixed[int(index.strip("{}"))] = value
            if members or set(self.symbols) - set(named):
                self.repair(values, members)
            yield self.point(values, members)


@dataclass
class Members:
    """The members of a family: fixed ones, and the others drawn once each."""

    quantity: Quantity
    seed: float
    fixed: dict[int, Fraction] = field(default_factory=dict)

    def of(self, index: int) -> Fraction:
        if index not in self.fixed:
            self.fixed[index] = self.quantity.draw(Random(f"{self.seed} {index}"))
        return self.fixed[index]

    def __call__(self, index: int) -> mpf:
        return exact(self.of(index))

    def share_out(self, indices: range) -> None:
        """Choose the members that are not fixed so that all at some indices sum to 1."""
        free = [k for k in indices if k not in self.fixed]
        left = 1 - sum(self.fixed.get(k, Fraction(0)) for k in indices)
        shares = [self.of(k) for k in free]
        self.fixed |= {k: left * share / sum(shares) for k, share in zip(free, shares, strict=True)}

    def are_in_range(self) -> bool:
        return all(self.quantity.contains(value) for value in self.fixed.values())
