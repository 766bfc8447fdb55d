r"""A reader of drawn formulas: from the MathML of a page back to LaTeX that the grammar reads.

It sees what a person sees: the signs in their order, what is raised or lowered, what stands above and below a line.
A group (``mrow``), a space and the size of a bracket do not print, so they decide nothing; nor is the annotation read,
which repeats the author's text. So ``{\log x}^2`` is read as ``\log x^{2}``, and ``2{3}`` as 23.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bce.algebra.names import Names


class UnreadableDrawing(ValueError):
    """A piece of MathML that no formula of the grammar looks like."""


def visible_latex(markup: str, names: Names) -> str:
    r"""Return what a ``<math>`` element shows, as LaTeX.

    An upright word looks the same as ``\mathrm{KL}``, ``\text{KL}`` and ``\operatorname{KL}``: the declared names
    tell which one it is.

    Raises
    ------
    UnreadableDrawing
        If it shows something that is no part of a formula of the grammar.
    """
    return " ".join(_Reader(names).read(ElementTree.fromstring(markup)))


_GREEK = {
    **{
        unicodedata.lookup(f"GREEK SMALL LETTER {name}"): f"\\{name.replace('LAMDA', 'LAMBDA').lower()}"
        for name in "ALPHA BETA GAMMA DELTA ZETA ETA THETA IOTA KAPPA LAMDA MU NU XI PI RHO SIGMA TAU UPSILON CHI PSI"
        " OMEGA".split()
    },
    **{
        unicodedata.lookup(f"GREEK CAPITAL LETTER {name}"): f"\\{name.replace('LAMDA', 'LAMBDA').capitalize()}"
        for name in "GAMMA DELTA THETA LAMDA XI PI SIGMA UPSILON PHI PSI OMEGA".split()
    },
    "\N{GREEK LUNATE EPSILON SYMBOL}": "\\epsilon",
    "\N{GREEK SMALL LETTER EPSILON}": "\\varepsilon",
    "\N{GREEK PHI SYMBOL}": "\\phi",
    "\N{GREEK SMALL LETTER PHI}": "\\varphi",
    "\N{GREEK THETA SYMBOL}": "\\vartheta",
}

_SIGNS = {
    **_GREEK,
    **{sign: sign for sign in "()[]+*,.=<>"},
    "\N{SCRIPT SMALL L}": "\\ell",
    "\N{PARTIAL DIFFERENTIAL}": "\\partial",
    "\N{INFINITY}": "\\infty",
    "{": "\\{",
    "}": "\\}",
    "|": "|",
    "\N{DOUBLE VERTICAL LINE}": "\\|",
    "\N{PARALLEL TO}": "\\|",
    "\N{MINUS SIGN}": "-",
    "\N{DOT OPERATOR}": "\\cdot",
    "\N{MIDDLE DOT}": "\\cdot",
    "\N{BULLET OPERATOR}": "\\cdot",
    "\N{MULTIPLICATION SIGN}": "\\times",
    "\N{ASTERISK OPERATOR}": "*",
    "\N{LESS-THAN OR EQUAL TO}": "\\le",
    "\N{LESS-THAN OR SLANTED EQUAL TO}": "\\le",
    "\N{GREATER-THAN OR EQUAL TO}": "\\ge",
    "\N{GREATER-THAN OR SLANTED EQUAL TO}": "\\ge",
    "\N{NOT EQUAL TO}": "\\ne",
    "\N{RIGHTWARDS ARROW}": "\\to",
    "\N{N-ARY SUMMATION}": "\\sum",
    "\N{N-ARY PRODUCT}": "\\prod",
}
_INVISIBLE = frozenset(
    "\N{FUNCTION APPLICATION}\N{INVISIBLE TIMES}\N{INVISIBLE SEPARATOR}\N{INVISIBLE PLUS}\N{ZERO WIDTH SPACE}"
)
_PRIMES = {"\N{PRIME}": 1, "\N{DOUBLE PRIME}": 2, "\N{TRIPLE PRIME}": 3, "\N{QUADRUPLE PRIME}": 4}
_ACCENTS = {
    "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}": "\\hat",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "\\widehat",
    "\N{MACRON}": "\\bar",
    # The line is the whole accent: being over the letter, it is no low line.
    "\N{COMBINING LOW LINE}": "\\overline",
    "\N{SMALL TILDE}": "\\tilde",
    "\N{DOT ABOVE}": "\\dot",
    "\N{COMBINING RIGHT ARROW ABOVE}": "\\vec",
}
_COMMAND_WORDS = frozenset({"log", "ln", "exp", "max", "min", "lim", "tanh", "sinh", "cosh"})
_LARGE = frozenset({"\\sum", "\\prod", "\\lim", "\\max", "\\min"})
_STYLES = {
    "BOLD ITALIC": "\\boldsymbol",
    "BOLD": "\\mathbf",
    "ITALIC": "\\mathit",
    "SANS-SERIF": "\\mathsf",
    "DOUBLE-STRUCK": "\\mathbb",
    "SCRIPT": "\\mathcal",
}
_STYLED = re.compile(rf"(?:MATHEMATICAL )?(?P<style>{'|'.join(_STYLES)}) (?:SMALL|CAPITAL|DIGIT) ")
_UPRIGHT_WORD = re.compile(r"\\(?:mathrm|operatorname|text|textrm)\{(?P<word>[^{}]*)\}")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


class _Reader:
    """Reads elements into the tokens that they show, left to right."""

    def __init__(self, names: Names) -> None:
        declared = sorted({*names.symbols, *names.families, *names.functions})
        found = [match for name in declared for match in _UPRIGHT_WORD.finditer(name)]
        self.words = {match["word"]: match.group() for match in reversed(found)}

    def read(self, element: Element) -> list[str]:
        """Return the tokens of one element."""
        if element.tag not in _READERS:
            raise UnreadableDrawing(f"no formula of the grammar is drawn with <{element.tag}>")
        return _READERS[element.tag](self, element)

    def row(self, element: Element) -> list[str]:
        children = list(element)
        word = "".join(element.itertext())
        if word in self.words and _is_upright(element):
            return [self.words[word]]  # drawn in pieces, as \mathrm{log1p} is
        if len(children) > 1 and children[0].text == "{" and children[1].tag == "mtable":
            children = children[1:]  # this brace belongs to \begin{cases}
        parts = [self.read(child) for child in children]
        if len(children) > 2 and _is_fence(children[0]) and _is_fence(children[-1]):
            parts[0], parts[-1] = ["\\lvert"], ["\\rvert"]
        return _with_whole_numbers([token for part in parts for token in part])

    def first(self, element: Element) -> list[str]:
        """Read a formula without the annotation that stands behind it."""
        return self.read(element[0])

    # --- signs ------------------------------------------------------------------------

    def number(self, element: Element) -> list[str]:
        text = element.text or ""
        if _NUMBER.fullmatch(text) is None:
            raise UnreadableDrawing(f"{text!r} is no number")
        return [text]

    def operator(self, element: Element) -> list[str]:
        text = element.text or ""
        if text in _PRIMES:
            return ["'"] * _PRIMES[text]
        if text == "|" and "form" in element.attrib:
            return ["\\lvert" if element.get("form") == "prefix" else "\\rvert"]
        return [] if text in _INVISIBLE else self.identifier(element)

    def identifier(self, element: Element) -> list[str]:
        text = (element.text or "").replace("\N{VARIATION SELECTOR-1}", "")
        if text in _SIGNS:
            return [_SIGNS[text]]
        if text in _COMMAND_WORDS:
            return [f"\\{text}"]
        if text.isascii() and text.isalnum():
            is_italic = len(text) == 1 and element.get("mathvariant") != "normal"
            return [text if is_italic else self.words.get(text, f"\\mathrm{{{text}}}")]
        return [_in_style(text)]

    def text(self, element: Element) -> list[str]:
        text = "".join(element.itertext()).strip()
        return [self.words.get(text, f"\\text{{{text}}}")] if text else []

    # --- what is above, below, raised and lowered -------------------------------------

    def fraction(self, element: Element) -> list[str]:
        if element.get("linethickness") is not None:
            raise UnreadableDrawing("a fraction without its line")
        return ["\\frac", *self._braced(element[0]), *self._braced(element[1])]

    def root(self, element: Element) -> list[str]:
        return ["\\sqrt", "{", *self.row(element), "}"]

    def root_of_degree(self, element: Element) -> list[str]:
        return ["\\sqrt", "[", *self.read(element[1]), "]", *self._braced(element[0])]

    def raised(self, element: Element) -> list[str]:
        base, above = element
        return [*self.read(base), *self._above(above)]

    def lowered(self, element: Element) -> list[str]:
        base, below = element
        return [*self.read(base), "_", *self._braced(below)]

    def lowered_and_raised(self, element: Element) -> list[str]:
        base, below, above = element
        return [*self.read(base), "_", *self._braced(below), *self._above(above)]

    def under(self, element: Element) -> list[str]:
        """Read what stands under, or under and over, a large operator."""
        if not set(self.read(element[0])) <= _LARGE:
            raise UnreadableDrawing("only a large operator has something under it")
        return self.lowered(element) if len(element) == 2 else self.lowered_and_raised(element)

    def over(self, element: Element) -> list[str]:
        base, accent = element
        if accent.tag != "mo" or accent.text not in _ACCENTS:
            raise UnreadableDrawing(f"{accent.text!r} is no accent")
        return [_ACCENTS[accent.text], *self._braced(base)]

    def _above(self, element: Element) -> list[str]:
        tokens = self.read(element)
        primes = list(takewhile(lambda token: token == "'", tokens))
        rest = tokens[len(primes) :]
        if len(rest) == 1 and rest[0] in "+-":
            return [*primes, "^", *rest]  # the side of a limit
        return [*primes, "^", "{", *rest, "}"] if rest else primes

    def _braced(self, element: Element) -> list[str]:
        return ["{", *self.read(element), "}"]

    # --- cases ------------------------------------------------------------------------

    def cases(self, element: Element) -> list[str]:
        tokens = ["\\begin{cases}"]
        for position, row in enumerate(element):
            tokens += ["\\\\"] if position else []
            for column, cell in enumerate(row):
                tokens += ["&"] if column else []
                tokens += self.row(cell)
        return [*tokens, "\\end{cases}"]


_READERS = {
    "math": _Reader.row,
    "mrow": _Reader.row,
    "mpadded": _Reader.row,
    "semantics": _Reader.first,
    "mspace": lambda _, element: [],
    "mn": _Reader.number,
    "mi": _Reader.identifier,
    "mo": _Reader.operator,
    "mtext": _Reader.text,
    "mfrac": _Reader.fraction,
    "msqrt": _Reader.root,
    "mroot": _Reader.root_of_degree,
    "msup": _Reader.raised,
    "msub": _Reader.lowered,
    "msubsup": _Reader.lowered_and_raised,
    "munder": _Reader.under,
    "munderover": _Reader.under,
    "mover": _Reader.over,
    "mtable": _Reader.cases,
}


def _is_upright(row: Element) -> bool:
    """Tell whether a row shows nothing but words, upright letters and numbers."""
    signs = [element for element in row.iter() if element.tag not in ("mrow", "mspace", "mn")]
    return all(sign.tag == "mi" and (len(sign.text or "") > 1 or sign.get("mathvariant") == "normal") for sign in signs)


def _is_fence(element: Element) -> bool:
    r"""Tell a bar of ``\left|`` from one in the running formula, which has no space at either side."""
    runs_on = element.get("lspace") == element.get("rspace") == "0"
    return element.tag == "mo" and element.text == "|" and "form" not in element.attrib and not runs_on


def _with_whole_numbers(tokens: list[str]) -> list[str]:
    """Join the numbers that stand side by side: a 2 before a 3 looks like 23."""
    joined: list[str] = []
    for token in tokens:
        if joined and token[0].isdecimal() and joined[-1][0].isdecimal():
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def _in_style(text: str) -> str:
    r"""Return letters of one of Unicode's mathematical alphabets as LaTeX, ``\mathbf{x}``."""
    matches = [_STYLED.match(unicodedata.name(sign, "")) for sign in text]
    styles = {match["style"] if match else None for match in matches}
    if len(styles) != 1 or None in styles:
        raise UnreadableDrawing(f"{text!r} is no sign of the grammar")
    plain = [unicodedata.normalize("NFKC", sign) for sign in text]
    return f"{_STYLES[styles.pop()]}{{{''.join(_GREEK.get(sign, sign) for sign in plain)}}}"
