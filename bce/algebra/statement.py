"""What is to be decided: a relation, and everything its names mean."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from .domain import Domain, Functions, Helpers, called_functions, free_names, symbols_of
from .expression import Expression, Number, Relation, Symbol, Total


@dataclass(frozen=True)
class Certificate:
    """``minimum at variable = at``: the larger side minus the smaller is convex and stationary there."""

    variable: str
    at: Expression


@dataclass(frozen=True)
class Statement:
    """A relation on a domain, with everything its symbols and functions mean."""

    relation: Relation
    domain: Domain
    helpers: Helpers
    functions: Functions
    certificate: Certificate | None = None

    @cached_property
    def names(self) -> set[str]:
        """All symbols and families that are involved, through helpers, functions and conditions."""
        trees: list[Expression] = [self.relation.left, self.relation.right]
        if self.certificate is not None:
            trees.append(self.certificate.at)
        used: set[str] = set()
        while trees:
            tree = trees.pop()
            for signature in called_functions(tree):
                function = self.functions.get(signature)
                if function is not None:
                    free = free_names(function, self.functions)
                    trees.extend(Symbol(name) for name in free if name not in used)
            new = symbols_of(tree) - used
            used |= new
            for name in new:
                if name in self.helpers.symbols:
                    trees.append(self.helpers.symbols[name])
                if name in self.helpers.families:
                    letter, body = self.helpers.families[name]
                    trees.append(Total("sum", letter, Number(Fraction(1)), Number(Fraction(1)), body))
                trees.extend(body for (family, _), body in self.helpers.members.items() if family == name)
            for condition in self.domain.conditions:
                names = symbols_of(condition)
                if names & new and not names <= used:
                    trees.extend([condition.left, condition.right])
        return used
