r"""LaTeX as text, before anything is parsed: braces, environments, remarks behind a formula."""

from __future__ import annotations

import re

RELATION = re.compile("|".join([r"(?<!\\)[=<>]", r"\\(?:leq?|geq?|neq?|lt|gt|leqslant|geqslant)\b", "[≤≥≠]"]))

_BRACE_OR_RELATION = re.compile(rf"[{{}}]|{RELATION.pattern}|\\(?:approx|equiv)\b")
_BOX = re.compile(r"\\boxed\s*\{")
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{")
_STYLE = re.compile(r"\\(?:text|textrm|textit|mbox)\{(?P<words>[^{}]*)\}|\\q?quad|\\[,;: ]")
_REMARK = re.compile(
    r"(?:\\q?quad|\\[,;: ]|&|\s)*\\(?:text|textrm|textit|mbox)\{[^{}]*\}\s*$"
    r"|(?:\\q?quad\s*)+\\(?:text|textrm|textit|mbox)\{.*$",
    re.DOTALL,
)


def split_remark(text: str) -> tuple[str, str]:
    r"""Split a row into its formula and the words that stand behind it in ``\text{…}``."""
    remark = _REMARK.search(text)
    if remark is None:
        return text, ""
    return text[: remark.start()].rstrip(" .,;\n"), plain_words(remark.group().replace("&", " "))


def plain_words(latex: str) -> str:
    r"""Return words without the commands around them."""
    return " ".join(_STYLE.sub(lambda match: match["words"] or " ", latex).split())


def until_relation(text: str) -> str:
    """Return what stands before the first relation sign that is not inside of braces."""
    depth = 0
    for match in _BRACE_OR_RELATION.finditer(text):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0 and match.group() not in "{}":
            return text[: match.start()]
    return text


def without_boxes(text: str) -> str:
    r"""Blank the ``\boxed{`` and ``}`` around whole relations; every other character keeps its place."""
    for match in reversed(list(_BOX.finditer(text))):
        end = closing_brace(text, match.end())
        inside = text[match.end() : end - 1]
        if end and until_relation(inside) != inside:
            text = f"{text[: match.start()]}{' ' * len(match.group())}{inside} {text[end:]}"
    return text


def without_alignment(latex: str) -> str:
    """Strip the ``&`` at either end; those of an environment inside belong to it."""
    return latex.strip().strip("&").strip()


def top_level(text: str, mark: str) -> list[int]:
    """Return the places of a mark outside of braces, environments and ``$…$``."""
    places: list[int] = []
    if mark not in text:
        return places
    depth, position, in_dollars = 0, 0, False
    while position < len(text):
        environment = _ENVIRONMENT.match(text, position)
        if environment:
            depth += 1 if environment[1] == "begin" else -1
            position = text.find("}", position) + 1 or len(text)
            continue
        if text.startswith(mark, position) and depth == 0 and not in_dollars:
            places.append(position)
            position += len(mark)
            continue
        if text[position] == "\\":
            position += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        in_dollars ^= text[position] == "$"
        position += 1
    return places


def closing_brace(text: str, position: int) -> int:
    """Return the place after the brace that closes the one before ``position``, 0 if there is none."""
    depth = 1
    while position < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        position += 1
    return 0 if depth else position
