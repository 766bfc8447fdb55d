r"""A second reading of the trees, which shares no line with the verifier's own.

Names are resolved statically, sums are written out for a concrete length, functions and
helper quantities are put in place. What is left is evaluated by `graph` in ball arithmetic.
It replays refutations, and it judges what the verifier calls proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from bce.algebra import expression as ast
from graph import (
    ANY_SIGN,
    Differentiation,
    Evaluation,
    NoValue,
    Term,
    Undecided,
    Value,
    add,
    ball,
    branch,
    divide,
    guard,
    multiply,
    negate,
    number,
    power,
    precision,
    sign,
    substitute,
    subtract,
)

SIGNS = {"=": {0}, "\\ne": {-1, 1}, "<": {-1}, ">": {1}, "\\le": {-1, 0}, "\\ge": {0, 1}}
LONGEST_SUM = 60

Family = Callable[[int], Term]


@dataclass(frozen=True)
class Scope:
    """The meaning of names. ``root`` is the derivation itself; ``local`` holds bound indices only."""

    symbols: Mapping[str, Term]
    families: Mapping[str, Family]
    helpers: object
    local: Mapping[str, Term] = field(default_factory=dict)
    root: Scope | None = None

    def global_scope(self) -> Scope:
        return self.root or replace(self, local={})


class Unfolding:
    """Writes trees out as graphs, for the functions of one derivation and one point."""

    def __init__(self, statement, point: Mapping[str, Fraction]) -> None:
        self.functions = statement.functions
        self.point = point
        variables = {name: Term("variable", name) for name in statement.domain.symbols}
        families = {name: self._declared_family(name) for name in statement.domain.families}
        self.scope = Scope(variables, families, statement.helpers)

    def _declared_family(self, name: str) -> Family:
        members: dict[int, Term] = {}
        return lambda index: members.setdefault(index, Term("variable", f"{name}_{index}"))

    def of(self, tree: ast.Expression, scope: Scope | None = None) -> Term:
        return getattr(self, f"_{type(tree).__name__.lower()}")(tree, scope or self.scope)

    def _integer(self, tree: ast.Expression, scope: Scope) -> int:
        value = Evaluation(self.point).of(self.of(tree, scope))
        if not isinstance(value, Fraction) or value.denominator != 1:
            raise NoValue("an index or a bound that is no whole number")
        return int(value)

    # --- leaves -----------------------------------------------------------------------

    def _number(self, tree: ast.Number, scope: Scope) -> Term:
        return number(tree.value)

    def _symbol(self, tree: ast.Symbol, scope: Scope) -> Term:
        if tree.name in scope.local:
            return scope.local[tree.name]
        if tree.name in scope.symbols:
            return scope.symbols[tree.name]
        if tree.name in scope.helpers.symbols:
            return self.of(scope.helpers.symbols[tree.name], replace(scope, local={}))
        if scope.root is not None:
            return self._symbol(tree, scope.root)
        raise NoValue(f"{tree.name} has no value")

    def _indexed(self, tree: ast.Indexed, scope: Scope) -> Term:
        return self._family(tree.family, scope)(self._integer(tree.index, scope))

    def _family(self, name: str, scope: Scope) -> Family:
        static = replace(scope, local={})
        given = {self._integer(k, static): body for (f, k), body in scope.helpers.members.items() if f == name}
        if name in scope.helpers.families:
            letter, body = scope.helpers.families[name]
            return lambda index: self.of(body, replace(scope, local={letter: number(index)}))
        if name in scope.families:
            declared = scope.families[name]
            return lambda index: self.of(given[index], static) if index in given else declared(index)
        if scope.root is not None:
            return self._family(name, scope.root)
        raise NoValue(f"{name} has no members")

    # --- operations -------------------------------------------------------------------

    def _sum(self, tree: ast.Sum, scope: Scope) -> Term:
        return add(*(self.of(t, scope) for t in tree.terms))

    def _negation(self, tree: ast.Negation, scope: Scope) -> Term:
        return negate(self.of(tree.operand, scope))

    def _product(self, tree: ast.Product, scope: Scope) -> Term:
        return multiply(*(self.of(f, scope) for f in tree.factors))

    def _quotient(self, tree: ast.Quotient, scope: Scope) -> Term:
        return divide(self.of(tree.numerator, scope), self.of(tree.denominator, scope))

    def _power(self, tree: ast.Power, scope: Scope) -> Term:
        return power(self.of(tree.base, scope), self.of(tree.exponent, scope))

    def _cases(self, tree: ast.Cases, scope: Scope) -> Term:
        cases = []
        for value, condition in tree.branches:
            gap, signs = number(0), ANY_SIGN
            if condition is not None:
                gap = subtract(self.of(condition.left, scope), self.of(condition.right, scope))
                signs = frozenset(SIGNS[condition.operator])
            cases.append((gap, signs, self.of(value, scope)))
        return branch(cases)

    def _total(self, tree: ast.Total, scope: Scope) -> Term:
        first, last = self._integer(tree.lower, scope), self._integer(tree.upper, scope)
        if last - first > LONGEST_SUM:
            raise Undecided
        terms = [
            self.of(tree.body, replace(scope, local={**scope.local, tree.index: number(k)}))
            for k in range(first, last + 1)
        ]
        return add(number(0), *terms) if tree.kind == "sum" else multiply(number(1), *terms) if terms else number(1)

    def _limit(self, tree: ast.Limit, scope: Scope) -> Term:
        raise Undecided

    def _infinity(self, tree: ast.Infinity, scope: Scope) -> Term:
        raise Undecided

    # --- derivatives ------------------------------------------------------------------

    def _derivative(self, tree: ast.Derivative, scope: Scope) -> Term:
        at, variable = self.of(tree.variable, scope), Term("variable", " ")
        if isinstance(tree.variable, ast.Symbol):
            name = tree.variable.name
            inner = replace(scope, symbols={**scope.symbols, name: variable})
        else:
            family, index = tree.variable.family, self._integer(tree.variable.index, scope)
            outer = self._family(family, scope)
            inner = replace(
                scope,
                families={**scope.families, family: lambda k: variable if k == index else outer(k)},
                helpers=_without_members(scope.helpers, family, index, self, scope),
            )
        return self._slope(self.of(tree.body, inner), variable, at, tree.order)

    def _slope(self, body: Term, variable: Term, at: Term, order: int) -> Term:
        result = body
        for _ in range(order):
            result = Differentiation(variable).of(result)
        # The derivative exists only where the function does.
        return substitute(guard(result, [(body, ANY_SIGN)]), variable, at)

    # --- functions --------------------------------------------------------------------

    def _call(self, tree: ast.Call, scope: Scope) -> Term:
        builtin = getattr(self, f"_builtin_{tree.function}", None)
        if builtin is not None:
            return builtin(*(self.of(a, scope) for a in tree.arguments))
        function = self.functions[tree.function, len(tree.arguments)]
        if not tree.order:
            return self._applied(function, tree.arguments, scope)
        at, variable = self.of(tree.arguments[0], scope), Term("variable", " ")
        body = self._applied(function, (variable,), scope)
        return self._slope(body, variable, at, tree.order)

    def _builtin_exp(self, a: Term) -> Term:
        return Term("exp", a)

    def _builtin_log(self, a: Term, base: Term | None = None) -> Term:
        return Term("log", a) if base is None else divide(Term("log", a), Term("log", base))

    def _builtin_sqrt(self, a: Term) -> Term:
        return Term("root", a)

    def _builtin_abs(self, a: Term) -> Term:
        return branch([(a, frozenset({0, 1}), a), (a, frozenset({-1}), negate(a))], continuous=True)

    def _builtin_max(self, *terms: Term, keep: int = 1) -> Term:
        first, *others = terms
        for other in others:
            gap = subtract(first, other)
            cases = [(gap, frozenset({keep, 0}), first), (gap, frozenset({-keep}), other)]
            first = branch(cases, continuous=True)
        return first

    def _builtin_min(self, *terms: Term) -> Term:
        return self._builtin_max(*terms, keep=-1)

    def _applied(self, function, arguments, scope: Scope) -> Term:
        symbols: dict[str, Term] = {}
        families: dict[str, Family] = {}
        demands = []
        for parameter, argument in zip(function.parameters, arguments, strict=True):
            if parameter in function.domain.families:
                families[parameter] = self._demanding(self._family(argument.name, scope), function, parameter)
            else:
                symbols[parameter] = argument if isinstance(argument, Term) else self.of(argument, scope)
        inner = Scope(symbols, families, function.helpers, {}, scope.global_scope())
        for name, values in function.domain.symbols.items():
            if name in symbols:
                demands += _demands(symbols[name], values)
        for condition in function.domain.conditions:
            gap = subtract(self.of(condition.left, inner), self.of(condition.right, inner))
            demands.append((gap, frozenset(SIGNS[condition.operator])))
        return guard(self.of(function.body, inner), demands)

    def _demanding(self, family: Family, function, parameter: str) -> Family:
        values = function.domain.families[parameter]
        return lambda index: guard(family(index), _demands(family(index), values))


def _without_members(helpers, family: str, index: int, unfolding: Unfolding, scope: Scope):
    kept = {
        (f, k): body
        for (f, k), body in helpers.members.items()
        if f != family or unfolding._integer(k, scope) != index
    }
    return replace(helpers, members=kept)


def _demands(term: Term, values) -> list[tuple[Term, frozenset[int]]]:
    demands = []
    if values.lower is not None:
        demands.append((subtract(term, number(values.lower)), frozenset({1} if values.lower_open else {0, 1})))
    if values.upper is not None:
        demands.append((subtract(term, number(values.upper)), frozenset({-1} if values.upper_open else {-1, 0})))
    return demands


# --- judgements -----------------------------------------------------------------------


def value_of(statement, tree: ast.Expression, point: Mapping[str, Fraction]) -> Value:
    """Return the value of a formula at a point: a fraction, or a ball of the working precision."""
    return Evaluation(point).of(Unfolding(statement, point).of(tree))


def judge(statement, point: Mapping[str, Fraction], relation: ast.Relation | None = None) -> str:
    """Tell whether a relation is "true", "false", "undefined" or "undecided" at a point.

    Two balls that overlap with a radius below 2^-200 of their size count as equal.
    """
    relation = relation or statement.relation
    for bits in (300, 1500):
        with precision(bits):
            try:
                left, right = (value_of(statement, side, point) for side in (relation.left, relation.right))
            except NoValue:
                return "undefined"
            except Undecided:
                continue
            found = _sign_of_difference(left, right)
        if found is not None:
            return "true" if found in SIGNS[relation.operator] else "false"
    return "undecided"


def _sign_of_difference(left: Value, right: Value) -> int | None:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return sign(left - right)
    gap = ball(left) - ball(right)
    try:
        return sign(gap)
    except Undecided:
        size = ball(abs(left)) + ball(abs(right)) + 1
        return 0 if gap.rad() < size.mid() / 2**200 else None


def in_domain(statement, point: Mapping[str, Fraction]) -> bool:
    """Tell whether a point lies in the declared ranges and satisfies every condition it has values for."""
    for name, value in point.items():
        values = statement.domain.symbols.get(name) or statement.domain.families.get(name.rpartition("_")[0])
        if values is None or value not in values:
            return False
    return all(judge(statement, point, c) == "true" for c in statement.domain.conditions if _known(statement, c, point))


def _known(statement, condition: ast.Relation, point: Mapping[str, Fraction]) -> bool:
    """Tell whether the condition speaks of symbols at this point only."""
    try:
        with precision(300):
            value_of(statement, condition.left, point)
            value_of(statement, condition.right, point)
    except NoValue as error:
        return "has no value" not in str(error)
    except Undecided:
        pass
    return True
