r"""Signs by structure: what a normal form would take apart, as its author arranged it.

``\sum_i p_i (t_i - 1 - \log t_i) \ge 0`` is plain from its parts, and not from the sum that is left
when everything is multiplied out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from bce.algebra.exact.elements import Element
from bce.algebra.expression import Call, Expression, Negation, Number, Power, Product, Quotient, Sum, Total, difference
from bce.algebra.ranges import (
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
    signs_of_total,
)
from bce.algebra.rules import Rule, new_rule
from bce.algebra.scope import Scope

from .session import Session


class StructuralSigns:
    """Finds signs of trees in a session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def signs(self, tree: Expression, scope: Scope) -> Signs:
        """Return the signs of a tree as its author arranged it, which a normal form would take apart."""
        return self._narrowed(
            (None, lambda: self.session.exact.oracle.signs(self.session.element(tree, scope))),
            *((rule, partial(look, self, tree, scope)) for rule, look in _BY_NODE.get(type(tree), {}).items()),
        )

    def signs_of_terms(self, terms: list[Expression], scope: Scope) -> Signs:
        """Return the signs of a sum of these terms."""
        if len(terms) < 2:
            return self.signs(terms[0], scope) if terms else ZERO
        return self._narrowed(*((rule, partial(look, self, terms, scope)) for rule, look in _BY_TERMS.items()))

    def _narrowed(self, *ways: tuple[Rule | None, Callable[[], Signs]]) -> Signs:
        return self.session.trace.narrowed(ways, _says_enough)

    def sum(self, tree: Sum, scope: Scope) -> Signs:
        """Return the signs of a sum, with its brackets as they are and multiplied out."""

        def is_open(factor: Expression) -> bool:
            return self.signs(factor, scope) >= NON_ZERO

        def ask(multiplied_out: Callable[[Expression], bool]) -> Signs:
            return self.signs_of_terms(self._without_opposites(_flattened(tree, multiplied_out), scope), scope)

        return self._narrowed(
            (None, lambda: ask(_no_factor)), (BRACKETS, lambda: ask(is_open)), (BRACKETS, lambda: ask(_every_factor))
        )

    def _without_opposites(self, terms: list[Expression], scope: Scope) -> list[Expression]:
        """Drop pairs of terms that cancel, such as the two ``x`` of ``(x + a) - x``."""
        if not self.session.trace.allows(OPPOSITES):
            return terms
        kept: list[tuple[Expression, Element]] = []
        for term in terms:
            value = self.session.element(term, scope)
            partner = next((k for k, (_, other) in enumerate(kept) if (value + other).is_zero()), None)
            if partner is None:
                kept.append((term, value))
            else:
                self.session.trace.rely_on(OPPOSITES)
                del kept[partner]
        return [term for term, _ in kept]


def _says_enough(signs: Signs) -> bool:
    return not signs >= NON_ZERO


# --- the rules ------------------------------------------------------------------------

OPPOSITES = new_rule("structure", "opposite terms", "Terms of a sum that cancel are dropped.")
BRACKETS = new_rule("structure", "brackets", "Brackets are multiplied out: those whose sign is open, or all of them.")

#: Rules for a sum by its terms, and for other formulas by their outermost operation, in the order they are tried.
_BY_TERMS: dict[Rule, Callable[[StructuralSigns, list[Expression], Scope], Signs]] = {}
_BY_NODE: dict[type, dict[Rule | None, Callable[[StructuralSigns, Any, Scope], Signs]]] = {
    Sum: {None: StructuralSigns.sum},
    Negation: {None: lambda signs, tree, scope: opposite(signs.signs(tree.operand, scope))},
}

_Look = TypeVar("_Look", bound=Callable[..., Signs])


def _of_terms(name: str, sentence: str) -> Callable[[_Look], _Look]:
    def add(look: _Look) -> _Look:
        _BY_TERMS[new_rule("structure", name, sentence)] = look
        return look

    return add


def _of_node(name: str, sentence: str, *kinds: type) -> Callable[[_Look], _Look]:
    def add(look: _Look) -> _Look:
        rule = new_rule("structure", name, sentence)
        for kind in kinds:
            _BY_NODE.setdefault(kind, {})[rule] = look
        return look

    return add


@_of_terms(
    "logarithm lemma",
    "$t - 1 - \\log t \\ge 0$ for $t > 0$, and 0 only at $t = 1$: for the argument $t$ of a logarithm in a sum of just "
    "this shape, or for its inverse.",
)
def _logarithm_lemma(look: StructuralSigns, terms: list[Expression], scope: Scope) -> Signs:
    session = look.session
    one = session.exact.number(Fraction(1))
    value = session.exact.add([session.element(term, scope) for term in terms])
    for node in _logarithms(terms):
        argument = session.element(node.arguments[0], scope)
        for t in (argument, one / argument):
            lemma = t - one - session.exact.field.log(t)
            if value.equals(lemma) or value.equals(-lemma):
                away = session.exact.oracle.signs(t - one) <= NON_ZERO
                signs = POSITIVE if away else NON_NEGATIVE
                return signs if value.equals(lemma) else opposite(signs)
    return ANY


@_of_terms("monotone", "$\\log a - \\log b$ and $e^a - e^b$ have the sign of $a - b$.")
def _monotone(look: StructuralSigns, terms: list[Expression], scope: Scope) -> Signs:
    up = [term for term in terms if not isinstance(term, Negation)]
    down = [term.operand for term in terms if isinstance(term, Negation)]
    if len(up) == len(down) == 1:
        for function in ("log", "exp"):
            calls = [
                t for t in (*up, *down) if isinstance(t, Call) and t.function == function and len(t.arguments) == 1
            ]
            if len(calls) == 2:
                return look.signs(difference(calls[0].arguments[0], calls[1].arguments[0]), scope)
    return ANY


@_of_terms("terms as written", "Terms of one sign, as they are written, add up to it.")
def _sum_of_signs(look: StructuralSigns, terms: list[Expression], scope: Scope) -> Signs:
    return signs_of_sum(look.signs(term, scope) for term in terms)


@_of_terms("common factor", "A factor that all terms share, as written, is taken out.")
def _taken_out(look: StructuralSigns, terms: list[Expression], scope: Scope) -> Signs:
    common = _common_factor(terms)
    if common is None:
        return ANY
    factor, rest = common
    return signs_of_product((look.signs(factor, scope), look.signs(Sum(tuple(rest)), scope)))


@_of_node("factors", "A product or a quotient has the product of the signs of its factors.", Product, Quotient)
def _product(look: StructuralSigns, tree: Product | Quotient, scope: Scope) -> Signs:
    factors = tree.factors if isinstance(tree, Product) else (tree.numerator, tree.denominator)
    return signs_of_product(look.signs(factor, scope) for factor in factors)


@_of_node("power", "A whole power has the sign of its base, or of its square.", Power)
def _power(look: StructuralSigns, tree: Power, scope: Scope) -> Signs:
    if not isinstance(tree.exponent, Number) or tree.exponent.value.denominator != 1:
        return ANY
    return signs_of_power(look.signs(tree.base, scope), int(tree.exponent.value))


@_of_node("terms of a sum", "A sum of symbolic length has the sign of its terms, if it is not empty.", Total)
def _total(look: StructuralSigns, tree: Total, scope: Scope) -> Signs:
    session = look.session
    lower, upper = session.element(tree.lower, scope), session.element(tree.upper, scope)
    if tree.kind != "sum" or (lower.rational() or 0) < 1 or upper.rational() is not None:
        return ANY
    with session.exact.bound_index(lower, upper) as index:
        body = look.signs(tree.body, scope.bind(tree.index, index, whole=True))
    length = upper - lower + session.exact.number(Fraction(1))
    return signs_of_total(body, session.exact.oracle.signs(length))


@_of_node("logarithm", "$\\log a$ has the sign of $a - 1$.", Call)
def _logarithm(look: StructuralSigns, tree: Call, scope: Scope) -> Signs:
    if tree.function != "log" or len(tree.arguments) != 1:
        return ANY
    return look.signs(Sum((tree.arguments[0], Negation(Number(Fraction(1))))), scope)


@_of_node("definition", "A defined function is replaced by its body.", Call)
def _body(look: StructuralSigns, tree: Call, scope: Scope) -> Signs:
    function = look.session.interpreter.functions.get((tree.function, len(tree.arguments)))
    if function is None or tree.order:
        return ANY
    return look.signs(function.body, look.session.interpreter.bind_arguments(function, tree.arguments, scope))


# --- taking sums apart ----------------------------------------------------------------


def _no_factor(factor: Expression) -> bool:
    return False


def _every_factor(factor: Expression) -> bool:
    return True


def _flattened(
    tree: Expression, multiplied_out: Callable[[Expression], bool], *, negative: bool = False
) -> list[Expression]:
    """Return the terms of nested sums and minus signs, with the sums of some products multiplied out."""
    if isinstance(tree, Negation):
        return _flattened(tree.operand, multiplied_out, negative=not negative)
    if isinstance(tree, Sum):
        return [term for part in tree.terms for term in _flattened(part, multiplied_out, negative=negative)]
    factors = tree.factors if isinstance(tree, Product) else ()
    for place, factor in enumerate(factors):
        if isinstance(factor, Sum) and multiplied_out(factor):
            before, after = factors[:place], factors[place + 1 :]
            parts = [_times(before, part, after) for part in _flattened(factor, _no_factor)]
            return _flattened(Sum(tuple(parts)), multiplied_out, negative=negative)
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
