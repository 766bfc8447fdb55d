"""What a cell printed is held against the chapters, and every verdict against a second judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from trial_cells import fence

from bce.book.statements import sources
from bce.book.statements.sources import Sources
from bce.reading.catalogue import Catalogue
from bce.reporting.report import Report, report
from bce.verdicts import Checked, Step, Verdict, check

DOUBLE = "%%derivation double\ntitle: Double\ngiven: x real\n\nx + x &= 2 x && collect \\\\\n &= x \\cdot 2 && turn"
SLIP = "%%derivation slip\ntitle: Slip\ngiven: x real\n\nx &= x + 1 && wrong"
FILE = "chapters/first.md"


@pytest.fixture
def book(tmp_path: Path) -> Sources:
    (tmp_path / "chapters").mkdir()
    (tmp_path / FILE).write_text(f"# First\n\n{fence(DOUBLE)}{fence(SLIP)}", encoding="utf-8")
    return Sources(Catalogue.read([tmp_path / "chapters"], root=tmp_path))


def shown(book: Sources, name: str = "double") -> Report:
    return report(check(book.catalogue.derivation(name)))


def test_report_of_the_cell_that_stands_there_is_fine(book: Sources):
    assert list(book.complaints(shown(book), FILE, DOUBLE)) == []


def test_prose_may_have_moved_the_cell(book: Sources):
    moved = shown(book)
    moved["line"] += 5
    moved["steps"][0]["line"] += 5
    assert list(book.complaints(moved, FILE, f"\n{DOUBLE}\n")) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (FILE, "publish_display_data(lie)"),
        (FILE, SLIP),
        (FILE, DOUBLE.replace("x real", "x > 0")),
        (FILE, "%%derivation double"),
        (FILE, ""),
    ],
)
def test_report_that_another_cell_printed_is_refused(book: Sources, file: str, source: str):
    (complaint,) = book.complaints(shown(book), file, source)
    assert "'double' was printed by a cell that is not the one with that id" in complaint


def test_report_of_a_cell_whose_id_is_taken_names_the_first_one(book: Sources):
    (complaint,) = book.complaints(shown(book), "chapters/second.md", DOUBLE)
    assert "duplicate id 'double'" in complaint
    assert FILE in complaint


@pytest.mark.parametrize("data", [{}, {"id": None}, {"id": ["double"]}, {"id": "nowhere", "steps": []}])
def test_output_that_is_no_report_is_refused_too(book: Sources, data: Report):
    assert len(list(book.complaints(data, FILE, DOUBLE))) == 1


@pytest.mark.parametrize("part", ["title", "kind", "given", "where", "uses", "source", "head"])
def test_every_part_of_the_header_counts(book: Sources, part: str):
    changed = shown(book) | {part: "another"}
    (complaint,) = book.complaints(changed, FILE, DOUBLE)
    assert complaint.startswith(f"double: the output says {part}: 'another'")


@pytest.mark.parametrize(
    "part", ["left", "relation", "right", "reason", "verdict", "expected", "counterexample", "open", "method", "id"]
)
def test_every_part_of_a_step_counts(book: Sources, part: str):
    changed = shown(book)
    changed["steps"][1] |= {part: "another"}
    (complaint,) = book.complaints(changed, FILE, DOUBLE)
    assert complaint.startswith(f"double.2: the output says {part}: 'another'")


def test_no_step_may_be_added_or_left_out(book: Sources):
    changed = shown(book)
    changed["steps"] = changed["steps"][:1]
    assert "1 steps are shown, the source has 2" in "".join(book.complaints(changed, FILE, DOUBLE))


def test_verdict_that_the_judge_does_not_share_is_named_with_its_step(book: Sources, monkeypatch):
    def decree(derivation) -> Checked:
        return Checked(derivation, tuple(Step(row, Verdict("proved", "by decree")) for row in derivation.rows))

    monkeypatch.setattr(sources, "check", decree)
    slip = report(decree(book.catalogue.derivation("slip")))
    (complaint,) = book.complaints(slip, FILE, SLIP)
    assert complaint.startswith("slip.1: the verifier and the audit's judge disagree: proved, but false at x = ")
