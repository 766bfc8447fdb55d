"""What the names in a formula mean: the one thing the grammar has to be told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Names:
    """The declared names.

    ``functions`` maps a name to the numbers of arguments it takes, ``parameters`` to the
    names of these arguments in its definition. ``prime`` is the variable
    a prime differentiates by, ``length`` the upper bound of a sum written without bounds.
    With ``undeclared`` any name is accepted as a symbol, and ``p_i`` as a member of a
    family: that is how the declarations themselves are read. With ``lenient`` notation is
    accepted that is plain to every reader but not part of the book's own style.
    """

    symbols: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    functions: dict[str, frozenset[int]] = field(default_factory=dict)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prime: str | None = None
    length: str | None = None
    undeclared: bool = False
    lenient: bool = False

    def with_symbol(self, name: str) -> Names:
        """Return the names inside of a sum over this index."""
        return replace(self, symbols=self.symbols | {name})
