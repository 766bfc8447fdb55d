r"""Proven formulas as NumPy functions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from trial_cells import ENTROPY, SIGMOID, catalogue_of, checked_book, derivation, trial

from bce.algebra.errors import Unsupported
from bce.algebra.expression import Derivative, Infinity, Limit
from bce.audit.independent import judge, value_of
from bce.audit.sampling import points
from bce.audit.values import ball, precision
from bce.numeric import compile_formula


def compiled(given: str, row: str, *cells: str, where: str = ""):
    return compile_formula(trial(given, row, *cells, where=where))


def test_last_true_row_is_the_formula() -> None:
    cells = derivation("x real", "x + x &= 2 x && r", "&= 3 x && slip \\refuted")
    formula = compile_formula(catalogue_of(cells).derivation("trial"))
    assert formula(x=3.0) == 6.0
    assert formula.__name__ == "trial"


def test_scalars_give_scalars_and_arrays_broadcast() -> None:
    formula = compiled("x, z real", "x z &= x z + 0")
    assert np.ndim(formula(x=2.0, z=3.0)) == 0
    result = formula(x=np.array([[1.0], [2.0]]), z=np.array([3.0, 4.0]))
    assert result.tolist() == [[3.0, 4.0], [6.0, 8.0]]


def test_precision_of_the_input_is_kept() -> None:
    formula = compiled("x real", "x &= x + 1 - 1")
    assert formula(x=np.float32(0.5)).dtype == np.float32
    assert formula(x=np.arange(3)).dtype == np.float64


def test_greek_names_lose_their_backslash_and_subscripts_stay() -> None:
    formula = compiled("\\theta, q_T real", "\\theta q_T &= q_T \\theta")
    assert formula(theta=2.0, q_T=5.0) == 10.0


def test_a_symbol_and_a_family_of_one_name_are_not_one_argument() -> None:
    with pytest.raises(Unsupported, match="two names"):
        compiled("p, p_i > 0", "p p_1 &= p_1 p")


@pytest.mark.parametrize("arguments", [{}, {"x": 1.0, "y": 1.0}, {"y": 1.0}])
def test_wrong_names_are_a_type_error_that_lists_the_right_ones(arguments: dict[str, float]) -> None:
    with pytest.raises(TypeError, match=r"trial\(\).* x"):
        compiled("x real", "x &= x + 0")(**arguments)


def test_cases_and_absolute_values_choose_element_by_element() -> None:
    formula = compiled("x real", "0 &= |x| + \\max(x, 0) - \\min(x, 0) - 2 |x|")
    assert formula(x=np.array([-2.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 0.0]
    steps = compiled("x real", "1 &= \\begin{cases} 1 & x > 0 \\\\ 2 & x = 0 \\\\ 3 & \\text{otherwise} \\end{cases}")
    assert steps(x=np.array([-2.0, 0.0, 3.0])).tolist() == [3.0, 2.0, 1.0]


def test_members_of_a_family_lie_along_the_last_axis() -> None:
    formula = compiled("n positive integer; 0 < p_i <= 1", "0 &= H(p) - 0", ENTROPY)
    distributions = np.array([[0.5, 0.5], [0.25, 0.75]])
    expected = [-sum(p * math.log(p) for p in row) for row in distributions.tolist()]
    np.testing.assert_allclose(formula(n=2, p=distributions), expected)


def test_helpers_and_functions_are_put_in_place() -> None:
    formula = compiled("x real", "0 &= h (1 - h)", SIGMOID, where="h = \\sigma(x)")
    assert formula(x=0.0) == 0.25


def test_formula_overflows_where_it_does() -> None:
    with np.errstate(over="ignore"):
        assert compiled("x real", "0 &= \\log(1 + e^{x})")(x=1000.0) == np.inf


def test_formula_with_a_derivative_is_refused_in_words() -> None:
    with pytest.raises(Exception, match="derivative"):
        compiled("x real", "1 &= \\frac{d}{dx} x^2")(x=1.0)


def test_every_compiled_formula_of_the_book_agrees_with_exact_values() -> None:
    compared = 0
    for one in (checked.derivation for checked in checked_book()):
        rows = [row for row in one.rows if row.expected != "refuted"]
        if not rows:
            continue
        statement = one.statement(rows[-1])
        for point in points(statement, 3, seed=7, edges=0.0):
            compared += _compare(one, statement, rows[-1].relation.right, point)
    assert compared > 100


def _compare(one, statement, tree, point: dict[str, Fraction]) -> bool:
    assert judge(statement, point) == "true"
    if any(isinstance(node, (Derivative, Infinity, Limit)) for node in tree.walk()):
        return False
    with precision(200):
        exact = float(ball(value_of(statement, tree, point)).mid())
    formula = compile_formula(one)
    with np.errstate(all="ignore"):
        value = formula(**_arguments(one, formula, point))
    if np.isfinite(value) and abs(exact) < 1e12:
        np.testing.assert_allclose(value, exact, rtol=1e-6, atol=1e-9, err_msg=one.id)
    return True


def _arguments(one, formula, point: dict[str, Fraction]) -> dict[str, object]:
    """Return the point as the keyword arguments of the formula: a family as an array of its members."""
    try:
        formula()
    except TypeError as error:
        wanted = str(error).partition("arguments ")[2].partition(";")[0].split(", ")
    else:
        wanted = []
    plain = {"".join(c for c in name if c.isalnum() or c == "_"): float(value) for name, value in point.items()}
    length = max([2, *(int(v) for name, v in point.items() if one.domain.symbols.get(name) is not None
                       and one.domain.symbols[name].integer)])  # fmt: skip
    return {
        name: plain[name] if name in plain else np.array([plain[f"{name}_{k}"] for k in range(1, length + 1)])
        for name in wanted
    }
