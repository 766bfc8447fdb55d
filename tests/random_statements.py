"""Random statements of every kind of the language."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import random_calculus
import random_sums
from formula_writer import Writer
from language import Statement
from random_domains import Domain
from random_parts import Maker, Sides

#: What statements can be about, with what draws one.
KINDS: dict[str, Callable[[Maker], Sides]] = {
    "sums": random_sums.sums,
    "sums written out": random_sums.written_out,
    "nested sums": random_sums.nested,
    "members": random_sums.members,
    "members with bounds": random_sums.bounded_members,
    "helper families": random_sums.helper_families,
    "distributions": random_sums.distributions,
    "whole numbers": random_sums.integers,
    "labels": random_sums.labels,
    "derivatives": random_calculus.derivatives,
    "derivatives by helpers": random_calculus.by_helpers,
    "functions": random_calculus.functions,
    "limits": random_calculus.limits,
    "tied quantities": random_calculus.tied,
    "moves of tied quantities": random_calculus.tied_moves,
    "ordered quantities": random_calculus.ordered,
    "corners": random_calculus.corners,
}


def statement(kind: str, random: Random, *, foreign: bool) -> tuple[Domain, Statement]:
    """Return a random statement of a kind, with its domain."""
    make = Maker(random, Writer(random, foreign), Domain())
    left, sign, right = KINDS[kind](make)
    if random.random() < 0.08:
        left, right = right, left
        sign = {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le"}.get(sign, sign)
    if random.random() < 0.1:
        sign = random.choice(["<", "\\le", "\\ge", "\\ne", "="])
    return make.domain, Statement(left, sign, right)
