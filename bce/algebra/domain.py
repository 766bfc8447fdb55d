"""What is known about the symbols of a derivation, and the functions it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .expression import Call, Derivative, Expression, Indexed, Relation, Symbol, Total
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

    def free_symbols(self) -> list[str]:
        """Return the declared symbols that are no parameters."""
        helper_names = self.helpers.symbols
        return [s for s in self.domain.symbols if s not in self.parameters and s not in helper_names]


@dataclass(frozen=True)
class Helpers:
    r"""Named helper quantities: ``h = \sigma(x)``, or members such as ``p_2 = 1 - p_1``."""

    symbols: Mapping[str, Expression] = field(default_factory=dict)
    members: Mapping[tuple[str, Expression], Expression] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.symbols or self.members)


Functions = Mapping[tuple[str, int], Function]


def names_of(domain: Domain, helpers: Helpers, functions: Functions) -> Names:
    """Return what the grammar has to know to read a formula on this domain."""
    arities: dict[str, set[int]] = {}
    for name, arity in functions:
        arities.setdefault(name, set()).add(arity)
    reals = [name for name, values in domain.symbols.items() if not values.integer]
    return Names(
        symbols=frozenset(domain.symbols) | frozenset(helpers.symbols),
        families=frozenset(domain.families),
        functions={name: frozenset(numbers) for name, numbers in arities.items()},
        prime=reals[0] if len(reals) == 1 else None,
    )


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


def has_derivative(tree: Expression) -> bool:
    return any(isinstance(node, Derivative) or (isinstance(node, Call) and node.order) for node in tree.walk())
