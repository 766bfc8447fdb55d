r"""The account of a row: every mark on the paper is part of a claim, a condition, a remark, or layout.

A row is parted where a reader sees it parted: at a wide space, a second column, a comma, words.
Each part is taken once, for what it is; what nobody takes is an error that points at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NoReturn

from bce.algebra.errors import GrammarError
from bce.algebra.grammar.letters import is_unit
from bce.algebra.grammar.lexer import INDEX_LETTERS, LINES, PROSE, RELATIONS, SIGNS, TIMES, Token
from bce.algebra.grammar.read import Names, aligns
from bce.algebra.grammar.token_stream import spelled

from .latex_text import LAYOUT_ENVIRONMENT

MEMBERSHIP = frozenset({"\\in", "∈"})
_OPERATORS = SIGNS | set(TIMES)
_OPENING = frozenset({"{", "(", "[", "\\{"})
_CLOSING = frozenset({"}", ")", "]", "\\}"})
_PUNCTUATION = frozenset({",", ";", "."})
_PROSE = re.compile(rf"\\(?P<command>{'|'.join(PROSE)})\*?\s*\{{(?P<words>[^{{}}]*)\}}")
_WORDS = re.compile(r"[^\W\d_]+(?:['’\-/][^\W\d_]+)*")
_BETWEEN_WORDS = re.compile(r"[\s,.;:()!?“”\"'’~]*")
_EQUATION_MARK = frozenset({"*", "\\star", "\\ast", "\\dagger"})

#: The last word before a formula, and what it makes of it. Any other words between two formulas are an error.
_CONDITION = frozenset(
    "if for when whenever where with provided given assuming assume suppose let all every each any such".split()
)
_ALL = frozenset("all every each any".split())
_REASON = frozenset("since because as by using from note recall".split())
_FURTHER = frozenset("and so hence thus therefore then but also moreover finally get gives yields have is".split())
_LINKS = _CONDITION | _REASON | _FURTHER | {"or"}
#: Words that take back or turn round what stands beside them.
_LOGIC = frozenset("not only iff implies unless plus minus times squared cubed over divided false wrong".split())


@dataclass(frozen=True)
class Claim:
    """A formula of a row that has to hold; ``aside`` is one that is offered as the reason for another."""

    tokens: list[Token]
    aside: bool = False


@dataclass
class Account:
    """What a row holds.

    ``alternatives`` are offered with "or" for the claim before them; ``rest`` is a formula without a
    relation, for the row to go on with.
    """

    claims: list[Claim] = field(default_factory=list)
    alternatives: list[list[Token]] = field(default_factory=list)
    conditions: list[list[Token]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    rest: list[Token] = field(default_factory=list)
    layout: list[Token] = field(default_factory=list)


@dataclass
class _Part:
    tokens: list[Token]
    words: str
    by_comma: bool


def account(tokens: list[Token], body: str, names: Names) -> Account:
    r"""Take every token of a row for what it is.

    Parameters
    ----------
    tokens : list of Token
        The row, or several rows that go on, with ``\\`` between them.
    body : str
        The text that the places of the tokens count in.
    names : Names
        The declared names; a word that is one of them is no remark.

    Raises
    ------
    GrammarError
        At what is neither a claim, a condition, a remark nor layout.
    """
    result = Account()
    previous = ""
    shared: list[list[Token]] = []
    for part in _Parting(tokens, body, names, result).parts():
        role = _role(part, previous, result)
        if role == "names":
            shared.append(part.tokens)
        elif role == "condition":
            result.conditions += _conditions(part.tokens, shared)
            shared = []
        elif role == "alternative":
            result.alternatives.append(part.tokens)
        elif role == "rest":
            result.rest = part.tokens
        elif role == "layout":
            result.layout += part.tokens
        else:
            result.claims.append(Claim(part.tokens, role == "aside"))
        beside = role in ("condition", "alternative", "names")
        formula = [f"${body[part.tokens[0].start : part.tokens[-1].end]}$"] if beside else []
        result.words += [words for words in (part.words, *formula) if words]
        previous = role
    if shared and not _for_all(result.words):
        _fail("a condition is a relation, such as x > 0; declare anything else in the comment above", shared[-1])
    if result.rest and result.claims:
        _fail("this is neither a relation, a condition nor a remark; give it a row of its own", result.rest)
    return result


def _conditions(tokens: list[Token], shared: list[list[Token]]) -> list[list[Token]]:
    """Return a condition for itself and for the names that share it, as in ``x, y > 0``."""
    tokens = tokens[1:] if tokens[0].text == "\\forall" else tokens
    tokens = tokens[1:-1] if _in_brackets(tokens) else tokens
    first = (relations_in(tokens) or [token for token in tokens if token.text in MEMBERSHIP])[:1]
    rest = tokens[tokens.index(first[0]) :] if first else []
    return [*([*name, *rest] for name in shared), tokens]


def _for_all(words: list[str]) -> bool:
    """Tell whether a row ends with names that it holds for all of: that is what every row says."""
    return any(word in _ALL for word in " ".join(words).split())


def relations_in(tokens: list[Token]) -> list[Token]:
    """Return the relation signs outside of all brackets."""
    depth, found = 0, []
    for token in tokens:
        depth += _step(token)
        if depth == 0 and token.text in RELATIONS:
            found.append(token)
    return found


def is_membership(tokens: list[Token]) -> bool:
    r"""Tell whether a part says in which set names lie, as ``x \in \mathbb{R}`` does."""
    return not relations_in(tokens) and any(token.text in MEMBERSHIP for token in tokens)


def is_operator(token: Token) -> bool:
    """Tell whether a token is a sign or a product sign."""
    return token.text in _OPERATORS


class _Parting:
    """Splits a row into its parts; notes remarks and layout on the way."""

    def __init__(self, tokens: list[Token], body: str, names: Names, result: Account) -> None:
        self.tokens, self.body, self.names, self.result = tokens, body, names, result
        self.current: list[Token] = []
        self.found: list[_Part] = []
        self.before = ""
        self.by_comma = False
        self.pending: list[str] = []
        self.parted = self.comma = self.row_end = False
        self.columns = 0
        self.doubtful: Token | None = None

    def parts(self) -> list[_Part]:
        depth = 0
        for position, token in enumerate(self.tokens):
            if depth == 0 and self._parts_here(position, token):
                continue
            if depth == 0:
                self._begin(token)
                if token.text in RELATIONS and self.doubtful is not None:
                    message = (
                        "this can be read in two ways, as going on with the formula before the space or as a formula "
                        "of its own; give it a row of its own, or leave the space out"
                    )
                    raise GrammarError(message, self.doubtful.start, self.doubtful.end)
            depth = max(0, depth + _step(token))
            self.current.append(token if depth or self.current else replace(token, gap=False))
        self._end()
        self.result.words += self.pending
        return self.found

    def _parts_here(self, position: int, token: Token) -> bool:
        """Take a token that is drawn between the parts, or not at all."""
        words = self._words(position, token)
        if words is not None:
            self.pending.append(words)
            self.parted = True
        elif token.text == "\\\\":
            self.result.words += self.pending
            self.pending.clear()
            self.parted = self.row_end = True
            self.columns = 0
        elif token.text in _PUNCTUATION and not self._is_decimal(position, token):
            self.parted = self.comma = True
        elif LAYOUT_ENVIRONMENT.fullmatch(token.text):
            self.parted = True
        elif token.text == "&":
            self.columns += 1
            if not aligns(self.tokens, position):
                self._refuse_joint(position, token)
                self.parted = True
        else:
            return False
        self.result.layout.append(token)
        return True

    def _is_decimal(self, position: int, token: Token) -> bool:
        """Tell whether a full stop stands in a formula, as in ``.5`` and ``x.y``, and ends none."""
        following = self.tokens[position + 1] if position + 1 < len(self.tokens) else None
        ends = following is None or following.gap or following.text in ("&", "\\\\") or following.kind == "text"
        return token.text == "." and not ends and not LAYOUT_ENVIRONMENT.fullmatch(following.text if following else "")

    def _refuse_joint(self, position: int, token: Token) -> None:
        """Refuse an ``&`` between two formulas that are drawn side by side: only every second one makes a space."""
        following = self.tokens[position + 1].text
        ends = following in ("&", "\\\\") or LAYOUT_ENVIRONMENT.fullmatch(following) is not None
        if self.columns % 2 and self.current and not self.parted and not ends:
            _fail("this & makes no space between its two sides; put it beside a relation, or use && or a row", [token])

    def _begin(self, token: Token) -> None:
        """Let a token go on with the current part, or begin a new one with it."""
        self.parted |= token.gap
        if not self.parted:
            return
        last = self.current[-1] if self.current else None
        relation = token.text in RELATIONS or (last is not None and last.text in RELATIONS)
        operator = is_operator(token) or (last is not None and is_operator(last))
        goes_on = relation or (operator and not self.comma and not self.pending)
        if last is None or not goes_on:
            self._end()
            self.before, self.by_comma = " ".join(self.pending), self.comma
        else:
            self.result.words += self.pending
            if token.text in SIGNS and not self.row_end and relations_in(self.current):
                self.doubtful = token
        self.pending.clear()
        self.parted = self.comma = self.row_end = False

    def _end(self) -> None:
        if self.current:
            self.found.append(_Part(self.current, self.before, self.by_comma))
        self.current, self.before, self.by_comma, self.doubtful = [], "", False, None

    def _words(self, position: int, token: Token) -> str | None:
        r"""Return the words of a ``\text{…}`` that stands apart and is no name; None for anything else."""
        match = _PROSE.match(self.body, token.start) if token.kind == "text" else None
        if match is None or self._is_name(token):
            return None
        inside = match["words"]
        words = _WORDS.findall(inside)
        following = self.tokens[position + 1] if position + 1 < len(self.tokens) else None
        linking = bool(words) and words[-1].lower() in _LINKS | _LOGIC
        own_line = match["command"] in LINES
        if not own_line and not (
            self._apart_before(token, inside, words, linking) and self._apart_behind(following, inside, linking)
        ):
            return None
        refused = next((word for word in words if word.lower() in _LOGIC), None)
        if refused is not None:
            _fail(f"the word '{refused}' changes what stands beside it; write it as a formula, or in two rows", [token])
        if not words or _BETWEEN_WORDS.fullmatch(_WORDS.sub("", inside)) is None or max(map(len, words)) < 2:
            _fail(f"{match.group()} is no remark in words; write mathematics outside of \\text", [token])
        return " ".join(inside.replace("~", " ").split()).lstrip(",; ")

    def _apart_before(self, token: Token, inside: str, words: list[str], linking: bool) -> bool:
        """Tell whether words cannot be taken for a factor of the formula before them."""
        if linking or not self.current or self.parted or token.gap:
            return True
        return inside.strip()[:1] in ("(", *_PUNCTUATION) or (inside[:1] in (" ", "~") and len(words) != 1)

    def _apart_behind(self, following: Token | None, inside: str, linking: bool) -> bool:
        """Tell whether words cannot be taken for the beginning of the formula behind them."""
        if following is None or following.text in ("&", "\\\\", *_PUNCTUATION) or following.kind == "text":
            return True
        if LAYOUT_ENVIRONMENT.fullmatch(following.text):
            return True
        if following.text in RELATIONS:
            return bool(self.current) and inside.strip().startswith("(") and following.gap
        if is_operator(following):
            return linking and following.text == "-"
        return linking or following.gap or inside.strip()[-1:] in (")", ":", *_PUNCTUATION)

    def _is_name(self, token: Token) -> bool:
        names = self.names
        return token.text in names.symbols or token.text in names.families or token.text in names.functions


def _role(part: _Part, previous: str, result: Account) -> str:
    """Tell what a part is: "claim", "aside", "alternative", "condition", "names", "rest" or "layout"."""
    tokens = part.tokens
    if _is_equation_number(tokens) and (result.claims or result.rest) and not part.words:
        return "layout"
    if tokens[0].text == "\\forall" or _in_brackets(tokens):
        return "condition"
    link = _link(part.words)
    if is_membership(tokens):
        return "condition"
    if not relations_in(tokens):
        if (link == "condition" or previous == "names") and is_unit(tokens):
            return "names"
        if link == "condition":
            advice = "a condition is a relation, such as x > 0; declare anything else in the comment above the formula"
            _fail(advice, tokens)
        if result.rest:
            _fail("this is neither a relation, a condition nor a remark; give it a row of its own", tokens)
        return "rest"
    if link == "alternative" and previous in ("claim", "alternative"):
        return "alternative"
    plain = all(is_unit(side) or _is_number(side) for side in _sides(tokens))
    if link == "condition" or (previous == "names" and plain):
        return "condition"
    if previous == "condition" and plain and (link == "further" or not part.words):
        if result.claims:
            return "condition"
        link = link if part.words.lower().endswith("then") else ""
    if link == "further" or (not link and not result.claims and not result.conditions):
        return "claim"
    if link == "aside":
        return "aside"
    if not plain and not part.words:
        return "claim"
    if plain and not part.words and _is_condition_by_form(tokens):
        return "condition"
    if plain:
        written = spelled(tokens)
        _fail(
            f"this can be read in two ways, as the condition {written} of the formula before it or as a claim; write "
            f"\\text{{if }} {written} for the condition, declare it in the comment above, or give it a row of its own",
            tokens,
        )
    known = ", ".join(sorted(_FURTHER - {"is", "have", "get"}))
    return _fail(
        f"the words '{part.words}' before a formula are not understood; understood are: if, for, {known}", tokens
    )


def _link(words: str) -> str:
    """Tell what the words before a formula make of it: "condition", "aside", "further", or "" for others."""
    found = [word.lower() for word in _WORDS.findall(words)]
    if found[-1:] == ["that"]:
        found.pop()
    if not found:
        return ""
    kinds = {"condition": _CONDITION, "aside": _REASON, "further": _FURTHER, "alternative": {"or"}}
    for link, ends in kinds.items():
        if found[-1] in ends:
            return link
    return ""


def _sides(tokens: list[Token]) -> list[list[Token]]:
    signs = relations_in(tokens)
    sides: list[list[Token]] = [[]]
    for token in tokens:
        if token in signs:
            sides.append([])
        else:
            sides[-1].append(token)
    return sides


def _is_condition_by_form(tokens: list[Token]) -> bool:
    """Tell whether a plain relation behind a formula can only say where it holds: a bound, or equal indices.

    ``x = 1`` may be a further claim.
    """
    signs = {sign.text for sign in relations_in(tokens)}
    letters = [side[0].text for side in _sides(tokens) if len(side) == 1]
    return "=" not in signs or (len(letters) == len(_sides(tokens)) and INDEX_LETTERS.issuperset(letters))


def _is_number(tokens: list[Token]) -> bool:
    return bool(tokens) and all(token.kind == "number" or token.text in ("{", "}", "\\frac", "-") for token in tokens)


def _is_equation_number(tokens: list[Token]) -> bool:
    texts = [token.text for token in tokens]
    if texts[0] != "(" or texts[-1] != ")" or len(texts) not in (3, 4):
        return False
    number = tokens[1].kind == "number" and (len(texts) == 3 or tokens[2].kind == "letter")
    return number or (len(texts) == 3 and texts[1] in _EQUATION_MARK)


def _in_brackets(tokens: list[Token]) -> bool:
    """Tell whether a pair of brackets around all holds a relation, as in ``(x > 0)``."""
    if tokens[0].text != "(" or tokens[-1].text != ")":
        return False
    depth = 0
    for token in tokens[:-1]:
        depth += _step(token)
        if depth == 0:
            return False
    return bool(relations_in(tokens[1:-1]))


def _step(token: Token) -> int:
    if LAYOUT_ENVIRONMENT.fullmatch(token.text):
        return 0
    opens = token.text in _OPENING or token.text.startswith("\\begin{")
    return opens - (token.text in _CLOSING or token.text.startswith("\\end{"))


def _fail(message: str, tokens: list[Token]) -> NoReturn:
    raise GrammarError(message, tokens[0].start, tokens[-1].end)
