r"""Whole displays of other people's notes, drawn as TeX sets them and read back, line by line.

What a person sees on the paper are lines; in each line formulas, with words, wide gaps and columns between them. A gap
or a word parts two statements. A statement is a left side with the relations that go on from it, over several lines
where a line has no left side of its own. Nothing printed is left out: it is a formula of a statement, a word, a final
punctuation mark or an equation number, or else the reader refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from math_core import LatexToMathML
from mathml_reader import Gap, Words, lines_on_paper

from bce.algebra.expression import Expression
from bce.algebra.grammar.read import parse_chain
from bce.algebra.names import Names

#: Environments by the one that draws the same lines without numbers.
_DRAWN_AS = {
    **dict.fromkeys(("align", "align*", "alignat", "alignat*", "flalign", "flalign*"), "align*"),
    **dict.fromkeys(("aligned", "split"), "aligned"),
    **dict.fromkeys(("gather", "gather*"), "gather*"),
    **dict.fromkeys(("multline", "multline*"), "gather*"),
    **dict.fromkeys(("eqnarray", "eqnarray*"), "array"),
    "gathered": "gathered",
}
_PLAIN = ("equation", "equation*", "displaymath", "math")
_DISPLAYS = "|".join(re.escape(name) for name in (*_DRAWN_AS, *_PLAIN))
_MARK = re.compile(
    r"<!--\s*bce\b.*?-->|^[ \t\N{ZERO WIDTH NO-BREAK SPACE}]*%+[ \t]*bce\b[^\n]*$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_DISPLAY = re.compile(
    r"\$\$(?P<dollars>.*?)\$\$|\\\[(?P<bracket>.*?)\\\]|^```(?:\{math\}|math)\n(?P<fence>.*?)^```"
    rf"|(?P<environment>\\begin\{{(?P<name>{_DISPLAYS})\}}.*?\\end\{{(?P=name)\}})",
    re.DOTALL | re.MULTILINE,
)
_ENVIRONMENT = re.compile(rf"\\(?P<end>begin|end)\{{(?P<name>{_DISPLAYS})\}}(?P<columns>\{{\d*\}})?")
#: What prints nothing, or an equation number; math-core takes it in numbered environments only.
_UNPRINTED = re.compile(r"\\(?:label|tag\*?)\{[^{}]*\}|\\(?:nonumber|notag)\b|(?<!\\)%[^\n]*\n?")
_BREAK = re.compile(r"\\\\\s*(?:\*|\[[^\]\n]*\])?")
_RELATION = re.compile(r"=|<|>|\\(?:le|ge|ne)(?![a-z])")
_SIGN = re.compile(r"[-+]|\\(?:cdot|times)(?![a-zA-Z])")
_GOES_ON = re.compile(rf"{_RELATION.pattern}|{_SIGN.pattern}|[*/)\],.;^_']|\\\}}|\\rvert")
_UNFINISHED = re.compile(rf"(?:{_RELATION.pattern}|[-+*/]|\\cdot|\\times)$")
_NUMBER_BY_HAND = re.compile(r"\(\d+[a-z]?\)")


@dataclass
class Paper:
    """All that is on the paper: steps, formulas that claim nothing, and words."""

    steps: list[tuple[Expression, str, Expression]] = field(default_factory=list)
    claimless: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def displays(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line of every mark with the displays that follow it, with blanks alone in between."""
    marks = list(_MARK.finditer(text))
    for number, mark in enumerate(marks):
        limit = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        position, found = mark.end(), []
        while match := _DISPLAY.search(text, position, limit):
            if text[position : match.start()].strip():
                break
            found.append(match["dollars"] or match["bracket"] or match["fence"] or match["environment"] or "")
            position = match.end()
        yield text.count("\n", 0, mark.start()) + 1, found


def drawn(display: str) -> str:
    """Return the MathML of a display; TeX would print the same.

    Raises
    ------
    math_core.LatexError
        If it cannot be drawn.
    """
    latex = _UNPRINTED.sub(" ", display).replace("\N{NO-BREAK SPACE}", "~")
    if _ENVIRONMENT.search(latex) is None and re.search(r"&|\\\\", latex):
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    latex = _BREAK.sub(r"\\\\ ", _ENVIRONMENT.sub(_known_environment, latex))
    for command, known in ((r"\mbox", r"\text"), (r"\intertext", r"\\ \text"), (r"\hfill", r"\qquad ")):
        latex = latex.replace(command, known)
    return _converter().convert_with_local_state(latex.strip(), displaystyle=True).replace("&ApplyFunction;", "\u2061")


def _known_environment(match: re.Match[str]) -> str:
    name = _DRAWN_AS.get(match["name"])
    if name is None:
        return " "
    columns = "{rcl}" if name == "array" and match["end"] == "begin" else ""
    return rf"\{match['end']}{{{name}}}{columns}"


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(annotation=False, fancy_error=False)


def read_paper(markups: list[str], names: Names) -> Paper:
    """Read displays that stand one below another.

    Raises
    ------
    UnreadableDrawing, GrammarError
        If something printed is no part of a statement, no word and no layout.
    """
    paper, sheet = Paper(), _Sheet()
    for markup in markups:
        for number, line in enumerate(lines_on_paper(markup, names)):
            pieces, words = _parted(line)
            paper.words += words
            for position, piece in enumerate(pieces):
                sheet.put(piece, begins_line=position == 0, is_further_line=number > 0)
    found = []
    for statement in sheet.statements:
        left, links = parse_chain(statement.text, names)
        if left is None or not links:
            paper.claimless.append(statement.text)
        for link in links:
            found.append((statement.place_of(link.sign_start), (left, link.operator, link.right)))
            left = link.right
    paper.steps = [step for _, step in sorted(found, key=lambda item: item[0])]
    return paper


def _parted(line: list[str | Gap | Words]) -> tuple[list[str], list[str]]:
    """Part a line where words stand, and where a gap stands between two factors; return the pieces, and the words."""
    pieces, words, gap = [""], [], False
    for token in line:
        if isinstance(token, Gap):
            gap = True
            continue
        if isinstance(token, Words):
            words.append(str(token))
        if isinstance(token, Words) or (gap and not _is_open(pieces[-1]) and not _GOES_ON.match(token)):
            pieces.append("")
        if not isinstance(token, Words):
            pieces[-1] = _joined(pieces[-1], token)
        gap = False
    pieces = [piece.strip().rstrip(".,;") for piece in pieces]
    if len(pieces) > 1 and _NUMBER_BY_HAND.fullmatch(pieces[-1]):
        pieces.pop()
    return [piece for piece in pieces if piece], words


def _is_open(piece: str) -> bool:
    """Tell whether something has to follow a piece: a bracket is open, or a sign stands last."""
    opened = len(re.findall(r"[(\[]|\\\{|\\lvert", piece)) > len(re.findall(r"[)\]]|\\\}|\\rvert", piece))
    return not piece.strip() or opened or _UNFINISHED.search(piece) is not None


@dataclass
class _Statement:
    """The text of a statement, and where on the paper each part of it stands."""

    text: str = ""
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, piece: str, place: int) -> None:
        self.places.append((len(self.text), place))
        self.text = _joined(self.text, piece)

    def place_of(self, offset: int) -> tuple[int, int]:
        """Return the number of the piece in which a character stands, and the character's number."""
        return max(place for start, place in self.places if start <= offset), offset


@dataclass
class _Sheet:
    """The statements on the paper, in order; ``main`` is the one from which the next line goes on."""

    statements: list[_Statement] = field(default_factory=list)
    main: _Statement | None = None
    pieces: int = 0

    def put(self, piece: str, *, begins_line: bool, is_further_line: bool) -> None:
        """Let a piece go on from a statement before it where a reader would, or else begin one of its own."""
        before = self.main if begins_line else self.statements[-1]
        goes_on = before is not None and (
            _RELATION.match(piece)
            or (begins_line and is_further_line and (_SIGN.match(piece) or _UNFINISHED.search(before.text)))
        )
        if before is None or not goes_on:
            before = _Statement()
            self.statements.append(before)
        self.pieces += 1
        before.add(piece, self.pieces)
        if begins_line:
            self.main = before


def _joined(before: str, token: str) -> str:
    """Put a token behind others as close as it is printed; a space ends a command."""
    apart = re.search(r"\\[a-zA-Z]+$", before) and token[:1].isalpha()
    return f"{before} {token}" if apart else before + token
