"""What names mean at one place, and what may vary there while all else stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .dependence import Tie, is_looked_up, leaves_in, moved_with, solved_for
from .domain import Function, Functions, Helpers
from .errors import Unsupported
from .expression import Expression, Indexed, Symbol
from .ranges import REAL, Range

Value = Any
Member = Callable[[Value], Value]


@dataclass(frozen=True)
class Scope:
    """Values, families, and helpers that are read on demand, so that they see what is bound where they stand.

    A function inherits the scope it is called in, but for its own names: what it looks up has its meaning there.

    ``ties`` are the declared equations, and ``whole`` the names of whole numbers. Inside of a function
    ``parameters`` are its own, ``required`` has the ranges that it declares for families, and ``arguments``
    has what stands for each parameter, with the place where it stands.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    families: Mapping[str, Member] = field(default_factory=dict)
    helpers: Helpers = field(default_factory=Helpers)
    ties: tuple[Tie, ...] = ()
    whole: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    required: Mapping[str, Range] = field(default_factory=dict)
    arguments: Mapping[str, tuple[Expression, Scope]] = field(default_factory=dict)
    depth: int = 0
    cache: dict[str, Value] = field(default_factory=dict, init=False)

    @property
    def outermost(self) -> bool:
        """Tell whether this is the derivation itself, where a declared symbol stands for its own variable."""
        return not self.depth

    def is_family(self, name: str) -> bool:
        return name in self.families or name in self.helpers.families

    def bind(self, name: str, value: Value, *, whole: bool = False) -> Scope:
        """Return the scope in which a name has another value, and helpers are read anew."""
        # Not `replace`, which is slow: each term of a sum has a scope of its own.
        return Scope(
            {**self.values, name: value},
            self.families,
            self.helpers.without({name}, families=False) if name in self.helpers.symbols else self.helpers,
            self.ties,
            self.whole | {name} if whole else self.whole,
            self.parameters,
            self.required,
            self.arguments,
            self.depth,
        )

    def inside(
        self,
        function: Function,
        values: Mapping[str, Value],
        families: Mapping[str, Member],
        arguments: Mapping[str, Expression],
        ties: tuple[Tie, ...],
    ) -> Scope:
        """Return the scope of a function's body."""
        own = function.own_names
        inner = Scope(
            {**_without(self.values, own), **values},
            {**_without(self.families, own), **families},
            function.helpers.inside(self.helpers.without(own)),
            self.ties + ties,
            (self.whole - own) | function.domain.whole,
            frozenset(function.parameters),
            _narrowed(_without(self.required, own), function.domain.families),
            {**self.arguments, **{name: (tree, self) for name, tree in arguments.items()}},
            self.depth + 1,
        )
        inner.cache.update(_without(self.cache, own))
        return inner

    # --- what may be bound, and what may vary -------------------------------------------

    def may_bind(self, name: str, body: Expression, functions: Functions) -> None:
        """Refuse the letter of a sum or a limit that a helper or a function in its body uses in another meaning.

        Only a letter that is declared in the derivation itself is meant there too.

        Raises
        ------
        Unsupported
            With the letter.
        """
        declared = self.outermost and (name in self.values or name in self.helpers.symbols)
        if not declared and is_looked_up(name, body, self.helpers, functions):
            used = f"the letter {name} of a sum or a limit is also looked up by a helper or a function in it"
            raise Unsupported(f"{used}; choose another letter")

    def may_vary(self, by: str, variable: Expression, body: Expression, functions: Functions, *, fresh: bool) -> None:
        """Refuse to vary a quantity in a formula in which something else moves with it.

        A ``fresh`` variable is bound there (the letter of a limit or of a sum); any other is the quantity
        that has this name here, and the arguments of a function may depend on it too.

        Raises
        ------
        Unsupported
            With what depends on it, or with the equation that ties it to something.
        """
        name = variable.family if isinstance(variable, Indexed) else str(getattr(variable, "name", ""))
        start = self._moving(variable, name, functions)
        if not fresh and start <= self.whole:
            raise Unsupported(f"{by}, which takes only separate values: a whole number or a constant does not vary")
        moved = dict(moved_with(start, self.ties))
        if isinstance(variable, Indexed):
            # The members of a family move freely, unless an equation speaks of the family.
            moved[name] = next((tie for tie in self.ties if name in tie.names), None)
            if moved[name] is None:
                return
        elif start == {name} and len(moved) == 1 and (fresh or not self.arguments):
            return
        others = leaves_in([body], self.helpers, functions, without=variable)
        if not (fresh or start <= self.parameters):
            others |= self._origins(others, functions)
        for other in sorted(others & set(moved)):
            raise Unsupported(_complaint(by, variable, other, moved[other]))

    def _moving(self, variable: Expression, name: str, functions: Functions) -> set[str]:
        """Return what a quantity depends on: its body's symbols for a helper, itself for any other."""
        if isinstance(variable, Symbol) and name in self.helpers.symbols:
            start = leaves_in(self.helpers.bodies_of(name), self.helpers, functions)
        else:
            start = {name}
        return start | self._origins(start - self.parameters, functions)

    def _origins(self, names: set[str], functions: Functions) -> set[str]:
        """Return what the arguments depend on that stand for these names, in all functions around."""
        found: set[str] = set()
        for name in names & set(self.arguments):
            tree, outer = self.arguments[name]
            inside = leaves_in([tree], outer.helpers, functions)
            found |= inside | outer._origins(inside, functions)
        return found


def _complaint(by: str, variable: Expression, other: str, tie: Tie | None) -> str:
    if tie is None and variable == Symbol(other):
        return f"{by} in a function of which an argument depends on {other} too: nothing says what is held fixed"
    if tie is None:
        why = f"{by} of a formula that contains {other} too, on which {variable} depends"
        return f"{why}: nothing says what is held fixed; write the formula in one of the two"
    if isinstance(variable, Indexed) and variable.family == other:
        return f"{by}, which the condition {tie.relation} ties to other members: nothing says what is held fixed"
    value = solved_for(other, tie.relation)
    way = f"write {other} = {value}" if value is not None else f"give {other} a formula"
    return (
        f"{by}, which the condition {tie.relation} ties to {other}: nothing says what is held fixed; "
        f"to follow the condition, {way} under 'where', and not under 'given'"
    )


def _without(table: Mapping[str, Value], names: frozenset[str]) -> Mapping[str, Value]:
    if names.isdisjoint(table):
        return table
    return {name: value for name, value in table.items() if name not in names}


def _narrowed(outer: Mapping[str, Range], inner: Mapping[str, Range]) -> dict[str, Range]:
    """Return ranges that meet both demands."""
    return {**outer, **{name: values.intersect(outer.get(name, REAL)) for name, values in inner.items()}}
