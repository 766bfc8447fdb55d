"""What is known about the symbols of a derivation, and the functions it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .expression import Call, Expression, Indexed, Relation, Symbol, Total
from .names import Names
from .ranges import Range


@dataclass(frozen=True)
class Domain:
    """The declared ranges of symbols and families, and further conditions between them."""

    symbols: Mapping[str, Range] = field(default_factory=dict)
    families: Mapping[str, Range] = field(default_factory=dict)
    conditions: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Function:
    """A defined function: ``name(parameters) = body`` on a domain.

    A parameter that is a family of ``domain`` stands for all its members. Symbols of the
    body that are no parameters (a number of outcomes ``n``) are looked up where the
    function is used.
    """

    name: str
    parameters: tuple[str, ...]
    body: Expression
    domain: Domain
    helpers: Helpers

    @property
    def signature(self) -> tuple[str, int]:
        return self.name, len(self.parameters)

    @cached_property
    def own_free_names(self) -> set[str]:
        """The symbols and families of the body that are neither parameters nor helpers."""
        trees = [self.body, *self.domain.conditions, *self.helpers.bodies()]
        names = {name for tree in trees for name in symbols_of(tree)}
        return names - set(self.parameters) - self.helpers.names()

    @cached_property
    def called(self) -> set[tuple[str, int]]:
        """Name and number of arguments of every function that the body applies."""
        return called_functions(self.body)


@dataclass(frozen=True)
class Helpers:
    r"""Named helper quantities: ``h = \sigma(x)``, members ``p_2 = 1 - p_1``, families ``u_i = \frac{1}{n}``.

    A family is kept as the letter of its index and the body of a member.
    """

    symbols: Mapping[str, Expression] = field(default_factory=dict)
    members: Mapping[tuple[str, Expression], Expression] = field(default_factory=dict)
    families: Mapping[str, tuple[str, Expression]] = field(default_factory=dict)

    def names(self) -> set[str]:
        """Return the names of all symbols and families that have a body here."""
        return set(self.symbols) | set(self.families)

    def bodies(self) -> list[Expression]:
        """Return all bodies, with members and families in a form that names their free symbols."""
        families = [Total("sum", letter, body, body, body) for letter, body in self.families.values()]
        return [*self.symbols.values(), *self.members.values(), *families]


Functions = Mapping[tuple[str, int], Function]


def names_of(domain: Domain, helpers: Helpers, functions: Functions, *, lenient: bool = False) -> Names:
    """Return what the grammar has to know to read a formula on this domain."""
    arities: dict[str, set[int]] = {}
    for name, arity in functions:
        arities.setdefault(name, set()).add(arity)
    reals = [name for name, values in domain.symbols.items() if not values.integer]
    bounded = {_smaller_side(condition) for condition in domain.conditions}
    whole = [name for name, values in domain.symbols.items() if values.integer and values.upper is None]
    lengths = [name for name in whole if name not in bounded]
    return Names(
        symbols=frozenset(domain.symbols) | frozenset(helpers.symbols),
        families=frozenset(domain.families) | frozenset(helpers.families),
        functions={name: frozenset(numbers) for name, numbers in arities.items()},
        parameters={name: function.parameters for (name, _), function in functions.items()},
        prime=reals[0] if len(reals) == 1 else None,
        length=lengths[0] if len(lengths) == 1 else None,
        lenient=lenient,
    )


def _smaller_side(condition: Relation) -> str | None:
    r"""Return the symbol that a condition such as ``j \le n`` bounds by another."""
    side = {"<": condition.left, "\\le": condition.left, ">": condition.right, "\\ge": condition.right}
    tree = side.get(condition.operator)
    return tree.name if isinstance(tree, Symbol) else None


def symbols_of(tree: Expression) -> set[str]:
    """Return the names of all symbols and families in a tree, bound indices left out."""
    if isinstance(tree, Symbol):
        return {tree.name}
    found: set[str] = {tree.family} if isinstance(tree, Indexed) else set()
    for child in tree.children():
        found |= symbols_of(child)
    if isinstance(tree, Total):
        found -= {tree.index}
    return found


def called_functions(tree: Expression) -> set[tuple[str, int]]:
    """Return name and number of arguments of every function applied in a tree."""
    return {(node.function, len(node.arguments)) for node in tree.walk() if isinstance(node, Call)}


def free_names(function: Function, functions: Functions) -> list[str]:
    """Return the symbols and families that a function, or one it calls, looks up where it is used."""
    seen: dict[tuple[str, int], Function] = {}
    pending = [function]
    while pending:
        current = pending.pop()
        seen[current.signature] = current
        called = current.called - set(seen)
        pending += [functions[signature] for signature in called if signature in functions]
    return sorted({name for f in seen.values() for name in f.own_free_names})
