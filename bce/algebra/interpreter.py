"""One reading of the trees for every kind of value.

`Interpreter` walks a tree and asks an *arithmetic* for each operation. The exact field
(`bce.algebra.exact.arithmetic`), intervals (`bce.algebra.intervals`) and NumPy arrays
(`bce.numeric`) are three arithmetics, so a formula means the same to the proof, to the
counterexample and to the compiled function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

from .dependence import Tie, free_names, names_in, ties_of
from .domain import Function, Functions
from .errors import Unsupported, Work
from .expression import (
    RELATION_SIGNS,
    Call,
    Cases,
    Derivative,
    Expression,
    Indexed,
    Infinity,
    Limit,
    Negation,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Side,
    Sum,
    Symbol,
    Total,
    TotalKind,
    difference,
)
from .ranges import NON_NEGATIVE, NON_POSITIVE, REAL, Range, Signs, opposite
from .scope import Member, Scope, Value

_MAX_CALL_DEPTH = 40

#: Tree nodes that may be evaluated before a step is given up.
DEFAULT_WORK = 60_000


class Arithmetic(Protocol):
    """The operations a kind of value provides. ``tree`` names the place in messages."""

    def number(self, value: Fraction) -> Value: ...
    def add(self, terms: Sequence[Value]) -> Value: ...
    def negate(self, value: Value) -> Value: ...
    def multiply(self, factors: Sequence[Value]) -> Value: ...
    def divide(self, numerator: Value, denominator: Value, tree: Expression) -> Value: ...
    def power(self, base: Value, exponent: Value, tree: Expression) -> Value: ...
    def exp(self, exponent: Value) -> Value: ...
    def log(self, argument: Value, tree: Expression) -> Value: ...
    def sqrt(self, argument: Value, tree: Expression) -> Value: ...
    def choose(self, branches: Sequence[tuple[Value, Signs, Callable[[], Value]]], smooth: bool) -> Value:
        """Return the first branch whose value has one of its signs; a smooth choice agrees where both hold."""
        ...

    def differentiate(self, function: Callable[[Value], Value], at: Value, order: int, declared: bool) -> Value:
        """Differentiate at a point; with ``declared`` it is the value of a declared symbol or member."""
        ...

    def total(self, kind: TotalKind, lower: Value, upper: Value, body: Callable[[Value], Value]) -> Value: ...
    def limit(self, function: Callable[[Value], Value], target: Value, side: Side) -> Value: ...
    def require(self, value: Value, signs: Signs, relation: Relation) -> None: ...
    def same_index(self, a: Value, b: Value) -> bool: ...
    def is_bound(self, index: Value) -> bool: ...
    def require_whole(self, value: Value, tree: Expression) -> None: ...


class Interpreter:
    """Evaluates trees over one arithmetic, with a set of defined functions."""

    def __init__(self, arithmetic: Arithmetic, functions: Functions, work: Work | None = None) -> None:
        self.arithmetic = arithmetic
        self.functions = functions
        self.work = work or Work(DEFAULT_WORK)
        self._free: dict[tuple[str, int], set[str]] = {}
        self._ties: dict[tuple[str, int], tuple[Tie, ...]] = {}
        self._ranges: dict[tuple[str, int], tuple[tuple[str, Range], ...]] = {}

    def evaluate(self, tree: Expression, scope: Scope) -> Value:
        """Return the value of a tree in a scope."""
        self.work.spend()
        return _RULES[type(tree)](self, tree, scope)

    # --- leaves -----------------------------------------------------------------------

    def _number(self, tree: Number, scope: Scope) -> Value:
        return self.arithmetic.number(tree.value)

    def _symbol(self, tree: Symbol, scope: Scope) -> Value:
        if tree.name in scope.values:
            return scope.values[tree.name]
        if tree.name in scope.helpers.symbols:
            if tree.name not in scope.cache:
                scope.cache[tree.name] = self.evaluate(scope.helpers.symbols[tree.name], scope)
            return scope.cache[tree.name]
        raise Unsupported(f"{tree.name} has no value of its own here")

    def _indexed(self, tree: Indexed, scope: Scope) -> Value:
        index = self.evaluate(tree.index, scope)
        self.arithmetic.require_whole(index, tree.index)
        return self._member_function(tree.family, scope)(index)

    def _member_function(self, family: str, scope: Scope) -> Member:
        """Return the function from an index to the member, which has to lie where a function around demands it."""
        member = self._any_member(family, scope)
        if family not in scope.required:
            return member

        def checked(index: Value) -> Value:
            value = member(index)
            self.require_in_range(value, scope.required[family], Indexed(family, Symbol("i")))
            return value

        return checked

    def _any_member(self, family: str, scope: Scope) -> Member:
        """Return the function from an index to the member, helpers such as ``p_2 = 1 - p_1`` first."""
        if not scope.helpers.members and family not in scope.helpers.families:
            return scope.families[family]
        members = [(index, body) for (name, index), body in scope.helpers.members.items() if name == family]

        if family in scope.helpers.families:
            letter, helper = scope.helpers.families[family]
            self._may_bind(letter, helper, scope)
            return lambda index: self.evaluate(helper, scope.bind(letter, index, whole=True))

        def member(index: Value) -> Value:
            if members and self.arithmetic.is_bound(index):
                raise Unsupported(f"some members of {family} have values of their own in a sum of symbolic length")
            for helper_index, body in members:
                if self.arithmetic.same_index(self.evaluate(helper_index, scope), index):
                    return self.evaluate(body, scope)
            return scope.families[family](index)

        return member

    def _infinity(self, tree: Infinity, scope: Scope) -> Value:
        raise Unsupported("∞ is not a number; it stands only under \\lim")

    # --- operations -------------------------------------------------------------------

    def _sum(self, tree: Sum, scope: Scope) -> Value:
        return self.arithmetic.add([self.evaluate(term, scope) for term in tree.terms])

    def _negation(self, tree: Negation, scope: Scope) -> Value:
        return self.arithmetic.negate(self.evaluate(tree.operand, scope))

    def _product(self, tree: Product, scope: Scope) -> Value:
        return self.arithmetic.multiply([self.evaluate(factor, scope) for factor in tree.factors])

    def _quotient(self, tree: Quotient, scope: Scope) -> Value:
        numerator = self.evaluate(tree.numerator, scope)
        return self.arithmetic.divide(numerator, self.evaluate(tree.denominator, scope), tree.denominator)

    def _power(self, tree: Power, scope: Scope) -> Value:
        base = self.evaluate(tree.base, scope)
        return self.arithmetic.power(base, self.evaluate(tree.exponent, scope), tree.base)

    def _call(self, tree: Call, scope: Scope) -> Value:
        if tree.function in _BUILTINS:
            return _BUILTINS[tree.function](self, tree, scope)
        function = self.functions.get((tree.function, len(tree.arguments)))
        if function is None:
            raise Unsupported(f"{tree.function} of {len(tree.arguments)} argument(s) is not defined here")
        if scope.depth > _MAX_CALL_DEPTH:
            raise Unsupported(f"definitions nested more than {_MAX_CALL_DEPTH} deep around {tree.function}")
        return self._apply(function, tree, scope)

    def _exp(self, tree: Call, scope: Scope) -> Value:
        return self.arithmetic.exp(self.evaluate(tree.arguments[0], scope))

    def _log(self, tree: Call, scope: Scope) -> Value:
        value = self.arithmetic.log(self.evaluate(tree.arguments[0], scope), tree.arguments[0])
        if len(tree.arguments) == 1:
            return value
        base = tree.arguments[1]
        scale = self.arithmetic.log(self.evaluate(base, scope), base)
        return self.arithmetic.divide(value, scale, Call("log", (base,)))

    def _sqrt(self, tree: Call, scope: Scope) -> Value:
        return self.arithmetic.sqrt(self.evaluate(tree.arguments[0], scope), tree.arguments[0])

    def _abs(self, tree: Call, scope: Scope) -> Value:
        value = self.evaluate(tree.arguments[0], scope)
        branches = [
            (value, NON_NEGATIVE, lambda: value),
            (value, NON_POSITIVE, lambda: self.arithmetic.negate(value)),
        ]
        return self.arithmetic.choose(branches, smooth=True)

    def _extremum(self, tree: Call, scope: Scope) -> Value:
        first, *others = (self.evaluate(argument, scope) for argument in tree.arguments)
        keep = NON_NEGATIVE if tree.function == "max" else NON_POSITIVE
        for other in others:
            gap = self.arithmetic.add([first, self.arithmetic.negate(other)])
            left, right = first, other
            branches = [
                (gap, keep, lambda left=left: left),
                (gap, opposite(keep), lambda right=right: right),
            ]
            first = self.arithmetic.choose(branches, smooth=True)
        return first

    def _cases(self, tree: Cases, scope: Scope) -> Value:
        always: Signs = frozenset({-1, 0, 1})
        branches = []
        for value, condition in tree.branches:
            gap, signs = self.arithmetic.number(Fraction(0)), always
            if condition is not None:
                gap = self.evaluate(difference(condition.left, condition.right), scope)
                signs = RELATION_SIGNS[condition.operator]
            branches.append((gap, signs, lambda value=value: self.evaluate(value, scope)))
        return self.arithmetic.choose(branches, smooth=False)

    def _derivative(self, tree: Derivative, scope: Scope) -> Value:
        if isinstance(tree.variable, Indexed):
            return self._derivative_by_member(tree, tree.variable, scope)
        name = tree.variable.name  # type: ignore[attr-defined]
        scope.may_vary(f"a derivative by {name}", tree.variable, tree.body, self.functions, fresh=False)
        _refuse_unrelated(tree, scope)
        declared = scope.outermost and name in scope.values
        return self.arithmetic.differentiate(
            lambda value: self.evaluate(tree.body, scope.bind(name, value)),
            self.evaluate(tree.variable, scope),
            tree.order,
            declared,
        )

    def _derivative_by_member(self, tree: Derivative, variable: Indexed, scope: Scope) -> Value:
        if not scope.outermost:
            raise Unsupported("a derivative by a member of a family inside of a definition")
        index = self.evaluate(variable.index, scope)
        if variable.family in scope.helpers.families or any(f == variable.family for f, _ in scope.helpers.members):
            raise Unsupported(f"a derivative by a member of {variable.family}, whose members have values under 'where'")
        scope.may_vary(f"a derivative by {variable}", variable, tree.body, self.functions, fresh=False)
        _refuse_unrelated(tree, scope)
        member = self._member_function(variable.family, scope)

        def body(value: Value) -> Value:
            def shifted(other: Value) -> Value:
                # Under a sum of symbolic length the member stays general: the Kronecker delta is the field's.
                if self.arithmetic.is_bound(other) or not self.arithmetic.same_index(other, index):
                    return member(other)
                return value

            return self.evaluate(tree.body, replace(scope, families={**scope.families, variable.family: shifted}))

        return self.arithmetic.differentiate(body, member(index), tree.order, declared=True)

    def _total(self, tree: Total, scope: Scope) -> Value:
        lower, upper = self.evaluate(tree.lower, scope), self.evaluate(tree.upper, scope)
        self._may_bind(tree.index, tree.body, scope)
        return self.arithmetic.total(
            tree.kind, lower, upper, lambda index: self.evaluate(tree.body, scope.bind(tree.index, index, whole=True))
        )

    def _may_bind(self, letter: str, body: Expression, scope: Scope) -> None:
        # Most letters are known nowhere else; only for others the body is looked through.
        if scope.helpers or letter in self._looked_up:
            scope.may_bind(letter, body, self.functions)

    @cached_property
    def _looked_up(self) -> set[str]:
        return set().union(*(function.own_free_names for function in self.functions.values()))

    def _limit(self, tree: Limit, scope: Scope) -> Value:
        if isinstance(tree.target, Infinity):
            target: Any = "+"
        elif tree.target == Negation(Infinity()):
            target = "-"
        else:
            target = self.evaluate(tree.target, scope)
            if scope.outermost and tree.variable in scope.whole:
                raise Unsupported(f"a limit of the whole number {tree.variable} at a finite place")
        self._may_bind(tree.variable, tree.body, scope)
        scope.may_vary(f"a limit in {tree.variable}", Symbol(tree.variable), tree.body, self.functions, fresh=True)
        return self.arithmetic.limit(
            lambda value: self.evaluate(tree.body, scope.bind(tree.variable, value)), target, tree.side
        )

    # --- defined functions ------------------------------------------------------------

    def _apply(self, function: Function, tree: Call, scope: Scope) -> Value:
        inner = self.bind_arguments(function, tree.arguments, scope)
        self._require_domain(function, tree, inner)
        if not tree.order:
            return self.evaluate(function.body, inner)
        name = function.parameters[0]
        if name in function.domain.families:
            raise Unsupported(f"a prime on {function.name}, which takes a whole family")

        def body(value: Value) -> Value:
            return self.evaluate(function.body, inner.bind(name, value))

        inner.may_vary(f"a derivative by {name}", Symbol(name), function.body, self.functions, fresh=False)
        return self.arithmetic.differentiate(body, inner.values[name], tree.order, declared=False)

    def bind_arguments(self, function: Function, arguments: Sequence[Expression], scope: Scope) -> Scope:
        """Return the scope of a function's body: its parameters, and the names that it looks up where it is used."""
        values: dict[str, Value] = {}
        families: dict[str, Member] = {}
        for parameter, argument in zip(function.parameters, arguments, strict=True):
            if parameter in function.domain.families:
                if not (isinstance(argument, Symbol) and scope.is_family(argument.name)):
                    raise Unsupported(f"{function.name} takes a whole family for {parameter}, found {argument}")
                families[parameter] = self._member_function(argument.name, scope)
            else:
                values[parameter] = self.evaluate(argument, scope)
        written = dict(zip(function.parameters, arguments, strict=True))
        self._look_up(function, written, scope)
        return scope.inside(function, values, families, written, self._ties_of(function))

    def _look_up(self, function: Function, arguments: Mapping[str, Expression], scope: Scope) -> None:
        """Evaluate the helpers that a function looks up, unless the function has another meaning for their names."""
        if not self._free_names(function):
            return
        alike = {parameter for parameter, argument in arguments.items() if argument == Symbol(parameter)}
        hidden = function.own_names - alike
        for name in sorted(self._free_names(function)):
            meant = names_in(scope.helpers.bodies_of(name), scope.helpers, self.functions)
            for inner in sorted({name, *meant} & hidden):
                used = f"{inner} has a meaning of its own in {function.name}, and is a free name of what is used in it"
                raise Unsupported(f"{used}; rename it there")
            if name in scope.helpers.symbols:
                self.evaluate(Symbol(name), scope)

    def _free_names(self, function: Function) -> set[str]:
        if function.signature not in self._free:
            self._free[function.signature] = free_names(function, self.functions)
        return self._free[function.signature]

    def _ties_of(self, function: Function) -> tuple[Tie, ...]:
        if not function.domain.conditions:
            return ()
        if function.signature not in self._ties:
            self._ties[function.signature] = ties_of(function.domain, function.helpers, self.functions)
        return self._ties[function.signature]

    def _narrow_ranges(self, function: Function) -> tuple[tuple[str, Range], ...]:
        """Return the names that a function takes or looks up and that are declared to be less than real."""
        if function.signature not in self._ranges:
            meant = {*function.parameters, *self._free_names(function)}
            declared = function.domain.symbols.items()
            self._ranges[function.signature] = tuple(
                (name, values) for name, values in declared if name in meant and values != REAL
            )
        return self._ranges[function.signature]

    def _require_domain(self, function: Function, tree: Call, inner: Scope) -> None:
        """Have the arithmetic check that every argument lies in the parameter's declared range."""
        if ranges := self._narrow_ranges(function):
            written = dict(zip(function.parameters, tree.arguments, strict=True))
            for name, domain in ranges:
                value = inner.values[name] if name in inner.values else self.evaluate(Symbol(name), inner)
                self.require_in_range(value, domain, written.get(name, Symbol(name)))
        for condition in function.domain.conditions:
            gap = self.evaluate(difference(condition.left, condition.right), inner)
            self.arithmetic.require(gap, RELATION_SIGNS[condition.operator], condition)

    def require_in_range(self, value: Value, domain: Range, tree: Expression) -> None:
        if domain.integer:
            self.arithmetic.require_whole(value, tree)
        for operator, bound in domain.bounds():
            gap = self.arithmetic.add([value, self.arithmetic.number(-bound)])
            written = Negation(Number(-bound)) if bound < 0 else Number(bound)
            self.arithmetic.require(gap, RELATION_SIGNS[operator], Relation(operator, tree, written))


def _refuse_unrelated(tree: Derivative, scope: Scope) -> None:
    r"""Refuse ``\frac{dC}{dw}`` of two quantities that are declared, while nothing more is said about them."""
    body, variable = tree.body, tree.variable
    names = [
        t.family if isinstance(t, Indexed) else t.name for t in (body, variable) if isinstance(t, Symbol | Indexed)
    ]
    if len(names) == 2 and names[0] != names[1] and not scope.helpers.bodies_of(names[0]):
        why = f"a derivative of {body} by {variable}: nothing says how {body} depends on {variable}"
        raise Unsupported(f"{why}; give {body} a formula under 'where'")


_BUILTINS: dict[str, Callable[[Interpreter, Call, Scope], Value]] = {
    "exp": Interpreter._exp,
    "log": Interpreter._log,
    "sqrt": Interpreter._sqrt,
    "abs": Interpreter._abs,
    "max": Interpreter._extremum,
    "min": Interpreter._extremum,
}

_RULES: dict[type, Callable[[Interpreter, Any, Scope], Value]] = {
    Number: Interpreter._number,
    Symbol: Interpreter._symbol,
    Indexed: Interpreter._indexed,
    Infinity: Interpreter._infinity,
    Sum: Interpreter._sum,
    Negation: Interpreter._negation,
    Product: Interpreter._product,
    Quotient: Interpreter._quotient,
    Power: Interpreter._power,
    Call: Interpreter._call,
    Cases: Interpreter._cases,
    Derivative: Interpreter._derivative,
    Total: Interpreter._total,
    Limit: Interpreter._limit,
}
