r"""Marks: the comments that declare a domain for the formulas behind them, and whatever only looks like one.

A comment is read as a mark, or it is no mark to any eye, or it is a problem: none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bce.algebra.grammar.lexer import comments

from .cells import KEYS, MAGIC_LINE, Item, Problem
from .latex_text import ENVIRONMENTS, blank
from .markdown import code_blocks, inline_code, without_code

_READ = re.compile(r"\s*(?P<kind>bce(?:-all)?)\b\s*:?")
_LOOKS = re.compile(r"\bbce(?:[-_ ]?all)?\s*[:=]|^[-!%\s]*bce\b(?![\w./])(?<!BCE)", re.IGNORECASE)
#: Other comments of Markdown's dialects, a line each.
_LINE = re.compile(r"^[^\w\n]{0,12}(?:%|<!|//|/\*)[^\w\n]{0,12}bce(?:[-_ ]?all)?\s*:", re.IGNORECASE | re.MULTILINE)
_TEX_READ = re.compile(r"%[ \t]*(?P<kind>bce(?:-all)?):")
_KEY = re.compile(rf"\s*(?P<key>{'|'.join((*KEYS, 'id', 'by'))})\s*:")
_TEX_KEY = re.compile(rf"%[ \t]*(?:{'|'.join((*KEYS, 'id', 'by'))})[ \t]*:")
_VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|minted|comment)\*?\}.*?(?:\\end\{\1\*?\}|\Z)", re.DOTALL)
_NESTING = re.compile(rf"\\(?P<what>begin|end)\{{(?:{ENVIRONMENTS})\*?\}}")
_FORMULA = re.compile(r"\s*(?:\$\$|\\\[|\\begin\{)")

_SPELLING = "a mark is spelled <!-- bce: … --> in Markdown, and % bce: … on a line of its own in LaTeX"


@dataclass
class Mark:
    """A comment: what it declares, and where it stands."""

    start: int
    end: int
    for_all: bool
    header: dict[str, list[Item]] = field(default_factory=dict)
    skip: bool = False


@dataclass
class Marked:
    """A page with its marks. ``code`` is its text with comments and code blanked, in which formulas are sought."""

    code: str
    marks: list[Mark]
    problems: list[Problem]


Found = tuple[str, list[Mark], list[tuple[int, str]]]


def marked(page: Item, file: str, *, tex: bool) -> Marked:
    """Find the marks of a page, and a problem for each comment that only looks like one."""
    code, marks, wrong = _tex(page) if tex else _markdown(page)
    inside = _inside_displays(code, marks)
    wrong += [(place, "this mark stands inside of a display; a mark stands before it") for place in inside]
    problems = [Problem(file, *page.place(place), message) for place, message in sorted(wrong)]
    return Marked(code, [mark for mark in marks if mark.start not in inside], problems)


def _markdown(page: Item) -> Found:
    text = without_code(page.text, _LOOKS)
    marks: list[Mark] = []
    wrong = list(_in_code(page.text))
    code, done = [], 0
    for start, end in _comments(text):
        code += [text[done:start], blank(text[start:end])]
        done = end
        inside = text[start + 4 : end - 3]
        read = _READ.match(inside)
        if "<!--" in inside and _LOOKS.search(inside):
            wrong.append((start, "this comment is never closed: write --> at its end"))
        elif read is not None:
            group = _Lines(start, end, read["kind"], [])
            place = start + 4 + read.end()
            for line in inside[read.end() :].split("\n"):
                group.lines.append((line, place))
                place += len(line) + 1
            marks.append(_mark(page, group))
        elif _LOOKS.search(inside):
            wrong.append((start, f"this looks like a mark and is none: {_SPELLING}"))
    rest = "".join([*code, text[done:]])
    opened = rest.find("<!--", done)
    if opened >= 0 and _LOOKS.search(rest, opened):
        wrong.append((opened, "this comment is never closed: write --> at its end"))
        rest = rest[:opened] + blank(rest[opened:])
    wrong += [(line.start(), f"this looks like a mark and is none: {_SPELLING}") for line in _LINE.finditer(rest)]
    return rest, marks, wrong


def _comments(text: str) -> Iterator[tuple[int, int]]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, end + 3
        start = text.find("<!--", end + 3)


def _in_code(text: str) -> Iterator[tuple[int, str]]:
    """Yield the marks in code that are hardly meant as examples: open fences, and code right before a formula."""
    lines, starts = text.split("\n"), [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    hidden: set[int] = set()
    for block in code_blocks(lines):
        hidden.update(range(block.first, block.end))
        inside = "\n".join(lines[block.first : block.end])
        mark = _LOOKS.search(inside)
        if block.first and _LOOKS.search(block.info):
            yield starts[block.first - 1], "this mark stands in the line that opens a code block"
        if mark and not block.closed:
            yield starts[block.first] + mark.start(), "this mark stands in a code block that is never closed"
    for number, line in enumerate(lines):
        if number in hidden or "`" not in line or not _LOOKS.search(line):
            continue
        for start, end in inline_code(line):
            if _LOOKS.search(line[start:end].strip("`<!- ")) and _FORMULA.match(text, starts[number] + end):
                yield starts[number] + start, "this mark stands in code, where it is an example; take the backticks off"


def _tex(page: Item) -> Found:
    text = _VERBATIM.sub(lambda match: blank(match.group()), page.text)
    groups: list[_Lines] = []
    wrong: list[tuple[int, str]] = []
    code, done = [], 0
    for start, end in comments(text):
        between, done = text[done:start], end
        code += [between, " " * (end - start)]
        last = groups[-1] if groups else None
        follows = last is not None and last.end == start - len(between) and not between.strip() and "\n" in between
        follows = follows and between.count("\n") == 1
        read, key = _TEX_READ.match(text, start, end), _TEX_KEY.match(text, start, end)
        if read is not None and not text[text.rfind("\n", 0, start) + 1 : start].strip():
            if last is None or not follows or last.kind != read["kind"]:
                groups.append(last := _Lines(start, end, read["kind"], []))
            last.add(text, read.end(), end)
        elif key is not None and last is not None and follows:
            last.add(text, start + 1, end)
        elif _LOOKS.search(text[start + 1 : end].strip()):
            wrong.append((start, f"this looks like a mark and is none: {_SPELLING}"))
        elif MAGIC_LINE.match(text, start):
            wrong.append((start, "a cell is read in Markdown and in notebooks; mark a formula of LaTeX with % bce: …"))
    marks = [_mark(page, group) for group in groups]
    return "".join([*code, text[done:]]), marks, wrong


@dataclass
class _Lines:
    """The lines of a mark, each with its place."""

    start: int
    end: int
    kind: str
    lines: list[tuple[str, int]]

    def add(self, text: str, start: int, end: int) -> None:
        self.lines.append((text[start:end], start))
        self.end = end


def _mark(page: Item, group: _Lines) -> Mark:
    mark = Mark(group.start, group.end, group.kind != "bce")
    for text, start in group.lines:
        key = _KEY.match(text)
        value = text[key.end() :] if key else text
        if not key and value.strip() == "skip":
            mark.skip = True
        elif value.strip():
            start += (key.end() if key else 0) + len(value) - len(value.lstrip())
            mark.header.setdefault(key["key"] if key else "given", []).append(Item(value.strip(), *page.place(start)))
    return mark


def _inside_displays(code: str, marks: list[Mark]) -> set[int]:
    """Return where the marks stand that are inside of an environment, where they can mark nothing."""
    depth, inside = 0, set()
    events = [(match.start(), 1 if match["what"] == "begin" else -1) for match in _NESTING.finditer(code)]
    events += [(mark.start, 0) for mark in marks]
    for place, step in sorted(events):
        depth = max(0, depth + step)
        if step == 0 and depth:
            inside.add(place)
    return inside
