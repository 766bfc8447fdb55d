"""One exact field with the declared variables, in which a statement is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from bce.algebra.errors import Work
from bce.algebra.exact.arithmetic import Exact
from bce.algebra.exact.elements import Element, Variable
from bce.algebra.expression import RELATION_SIGNS, Expression, Relation, difference, symbols_of
from bce.algebra.interpreter import Interpreter
from bce.algebra.rules import Trace
from bce.algebra.scope import Scope
from bce.algebra.statement import Statement


class EmptyCase(Exception):
    """Raised when the values of labels contradict a declared condition: there is nothing to prove."""


class Session:
    """One field with the declared variables, in which a relation is evaluated and decided."""

    def __init__(self, statement: Statement, labels: Mapping[str, int], work: Work, trace: Trace) -> None:
        self.statement = statement
        self.labels = labels
        self.work = work
        self.trace = trace
        self.exact = Exact(work, trace)
        self.interpreter = Interpreter(self.exact, statement.functions)
        # A condition is given: what it takes to read it is no part of a proof.
        with trace.apart():
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
        scope = self.statement.scope(values, families)
        for condition in domain.conditions:
            if symbols_of(condition) <= used:
                self._assume(condition, scope)
        for solved, value in self.exact.field.solved.items():
            if isinstance(solved, Variable) and solved.family is None and solved.name in values:
                values[solved.name] = value
                for operator, bound in solved.domain.bounds():
                    self.exact.oracle.assume(value - self.exact.number(bound), RELATION_SIGNS[operator])
        self.exact.met.clear()
        return scope

    def _assume(self, condition: Relation, scope: Scope) -> None:
        gap = self.interpreter.evaluate(difference(condition.left, condition.right), scope)
        if not self.exact.oracle.signs(gap) & RELATION_SIGNS[condition.operator]:
            raise EmptyCase
        if condition.operator != "=":
            self.exact.oracle.assume(gap, RELATION_SIGNS[condition.operator])
        elif not gap.is_zero():
            self.exact.field.solve(gap)

    def start_branch(self) -> None:
        """Forget every value that was found under the assumptions of another branch."""
        self.exact.start_branch()
        self.scope.cache.clear()

    def element(self, tree: Expression, scope: Scope | None = None) -> Element:
        """Return the normal form of a tree."""
        value: Element = self.interpreter.evaluate(tree, scope or self.scope)
        return value

    def leave_open(self, what: str) -> None:
        """Note something that is missing for a proof."""
        self.exact.open[what] = None
