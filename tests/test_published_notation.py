"""Other people's notation: what is plain is read, what is true is proved, what is wrong is refuted, with no guesses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bce.reading.catalogue import Catalogue
from bce.verdicts import check

NOTATION = Path(__file__).parent / "notation"
_ID = re.compile(r"^id: (?P<id>[a-z0-9-]+)", re.MULTILINE)
_WRONG = re.compile(r"<!-- wrong: (?P<step>\d+) -->\s*<!-- bce:.*?^id: (?P<id>[a-z0-9-]+)", re.MULTILINE | re.DOTALL)
_READINGS = re.compile(
    r"<!-- first: (?P<first>.*?)\nsecond: (?P<second>.*?) -->\s*<!-- bce:.*?^id: (?P<id>[a-z0-9-]+)",
    re.MULTILINE | re.DOTALL,
)


def text(name: str) -> str:
    return (NOTATION / name).read_text(encoding="utf-8")


PUBLISHED = _ID.findall(text("published.md"))
MISTAKES = {match["id"]: int(match["step"]) for match in _WRONG.finditer(text("mistakes.md"))}
AMBIGUOUS = {match["id"]: (match["first"], match["second"]) for match in _READINGS.finditer(text("ambiguous.md"))}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.read([NOTATION])


def verdicts(catalogue: Catalogue, derivation_id: str) -> list[str]:
    return [step.verdict.kind for step in check(catalogue.derivation(derivation_id)).steps]


@pytest.mark.parametrize("derivation_id", PUBLISHED)
def test_every_step_of_a_true_derivation_is_proved(catalogue: Catalogue, derivation_id: str):
    derivation = catalogue.derivation(derivation_id)
    found = [step.verdict.kind for step in check(derivation).steps]
    assert found == ["defined" if row.introduces else "proved" for row in derivation.rows]


def test_what_the_first_rows_introduce_is_defined_and_the_rest_proved(catalogue: Catalogue):
    introducing = [name for name in PUBLISHED if any(row.introduces for row in catalogue.derivation(name).rows)]
    assert introducing == ["sigmoid-quotient-rule", "bars-between-arguments", "name-in-letters"]


@pytest.mark.parametrize("derivation_id", MISTAKES)
def test_the_wrong_step_is_refuted_and_no_true_step_beside_it(catalogue: Catalogue, derivation_id: str):
    found = verdicts(catalogue, derivation_id)
    assert found == ["refuted" if step == MISTAKES[derivation_id] else "proved" for step in range(1, len(found) + 1)]


@pytest.mark.parametrize("derivation_id", AMBIGUOUS)
def test_an_ambiguous_formula_is_an_error_that_shows_both_readings(derivation_id: str):
    catalogue = Catalogue.read([NOTATION / "ambiguous.md"])
    assert derivation_id not in [derivation.id for derivation in catalogue.derivations()]
    messages = [problem.message for problem in catalogue.problems if problem.derivation == derivation_id]
    assert len(messages) == 1
    for reading in ("in two ways", *AMBIGUOUS[derivation_id]):
        assert reading in messages[0]


def test_every_entry_of_the_collection_states_what_it_expects():
    assert set(_ID.findall(text("mistakes.md"))) == set(MISTAKES)
    assert set(_ID.findall(text("ambiguous.md"))) == set(AMBIGUOUS)
    assert text("published.md").count("<!-- bce:") == len(PUBLISHED) + text("published.md").count("<!-- bce: skip -->")
    assert len(PUBLISHED) >= 30
    assert len(MISTAKES) >= 15


def test_a_row_repeated_without_its_mistake_is_proved(catalogue: Catalogue):
    """The row after a mistake is held against the row as it is printed, unless the author writes the line anew."""
    assert verdicts(catalogue, "exponent-slips") == ["proved", "refuted", "proved"]


@pytest.mark.parametrize("suffix", ["md", "tex", "ipynb"])
def test_the_misprint_of_the_example_note_is_found_in_every_kind_of_file(suffix: str):
    note = NOTATION.parents[1] / "examples" / f"gradient_note.{suffix}"
    catalogue = Catalogue.read([note])
    gradient = list(catalogue.derivations())[-1]
    steps = check(gradient).steps
    assert catalogue.problems == []
    assert [step.verdict.kind for step in steps] == ["proved", "proved", "refuted", "refuted", "proved"]
    lines = note.read_text(encoding="utf-8").split("\n")
    assert "e^{-z}" in lines[steps[2].row.line - 1]
