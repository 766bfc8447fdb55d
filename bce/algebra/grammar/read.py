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

from contextlib import suppress
from dataclasses import dataclass

from bce.algebra.errors import GrammarError
from bce.algebra.expression import OPERATORS, Expression, Operator, Relation, Symbol
from bce.algebra.names import Names

from .applications import applied, bracketed_arguments
from .constructions import CONSTRUCTIONS
from .letters import Letters, after_name, is_name
from .lexer import ACCENTS, INVISIBLE, NAME_COMMANDS, RELATIONS, SYNONYMS, Token, tokenize
from .parser import Parser, Readers
from .published import plain_reading

__all__ = [
    "COMMANDS",
    "Link",
    "Names",
    "aligns",
    "chain_of",
    "names_in",
    "parse",
    "parse_chain",
    "parse_head",
    "parse_name",
    "parse_relation",
    "plain_tokens",
    "without_alignment",
]


#: The commands that a formula may contain; a macro of one of these names would change what is read.
COMMANDS = NAME_COMMANDS | ACCENTS | RELATIONS | INVISIBLE | SYNONYMS.keys() | CONSTRUCTIONS.keys() | {"\\text"}


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
    parser = _parser(plain_tokens(text, names), names, len(text))
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
    """Read ``[first] relation right relation right …``; an ``&`` beside a relation is skipped."""
    return chain_of(without_alignment(plain_tokens(text, names)), names, len(text))


def plain_tokens(text: str, names: Names, offset: int = 0) -> list[Token]:
    """Split a text into tokens, those of other people's notation brought into the book's own."""
    tokens = tokenize(text, offset)
    return plain_reading(tokens, names) if names.lenient else tokens


def chain_of(
    tokens: list[Token], names: Names, end: int, letters: Letters | None = None
) -> tuple[Expression | None, list[Link]]:
    """Read a chain of relations from its tokens, all of them.

    Parameters
    ----------
    tokens : list of Token
        A chain, without alignment marks.
    names : Names
        What the names mean.
    end : int
        The place where the text of the tokens ends.
    letters : Letters, optional
        Where the letters before brackets are noted; without it they are judged by this chain alone.
    """
    parser = _parser(tokens, names, end)
    parser.letters = letters or parser.letters
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
    if letters is None and not names.undeclared:
        parser.letters.refuse_applied()
    return first, links


def parse_head(text: str, *, lenient: bool = False) -> tuple[str, tuple[str, ...]]:
    r"""Read the left side of a definition, ``\\sigma(x)``: the function's name and its parameters."""
    names = Names(undeclared=True, lenient=lenient)
    parser = _parser(without_alignment(plain_tokens(text, names)), names, len(text))
    name = parser.name_with_subscript()
    if not parser.at("(", "["):
        parser.fail("a definition begins with a function and its parameters in brackets, such as f(x)")
    arguments = bracketed_arguments(parser)
    parser.expect_end()
    if not all(isinstance(argument, Symbol) for argument in arguments):
        raise GrammarError("the parameters of a definition are plain symbols", 0, len(text))
    parameters = [argument.name for argument in arguments if isinstance(argument, Symbol)]
    if len(set(parameters)) < len(parameters):
        raise GrammarError("a parameter stands twice in the head of the definition", 0, len(text))
    return name, tuple(parameters)


def parse_name(text: str, *, lenient: bool = False) -> str | None:
    r"""Read a name alone, with its subscript, such as ``\hat{y}_i``; None if the text is more or something else."""
    names = Names(undeclared=True, lenient=lenient)
    parser = _parser(plain_tokens(text, names), names, len(text))
    try:
        name = parser.name_with_subscript()
    except GrammarError:
        return None
    return name if parser.here().kind == "end" else None


def names_in(tokens: list[Token]) -> set[str]:
    """Return the names that stand in some tokens, those in subscripts too."""
    found = set()
    for position, token in enumerate(tokens):
        if is_name(token):
            end = after_name(tokens, position)
            with suppress(GrammarError):
                found.add(
                    _parser(tokens[position:end], Names(undeclared=True), tokens[end - 1].end).name_with_subscript()
                )
    return found


def _parser(tokens: list[Token], names: Names, end: int) -> Parser:
    return Parser(tokens, names, end, Readers(CONSTRUCTIONS, applied))


def without_alignment(tokens: list[Token]) -> list[Token]:
    """Drop each ``&`` at either end or beside a relation; any other parts two columns.

    Raises
    ------
    GrammarError
        At a second column.
    """
    kept, depth = [], 0
    for position, token in enumerate(tokens):
        depth += token.text.startswith("\\begin{")
        depth -= token.text.startswith("\\end{")
        if token.text != "&" or depth:
            kept.append(token)
        elif not aligns(tokens, position):
            message = "a second column: an & stands at the end of a row or beside a relation; give the rest its own row"
            raise GrammarError(message, token.start, token.end)
    return kept


def aligns(tokens: list[Token], position: int) -> bool:
    """Tell whether an ``&`` only aligns: it stands at either end, or beside a relation."""
    if position == 0 or position == len(tokens) - 1:
        return True
    return tokens[position - 1].text in RELATIONS or tokens[position + 1].text in RELATIONS
