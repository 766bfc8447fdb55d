"""Short texts of a derivation's header and reasons as docutils nodes: words, formulas, conditions."""

from __future__ import annotations

import re

from docutils import nodes

_FORMULA = re.compile(r"\$([^$]+)\$")
_WORDS_AT_END = re.compile(
    r"^(?P<symbols>.*?)\s+(?P<words>(?:(?:real|complex|rational|integer|natural|positive|negative|nonnegative|"
    r"non-negative|nonzero|numbers?|variables?)\s*)+)$"
)
_MEMBERSHIP = re.compile(r"^(?P<symbols>.*?)\s+in\s+(?P<set>.+)$")
_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}


def inline_nodes(text: str) -> list[nodes.Node]:
    """Split a text at its ``$…$`` formulas.

    Examples
    --------
    >>> [node.astext() for node in inline_nodes("because $x > 0$")]
    ['because ', 'x > 0']
    """
    parts = _FORMULA.split(text)
    return [nodes.math(part, part) if position % 2 else nodes.Text(part) for position, part in enumerate(parts) if part]


def plain_text(text: str) -> str:
    """Take the dollar signs off, for places that can only hold characters."""
    return _FORMULA.sub(r"\1", text)


def condition_text(condition: str) -> str:
    r"""Write one declared condition as a text with ``$…$`` formulas.

    Examples
    --------
    >>> condition_text("x real")
    '$x$ real'
    >>> condition_text("y in {0, 1}")
    '$y \\in \\{0, 1\\}$'
    >>> condition_text("0 <= z <= 1")
    '$0 \\le z \\le 1$'
    """
    condition = condition.strip()
    if "$" in condition:
        return condition
    if match := _WORDS_AT_END.match(condition):
        return f"${match['symbols']}$ {match['words']}"
    if match := _MEMBERSHIP.match(condition):
        members = re.sub(r"(?<!\\)([{}])", r"\\\1", match["set"])
        return rf"${match['symbols']} \in {members}$"
    for sign, command in _SIGNS.items():
        condition = condition.replace(sign, command)
    return f"${condition}$"
