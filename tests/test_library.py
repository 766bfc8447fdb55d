r"""The library of functions: one line of one table, and a function can be written in every way that people write it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from bs4 import BeautifulSoup
from trial_cells import derivation

import bce
from bce.algebra.grammar.library import DEFINITIONS, library
from bce.algebra.ranges import REAL, Range

NEW = (
    (r"\operatorname{softsign}(x)", r"\frac{x}{1 + |x|}", REAL),
    (r"\coth(x)", r"\frac{e^{x} + e^{-x}}{e^{x} - e^{-x}}", Range(lower=Fraction(0))),
    (r"\operatorname{odds}(p)", r"\frac{p}{1 - p}", Range(Fraction(0), Fraction(1))),
)

SPELLINGS = [
    # a function with its argument; an equal formula
    (r"\operatorname{softsign}(x)", r"\frac{x}{1 + x}"),
    (r"\operatorname{softsign}\left(x\right)", r"\frac{x}{1 + x}"),
    (r"\mathrm{softsign}(x)", r"\frac{x}{1 + x}"),
    (r"\text{softsign}(x)", r"\frac{x}{1 + x}"),
    (r"\coth(x)", r"\frac{1}{\tanh(x)}"),
    (r"\operatorname{coth}(x)", r"\frac{1}{\tanh(x)}"),
    (r"\mathrm{coth}(x)", r"\frac{1}{\tanh(x)}"),
    (r"\operatorname{odds}(\frac{1}{1 + e^{x}})", "e^{-x}"),
    (r"\mathrm{odds}(\frac{1}{1 + e^{x}})", "e^{-x}"),
]


@pytest.fixture
def with_new_functions(monkeypatch) -> Iterator[None]:
    """Add three functions in the one place where functions are."""
    monkeypatch.setattr("bce.algebra.grammar.library.DEFINITIONS", DEFINITIONS + NEW)
    library.cache_clear()
    yield
    library.cache_clear()


def strict(given: str, row: str) -> str:
    return derivation(given, row.replace(" = ", " &= "))


def foreign(given: str, row: str) -> str:
    return f"<!-- bce: {given} -->\n$$ {row} $$\n"


def kind(text: str) -> str:
    result = bce.check(text)
    assert not result.problems, result.problems
    return result.derivations[0].steps[0].verdict.kind


@pytest.mark.usefixtures("with_new_functions")
@pytest.mark.parametrize("text", [strict, foreign])
@pytest.mark.parametrize(("applied", "equal"), SPELLINGS)
def test_a_line_in_the_table_is_all_that_a_function_needs(text, applied: str, equal: str) -> None:
    assert kind(text("x > 0", f"{applied} = {equal}")) == "proved"
    assert kind(text("x > 0", f"{applied} = {equal} + 1")) == "refuted"


@pytest.mark.usefixtures("with_new_functions")
@pytest.mark.parametrize("text", [strict, foreign])
def test_a_function_of_the_table_has_a_derivative_and_a_domain(text) -> None:
    assert kind(text("0 < p < 1", r"\operatorname{odds}'(p) = \frac{1}{(1 - p)^2}")) == "proved"
    assert kind(text("p > 0", r"\operatorname{odds}(p) = \frac{p}{1 - p}")) == "unproved"
    assert kind(text("x real", r"\coth(x) = \frac{1}{\tanh(x)}")) == "unproved"


@pytest.mark.parametrize("text", [strict, foreign])
@pytest.mark.parametrize("applied", [r"\coth(x)", r"\operatorname{coth}(x)", r"\sin(x)"])
def test_a_function_that_is_not_in_the_table_is_an_error_that_names_it(text, applied: str) -> None:
    (problem,) = bce.check(text("x > 0", f"{applied} + 1 = x")).problems
    assert "unknown function" in problem.message
    assert ("coth" if "coth" in applied else "sin") in problem.message


def test_every_function_of_the_table_stands_on_the_page(site) -> None:
    page = BeautifulSoup((site / "chapters/what_is_trusted.html").read_text(encoding="utf-8"), "html.parser")
    printed = "\n".join(output.get_text() for output in page.select(".cell_output pre"))
    for function in library().values():
        assert f"{function.name}({', '.join(function.parameters)}) = {function.body}" in printed
