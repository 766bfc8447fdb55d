"""Random rational points of a declared domain, edges included, for the independent evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from bce.algebra.expression import difference
from graph import NoValue, Undecided, precision
from independent import in_domain, judge, value_of

_DRAWS = 40
_MEMBERS = range(-8, 10)  # a family is read as one over all whole numbers

Point = dict[str, Fraction]


def points(statement, count: int, seed: int = 1, edges: float = 0.25) -> Iterator[Point]:
    """Yield points of the domain of a statement; ``edges`` is how often a closed end is taken."""
    random = Random(seed)
    for _ in range(count):
        for draw in range(_DRAWS):
            # Some declared equations leave nothing but one-hot members.
            point = _draw(statement, random, edges, one_hot=draw > 3 or random.random() < edges)
            if _repair(statement, point, random) and in_domain(statement, point):
                yield point
                break


def judgements(statement, count: int = 30, seed: int = 1, edges: float = 0.25) -> list[tuple[str, Point]]:
    """Judge the relation of a statement at random points of its domain."""
    return [(judge(statement, point), point) for point in points(statement, count, seed, edges)]


def _draw(statement, random: Random, edges: float, one_hot: bool) -> Point:
    domain, point = statement.domain, {}
    for name, values in domain.symbols.items():
        if name not in statement.helpers.symbols:
            point[name] = _value(values, random, edges)
    for family, values in domain.families.items():
        hot = random.randint(1, 2)
        for k in _MEMBERS:
            if one_hot and Fraction(0) in values and Fraction(1) in values:
                point[f"{family}_{k}"] = Fraction(int(k == hot))
            else:
                point[f"{family}_{k}"] = _value(values, random, edges)
    return point


def _value(values, random: Random, edges: float) -> Fraction:
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


def _repair(statement, point: Point, random: Random) -> bool:
    """Move a point onto the declared equations, as far as they are linear in one quantity or family."""
    for condition in statement.domain.conditions:
        if condition.operator == "=" and _gap(statement, condition, point) != 0:
            gap = difference(condition.left, condition.right)
            if not (_rescaled(statement, gap, point) or _solved(statement, gap, point, random)):
                return False
    return True


def _gap(statement, condition, point: Point):
    return _exact(statement, difference(condition.left, condition.right), point)


def _exact(statement, tree, point: Point) -> Fraction | None:
    try:
        with precision(300):
            value = value_of(statement, tree, point)
    except (NoValue, Undecided):
        return None
    return value if isinstance(value, Fraction) else None


def _rescaled(statement, gap, point: Point) -> bool:
    """Multiply all members of one family by a number so that the equation holds."""
    for family, values in statement.domain.families.items():
        keys = [key for key in point if key.rpartition("_")[0] == family]
        nothing = _exact(statement, gap, {**point, **dict.fromkeys(keys, Fraction(0))})
        now = _exact(statement, gap, point)
        if nothing is None or now is None or nothing == now:
            continue
        scale = nothing / (nothing - now)
        moved = {key: point[key] * scale for key in keys}
        if all(value in values for key, value in moved.items()) and _exact(statement, gap, {**point, **moved}) == 0:
            point.update(moved)
            return True
    return False


def _solved(statement, gap, point: Point, random: Random) -> bool:
    """Solve the equation for one symbol or member."""
    names = list(point)
    random.shuffle(names)
    for name in names:
        values = statement.domain.symbols.get(name) or statement.domain.families.get(name.rpartition("_")[0])
        at = [_exact(statement, gap, {**point, name: Fraction(v)}) for v in (0, 1)]
        if None in at or at[0] == at[1]:
            continue
        value = at[0] / (at[0] - at[1])
        if values is not None and value in values and _exact(statement, gap, {**point, name: value}) == 0:
            point[name] = value
            return True
    return False
