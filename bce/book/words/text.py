"""Titles, reasons and conditions: text with ``$…$`` formulas in it. Neither Jupyter nor Sphinx is needed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_FORMULA = re.compile(r"\$([^$]+)\$")


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text at its formulas; yield each piece, and whether it is a formula.

    Examples
    --------
    >>> list(pieces("because $x > 0$"))
    [('because ', False), ('x > 0', True)]
    """
    for position, piece in enumerate(_FORMULA.split(text)):
        if piece:
            yield piece, position % 2 == 1


def rewrite(text: str, words: Callable[[str], str], formula: Callable[[str], str]) -> str:
    """Write the words of a text in one way and its formulas in another.

    Examples
    --------
    >>> rewrite("because $x > 0$", words=str.upper, formula="<{}>".format)
    'BECAUSE <x > 0>'
    """
    return "".join(formula(piece) if is_formula else words(piece) for piece, is_formula in pieces(text))


def plain_text(text: str) -> str:
    """Take the dollar signs off, for places that can only hold characters."""
    return "".join(piece for piece, _ in pieces(text))
