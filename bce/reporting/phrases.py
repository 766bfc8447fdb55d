r"""What a report says in words. A text for a page has its formulas as ``$…$``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .report import Report, StepReport

_WORDS_AT_END = re.compile(
    r"^(?P<symbols>.*?)\s+(?P<words>(?:(?:real|complex|rational|integer|natural|positive|negative|nonnegative|"
    r"non-negative|nonzero|numbers?|variables?)\s*)+)$"
)
_MEMBERSHIP = re.compile(r"^(?P<symbols>.*?)\s+in\s+(?P<set>.+)$")
_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}


def conditions(report: Report) -> str:
    r"""Say for what a definition or a derivation is claimed, as a text for a page.

    Examples
    --------
    >>> conditions({"given": ["x real", "0 <= z <= 1"], "where": ["h = x z"]})
    'For $x$ real, $0 \\le z \\le 1$; where $h = x z$:'
    >>> conditions({"given": [], "where": ["h = 2"]})
    'Where $h = 2$:'
    >>> conditions({"given": [], "where": []})
    ''
    """
    parts = []
    if report["given"]:
        parts.append("for " + ", ".join(map(condition, report["given"])))
    if report["where"]:
        parts.append("where " + ", ".join(f"${helper}$" for helper in report["where"]))
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}:" if text else ""


def condition(declared: str) -> str:
    r"""Write one declared condition as a text for a page.

    Examples
    --------
    >>> condition("x real")
    '$x$ real'
    >>> condition("y in {0, 1}")
    '$y \\in \\{0, 1\\}$'
    >>> condition("0 <= z <= 1")
    '$0 \\le z \\le 1$'
    """
    declared = declared.strip()
    if "$" in declared:
        return declared
    if match := _WORDS_AT_END.match(declared):
        return f"${match['symbols']}$ {match['words']}"
    if match := _MEMBERSHIP.match(declared):
        members = re.sub(r"(?<!\\)([{}])", r"\\\1", match["set"])
        return rf"${match['symbols']} \in {members}$"
    for sign, command in _SIGNS.items():
        declared = declared.replace(sign, command)
    return f"${declared}$"


def claim(step: StepReport) -> str:
    """Return the relation that a step claims, in the author's LaTeX, on one line."""
    return " ".join(f"{step['left']} {step['relation']} {step['right']}".split())


def counterexample(point: Mapping[str, object], values: Sequence[str], claimed: str = "", formula: str = "{}") -> str:
    """Say where a claim fails, and what both sides are there.

    Parameters
    ----------
    point : mapping of str to number or str
        The value of each name; empty if there is none to choose.
    values : sequence of two str
        The left side and the right side.
    claimed : str
        The claim, if it is to stand before the place.
    formula : str
        How a formula is written, ``"${}$"`` for a page.

    Examples
    --------
    >>> counterexample({"x": "1", "y": "1/2"}, ["4", "2"], claimed="x^2 = x")
    'x^2 = x at x = 1, y = 1/2: the left side is 4, the right side is 2'
    >>> counterexample({}, ["1", "2"])
    'the left side is 1, the right side is 2'
    """
    place = ", ".join(formula.format(f"{name} = {value}") for name, value in point.items())
    head = " ".join(filter(None, [claimed, place and f"at {place}"]))
    left, right = values
    return f"{head}{head and ': '}the left side is {left}, the right side is {right}"
