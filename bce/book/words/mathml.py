"""Formulas as MathML Core, set while the book builds: no JavaScript, no fonts from elsewhere.

A formula that cannot be set is a warning that names its file and line, so a strict build fails.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from xml.etree import ElementTree

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

RENDERER = "mathml"

_BIG = "1.2em"
_BRACKETS = set("()[]{}|‖⌊⌋⌈⌉⟨⟩")
_TALL = {"mfrac", "munder", "mover", "munderover", "mtable", "msqrt", "mroot"}

logger = logging.getLogger(__name__)


@cache
def mathml(latex: str, *, display: bool) -> str:
    """Set one formula.

    Parameters
    ----------
    latex : str
        The formula as its author wrote it, without delimiters. It is kept as an annotation.
    display : bool
        Set it on a line of its own, with large operators and fractions.

    Returns
    -------
    str
        A ``<math>`` element.

    Raises
    ------
    math_core.LatexError
        If the formula cannot be set; the message says what is wrong and where.

    Examples
    --------
    >>> mathml("x < 1", display=False)[:36]
    '<math><semantics><mrow><mi>x</mi><mo'
    """
    return _tidy(_converter().convert_with_local_state(latex.strip(), displaystyle=display))


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(annotation=True, fancy_error=False)


def _tidy(markup: str) -> str:
    r"""Draw brackets as TeX does: Chromium gives every bracket that can grow the width of its largest size.

    Brackets around something that is not tall do not have to grow, and ``\big`` ones are enlarged instead.
    """
    root = ElementTree.fromstring(markup.replace("&ApplyFunction;", "\N{FUNCTION APPLICATION}"))
    for row in root.iter("mrow"):
        if len(row) > 1 and _can_grow(row[0]) and _can_grow(row[-1]) and not _is_tall(row):
            row[0].set("stretchy", "false")
            row[-1].set("stretchy", "false")
    for operator in root.iter("mo"):
        if operator.get("minsize") == _BIG:
            operator.attrib = {"stretchy": "false", "mathsize": _BIG}
    # A page that forbids inline styles would ignore them; book.css knows these classes.
    for element in root.iter():
        if style := element.attrib.pop("style", None):
            declarations = [declaration.strip() for declaration in style.split(";")]
            element.set("class", " ".join(re.sub(r"\W+", "-", declaration) for declaration in declarations).strip())
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def _can_grow(element: ElementTree.Element) -> bool:
    has_fixed_size = "stretchy" in element.attrib or "minsize" in element.attrib
    return element.tag == "mo" and element.text in _BRACKETS and not has_fixed_size


def _is_tall(row: ElementTree.Element) -> bool:
    return any(element.tag in _TALL for element in row.iter())


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula inside a line of text; a step's formula is set large, but starts where its line starts."""
    markup = _formula(node, display=node.get("display", False))
    translator.body.append(markup.replace('<math display="block">', '<math displaystyle="true">', 1))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number and permalink if it is labelled."""
    # Furo wraps the block in a container that carries the same ids; an id stands once on a page.
    ids = [] if node.parent["ids"] == node["ids"] else node["ids"]
    translator.body.append(translator.starttag({"ids": ids, "classes": node["classes"]}, "div", CLASS="math"))
    translator.body.append(f'<div class="formula">{_formula(node, display=True)}</div>')
    if node.get("number"):
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _formula(node: nodes.Element, *, display: bool) -> str:
    latex = node.astext()
    try:
        return mathml(latex, display=display)
    except LatexError as error:
        logger.warning("this formula cannot be set: %s: %s", error, latex, location=node, type="bce", subtype="math")
        return unset(latex)


def unset(latex: str) -> str:
    """Return what stands in the place of a formula that cannot be set."""
    return f'<code class="unset-formula">{escape(latex)}</code>'


def setup(app: Sphinx) -> None:
    """Make this the renderer that ``html_math_renderer: mathml`` names."""
    app.add_html_math_renderer(RENDERER, inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None))
