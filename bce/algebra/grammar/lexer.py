"""LaTeX text to tokens, each with the place where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bce.algebra.errors import GrammarError
from bce.algebra.expression import OPERATORS


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of LaTeX. ``kind`` is "number", "letter", "command", "text", "mark" or "end"."""

    kind: str
    text: str
    start: int
    end: int


RELATIONS = frozenset(OPERATORS)
GREEK = frozenset(
    "\\" + name
    for name in "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu"
    " xi pi rho sigma tau upsilon phi varphi chi psi omega"
    " Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell tanh sinh cosh".split()
)
ACCENTS = frozenset({"\\hat", "\\bar", "\\tilde", "\\dot", "\\vec", "\\widehat", "\\overline"})
CLOSING = {"(": ")", "[": "]", "\\{": "\\}", "|": "|", "\\lvert": "\\rvert"}
SEPARATORS = frozenset({",", "\\|"})
INDEX_LETTERS = frozenset("ijklm")
TIMES = ("\\cdot", "\\times", "*")

#: Commands that change spacing, size or style and nothing else.
INVISIBLE = frozenset(
    "\\, \\; \\: \\! \\> \\quad \\qquad \\left \\right \\displaystyle \\textstyle \\limits \\nolimits "
    "\\nonumber \\notag \\big \\Big \\bigg \\Bigg \\bigl \\Bigl \\biggl \\Biggl \\bigr \\Bigr \\biggr \\Biggr".split()
) | {"\\ ", "~"}

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

#: Functions written as words, ``\\mathrm{log}`` or ``\\operatorname{log}``, that are commands of their own.
WORD_COMMANDS = {"log": "\\log", "ln": "\\log", "exp": "\\exp", "max": "\\max", "min": "\\min", "tanh": "\\tanh"}

#: Functions of the library (`bce.algebra.grammar.library`) that are words; however set, the name is \\operatorname.
WORD_FUNCTIONS = frozenset({"softplus", "logit", "log1p", "expm1", "logsumexp"})

LONGEST_NUMBER = 300
MOST_TOKENS = 4000

_NAMING = "mathrm|operatorname|text|textrm|mathit|mathbf|mathsf|mathcal|mathbb|boldsymbol|bm"

_TOKEN = re.compile(
    r"(?P<space>\s+|%[^\n]*(?:\n|$))"
    rf"|(?P<text>\\(?:{_NAMING})\*?\s*\{{[^{{}}]*\}})"
    r"|(?P<environment>\\(?:begin|end)\s*\{[a-zA-Z]+\*?\})"
    r"|(?P<command>\\(?:[a-zA-Z]+|.))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<letter>[a-zA-Z])"
    rf"|(?P<mark>[-+*/^_{{}}()\[\]|,'=<>&!~:;.{''.join(s for s in SYNONYMS if len(s) == 1)}])",
    re.DOTALL,
)
_WORD = re.compile(r"\\(?P<command>[a-z]+)\*?\s*\{\s*(?P<word>[^{}]*?)\s*\}")


def tokenize(text: str) -> list[Token]:
    """Split LaTeX into tokens; spacing and sizing commands are dropped.

    Raises
    ------
    GrammarError
        At a character that no formula contains.
    """
    tokens: list[Token] = []
    position = 0
    opened: list[int] = []
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise GrammarError(f"unexpected character {text[position]!r}", position, position + 1)
        kind, piece, start, position = str(match.lastgroup), match.group(), match.start(), match.end()
        if piece in ("\\left", "\\right"):
            _pair(piece, text, start, position, opened)
        if kind == "space" or piece in INVISIBLE:
            continue
        if kind == "number" and len(piece) > LONGEST_NUMBER:
            raise GrammarError(f"a number of {len(piece)} digits; at most {LONGEST_NUMBER} are read", start, position)
        if kind == "text":
            kind, piece = _word(piece)
        elif kind == "environment":
            kind, piece = "command", re.sub(r"\s", "", piece)
        tokens.append(Token(kind, SYNONYMS.get(piece, piece), start, position))
        if len(tokens) > MOST_TOKENS:
            raise GrammarError(f"a formula of more than {MOST_TOKENS} tokens", start, position)
    if opened:
        raise GrammarError("\\left without its \\right", opened[-1], opened[-1] + 5)
    return tokens


_DELIMITER = re.compile(r"\s*(?:[()\[\]|.]|\\[{}|]|\\[lr](?:vert|brack|brace|Vert))")


def _pair(piece: str, text: str, start: int, end: int, opened: list[int]) -> None:
    r"""Hold ``\left`` and ``\right`` against each other, as TeX does."""
    if _DELIMITER.match(text, end) is None:
        raise GrammarError(f"{piece} has to stand before a bracket", start, end)
    if piece == "\\left":
        opened.append(start)
    elif opened:
        opened.pop()
    else:
        raise GrammarError("\\right without its \\left", start, end)


def _word(piece: str) -> tuple[str, str]:
    """Return kind and text of a named word; spaces around it do not count."""
    match = _WORD.fullmatch(piece)
    assert match is not None
    command, word = match["command"], match["word"]
    if command in ("mathrm", "operatorname", "text", "textrm", "mathsf", "mathit"):
        if word in ("d", "e"):
            return "letter", word
        if word in WORD_COMMANDS:
            return "command", WORD_COMMANDS[word]
        if word in WORD_FUNCTIONS:
            return "text", f"\\operatorname{{{word}}}"
    return "text", f"\\{command}{{{word}}}"
