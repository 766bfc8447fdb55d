r"""A reader of drawn formulas: from the MathML of a page back to LaTeX that the grammar reads.

It sees what a person sees: the signs in their order, what is raised or lowered, what stands above and below a line.
A group (``mrow``), a space and the size of a bracket do not print, so they decide nothing; nor is the annotation read,
which repeats the author's text. So ``{\log x}^2`` is read as ``\log x^{2}``, and ``2{3}`` as 23.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile
from typing import Any
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


class Gap:
    """A gap so wide that it parts two statements; a column of ``align`` begins with one too."""


class Words(str):
    """Words that stand on the line beside the formulas."""


def lines_on_paper(markup: str, names: Names) -> list[list[str | Gap | Words]]:
    """Return what a whole display shows: its lines, each as LaTeX tokens with gaps and words between them.

    Colours, boxes, strokes through a term, and what stands at a brace or over a sign of relation say nothing about the
    formula; what stands over anything else does.

    Raises
    ------
    UnreadableDrawing
        If it shows something that is no part of a formula of the grammar.
    """
    return _DisplayReader(names).lines(ElementTree.fromstring(markup))


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
    **{sign: sign for sign in "()[]+*/,.=<>"},
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


_WIDE = 1.0  # em, the width of a quad
_BRACES = frozenset("\N{BOTTOM CURLY BRACKET}\N{TOP CURLY BRACKET}")
_RELATIONS = frozenset({"=", "<", ">", "\\le", "\\ge", "\\ne"})


class _DisplayReader(_Reader):
    """Reads displays, with all that people put around formulas."""

    def lines(self, element: Element) -> list[list[str | Gap | Words]]:
        """Return the lines of a display; a table that no brace opens has a line for each row."""
        lines: list[list[str | Gap | Words]] = [[]]
        for child in self._parts_of_lines(element):
            if child.tag == "mtable":
                rows = [self._table_line(row) for row in child]
                lines[-1] += rows[0]
                lines += rows[1:]
            else:
                lines[-1] += self._on_line(child)
        return [_with_whole_numbers(line) for line in lines]

    def _parts_of_lines(self, element: Element) -> list[Element]:
        """Open the groups in which words, gaps or lines stand; every other element is a part of a formula."""
        parts: list[Element] = []
        children = list(element)
        for position, child in enumerate(children):
            is_cases = child.tag == "mtable" and position > 0 and children[position - 1].text == "{"
            if is_cases:
                parts[-1] = _wrapped(children[position - 1], child)
            elif child.tag in ("mrow", "mstyle", "mpadded", "menclose") and _holds_lines(child):
                parts += self._parts_of_lines(child)
            else:
                parts.append(child)
        return parts

    def _table_line(self, row: Element) -> list[str | Gap | Words]:
        """Read the cells of a row; in pairs of columns a gap stands before every pair but the first."""
        cells = [cell for cell in row if not _is_margin(cell)]
        in_pairs = len(cells) > 2 and all("left" in cell.get("style", "") for cell in cells[1::2])
        line: list[str | Gap | Words] = []
        for position, cell in enumerate(cells):
            if in_pairs and position and position % 2 == 0:
                line.append(Gap())
            for part in self.lines(cell):
                line += part
        return line

    def _on_line(self, element: Element) -> list[str | Gap | Words]:
        if element.tag == "mspace" and _width(element) >= _WIDE:
            return [Gap()]
        if element.tag == "mtext":
            text = "".join(element.itertext()).strip()
            return [self.words[text]] if text in self.words else [Words(text)] if text else []
        return list(self.read(element))

    def read(self, element: Element) -> list[str]:
        if element.tag == "mphantom":
            return []
        if element.tag in ("mstyle", "menclose"):
            return self.row(element)
        if element.tag in ("munder", "mover", "munderover") and len(element) == 2:
            base, beside = element
            if beside.text in _BRACES or _is_braced(base):
                return self.read(base)
            signs = self.read(base)
            if len(signs) == 1 and signs[0] in _RELATIONS:
                return signs
        return super().read(element)


def _wrapped(*elements: Element) -> Element:
    row = Element("mrow")
    row.extend(elements)
    return row


def _holds_lines(element: Element) -> bool:
    children = list(element)
    if len(children) > 1 and children[0].text == "{" and children[1].tag == "mtable":
        return False  # cases
    return any(
        child.tag in ("mtext", "mtable")
        or (child.tag == "mspace" and _width(child) >= _WIDE)
        or (child.tag in ("mrow", "mstyle", "mpadded", "menclose") and _holds_lines(child))
        for child in children
    )


def _is_margin(cell: Element) -> bool:
    """Tell the empty cell at the side of a numbered environment from a column."""
    return len(cell) == 0 and re.search(r"(?<![a-z-])width:", cell.get("style", "")) is not None


def _is_braced(element: Element) -> bool:
    return element.tag in ("munder", "mover") and element[1].text in _BRACES


def _width(space: Element) -> float:
    width = re.fullmatch(r"(-?[0-9.]+)(?:em|rem)", space.get("width", ""))
    return float(width[1]) if width else 0.0


def _is_upright(row: Element) -> bool:
    """Tell whether a row shows nothing but words, upright letters and numbers."""
    signs = [element for element in row.iter() if element.tag not in ("mrow", "mspace", "mn")]
    return all(sign.tag == "mi" and (len(sign.text or "") > 1 or sign.get("mathvariant") == "normal") for sign in signs)


def _is_fence(element: Element) -> bool:
    r"""Tell a bar of ``\left|`` from one in the running formula, which has no space at either side."""
    runs_on = element.get("lspace") == element.get("rspace") == "0"
    return element.tag == "mo" and element.text == "|" and "form" not in element.attrib and not runs_on


def _with_whole_numbers(tokens: list[Any]) -> list[Any]:
    """Join the numbers that stand side by side: a 2 before a 3 looks like 23."""
    joined: list[Any] = []
    for token in tokens:
        if joined and _is_number(token) and _is_number(joined[-1]):
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def _is_number(token: object) -> bool:
    return isinstance(token, str) and not isinstance(token, Words) and token[:1].isdecimal()


def _in_style(text: str) -> str:
    r"""Return letters of one of Unicode's mathematical alphabets as LaTeX, ``\mathbf{x}``."""
    matches = [_STYLED.match(unicodedata.name(sign, "")) for sign in text]
    styles = {match["style"] if match else None for match in matches}
    if len(styles) != 1 or None in styles:
        raise UnreadableDrawing(f"{text!r} is no sign of the grammar")
    plain = [unicodedata.normalize("NFKC", sign) for sign in text]
    return f"{_STYLES[styles.pop()]}{{{''.join(_GREEK.get(sign, sign) for sign in plain)}}}"
