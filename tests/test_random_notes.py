"""Random notes over the whole language: every verdict holds for an evaluator that knows neither parser nor prover."""

from __future__ import annotations

from collections import Counter

import pytest
from language import Statement
from random_notes import complaint_about, random_note, tried
from random_statements import KINDS

from bce.verdicts import Verdict

NOTES = 600
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_no_verdict_on_a_random_note_is_wrong(part: int):
    for number in range(part, NOTES, PARTS):
        note = random_note(f"test {number}")
        complaints = tried(note, Counter())
        assert not complaints, f"{complaints}\n{note.text}"


def test_every_kind_is_decided_now_and_then():
    counts: Counter[str] = Counter()
    for number in range(NOTES // 2):
        tried(random_note(f"test {number}"), counts)
    assert set(KINDS) - {kind for kind in KINDS if counts[kind]} <= {"moves of tied quantities"}
    assert counts["proved"] + counts["refuted"] > NOTES / 4


def test_wrong_verdict_is_complained_about():
    found = set()
    for number in range(60):
        note = random_note(f"test {number}")
        opposite = Statement(note.printed[0].left, {"=": "\\ne"}.get(note.printed[0].sign, "="), note.printed[0].right)
        for claim in (note.printed[0], opposite):
            found.add(complaint_about(note.domain, claim, Verdict("proved", "by decree")))
    assert {None, "proved, but somewhere false", "proved, but somewhere undefined"} <= found
