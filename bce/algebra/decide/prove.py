"""Deciding a relation: branch by branch, in the exact field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, TypeVar

from bce.algebra.errors import AlgebraError, BudgetExceeded, Unsupported, Work
from bce.algebra.exact.arithmetic import Split
from bce.algebra.exact.asymptotics import InfiniteLimit
from bce.algebra.exact.elements import Element
from bce.algebra.exact.field import DEFAULT_BUDGET
from bce.algebra.expression import RELATION_SIGNS, Expression, Infinity, Limit, Negation, difference
from bce.algebra.ranges import Signs
from bce.algebra.rules import Rule, Trace, Use, Uses, in_words, new_rule
from bce.algebra.statement import Statement

from .convexity import decide_by_certificate
from .session import EmptyCase, Session
from .structure import StructuralSigns

_MOST_BRANCHES = 64
_MOST_LABEL_CASES = 1024
#: What it takes to begin a case, in units of work.
_COST_OF_A_CASE = 1_000

LABELS = new_rule(
    "case", "values", "A symbol of a range with at most four whole numbers is each of them, one case after the other."
)
CASES = new_rule(
    "case",
    "cases",
    "Where a formula with $\\lvert x \\rvert$, $\\max$, $\\min$, cases or $\\sqrt{x^2}$ depends on a sign, the domain "
    "is split there; the relation has to hold in every part.",
)


@dataclass(frozen=True)
class Decision:
    """Whether a relation was proved, by which rules; what was needed (``met``) and what is missing (``open``)."""

    proved: bool
    trace: tuple[Use, ...] = ()
    met: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    branches: int = 1

    @property
    def method(self) -> str:
        """The names of the rules that decided, and the number of cases."""
        return in_words(self.trace) + (f"; {self.branches} cases" if self.branches > 1 else "")


def prove(statement: Statement, budget: int = DEFAULT_BUDGET, without: frozenset[str] = frozenset()) -> Decision:
    """Try to prove a relation on its whole domain. Never raises on mathematics; what is not decided is open.

    Parameters
    ----------
    statement : Statement
        The relation and its domain.
    budget : int
        The work that may be done for it, all cases together.
    without : frozenset of str
        The names of rules that are left aside.
    """
    met: dict[str, None] = {}
    open_: dict[str, None] = {}
    uses: Uses = {}
    count = 0
    try:
        for case in cases(statement, budget, without):
            count += 1
            met |= case.session.exact.met
            open_ |= case.session.exact.open
            uses |= case.uses
            if open_:
                break
    except AlgebraError as error:
        open_[str(error)] = None
    except RecursionError:
        open_["the step is nested too deeply"] = None
    return Decision(not open_, tuple(uses), tuple(met), tuple(open_), count)


@dataclass(frozen=True)
class Case:
    """A part of the domain on which the relation was decided, with what was assumed there, and by which rules."""

    session: Session
    assumptions: tuple[tuple[Element, Signs], ...]
    uses: Uses


def cases(statement: Statement, budget: int = DEFAULT_BUDGET, without: frozenset[str] = frozenset()) -> Iterator[Case]:
    """Decide a relation part by part: for every value of the labels, and on both sides of every ``|·|``."""
    work = Work(budget)
    for labels in _label_values(statement):
        work.spend(_COST_OF_A_CASE)
        trace = Trace(without)
        try:
            session = Session(statement, labels, work, trace)
        except EmptyCase:
            continue
        for case in _branches(session):
            if labels:
                trace.rely_on(LABELS)
            yield case


def _label_values(statement: Statement) -> Iterator[dict[str, int]]:
    """Yield every assignment of the symbols that take only a few whole values."""
    used = statement.names
    finite = {
        name: values
        for name, domain in statement.domain.symbols.items()
        if name in used and (values := domain.finite_integers()) is not None
    }
    count = prod(len(values) for values in finite.values())
    if count > _MOST_LABEL_CASES:
        raise BudgetExceeded(
            f"budget: the values of {', '.join(finite)} make {count} cases, and at most {_MOST_LABEL_CASES} are tried; "
            "say it with fewer of them in one step, or for any number of them with a sum over a family"
        )
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
        if assumptions:
            session.trace.rely_on(CASES)
        try:
            _decide(session)
        except Split as split:
            pending.extend((*assumptions, (split.element, signs)) for signs in reversed(split.outcomes) if signs)
            continue
        yield Case(session, assumptions, session.trace.uses)


def _decide(session: Session) -> None:
    """Decide the relation; what is missing is left open in the session."""
    relation, trace = session.statement.relation, session.trace
    for rule, way in _SPECIAL_WAYS.items():
        if (to := way(session)) is not None:
            trace.rely_on(rule, to)
            return
    left = session.element(relation.left)
    gap = left - (left if relation.right == relation.left else session.element(relation.right))
    for rule, proves in _WAYS.items():
        with trace.apart() as uses:
            proved = trace.allows(rule) and proves(session, gap)
        if proved:
            trace.uses.update(uses)
            trace.rely_on(rule)
            return
    if relation.operator == "=":
        session.leave_open("the two sides do not have the same normal form")
    else:
        session.leave_open(f"the sign of {difference(relation.left, relation.right)} is not shown")


# --- what decides a relation ----------------------------------------------------------

#: Ways for relations of a special form: they tell what they were applied to, or None for any other relation.
_SPECIAL_WAYS: dict[Rule, Callable[[Session], str | None]] = {}
#: Ways for all relations: they tell whether the relation is proved, from the normal form of left minus right.
_WAYS: dict[Rule, Callable[[Session, Element], bool]] = {}

_Way = TypeVar("_Way", bound=Callable[..., Any])


def _way(ways: dict[Rule, _Way], name: str, sentence: str) -> Callable[[_Way], _Way]:
    def add(way: _Way) -> _Way:
        ways[new_rule("relation", name, sentence)] = way
        return way

    return add


@_way(
    _SPECIAL_WAYS,
    "convexity",
    "The larger side minus the smaller is convex in a variable on its whole declared range, has derivative 0 at a "
    "place in that range, and has there a value of the sign that is claimed.",
)
def _by_certificate(session: Session) -> str | None:
    certificate = session.statement.certificate
    if certificate is None:
        return None
    decide_by_certificate(session, certificate, session.statement.relation)
    return f"minimum at {certificate.variable} = {certificate.at}"


@_way(
    _SPECIAL_WAYS,
    "infinite limits",
    "A limit that is infinite, alone on one side of an equation, is the infinity of its sign that stands on the other.",
)
def _by_infinite_limits(session: Session) -> str | None:
    relation = session.statement.relation
    sides = (relation.left, relation.right)
    if relation.operator != "=" or not all(isinstance(side, Limit) or _infinite_sign(side) for side in sides):
        return None
    signs = [_sign_of_infinity(session, side) for side in sides]
    if not any(signs):
        return None
    if signs[0] != signs[1]:
        session.leave_open("one side is infinite, and the other is not infinite with the same sign")
    elif len([side for side in sides if _infinite_sign(side)]) != 1 and not _same_limit(session, *sides):
        session.leave_open("both sides are infinite, which makes them the same only if their difference tends to 0")
    return ""


@_way(_WAYS, "same normal form", "Both sides have the same normal form: it leaves nothing of their difference.")
def _by_normal_form(session: Session, gap: Element) -> bool:
    return session.statement.relation.operator == "=" and gap.is_zero()


@_way(_WAYS, "sign of the difference", "Left minus right has the sign that is claimed.")
def _by_sign(session: Session, gap: Element) -> bool:
    relation = session.statement.relation
    wanted = RELATION_SIGNS[relation.operator]
    if relation.operator == "=":
        return False
    if session.exact.oracle.signs(gap) <= wanted:
        return True
    tree = difference(relation.left, relation.right)
    return StructuralSigns(session).signs(tree, session.scope) <= wanted


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
