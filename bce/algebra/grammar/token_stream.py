"""A list of tokens that is read from left to right, and the errors found on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from bce.algebra.errors import GrammarError

from .lexer import Token

#: The highest order of a derivative that is read.
MAX_ORDER = 8


def spelled(tokens: Sequence[Token]) -> str:
    """Return tokens as LaTeX, with a blank behind a command where a letter follows."""
    text = ""
    for token in tokens:
        command = text.rpartition("\\")[2] if "\\" in text else ""
        text += f" {token.text}" if command.isalpha() and token.text[:1].isalpha() else token.text
    return text


class TokenStream:
    """Tokens with a position. Every method leaves the position after what it read."""

    def __init__(self, tokens: list[Token], length: int) -> None:
        self.tokens = tokens
        self.end = Token("end", "", length, length)
        self.position = 0

    def here(self, ahead: int = 0) -> Token:
        """Return the next token, or one further ahead, without consuming it."""
        index = self.position + ahead
        if 0 <= index < len(self.tokens):
            return self.tokens[index]
        return self.end

    def next(self) -> Token:
        """Consume and return the next token."""
        token = self.here()
        self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        """Tell whether the next token is one of these."""
        return self.here().text in texts  # the end has no text

    def expect(self, text: str, why: str) -> Token:
        if not self.at(text):
            self.fail(f"expected {text!r} {why}, found {self.found()}")
        return self.next()

    def expect_end(self) -> None:
        if self.here().kind != "end":
            token = self.here()
            hint = " (a closing bracket without its opening one)" if token.text in (")", "]", "}", "\\}") else ""
            self.fail(f"unexpected {token.text!r}{hint}")

    def found(self) -> str:
        return "the end of the formula" if self.here().kind == "end" else repr(self.here().text)

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        token = token or self.here()
        raise GrammarError(message, token.start, max(token.end, token.start + 1))

    def refuse_space(self) -> None:
        """Refuse a command for space, size or style where an argument begins: TeX takes it for the argument."""
        if self.here().spaced:
            self.fail("TeX takes the space before this for the argument; put the argument right behind its command")

    def ambiguous(self, first: str, second: str, advice: str, token: Token | None = None) -> NoReturn:
        self.fail(f"this can be read in two ways, as {first} or as {second}; {advice}", token)

    def written(self, start: int) -> str:
        """Return what was read since a position, as text for a message."""
        return spelled(self.tokens[start : self.position])

    def group_tokens(self, *, is_argument: bool = True) -> list[Token]:
        """Consume one TeX argument and return its tokens without the braces."""
        if is_argument:
            self.refuse_space()
        if self.here().kind == "end":
            self.fail("the formula ends where an argument was expected")
        if not self.at("{"):
            self.split_number()
            return [self.next()]
        opening, depth, start = self.next(), 1, self.position
        while depth:
            token = self.next()
            if token.kind == "end":
                self.fail("this brace is never closed", opening)
            depth += (token.text == "{") - (token.text == "}")
        return self.tokens[start : self.position - 1]

    def bracket_tokens(self, ahead: int = 0) -> list[Token]:
        """Return what stands in the bracket that opens here or further ahead, without consuming it."""
        depth, start = 0, self.position + ahead + 1
        for end in range(start, len(self.tokens)):
            if depth == 0 and self.tokens[end].text in (")", "]"):
                return self.tokens[start:end]
            depth += self.tokens[end].text in ("(", "[", "{")
            depth -= self.tokens[end].text in (")", "]", "}")
        return self.tokens[start:]

    def split_number(self) -> None:
        """Part the first digit of a number from the rest, as TeX does for an argument without braces."""
        token = self.here()
        if token.kind == "number" and len(token.text) > 1:
            digit = Token("number", token.text[0], token.start, token.start + 1)
            rest = Token("number", token.text[1:], token.start + 1, token.end)
            self.tokens = [*self.tokens[: self.position], digit, rest, *self.tokens[self.position + 1 :]]

    def primes_follow(self) -> bool:
        if self.at("'"):
            return True
        return self.at("^") and (
            self.here(1).text == "\\prime" or (self.here(1).text == "{" and self.here(2).text == "\\prime")
        )

    def count_primes(self) -> int:
        r"""Consume primes, written ``'`` or ``^\prime``, and return their number."""
        count = 0
        while self.primes_follow():
            if self.next().text == "'":
                count += 1
                continue
            braced = self.at("{")
            if braced:
                self.next()
            while self.at("\\prime"):
                self.next()
                count += 1
            if braced:
                self.expect("}", "after the primes")
        if count > MAX_ORDER:
            self.fail(f"{count} primes; at most {MAX_ORDER} are read")
        return count
