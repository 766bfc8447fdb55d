r"""Random relations on random domains, and what an independent evaluator says of the verdicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from hypothesis import strategies as st
from laws import DOUBTFUL_LAWS, TRUE_LAWS, rewritten
from strategies import (
    OPERATORS,
    WRITTEN,
    derivation_on,
    domains,
    formulas,
    statement_of,
    verdict_on,
    wild_formulas,
    with_relation,
    written_trees,
)

from bce.algebra.expression import Relation
from bce.algebra.grammar.read import parse
from bce.algebra.latex import to_latex
from bce.audit.independent import judge
from bce.audit.score import complaint_about
from bce.reading.derivation import Derivation
from bce.verdicts import Verdict

REAL = derivation_on({"x": "real", "y": "real"})


def judged(derivation: Derivation, relation: Relation, edges: float) -> Verdict:
    """Return the verdict on a relation; fail if the independent evaluator contradicts it."""
    one = with_relation(derivation, relation)
    verdict = verdict_on(one)
    complaint = complaint_about(statement_of(one), verdict, points=10, edges=edges)
    assert complaint is None, f"{complaint}\n{relation}\ngiven {'; '.join(one.given)}"
    if verdict.without_value is not None:
        point = point_in(verdict.without_value)
        assert judge(statement_of(one), point) != "true", f"{verdict.without_value}\n{relation}"
    return verdict


def point_in(message: str) -> dict[str, Fraction]:
    """Read the point out of 'the left side has no value at x = 1, y = 1/2: …'."""
    found = re.findall(r"([\w\\]+) = (-?\d+(?:/\d+)?)", message.partition(" at ")[2])
    return {name: Fraction(value) for name, value in found}


def pairs(formula, laws, most: int) -> st.SearchStrategy:
    """Pairs of a formula and what some laws make of it."""
    return formula.flatmap(lambda tree: st.tuples(st.just(tree), rewritten(tree, laws, most)))


def survives_writing(tree) -> None:
    assert parse(to_latex(tree), WRITTEN) == tree


def equal_by_true_laws(pair) -> None:
    left, right = pair
    if left != right:
        verdict = judged(REAL, Relation("=", left, right), edges=0.25)
        assert verdict.kind != "refuted", Relation("=", left, right)


def equal_by_doubtful_laws(case) -> None:
    derivation, (left, right), operator = case
    judged(derivation, Relation(operator, left, right), edges=0.4)


def unrelated(case) -> None:
    derivation, left, right, operator = case
    judged(derivation, Relation(operator, left, right), edges=0.4)


_OPERATORS = st.sampled_from(OPERATORS)

#: What is tried, by name: a strategy, and the property that must hold of all it draws.
PROPERTIES: dict[str, tuple[st.SearchStrategy, Callable]] = {
    "trees survive writing and reading": (written_trees(), survives_writing),
    "equal by true laws": (pairs(formulas(), TRUE_LAWS, 3), equal_by_true_laws),
    "equal by laws that need a sign": (
        st.tuples(domains(), pairs(wild_formulas(), DOUBTFUL_LAWS + TRUE_LAWS, 4), st.sampled_from("===<>")),
        equal_by_doubtful_laws,
    ),
    "unrelated formulas": (st.tuples(domains(), formulas(), formulas(), _OPERATORS), unrelated),
    "formulas undefined somewhere": (st.tuples(domains(), wild_formulas(), wild_formulas(), _OPERATORS), unrelated),
}
