"""The certificate ``minimum at v = a``: an inequality from convexity and a stationary point."""

from __future__ import annotations

from dataclasses import replace

from bce.algebra.dependence import names_in
from bce.algebra.exact.arithmetic import Split
from bce.algebra.exact.elements import Element, Generator
from bce.algebra.exact.sums import substitute
from bce.algebra.expression import RELATION_SIGNS, Derivative, Expression, Operator, Relation, Symbol, difference
from bce.algebra.ranges import ANY, NON_NEGATIVE, NON_ZERO, POSITIVE, Signs
from bce.algebra.statement import Certificate

from .session import Session


def decide_by_certificate(session: Session, certificate: Certificate, relation: Relation) -> None:
    """Prove f ≥ 0 for f convex in one variable from its value at a stationary point."""
    where = f"{certificate.variable} = {certificate.at}"
    try:
        signs = _Convexity(session, certificate, relation).signs()
    except Split:
        signs = ANY
        session.leave_open("a formula with |·|, max, min or cases takes no certificate")
    larger_first: dict[Operator, Operator] = {"<": ">", "\\le": "\\ge"}
    operator = larger_first.get(relation.operator, relation.operator)
    if not signs <= RELATION_SIGNS[operator]:
        session.leave_open(f"the least value, at {where}, does not give the claim")


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
        kept = tuple(
            condition
            for condition in statement.domain.conditions
            if self.variable.name not in names_in([condition], statement.helpers, statement.functions)
        )
        whole = replace(statement, domain=replace(statement.domain, conditions=kept))
        self.connected = Session(whole, session.labels, session.work, session.trace)

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
        self.session.exact.open.update(exact.open)
        self.session.exact.met.update(exact.met)
        away = self.session.exact.oracle.signs(self.session.element(difference(self.variable, self.at)))
        if curvature == POSITIVE and away <= NON_ZERO and least <= NON_NEGATIVE:
            return POSITIVE
        return least | POSITIVE

    def _at(self, tree: Expression, generator: Generator, at: Element) -> Element:
        return substitute(self.connected.element(tree), {generator: at})
