"""Single edits of a step: of its two trees, of its relation, and of the tokens and the layout of its LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from bce.algebra.expression import (
    BUILTIN_ARITY,
    OPERATORS,
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
from bce.reading.derivation import Derivation

Edits = Iterator[tuple[str, Expression]]

_ONE = Number(Fraction(1))


@dataclass(frozen=True)
class Vocabulary:
    """What a wrong name can be replaced by: all that the derivation declares."""

    symbols: Sequence[str]
    families: Sequence[str]
    functions: Sequence[tuple[str, int]]

    @classmethod
    def of(cls, derivation: Derivation) -> Vocabulary:
        """Return the vocabulary of a derivation."""
        symbols = [*derivation.domain.symbols, *derivation.helpers.symbols]
        return cls(symbols, list(derivation.domain.families), list(derivation.functions))


def relation_mutants(relation: Relation, words: Vocabulary) -> Iterator[tuple[str, Relation]]:
    """Yield every single edit of a relation, with a few words about it and none twice."""
    seen = {relation}
    for operator in OPERATORS.values():
        if operator != relation.operator:
            yield f"{relation.operator} to {operator}", replace(relation, operator=operator)
    for side in ("left", "right"):
        for edit, tree in tree_mutants(getattr(relation, side), words):
            mutant = replace(relation, left=tree) if side == "left" else replace(relation, right=tree)
            if mutant not in seen:
                seen.add(mutant)
                yield f"{side}: {edit}", mutant


def tree_mutants(tree: Expression, words: Vocabulary) -> Edits:
    """Yield every tree that differs from this one by an edit at a single node."""
    yield from _edits_here(tree, words)
    for field in fields(tree):
        if isinstance(tree, Derivative) and field.name == "variable":
            continue  # a derivative by anything but a name is no tree of the grammar
        for edit, changed in _edits_inside(getattr(tree, field.name), words):
            yield edit, replace(tree, **{field.name: changed})


def _edits_inside(value: object, words: Vocabulary) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Relation):
        for operator in OPERATORS.values():
            if operator != value.operator:
                yield f"condition to {operator}", replace(value, operator=operator)
    if isinstance(value, Expression):
        yield from tree_mutants(value, words)
    elif isinstance(value, tuple):
        for k, item in enumerate(value):
            for edit, changed in _edits_inside(item, words):
                yield edit, (*value[:k], changed, *value[k + 1 :])


def _edits_here(tree: Expression, words: Vocabulary) -> Edits:
    if not isinstance(tree, (Relation, Negation)):
        yield "sign", negate(tree)
    if type(tree) in _EDITS:
        yield from _EDITS[type(tree)](tree, words)


def _number(tree: Number, words: Vocabulary) -> Edits:
    yield "constant + 1", Number(tree.value + 1)
    if tree.value >= 1:
        yield "constant - 1", Number(tree.value - 1)


def _symbol(tree: Symbol, words: Vocabulary) -> Edits:
    for name in words.families if tree.name in words.families else words.symbols:
        if name != tree.name:
            yield f"{tree.name} to {name}", Symbol(name)


def _indexed(tree: Indexed, words: Vocabulary) -> Edits:
    for family in words.families:
        if family != tree.family:
            yield f"{tree.family} to {family}", Indexed(family, tree.index)
    yield "index to 1", Indexed(tree.family, _ONE)
    yield "index + 1", Indexed(tree.family, Sum((tree.index, _ONE)))


def _sum(tree: Sum, words: Vocabulary) -> Edits:
    for k in range(len(tree.terms)):
        kept = (*tree.terms[:k], *tree.terms[k + 1 :])
        yield f"term {k + 1} dropped", kept[0] if len(kept) == 1 else Sum(kept)


def _negation(tree: Negation, words: Vocabulary) -> Edits:
    yield "minus dropped", tree.operand


def _product(tree: Product, words: Vocabulary) -> Edits:
    for k in range(len(tree.factors)):
        kept = (*tree.factors[:k], *tree.factors[k + 1 :])
        yield f"factor {k + 1} dropped", kept[0] if len(kept) == 1 else Product(kept)
    yield "product to sum", Sum(tree.factors)


def _quotient(tree: Quotient, words: Vocabulary) -> Edits:
    yield "upside down", Quotient(tree.denominator, tree.numerator)
    yield "denominator dropped", tree.numerator
    yield "quotient to product", Product((tree.numerator, tree.denominator))


def _power(tree: Power, words: Vocabulary) -> Edits:
    yield "exponent dropped", tree.base
    yield "exponent + 1", Power(tree.base, Sum((tree.exponent, _ONE)))
    yield "exponent negated", Power(tree.base, negate(tree.exponent))


def _call(tree: Call, words: Vocabulary) -> Edits:
    first, *others = tree.arguments
    swapped = {"exp": "log", "log": "exp", "max": "min", "min": "max", "sqrt": "exp"}
    if tree.function in swapped and not (tree.function == "log" and others):
        yield f"{tree.function} to {swapped[tree.function]}", replace(tree, function=swapped[tree.function])
    if tree.function == "log" and others:
        yield "base dropped", Call("log", (first,))
    if tree.function not in words.families:
        yield f"{tree.function} dropped", first
    if len(tree.arguments) == 2:
        yield "arguments swapped", replace(tree, arguments=tuple(reversed(tree.arguments)))
    if tree.function not in BUILTIN_ARITY:
        yield "one minus", Sum((_ONE, Negation(tree)))
        for name, arity in words.functions:
            if arity == len(tree.arguments) and name != tree.function:
                yield f"{tree.function} to {name}", replace(tree, function=name)
        if len(tree.arguments) == 1:
            yield "a prime more", replace(tree, order=tree.order + 1)
        if tree.order:
            yield "a prime less", replace(tree, order=tree.order - 1)


def _derivative(tree: Derivative, words: Vocabulary) -> Edits:
    yield "derivative dropped", tree.body
    yield "order + 1", replace(tree, order=tree.order + 1)
    if tree.order > 1:
        yield "order - 1", replace(tree, order=tree.order - 1)
    for edit, variable in _EDITS[type(tree.variable)](tree.variable, words):
        yield edit, replace(tree, variable=variable)


def _total(tree: Total, words: Vocabulary) -> Edits:
    yield (
        "sum to product" if tree.kind == "sum" else "product to sum",
        replace(tree, kind="prod" if tree.kind == "sum" else "sum"),
    )
    yield "total dropped to its first term", replace(tree, upper=tree.lower)
    yield "lower bound + 1", replace(tree, lower=Sum((tree.lower, _ONE)))
    yield "upper bound - 1", replace(tree, upper=Sum((tree.upper, Negation(_ONE))))
    yield "upper bound + 1", replace(tree, upper=Sum((tree.upper, _ONE)))


def _cases(tree: Cases, words: Vocabulary) -> Edits:
    values, conditions = zip(*tree.branches, strict=True)
    yield "values swapped", Cases(tuple(zip(reversed(values), conditions, strict=True)))


_EDITS: dict[type, Callable[[Any, Vocabulary], Edits]] = {
    Number: _number,
    Symbol: _symbol,
    Indexed: _indexed,
    Sum: _sum,
    Negation: _negation,
    Product: _product,
    Quotient: _quotient,
    Power: _power,
    Call: _call,
    Derivative: _derivative,
    Total: _total,
    Cases: _cases,
}

# --- LaTeX tokens ---------------------------------------------------------------------

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[0-9]+|\S", re.DOTALL)
_POOL = ("+", "-", "x", "1", "2", "(", ")", "{", "}", "^", "_", "\\log", "\\sigma", "\\frac", "e", "\\cdot", "=", "'")


def token_mutants(latex: str) -> Iterator[tuple[str, str]]:
    """Yield every LaTeX text with one token deleted, doubled, or replaced by one of a small pool."""
    seen = {latex}
    for match in _TOKEN.finditer(latex):
        before, token, after = latex[: match.start()], match.group(), latex[match.end() :]
        edits = [(f"{token} deleted", " "), (f"{token} doubled", f"{token} {token}")]
        edits += [(f"{token} to {other}", f" {other} ") for other in _POOL if other != token]
        for edit, put in edits:
            text = before + put + after
            if text not in seen:
                seen.add(text)
                yield f"{edit} at {match.start()}", text


# --- layout -----------------------------------------------------------------------------

_WORD = re.compile(r"\\(?P<macro>mathrm|operatorname|text|textrm|mathit|mathsf)\*?(?=\{[^{}]*\})")
_GAP = re.compile(r"\\q?quad(?![a-zA-Z])")
_INSERTED = {"a comment sign": "% ", "a quad": "\\quad ", "a column": "& "}


def layout_mutants(latex: str) -> Iterator[tuple[str, str]]:
    """Yield every LaTeX text with one change of what is not a formula, and some of them change what is printed.

    A comment sign, a quad or an ``&`` is put before a token; a quad or an ``&`` is moved or dropped; a word is set by
    another macro.
    """
    for match in _TOKEN.finditer(latex):
        before, token, after = latex[: match.start()], match.group(), latex[match.end() :]
        for what, sign in _INSERTED.items():
            yield f"{what} at {match.start()}", f"{before}{sign}{token}{after}"
        if token == "&" or _GAP.fullmatch(token):
            yield f"{token} dropped at {match.start()}", f"{before} {after}"
            if following := _TOKEN.search(after):
                here = following.end()
                yield f"{token} moved at {match.start()}", f"{before}{after[:here]} {token} {after[here:]}"
    for match in _WORD.finditer(latex):
        for macro in ("mathrm", "operatorname", "text"):
            if macro != match["macro"]:
                other = f"{latex[: match.start()]}\\{macro}{latex[match.end() :]}"
                yield f"{match.group()} to \\{macro} at {match.start()}", other
