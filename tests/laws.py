"""Laws of algebra as rewriting steps: true ones, and ones that hold only sometimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from hypothesis import strategies as st
from strategies import X, Y, num

from bce.algebra.expression import (
    Call,
    Cases,
    Derivative,
    Expression,
    Negation,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Total,
    negate,
    symbols_of,
)

Law = Callable[[Expression], Expression | None]


def _matches(kind: type) -> Callable[[Law], Law]:
    return lambda law: lambda tree: law(tree) if isinstance(tree, kind) else None


@_matches(Sum)
def _commuted(tree):
    return Sum(tuple(reversed(tree.terms)))


@_matches(Product)
def _factors_commuted(tree):
    return Product(tuple(reversed(tree.factors)))


@_matches(Product)
def _distributed(tree):
    *others, last = tree.factors
    return Sum(tuple(Product((*others, term)) for term in last.terms)) if isinstance(last, Sum) else None


@_matches(Call)
def _unfolded(tree):
    u = tree.arguments[0]
    if tree.function == "\\sigma" and not tree.order:
        return Quotient(num(1), Sum((num(1), Call("exp", (negate(u),)))))
    if tree.function == "\\sigma" and tree.order == 1:
        return Product((Call("\\sigma", (u,)), Sum((num(1), Negation(Call("\\sigma", (u,)))))))
    if tree.function == "r":
        return Quotient(Sum((u, Call("abs", (u,)))), num(2))
    if tree.function == "abs":
        return Call("max", (u, negate(u)))
    if tree.function in ("max", "min") and len(tree.arguments) == 2:
        v = tree.arguments[1]
        apart = Call("abs", (Sum((u, negate(v))),))
        return Quotient(Sum((u, v, apart if tree.function == "max" else Negation(apart))), num(2))
    if tree.function == "exp" and isinstance(u, Sum):
        return Product(tuple(Call("exp", (term,)) for term in u.terms))
    if tree.function == "exp" and isinstance(u, Negation):
        return Quotient(num(1), Call("exp", (u.operand,)))
    return None


@_matches(Power)
def _square_written_out(tree):
    return Product((tree.base, tree.base)) if tree.exponent == num(2) else None


@_matches(Total)
def _scaled_sum(tree):
    if tree.kind != "sum" or not isinstance(tree.body, Product):
        return None
    first, *rest = tree.body.factors
    if tree.index in symbols_of(first):
        return None
    return Product((first, replace(tree, body=rest[0] if len(rest) == 1 else Product(tuple(rest)))))


#: Laws that hold wherever the formula has a value.
TRUE_LAWS: tuple[Law, ...] = (
    _commuted,
    _factors_commuted,
    _distributed,
    _unfolded,
    _square_written_out,
    _scaled_sum,
    lambda u: Sum((u, num(0))),
    lambda u: Product((num(1), u)),
    lambda u: Negation(negate(u)),
    lambda u: Sum((u, X, Negation(X))),
    lambda u: Call("log", (Call("exp", (u,)),)),
    lambda u: Quotient(Product((u, Call("exp", (Y,)))), Call("exp", (Y,))),
    lambda u: Total("sum", "k", num(1), num(1), u),
    lambda u: Cases(((u, Relation("\\ge", X, num(0))), (u, None))),
    lambda u: None if "y" in symbols_of(u) else Derivative(Product((Y, u)), Y, 1),
    lambda u: Call("max", (u, u)),
)

#: Laws that authors use and that need a sign, or a denominator that is not 0.
DOUBTFUL_LAWS: tuple[Law, ...] = (
    lambda u: Call("sqrt", (Power(u, num(2)),)),
    lambda u: Power(Call("sqrt", (u,)), num(2)),
    lambda u: Call("abs", (u,)),
    lambda u: Call("exp", (Call("log", (u,)),)),
    lambda u: Quotient(Product((u, X)), X),
    lambda u: Quotient(Product((u, Sum((X, Negation(Y))))), Sum((X, Negation(Y)))),
    lambda u: Product((u, Power(X, num(0)))),
    lambda u: Sum((u, Product((num(0), Call("log", (X,)))))),
    lambda u: Call("max", (u, num(0))),
    lambda u: Call("min", (u, num(1))),
    lambda u: Power(Power(u, num(2)), Quotient(num(1), num(2))),
    lambda u: Derivative(Call("max", (Product((Y, u)), num(0))), Y, 1),
    lambda u: Quotient(Call("log", (Power(Y, u),)), Call("log", (Y,))),
    lambda u: Sum((u, Call("log", (Product((X, Y)),)), Negation(Sum((Call("log", (X,)), Call("log", (Y,))))))),
    lambda u: Power(u, num(2)),
    _unfolded,
    _distributed,
)


@st.composite
def rewritten(draw, tree: Expression, laws: tuple[Law, ...], most: int = 3) -> Expression:
    """Rewrite a tree by one to ``most`` laws, each at some node."""
    for _ in range(draw(st.integers(1, most))):
        nodes = draw(st.integers(0, 30))
        law = draw(st.sampled_from(laws))
        tree = _at_node(tree, nodes, law)
    return tree


def _at_node(tree: Expression, position: int, law: Law) -> Expression:
    """Apply a law at the node with a number, or at the nearest before it where it matches."""
    paths = [path for path, node in _nodes(tree, ()) if law(node) is not None]
    return _changed(tree, paths[position % len(paths)], law) if paths else tree


def _nodes(tree: Expression, path: tuple) -> list[tuple[tuple, Expression]]:
    found = [(path, tree)]
    for field in fields(tree):
        value = getattr(tree, field.name)
        if field.name in ("variable", "lower", "upper", "index", "branches"):
            continue
        if isinstance(value, Expression):
            found += _nodes(value, (*path, field.name))
        elif isinstance(value, tuple):
            for k, item in enumerate(value):
                found += _nodes(item, (*path, (field.name, k)))
    return found


def _changed(tree: Expression, path: tuple, law: Law) -> Expression:
    if not path:
        changed = law(tree)
        assert changed is not None
        return changed
    step, *rest = path
    if isinstance(step, str):
        return replace(tree, **{step: _changed(getattr(tree, step), tuple(rest), law)})
    name, k = step
    items = getattr(tree, name)
    return replace(tree, **{name: (*items[:k], _changed(items[k], tuple(rest), law), *items[k + 1 :])})
