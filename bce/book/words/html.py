"""Titles and reasons with ``$…$`` formulas, written as HTML or as characters alone."""

from __future__ import annotations

import re
from html import escape
from xml.etree import ElementTree

from .mathml import mathml

_FORMULA = re.compile(r"\$([^$]+)\$")


def inline_html(text: str) -> str:
    """Write a text as HTML, its formulas as MathML.

    Examples
    --------
    >>> inline_html("a < b")
    'a &lt; b'
    """
    parts = enumerate(_FORMULA.split(text))
    return "".join(mathml(part, display=False) if place % 2 else escape(part, quote=False) for place, part in parts)


def characters(text: str) -> str:
    r"""Write a text with the characters that its typeset formulas show.

    Examples
    --------
    >>> characters(r"less than $\sigma(x)$")
    'less than σ(x)'
    """
    return _FORMULA.sub(lambda match: _shown(match[1]), text)


def _shown(latex: str) -> str:
    row = ElementTree.fromstring(mathml(latex, display=False)).find("./semantics/*")
    shown = "" if row is None else "".join(row.itertext())
    return shown.replace("\N{FUNCTION APPLICATION}", "")
