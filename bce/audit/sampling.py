"""Random rational points of a declared domain, its edges included, for the independent evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from bce.algebra.expression import Expression, Relation, difference
from bce.algebra.ranges import Range
from bce.algebra.statement import Statement

from .independent import declared_range, in_domain, judge, value_of
from .terms import NoValue, Undecided
from .values import precision

Point = dict[str, Fraction]

_DRAWS = 40
#: A family is read as one over all whole numbers; these are drawn.
_INDICES = range(-8, 10)


def judgements(statement: Statement, count: int = 30, seed: int = 1, edges: float = 0.25) -> list[tuple[str, Point]]:
    """Judge the relation of a statement at random points of its domain.

    Parameters
    ----------
    statement : Statement
        The relation and its domain.
    count : int
        How many points to draw; fewer are judged where the domain is hard to hit.
    seed : int
        The seed; the same seed gives the same points.
    edges : float
        How often a closed end of a range is taken, or 0, or 1.
    """
    return [(judge(statement, point), point) for point in points(statement, count, seed, edges)]


def points(statement: Statement, count: int, seed: int = 1, edges: float = 0.25) -> Iterator[Point]:
    """Yield random points of the domain of a statement."""
    random = Random(seed)
    for _ in range(count):
        for draw in range(_DRAWS):
            style = ("free", "free", "one-hot", "unit")[draw % 4]
            point = _draw(statement, random, edges, "one-hot" if random.random() < edges else style)
            if _repair(statement, point, random) and in_domain(statement, point):
                yield point
                break


def _draw(statement: Statement, random: Random, edges: float, style: str) -> Point:
    """Draw every symbol and member.

    Some declared equations hold for special members only: one-hot ones, or those of a
    vector of length 1.
    """
    domain, point = statement.domain, {}
    for name, values in domain.symbols.items():
        if name not in statement.helpers.symbols:
            point[name] = _value(values, random, edges)
    lengths = [int(point[name]) for name, values in domain.symbols.items() if values.integer and name in point]
    for family, values in domain.families.items():
        special = _one_hot(random) if style == "one-hot" else _unit_vector(random, max([1, *lengths]))
        for k in _INDICES:
            value = special.get(k, Fraction(0))
            fits = style != "free" and value in values
            point[f"{family}_{k}"] = value if fits else _value(values, random, edges)
    return point


def _one_hot(random: Random) -> dict[int, Fraction]:
    return {random.randint(1, 2): Fraction(1)}


def _unit_vector(random: Random, length: int) -> dict[int, Fraction]:
    """Return a rational vector of length 1 without negative parts, by stereographic projection."""
    plane = [Fraction(random.randint(1, 9), random.randint(1, 9)) for _ in range(length - 1)]
    square = sum((t * t for t in plane), Fraction(0))
    vector = [abs(square - 1) / (square + 1), *(2 * t / (square + 1) for t in plane)]
    return {k + 1: value for k, value in enumerate(vector)}


def _value(values: Range, random: Random, edges: float) -> Fraction:
    lower, upper = values.lower, values.upper
    if values.integer:
        low = -3 if lower is None else int(lower)
        high = low + 4 if upper is None else int(upper)
        return Fraction(random.randint(low, high))
    ends = [end for end in (lower, upper, Fraction(0), Fraction(1)) if end is not None and end in values]
    if ends and random.random() < edges:
        return random.choice(ends)
    if lower is not None and upper is not None:
        return lower + (upper - lower) * Fraction(random.randint(1, 96), 97)
    size = Fraction(random.randint(1, 60), random.choice([7, 11, 19]))
    if lower is not None:
        return lower + size
    if upper is not None:
        return upper - size
    return size if random.random() < 0.5 else -size


# --- declared equations ---------------------------------------------------------------


def _repair(statement: Statement, point: Point, random: Random) -> bool:
    """Move a point onto the declared equations, as far as they are linear in one quantity or family."""
    for condition in statement.domain.conditions:
        if condition.operator == "=" and not _moved_onto(statement, condition, point, random):
            return False
    return True


def _moved_onto(statement: Statement, condition: Relation, point: Point, random: Random) -> bool:
    gap = difference(condition.left, condition.right)
    if _exact(statement, gap, point) == 0:
        return True
    return _rescale(statement, gap, point) or _solve(statement, gap, point, random)


def _exact(statement: Statement, tree: Expression, point: Point) -> Fraction | None:
    try:
        with precision(300):
            value = value_of(statement, tree, point)
    except (NoValue, Undecided):
        return None
    return value if isinstance(value, Fraction) else None


def _rescale(statement: Statement, gap: Expression, point: Point) -> bool:
    """Multiply all members of one family by a number so that the equation holds."""
    for family, values in statement.domain.families.items():
        keys = [key for key in point if key.rpartition("_")[0] == family]
        nothing = _exact(statement, gap, {**point, **dict.fromkeys(keys, Fraction(0))})
        now = _exact(statement, gap, point)
        if nothing is None or now is None or nothing == now:
            continue
        scale = nothing / (nothing - now)
        moved = {key: point[key] * scale for key in keys}
        if all(value in values for value in moved.values()) and _exact(statement, gap, {**point, **moved}) == 0:
            point.update(moved)
            return True
    return False


def _solve(statement: Statement, gap: Expression, point: Point, random: Random) -> bool:
    """Solve the equation for one symbol or member."""
    names = list(point)
    random.shuffle(names)
    for name in names:
        values = declared_range(statement, name)
        zero, one = (_exact(statement, gap, {**point, name: Fraction(value)}) for value in (0, 1))
        if values is None or zero is None or one is None or zero == one:
            continue
        value = zero / (zero - one)
        if value in values and _exact(statement, gap, {**point, name: value}) == 0:
            point[name] = value
            return True
    return False
