"""What is to be decided: a relation, and everything its names mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from .dependence import Tie, names_in, ties_of
from .domain import Domain, Functions, Helpers
from .expression import Expression, Relation
from .scope import Member, Scope, Value


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
        used = names_in(trees, self.helpers, self.functions)
        waiting = [(c, names_in([c], self.helpers, self.functions)) for c in self.domain.conditions]
        while concerned := [(condition, names) for condition, names in waiting if names & used]:
            for pair in concerned:
                waiting.remove(pair)
                used |= pair[1]
        return used

    @cached_property
    def _ties(self) -> tuple[Tie, ...]:
        return ties_of(self.domain, self.helpers, self.functions)

    def scope(self, values: Mapping[str, Value], families: Mapping[str, Member]) -> Scope:
        """Return the scope in which the declared symbols and families have these values."""
        return Scope(values, families, self.helpers, self._ties, self.domain.whole)
