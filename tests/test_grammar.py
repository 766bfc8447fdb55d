r"""The grammar: what it reads, what it refuses and why, and what it does with hostile text."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import WRITTEN, num, written_trees

from bce.algebra.errors import GrammarError
from bce.algebra.expression import (
    Call,
    Cases,
    Derivative,
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
)
from bce.algebra.grammar.read import parse, parse_chain, parse_head
from bce.algebra.latex import to_latex
from bce.algebra.names import Names

NAMES = Names(
    symbols=frozenset({"x", "y", "z", "p_T", "n", "h"}),
    families=frozenset({"p", "q"}),
    functions={"\\sigma": frozenset({1}), "f": frozenset({1}), "H": frozenset({1, 2})},
    prime="x",
)
X, Y, Z, N = Symbol("x"), Symbol("y"), Symbol("z"), Symbol("n")
HALF = Quotient(num(1), num(2))


def read(latex: str):
    return parse(latex, NAMES)


# --- what is read ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "tree"),
    [
        ("-x^2", Negation(Power(X, num(2)))),
        ("(-x)^2", Power(Negation(X), num(2))),
        ("2x y^2 z", Product((num(2), X, Power(Y, num(2)), Z))),
        ("x - y + z", Sum((X, Negation(Y), Z))),
        ("x - (y + z)", Sum((X, Negation(Sum((Y, Z)))))),
        ("e^{-x} e^x", Product((Call("exp", (Negation(X),)), Call("exp", (X,))))),
        ("\\exp(x)", Call("exp", (X,))),
        ("x\\log y", Product((X, Call("log", (Y,))))),
        ("\\log x^2", Call("log", (Power(X, num(2)),))),
        ("(\\log x)^2", Power(Call("log", (X,)), num(2))),
        ("\\log_2 x", Call("log", (X, num(2)))),
        ("\\ln\\frac{x}{y}", Call("log", (Quotient(X, Y),))),
        ("\\log x + y", Sum((Call("log", (X,)), Y))),
        ("\\sigma(-x)", Call("\\sigma", (Negation(X),))),
        ("\\sigma'(x)", Call("\\sigma", (X,), 1)),
        ("f''(x)", Call("f", (X,), 2)),
        ("f^{\\prime}(x)", Call("f", (X,), 1)),
        ("H(p, q)", Call("H", (Symbol("p"), Symbol("q")))),
        ("p_1 q_{n-1}", Product((Indexed("p", num(1)), Indexed("q", Sum((N, Negation(num(1)))))))),
        ("p_T", Symbol("p_T")),
        ("|x| y", Product((Call("abs", (X,)), Y))),
        ("\\left\\lvert x - y \\right\\rvert", Call("abs", (Sum((X, Negation(Y))),))),
        ("\\max(x, y, 0)", Call("max", (X, Y, num(0)))),
        ("\\sqrt{x}", Call("sqrt", (X,))),
        ("\\sqrt[3]{x}", Power(X, Quotient(num(1), num(3)))),
        ("\\tfrac{1}{2} x", Product((HALF, X))),
        ("\\frac1{23}", Quotient(num(1), num(23))),
        ("0.25", num(Fraction(1, 4))),
        ("2^{-1}", Power(num(2), Negation(num(1)))),
        ("\\sum_{i=1}^{n} p_i x", Total("sum", "i", num(1), N, Product((Indexed("p", Symbol("i")), X)))),
        ("\\sum_{i=1}^{n} x + y", Sum((Total("sum", "i", num(1), N, X), Y))),
        ("\\prod_{i=1}^n p_i", Total("prod", "i", num(1), N, Indexed("p", Symbol("i")))),
        ("\\frac{d}{dx} \\log x", Derivative(Call("log", (X,)), X)),
        ("\\frac{d}{dx} x^2 + y", Sum((Derivative(Power(X, num(2)), X), Y))),
        ("\\frac{\\partial f(x)}{\\partial x}", Derivative(Call("f", (X,)), X)),
        ("\\frac{\\partial^2}{\\partial x \\partial y} (x y)", Derivative(Derivative(Product((X, Y)), Y), X)),
        ("\\frac{d^{2}}{dx^{2}} (x)", Derivative(X, X, 2)),
        ("\\frac{\\partial}{\\partial p_1} (p_1)", Derivative(Indexed("p", num(1)), Indexed("p", num(1)))),
        ("(x y)'", Derivative(Product((X, Y)), X)),
        (
            "\\begin{cases} x & x \\ge 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
            Cases(((X, Relation("\\ge", X, num(0))), (num(0), None))),
        ),
        ("x % a remark", X),
        ("x−y", Sum((X, Negation(Y)))),
    ],
)
def test_formula_is_read_as_written(latex: str, tree) -> None:
    assert read(latex) == tree


def test_spacing_sizes_and_kinds_of_brackets_do_not_change_the_tree() -> None:
    plain = read("2(x + y)z")
    for same in ("2\\left(x+y\\right)z", "2 [x + y] \\cdot z", "2\\bigl( x + y \\bigr)\\,z", "2\\{x + y\\} \\times z"):
        assert read(same) == plain


def test_nothing_collapses_while_a_tree_is_built() -> None:
    assert read("\\log(e^{-x})") != read("-x")
    assert read("x - x z") != read("x (1 - z)")
    assert read("x + 0") != read("x")


def test_alignment_marks_are_skipped_in_a_chain_and_relations_are_kept_in_order() -> None:
    first, links = parse_chain("x &\\le y &= z", NAMES)
    assert first == X
    assert [(link.operator, link.right) for link in links] == [("\\le", Y), ("=", Z)]


def test_head_of_a_definition_gives_name_and_parameters() -> None:
    assert parse_head("\\mathrm{KL}(p, q)") == ("\\mathrm{KL}", ("p", "q"))


@settings(max_examples=300, derandomize=True)
@given(written_trees())
def test_every_tree_survives_being_written_and_read(tree) -> None:
    assert parse(to_latex(tree), WRITTEN) == tree


# --- what is refused ------------------------------------------------------------------

REFUSED = [
    # latex, where (0-based), words of the message
    ("\\log x y", 7, "two ways"),
    ("\\log x \\cdot y", 7, "two ways"),
    ("\\log(x)(y)", 7, "two ways"),
    ("\\log \\log x", 5, "brackets"),
    ("\\log^2 x", 4, "two ways"),
    ("\\log(x)^2", 7, "two ways"),
    ("\\max(x, y)^2", 10, "two ways"),
    ("\\max(x)", 4, "two arguments"),
    ("\\exp x y", 7, "two ways"),
    ("e", 0, "bare 'e'"),
    ("2 e x", 2, "bare 'e'"),
    ("e^-x", 2, "exponent"),
    ("x / y", 2, "\\frac"),
    ("1 1", 2, "two numbers side by side"),
    ("x 2", 2, "a number right after a factor"),
    ("x^12", 2, "first digit"),
    ("x^y^z", 3, "two exponents"),
    ("x --y", 3, "two signs"),
    ("x \\cdot -y", 8, "a sign right after"),
    ("+ x", 0, "does not begin with '+'"),
    ("x +", 3, "ends where a term was expected"),
    ("(x", 2, "expected ')'"),
    ("x)", 1, "without its opening one"),
    ("(x]", 2, "expected ')'"),
    ("\\left( x \\right]", 15, "expected ')'"),
    ("\\left( x", 0, "\\left without its \\right"),
    ("( x \\right)", 4, "\\right without its \\left"),
    ("\\left x", 0, "bracket"),
    ("|x", 2, "expected '|'"),
    ("||x||", 4, "side by side"),
    ("{x + y} z", 0, "two ways"),
    ("{-x}", 0, "two ways"),
    ("\\frac{x}", 8, "argument"),
    ("\\frac{x}{y", 8, "never closed"),
    ("\\sqrt", 5, "argument"),
    ("\\sum x", 0, "bounds"),
    ("\\sum_{i=1} x", 0, "bounds"),
    ("\\sum_{i=1}^{n} -x", 15, "a sign right after"),
    ("\\sum_{x=1}^{n} x", 6, "another meaning"),
    ("\\sum_{2=1}^{n} x", 6, "not a letter"),
    ("\\lim x", 5, "\\lim"),
    ("u", 0, "undeclared symbol u"),
    ("\\mu", 0, "undeclared symbol \\mu"),
    ("p_i", 2, "undeclared symbol i"),
    ("x_1", 0, "undeclared symbol x_1"),
    ("g(x)", 0, "unknown function g"),
    ("f x", 0, "brackets"),
    ("f(x, y)", 0, "takes 1 argument"),
    ("H(x, y, z)", 0, "takes 1 or 2 argument"),
    ("f()", 2, "expected a term"),
    ("H'(x, y)", 0, "prime"),
    ("\\frac{d}{dx} x y", 15, "two ways"),
    ("\\frac{d^2}{dx} x", 0, "order of the derivative"),
    ("\\frac{\\partial}{\\partial u} x", 25, "undeclared symbol u"),
    ("\\unknown{x}", 0, "\\unknown is not part of the grammar"),
    ("\\begin{cases} x \\\\ y \\end{cases}", 16, "condition"),
    ("\\begin{cases} x & x > 0", 23, "ends"),
    ("x = y", 2, "unexpected '='"),
    ("x & y", 2, "unexpected '&'"),
    ("$x$", 0, "unexpected character '$'"),
    ("x²", 1, "unexpected character"),
    ("٣", 0, "unexpected character"),
    ("\\", 0, "unexpected character"),
    ("x \0 y", 2, "unexpected character"),
    ("1.", 1, "unexpected '.'"),
    ("", 0, "ends where a term was expected"),
]


@pytest.mark.parametrize(("latex", "start", "words"), REFUSED, ids=[latex or "nothing" for latex, _, _ in REFUSED])
def test_ambiguous_or_broken_formula_is_refused_with_its_place_and_reason(latex: str, start: int, words: str) -> None:
    with pytest.raises(GrammarError) as caught:
        read(latex)
    assert words in caught.value.message
    assert caught.value.start == start


def test_declared_d_makes_a_derivative_ambiguous() -> None:
    names = Names(symbols=frozenset({"d", "x"}))
    with pytest.raises(GrammarError, match="two ways"):
        parse("\\frac{d}{dx}", names)


def test_declared_e_makes_the_exponential_ambiguous() -> None:
    with pytest.raises(GrammarError, match="two ways"):
        parse("e^{x}", Names(symbols=frozenset({"e", "x"})))


def test_symbol_that_is_also_a_function_cannot_stand_before_a_bracket() -> None:
    names = Names(symbols=frozenset({"f", "x"}), functions={"f": frozenset({1})})
    assert parse("f x", names) == Product((Symbol("f"), X))
    with pytest.raises(GrammarError, match="two ways"):
        parse("f(x)", names)


def test_head_of_a_definition_with_the_same_parameter_twice_is_refused() -> None:
    with pytest.raises(GrammarError, match="twice"):
        parse_head("f(x, x)")


@settings(max_examples=300, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            [
                *"xyn12+-*/^_(){}[]|,'=&%~",
                *REFUSED[0][0],
                "\\frac",
                "\\sum",
                "\\log",
                "\\left",
                "\\right",
                "\\begin{cases}",
                "\\end{cases}",
                "\\\\",
                "\\sigma",
                "\\text{if}",
                "p_1",
                "\\partial",
                "d",
                "\\to",
                "\\lim",
                "\\sqrt",
                "\\max",
                "\\hat",
                "é",
                "\0",
            ]
        ),
        max_size=14,
    )
)
def test_any_soup_of_tokens_is_read_or_refused_in_words(pieces: list[str]) -> None:
    latex = " ".join(pieces)
    refusal = None
    try:
        tree = read(latex)
    except GrammarError as error:
        refusal = error
    if refusal is None:
        assert parse(to_latex(tree), NAMES) == tree
    else:
        assert refusal.message
        assert 0 <= refusal.start <= len(latex)


# --- hostile text ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "latex",
    [
        "(" * 1_500 + "x" + ")" * 1_500,
        "{" * 1_000_000,
        "-(" * 500 + "x" + ")" * 500,
        "\\frac{" * 500 + "x" + "}{2}" * 500,
        "\\sqrt{" * 900 + "x" + "}" * 900,
        "e^{" * 900 + "x" + "}" * 900,
        "\\hat{" * 1_300 + "x" + "}" * 1_300,
        "p_{" * 900 + "1" + "}" * 900,
        "\\sum_{i=1}^{2}" * 300 + " 1",
        "\\lim_{i \\to 0}" * 400 + " x",
        "\\frac{d}{dx}" * 450 + " x",
        "\\begin{cases}" * 1_000,
        "\\lvert " * 1_000 + "x" + "\\rvert " * 1_000,
        "\\log(" * 900 + "x" + ")" * 900,
        "1" * 100_000,
        "0." + "1" * 100_000,
        "x^{" + "9" * 5_000 + "}",
        "x" * 2_000_000,
        "\\frac{d^{99}}{dx^{99}} x",
        "\\frac{\\partial^999999999 x}{\\partial x^999999999}",
        "f" + "'" * 3_000 + "(x)",
        "\\text{" * 100_000,
    ],
    ids=lambda latex: latex[:24],
)
def test_hostile_formula_is_refused_in_words(latex: str) -> None:
    with pytest.raises(GrammarError) as caught:
        read(latex)
    assert len(caught.value.message) < 500


def test_long_but_flat_formula_is_read() -> None:
    assert isinstance(read(" + ".join(["x"] * 1_500)), Sum)
    assert isinstance(read("2" + " y" * 2_000), Product)


def test_number_of_the_grammar_is_exact() -> None:
    assert read("0.1") == Number(Fraction(1, 10))
    assert read("12345678901234567890") == Number(Fraction(12345678901234567890))
