"""Text with ``$…$`` formulas in it as nodes of docutils."""

from __future__ import annotations

from docutils import nodes

from .text import pieces


def inline_nodes(text: str) -> list[nodes.Node]:
    """Split a text at its ``$…$`` formulas.

    Examples
    --------
    >>> [node.astext() for node in inline_nodes("because $x > 0$")]
    ['because ', 'x > 0']
    """
    return [nodes.math(piece, piece) if is_formula else nodes.Text(piece) for piece, is_formula in pieces(text)]
