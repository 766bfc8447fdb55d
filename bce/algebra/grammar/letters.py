r"""Letters before brackets: ``x (1 - z)`` is a product, ``\psi(-u)`` may be a function.

A declared letter that stands before a bracket is read as a factor only where nobody could take
it for a function: the bracket holds more than an argument, and the letter stands alone elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bce.algebra.errors import GrammarError
from bce.algebra.expression import Indexed, Symbol

from .lexer import ACCENTS, NAME_COMMANDS, SEPARATORS, SIGNS, Token

if TYPE_CHECKING:
    from .token_stream import TokenStream


class Letters:
    """The letters of one or several formulas that are no functions, and where they stand."""

    def __init__(self) -> None:
        self.alone: set[str] = set()
        self.applied: dict[str, Token] = {}

    def note(self, stream: TokenStream, letter: Symbol | Indexed, token: Token) -> None:
        """Note a letter that was just read.

        Raises
        ------
        GrammarError
            If a bracket follows that holds what nobody brackets in a product.
        """
        name = letter.name if isinstance(letter, Symbol) else letter.family
        ahead = 1 if stream.at("{") else 0
        if stream.here(ahead).text not in ("(", "["):
            self.alone.add(name)
            return
        if _is_argument(stream.bracket_tokens(ahead)):
            raise _ambiguous(name, token)
        if isinstance(letter, Symbol):
            self.applied.setdefault(name, token)

    def refuse_applied(self) -> None:
        """Refuse a letter that stands before brackets and nowhere alone."""
        for name, token in self.applied.items():
            if name not in self.alone:
                raise _ambiguous(name, token)


def _ambiguous(name: str, token: Token) -> GrammarError:
    return GrammarError(
        f"this can be read in two ways, as the product {name} · (…) or as the function {name} at (…); write "
        f"{name} \\cdot (…) for the product, or say what the function is: where: {name}(t) = …",
        token.start,
        token.end,
    )


def _is_argument(inside: list[Token]) -> bool:
    """Tell whether a bracket holds one name or number, with a sign or not, or several things."""
    depth = 0
    for token in inside:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0 and token.text in SEPARATORS:
            return True
    return is_unit(inside)


def is_unit(tokens: list[Token]) -> bool:
    """Tell whether tokens are one name or number, with a sign or not."""
    rest = tokens[1:] if tokens and tokens[0].text in SIGNS else tokens
    return len(rest) == 1 or (bool(rest) and is_name(rest[0]) and after_name(rest, 0) == len(rest))


def is_name(token: Token) -> bool:
    """Tell whether a token begins a name."""
    return token.kind in ("letter", "text") or token.text in NAME_COMMANDS or token.text in ACCENTS


def after_name(tokens: list[Token], position: int) -> int:
    r"""Return the place after the name at a position, with its accent and subscript: ``\hat{y}_i``."""
    position = _after_group(tokens, position + 1) if tokens[position].text in ACCENTS else position + 1
    following = [token.text for token in tokens[position : position + 3]]
    if following[:1] == ["_"] or following == ["^", "{", "("]:
        position = _after_group(tokens, position + 1)
    return position


def _after_group(tokens: list[Token], position: int) -> int:
    depth = 0
    while position < len(tokens):
        depth += (tokens[position].text == "{") - (tokens[position].text == "}")
        position += 1
        if depth <= 0:
            break
    return position
