"""The errors of the algebra room."""

from __future__ import annotations


class AlgebraError(Exception):
    """Base of everything this room raises on purpose."""


class GrammarError(AlgebraError):
    """LaTeX that is not a formula, or that can be read in two ways.

    ``start`` and ``end`` delimit the offending part of the text that was parsed.
    """

    def __init__(self, message: str, start: int, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = start + 1 if end is None else end


class Unsupported(AlgebraError):
    """Mathematics that can be written but that the verifier has no rule for."""


class Undefined(AlgebraError):
    """A formula that has no value anywhere on the domain, such as a division by 0."""


class BudgetExceeded(AlgebraError):
    """A step that needs more work than it was given."""


class Work:
    """An amount of work that may be spent; it counts operations, not seconds, so that answers repeat."""

    def __init__(self, amount: int) -> None:
        self.left = amount

    def spend(self, amount: int = 1) -> None:
        """Take some of it; raise `BudgetExceeded` when it is used up."""
        self.left -= amount
        if self.left < 0:
            raise BudgetExceeded("budget: the step needs more work than it is given")
