r"""Hypothesis strategies for expression trees, and for relations on declared domains.

``written_trees`` covers all that the grammar can write. ``relations`` are pairs of formulas
with a domain: equal by true laws, equal by laws that hold only sometimes, or unrelated.
"""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

from hypothesis import strategies as st
from trial_cells import GAP, SIGMOID, catalogue_of, definition, derivation

from bce.algebra.domain import names_of
from bce.algebra.expression import (
    Call,
    Cases,
    Derivative,
    Expression,
    Indexed,
    Negation,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Total,
    negate,
)
from bce.algebra.names import Names
from bce.reading.derivation import Derivation
from bce.verdicts import Verdict, check

OPERATORS = ("=", "<", ">", "\\le", "\\ge", "\\ne")


def num(value: int | Fraction) -> Number:
    return Number(Fraction(value))


# --- everything the grammar writes ----------------------------------------------------

WRITTEN = Names(
    symbols=frozenset({"x", "y", "\\alpha", "p_T", "\\hat{y}", "q_{12}", "n"}),
    families=frozenset({"p", "w"}),
    functions={"\\sigma": frozenset({1}), "h": frozenset({1, 2}), "\\mathrm{KL}": frozenset({2})},
)
_NUMBERS = st.one_of(
    st.integers(0, 12).map(num), st.sampled_from([num(Fraction(1, 4)), num(Fraction(5, 2)), num(1000)])
)
_SYMBOLS = st.sampled_from(sorted(WRITTEN.symbols)).map(Symbol)


def _compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    many = st.lists(inner, min_size=2, max_size=3).map(tuple)
    relation = st.builds(Relation, st.sampled_from(OPERATORS), inner, inner)
    indices = st.sampled_from([num(1), num(2), Symbol("n"), Sum((Symbol("n"), Negation(num(1))))])
    members = st.builds(Indexed, st.sampled_from(["p", "w"]), indices)
    bodies = st.one_of(inner, st.builds(Product, st.tuples(inner, st.just(Indexed("p", Symbol("i"))))))
    return st.one_of(
        st.builds(Sum, many),
        st.builds(Negation, inner),
        st.builds(Product, many),
        st.builds(Quotient, inner, inner),
        st.builds(Power, inner.filter(lambda t: not (isinstance(t, Call) and t.function == "exp")), inner),
        members,
        st.builds(Call, st.sampled_from(["exp", "log", "sqrt", "abs"]), st.tuples(inner)),
        st.builds(lambda a, b: Call("log", (a, b)), inner, inner),
        st.builds(Call, st.sampled_from(["max", "min"]), many),
        st.builds(Call, st.sampled_from(["\\sigma", "h"]), st.tuples(inner), st.integers(0, 2)),
        st.builds(Call, st.sampled_from(["h", "\\mathrm{KL}"]), st.tuples(inner, inner)),
        st.builds(Derivative, inner, st.one_of(_SYMBOLS, members), st.integers(1, 3)),
        st.builds(Total, st.sampled_from(["sum", "prod"]), st.just("i"), _NUMBERS, _SYMBOLS, bodies),
        st.builds(
            lambda first, second, last: Cases((first, second, (last, None))),
            st.tuples(inner, relation),
            st.tuples(inner, relation),
            inner,
        ),
    )


def written_trees(most_leaves: int = 12) -> st.SearchStrategy[Expression]:
    """Trees of every kind of node that the grammar can write."""
    trees = st.recursive(st.one_of(_NUMBERS, _SYMBOLS), _compound, max_leaves=most_leaves)
    return trees.filter(lambda tree: _depth_of_sums(tree) < 5).map(lambda tree: _with_own_indices(tree, ""))


def _depth_of_sums(tree: Expression) -> int:
    return isinstance(tree, Total) + max((_depth_of_sums(child) for child in tree.children()), default=0)


def _with_own_indices(value, outer: str):
    """Give nested sums different indices, as the grammar wants it."""
    if isinstance(value, tuple):
        return tuple(_with_own_indices(item, outer) for item in value)
    if value == Symbol("i"):
        return Symbol(outer[-1])
    if not isinstance(value, Expression):
        return value
    changed = {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Total):
        letter = "ijkl"[len(outer)]
        return Total(value.kind, letter, value.lower, value.upper, _with_own_indices(value.body, outer + letter))
    return type(value)(**{name: _with_own_indices(part, outer) for name, part in changed.items()})


# --- formulas with a meaning ----------------------------------------------------------

X, Y, P, Z, T, N = (Symbol(name) for name in "xypztn")
I = Symbol("i")  # noqa: E741 (the index of every sum)
KINDS = ("real", "positive", "nonnegative", "negative", "in (0, 1)", "in [0, 1]", "in {0, 1}", "in (-1, 2]")
_RAMP = definition("ramp", "x real", "r(x) = \\max(x, 0)")
_FAMILIES = "n positive integer; a_i > 0; b_i real"


def derivation_on(kinds: dict[str, str], conditions: tuple[str, ...] = ()) -> Derivation:
    """Return a derivation with declared symbols, the families a and b, and three functions."""
    given = "; ".join([*(f"{name} {kind}" for name, kind in kinds.items()), *conditions, _FAMILIES])
    trial = derivation(given, "0 &= 0", uses="sigmoid, gap, ramp")
    return catalogue_of(SIGMOID, GAP, _RAMP, trial).derivation("trial")


def with_relation(derivation: Derivation, relation: Relation) -> Derivation:
    row = replace(derivation.rows[0], relation=relation)
    return replace(derivation, rows=(row,))


def verdict_on(derivation: Derivation) -> Verdict:
    return check(derivation).steps[0].verdict


def statement_of(derivation: Derivation):
    return derivation.statement(derivation.rows[0])


def names_in(derivation: Derivation) -> Names:
    return names_of(derivation.domain, derivation.helpers, derivation.functions)


def positive(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Formulas that are positive whatever the inner ones are."""
    exp = inner.map(lambda u: Call("exp", (u,)))
    sigmoid = inner.map(lambda u: Call("\\sigma", (u,)))
    base = st.one_of(exp, sigmoid, st.sampled_from([num(2), num(3), num(Fraction(1, 2)), Indexed("a", num(1))]))
    both = st.tuples(base, base)
    return st.one_of(base, both.map(Sum), both.map(Product), base.map(lambda u: Sum((num(1), u))))


def _real(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    pairs = st.tuples(inner, inner)
    summands = st.sampled_from([Indexed("a", I), Indexed("b", I), I, num(1)])
    return st.one_of(
        pairs.map(Sum),
        pairs.map(Product),
        inner.map(negate),
        st.builds(Quotient, inner, positive(inner)),
        positive(inner),
        positive(inner).map(lambda u: Call("log", (u,))),
        positive(inner).map(lambda u: Call("sqrt", (u,))),
        inner.map(lambda u: Call("abs", (u,))),
        st.builds(lambda name, pair: Call(name, pair), st.sampled_from(["max", "min"]), pairs),
        inner.map(lambda u: Call("r", (u,))),
        inner.map(lambda u: Call("\\sigma", (u,), 1)),
        inner.map(lambda u: Power(u, num(2))),
        inner.map(lambda u: Derivative(u, X, 1)),
        st.builds(lambda u, s: Total("sum", "i", num(1), N, Product((u, s))), inner, summands),
        st.builds(lambda u, v, w: Cases(((u, Relation("\\ge", w, num(0))), (v, None))), inner, inner, inner),
    )


def _wild(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Formulas that may have no value at all."""
    return st.one_of(
        _real(inner),
        st.builds(Quotient, inner, inner),
        inner.map(lambda u: Call("log", (u,))),
        inner.map(lambda u: Call("sqrt", (u,))),
        inner.map(lambda u: Call("\\mathrm{gap}", (u,))),
        inner.map(lambda u: Power(u, num(Fraction(1, 2)))),
        inner.map(lambda u: Power(u, Negation(num(1)))),
        inner.map(lambda u: Power(u, num(0))),
        st.builds(Power, inner, inner),
        inner.map(lambda u: Derivative(u, X, 2)),
        inner.map(lambda u: Total("prod", "i", num(1), N, u)),
    )


LEAVES = st.one_of(
    st.sampled_from([X, Y, X, Y, Indexed("b", num(1)), Indexed("b", N)]),
    st.integers(0, 3).map(num),
)


def formulas(most_leaves: int = 5) -> st.SearchStrategy[Expression]:
    """Formulas in x and y (real), n, a_i and b_i that have a value everywhere."""
    return st.recursive(LEAVES, _real, max_leaves=most_leaves)


def wild_formulas(most_leaves: int = 4) -> st.SearchStrategy[Expression]:
    """Formulas that may be undefined on a part of the domain."""
    return st.recursive(LEAVES, _wild, max_leaves=most_leaves)


def domains() -> st.SearchStrategy[Derivation]:
    """Derivations that declare x and y in some range, perhaps with a condition between them."""
    kinds = st.sampled_from(KINDS)
    conditions = st.sampled_from([(), (), ("x != y",), ("x != 0",), ("x + y > 0",)])
    return st.builds(lambda a, b, c: derivation_on({"x": a, "y": b}, c), kinds, kinds, conditions).filter(_not_empty)


def _not_empty(derivation: Derivation) -> bool:
    from bce.audit.sampling import points

    return next(points(statement_of(with_relation(derivation, Relation("=", X, Y))), 1), None) is not None
