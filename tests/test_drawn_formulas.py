r"""What is drawn is what was parsed: the MathML of a page, read as a person reads it, gives the author's tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from docutils import nodes
from hypothesis import given, settings
from mathml_reader import UnreadableDrawing, visible_latex
from strategies import WRITTEN, written_trees
from trial_book import PROJECT

from bce.algebra.domain import names_of
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Expression
from bce.algebra.grammar.lexer import ACCENTS, GREEK, SYNONYMS
from bce.algebra.grammar.read import parse, parse_chain, parse_head, parse_relation
from bce.algebra.latex import to_latex
from bce.algebra.names import Names
from bce.book.words.mathml import visit_math
from bce.reading.catalogue import Catalogue
from bce.reading.derivation import Derivation

NAMES = Names(
    symbols=frozenset("x y z n p_T q_{12} \\hat{y} \\alpha \\epsilon \\Gamma \\mathbf{w}".split()),
    families=frozenset({"p", "q"}),
    functions={
        "\\sigma": frozenset({1}),
        "f": frozenset({1}),
        "H": frozenset({1, 2}),
        "\\mathrm{KL}": frozenset({2}),
        "\\mathrm{softplus}": frozenset({1}),
        "\\mathrm{log1p}": frozenset({1}),
        "\\mathrm{expm1}": frozenset({1}),
        "\\tanh": frozenset({1}),
    },
    prime="x",
)


def draw(latex: str, *, display: bool = True) -> str:
    """Return what the page shows for a formula, the way that it is put there."""
    page = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        visit_math(page, nodes.math("", latex, display=display))
    return "".join(page.body)


def seen(latex: str, names: Names, *, display: bool = True) -> str:
    return visible_latex(draw(latex, display=display), names)


# --- the book -------------------------------------------------------------------------


@cache
def book() -> Catalogue:
    return Catalogue.of_book(PROJECT)


def names_in(derivation: Derivation) -> Names:
    names = names_of(derivation.domain, derivation.helpers, derivation.functions)
    if derivation.kind == "derivation":
        return names
    function, parameters = parse_head(derivation.head)
    return replace(names, functions={function: frozenset({len(parameters)}), **names.functions})


def formulas(derivation: Derivation) -> Iterator[tuple[str, Expression]]:
    """Yield the formulas of all rows with their trees, each once; the head of a definition has none."""
    sides = [(row.right_latex, row.relation.right) for row in derivation.rows]
    if derivation.kind == "derivation":
        sides += [(row.left_latex, row.relation.left) for row in derivation.rows]
    yield from dict(sides).items()


DERIVATIONS = list(book().derivations())
by_derivation = pytest.mark.parametrize("derivation", DERIVATIONS, ids=lambda derivation: derivation.id)


def test_no_formula_of_the_book_is_left_out() -> None:
    assert not book().problems
    assert [derivation.id for derivation in DERIVATIONS] == list(book().cells)
    assert sum(len(list(formulas(derivation))) for derivation in DERIVATIONS) > 500


@by_derivation
def test_every_formula_of_the_book_is_drawn_as_it_was_parsed(derivation: Derivation) -> None:
    names = names_in(derivation)
    for latex, tree in formulas(derivation):
        assert parse(seen(latex, names), names) == tree, latex


@by_derivation
def test_every_relation_of_the_book_is_drawn_as_it_was_parsed(derivation: Derivation) -> None:
    for row in derivation.rows:
        sign = seen(row.relation.operator, NAMES, display=False)
        assert parse_relation(f"x {sign} y", NAMES).operator == row.relation.operator


@pytest.mark.parametrize(
    "definition", [d for d in DERIVATIONS if d.kind == "definition"], ids=lambda definition: definition.id
)
def test_every_definition_of_the_book_is_drawn_as_it_was_parsed(definition: Derivation) -> None:
    names = names_in(definition)
    (row,) = definition.rows
    left, _, right = seen(f"{row.left_latex} {row.relation.operator} {row.right_latex}", names).partition("=")
    assert parse_head(left) == parse_head(row.left_latex)
    assert parse(right, names) == row.relation.right


@by_derivation
def test_every_named_quantity_of_the_book_is_drawn_as_it_was_parsed(derivation: Derivation) -> None:
    names = replace(names_in(derivation), undeclared=True)
    for item in derivation.where:
        drawn = parse_chain(seen(item, names, display=False), names)
        written = parse_chain(item, names)
        assert drawn[0] == written[0]
        assert [(link.operator, link.right) for link in drawn[1]] == [
            (link.operator, link.right) for link in written[1]
        ]


@by_derivation
def test_no_two_names_of_a_derivation_look_the_same(derivation: Derivation) -> None:
    names = names_in(derivation)
    declared = {*names.symbols, *names.families, *names.functions}
    assert len({seen(name, Names()).replace("\\text{", "\\mathrm{") for name in declared}) == len(declared)


# --- the whole grammar ----------------------------------------------------------------

FORMULAS = r"""
    -x^2 ; (-x)^2 ; (x)^{2} y ; 2x y^2 z ; x - y + z ; x - (y - z) ; x^{y^z} ; (x^y)^z ; x^{-1} ; x^{\frac{1}{2}}
    0.25 x
    2 \cdot 3 ; 2 \times x ; 2 * x ; x \cdot (y + z) ; x \left(y + z\right) ; 2 [x + y] z ; \{x + y\} z
    \bigl(x + y\bigr)^2 ; \Bigl( \frac{x}{y} \Bigr)^2 ; \left( \frac{x}{y} \right)^2
    \left[ \frac{x}{y} \right]^{n-1}
    \frac{x}{y} ; \frac{x}{y}^2 ; \frac{x^2}{y^2} ; \dfrac{1}{2} x ; \tfrac{1}{2} x ; \frac12 ; \frac1{23}
    \frac{1}{1+\frac{1}{x}}
    e^{-x} e^x ; e^{-\frac{x}{2}} ; \exp(x) ; \exp\left(-x\right) ; \mathrm{e}^{x} ; \exp x^2 ; (\exp x)^2
    \log x ; x\log y ; \log x^2 ; (\log x)^2 ; \log(x) + y ; \log\left(1 + e^{-x}\right) ; \log\frac{x}{y} ; \ln x
    \log{x}
    \log_2 x ; \log_{10}(x) ; \log_2\left(\frac{x}{y}\right) ; \log_{2} 3 ; \mathrm{log}(x) ; \operatorname{log}(x)
    \sigma(-x) ; \sigma'(x) ; f''(x) ; f'''(x) ; f''''(x) ; f^{\prime}(x) ; f^{\prime\prime}(x) ; f^\prime(x)^2
    \sigma{(x)} y
    (x y)' ; (x^2)'' ; (x y)'^2 ; H(p, q) ; H(p \| q) ; \mathrm{KL}(p, q) ; \mathrm{KL}\left(p \| q\right)
    \operatorname{softplus}(-x) ; \operatorname{log1p}(x) ; \mathrm{expm1}(x) ; \mathrm{log1p}(x)
    \mathrm{softplus}(x) ; \text{softplus}(x) ; \tanh(x) ; \tanh\left(\frac{x}{2}\right)
    p_1 ; p_n ; p_{n-1} ; p_1 q_{n-1} ; p_1^2 ; p^{(n)} ; p_T ; q_{12} ; q_{12}^2 ; \hat{y} ; \hat{y}^2 ; \hat y x
    \alpha\epsilon\Gamma
    \mathbf{w} x ; |x| y ; |x - y|^2 ; -|x| ; e^{-|x|} ; \lvert x \rvert ; \left|x\right| ; \left|\frac{x}{y}\right| z
    \left\lvert x - \left\lvert y \right\rvert \right\rvert ; \lvert x - \lvert y \rvert \rvert
    \lvert x\rvert\lvert y\rvert
    |x| + |y| ; (|x| + |y|) ; \vert x \vert ; \max(x, 0) ; \min(x, y, 0) - x ; \max\left(\frac{x}{2}, 0\right)
    \max\{x, y\}
    \sqrt{x} ; \sqrt{x + 1} y ; \sqrt2 x ; \sqrt[3]{x} ; \sqrt[n]{x + y} ; \sqrt{\frac{x}{y}}^3
    \sum_{i=1}^{n} p_i x ; \sum_{i=1}^{n} x + y ; \sum_{i=1}^{n} (x + y) ; \left(\sum_{i=1}^{n} p_i\right)^2
    \sum^n_{i=1} p_i
    \sum\limits_{i=1}^{n} p_i ; \sum\nolimits_{i=1}^{n} p_i ; x \sum_{i=1}^{n} \sum_{j=1}^{n} p_i q_j
    \prod_{i=1}^n p_i
    \sum_{i=1}^{n} p_i \log \frac{p_i}{q_i} ; \prod_{j=n-1}^{n+1} p_j^2
    \frac{d}{dx} \log x ; \frac{d}{dx} x^2 + y ; \frac{d}{dx} (x^2 + y) ; \frac{\partial f(x)}{\partial x}
    \frac{d f(x)}{dx}
    \frac{\partial^2}{\partial x \partial y} (x y) ; \frac{d^{2}}{dx^{2}} (x)
    \frac{\partial}{\partial p_1} \left(p_1\right)
    \frac{\mathrm{d}}{\mathrm{d}x} x ; \frac{\partial^2 x}{\partial x^2}
    \frac{\partial}{\partial \hat{y}} \log \hat{y}
    \lim_{t \to 0} x^t ; \lim_{t \to \infty} e^{-t} ; \lim_{t \to 0^+} \log t ; \lim_{t \to -\infty} t ; \infty
    -\infty
    \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}
    2 \begin{cases} x & \text{if } x > 0, \\ 0 & \text{otherwise}. \end{cases}
    \begin{cases} \frac{x}{y} & x \ne y \\ \begin{cases} 1 & x = 0 \\ 2 & y > 0 \end{cases} & x \le y \end{cases}
    x\,y\;z\!x~y\ z ; x−y ; x · y × z ; σ(x) ; x % a remark
"""


@pytest.mark.parametrize("display", [True, False], ids=["display", "inline"])
@pytest.mark.parametrize("latex", re.split(r"\s+;\s+|\s*\n\s*", FORMULAS.strip()))
def test_every_construction_is_drawn_as_it_was_parsed(latex: str, display: bool) -> None:
    assert parse(seen(latex, NAMES, display=display), NAMES) == parse(latex, NAMES)


def test_every_letter_is_drawn_as_itself() -> None:
    letters = sorted(GREEK - {"\\tanh", "\\sinh", "\\cosh"})
    styled = [f"\\{style}{{x}}" for style in ("mathrm", "mathbf", "mathsf", "mathcal", "mathbb", "boldsymbol")]
    accented = [f"{accent}{{x}}" for accent in sorted(ACCENTS - {"\\widetilde"})]
    for name in [*letters, *styled, *accented, "\\ell", *"abcdfxyzABCDEXYZ"]:
        names = Names(symbols=frozenset({name}))
        assert parse(seen(f"2 {name}^2", names), names) == parse(f"2 {name}^2", names)


@pytest.mark.parametrize(
    ("letter", "command"),
    [(letter, command) for letter, command in SYNONYMS.items() if command in GREEK],
)
def test_a_greek_letter_typed_as_itself_is_drawn_as_it_was_parsed(letter: str, command: str) -> None:
    names = Names(symbols=frozenset({command}))
    assert parse(seen(f"2 {letter}", names), names) == parse(f"2 {letter}", names)


@settings(max_examples=300, derandomize=True)
@given(written_trees(8))
def test_every_tree_survives_being_written_and_drawn(tree: Expression) -> None:
    for display in (True, False):
        assert parse(seen(to_latex(tree), WRITTEN, display=display), WRITTEN) == tree


# --- what the reader has to notice ----------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "altered"),
    [
        ("x - y", "x + y"),
        ("x - y", "-x - y"),
        ("e^{-x}", "e^{x}"),
        ("\\log x", "-\\log x"),
        ("\\frac{x}{y}", "\\frac{y}{x}"),
        ("\\log \\frac{1}{1 + e^{-x}}", "\\log \\frac{1 + e^{-x}}{1}"),
        ("\\frac{1}{1 + x}", "\\frac{1}{1} + x"),
        ("x^2 y", "x y^2"),
        ("(x y)^2", "x y^2"),
        ("(-x)^2", "-x^2"),
        ("x^{y^2}", "(x^y)^2"),
        ("\\log x^2", "(\\log x)^2"),
        ("x^2", "2 x"),
        ("p_1^2", "p_2^1"),
        ("p_{n-1}", "p_n - 1"),
        ("q_{12}", "q_1 \\cdot 2"),
        ("x (y + z)", "x y + z"),
        ("x - (y - z)", "x - y - z"),
        ("\\log(x + y)", "\\log x + y"),
        ("\\log_2 x", "\\log 2 + x"),
        ("\\log_2 x", "\\log x"),
        ("\\sigma'(x)", "\\sigma(x)"),
        ("f''(x)", "f'(x)"),
        ("H(p, q)", "H(q, p)"),
        ("|x|", "(x)"),
        ("|x - y|", "|x| - y"),
        ("\\max(x, 0)", "\\min(x, 0)"),
        ("\\sqrt{x + y}", "\\sqrt{x} + y"),
        ("\\sqrt[3]{x}", "3 \\sqrt{x}"),
        ("\\sum_{i=1}^{n} p_i", "\\prod_{i=1}^{n} p_i"),
        ("\\sum_{i=1}^{n} p_i", "\\sum_{i=n}^{1} p_i"),
        ("\\sum_{i=1}^{n} (p_i + x)", "\\sum_{i=1}^{n} p_i + x"),
        ("\\frac{d}{dx} \\log y", "\\frac{d}{dy} \\log y"),
        ("\\frac{d}{dx} (x + y)", "\\frac{d}{dx} x + y"),
        ("\\lim_{t \\to 0^+} \\log t", "\\lim_{t \\to 0} \\log t"),
        ("\\begin{cases} x & x > 0 \\\\ y & x<0 \\end{cases}", "\\begin{cases} x & x > 0 \\\\ y & y<0 \\end{cases}"),
        ("\\begin{cases} x & x > 0 \\\\ y & x<0 \\end{cases}", "\\begin{cases} y & x > 0 \\\\ x & x<0 \\end{cases}"),
        ("x", "y"),
        ("2 x", "3 x"),
        ("\\alpha x", "\\epsilon x"),
    ],
)  # fmt: skip
def test_another_formula_is_read_as_another_tree(latex: str, altered: str) -> None:
    drawn = parse(seen(altered, NAMES), NAMES)
    assert drawn == parse(altered, NAMES)
    assert drawn != parse(latex, NAMES)


def _turn(fraction: Element) -> None:
    fraction[:] = reversed(fraction)


def _put_on_the_line(power: Element) -> None:
    power.tag = "mrow"


def _flip(sign: Element) -> None:
    sign.text = {"+": "−", "−": "+", "<": ">", ">": "<"}[sign.text]


def _increase(number: Element) -> None:
    number.text = f"{number.text}1"


ALTERATIONS: dict[str, tuple[Callable[[Element], bool], Callable[[Element], None]]] = {
    "sign flipped": (lambda e: e.tag == "mo" and e.text in ("+", "−", "<", ">"), _flip),
    "fraction turned": (lambda e: e.tag == "mfrac" and drawn_alike(e[0]) != drawn_alike(e[1]), _turn),
    "exponent on the line": (lambda e: e.tag == "msup" and not set(e[1].itertext()) & {*"′″"}, _put_on_the_line),
    "number changed": (lambda e: e.tag == "mn", _increase),
}


def drawn_alike(element: Element) -> bytes:
    return ElementTree.tostring(element)


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_no_alteration_of_a_drawing_of_the_book_stays_unnoticed(alteration: str) -> None:
    applies, alter = ALTERATIONS[alteration]
    other_trees = 0
    for derivation in DERIVATIONS:
        names = names_in(derivation)
        for latex, tree in formulas(derivation):
            markup = draw(latex)
            places = [place for place, element in enumerate(ElementTree.fromstring(markup).iter()) if applies(element)]
            for place in places:
                drawing = ElementTree.fromstring(markup)
                alter(list(drawing.iter())[place])
                try:
                    found = parse(visible_latex(ElementTree.tostring(drawing, encoding="unicode"), names), names)
                except (GrammarError, UnreadableDrawing):
                    continue
                assert found != tree, f"{derivation.id}: {latex}"
                other_trees += 1
    assert other_trees >= 10


def test_annotation_is_not_read() -> None:
    markup = draw("x - y").replace(">x - y<", ">x + y<")
    assert "x + y" in markup
    assert parse(visible_latex(markup, NAMES), NAMES) == parse("x - y", NAMES)


@pytest.mark.parametrize(
    "markup",
    [
        "<math><mphantom><mi>x</mi></mphantom></math>",
        "<math><mfrac linethickness='0'><mi>n</mi><mn>2</mn></mfrac></math>",
        "<math><mover><mi>x</mi><mi>y</mi></mover></math>",
        "<math><munder><mi>x</mi><mi>y</mi></munder></math>",
        "<math><mi>ж</mi></math>",
        "<math><mn>1,5</mn></math>",
        "<code>x</code>",
    ],
)
def test_drawing_of_no_formula_is_refused(markup: str) -> None:
    with pytest.raises(UnreadableDrawing):
        visible_latex(markup, NAMES)


# --- braces do not print --------------------------------------------------------------

# The grammar may refuse such a formula, or read it as it looks; it may not read what the braces alone say.
GROUPED_BY_BRACES = [
    "2{3}",
    "x{2}",
    "\\exp{x}^2",
    "\\exp{x}'",
    "\\log{x}'",
    "{\\log x}^2",
    "{\\log x} y",
    "{\\log(x)}^2",
    "{\\max(x, y)}^2",
    "\\log{\\log x}",
    "\\log{\\exp x}",
    "\\log{\\sum_{i=1}^{n} p_i}",
    "{\\sum_{i=1}^{n} p_i} x",
    "{\\frac{d}{dx} x} y",
    "{x^y}^2",
    "{x^2}'",
    "y^{{(n)}}",
]


@pytest.mark.parametrize("latex", GROUPED_BY_BRACES)
def test_braces_that_do_not_print_decide_nothing(latex: str) -> None:
    try:
        tree = parse(latex, NAMES)
    except GrammarError:
        return
    assert parse(seen(latex, NAMES), NAMES) == tree
