"""Expression trees back to LaTeX, for messages and for tests of the grammar.

``parse(to_latex(tree)) == tree`` holds for every tree that the grammar produces. Readers
of the book never see this output: a page shows the author's own LaTeX.
"""

from __future__ import annotations

from fractions import Fraction

from .expression import (
    Call,
    Cases,
    Derivative,
    Expression,
    Indexed,
    Infinity,
    Limit,
    Negation,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Total,
)

_SUM, _PRODUCT, _FACTOR = 0, 1, 2


def to_latex(tree: Expression) -> str:
    """Return LaTeX that the grammar reads as the same tree."""
    return _write(tree, _SUM)


def _write(tree: Expression, level: int) -> str:
    text = _WRITERS[type(tree)](tree)
    return text if _binding(tree) >= level else f"\\left({text}\\right)"


def _binding(tree: Expression) -> int:
    if isinstance(tree, (Sum, Negation, Relation)):
        return _SUM
    if isinstance(tree, (Product, Total, Limit)):
        return _PRODUCT
    if isinstance(tree, Derivative):
        return _PRODUCT
    return _FACTOR


def _number(tree: Number) -> str:
    return str(tree.value) if tree.value.denominator == 1 else _decimal(tree.value)


def _decimal(value: Fraction) -> str:
    """Write a number with a denominator, which came from a decimal such as 0.25, so again."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    whole, rest = divmod(int(value * 10**digits), 10**digits)
    return f"{whole}.{rest:0{digits}d}"


def _sum(tree: Sum) -> str:
    text = _term(tree.terms[0])
    for term in tree.terms[1:]:
        if isinstance(term, Negation):
            text += f" - {_write(term.operand, _PRODUCT)}"
        else:
            text += f" + {_write(term, _PRODUCT)}"
    return text


def _term(tree: Expression) -> str:
    return _write(tree, _SUM if isinstance(tree, Negation) else _PRODUCT)


def _product(tree: Product) -> str:
    last = len(tree.factors) - 1
    parts = []
    for position, factor in enumerate(tree.factors):
        takes_the_rest = isinstance(factor, (Total, Limit)) and position == last
        parts.append(_write(factor, _PRODUCT if takes_the_rest else _FACTOR))
    return " \\cdot ".join(parts)


def _power(tree: Power) -> str:
    base = _write(tree.base, _FACTOR)
    if isinstance(tree.base, (Power, Call)) and not (
        isinstance(tree.base, Call) and tree.base.function not in ("log", "exp", "max", "min")
    ):
        base = f"\\left({base}\\right)"
    return f"{base}^{{{to_latex(tree.exponent)}}}"


def _call(tree: Call) -> str:
    written = [to_latex(argument) for argument in tree.arguments]
    first, arguments = written[0], ", ".join(written)
    if tree.function == "exp":
        return f"e^{{{first}}}"
    if tree.function == "sqrt":
        return f"\\sqrt{{{first}}}"
    if tree.function == "abs":
        return f"\\left\\lvert {first}\\right\\rvert"
    if tree.function == "log":
        base = f"_{{{written[1]}}}" if len(written) > 1 else ""
        return f"\\log{base}\\left({first}\\right)"
    if tree.function in ("max", "min"):
        return f"\\{tree.function}\\left({arguments}\\right)"
    return f"{tree.function}{chr(39) * tree.order}\\left({arguments}\\right)"


def _derivative(tree: Derivative) -> str:
    power = f"^{{{tree.order}}}" if tree.order > 1 else ""
    operator = f"\\frac{{\\partial{power}}}{{\\partial {to_latex(tree.variable)}{power}}}"
    return f"{operator} \\left({to_latex(tree.body)}\\right)"


def _total(tree: Total) -> str:
    bounds = f"_{{{tree.index}={to_latex(tree.lower)}}}^{{{to_latex(tree.upper)}}}"
    ends_openly = tree.kind == "prod" and isinstance(tree.body, Product)
    return f"\\{tree.kind}{bounds} {_write(tree.body, _FACTOR if ends_openly else _PRODUCT)}"


def _limit(tree: Limit) -> str:
    side = f"^{tree.side}" if tree.side else ""
    return f"\\lim_{{{tree.variable} \\to {to_latex(tree.target)}{side}}} {_write(tree.body, _PRODUCT)}"


def _cases(tree: Cases) -> str:
    otherwise = "\\text{otherwise}"
    rows = [
        to_latex(value) + " & " + (otherwise if condition is None else to_latex(condition))
        for value, condition in tree.branches
    ]
    return "\\begin{cases} " + " \\\\ ".join(rows) + " \\end{cases}"


_WRITERS = {
    Number: _number,
    Symbol: lambda tree: tree.name,
    Indexed: lambda tree: f"{tree.family}_{{{to_latex(tree.index)}}}",
    Infinity: lambda tree: "\\infty",
    Sum: _sum,
    Negation: lambda tree: f"-{_write(tree.operand, _PRODUCT)}",
    Product: _product,
    Quotient: lambda tree: f"\\frac{{{to_latex(tree.numerator)}}}{{{to_latex(tree.denominator)}}}",
    Power: _power,
    Call: _call,
    Derivative: _derivative,
    Total: _total,
    Limit: _limit,
    Relation: lambda tree: f"{to_latex(tree.left)} {tree.operator} {to_latex(tree.right)}",
    Cases: _cases,
}
