"""Deciding a relation: branch by branch, in the exact field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from .domain import Domain, Functions, Helpers, called_functions, free_names, symbols_of
from .elements import Element, Generator, Variable
from .errors import AlgebraError, BudgetExceeded, Unsupported
from .exact import Exact, Split
from .expression import (
    RELATION_SIGNS,
    Call,
    Derivative,
    Expression,
    Negation,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Total,
    difference,
)
from .field import DEFAULT_BUDGET
from .interpreter import Interpreter, Scope
from .ranges import (
    ANY,
    NON_NEGATIVE,
    NON_ZERO,
    POSITIVE,
    ZERO,
    Signs,
    opposite,
    signs_of_power,
    signs_of_product,
    signs_of_sum,
)

_MOST_BRANCHES = 64


@dataclass(frozen=True)
class Certificate:
    """``minimum at variable = at``: the larger side minus the smaller is convex and stationary there."""

    variable: str
    at: Expression


@dataclass(frozen=True)
class Statement:
    """A relation on a domain, with everything its symbols and functions mean."""

    relation: Relation
    domain: Domain
    helpers: Helpers
    functions: Functions
    certificate: Certificate | None = None

    @cached_property
    def names(self) -> set[str]:
        """All symbols and families that are involved, through helpers, functions and conditions."""
        trees: list[Expression] = [self.relation.left, self.relation.right]
        if self.certificate is not None:
            trees.append(self.certificate.at)
        used: set[str] = set()
        while trees:
            tree = trees.pop()
            for signature in called_functions(tree):
                function = self.functions.get(signature)
                if function is not None:
                    free = free_names(function, self.functions)
                    trees.extend(Symbol(name) for name in free if name not in used)
            new = symbols_of(tree) - used
            used |= new
            for name in new:
                if name in self.helpers.symbols:
                    trees.append(self.helpers.symbols[name])
                if name in self.helpers.families:
                    letter, body = self.helpers.families[name]
                    trees.append(Total("sum", letter, Number(Fraction(1)), Number(Fraction(1)), body))
                trees.extend(body for (family, _), body in self.helpers.members.items() if family == name)
            for condition in self.domain.conditions:
                names = symbols_of(condition)
                if names & new and not names <= used:
                    trees.extend([condition.left, condition.right])
        return used


@dataclass(frozen=True)
class Decision:
    """Whether a relation was proved; what was needed (``met``) and what is missing (``open``)."""

    proved: bool
    method: str
    met: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    branches: int = 1


def prove(statement: Statement, budget: int = DEFAULT_BUDGET) -> Decision:
    """Try to prove a relation on its whole domain. Never raises on mathematics; what is not decided is open."""
    met: dict[str, None] = {}
    open_: dict[str, None] = {}
    methods: dict[str, None] = {}
    count = 0
    try:
        for case in cases(statement, budget):
            count += 1
            met |= case.session.exact.met
            open_ |= case.session.exact.open
            methods[case.method] = None
            if open_:
                break
    except AlgebraError as error:
        open_[str(error)] = None
    except RecursionError:
        open_["the step is nested too deeply"] = None
    method = "; ".join(methods) + (f"; {count} cases" if count > 1 else "")
    return Decision(not open_, method, tuple(met), tuple(open_), count)


@dataclass(frozen=True)
class Case:
    """A part of the domain on which the relation was decided, with what was assumed there."""

    session: Session
    assumptions: tuple[tuple[Element, Signs], ...]
    method: str


def cases(statement: Statement, budget: int = DEFAULT_BUDGET) -> Iterator[Case]:
    """Decide a relation part by part: for every value of the labels, and on both sides of every ``|·|``."""
    for labels in _label_values(statement):
        try:
            session = Session(statement, labels, budget)
        except _EmptyCaseError:
            continue
        yield from _branches(session)


def _label_values(statement: Statement) -> Iterator[dict[str, int]]:
    """Yield every assignment of the symbols that take only a few whole values."""
    used = statement.names
    finite = {
        name: values
        for name, domain in statement.domain.symbols.items()
        if name in used and (values := domain.finite_integers()) is not None
    }
    for choice in product(*finite.values()):
        yield dict(zip(finite, choice, strict=True))


def _branches(session: Session) -> Iterator[Case]:
    oracle = session.exact.oracle
    base, count = len(oracle.assumptions), 0
    pending: list[tuple[tuple[Element, Signs], ...]] = [()]
    while pending:
        assumptions = pending.pop()
        oracle.forget(base)
        for element, signs in assumptions:
            oracle.assume(element, signs)
        if any(not oracle.signs(element) for element, _ in assumptions):
            continue
        if any(not oracle.signs(element) <= signs for element, signs in assumptions):
            raise Unsupported("a case distinction by the sign of a quotient whose denominator has no proven sign")
        count += 1
        if count > _MOST_BRANCHES:
            raise BudgetExceeded(f"budget: more than {_MOST_BRANCHES} cases")
        session.start_branch()
        try:
            method = session.decide()
        except Split as split:
            pending.extend((*assumptions, (split.element, signs)) for signs in reversed(split.outcomes) if signs)
            continue
        yield Case(session, assumptions, method)


class _EmptyCaseError(Exception):
    """Raised when the values of labels contradict a declared condition: there is nothing to prove."""


class Session:
    """One field with the declared variables, in which a relation is evaluated and decided."""

    def __init__(self, statement: Statement, labels: Mapping[str, int], budget: int) -> None:
        self.statement = statement
        self.labels = labels
        self.budget = budget
        self.exact = Exact(budget)
        self.interpreter = Interpreter(self.exact, statement.functions)
        self.scope = self._declare(labels)

    def _declare(self, labels: Mapping[str, int]) -> Scope:
        domain, helpers, used = self.statement.domain, self.statement.helpers, self.statement.names
        values: dict[str, Any] = {}
        for name, symbol_range in domain.symbols.items():
            if name in labels:
                values[name] = self.exact.number(Fraction(labels[name]))
            elif name in used and name not in helpers.symbols:
                variable = self.exact.field.variable(name, symbol_range)
                values[name] = self.exact.field.generator_element(variable)
        families = {
            family: lambda index, family=family, members=members: self.exact.member(family, index, members)
            for family, members in domain.families.items()
        }
        scope = Scope(values, families, helpers, outermost=True)
        for condition in domain.conditions:
            if symbols_of(condition) <= used:
                self._assume(condition, scope)
        for solved, value in self.exact.field.solved.items():
            if isinstance(solved, Variable) and solved.name in values:
                values[solved.name] = value
                for operator, bound in solved.domain.bounds():
                    self.exact.oracle.assume(value - self.exact.number(bound), RELATION_SIGNS[operator])
        self.exact.met.clear()
        return scope

    def _assume(self, condition: Relation, scope: Scope) -> None:
        gap = self.interpreter.evaluate(difference(condition.left, condition.right), scope)
        if not self.exact.oracle.signs(gap) & RELATION_SIGNS[condition.operator]:
            raise _EmptyCaseError
        if condition.operator != "=":
            self.exact.oracle.assume(gap, RELATION_SIGNS[condition.operator])
        elif not gap.is_zero():
            self.exact.field.solve(gap)

    def start_branch(self) -> None:
        """Forget every value that was found under the assumptions of another branch."""
        self.exact.start_branch()
        self.scope.cache.clear()

    # --- deciding ---------------------------------------------------------------------

    def element(self, tree: Expression, scope: Scope | None = None) -> Element:
        value: Element = self.interpreter.evaluate(tree, scope or self.scope)
        return value

    def decide(self) -> str:
        """Return the method that decided the relation; what is missing is added to ``exact.open``."""
        relation = self.statement.relation
        if self.statement.certificate is not None:
            return self._by_certificate(self.statement.certificate, relation)
        gap = self.element(relation.left) - self.element(relation.right)
        wanted = RELATION_SIGNS[relation.operator]
        if relation.operator == "=":
            if not gap.is_zero():
                self.exact.open["the two sides do not have the same normal form"] = None
            return "both sides have the same normal form"
        if self.exact.oracle.signs(gap) <= wanted:
            return "the sign of the difference in normal form"
        if self._structural_signs(difference(relation.left, relation.right), self.scope) <= wanted:
            return "the signs of the parts, with t - 1 - log t ≥ 0"
        self.exact.open[f"the sign of {difference(relation.left, relation.right)}"] = None
        return "signs"

    def _by_certificate(self, certificate: Certificate, relation: Relation) -> str:
        """Prove f ≥ 0 for f convex in one variable from its value at a stationary point."""
        convexity = _Convexity(self, certificate, relation)
        where = f"{certificate.variable} = {certificate.at}"
        try:
            signs = convexity.signs()
        except Split:
            signs = ANY
            self.exact.open["a certificate for a formula with |·|, max, min or cases"] = None
        if not signs <= RELATION_SIGNS[_as_greater(relation.operator)]:
            self.exact.open[f"the least value, at {where}, does not give the claim"] = None
        return f"convex in {certificate.variable}, with its minimum at {where}"

    # --- signs by structure -----------------------------------------------------------

    def _structural_signs(self, tree: Expression, scope: Scope) -> Signs:
        """Return the signs of a tree as its author arranged it, which a normal form would take apart."""
        signs = self.exact.oracle.signs(self.element(tree, scope))
        if not signs >= NON_ZERO:
            return signs
        rule = _STRUCTURE.get(type(tree))
        return signs if rule is None else signs & rule(self, tree, scope)

    def _sum(self, tree: Sum, scope: Scope) -> Signs:
        signs = ANY
        for distribute in (False, True):
            terms = self._without_opposites(_flattened(tree, distribute=distribute), scope)
            signs &= self._signs_of_terms(terms, scope)
            if not signs >= NON_ZERO:
                break
        return signs

    def _signs_of_terms(self, terms: list[Expression], scope: Scope) -> Signs:
        if len(terms) < 2:
            return self._structural_signs(terms[0], scope) if terms else ZERO
        signs = self._logarithm_lemma(terms, scope) & self._monotone(terms, scope)
        if signs >= NON_ZERO:
            signs &= signs_of_sum(self._structural_signs(term, scope) for term in terms)
        if signs >= NON_ZERO and (common := _common_factor(terms)) is not None:
            factor, rest = common
            parts = (self._structural_signs(factor, scope), self._structural_signs(Sum(tuple(rest)), scope))
            signs &= signs_of_product(parts)
        return signs

    def _monotone(self, terms: list[Expression], scope: Scope) -> Signs:
        r"""Give ``\log a - \log b``, and ``e^a - e^b``, the sign of ``a - b``."""
        if len(terms) != 2:
            return ANY
        positive = [term for term in terms if not isinstance(term, Negation)]
        negative = [term.operand for term in terms if isinstance(term, Negation)]
        if len(positive) != 1:
            return ANY
        up, down = positive[0], negative[0]
        for function in ("log", "exp"):
            if all(isinstance(t, Call) and t.function == function and len(t.arguments) == 1 for t in (up, down)):
                return self._structural_signs(difference(up.arguments[0], down.arguments[0]), scope)  # type: ignore[attr-defined]
        return ANY

    def _without_opposites(self, terms: list[Expression], scope: Scope) -> list[Expression]:
        """Drop pairs of terms that cancel, such as the two ``x`` of ``(x + a) - x``."""
        kept: list[tuple[Expression, Element]] = []
        for term in terms:
            value = self.element(term, scope)
            partner = next((k for k, (_, other) in enumerate(kept) if (value + other).is_zero()), None)
            if partner is None:
                kept.append((term, value))
            else:
                del kept[partner]
        return [term for term, _ in kept]

    def _negation(self, tree: Negation, scope: Scope) -> Signs:
        return opposite(self._structural_signs(tree.operand, scope))

    def _product(self, tree: Product, scope: Scope) -> Signs:
        return signs_of_product(self._structural_signs(factor, scope) for factor in tree.factors)

    def _quotient(self, tree: Quotient, scope: Scope) -> Signs:
        parts = (tree.numerator, tree.denominator)
        return signs_of_product(self._structural_signs(part, scope) for part in parts)

    def _power(self, tree: Power, scope: Scope) -> Signs:
        if not isinstance(tree.exponent, Number) or tree.exponent.value.denominator != 1:
            return ANY
        return signs_of_power(self._structural_signs(tree.base, scope), int(tree.exponent.value))

    def _total(self, tree: Total, scope: Scope) -> Signs:
        lower, upper = self.element(tree.lower, scope), self.element(tree.upper, scope)
        if tree.kind != "sum" or lower.rational() != 1 or upper.rational() is not None:
            return ANY
        with self.exact.bound_index(lower, upper) as index:
            body = self._structural_signs(tree.body, scope.bind(tree.index, index))
        not_empty = self.exact.oracle.signs(upper - lower + self.exact.number(Fraction(1))) == POSITIVE
        return body if not_empty else body | ZERO

    def _call(self, tree: Call, scope: Scope) -> Signs:
        """Look into a defined function, and at a logarithm through its argument."""
        if tree.function == "log" and len(tree.arguments) == 1:
            one = Negation(Number(Fraction(1)))
            return self._structural_signs(Sum((tree.arguments[0], one)), scope)
        function = self.interpreter.functions.get((tree.function, len(tree.arguments)))
        if function is None or tree.order:
            return ANY
        return self._structural_signs(function.body, self.interpreter.bind_arguments(function, tree.arguments, scope))

    def _logarithm_lemma(self, terms: Sequence[Expression], scope: Scope) -> Signs:
        r"""Recognise ``t - 1 - \log t`` (or its negative), which is ≥ 0 and 0 only at t = 1."""
        one = self.exact.number(Fraction(1))
        value = self.exact.add([self.element(term, scope) for term in terms])
        for node in _logarithms(terms):
            argument = self.element(node.arguments[0], scope)
            for t in (argument, one / argument):
                lemma = t - one - self.exact.field.log(t)
                away = self.exact.oracle.signs(t - one) <= NON_ZERO
                signs = POSITIVE if away else NON_NEGATIVE
                if value.equals(lemma):
                    return signs
                if value.equals(-lemma):
                    return opposite(signs)
        return ANY


class _Convexity:
    r"""The check of a certificate ``minimum at v = a`` for a relation.

    Declared conditions on v are set aside while convexity is shown, so that v moves through
    its whole declared range: on a part of it the stationary point might not lie.
    """

    def __init__(self, session: Session, certificate: Certificate, relation: Relation) -> None:
        larger, smaller = relation.left, relation.right
        if relation.operator in ("<", "\\le"):
            larger, smaller = smaller, larger
        self.session = session
        self.function = difference(larger, smaller)
        self.variable = Symbol(certificate.variable)
        self.at = certificate.at
        statement = session.statement
        kept = tuple(c for c in statement.domain.conditions if self.variable.name not in symbols_of(c))
        whole = replace(statement, domain=replace(statement.domain, conditions=kept))
        self.connected = Session(whole, session.labels, session.budget)

    def signs(self) -> Signs:
        """Return the signs the function can have, judged from its least value."""
        exact = self.connected.exact
        generator = self.connected.element(self.variable).generators()[0]
        at = self.connected.element(self.at)
        domain = self.connected.statement.domain.symbols[self.variable.name]
        self.connected.interpreter.require_in_range(at, domain, self.at)
        curvature = exact.oracle.signs(self.connected.element(Derivative(self.function, self.variable, 2)))
        slope = self._at(Derivative(self.function, self.variable, 1), generator, at)
        least = exact.oracle.signs(self._at(self.function, generator, at))
        if not curvature <= NON_NEGATIVE:
            exact.open[f"the second derivative by {self.variable} is not shown to be ≥ 0"] = None
        if not slope.is_zero():
            exact.open[f"the derivative by {self.variable} is not shown to be 0 at {self.at}"] = None
        self.session.exact.open |= exact.open
        self.session.exact.met |= exact.met
        away = self.session.exact.oracle.signs(self.session.element(difference(self.variable, self.at)))
        if curvature == POSITIVE and away <= NON_ZERO and least <= NON_NEGATIVE:
            return POSITIVE
        return least | POSITIVE

    def _at(self, tree: Expression, generator: Generator, at: Element) -> Element:
        return self.connected.exact.field.substitute(self.connected.element(tree), {generator: at})


_STRUCTURE: dict[type, Callable[[Session, Any, Scope], Signs]] = {
    Sum: Session._sum,
    Negation: Session._negation,
    Product: Session._product,
    Quotient: Session._quotient,
    Power: Session._power,
    Total: Session._total,
    Call: Session._call,
}


def _flattened(tree: Expression, negative: bool = False, *, distribute: bool = False) -> list[Expression]:
    """Return the terms of nested sums and minus signs; products are multiplied out on request."""
    if isinstance(tree, Negation):
        return _flattened(tree.operand, not negative, distribute=distribute)
    if isinstance(tree, Sum):
        return [term for part in tree.terms for term in _flattened(part, negative, distribute=distribute)]
    if distribute and isinstance(tree, Product):
        place = next((k for k, factor in enumerate(tree.factors) if isinstance(factor, Sum)), None)
        if place is not None:
            before, after = tree.factors[:place], tree.factors[place + 1 :]
            parts = _flattened(tree.factors[place])
            return [
                term for part in parts for term in _flattened(_times(before, part, after), negative, distribute=True)
            ]
    return [Negation(tree) if negative else tree]


def _times(before: tuple[Expression, ...], part: Expression, after: tuple[Expression, ...]) -> Expression:
    if isinstance(part, Negation):
        return Negation(Product((*before, part.operand, *after)))
    return Product((*before, part, *after))


def _common_factor(terms: list[Expression]) -> tuple[Expression, list[Expression]] | None:
    """Return a factor that all terms have as written, and the terms without it."""
    split = [(isinstance(t, Negation), _factors(t.operand if isinstance(t, Negation) else t)) for t in terms]
    for factor in split[0][1]:
        if len(split[0][1]) > 1 and all(factor in factors for _, factors in split):
            rest = []
            for negative, factors in split:
                left = list(factors)
                left.remove(factor)
                tree = Number(Fraction(1)) if not left else left[0] if len(left) == 1 else Product(tuple(left))
                rest.append(Negation(tree) if negative else tree)
            return factor, rest
    return None


def _factors(tree: Expression) -> tuple[Expression, ...]:
    return tree.factors if isinstance(tree, Product) else (tree,)


def _logarithms(trees: Iterable[Expression]) -> Iterator[Call]:
    """Yield the natural logarithms among terms, behind minus signs."""
    for tree in trees:
        if isinstance(tree, Negation):
            yield from _logarithms([tree.operand])
        elif isinstance(tree, Call) and tree.function == "log" and len(tree.arguments) == 1:
            yield tree


def _as_greater(operator: str) -> str:
    return {"<": ">", "\\le": "\\ge"}.get(operator, operator)
