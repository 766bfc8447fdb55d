"""What is known about the symbols of a derivation, and the functions it may use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from .expression import Expression, Number, Relation, Symbol, Total, called_functions, symbols_of
from .names import Names
from .ranges import Range


@dataclass(frozen=True)
class Domain:
    """The declared ranges of symbols and families, and further conditions between them."""

    symbols: Mapping[str, Range] = field(default_factory=dict)
    families: Mapping[str, Range] = field(default_factory=dict)
    conditions: tuple[Relation, ...] = ()

    @cached_property
    def whole(self) -> frozenset[str]:
        """The names of symbols, and of families, that are whole numbers."""
        ranges = [*self.symbols.items(), *self.families.items()]
        return frozenset(name for name, values in ranges if values.integer)

    @cached_property
    def only_whole(self) -> frozenset[str]:
        """The names that are whole numbers, both as a symbol and as a family."""
        ranges = [*self.symbols.items(), *self.families.items()]
        return self.whole - {name for name, values in ranges if not values.integer}


@dataclass(frozen=True)
class Function:
    """A defined function: ``name(parameters) = body`` on a domain.

    A parameter that is a family of ``domain`` stands for all its members. Symbols of the
    body that are no parameters (a number of outcomes ``n``) are looked up where the
    function is used. ``place`` says where it is defined, for messages; it is empty for one that
    has no cell of its own.
    """

    name: str
    parameters: tuple[str, ...]
    body: Expression
    domain: Domain
    helpers: Helpers
    place: str = ""

    @property
    def signature(self) -> tuple[str, int]:
        return self.name, len(self.parameters)

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names that mean something of their own in the body: parameters and helpers."""
        return frozenset(self.parameters) | self.helpers.names()

    @cached_property
    def own_free_names(self) -> set[str]:
        """The symbols and families of the body that are neither parameters nor helpers."""
        names = {name for tree in self._trees for name in symbols_of(tree)}
        return names - self.own_names

    @cached_property
    def called(self) -> set[tuple[str, int]]:
        """Name and number of arguments of every function that is applied here."""
        return {signature for tree in self._trees for signature in called_functions(tree)}

    @cached_property
    def _trees(self) -> list[Expression]:
        return [self.body, *self.domain.conditions, *self.helpers.bodies()]


@dataclass(frozen=True)
class Helpers:
    r"""Named helper quantities: ``h = \sigma(x)``, members ``p_2 = 1 - p_1``, families ``u_i = \frac{1}{n}``.

    A family is kept as the letter of its index and the body of a member.
    """

    symbols: Mapping[str, Expression] = field(default_factory=dict)
    members: Mapping[tuple[str, Expression], Expression] = field(default_factory=dict)
    families: Mapping[str, tuple[str, Expression]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.symbols or self.members or self.families)

    def names(self) -> set[str]:
        """Return the names of all symbols and families that have a body here."""
        return set(self.symbols) | set(self.families)

    def bodies(self) -> list[Expression]:
        """Return all bodies, each in a form in which just its free names are free."""
        members = [tree for (_, index), body in self.members.items() for tree in (index, body)]
        return [*self.symbols.values(), *members, *(_member_of(*family) for family in self.families.values())]

    def bodies_of(self, name: str) -> list[Expression]:
        """Return the bodies that a symbol or a family of this name has here."""
        found = [self.symbols[name]] if name in self.symbols else []
        found += [tree for (family, index), body in self.members.items() if family == name for tree in (index, body)]
        return [*found, _member_of(*self.families[name])] if name in self.families else found

    def without(self, names: Collection[str], *, families: bool = True) -> Helpers:
        """Return the helpers whose names are not among these; on request families keep theirs."""
        if not self:
            return self
        symbols = {name: body for name, body in self.symbols.items() if name not in names}
        if not families:
            return Helpers(symbols, self.members, self.families)
        return Helpers(
            symbols,
            {key: body for key, body in self.members.items() if key[0] not in names},
            {name: body for name, body in self.families.items() if name not in names},
        )

    def inside(self, outer: Helpers) -> Helpers:
        """Return these helpers together with those of the place around them."""
        if not self or not outer:
            return self or outer
        return Helpers(
            {**outer.symbols, **self.symbols}, {**outer.members, **self.members}, {**outer.families, **self.families}
        )


def _member_of(letter: str, body: Expression) -> Expression:
    """Return a tree that binds the letter, so that the index of a family of helpers is not free in it."""
    nothing = Number(Fraction(0))
    return Total("sum", letter, nothing, nothing, body)


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
