r"""Expression trees: what a formula says, as it was written.

Nothing is simplified when a tree is built. ``\log(e^{-x})`` stays the logarithm of an
exponential, and ``x - xz`` is not the tree ``x(1 - z)``. Two trees are equal exactly when
they were written alike, up to spacing, brackets and synonyms (``\ln`` for ``\log``).

Nodes are immutable and hashable, so that they can be dictionary keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import repeat
from typing import Literal

Operator = Literal["=", "<", ">", "\\le", "\\ge", "\\ne"]
TotalKind = Literal["sum", "prod"]
Side = Literal["", "+", "-"]


@dataclass(frozen=True, slots=True)
class Expression:
    """Base of all nodes."""

    def children(self) -> Iterator[Expression]:
        """Yield the direct sub-expressions, left to right."""
        for name in _field_names(type(self)):
            yield from _expressions_in(getattr(self, name))

    def scopes(self) -> Iterator[tuple[Expression, str | None]]:
        """Yield the direct sub-expressions, each with the name that this node binds in it (None: no name)."""
        return zip(self.children(), repeat(None))

    def walk(self) -> Iterator[Expression]:
        """Yield this node and everything below it, parents first."""
        stack: list[Expression] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(list(node.children())))

    def __str__(self) -> str:
        from .latex import to_latex

        return to_latex(self)


_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


def _field_names(kind: type[Expression]) -> tuple[str, ...]:
    if kind not in _FIELD_NAMES:
        _FIELD_NAMES[kind] = tuple(field.name for field in fields(kind))
    return _FIELD_NAMES[kind]


def _expressions_in(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions_in(item)


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A non-negative rational number; a minus sign is a `Negation`."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Symbol(Expression):
    """A named quantity (or, as the argument of a function, a whole family ``p``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Indexed(Expression):
    """A member ``p_i`` of the family ``p``."""

    family: str
    index: Expression


@dataclass(frozen=True, slots=True)
class Sum(Expression):
    """``a + b - c``: two or more terms, a subtracted one as a `Negation`."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negation(Expression):
    """``-a``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Product(Expression):
    """``a b c``: two or more factors."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Quotient(Expression):
    r"""``\frac{a}{b}``."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True, slots=True)
class Power(Expression):
    """``a^{b}``. The exponential ``e^{b}`` is a `Call` of ``exp``."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    r"""A function applied to arguments.

    ``function`` is a built-in name (see `BUILTIN_ARITY`) or the LaTeX name of a defined
    function. ``order`` counts primes: ``\sigma'(x)`` has order 1.
    """

    function: str
    arguments: tuple[Expression, ...]
    order: int = 0


@dataclass(frozen=True, slots=True)
class Derivative(Expression):
    """The ``order``-th derivative of ``body`` by ``variable`` (a `Symbol` or an `Indexed`).

    It binds no name: the derivative is taken at the value that the variable has outside.
    """

    body: Expression
    variable: Expression
    order: int = 1


@dataclass(frozen=True, slots=True)
class Total(Expression):
    r"""``\sum_{index=lower}^{upper} body``, or ``\prod`` when ``kind`` is ``"prod"``."""

    kind: TotalKind
    index: str
    lower: Expression
    upper: Expression
    body: Expression

    def scopes(self) -> Iterator[tuple[Expression, str | None]]:
        yield from ((self.lower, None), (self.upper, None), (self.body, self.index))


@dataclass(frozen=True, slots=True)
class Limit(Expression):
    r"""``\lim_{variable \to target} body``; ``target`` is an expression, ``side`` is "", "+" or "-"."""

    variable: str
    target: Expression
    side: Side
    body: Expression

    def scopes(self) -> Iterator[tuple[Expression, str | None]]:
        yield from ((self.target, None), (self.body, self.variable))


@dataclass(frozen=True, slots=True)
class Infinity(Expression):
    r"""``\infty``; it stands only as the target or the value of a limit."""


@dataclass(frozen=True, slots=True)
class Relation(Expression):
    r"""``left operator right``; see `RELATION_SIGNS` for what each operator means."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Cases(Expression):
    r"""``\begin{cases}``: pairs of a value and its condition; None means *otherwise*."""

    branches: tuple[tuple[Expression, Relation | None], ...]


#: Functions that need no definition, with their number of arguments (0: one or more).
BUILTIN_ARITY = {"exp": 1, "log": 1, "sqrt": 1, "abs": 1, "max": 0, "min": 0}

#: What each relation says of the sign of ``left - right``.
RELATION_SIGNS: dict[Operator, frozenset[int]] = {
    "=": frozenset({0}),
    "<": frozenset({-1}),
    ">": frozenset({1}),
    "\\le": frozenset({-1, 0}),
    "\\ge": frozenset({0, 1}),
    "\\ne": frozenset({-1, 1}),
}

#: The relations by their LaTeX, for text that may be one.
OPERATORS: dict[str, Operator] = {operator: operator for operator in RELATION_SIGNS}


def is_zero(tree: Expression) -> bool:
    """Tell whether the tree is the number 0 as written."""
    return isinstance(tree, Number) and tree.value == 0


def negate(tree: Expression) -> Expression:
    """Return ``-tree`` without stacking two minus signs."""
    return tree.operand if isinstance(tree, Negation) else Negation(tree)


def difference(left: Expression, right: Expression) -> Expression:
    """Return ``left - right``, leaving out a side that is written as 0."""
    if is_zero(right):
        return left
    if is_zero(left):
        return negate(right)
    return Sum((left, negate(right)))


def symbols_of(tree: Expression, without: Expression | None = None) -> set[str]:
    """Return the names of all symbols and families that are free in a tree, one sub-expression left out."""
    found: set[str] = set()
    _collect(tree, without, frozenset(), found)
    return found


def _collect(tree: Expression, without: Expression | None, bound: frozenset[str], found: set[str]) -> None:
    if without is not None and tree == without and not symbols_of(tree) & bound:
        return
    if isinstance(tree, Symbol) and tree.name not in bound:
        found.add(tree.name)
    if isinstance(tree, Indexed):
        # A bound name hides the symbol of that name, not the family.
        found.add(tree.family)
    for child, name in tree.scopes():
        _collect(child, without, bound if name is None else bound | {name}, found)


def called_functions(tree: Expression) -> set[tuple[str, int]]:
    """Return name and number of arguments of every function applied in a tree."""
    return {(node.function, len(node.arguments)) for node in tree.walk() if isinstance(node, Call)}
