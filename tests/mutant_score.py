"""Tries mutants of the book's proved steps on the verifier, and judges what it says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bce.algebra.domain import names_of
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Relation
from bce.algebra.grammar import parse
from bce.catalogue import Catalogue
from bce.derivation import Derivation, Row
from bce.verdicts import Verdict, check, check_all
from independent import in_domain, judge
from mutations import Vocabulary, relation_mutants, token_mutants
from sampling import judgements

UNPARSED = "does not parse"


@dataclass(frozen=True)
class Mutant:
    """A step with one edit; the relation is None when the edited LaTeX is no formula."""

    derivation: Derivation
    row: Row
    edit: str
    relation: Relation | None

    def __str__(self) -> str:
        return f"{self.derivation.id}.{self.row.label} [{self.edit}]: {self.relation}"

    def verdict(self) -> Verdict:
        row = replace(self.row, relation=self.relation, expected="proved")
        return check(replace(self.derivation, rows=(row,))).steps[0].verdict

    def statement(self):
        return self.derivation.statement(replace(self.row, relation=self.relation))


@dataclass
class Score:
    """How many mutants had which outcome, and every wrong verdict in words."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        tried = sum(self.counts.values())
        return f"{tried} mutants: " + ", ".join(f"{n} {kind}" for kind, n in sorted(self.counts.items()))


def proved_steps(catalogue: Catalogue) -> Iterator[tuple[Derivation, Row]]:
    for checked in check_all(catalogue):
        for step in checked.steps:
            if step.verdict.kind == "proved" and checked.derivation.kind == "derivation":
                yield checked.derivation, step.row


def mutants(derivation: Derivation, row: Row) -> Iterator[Mutant]:
    """Yield every single-edit mutant of a step: of its trees, and of the tokens of its right side."""
    for edit, relation in relation_mutants(row.relation, Vocabulary.of(derivation)):
        yield Mutant(derivation, row, edit, relation)
    yield from latex_mutants(derivation, row)


def latex_mutants(derivation: Derivation, row: Row) -> Iterator[Mutant]:
    names = names_of(derivation.domain, derivation.helpers, derivation.functions)
    for edit, latex in token_mutants(row.right_latex):
        try:
            relation = replace(row.relation, right=parse(latex, names))
        except GrammarError:
            relation = None
        if relation != row.relation:
            yield Mutant(derivation, row, edit, relation)


def try_mutant(mutant: Mutant, score: Score, points: int = 30) -> None:
    """Have a mutant checked and the verdict judged by independent means."""
    if mutant.relation is None:
        score.counts[UNPARSED] += 1
        return
    verdict = mutant.verdict()
    score.counts["equal" if verdict.kind == "proved" else verdict.kind] += 1
    complaint = complaint_about(mutant.statement(), verdict, points)
    if complaint:
        score.wrong.append(f"{complaint}: {mutant}")
    elif verdict.kind == "unproved":
        score.unproved.append(f"{'; '.join(verdict.open)}: {mutant}")


def complaint_about(statement, verdict: Verdict, points: int = 30, edges: float = 0.25) -> str | None:
    """Return what is wrong with a verdict, None if nothing is.

    A proved relation has to hold, and be defined, at random points of the domain. A
    refutation has to replay at its own point.
    """
    if verdict.counterexample is not None:
        point = verdict.counterexample.point
        if not in_domain(statement, point):
            return f"refuted outside of the domain, at {verdict.counterexample.where()}"
        judged = judge(statement, point)
        return None if judged == "false" else f"refuted where it is {judged}, at {verdict.counterexample.where()}"
    if verdict.kind == "proved":
        judged = judgements(statement, points, edges=edges)
        if not judged:
            return "proved, but no point of the domain was found to judge it"
        bad = next(((kind, point) for kind, point in judged if kind not in ("true", "undecided")), None)
        if bad:
            return f"proved, but {bad[0]} at {', '.join(f'{k} = {v}' for k, v in bad[1].items())}"
        if all(kind == "undecided" for kind, _ in judged):
            return "proved, but no point decides it"
    return None
