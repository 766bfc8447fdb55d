r"""The grammar: LaTeX to expression trees, strictly.

Whatever a careful reader could take in two ways is an error that says so; nothing is
guessed. The grammar, loosest binding first::

    chain    = [sum] { relation sum }
    sum      = ["-"] product { ("+" | "-") product }
    product  = factor { ["\cdot" | "\times"] factor }
    factor   = primary ["^" exponent]
    primary  = number | name | call | "(" sum ")" | "|" sum "|" | \frac | \sqrt | e^{...}
             | \log primary | \max(...) | \sum_{i=a}^{b} product | \frac{d}{dx} factor | cases

What a name means (symbol, family or function) is declared in `Names`, never inferred.
"""

from __future__ import annotations

from dataclasses import dataclass

from bce.algebra.errors import GrammarError
from bce.algebra.expression import OPERATORS, Expression, Operator, Relation, Symbol
from bce.algebra.names import Names

from .applications import applied, bracketed_arguments
from .constructions import CONSTRUCTIONS
from .lexer import Token, tokenize
from .parser import Parser, Readers
from .published import plain_reading

__all__ = ["Link", "Names", "parse", "parse_chain", "parse_head", "parse_relation"]


@dataclass(frozen=True)
class Link:
    """One relation of a chain, what follows it, and where both stand in the text."""

    operator: Operator
    right: Expression
    sign_start: int
    start: int
    end: int


def parse(text: str, names: Names) -> Expression:
    """Read one formula without relations.

    Raises
    ------
    GrammarError
        If the text is not a formula of the grammar, or is ambiguous.
    """
    parser = _parser(text, names)
    tree = parser.sum()
    parser.expect_end()
    return tree


def parse_relation(text: str, names: Names) -> Relation:
    """Read ``left relation right``."""
    first, links = parse_chain(text, names)
    if first is None or len(links) != 1:
        raise GrammarError("expected one relation with a left and a right side", 0, len(text))
    return Relation(links[0].operator, first, links[0].right)


def parse_chain(text: str, names: Names) -> tuple[Expression | None, list[Link]]:
    """Read ``[first] relation right relation right …``; alignment marks ``&`` are skipped."""
    parser = _parser(text, names)
    parser.tokens = _without_alignment(parser.tokens)
    first = None if parser.at_relation() else parser.sum()
    links = []
    while parser.at_relation():
        sign = parser.next()
        right = parser.sum()
        links.append(Link(OPERATORS[sign.text], right, sign.start, sign.end, parser.here().start))
    if links and parser.at(","):
        parser.fail("a comma after a relation; give what follows a row or a display of its own")
    parser.expect_end()
    parser.refuse_mixed_functions()
    return first, links


def parse_head(text: str, *, lenient: bool = False) -> tuple[str, tuple[str, ...]]:
    r"""Read the left side of a definition, ``\\sigma(x)``: the function's name and its parameters."""
    parser = _parser(text, Names(undeclared=True, lenient=lenient))
    parser.tokens = _without_alignment(parser.tokens)
    name = parser.name_with_subscript()
    if not parser.at("(", "["):
        parser.fail("a definition begins with a function and its parameters in brackets, such as f(x)")
    arguments = bracketed_arguments(parser)
    parser.expect_end()
    if not all(isinstance(argument, Symbol) for argument in arguments):
        raise GrammarError("the parameters of a definition are plain symbols", 0, len(text))
    names = [argument.name for argument in arguments if isinstance(argument, Symbol)]
    if len(set(names)) < len(names):
        raise GrammarError("a parameter stands twice in the head of the definition", 0, len(text))
    return name, tuple(argument.name for argument in arguments if isinstance(argument, Symbol))


def _parser(text: str, names: Names) -> Parser:
    tokens = tokenize(text)
    if names.lenient:
        tokens = plain_reading(tokens, names)
    return Parser(tokens, names, len(text), Readers(CONSTRUCTIONS, applied))


def _without_alignment(tokens: list[Token]) -> list[Token]:
    kept, depth = [], 0
    for token in tokens:
        depth += token.text.startswith("\\begin{")
        depth -= token.text.startswith("\\end{")
        if token.text != "&" or depth:
            kept.append(token)
    return kept
