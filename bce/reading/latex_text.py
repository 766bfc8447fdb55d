r"""LaTeX as text, before it is split into tokens: rows, braces, environments, layout."""

from __future__ import annotations

import re

#: Environments of whole displays, or around rows of one; they arrange and mean nothing.
_ARRANGING = "align aligned alignat alignedat flalign split gather gathered multline multlined eqnarray equation"
ENVIRONMENTS = "|".join([*_ARRANGING.split(), "displaymath", "math"])
LAYOUT_ENVIRONMENT = re.compile(rf"\\(?:begin|end)\{{(?:{ENVIRONMENTS})\*?\}}")

#: What numbers a row or colours it. A tag with a relation in it is no number.
_LAYOUT = re.compile(r"\\tag\*?\{[^{}=<>\\]*\}|\\(?:label|vspace\*?|(?:text)?color)\{[^{}]*\}")
_ARGUMENT = re.compile(rf"(?P<begin>\\begin\{{(?:{ENVIRONMENTS})\*?\}})\s*(?P<argument>\[[tbc]\]|\{{\d+\}})")
_DISTANCE = re.compile(r"\*?\s*(?:\[\s*-?[0-9.]+\s*(?:pt|mm|cm|em|ex|in|mu|\\baselineskip|\\jot)\s*\])?")
_STEP = re.compile(r"\\\\|\\(?:begin|end)\s*\{[^}]*\}|\\.|[{}$]|&&", re.DOTALL)


def blank(text: str) -> str:
    """Return blanks in place of a text, its lines kept."""
    return re.sub(r"[^\n]", " ", text)


def without_layout(text: str) -> str:
    """Blank tags, labels and the arguments of environments; every other character keeps its place."""
    text = _ARGUMENT.sub(lambda m: m["begin"] + " " * (len(m.group()) - len(m["begin"])), text)
    return _LAYOUT.sub(lambda m: blank(m.group()), text)


def rows_of(text: str) -> list[tuple[int, int]]:
    r"""Return where the rows of a display begin and end: at each ``\\`` outside of braces and formulas."""
    rows, start = [], 0
    for place in top_level(text, "\\\\"):
        rows.append((start, place))
        distance = _DISTANCE.match(text, place + 2)
        start = distance.end() if distance else place + 2
    return [*rows, (start, len(text))]


def stripped(latex: str) -> str:
    """Strip the ``&`` at either end; those of an environment inside belong to it."""
    return latex.strip().strip("&").strip()


def top_level(text: str, mark: str) -> list[int]:
    r"""Return the places of ``\\`` or ``&&`` outside of braces, environments and ``$…$``."""
    places: list[int] = []
    depth, in_dollars = 0, False
    for match in _STEP.finditer(text) if mark in text else ():
        piece = match.group()
        if piece == mark:
            if depth == 0 and not in_dollars:
                places.append(match.start())
        elif piece.startswith(("\\begin", "\\end")):
            if LAYOUT_ENVIRONMENT.fullmatch(re.sub(r"\s", "", piece)) is None:
                depth += 1 if piece.startswith("\\begin") else -1
        else:
            depth += {"{": 1, "}": -1}.get(piece, 0)
            in_dollars ^= piece == "$"
    return places


def closing_brace(text: str, position: int) -> int:
    """Return the place after the brace that closes the one before ``position``, 0 if there is none."""
    depth = 1
    for match in re.finditer(r"\\.|[{}]", text[position:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return position + match.end()
    return 0
