r"""Single-edit mutants of the book's proved steps: never wrongly accepted, never wrongly refuted.

Here is a sample; ``python -m bce.audit`` tries all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from trial_book import PROJECT
from trial_cells import catalogue_of, checked_book, derivation, fence, trial

from bce.algebra.domain import Domain
from bce.algebra.ranges import Range
from bce.audit.__main__ import main
from bce.audit.independent import in_domain
from bce.audit.mutations import Vocabulary, layout_mutants, relation_mutants, token_mutants
from bce.audit.sampling import judgements
from bce.audit.score import Score, Tally, complaint_about, score
from bce.reading.catalogue import Catalogue
from bce.verdicts import Verdict, check, check_all

EVERY = 250
EVERY_DOMAIN = 9


@pytest.fixture(scope="module")
def sample() -> Score:
    return score(Catalogue.read([PROJECT / "chapters"]), every=EVERY)


def test_no_verdict_on_a_mutant_is_wrong(sample: Score) -> None:
    assert sample.wrong == []


def test_every_accepted_mutant_is_found_equal_by_independent_means(sample: Score) -> None:
    assert sample.total.equal > 5
    assert sample.total.equal_confirmed == sample.total.equal


def test_every_refuted_mutant_is_refuted_by_independent_means(sample: Score) -> None:
    assert sample.total.refuted > 100
    assert sample.total.replayed == sample.total.refuted


def test_most_mutants_that_are_formulas_are_decided(sample: Score) -> None:
    formulas = sample.total.tried - sample.total.unreadable
    assert sample.total.unproved < formulas / 5


def test_tallies_of_the_derivations_add_up(sample: Score) -> None:
    for field in fields(Tally):
        parts = [getattr(tally, field.name) for tally in sample.derivations.values()]
        assert getattr(sample.total, field.name) == sum(parts)
    total = sample.total
    assert total.tried == total.unreadable + total.refuted + total.equal + total.without_value + total.unproved


def test_every_step_of_the_book_that_is_proved_or_defined_holds_for_the_independent_evaluator() -> None:
    for checked in checked_book():
        for step in checked.steps:
            if step.verdict.holds:
                statement = checked.derivation.statement(step.row)
                found = judgements(statement, 4, seed=11)
                assert [kind for kind, _ in found] == ["true"] * 4, (checked.derivation.id, step.row.label, found)
                assert all(in_domain(statement, point) for _, point in found)


def wider_domains(domain: Domain) -> Iterator[Domain]:
    """Yield the domain with one range opened up or closed at its ends, or one condition dropped."""
    for table in ("symbols", "families"):
        ranges = getattr(domain, table)
        for name, values in ranges.items():
            closed = replace(values, lower_open=False, upper_open=False)
            everything = Range(integer=values.integer and values.upper is None)
            for wider in (closed, everything):
                if wider != values:
                    yield replace(domain, **{table: {**ranges, name: wider}})
    for k in range(len(domain.conditions)):
        yield replace(domain, conditions=(*domain.conditions[:k], *domain.conditions[k + 1 :]))


def test_proof_that_survives_a_weaker_assumption_holds_there_too() -> None:
    weakened = [
        (replace(one.derivation, domain=domain, rows=(step.row,)))
        for one in checked_book()
        for step in one.steps
        if step.verdict.kind == "proved"
        for domain in wider_domains(one.derivation.domain)
    ]
    assert len(weakened) > 500
    kinds = set()
    for wider in weakened[::EVERY_DOMAIN]:
        verdict = check(wider).steps[0].verdict
        statement = wider.statement(wider.rows[0])
        assert complaint_about(statement, verdict, points=6, edges=0.5) is None, (wider.id, wider.domain)
        kinds.add(verdict.kind)
    assert kinds == {"proved", "refuted", "unproved"}


# --- the audit itself -----------------------------------------------------------------


def test_wrong_proof_and_wrong_refutation_are_complained_about() -> None:
    one = trial("x real", "x^2 &= x^2 + 0")
    false = trial("x real", "x^2 &= x")
    undefined = trial("x real", "\\frac{x}{x} &= 1")
    proof = Verdict("proved", "by decree")
    assert complaint_about(one.statement(one.rows[0]), proof) is None
    assert "false" in (complaint_about(false.statement(false.rows[0]), proof) or "")
    assert "undefined" in (complaint_about(undefined.statement(undefined.rows[0]), proof) or "")
    definition = Verdict("defined", "by decree")
    assert "defined, but undefined" in (complaint_about(undefined.statement(undefined.rows[0]), definition) or "")
    (refuted,) = (step.verdict for checked in check_all(catalogue_of(derivation("x real", "x &= x + 1")))
                  for step in checked.steps)  # fmt: skip
    assert "refuted where it is true" in (complaint_about(one.statement(one.rows[0]), refuted) or "")


def test_edits_reach_every_part_of_a_step() -> None:
    one = trial("x, y real; p_i > 0", "\\log(2 e^{x}) &= \\frac{x}{y} p_1")
    edits = {edit for edit, _ in relation_mutants(one.rows[0].relation, Vocabulary.of(one))}
    for wanted in ("= to <", "left: log to exp", "left: constant + 1", "left: x to y", "right: upside down",
                   "right: factor 1 dropped", "right: index + 1", "left: sign"):  # fmt: skip
        assert wanted in edits, wanted


def test_token_edits_delete_double_and_replace() -> None:
    texts = {text for _, text in token_mutants("x + 1")}
    assert {"  + 1", "x x + 1", "x   1", "x  -  1"} <= texts
    assert "x + 1" not in texts


def test_layout_edits_comment_out_part_and_set_words_another_way() -> None:
    texts = {text for _, text in layout_mutants(r"x &\quad y + \mathrm{KL}")}
    wanted = [r"x % &\quad y + \mathrm{KL}", r"x &\quad \quad y + \mathrm{KL}", r"x &\quad y & + \mathrm{KL}"]
    wanted += [r"x  \quad y + \mathrm{KL}", r"x & y \quad  + \mathrm{KL}", r"x &\quad y + \operatorname{KL}"]
    assert set(wanted) <= texts


def test_no_verdict_on_a_mutant_of_published_notation_is_wrong() -> None:
    found = score(Catalogue.read([PROJECT / "tests/notation/published.md"]), every=EVERY)
    assert found.wrong == []
    assert found.total.refuted > 25
    assert found.total.replayed == found.total.refuted


def test_audit_prints_its_score_and_exits_0(capsys, tmp_path) -> None:
    path = tmp_path / "chapter.md"
    path.write_text(fence(derivation("x real", "e^{-x} e^{x} &= 1 && cancel")))
    assert main([str(path), "--every", "5"]) == 0
    assert "0 wrong" in capsys.readouterr().out


def test_audit_of_nothing_exits_2(capsys, tmp_path) -> None:
    assert main([str(tmp_path / "nowhere.md")]) == 2
    assert "nowhere.md" in capsys.readouterr().err
