"""What a formula depends on: through helpers, through functions, and through declared equations.

A tree says which names it binds (`Expression.scopes`). Here names are followed further: a
helper depends on what its body depends on, a function looks its free names up where it is
used, and an equation under ``given`` ties all that it relates. Whoever has to know whether
one quantity moves with another asks here: the interpreter, and through it every arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .domain import Domain, Function, Functions, Helpers
from .expression import (
    Expression,
    Negation,
    Relation,
    Sum,
    Symbol,
    called_functions,
    difference,
    negate,
    symbols_of,
)


def free_names(function: Function, functions: Functions) -> set[str]:
    """Return the symbols and families that a function, or one it calls, looks up where it is used."""
    return {name for f in _called(function.called | {function.signature}, functions) for name in f.own_free_names}


def _called(signatures: Iterable[tuple[str, int]], functions: Functions) -> Iterable[Function]:
    """Return these functions, and those that are called in them at any depth."""
    seen: dict[tuple[str, int], Function] = {}
    pending = set(signatures)
    while pending:
        signature = pending.pop()
        if signature in functions and signature not in seen:
            seen[signature] = functions[signature]
            pending |= functions[signature].called
    return seen.values()


def names_in(
    trees: Iterable[Expression], helpers: Helpers, functions: Functions, without: Expression | None = None
) -> set[str]:
    """Return the free names of trees at any depth: with those in the bodies of helpers and functions.

    ``without`` is a symbol or a member that is held apart: neither it nor its body is looked at.
    """
    apart = {without.name} if isinstance(without, Symbol) else set()
    names: set[str] = set()
    pending = [(tree, without) for tree in trees]
    while pending:
        tree, left_out = pending.pop()
        new = symbols_of(tree, left_out)
        for function in _called(called_functions(tree), functions):
            new |= function.own_free_names
        new -= names | apart
        names |= new
        pending += [(body, None) for name in new for body in helpers.bodies_of(name)]
    return names


def is_looked_up(name: str, tree: Expression, helpers: Helpers, functions: Functions) -> bool:
    """Tell whether a helper or a function in a tree speaks of a name, at any depth."""
    free = {other for function in _called(called_functions(tree), functions) for other in function.own_free_names}
    below = [body for other in symbols_of(tree) for body in helpers.bodies_of(other)]
    return name in names_in([*below, *map(Symbol, free)], helpers, functions)


def leaves_in(
    trees: Iterable[Expression], helpers: Helpers, functions: Functions, without: Expression | None = None
) -> set[str]:
    """Return those names of trees at any depth that have no body: what the trees depend on."""
    names = names_in(trees, helpers, functions, without)
    return {name for name in names if name not in helpers.symbols and name not in helpers.families}


@dataclass(frozen=True)
class Tie:
    r"""A declared equation, and the names that cannot move freely because of it.

    Whole numbers stay ``still``, such as the number of terms in ``\sum_{i=1}^{n} p_i = 1``: they tie nothing together.
    """

    names: frozenset[str]
    still: frozenset[str]
    relation: Relation


def ties_of(domain: Domain, helpers: Helpers, functions: Functions) -> tuple[Tie, ...]:
    """Return the declared equations with what each of them ties together."""
    ties = []
    for condition in domain.conditions:
        if condition.operator == "=":
            names = frozenset(leaves_in([condition], helpers, functions))
            ties.append(Tie(names - domain.only_whole, names & domain.only_whole, condition))
    return tuple(ties)


def moved_with(names: Iterable[str], ties: Iterable[Tie]) -> Mapping[str, Tie | None]:
    """Return all that moves when these names move, each with the equation that makes it move."""
    moved: dict[str, Tie | None] = dict.fromkeys(names)
    rest = list(ties)
    while touched := [tie for tie in rest if (tie.names | tie.still) & set(moved)]:
        for tie in touched:
            rest.remove(tie)
            moved = {**dict.fromkeys(tie.names, tie), **moved}
    return moved


def solved_for(name: str, relation: Relation) -> Expression | None:
    """Return what an equation such as ``p + q = 1`` says of a symbol that is one of its terms: ``1 - p``."""
    terms = _terms(difference(relation.left, relation.right))
    for place, term in enumerate(terms):
        if term in (Symbol(name), Negation(Symbol(name))):
            others = terms[:place] + terms[place + 1 :]
            if not others or any(name in symbols_of(other) for other in others):
                return None
            rest = [negate(other) for other in others] if isinstance(term, Symbol) else others
            rest.sort(key=lambda tree: isinstance(tree, Negation))
            return rest[0] if len(rest) == 1 else Sum(tuple(rest))
    return None


def _terms(tree: Expression) -> list[Expression]:
    return [part for term in tree.terms for part in _terms(term)] if isinstance(tree, Sum) else [tree]
