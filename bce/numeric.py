"""From a verified tree to NumPy: the formula that was proved, as a function of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bce.algebra.domain import Domain
from bce.algebra.errors import Unsupported
from bce.algebra.expression import Expression, Relation, Side, TotalKind
from bce.algebra.interpreter import Interpreter
from bce.algebra.ranges import Signs
from bce.algebra.statement import Statement
from bce.reading.derivation import Derivation

Array = npt.NDArray[np.floating[Any]]


def compile_formula(derivation: Derivation) -> Callable[..., Any]:
    r"""Compile the last right side of a derivation to a NumPy function.

    Parameters
    ----------
    derivation : Derivation
        A derivation or a definition.

    Returns
    -------
    callable
        It takes the free symbols as keyword arguments (``z``, ``x``; a Greek name without
        its backslash), as numbers or arrays that broadcast. The members of a family ``p_i``
        are one array, along its last axis; their number ``n`` may be left out. The formula is
        evaluated as it stands, in floating point: it overflows and cancels where the formula does.

    Raises
    ------
    TypeError
        When the function is called with other names than those of the formula.
    Unsupported
        If two names would be the same keyword argument, such as a symbol ``p`` and a family ``p_i``.

    Examples
    --------
    >>> from bce.reading.cells import read_cell
    >>> from bce.reading.derivation import build_definition
    >>> text = "%%definition square-plus-one\ntitle: Example\ngiven: x real\n\nf(x) = x^2 + 1"
    >>> f = compile_formula(build_definition(read_cell(text, "example"), {})[0])
    >>> f(x=np.array([0.0, 3.0]))
    array([ 1., 10.])
    """
    last = [row for row in derivation.rows if row.expected != "refuted"][-1]
    tree = last.relation.right
    statement = Statement(Relation("=", tree, tree), derivation.domain, derivation.helpers, derivation.functions)
    used = statement.names
    symbols = [s for s in derivation.domain.symbols if s in used and s not in derivation.helpers.symbols]
    families = [f for f in derivation.domain.families if f in used]
    names = {_argument_name(name): name for name in [*symbols, *families]}
    if len(names) < len(symbols) + len(families):
        raise Unsupported("two names of the formula would be one keyword argument; rename one of them")

    def formula(**arguments: npt.ArrayLike) -> Any:
        lengths = {np.shape(arguments[key])[-1] for key in arguments if names.get(key) in families}
        if len(lengths) == 1:
            counts = [key for key, name in names.items() if name in symbols and derivation.domain.symbols[name].integer]
            arguments = {**dict.fromkeys(counts[:1], lengths.pop()), **arguments}
        _match_names(formula.__name__, names, arguments)
        values = {names[key]: np.asarray(value, dtype=_float_type(value)) for key, value in arguments.items()}
        return _evaluate(tree, derivation, values)

    formula.__name__ = derivation.id.replace("-", "_")
    formula.__doc__ = f"{derivation.title}: {last.right_latex}"
    return formula


def _argument_name(name: str) -> str:
    return "".join(c for c in name.replace("\\mathrm", "").replace("\\text", "") if c.isalnum() or c == "_")


def _match_names(function: str, names: Mapping[str, str], arguments: Mapping[str, object]) -> None:
    wrong = sorted(set(arguments) ^ set(names))
    if wrong:
        wanted = ", ".join(names) or "none"
        raise TypeError(f"{function}() takes the keyword arguments {wanted}; missing or unknown: {', '.join(wrong)}")


def _float_type(value: npt.ArrayLike) -> np.dtype[Any]:
    given = np.asarray(value).dtype
    return given if given.kind == "f" else np.dtype(np.float64)


def _evaluate(tree: Expression, derivation: Derivation, values: Mapping[str, Array]) -> Any:
    domain: Domain = derivation.domain
    families = {f: _member_function(values[f]) for f in domain.families if f in values}
    symbols = {s: values[s] for s in domain.symbols if s in values}
    statement = Statement(Relation("=", tree, tree), domain, derivation.helpers, derivation.functions)
    result = Interpreter(NumPy(), derivation.functions).evaluate(tree, statement.scope(symbols, families))
    return np.asarray(result, dtype=np.result_type(*values.values()) if values else np.float64)[()]


def _member_function(array: Array) -> Callable[[Any], Any]:
    return lambda index: array[..., int(index) - 1]


class NumPy:
    """An `Arithmetic` of NumPy arrays, without any care for overflow or cancellation."""

    def number(self, value: Fraction) -> Any:
        return float(value)

    def add(self, terms: Sequence[Any]) -> Any:
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def negate(self, value: Any) -> Any:
        return np.negative(value)

    def multiply(self, factors: Sequence[Any]) -> Any:
        product = factors[0]
        for factor in factors[1:]:
            product = product * factor
        return product

    def divide(self, numerator: Any, denominator: Any, tree: Expression) -> Any:
        return np.divide(numerator, denominator)

    def power(self, base: Any, exponent: Any, tree: Expression) -> Any:
        return np.power(base, exponent)

    def exp(self, exponent: Any) -> Any:
        return np.exp(exponent)

    def log(self, argument: Any, tree: Expression) -> Any:
        return np.log(argument)

    def sqrt(self, argument: Any, tree: Expression) -> Any:
        return np.sqrt(argument)

    def choose(self, branches: Sequence[tuple[Any, Signs, Callable[[], Any]]], smooth: bool) -> Any:
        conditions = [np.isin(np.sign(value), list(signs)) for value, signs, _ in branches]
        return np.select(conditions, [result() for _, _, result in branches], default=np.nan)

    def differentiate(self, function: Callable[[Any], Any], at: Any, order: int, declared: bool) -> Any:
        raise Unsupported("a formula with a derivative in it is not compiled; compile the row that has carried it out")

    def total(self, kind: TotalKind, lower: Any, upper: Any, body: Callable[[Any], Any]) -> Any:
        terms = [body(float(k)) for k in range(int(lower), int(upper) + 1)]
        return self.add([0.0, *terms]) if kind == "sum" else self.multiply([1.0, *terms])

    def limit(self, function: Callable[[Any], Any], target: object, side: Side) -> Any:
        raise Unsupported("a formula with a limit in it is not compiled")

    def require(self, value: Any, signs: Signs, relation: Relation) -> None:
        """Arrays may lie anywhere; NumPy answers nan outside of the domain."""

    def same_index(self, a: Any, b: Any) -> bool:
        return bool(a == b)

    def require_whole(self, value: Any, tree: Expression) -> None:
        """Accept what the verifier has accepted."""

    def is_bound(self, index: Any) -> bool:
        return False
