"""The score of the verifier: what it says of single-edit mutants of proved steps.

A mutant is right or wrong by what the independent evaluator finds, never by what the
verifier says. A mutant that the verifier proves has to hold, and be defined, at random
points of the domain. A mutant that it refutes has to be false at the point it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from bce.algebra.domain import names_of
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Relation
from bce.algebra.grammar.read import parse
from bce.algebra.names import Names
from bce.algebra.statement import Statement
from bce.reading.catalogue import Catalogue
from bce.reading.derivation import Derivation
from bce.reading.rows import Row
from bce.verdicts import Verdict, check, check_all

from .independent import in_domain, judge, replays
from .mutations import Vocabulary, layout_mutants, relation_mutants, token_mutants
from .sampling import judgements

POINTS = 30


@dataclass(frozen=True)
class Mutant:
    """A proved step with one edit.

    Attributes
    ----------
    derivation, row
        The step.
    edit : str
        The edit in a few words.
    relation : Relation or None
        The edited relation; None when edited LaTeX is no formula of the grammar.
    """

    derivation: Derivation
    row: Row
    edit: str
    relation: Relation | None

    def __str__(self) -> str:
        return f"{self.derivation.id}.{self.row.label} [{self.edit}]: {self.relation}"

    def checked(self) -> tuple[Statement, Verdict]:
        """Return the edited statement and what the verifier says of it."""
        assert self.relation is not None
        row = replace(self.row, relation=self.relation, expected="proved")
        verdict = check(replace(self.derivation, rows=(row,))).steps[0].verdict
        return self.derivation.statement(row), verdict


@dataclass
class Tally:
    """Numbers of mutants by what became of them.

    ``tried`` counts all. ``unreadable`` are no formulas of the grammar. Of the ``refuted``
    ones, ``replayed`` are false at their point for the independent evaluator too. ``equal``
    were proved: edits that change nothing; of these, ``equal_confirmed`` hold for the
    independent evaluator at every point that it decides, and it decides one at least.
    ``without_value`` were not proved and have no value at a point of the domain that the
    verdict names. ``unproved`` are all others. ``wrong`` counts verdicts that the independent
    evaluator contradicts.
    """

    tried: int = 0
    unreadable: int = 0
    refuted: int = 0
    replayed: int = 0
    equal: int = 0
    equal_confirmed: int = 0
    without_value: int = 0
    unproved: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        return (
            f"{self.tried} mutants: {self.refuted} refuted ({self.replayed} replayed), {self.equal} found equal "
            f"({self.equal_confirmed} confirmed), {self.without_value} without a value somewhere, "
            f"{self.unproved} unproved, {self.unreadable} no formula, {self.wrong} wrong"
        )


@dataclass
class Score:
    """The tally of all mutants and of each derivation, with those in words that need a look.

    These are the ``wrong`` ones, the ``undecided`` ones (proved or refuted, and the independent evaluator finds
    no digits for it), and the ``unproved`` ones.
    """

    total: Tally = field(default_factory=Tally)
    derivations: dict[str, Tally] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)

    def count(self, mutant: Mutant, outcome: str) -> None:
        """Count a mutant under the name of a field of `Tally`."""
        for tally in (self.total, self.derivations.setdefault(mutant.derivation.id, Tally())):
            setattr(tally, outcome, getattr(tally, outcome) + 1)

    def judge(self, mutant: Mutant, outcome: str, agrees: bool) -> None:
        """Count a mutant whose verdict the independent evaluator shares; note it where that finds nothing."""
        if agrees:
            self.count(mutant, outcome)
        else:
            self.undecided.append(f"not {outcome.replace('_', ' and ')}: {mutant}")


def score(
    catalogue: Catalogue, every: int = 1, progress: Callable[[Score], None] = lambda score: None, points: int = POINTS
) -> Score:
    r"""Try the single-edit mutants of all proved steps of a catalogue.

    Parameters
    ----------
    catalogue : Catalogue
        The definitions and derivations.
    every : int
        Try every k-th mutant only. The choice is the same in every run.
    progress : callable
        Called with the score so far after each step of a derivation.
    points : int
        The number of random points at which a proved mutant is judged.

    Returns
    -------
    Score
        Numbers, and the wrong verdicts in words.

    Examples
    --------
    >>> from bce.reading.catalogue import Catalogue
    >>> from bce.reading.cells import read_cell
    >>> text = "%%derivation double\ntitle: Double\ngiven: x real\n\nx + x &= 2 x && collect"
    >>> result = score(Catalogue([read_cell(text, "example")]), every=20)
    >>> result.total.wrong, result.total.unproved
    (0, 0)
    """
    result, number = Score(), 0
    for derivation, row in _proved_steps(catalogue):
        for make in _mutants(derivation, row):
            number += 1
            if number % every == 0:
                mutant = make()
                if mutant.relation != row.relation:
                    try_mutant(mutant, result, points)
        progress(result)
    return result


def try_mutant(mutant: Mutant, result: Score, points: int = POINTS) -> None:
    """Have one mutant checked and its verdict judged; count both."""
    result.count(mutant, "tried")
    if mutant.relation is None or not _is_readable(mutant):
        result.count(mutant, "unreadable")
        return
    statement, verdict = mutant.checked()
    outcome = "without_value" if verdict.without_value is not None else verdict.kind
    result.count(mutant, {"proved": "equal"}.get(outcome, outcome))
    complaint = complaint_about(statement, verdict, points)
    if complaint is not None:
        result.count(mutant, "wrong")
        result.wrong.append(f"{complaint}: {mutant}")
    elif verdict.kind == "proved":
        result.judge(mutant, "equal_confirmed", any(found == "true" for found, _ in judgements(statement, points)))
    elif verdict.counterexample is not None:
        result.judge(mutant, "replayed", replays(statement, verdict.counterexample.point))
    elif verdict.without_value is None:
        result.unproved.append(f"{'; '.join(verdict.open)}: {mutant}")


def _is_readable(mutant: Mutant) -> bool:
    """Tell whether an edited tree could have been written: a family is no number, for example."""
    assert mutant.relation is not None
    names = _names(mutant.derivation)
    try:
        for side in (mutant.relation.left, mutant.relation.right):
            parse(str(side), names)
    except GrammarError:
        return False
    return True


def complaint_about(statement: Statement, verdict: Verdict, points: int = POINTS, edges: float = 0.25) -> str | None:
    """Return what the independent evaluator says against a verdict, None if it agrees.

    Parameters
    ----------
    statement : Statement
        What was decided.
    verdict : Verdict
        What the verifier found.
    points : int
        The number of random points at which a proved statement is judged.
    edges : float
        How often such a point lies on an edge of the domain.
    """
    if verdict.counterexample is not None:
        point, where = verdict.counterexample.point, verdict.counterexample.where()
        if not in_domain(statement, point):
            return f"refuted outside of the domain, at {where}"
        found = judge(statement, point)
        return f"refuted where it is {found}, at {where}" if found in ("true", "undefined") else None
    return _complaint_about_proof(statement, verdict, points, edges) if verdict.holds else None


def _complaint_about_proof(statement: Statement, verdict: Verdict, points: int, edges: float) -> str | None:
    for found, point in judgements(statement, points, edges=edges):
        if found in ("false", "undefined"):
            where = ", ".join(f"{name} = {value}" for name, value in point.items())
            return f"{verdict.kind}, but {found} at {where}"
    return None


# --- mutants --------------------------------------------------------------------------


def _proved_steps(catalogue: Catalogue) -> Iterator[tuple[Derivation, Row]]:
    for checked in check_all(catalogue):
        for step in checked.steps:
            if step.verdict.kind == "proved":
                yield checked.derivation, step.row


def _mutants(derivation: Derivation, row: Row) -> Iterator[Callable[[], Mutant]]:
    """Yield a recipe for every mutant of a step: edits of its trees, and of its right side's LaTeX."""
    for edit, relation in relation_mutants(row.relation, Vocabulary.of(derivation)):
        yield lambda edit=edit, relation=relation: Mutant(derivation, row, edit, relation)  # type: ignore[misc]
    for edit, latex in (*token_mutants(row.right_latex), *layout_mutants(row.right_latex)):
        yield lambda edit=edit, latex=latex: _from_latex(derivation, row, edit, latex)  # type: ignore[misc]


def _from_latex(derivation: Derivation, row: Row, edit: str, latex: str) -> Mutant:
    try:
        return Mutant(derivation, row, edit, replace(row.relation, right=parse(latex, _names(derivation))))
    except GrammarError:
        return Mutant(derivation, row, edit, None)


def _names(derivation: Derivation) -> Names:
    return names_of(derivation.domain, derivation.helpers, derivation.functions, lenient=derivation.lenient)
