"""Text with ``$…$`` formulas in it for a page: as HTML, or as characters alone."""

from __future__ import annotations

from html import escape
from xml.etree import ElementTree

from math_core import LatexError

from .mathml import mathml, unset
from .text import rewrite


def inline_html(text: str) -> str:
    """Write a text as HTML, its formulas as MathML.

    Examples
    --------
    >>> inline_html("a < b")
    'a &lt; b'
    """
    return rewrite(text, words=_escaped, formula=_set)


def characters(text: str) -> str:
    r"""Write a text with the characters that its typeset formulas show.

    Examples
    --------
    >>> characters(r"less than $\sigma(x)$")
    'less than σ(x)'
    """
    return rewrite(text, words=str, formula=shown)


def shown(latex: str) -> str:
    r"""Return the characters that a typeset formula shows.

    Examples
    --------
    >>> shown(r"\sigma(x)")
    'σ(x)'
    """
    try:
        row = ElementTree.fromstring(mathml(latex, display=False)).find("./semantics/*")
    except LatexError:  # which the page warns of where the formula stands
        return latex
    characters = "" if row is None else "".join(row.itertext())
    return characters.replace("\N{FUNCTION APPLICATION}", "")


def _set(latex: str) -> str:
    try:
        return mathml(latex, display=False)
    except LatexError:
        return unset(latex)


def _escaped(words: str) -> str:
    return escape(words, quote=False)
