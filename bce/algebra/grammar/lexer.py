"""LaTeX text to tokens, each with the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bce.algebra.errors import GrammarError
from bce.algebra.expression import OPERATORS


@dataclass(frozen=True, slots=True)
class Token:
    r"""A piece of LaTeX. ``kind`` is "number", "letter", "command", "text", "mark" or "end".

    ``gap`` tells that a wide space is drawn before it, as by ``\quad``.
    """

    kind: str
    text: str
    start: int
    end: int
    gap: bool = False
    spaced: bool = False


RELATIONS = frozenset(OPERATORS)
SIGNS = frozenset({"+", "-"})
GREEK = frozenset(
    "\\" + name
    for name in "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu"
    " xi pi rho sigma tau upsilon phi varphi chi psi omega"
    " Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell".split()
)
#: Functions that are commands of TeX; which of them have a meaning, the library says.
FUNCTION_COMMANDS = frozenset(
    "\\" + name for name in "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth".split()
)
#: Commands that are names.
NAME_COMMANDS = GREEK | FUNCTION_COMMANDS
ACCENTS = frozenset({"\\hat", "\\bar", "\\tilde", "\\dot", "\\vec", "\\widehat", "\\overline"})
CLOSING = {"(": ")", "[": "]", "\\{": "\\}", "|": "|", "\\lvert": "\\rvert"}
SEPARATORS = frozenset({",", "\\|"})
INDEX_LETTERS = frozenset("ijklm")
TIMES = ("\\cdot", "\\times", "*")

#: Spaces by their width in TeX's unit, an eighteenth of a quad.
_SPACES = {
    "\\,": 3,
    "\\>": 4,
    "\\:": 4,
    "\\;": 5,
    "\\!": -3,
    "\\ ": 6,
    "~": 6,
    "\\enspace": 9,
    "\\quad": 18,
    "\\qquad": 36,
}
#: From this width on a space parts what stands on its two sides.
_GAP = 15

#: Commands that change spacing, size or style and nothing else.
INVISIBLE = frozenset(_SPACES) | frozenset(
    "\\left \\right \\displaystyle \\textstyle \\limits \\nolimits \\nonumber \\notag "
    "\\big \\Big \\bigg \\Bigg \\bigl \\Bigl \\biggl \\Biggl \\bigr \\Bigr \\biggr \\Biggr".split()
)

#: Different spellings of one thing.
SYNONYMS = {
    "\\leq": "\\le",
    "\\geq": "\\ge",
    "\\leqslant": "\\le",
    "\\geqslant": "\\ge",
    "\\neq": "\\ne",
    "\\lt": "<",
    "\\gt": ">",
    "\\lbrack": "[",
    "\\rbrack": "]",
    "\\lbrace": "\\{",
    "\\rbrace": "\\}",
    "\\ln": "\\log",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\cfrac": "\\frac",
    "\\vert": "|",
    "\\Vert": "\\|",
    "\\parallel": "\\|",
    "\\rarr": "\\to",
    "\\rightarrow": "\\to",
    "−": "-",
    "·": "\\cdot",
    "∙": "\\cdot",
    "×": "\\times",
    "≤": "\\le",
    "≥": "\\ge",
    "≠": "\\ne",
    "∂": "\\partial",
    "∑": "\\sum",
    "∏": "\\prod",
    "∞": "\\infty",
    "α": "\\alpha",
    "β": "\\beta",
    "γ": "\\gamma",
    "ε": "\\varepsilon",
    "η": "\\eta",
    "θ": "\\theta",
    "λ": "\\lambda",
    "μ": "\\mu",
    "π": "\\pi",
    "σ": "\\sigma",
    "τ": "\\tau",
    "φ": "\\varphi",
    "ψ": "\\psi",
    "ω": "\\omega",
}

#: Words that are commands of their own however they are set, ``\\mathrm{log}`` or ``\\text{log}``.
WORD_COMMANDS = {"ln": "\\log"} | {
    command[1:]: command for command in ("\\log", "\\exp", "\\max", "\\min", *sorted(FUNCTION_COMMANDS))
}

#: Relations as they are typed where nothing is typeset. In a formula TeX sets each sign by itself.
_TYPED_RELATIONS = {"<=": "\\le ", ">=": "\\ge ", "!=": "\\ne "}

LONGEST_NUMBER = 300
MOST_TOKENS = 4000

#: Commands that set words on a line of their own between two rows.
LINES = ("intertext", "shortintertext")
#: What is drawn alike is one name: each way to set a word, by the one spelling that stands for all.
_WORD_STYLES = {
    **dict.fromkeys(("mathrm", "operatorname", "text", "textrm", "textnormal", "mbox", *LINES), "mathrm"),
    **dict.fromkeys(("mathit", "mathnormal", "textit"), "mathit"),
    **dict.fromkeys(("boldsymbol", "bm"), "boldsymbol"),
    **dict.fromkeys(("mathbf", "textbf"), "mathbf"),
    **dict.fromkeys(("mathsf", "textsf"), "mathsf"),
    "mathcal": "mathcal",
    "mathbb": "mathbb",
}
#: The commands that set words of a sentence; blanks count in them.
PROSE = frozenset({*LINES, "text", "textrm", "textnormal", "textit", "textbf", "textsf", "mbox"})

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    rf"|(?P<text>\\(?:{'|'.join(sorted(_WORD_STYLES, key=len, reverse=True))})\*?\s*\{{[^{{}}]*\}})"
    r"|(?P<environment>\\(?:begin|end)\s*\{[a-zA-Z]+\*?\})"
    r"|(?P<gap>\\hspace\*?\s*\{[^{}]*\}|\\(?:hskip|kern|mkern|mskip)\s*-?[0-9.]+\s*[a-z]{2}|\\hfil+(?![a-zA-Z]))"
    r"|(?P<command>\\(?:[a-zA-Z]+|.))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<letter>[a-zA-Z])"
    rf"|(?P<mark>[-+*/^_{{}}()\[\]|,'=<>&!~:;.{''.join(s for s in SYNONYMS if len(s) == 1)}])",
    re.DOTALL,
)
_WORD = re.compile(r"\\(?P<command>[a-z]+)\*?\s*\{(?P<word>[^{}]*)\}")
_SCRIPTS = frozenset("^_")
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(?P<comment>%[^\n]*)")


def comments(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield where TeX's comments begin and end: from ``%`` to the end of the line, but not from ``\%``."""
    for match in _COMMENT.finditer(text) if "%" in text else ():
        yield match.span("comment")


def without_comments(text: str) -> str:
    """Blank TeX's comments; every other character keeps its place."""
    pieces, done = [], 0
    for start, end in comments(text):
        pieces += [text[done:start], " " * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])


def typed_relations(text: str) -> str:
    """Return a declaration with ``<=``, ``>=`` and ``!=`` as the relations that are meant."""
    for typed, command in _TYPED_RELATIONS.items():
        text = text.replace(typed, command)
    return text


def tokenize(text: str, offset: int = 0) -> list[Token]:
    """Split LaTeX into tokens; comments, spacing and sizing commands are dropped.

    Parameters
    ----------
    text : str
        A formula.
    offset : int
        The place of its first character, from which the places of the tokens count.

    Raises
    ------
    GrammarError
        At a character that no formula contains.
    """
    tokens: list[Token] = []
    text = without_comments(text)
    position = width = 0
    spaced = False
    opened: list[int] = []
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            place = offset + position
            raise GrammarError(f"unexpected character {text[position]!r}", place, place + 1)
        kind, piece, start, position = str(match.lastgroup), match.group(), match.start(), match.end()
        if piece in ("\\left", "\\right"):
            _pair(piece, text, start, offset, opened)
        if kind == "gap":
            width += _GAP
        if kind in ("space", "gap") or piece in INVISIBLE:
            width += _SPACES.get(piece, 0)
            spaced |= kind != "space"
            continue
        here = offset + start, offset + position
        if kind == "number" and len(piece) > LONGEST_NUMBER:
            raise GrammarError(f"a number of {len(piece)} digits; at most {LONGEST_NUMBER} are read", *here)
        if kind == "text":
            kind, piece = _word(piece)
        elif kind == "environment":
            kind, piece = "command", re.sub(r"\s", "", piece)
        tokens.append(Token(kind, SYNONYMS.get(piece, piece), *here, width >= _GAP, spaced))
        width, spaced = 0, False
        if len(tokens) > MOST_TOKENS:
            raise GrammarError(f"a formula of more than {MOST_TOKENS} tokens", *here)
    if opened:
        raise GrammarError("\\left without its \\right", opened[-1], opened[-1] + 5)
    for script, token in pairwise(tokens):
        if script.text in _SCRIPTS and (token.spaced or script.gap):
            message = f"TeX takes the space beside this {script.text} for a part of it; leave the space out"
            raise GrammarError(message, script.start, script.end)
    return _gaps_outside_of_groups(tokens)


def _gaps_outside_of_groups(tokens: list[Token]) -> list[Token]:
    """Move the gap at an end of a group out of it: braces do not print."""
    for k in range(1, len(tokens)):
        if tokens[k - 1].text == "}" and tokens[k - 1].gap:
            tokens[k] = replace(tokens[k], gap=True)
    for k in range(len(tokens) - 1, 0, -1):
        if tokens[k - 1].text == "{" and tokens[k].gap:
            tokens[k - 1] = replace(tokens[k - 1], gap=True)
    return tokens


_DELIMITER = re.compile(r"\s*(?:[()\[\]|.]|\\[{}|]|\\[lr](?:vert|brack|brace|Vert))")


def _pair(piece: str, text: str, start: int, offset: int, opened: list[int]) -> None:
    r"""Hold ``\left`` and ``\right`` against each other, as TeX does."""
    place = offset + start
    if _DELIMITER.match(text, start + len(piece)) is None:
        raise GrammarError(f"{piece} has to stand before a bracket", place, place + len(piece))
    if piece == "\\left":
        opened.append(place)
    elif opened:
        opened.pop()
    else:
        raise GrammarError("\\right without its \\left", place, place + len(piece))


def _word(piece: str) -> tuple[str, str]:
    """Return kind and text of a named word: the same for all that are drawn alike."""
    match = _WORD.fullmatch(piece)
    assert match is not None
    command = match["command"]
    word = " ".join(match["word"].split()) if command in PROSE else "".join(match["word"].split())
    style = _WORD_STYLES[command]
    if style == "mathit" and len(word) == 1 and word.isascii() and word.isalpha():
        return "letter", word
    if style in ("mathrm", "mathit", "mathsf"):
        if word in ("d", "e"):
            return "letter", word
        if word in WORD_COMMANDS:
            return "command", WORD_COMMANDS[word]
    if style == "mathit":
        style = "mathrm"  # a word in italics is no product of its letters, and the same word
    return "text", f"\\{style}{{{word}}}"
