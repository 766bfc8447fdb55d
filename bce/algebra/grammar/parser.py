r"""The recursive-descent parser: sums and products, brackets and names.

The constructions behind a command of their own (``\frac``, ``\log``, ``\sum`` …) are in
`bce.algebra.grammar.constructions`, functions and their arguments in `bce.algebra.grammar.applications`; the
parser is given what reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bce.algebra.expression import (
    Call,
    Derivative,
    Expression,
    Indexed,
    Limit,
    Negation,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Total,
)
from bce.algebra.names import Names

from .letters import Letters
from .lexer import ACCENTS, CLOSING, GREEK, INDEX_LETTERS, NAME_COMMANDS, RELATIONS, SEPARATORS, SIGNS, TIMES, Token
from .token_stream import TokenStream, spelled

MAX_DEPTH = 60

Construction = Callable[["Parser"], Expression]


@dataclass(frozen=True)
class Readers:
    """What reads the parts that the parser has handed on, by command, and behind the name of a function."""

    constructions: Mapping[str, Construction]
    application: Callable[[Parser, str, Token], Expression]


class Parser(TokenStream):
    """Reads formulas from a stream of tokens."""

    def __init__(
        self,
        tokens: list[Token],
        names: Names,
        length: int,
        readers: Readers,
        depth: int = 0,
    ) -> None:
        super().__init__(tokens, length)
        self.names = names
        self.readers = readers
        self.depth = depth
        self.open_bars = 0
        self.bare_functions: set[str] = set()
        self.called_functions: dict[str, Token] = {}
        self.letters = Letters()

    def at_relation(self) -> bool:
        """Tell whether the next token is a relation sign."""
        return self.at(*RELATIONS)

    # --- sums and products ------------------------------------------------------------

    def sum(self) -> Expression:
        """Read terms with + and - between them."""
        terms = [self._signed_product()]
        while self.at("+", "-"):
            negative = self.next().text == "-"
            if self.at("+", "-"):
                self.fail("two signs in a row; put the signed term in brackets")
            term = self.product()
            terms.append(Negation(term) if negative else term)
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def _signed_product(self) -> Expression:
        if self.at("+"):
            self.fail("a formula does not begin with '+'")
        if self.at("-"):
            self.next()
            if self.at("+", "-"):
                self.fail("two signs in a row; put the signed term in brackets")
            return Negation(self.product())
        return self.product()

    def product(self) -> Expression:
        """Read factors, with a product sign or nothing between them."""
        start = self.position
        after_bars = False
        bars = self.at("|")
        factors = [self.factor()]
        while True:
            if self.at(*TIMES):
                self.next()
                bars = self.at("|")
                if self.at("-") and self.names.lenient:
                    self.next()
                    factors.append(Negation(self.factor()))
                    continue
                if self.at("+", "-") or self._at_signed_group():
                    self.fail("a sign right after a product sign; put the signed factor in brackets")
                factors.append(self.factor())
            elif self.at("/"):
                return self._inline_quotient(factors, start)
            elif self._at_signed_group():
                self._open_signed_group()
            elif self.begins_factor():
                if after_bars and self.at("|"):
                    first, second = "|…| … |…|, two absolute values", "|… |…| …|, one in the other"
                    self.ambiguous(first, second, "write \\cdot or brackets between the factors")
                if self.here().gap:
                    self.fail("a wide space between two factors parts them; write \\cdot for a product, or a new row")
                number = self.here(1) if self.at("{") else self.here()
                if number.kind == "number":
                    self.fail(
                        f"a number right after a factor: {number.text!r} would be read as part of it; "
                        "write the number first, or \\cdot between"
                    )
                after_bars, bars = after_bars or bars, self.at("|")
                factors.append(self.factor())
            else:
                return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def _at_signed_group(self) -> bool:
        """Tell whether braces that do not print begin here, and a sign in them."""
        braces = 0
        while self.here(braces).text == "{":
            braces += 1
        return bool(braces) and self.here(braces).text in SIGNS

    def _open_signed_group(self) -> None:
        """Take the braces off ``{+ y}`` behind a factor: they do not print, and the sign does."""
        opening, start = self.here(), self.position
        self.group_tokens(is_argument=False)
        end = self.position
        inside = self.written(start)[1:-1]
        if inside.lstrip("{")[0] == "-" or self.at("^", "_", "'"):
            as_factor, as_term = f"a factor ({inside})", f"{inside} without brackets, as it prints"
            self.ambiguous(as_factor, as_term, "take the braces off, or write \\left( … \\right)", opening)
        self.position = start
        self.tokens = [*self.tokens[:start], *self.tokens[start + 1 : end - 1], *self.tokens[end:]]

    def _inline_quotient(self, factors: list[Expression], start: int) -> Expression:
        """Read ``ab/c``, which is plain; ``a/bc`` and ``a/b/c`` are not."""
        slash = self.next()
        if not self.names.lenient:
            self.fail("an inline '/' can be read in two ways; write \\frac{…}{…}", slash)
        above = self.tokens[start : self.position - 1]
        middle = self.position
        denominator = self.factor()
        if self.begins_factor() or self.at("/", *TIMES):
            top, bottom, rest = spelled(above), self.written(middle), self.here().text
            self.ambiguous(f"({top}/{bottom}) {rest}…", f"{top}/({bottom} {rest}…)", "use \\frac or brackets", slash)
        numerator = factors[0] if len(factors) == 1 else Product(tuple(factors))
        return Quotient(numerator, denominator)

    def begins_factor(self) -> bool:
        """Tell whether the next token can begin a factor."""
        token = self.here()
        if token.kind in ("number", "letter", "text"):
            return True
        if token.text == "|":
            return not self.open_bars
        if token.text in ("(", "[", "{", "\\{", "\\lvert"):
            return True
        return token.text in NAME_COMMANDS or token.text in ACCENTS or token.text in self.readers.constructions

    def factor(self) -> Expression:
        """Read a primary with its exponent and primes."""
        start = self.position
        self._descend()
        base = self.primary()
        self.depth -= 1
        first = self.tokens[start].text
        if self.at("^", "'") and first in ("\\log", "\\exp", "\\max", "\\min"):
            what = "power" if self.at("^") and not self.primes_follow() else "prime"
            self.ambiguous(f"a {what} of {first}(…)", f"a {what} of its argument", "use brackets")
        if self.at("^", "'") and first == "e" and isinstance(base, Call) and base.function == "exp":
            self.fail("two exponents in a row; use brackets")
        if self.primes_follow():
            base = self._primed(base, self.tokens[start])
        result = base
        if self.at("^"):
            exponent = self.exponent()
            if self.at("^"):
                self.fail("two exponents in a row; use braces or brackets")
            result = Power(base, exponent)
        if isinstance(base, (Symbol, Indexed)) and first != "{" and first not in CLOSING and not self.names.undeclared:
            self.letters.note(self, base, self.tokens[start])
        return result

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep")

    def exponent(self) -> Expression:
        """Read ``^`` and what it raises."""
        self.expect("^", "before an exponent")
        token = self.here()
        if [self.here(k).text for k in range(3)] == ["{", "{", "("]:
            self.fail("an exponent in brackets reads like an index; write the power without these brackets")
        if token.text == "{":
            return self.braced("exponent")
        if token.kind == "number" and len(token.text) > 1:
            self.fail(f"TeX raises only the first digit of {token.text}; write ^{{{token.text}}}")
        if token.kind in ("number", "letter") or token.text in GREEK:
            return self._single()
        return self.fail("an exponent is one sign or a group in braces")

    # --- primes -----------------------------------------------------------------------

    def _primed(self, body: Expression, start: Token) -> Expression:
        if isinstance(body, (Symbol, Indexed)):
            self.ambiguous(f"the derivative of {body}", f"another quantity {body}'", "write \\frac{d}{dx}", start)
        variable = self.names.prime
        if variable is None and self.names.lenient:
            inside = {node.name for node in body.walk() if isinstance(node, Symbol)} & self.names.symbols
            variable = inside.pop() if len(inside) == 1 else None
        if variable is None:
            message = "a prime on an expression needs exactly one declared variable; write \\frac{d}{dx} instead"
            self.fail(message, start)
        return Derivative(body, Symbol(variable), self.count_primes())

    # --- primaries --------------------------------------------------------------------

    def primary(self) -> Expression:
        """Read a number, a name, a call, a bracket or a construction."""
        token = self.here()
        if token.kind == "number":
            self.next()
            if self.here().kind == "number":
                self.fail(f"two numbers side by side: TeX sets {token.text}{self.here().text}; write \\cdot between")
            return Number(Fraction(token.text))
        if token.text in CLOSING:
            return self.bracketed()
        if token.text == "{":
            return self.invisible_group()
        if token.text == "e" and token.kind == "letter" and self.here(1).text == "^":
            if "e" in self.names.symbols:
                self.ambiguous("the exponential", "a power of the symbol e", "give the symbol another letter")
            self.next()
            return Call("exp", (self.exponent(),))
        if token.text in self.readers.constructions and token.text not in self.names.functions:
            self.next()
            return self.readers.constructions[token.text](self)
        if token.kind in ("letter", "text") or token.text in NAME_COMMANDS or token.text in ACCENTS:
            return self.named()
        if token.kind == "end":
            self.fail("the formula ends where a term was expected")
        if token.kind == "command":
            self.fail(f"the command {token.text} is not part of the grammar")
        return self.fail(f"expected a term, found {token.text!r}")

    def bracketed(self) -> Expression:
        r"""Read ``(…)``, ``[…]``, ``\{…\}`` or the bars of an absolute value."""
        opening = self.next()
        if opening.text in ("|", "\\lvert"):
            self.open_bars += 1
            body = self._until(CLOSING[opening.text], opening)
            self.open_bars -= 1
            if opening.text == "|" and self.at("|") and not (self.names.lenient and not self.open_bars):
                self.fail("bars side by side can be read in two ways; write \\lvert and \\rvert")
            return Call("abs", (body,))
        return self._without_bars(lambda: self._until(CLOSING[opening.text], opening))

    def braced(self, what: str) -> Expression:
        """Read a group in braces."""
        opening = self.expect("{", f"around the {what}")
        return self._without_bars(lambda: self._until("}", opening))

    def _without_bars(self, read: Callable[[], Expression]) -> Expression:
        outer, self.open_bars = self.open_bars, 0
        body = read()
        self.open_bars = outer
        return body

    def _until(self, closing: str, opening: Token) -> Expression:
        body = self.sum()
        if self.at("\\over"):
            self.fail("\\over hides where the numerator begins; write \\frac{…}{…}")
        if not self.at(closing):
            self.fail(f"expected {closing!r} to close {opening.text!r}, found {self.found()}")
        self.next()
        return body

    def invisible_group(self) -> Expression:
        """Read braces that do not print: they must not be needed to understand what is inside."""
        start = self.position
        if self.here(1).text in CLOSING:
            self.next()
            body = self.bracketed()
            if self.at("}"):
                self.next()
                return body
            self.position = start
        body = self.braced("group")
        if isinstance(body, (Sum, Negation)) or (isinstance(body, Product) and self.at("^")):
            alone = self.tokens[start - 1].text in ("(", "{", "[", "=", "&", "+", *RELATIONS) if start else True
            plain = alone and not self.begins_factor() and not self.at("^", "/", *TIMES)
            if not (self.names.lenient and plain):
                inside = self.written(start)[1:-1]
                as_printed = f"{inside} without brackets, as it prints"
                advice = "write \\left( … \\right)"
                self.ambiguous(f"({inside})", as_printed, advice, self.tokens[start])
        elif isinstance(body, Product) and not self.names.lenient:
            message = "braces do not print: a reader sees no bracket here; write \\left( … \\right)"
            self.fail(message, self.tokens[start])
        self._refuse_needed_braces(body, start)
        return body

    def _refuse_needed_braces(self, body: Expression, start: int) -> None:
        """Refuse braces without which the formula would be read in another way."""
        unit = isinstance(body, (Symbol, Indexed, Quotient)) or (
            isinstance(body, Call) and body.function not in ("log", "exp", "max", "min")
        )
        open_ended = isinstance(body, (Total, Derivative, Limit)) or (
            isinstance(body, Call) and body.function == "log" and self.here(-2).text not in (")", "]")
        )
        raised = self.at("^", "'") and not unit
        if raised or (open_ended and (self.begins_factor() or self.at("/", *TIMES))):
            inside, advice = self.written(start)[1:-1], "write \\left( … \\right)"
            self.ambiguous(f"({inside})", f"{inside} without brackets, as it prints", advice, self.tokens[start])

    def argument(self, what: str) -> Expression:
        """Read one TeX argument: a group in braces, or a single sign."""
        self.refuse_space()
        return self.braced(what) if self.at("{") else self._single()

    def _single(self) -> Expression:
        self.split_number()
        if self.here().kind == "number":
            return Number(Fraction(self.next().text))
        if self.here().kind == "end":
            self.fail("the formula ends where an argument was expected")
        return self.sub_parser([self.next()]).sum()

    def sub_parser(self, tokens: list[Token]) -> Parser:
        """Return a parser for some of the tokens, with the same names."""
        end = tokens[-1].end if tokens else self.here(-1).end
        parser = Parser(tokens, self.names, end, self.readers, self.depth)
        parser.bare_functions, parser.called_functions = self.bare_functions, self.called_functions
        parser.letters = self.letters
        return parser

    def refuse_mixed_functions(self) -> None:
        r"""Refuse ``\sigma (1 - \sigma)``, where the name stands for its own value and before a bracket."""
        for name, token in self.called_functions.items():
            if name in self.bare_functions:
                advice = f"write the arguments of {name} everywhere"
                self.ambiguous(f"the product {name} · (…)", f"the function {name} at (…)", advice, token)

    def parse_tokens(self, tokens: list[Token]) -> Expression:
        parser = self.sub_parser(tokens)
        tree = parser.sum()
        parser.expect_end()
        return tree

    # --- names ------------------------------------------------------------------------

    def name(self) -> str:
        r"""Read a name without subscript: ``x``, ``\sigma``, ``\hat{y}``, ``\mathrm{KL}``."""
        token = self.next()
        if token.text in ACCENTS:
            parser = self.sub_parser(self.group_tokens())
            parser._descend()
            inner = parser.name_with_subscript()
            parser.expect_end()
            return f"{token.text}{{{inner}}}"
        if token.kind in ("letter", "text") or token.text in NAME_COMMANDS:
            return token.text
        return self.fail("expected a name", token)

    def name_with_subscript(self) -> str:
        base = self.name()
        subscript = self._subscript()
        return base if subscript is None else f"{base}_{subscript_text(subscript)}"

    def _subscript(self) -> list[Token] | None:
        if self.at("_"):
            self.next()
            return self.group_tokens()
        if self.at("^") and [self.here(k).text for k in (1, 2)] == ["{", "("]:
            # y^{(i)}: the i-th example, written as an exponent in brackets.
            mark = self.position
            self.next()
            group = self.group_tokens()
            if len(group) >= 3 and group[-1].text == ")":
                return group[1:-1]
            self.position = mark
        return None

    def named(self) -> Expression:
        """Read a name with its subscript and, for a function, its arguments."""
        start = self.here()
        base = self.name()
        subscript = self._subscript()
        name = base if subscript is None else f"{base}_{subscript_text(subscript)}"
        if name in self.names.functions:
            return self.readers.application(self, name, start)
        if name in self.names.symbols:
            return Symbol(name)
        if subscript is None and name in self.names.families:
            self._require_whole_argument(name, start)
            return Symbol(name)
        if subscript is not None and base in self.names.families:
            return Indexed(base, self.parse_tokens(subscript))
        if self.names.undeclared:
            if subscript is not None and len(subscript) == 1 and subscript[0].text in INDEX_LETTERS:
                return Indexed(base, Symbol(subscript[0].text))
            return Symbol(name)
        if name == "e":
            self.fail("a bare 'e': write e^{…} for the exponential, or declare another letter", start)
        if self.at("("):
            advice = f"say what it is, where: {name}(t) = …, or name its definition under 'uses'"
            self.fail(f"unknown function {name}: {advice}", start)
        return self.fail(f"undeclared symbol {name}: give it a domain under 'given', or a value under 'where'", start)

    def _require_whole_argument(self, name: str, start: Token) -> None:
        """Accept a family's bare name only as the whole argument of a function."""
        before = self.tokens[self.position - 2].text if self.position > 1 else ""
        opened = self.tokens[self.position - 1] is start and before in ("(", "[", *SEPARATORS)
        if not opened or self.here().text not in (")", "]", *SEPARATORS):
            self.fail(f"{name} is a whole family here; write a member such as {name}_i", start)


def subscript_text(tokens: list[Token]) -> str:
    """Return a subscript as it stands in a name; a word is the same in every type."""
    text = "".join(_plain_word(token) for token in tokens)
    return text if len(tokens) == 1 and len(text) == 1 else f"{{{text}}}"


def _plain_word(token: Token) -> str:
    word = token.text.removeprefix("\\mathrm{").removesuffix("}")
    return word if token.text.startswith("\\mathrm{") and len(word) > 1 else token.text
