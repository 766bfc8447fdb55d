r"""Names and readings: names drawn alike are one name, and what can be read in two ways is an error that shows both."""

from __future__ import annotations

import pytest

import bce
from bce.algebra.grammar.library import library
from bce.verdicts import Result


def note(given: str, formula: str, where: str = "") -> Result:
    keys = f"\nwhere: {where}" if where else ""
    return bce.check(f"<!-- bce: {given}{keys}\n-->\n$$ {formula} $$\n", "note.md")


def verdicts(result: Result) -> list[str]:
    assert not result.problems, [problem.message for problem in result.problems]
    return [step.verdict.kind for checked in result.derivations for step in checked.steps]


# --- names ----------------------------------------------------------------------------

UPRIGHT = [r"\mathrm{%s}", r"\operatorname{%s}", r"\text{%s}", r"\textrm{%s}", r"\mbox{%s}", r"\operatorname*{ %s }"]


@pytest.mark.parametrize("first", UPRIGHT)
@pytest.mark.parametrize("second", UPRIGHT)
@pytest.mark.parametrize("word", ["H", "KL"])
def test_names_that_are_drawn_alike_are_one_name(first: str, second: str, word: str) -> None:
    result = note("0 < p < 1", f"{second % word}(p) = 2p + 17", where=f"{first % word}(x) = x")
    assert verdicts(result) == ["refuted"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("KL", r"\mathrm{KL}"),
        ("KL", r"\mathit{KL}"),
        (r"\mathit{H}", "H"),
        (r"\textit{H}", "H"),
        (r"\bm{H}", r"\boldsymbol{H}"),
        (r"\mathrm{K L}", r"\text{KL}"),
    ],
)
def test_a_second_formula_for_a_name_is_held_against_the_first_however_it_is_set(first: str, second: str) -> None:
    text = f"<!-- bce: 0 < p < 1 -->\n$$ {first}(p) = p $$\n\n<!-- bce: 0 < p < 1 -->\n$$ {second}(p) = 7 $$\n"
    assert verdicts(bce.check(text, "note.md"))[-1] == "refuted"


def test_an_upright_letter_and_one_in_italics_are_two_names() -> None:
    assert verdicts(note("0 < p < 1", r"H(p) = 2p", where=r"\mathrm{H}(x) = x; H(x) = 2x")) == ["proved"]


def test_a_subscript_in_words_is_the_same_in_every_type() -> None:
    formula = r"p_{data} = p_{\text{data}} = p_{\mathrm{data}}"
    assert verdicts(note("0 < p_{data} < 1", formula)) == ["proved", "proved"]
    assert verdicts(note("x real", r"L_{\text{CE}} = x^2 = L_{CE} + 1")) == ["defined", "refuted"]


@pytest.mark.parametrize("name", [name for name, parameters in library() if parameters == 1])
def test_a_function_of_the_library_is_known_however_it_is_set(name: str) -> None:
    word = name.removeprefix(r"\mathrm{").removesuffix("}").lstrip("\\")
    for style in UPRIGHT:
        assert verdicts(note("0 < x < 1", f"{name}(x) - {style % word}(x) = 0")) == ["proved"]


def test_a_second_name_with_the_same_letter_is_introduced_by_itself() -> None:
    text = "".join(f"<!-- bce: x real -->\n$$ L_{k} = {k} x $$\n\n" for k in range(1, 4))
    text += "<!-- bce: x real -->\n$$ L_1 + L_2 = L_3 = 4 x $$\n"
    assert verdicts(bce.check(text, "note.md"))[3:] == ["proved", "refuted"]


def test_a_row_that_says_what_a_name_is_introduces_it() -> None:
    text = "<!-- bce: x real -->\n$$ L = x^2 = x \\cdot x $$\n\n<!-- bce: x real -->\n$$ L = x^2 + 1 $$\n"
    rows = [step.row for checked in bce.check(text, "note.md").derivations for step in checked.steps]
    assert [row.introduces for row in rows] == [True, False, False]
    definition = bce.check("%%definition f\ntitle: f\ngiven: x real\n\nf(x) = x^2").derivations[0]
    assert [step.row.introduces for step in definition.steps] == [True]
    claim = bce.check("<!-- bce: x real -->\n$$ \\tanh(x) = x $$\n", "note.md").derivations[0]
    assert [step.row.introduces for step in claim.steps] == [False]


@pytest.mark.parametrize(("formula", "name"), [(r"\pi = 3", r"\pi"), ("e = 3", "'e'")])
def test_a_constant_is_not_redefined_by_the_way(formula: str, name: str) -> None:
    (problem,) = note("x real", formula).problems
    assert name in problem.message


@pytest.mark.parametrize(
    ("where", "second", "first"),
    [
        ("f(t) = t; f(t) = 2 t", "'f(t) = 2 t'", "'f(t) = t'"),
        ("f(t) = t\nwhere: f(s) = 2 s", "'f(s) = 2 s'", "'f(t) = t' defines in line 2"),
        ("u_i = 1; u_j = 2", "'u_j = 2'", "'u_i = 1'"),
        ("h = 1; h = 2", "'h = 2'", "'h = 1'"),
        (r"\mathrm{H}(t) = 1; \text{H}(t) = 2", r"'\text{H}(t) = 2'", r"'\mathrm{H}(t) = 1'"),
    ],
)
def test_two_meanings_of_one_name_are_an_error_that_shows_both(where: str, second: str, first: str) -> None:
    (problem,) = note("x real", "x = x + 0", where=where).problems
    assert f"{second} gives a second meaning to what {first}" in problem.message


DEFINITION = "```{code-cell} ipython3\n%%definition one\ntitle: One\ngiven: x real\n\nf(x) = x\n```\n\n"


def test_a_name_over_one_from_uses_is_an_error_that_shows_both_places() -> None:
    text = DEFINITION + "<!-- bce: x real\nuses: one\nwhere: f(t) = 2 t -->\n$$ f(x) = 2 x $$\n"
    (problem,) = bce.check(text, "note.md").problems
    assert problem.line == 11
    assert "f is defined under 'where', and by one (note.md:2)" in problem.message
    both = DEFINITION + DEFINITION.replace("one", "two") + "<!-- bce: x real\nuses: one, two -->\n$$ f(x) = x $$\n"
    (problem,) = bce.check(both, "note.md").problems
    assert "one (note.md:2)" in problem.message
    assert "two (note.md:10)" in problem.message


@pytest.mark.parametrize(
    ("given", "true"),
    [
        ("0 ≤ z ≤ 1", r"z \ge 0"),
        (r"0 \lt z \lt 1", r"z > 0"),
        (r"0 \leqslant z \leqslant 1", r"z \le 1"),
        (r"z \in \mathbb{R}", r"z^2 \ge 0"),
        ("z ∈ ℝ", r"z^2 \ge 0"),
        ("z real; z ≠ 0", r"\frac{z}{z} = 1"),
    ],
)
def test_relations_and_sets_are_spelled_alike_in_declarations_and_formulas(given: str, true: str) -> None:
    assert verdicts(note(given, true)) == ["proved"]


# --- letters before brackets, derivatives of what is free -----------------------------


@pytest.mark.parametrize(
    ("given", "formula"),
    [
        (r"u, \psi real", r"\psi(-u) = -\psi(u)"),
        (r"u, \psi real", r"\psi\left(-u\right) = -u\psi"),
        (r"u, \psi real", r"\psi{(u)} = u\psi"),
        (r"u, \psi real", r"\psi^2(u) = u\psi^2"),
        (r"\psi real", r"\psi(1) = \psi"),
        ("u, f real", "f(u) + f(-u) = 0"),
        ("g, x, y real", "g(x + y) = g(y + x)"),
        ("g, x, y real", "g(x + y) = g(x) + g(y)"),
        ("g, x, y real", "g(x, y) = g"),
        (r"g, \hat{y}_1 real", r"g(\hat{y}_1) = g \hat{y}_1"),
        ("x_i, y real", "x_1(y) = x_1 y"),
    ],
)
def test_a_letter_applied_to_a_bracket_is_an_error_that_shows_both_readings(given: str, formula: str) -> None:
    (problem,) = note(given, formula).problems
    assert "in two ways, as the product" in problem.message
    assert "or as the function" in problem.message
    assert problem.line == 3


@pytest.mark.parametrize(
    ("given", "formula"),
    [
        ("x real", "x (1 - x) = x - x^2"),
        ("a, b real", "a (b - 1) = a b - a"),
        (r"\psi, u real", r"\psi \cdot (-u) = -\psi \cdot u"),
        ("x_i, y real", "x_1 (y + 1) = x_1 y + x_1"),
        ("x, z real", "x (1 - z) - z(1 - x) \n\\\\ = x - z"),
    ],
)
def test_a_letter_that_stands_alone_too_is_a_factor(given: str, formula: str) -> None:
    assert verdicts(note(given, formula)) == ["proved"]


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{dC}{dw} = 0",
        r"dC/dw = 0",
        r"\frac{\partial}{\partial w} C = 0",
        r"\nabla_w C = 0",
        r"\frac{\partial C}{\partial w} = -5 \frac{\partial C}{\partial r} \frac{\partial r}{\partial w}",
    ],
)
def test_a_derivative_of_what_is_declared_as_free_is_an_error(formula: str) -> None:
    (problem,) = note("C, r, w real", formula).problems
    assert "C and w are declared as independent" in problem.message
    assert "say what C is: where: C = …" in problem.message


# --- two readings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "formula", "readings"),
    [
        ("x, y, z real", "|x|y|z| = |x| y |z|", ("two absolute values", "one in the other")),
        ("x, y, z real", r"2 \left|x\right| y z \left|z\right| = 1", ("two absolute values", "one in the other")),
        ("x > 0", r"\log^{-1} x = \frac{1}{\log x}", (r"a power of \log(…)", "undone")),
        ("x, n > 0", r"\log^n(x) = 1", (r"a power of \log(…)", "applied again")),
        ("x > 0", "f^2(x) = x^2", ("a power of f(…)", "f applied again")),
        ("x > 0", "f'^2(x) = 1", ("a power of f(…)", "f applied again")),
        ("x > 0", "f^{-1}(x) = x", ("a power of f(…)", "undone")),
        ("x > 0", r"\sinh^{-1}(x) = 1", (r"a power of \sinh(…)", "undone")),
        ("x real", r"\max(1,000) = 1", ("the number 1000", "the two numbers 1 and 000")),
        ("x real", r"\min(2,500) = 2", ("the number 2500", "the two numbers 2 and 500")),
        ("p_i > 0", r"\prod_{i=1}^{2} p_i \cdot 2 = 4 p_1 p_2", ("the product of all", "a factor behind it")),
        ("p_i, x > 0", r"\prod_{i=1}^{2} p_i \log x = 1", ("the product of all", "a factor behind it")),
        ("p_i, x > 0", r"\prod_{i=1}^{2} p_i / x = 1", ("the product of all", "a factor behind it")),
        ("p_i, x > 0", r"\prod_{i=1}^{2} (p_i) (x) = 1", ("the product of all", "a factor behind it")),
    ],
)
def test_a_formula_with_two_readings_is_an_error_that_shows_both(given, formula, readings) -> None:
    (problem,) = note(given, formula, where="f(t) = t").problems
    assert "in two ways" in problem.message
    assert all(reading in problem.message for reading in readings), problem.message


@pytest.mark.parametrize(
    ("given", "formula"),
    [
        ("x, y, z real", r"|x| \cdot y \cdot |z| = y |x z|"),
        ("x, y real", "|x| |y| = |x y|"),
        ("x > 0", r"\log^2 x = (\log x)^2"),
        ("x > 0", r"\tanh^2(x) = (\tanh x)^2"),
        ("x real", r"\max(1, 200) = 200"),
        ("p_i, x > 0", r"\prod_{i=1}^{2} x p_i = x^2 p_1 p_2"),
        ("p_i, x > 0", r"\prod_{i=1}^{2} (p_i x) = x^2 p_1 p_2"),
        ("p_i, x > 0", r"\sum_{i=1}^{2} p_i \cdot x = x p_1 + x p_2"),
    ],
)
def test_what_everyone_reads_in_one_way_is_read(given: str, formula: str) -> None:
    assert verdicts(note(given, formula)) == ["proved"]
