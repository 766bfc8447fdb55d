r"""Signs by structure: what a normal form would take apart, as its author arranged it.

``\sum_i p_i (t_i - 1 - \log t_i) \ge 0`` is plain from its parts, and not from the sum that is left
when everything is multiplied out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

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
from bce.algebra.scope import Scope

from .session import Session


class StructuralSigns:
    """Finds signs of trees in a session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def signs(self, tree: Expression, scope: Scope) -> Signs:
        """Return the signs of a tree as its author arranged it, which a normal form would take apart."""
        signs = self.session.exact.oracle.signs(self.session.element(tree, scope))
        if not signs >= NON_ZERO:
            return signs
        rule = _STRUCTURE.get(type(tree))
        return signs if rule is None else signs & rule(self, tree, scope)

    def _sum(self, tree: Sum, scope: Scope) -> Signs:
        def is_open(factor: Expression) -> bool:
            return self.signs(factor, scope) >= NON_ZERO

        signs = ANY
        for multiplied_out in (_no_factor, is_open, _every_factor):
            terms = self._without_opposites(_flattened(tree, multiplied_out), scope)
            signs &= self._signs_of_terms(terms, scope)
            if not signs >= NON_ZERO:
                break
        return signs

    def _signs_of_terms(self, terms: list[Expression], scope: Scope) -> Signs:
        if len(terms) < 2:
            return self.signs(terms[0], scope) if terms else ZERO
        signs = self._logarithm_lemma(terms, scope) & self._monotone(terms, scope)
        if signs >= NON_ZERO:
            signs &= signs_of_sum(self.signs(term, scope) for term in terms)
        if signs >= NON_ZERO and (common := _common_factor(terms)) is not None:
            factor, rest = common
            parts = (self.signs(factor, scope), self.signs(Sum(tuple(rest)), scope))
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
                return self.signs(difference(up.arguments[0], down.arguments[0]), scope)  # type: ignore[attr-defined]
        return ANY

    def _without_opposites(self, terms: list[Expression], scope: Scope) -> list[Expression]:
        """Drop pairs of terms that cancel, such as the two ``x`` of ``(x + a) - x``."""
        kept: list[tuple[Expression, Element]] = []
        for term in terms:
            value = self.session.element(term, scope)
            partner = next((k for k, (_, other) in enumerate(kept) if (value + other).is_zero()), None)
            if partner is None:
                kept.append((term, value))
            else:
                del kept[partner]
        return [term for term, _ in kept]

    def _negation(self, tree: Negation, scope: Scope) -> Signs:
        return opposite(self.signs(tree.operand, scope))

    def _product(self, tree: Product, scope: Scope) -> Signs:
        return signs_of_product(self.signs(factor, scope) for factor in tree.factors)

    def _quotient(self, tree: Quotient, scope: Scope) -> Signs:
        parts = (tree.numerator, tree.denominator)
        return signs_of_product(self.signs(part, scope) for part in parts)

    def _power(self, tree: Power, scope: Scope) -> Signs:
        if not isinstance(tree.exponent, Number) or tree.exponent.value.denominator != 1:
            return ANY
        return signs_of_power(self.signs(tree.base, scope), int(tree.exponent.value))

    def _total(self, tree: Total, scope: Scope) -> Signs:
        lower, upper = self.session.element(tree.lower, scope), self.session.element(tree.upper, scope)
        if tree.kind != "sum" or (lower.rational() or 0) < 1 or upper.rational() is not None:
            return ANY
        with self.session.exact.bound_index(lower, upper) as index:
            body = self.signs(tree.body, scope.bind(tree.index, index, whole=True))
        length = upper - lower + self.session.exact.number(Fraction(1))
        return signs_of_total(body, self.session.exact.oracle.signs(length))

    def _call(self, tree: Call, scope: Scope) -> Signs:
        """Look into a defined function, and at a logarithm through its argument."""
        if tree.function == "log" and len(tree.arguments) == 1:
            one = Negation(Number(Fraction(1)))
            return self.signs(Sum((tree.arguments[0], one)), scope)
        function = self.session.interpreter.functions.get((tree.function, len(tree.arguments)))
        if function is None or tree.order:
            return ANY
        return self.signs(function.body, self.session.interpreter.bind_arguments(function, tree.arguments, scope))

    def _logarithm_lemma(self, terms: Sequence[Expression], scope: Scope) -> Signs:
        r"""Recognise ``t - 1 - \log t`` (or its negative), which is ≥ 0 and 0 only at t = 1."""
        one = self.session.exact.number(Fraction(1))
        value = self.session.exact.add([self.session.element(term, scope) for term in terms])
        for node in _logarithms(terms):
            argument = self.session.element(node.arguments[0], scope)
            for t in (argument, one / argument):
                lemma = t - one - self.session.exact.field.log(t)
                away = self.session.exact.oracle.signs(t - one) <= NON_ZERO
                signs = POSITIVE if away else NON_NEGATIVE
                if value.equals(lemma):
                    return signs
                if value.equals(-lemma):
                    return opposite(signs)
        return ANY


_STRUCTURE: dict[type, Callable[[StructuralSigns, Any, Scope], Signs]] = {
    Sum: StructuralSigns._sum,
    Negation: StructuralSigns._negation,
    Product: StructuralSigns._product,
    Quotient: StructuralSigns._quotient,
    Power: StructuralSigns._power,
    Total: StructuralSigns._total,
    Call: StructuralSigns._call,
}


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
