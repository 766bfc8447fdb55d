"""Notation that people publish, brought into the book's own before it is parsed.

Only what is plain to every reader is rewritten here, token by token. The parser decides
the rest, with ``Names.lenient``; what stays ambiguous is an error in both styles.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from bce.algebra.errors import GrammarError
from bce.algebra.names import Names

from .lexer import RELATIONS, SIGNS, WORD_COMMANDS, Token

#: Commands that draw something around their argument, and the sign before a remark on it.
_AROUND = {"\\underbrace": "_", "\\overbrace": "^", "\\boxed": "", "\\cancel": ""}
_OVER_A_SIGN = ("\\stackrel", "\\overset", "\\underset")
#: What stands over a sign as a remark and is no words, letters or formula; anything else there changes the sign.
_REMARK_MARKS = frozenset({"*", "\\star", "\\ast", "\\dagger", "\\triangle", "\\Delta"})
_BARE_WORDS = sorted(WORD_COMMANDS, key=len, reverse=True)
_MOST_AROUND = 60


def plain_reading(tokens: list[Token], names: Names) -> list[Token]:
    """Return the tokens with remarks over signs dropped, bare words as functions, and ``dL/dx`` as fractions."""
    tokens = _without_remarks(tokens)
    tokens = _double_bars(_names(_words(_fractions(tokens), names), names))
    return _inline_derivatives(tokens, names)


def _without_remarks(tokens: list[Token], depth: int = 0) -> list[Token]:
    r"""Read ``\stackrel{remark}{=}`` as the sign alone, and take off what is drawn around a part."""
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.text in _AROUND:
            if depth == _MOST_AROUND:
                raise GrammarError(f"nested more than {_MOST_AROUND} deep", token.start, token.end)
            end = _argument_end(tokens, position + 1)
            result += _inside(token, _without_remarks(tokens[position + 1 : end], depth + 1))
            position = _after_remark(tokens, end, _AROUND[token.text])
        elif token.text in _OVER_A_SIGN:
            middle = _argument_end(tokens, position + 1)
            end = _argument_end(tokens, middle)
            result.append(_sign_under(tokens, position, middle, end))
            position = end
        else:
            result.append(token)
            position += 1
    return result


def _inside(command: Token, group: list[Token]) -> list[Token]:
    """Return what a box or brace is drawn around: a whole relation without its braces, a part with them."""
    signed = len(group) > 1 and group[1].text in SIGNS
    if command.text == "\\cancel" and signed:
        message = "a term that is crossed out with its sign: leave it out, or write it without \\cancel"
        raise GrammarError(message, command.start, command.end)
    depth = 0
    for token in group[1:-1]:
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.text in RELATIONS:
            return group[1:-1]
    return [replace(group[0], start=command.start, gap=command.gap), *group[1:]] if group else []


def _after_remark(tokens: list[Token], position: int, sign: str) -> int:
    """Return the place after the remark on a brace, which is no claim."""
    if not sign or position == len(tokens) or tokens[position].text != sign:
        return position
    end = _argument_end(tokens, position + 1)
    claim = next((token for token in tokens[position + 1 : end] if token.text in RELATIONS), None)
    if claim is not None:
        raise GrammarError("a relation under a brace is a claim: give it a row of its own", claim.start, claim.end)
    return end


def _sign_under(tokens: list[Token], start: int, middle: int, end: int) -> Token:
    r"""Return the relation of ``\overset{remark}{=}``; over anything else it is an accent, and part of a name."""
    command = tokens[start]
    groups = [tokens[middle:end], tokens[start + 1 : middle]]
    sign, remark = [[t for t in group if t.text not in ("{", "}")] for group in groups]
    if len(sign) != 1 or sign[0].text not in RELATIONS:
        message = f"{command.text} over anything but a relation is an accent: give the quantity a name of its own"
        raise GrammarError(message, command.start, command.end)
    words = len(remark) > 1 or all(t.kind in ("letter", "text", "number") or t.text in _REMARK_MARKS for t in remark)
    if not words:
        message = f"{remark[0].text} over a relation changes it; a remark there is words, letters or a formula"
        raise GrammarError(message, remark[0].start, remark[0].end)
    return replace(sign[0], start=command.start, end=tokens[end - 1].end, gap=command.gap)


def _fractions(tokens: list[Token]) -> list[Token]:
    r"""Read ``{a \over b}`` as ``\frac{a}{b}``."""
    while True:
        over = next((k for k, token in enumerate(tokens) if token.text == "\\over"), None)
        opening, closing = (None, None) if over is None else _enclosing_group(tokens, over)
        if over is None or opening is None or closing is None:
            return tokens
        sign, gap = tokens[over], tokens[opening].gap
        braces = [Token("mark", text, sign.start, sign.end) for text in ("{", "}")]
        fraction = [Token("command", "\\frac", tokens[opening].start, sign.end, gap), braces[0]]
        fraction += [*tokens[opening + 1 : over], braces[1], braces[0], *tokens[over + 1 : closing], braces[1]]
        tokens = [*tokens[:opening], *fraction, *tokens[closing + 1 :]]


def _enclosing_group(tokens: list[Token], position: int) -> tuple[int | None, int | None]:
    """Return the places of the braces around a token."""
    depth, opening = 0, None
    for k in range(position - 1, -1, -1):
        depth += (tokens[k].text == "}") - (tokens[k].text == "{")
        if depth < 0:
            opening = k
            break
    return opening, None if opening is None else _group_end(tokens, opening) - 1


def _names(tokens: list[Token], names: Names) -> list[Token]:
    """Read letters side by side as one name where a product of them has no meaning, as in ``BCE(y, x)``."""
    known = names.symbols | names.families | frozenset(names.functions)
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        end = position
        while (
            end < len(tokens)
            and tokens[end].kind == "letter"
            and (end == position or tokens[end - 1].end == tokens[end].start)
        ):
            end += 1
        run = tokens[position:end]
        called = end < len(tokens) and tokens[end].text == "("
        strange = [token for token in run if token.text not in known]
        differential = len(run) == 2 and run[0].text == "d"
        if len(run) > 1 and not differential and (len(strange) == len(run) or (called and strange)):
            word = "".join(token.text for token in run)
            result.append(Token("text", f"\\mathrm{{{word}}}", run[0].start, run[-1].end, run[0].gap))
        elif run:
            result += run
        else:
            result.append(tokens[position])
        position = max(end, position + 1)
    return result


def _double_bars(tokens: list[Token]) -> list[Token]:
    """Read the two bars of ``KL(p || q)`` as one sign."""
    result: list[Token] = []
    bars = [0]
    for token in tokens:
        if token.text in ("(", "["):
            bars.append(0)
        elif token.text in (")", "]") and len(bars) > 1:
            bars.pop()
        bars[-1] += token.text == "|"
        adjacent = bool(result) and result[-1].text == "|" and result[-1].end == token.start
        if token.text == "|" and adjacent and len(bars) > 1 and bars[-1] == 2:
            result[-1] = Token("command", "\\|", result[-1].start, token.end, result[-1].gap)
            bars[-1] = 0
        else:
            result.append(token)
    return result


def _argument_end(tokens: list[Token], start: int) -> int:
    """Return the position after the argument that begins at ``start``, right behind its command."""
    if start < len(tokens) and tokens[start].spaced:
        message = "TeX takes the space before this for the argument; put the argument right behind its command"
        raise GrammarError(message, tokens[start].start, tokens[start].end)
    return _group_end(tokens, start)


def _group_end(tokens: list[Token], start: int) -> int:
    """Return the position after the TeX argument that begins at ``start``."""
    depth, position = 0, start
    while position < len(tokens):
        depth += (tokens[position].text == "{") - (tokens[position].text == "}")
        position += 1
        if depth <= 0:
            break
    return position


def _words(tokens: list[Token], names: Names) -> list[Token]:
    r"""Read the letters ``l o g`` side by side as ``\log``, unless all of them are declared symbols."""
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        word = next((w for w in _BARE_WORDS if _spells(tokens, position, w, names)), None)
        if word is None:
            result.append(tokens[position])
            position += 1
        else:
            last = tokens[position + len(word) - 1]
            first = tokens[position]
            result.append(Token("command", WORD_COMMANDS[word], first.start, last.end, first.gap))
            position += len(word)
    return result


def _spells(tokens: list[Token], position: int, word: str, names: Names) -> bool:
    letters = tokens[position : position + len(word)]
    if [t.text for t in letters] != list(word) or any(t.kind != "letter" for t in letters):
        return False
    adjacent = all(a.end == b.start for a, b in pairwise(letters))
    return adjacent and not all(letter in names.symbols for letter in word)


def _inline_derivatives(tokens: list[Token], names: Names) -> list[Token]:
    r"""Read ``dL/dx`` and ``\partial L/\partial x`` as ``\frac{dL}{dx}``."""
    slash = 0
    while slash < len(tokens):
        start = end = None
        if tokens[slash].text == "/":
            start, end = _differential_before(tokens, slash), _differential_after(tokens, slash, names)
        if start is None or end is None or tokens[start].text != tokens[slash + 1].text:
            slash += 1
            continue
        if any(token.gap for token in tokens[start + 1 : end]):
            slash += 1  # something else, drawn apart
            continue
        before = tokens[start]
        brace = [Token("mark", text, before.start, before.end) for text in ("{", "}")]
        fraction = [Token("command", "\\frac", before.start, before.end, before.gap), brace[0]]
        fraction += [*tokens[start:slash], brace[1], brace[0], *tokens[slash + 1 : end], brace[1]]
        tokens = [*tokens[:start], *fraction, *tokens[end:]]
        slash = start + len(fraction)
    return tokens


def _differential_before(tokens: list[Token], slash: int) -> int | None:
    r"""Return where ``d``, ``dL`` or ``d\hat{y}_i`` before a slash begins."""
    for start in range(slash - 1, max(-1, slash - 10), -1):
        if tokens[start].text in ("+", "-", "=", "/", "\\\\", "&"):
            return None
        if tokens[start].text in ("d", "\\partial") and tokens[start].kind in ("letter", "command"):
            return start
    return None


def _differential_after(tokens: list[Token], slash: int, names: Names) -> int | None:
    r"""Return the end of ``dx`` or ``\partial x_i`` after a slash."""
    if slash + 2 >= len(tokens) or tokens[slash + 1].text not in ("d", "\\partial") or "d" in names.symbols:
        return None
    end = _group_end(tokens, slash + 3) if tokens[slash + 2].text in ("\\hat", "\\bar", "\\tilde") else slash + 3
    while end < len(tokens) and tokens[end].text in ("_", "^"):
        end = _group_end(tokens, end + 1)
    return end
