r"""A second reading of the expression trees, which shares no line with the verifier's own.

Names are resolved statically, sums are written out for a concrete length, functions and
helper quantities are put in place. What is left is evaluated by `bce.audit.values` in ball
arithmetic. It replays refutations, and it judges what the verifier calls proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from bce.algebra import expression as ast
from bce.algebra.domain import Function, Functions, Helpers
from bce.algebra.ranges import Range
from bce.algebra.statement import Statement

from .terms import (
    ANY_SIGN,
    Differentiation,
    Missing,
    NoValue,
    Signs,
    Term,
    Undecided,
    add,
    choose,
    demand,
    divide,
    limit,
    multiply,
    negate,
    number,
    power,
    substitute,
    subtract,
    variable,
)
from .values import Evaluation, Value, ball, precision, sign

Point = Mapping[str, Fraction]
Family = Callable[[int], Term]

_PRECISIONS = (300, 1500)
_LONGEST_SUM = 60
_SIGNS = {"=": {0}, "\\ne": {-1, 1}, "<": {-1}, ">": {1}, "\\le": {-1, 0}, "\\ge": {0, 1}}


# --- judgements -----------------------------------------------------------------------


def judge(statement: Statement, point: Point, relation: ast.Relation | None = None) -> str:
    """Tell whether a relation is "true", "false", "undefined" or "undecided" at a point.

    Two balls that overlap, with radii below 2^-200 of their size (2^-25 for a limit, which is
    estimated), count as equal. Of a strict relation between such balls nothing is said: the
    two sides may be that close.

    Parameters
    ----------
    statement : Statement
        The relation, with the meaning of its names.
    point : mapping of str to Fraction
        A value for every symbol ``x``, and for every member ``p_1`` of a family that occurs.
    relation : Relation, optional
        Another relation between the same names, to be judged instead.
    """
    relation = relation or statement.relation
    tolerance = 2.0**-25 if any(isinstance(node, ast.Limit) for node in relation.walk()) else 2.0**-200
    for bits in _PRECISIONS:
        with precision(bits):
            try:
                left, right = (value_of(statement, side, point) for side in (relation.left, relation.right))
            except NoValue:
                return "undefined"
            except Undecided:
                continue
            found = _sign_of_difference(left, right, tolerance)
        if found or (found == 0 and 0 in _SIGNS[relation.operator]):
            return "true" if found in _SIGNS[relation.operator] else "false"
    return "undecided"


def replays(statement: Statement, point: Point) -> bool:
    r"""Tell whether a relation is false at a point.

    A strict relation is, where the two sides are equal: that is what a refutation of
    ``a < b`` or ``a \ne b`` may rest on.
    """
    relation = statement.relation
    if judge(statement, point) == "undecided" and 0 not in _SIGNS[relation.operator]:
        return judge(statement, point, replace(relation, operator="=")) == "true"
    return judge(statement, point) == "false"


def in_domain(statement: Statement, point: Point) -> bool:
    """Tell whether a point lies in the declared ranges and satisfies all conditions between its symbols."""
    for name, value in point.items():
        values = declared_range(statement, name)
        if values is None or value not in values:
            return False
    return all(
        judge(statement, point, condition) == "true"
        for condition in statement.domain.conditions
        if _has_values(statement, condition, point)
    )


def declared_range(statement: Statement, name: str) -> Range | None:
    """Return the range of a symbol ``x``, or of a member ``p_1`` of a family."""
    domain = statement.domain
    return domain.symbols.get(name) or domain.families.get(name.rpartition("_")[0])


def value_of(statement: Statement, tree: ast.Expression, point: Point) -> Value:
    """Return the value of a formula at a point: a fraction, or a ball of the working precision.

    Raises
    ------
    NoValue
        If the formula is not defined at the point.
    Undecided
        If the working precision does not tell.
    """
    term = Unfolding(statement, point).of(tree)
    return Evaluation(point).of(term)


def _sign_of_difference(left: Value, right: Value, tolerance: float) -> int | None:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return sign(left - right)
    left, right = ball(left), ball(right)
    if not (left.is_finite() and right.is_finite()):
        return int(bool(left > right)) - int(bool(left < right)) if _infinite(left) or _infinite(right) else None
    gap = left - right
    try:
        return sign(gap)
    except Undecided:
        return 0 if gap.rad() < (abs(left) + abs(right) + 1).mid() * tolerance else None


def _infinite(value: Value) -> bool:
    return bool(value > 2**300 or value < -(2**300))


def _has_values(statement: Statement, condition: ast.Relation, point: Point) -> bool:
    """Tell whether all quantities of a condition have values at the point."""
    try:
        with precision(_PRECISIONS[0]):
            value_of(statement, condition.left, point)
            value_of(statement, condition.right, point)
    except Missing:
        return False
    except (NoValue, Undecided):
        pass
    return True


# --- reading the trees ----------------------------------------------------------------


@dataclass(frozen=True)
class _Scope:
    """The meaning of names at one place.

    ``bound`` holds the indices of sums; helper quantities and functions do not see them.
    ``root`` is the derivation itself, where a function looks up what it does not declare.
    """

    symbols: Mapping[str, Term]
    families: Mapping[str, Family]
    helpers: Helpers
    bound: Mapping[str, Term] = field(default_factory=dict)
    root: _Scope | None = None

    def without_indices(self) -> _Scope:
        return replace(self, bound={})


class Unfolding:
    """Writes trees out as terms, for one statement and the lengths of sums at one point."""

    def __init__(self, statement: Statement, point: Point) -> None:
        self.functions: Functions = statement.functions
        self.point = point
        self.limits = 0
        symbols = {name: variable(name) for name in statement.domain.symbols}
        families = {name: _declared_family(name) for name in statement.domain.families}
        self.scope = _Scope(symbols, families, statement.helpers)

    def of(self, tree: ast.Expression, scope: _Scope | None = None) -> Term:
        """Return the term of a tree."""
        return _RULES[type(tree)](self, tree, scope or self.scope)

    def _whole_number(self, tree: ast.Expression, scope: _Scope) -> int:
        value = Evaluation(self.point).of(self.of(tree, scope))
        if not isinstance(value, Fraction) or value.denominator != 1:
            raise NoValue("an index or a bound that is no whole number")
        return int(value)

    # --- names ------------------------------------------------------------------------

    def _number(self, tree: ast.Number, scope: _Scope) -> Term:
        return number(tree.value)

    def _symbol(self, tree: ast.Symbol, scope: _Scope) -> Term:
        if tree.name in scope.bound:
            return scope.bound[tree.name]
        if tree.name in scope.symbols:
            return scope.symbols[tree.name]
        if tree.name in scope.helpers.symbols:
            return self.of(scope.helpers.symbols[tree.name], scope.without_indices())
        if scope.root is not None:
            return self._symbol(tree, scope.root)
        raise Missing(f"{tree.name} has no value")

    def _indexed(self, tree: ast.Indexed, scope: _Scope) -> Term:
        return self._family(tree.family, scope)(self._whole_number(tree.index, scope))

    def _family(self, name: str, scope: _Scope) -> Family:
        static = scope.without_indices()
        given = {self._whole_number(k, static): body for (f, k), body in scope.helpers.members.items() if f == name}
        if name in scope.helpers.families:
            letter, general = scope.helpers.families[name]
            return lambda index: self.of(general, replace(scope, bound={letter: number(index)}))
        if name in scope.families:
            declared = scope.families[name]
            return lambda index: self.of(given[index], static) if index in given else declared(index)
        if scope.root is not None:
            return self._family(name, scope.root)
        raise Missing(f"{name} has no value")

    # --- operations -------------------------------------------------------------------

    def _sum(self, tree: ast.Sum, scope: _Scope) -> Term:
        return add(*(self.of(term, scope) for term in tree.terms))

    def _negation(self, tree: ast.Negation, scope: _Scope) -> Term:
        return negate(self.of(tree.operand, scope))

    def _product(self, tree: ast.Product, scope: _Scope) -> Term:
        return multiply(*(self.of(factor, scope) for factor in tree.factors))

    def _quotient(self, tree: ast.Quotient, scope: _Scope) -> Term:
        return divide(self.of(tree.numerator, scope), self.of(tree.denominator, scope))

    def _power(self, tree: ast.Power, scope: _Scope) -> Term:
        return power(self.of(tree.base, scope), self.of(tree.exponent, scope))

    def _cases(self, tree: ast.Cases, scope: _Scope) -> Term:
        cases = []
        for value, condition in tree.branches:
            gap, signs = number(0), ANY_SIGN
            if condition is not None:
                gap = subtract(self.of(condition.left, scope), self.of(condition.right, scope))
                signs = frozenset(_SIGNS[condition.operator])
            cases.append((gap, signs, self.of(value, scope)))
        return choose(cases)

    def _total(self, tree: ast.Total, scope: _Scope) -> Term:
        first, last = self._whole_number(tree.lower, scope), self._whole_number(tree.upper, scope)
        if last - first > _LONGEST_SUM:
            raise Undecided
        terms = [
            self.of(tree.body, replace(scope, bound={**scope.bound, tree.index: number(k)}))
            for k in range(first, last + 1)
        ]
        return add(*terms) if tree.kind == "sum" else multiply(*terms)

    def _limit(self, tree: ast.Limit, scope: _Scope) -> Term:
        if any(isinstance(node, ast.Limit) for node in tree.body.walk()):
            raise Undecided("a limit of a limit")
        self.limits += 1
        by, target = variable(f"the variable of limit {self.limits}"), self.of(tree.target, scope)
        body = self.of(tree.body, replace(scope, bound={**scope.bound, tree.variable: by}))
        if tree.target == ast.Infinity():
            return limit(body, by, target, [1])
        if tree.target == ast.Negation(ast.Infinity()):
            return limit(body, by, target, [-1])
        return limit(body, by, target, {"+": [1], "-": [-1]}.get(tree.side, [1, -1]))

    def _infinity(self, tree: ast.Infinity, scope: _Scope) -> Term:
        return Term("infinity")

    # --- derivatives ------------------------------------------------------------------

    def _derivative(self, tree: ast.Derivative, scope: _Scope) -> Term:
        at, by = self.of(tree.variable, scope), variable("the variable of a derivative")
        if isinstance(tree.variable, ast.Symbol) and tree.variable.name in scope.bound:
            inner = replace(scope, bound={**scope.bound, tree.variable.name: by})
        elif isinstance(tree.variable, ast.Symbol):
            inner = replace(scope, symbols={**scope.symbols, tree.variable.name: by})
        else:
            assert isinstance(tree.variable, ast.Indexed)
            inner = self._with_member(tree.variable, by, scope)
        return _slope(self.of(tree.body, inner), by, at, tree.order)

    def _with_member(self, member: ast.Indexed, by: Term, scope: _Scope) -> _Scope:
        """Return the scope in which one member of a family is the variable of a derivative."""
        index, others = self._whole_number(member.index, scope), self._family(member.family, scope)
        families = {**scope.families, member.family: lambda k: by if k == index else others(k)}
        members = {
            (family, k): body
            for (family, k), body in scope.helpers.members.items()
            if family != member.family or self._whole_number(k, scope) != index
        }
        return replace(scope, families=families, helpers=replace(scope.helpers, members=members))

    # --- functions --------------------------------------------------------------------

    def _call(self, tree: ast.Call, scope: _Scope) -> Term:
        if tree.function in _BUILTINS:
            return _BUILTINS[tree.function](*(self.of(argument, scope) for argument in tree.arguments))
        function = self.functions[tree.function, len(tree.arguments)]
        if not tree.order:
            return self._applied(function, tree.arguments, scope)
        by = variable("the variable of a derivative")
        at, body = self.of(tree.arguments[0], scope), self._applied(function, [by], scope)
        return _slope(body, by, at, tree.order)

    def _applied(self, function: Function, arguments: Sequence[ast.Expression | Term], scope: _Scope) -> Term:
        symbols: dict[str, Term] = {}
        families: dict[str, Family] = {}
        for parameter, argument in zip(function.parameters, arguments, strict=True):
            if parameter in function.domain.families:
                assert isinstance(argument, ast.Symbol)
                members = self._family(argument.name, scope)
                families[parameter] = _demanding(members, function.domain.families[parameter])
            else:
                symbols[parameter] = argument if isinstance(argument, Term) else self.of(argument, scope)
        inner = _Scope(symbols, families, function.helpers, {}, scope.root or scope.without_indices())
        demands = [
            demanded
            for name, values in function.domain.symbols.items()
            if name in symbols
            for demanded in _demands(symbols[name], values)
        ]
        for condition in function.domain.conditions:
            gap = subtract(self.of(condition.left, inner), self.of(condition.right, inner))
            demands.append((gap, frozenset(_SIGNS[condition.operator])))
        return demand(self.of(function.body, inner), demands)


_RULES: dict[type[ast.Expression], Callable[..., Term]] = {
    ast.Number: Unfolding._number,
    ast.Symbol: Unfolding._symbol,
    ast.Indexed: Unfolding._indexed,
    ast.Sum: Unfolding._sum,
    ast.Negation: Unfolding._negation,
    ast.Product: Unfolding._product,
    ast.Quotient: Unfolding._quotient,
    ast.Power: Unfolding._power,
    ast.Cases: Unfolding._cases,
    ast.Total: Unfolding._total,
    ast.Limit: Unfolding._limit,
    ast.Infinity: Unfolding._infinity,
    ast.Derivative: Unfolding._derivative,
    ast.Call: Unfolding._call,
}


def _declared_family(name: str) -> Family:
    members: dict[int, Term] = {}
    return lambda index: members.setdefault(index, variable(f"{name}_{index}"))


def _slope(body: Term, by: Term, at: Term, order: int) -> Term:
    result = body
    for _ in range(order):
        result = Differentiation(by).of(result)
    # A derivative exists only where the function does.
    return substitute(demand(result, [(body, ANY_SIGN)]), by, at)


def _demanding(family: Family, values: Range) -> Family:
    return lambda index: demand(family(index), _demands(family(index), values))


def _demands(term: Term, values: Range) -> list[tuple[Term, Signs]]:
    demands: list[tuple[Term, Signs]] = []
    if values.lower is not None:
        demands.append((subtract(term, number(values.lower)), frozenset({1} if values.lower_open else {0, 1})))
    if values.upper is not None:
        demands.append((subtract(term, number(values.upper)), frozenset({-1} if values.upper_open else {-1, 0})))
    return demands


def _logarithm(argument: Term, base: Term | None = None) -> Term:
    return Term("log", argument) if base is None else divide(Term("log", argument), Term("log", base))


def _absolute(term: Term) -> Term:
    return choose([(term, frozenset({0, 1}), term), (term, frozenset({-1}), negate(term))], continuous=True)


def _extremum(keep: int) -> Callable[..., Term]:
    def of(first: Term, *others: Term) -> Term:
        for other in others:
            gap = subtract(first, other)
            cases = [(gap, frozenset({keep, 0}), first), (gap, frozenset({-keep}), other)]
            first = choose(cases, continuous=True)
        return first

    return of


_BUILTINS: dict[str, Callable[..., Term]] = {
    "exp": lambda exponent: Term("exp", exponent),
    "log": _logarithm,
    "sqrt": lambda radicand: Term("root", radicand),
    "abs": _absolute,
    "max": _extremum(1),
    "min": _extremum(-1),
}
