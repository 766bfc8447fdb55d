"""The table of proof rules, as a list in a chapter."""

from __future__ import annotations

from dataclasses import dataclass

import bce.algebra.decide.prove  # noqa: F401  (the rules are where they are used, and enter the table when imported)
from bce.algebra.rules import rules_of


@dataclass(frozen=True)
class RuleList:
    r"""The rules of a group, each with its name and its sentence, in the order in which they are tried.

    Examples
    --------
    >>> print(RuleList("case"))
    values: A symbol of a range with at most four whole numbers is each of them, one case after the other.
    cases: Where a formula with $\lvert x \rvert$, $\max$, $\min$, cases or $\sqrt{x^2}$ depends on a sign, the domain is split there; the relation has to hold in every part.
    """  # noqa: E501

    group: str

    def _repr_markdown_(self) -> str:
        return "\n".join(f"1. **{rule.name}**: {rule.sentence}" for rule in rules_of(self.group))

    def __str__(self) -> str:
        return "\n".join(f"{rule.name}: {rule.sentence}" for rule in rules_of(self.group))
