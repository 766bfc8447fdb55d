"""Markdown as lines: which of them are code, and which are the formulas and comments of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .latex_text import blank

_LIST = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+")
_CELL = re.compile(r"\{code(?:-cell)?\}|(?:i?python3?|bce)\b")
_MATH = re.compile(r"\{math\}|math\b")
#: Directives that hold code; what stands in any other is a part of the page.
_CODE_DIRECTIVE = re.compile(r"\{(?:code|source|literal|parsed-literal|raw|eval-rst|highlight|verbatim|mermaid)")
_TICKS = re.compile(r"`+")


@dataclass(frozen=True)
class Block:
    """A fence with code: its first line and the line behind its last, counted from 0, without the fences.

    ``cell`` tells that it is executed, ``apart`` that it stands in nothing else, such as a list.
    """

    info: str
    first: int
    end: int
    cell: bool
    apart: bool
    closed: bool


def code_blocks(lines: list[str]) -> list[Block]:
    """Return the fences of a page that hold code; the contents of other directives are searched."""
    found: list[Block] = []
    around: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if around and _closes(line, around[-1]):
            around.pop()
            continue
        fence, info = _fence(line)
        if not fence:
            continue
        if info.startswith("{") and not _MATH.match(info) and not _CELL.match(info) and not _CODE_DIRECTIVE.match(info):
            around.append(fence)
            continue
        first = position
        while position < len(lines) and not _closes(lines[position], fence):
            position += 1
        if not _MATH.match(info):
            apart = not around and len(line) - len(line.lstrip(" ")) < 4 and line.lstrip(" ").startswith(fence)
            found.append(Block(info, first, position, bool(_CELL.match(info)), apart, position < len(lines)))
        position += 1
    return found


def _fence(line: str) -> tuple[str, str]:
    """Return the fence that a line opens and what stands behind it; "" for any other line."""
    rest = line.lstrip(" \t>")
    item = _LIST.match(rest)
    rest = rest[item.end() :] if item else rest
    sign = rest[:1]
    if not rest.startswith(("```", "~~~")):
        return "", ""
    info = rest.lstrip(sign)
    fence = rest[: len(rest) - len(info)]
    return ("", "") if sign == "`" and "`" in info else (fence, info.strip())


def _closes(line: str, fence: str) -> bool:
    rest = line.strip(" \t>")
    return rest.startswith(fence) and not rest.strip(fence[0])


def without_code(text: str, keep: re.Pattern[str]) -> str:
    """Blank the code of a page, and the signs of its quotations; every other character keeps its place.

    Parameters
    ----------
    text : str
        Markdown.
    keep : Pattern
        What a quotation has to hold so that its signs are taken off.
    """
    lines = text.split("\n")
    for block in code_blocks(lines):
        for number in range(max(block.first - 1, 0), min(block.end + 1, len(lines))):
            lines[number] = blank(lines[number])
    lines = [_without_inline_code(line) if "`" in line else line for line in lines]
    for first, end in _quotations(lines):
        if keep.search("\n".join(lines[first:end])):
            lines[first:end] = [_unquoted(line) for line in lines[first:end]]
    return "\n".join(lines)


def inline_code(line: str) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of code in a line begin and end, with their backticks."""
    runs = list(_TICKS.finditer(line))
    by_length: dict[int, list[int]] = {}
    for number, run in enumerate(runs):
        by_length.setdefault(len(run.group()), []).append(number)
    number = 0
    while number < len(runs):
        same = by_length[len(runs[number].group())]
        while same and same[0] <= number:
            same.pop(0)
        if same and not _MATH.match(line[runs[number].end() :]):
            yield runs[number].start(), runs[same[0]].end()
            number = same[0]
        number += 1


def _without_inline_code(line: str) -> str:
    pieces, done = [], 0
    for start, end in inline_code(line):
        pieces += [line[done:start], " " * (end - start)]
        done = end
    return "".join([*pieces, line[done:]])


def _quotations(lines: list[str]) -> Iterator[tuple[int, int]]:
    first = None
    for number, line in enumerate([*lines, ""]):
        quoted = line.lstrip(" ").startswith(">")
        if quoted and first is None:
            first = number
        elif not quoted and first is not None:
            yield first, number
            first = None


def _unquoted(line: str) -> str:
    rest = line.lstrip(" >")
    return " " * (len(line) - len(rest)) + rest
