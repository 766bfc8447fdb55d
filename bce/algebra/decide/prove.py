"""Deciding a relation: branch by branch, in the exact field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from bce.algebra.errors import AlgebraError, BudgetExceeded, Unsupported
from bce.algebra.exact.arithmetic import Split
from bce.algebra.exact.asymptotics import InfiniteLimit
from bce.algebra.exact.elements import Element
from bce.algebra.exact.field import DEFAULT_BUDGET
from bce.algebra.expression import RELATION_SIGNS, Expression, Infinity, Limit, Negation, difference
from bce.algebra.ranges import Signs
from bce.algebra.statement import Statement

from .convexity import decide_by_certificate
from .session import EmptyCase, Session
from .structure import StructuralSigns

_MOST_BRANCHES = 64


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
        except EmptyCase:
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
            method = _decide(session)
        except Split as split:
            pending.extend((*assumptions, (split.element, signs)) for signs in reversed(split.outcomes) if signs)
            continue
        yield Case(session, assumptions, method)


def _decide(session: Session) -> str:
    """Return the method that decided the relation; what is missing is left open in the session."""
    relation, certificate = session.statement.relation, session.statement.certificate
    if certificate is not None:
        return decide_by_certificate(session, certificate, relation)
    sides = (relation.left, relation.right)
    if relation.operator == "=" and all(isinstance(side, Limit) or _infinite_sign(side) for side in sides):
        signs = [_sign_of_infinity(session, side) for side in sides]
        if any(signs):
            if signs[0] != signs[1]:
                session.leave_open("one side is infinite, and the other is not infinite with the same sign")
            elif len([side for side in sides if _infinite_sign(side)]) != 1 and not _same_limit(session, *sides):
                session.leave_open(
                    "both sides are infinite, which makes them the same only if their difference tends to 0"
                )
            return "the largest terms of the limits"
    left = session.element(relation.left)
    gap = left - (left if relation.right == relation.left else session.element(relation.right))
    wanted = RELATION_SIGNS[relation.operator]
    if relation.operator == "=":
        if not gap.is_zero():
            session.leave_open("the two sides do not have the same normal form")
        return "both sides have the same normal form"
    if session.exact.oracle.signs(gap) <= wanted:
        return "the sign of the difference in normal form"
    tree = difference(relation.left, relation.right)
    if StructuralSigns(session).signs(tree, session.scope) <= wanted:
        return "the signs of the parts, with t - 1 - log t ≥ 0"
    session.leave_open(f"the sign of {tree}")
    return "signs"


def _infinite_sign(tree: Expression) -> int:
    """Return 1 for ∞, -1 for -∞, 0 for everything else."""
    if isinstance(tree, Negation):
        return -1 if isinstance(tree.operand, Infinity) else 0
    return 1 if isinstance(tree, Infinity) else 0


def _same_limit(session: Session, left: Expression, right: Expression) -> bool:
    """Tell whether two limits are taken in the same way, of formulas whose difference tends to 0."""
    if not (isinstance(left, Limit) and isinstance(right, Limit) and replace(left, body=right.body) == right):
        return False
    try:
        return session.element(replace(left, body=difference(left.body, right.body))).is_zero()
    except InfiniteLimit:
        return False


def _sign_of_infinity(session: Session, side: Expression) -> int:
    """Return 1 or -1 for a side that is infinite, 0 for a finite limit."""
    sign = _infinite_sign(side)
    if sign:
        return sign
    try:
        session.element(side)
    except InfiniteLimit as limit:
        return limit.sign
    return 0
