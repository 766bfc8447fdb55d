"""What a file's own formulas introduce: ``L = …`` in a first row says what L is from then on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from bce.algebra.errors import GrammarError
from bce.algebra.grammar.lexer import INDEX_LETTERS, tokenize
from bce.algebra.grammar.read import Names, names_in, parse_head, parse_name, plain_tokens

from .account import account, relations_in
from .cells import Cell, Item
from .declarations import KINDS
from .latex_text import rows_of

#: Constants and operators that no formula introduces by the way.
_TAKEN = frozenset({"\\pi", "e", "d", "\\partial"})
#: Words of declarations that are no product of letters.
_WORDS = frozenset(word for kind in KINDS for word in kind.split()) | {"in"}
#: The most quantities of earlier formulas that one formula may rest on.
MOST_REMEMBERED = 100
_ANY = Names(undeclared=True, lenient=True)


@dataclass(frozen=True)
class Introduced:
    """A quantity that a first row introduces: its name, its definition, and the names in that."""

    name: str
    item: Item
    mentions: frozenset[str]


@dataclass
class Memory:
    """What the formulas of a file have introduced so far, by name; the first formula for a name says what it is."""

    known: dict[str, Introduced] = field(default_factory=dict)

    def add(self, introduced: Introduced) -> None:
        """Remember a quantity, unless its name has a meaning."""
        self.known.setdefault(introduced.name, introduced)

    def introduced_by(self, cell: Cell) -> Introduced | None:
        """Read ``L = …`` in the first row, for a name that nothing declares, as what L is."""
        start, end = next(
            (row for row in rows_of(cell.body.text) if cell.body.text[slice(*row)].strip(" \n\t&")), (0, 0)
        )
        try:
            found = account(plain_tokens(cell.body.text[start:end], _ANY, start), cell.body.text, _ANY)
            tokens = found.claims[0].tokens
            signs = relations_in(tokens)
            place = tokens.index(signs[0])
            name = _name(cell.body.text[tokens[0].start : signs[0].start].strip(" &\n\t"))
        except (GrammarError, IndexError):
            return None
        if signs[0].text != "=" or name is None or found.conditions or self._is_known(name, cell):
            return None
        right = tokens[place + 1 : tokens.index(signs[1]) if len(signs) > 1 else None]
        if not right:
            return None
        left = cell.body.text[tokens[0].start : signs[0].start]
        text = f"{left} = {cell.body.text[right[0].start : right[-1].end]}".replace("&", " ")
        item = Item(" ".join(text.split()), *cell.body.place(tokens[0].start))
        return Introduced(name, item, frozenset(names_in(right)))

    def _is_known(self, name: str, cell: Cell) -> bool:
        """Tell whether the header or an earlier formula says what a name is, or the family that it belongs to."""
        items = [item.text for key in ("given", "where") for item in cell.header.get(key, [])]
        declared = _mentioned(
            " ".join(word for word in text.split() if word.strip(";") not in _WORDS) for text in items
        )
        base = name.partition("_")[0]
        family = base != name and any(f"{base}_{letter}" in declared for letter in INDEX_LETTERS)
        return name in _TAKEN or name in declared or name in self.known or family

    def _find(self, name: str) -> Introduced | None:
        """Return what introduced a name, or the family that it is a member of."""
        base, subscripted, _ = name.partition("_")
        spellings = [name, *(f"{base}_{letter}" for letter in INDEX_LETTERS if subscripted)]
        return next((self.known[spelling] for spelling in spellings if spelling in self.known), None)

    def needed_by(self, cell: Cell, own: Introduced | None) -> tuple[Item, ...]:
        """Return the definitions that a formula rests on, in the order of the file.

        Raises
        ------
        ReadError
            If there are more than `MOST_REMEMBERED`.
        """
        pending = sorted(_mentioned([cell.body.text]) - ({own.name} if own else set()))
        found: dict[str, Introduced] = {}
        while pending:
            if len(found) > MOST_REMEMBERED:
                message = f"this rests on more than {MOST_REMEMBERED} earlier formulas; say under where what they are"
                raise cell.error(message, cell.body, width=1)
            earlier = self._find(pending.pop())
            if earlier is not None and earlier.name not in found:
                found[earlier.name] = earlier
                pending += sorted(earlier.mentions)
        needed = [one.item for name, one in self.known.items() if name in found] if found else []
        return (*needed, own.item) if own else tuple(needed)


def _name(left: str) -> str | None:
    """Return the name that a left side introduces, of a quantity or a function; None for anything else."""
    return parse_name(left, lenient=True) or parse_head(left, lenient=True)[0]


def _mentioned(texts: Iterable[str]) -> set[str]:
    """Return all names in some texts, words as they are set and letter by letter."""
    found: set[str] = set()
    for text in texts:
        for start, end in rows_of(text):
            with suppress(GrammarError):
                found.update(names_in(tokenize(text[start:end])))
                found.update(names_in(plain_tokens(text[start:end], _ANY)))
    return found
