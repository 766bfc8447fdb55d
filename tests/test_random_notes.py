"""Random notes over the whole language: every verdict holds for an evaluator that knows neither parser nor prover."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from language import Statement
from random_notes import complaint_about, random_note, tried
from random_statements import KINDS

from bce.verdicts import Verdict

NOTES = 600
PARTS = 6


@cache
def outcome(part: int) -> tuple[list[str], Counter[str]]:
    """Return what is wrong with the verdicts on a part of the notes, and what they are."""
    counts: Counter[str] = Counter()
    complaints = []
    for number in range(part, NOTES, PARTS):
        note = random_note(f"test {number}")
        complaints += [f"{complaint}\n{note.text}" for complaint in tried(note, counts)]
    return complaints, counts


@pytest.mark.parametrize("part", range(PARTS))
def test_no_verdict_on_a_random_note_is_wrong(part: int):
    complaints, _ = outcome(part)
    assert complaints == []


def test_every_kind_is_decided_now_and_then():
    counts = sum((outcome(part)[1] for part in range(PARTS)), Counter())
    assert {kind for kind in KINDS if not counts[kind]} <= {"moves of tied quantities"}
    assert counts["proved"] > NOTES / 8
    assert counts["refuted"] > NOTES / 8


def test_wrong_verdict_is_complained_about():
    found = set()
    for number in range(60):
        note = random_note(f"test {number}")
        opposite = Statement(note.printed[0].left, {"=": "\\ne"}.get(note.printed[0].sign, "="), note.printed[0].right)
        for claim in (note.printed[0], opposite):
            found.add(complaint_about(note.domain, claim, Verdict("proved", "by decree")))
    assert {None, "proved, but somewhere false", "proved, but somewhere undefined"} <= found


def test_note_of_a_seed_is_always_the_same():
    assert random_note("test 7").text == random_note("test 7").text
