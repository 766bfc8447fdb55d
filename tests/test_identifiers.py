"""Permanent ids: what the list of published ids refuses, and that the book keeps to it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from trial_book import PROJECT, cell

from bce.book.maintain.ids import main as update
from bce.book.published import identifiers as ids
from bce.book.published.identifiers import Identifier
from bce.reading.catalogue import Catalogue

ROWS = r"""
a + b
  &= b + a   && swap \label{swapped} \\
  &= a + b   && swap back \\
"""


def chapter(rows: str = ROWS, identifier: str = "sum") -> str:
    return cell(f"%%derivation {identifier}\ntitle: A sum\ngiven: a, b real\n\n{rows.strip()}")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text("root: index\nchapters:\n- file: chapters/one\n", encoding="utf-8")
    (tmp_path / "index.md").write_text("# Book\n", encoding="utf-8")
    write_chapter(tmp_path, chapter())
    assert update(["--folder", str(tmp_path)]) == 0
    return tmp_path


def write_chapter(book: Path, text: str) -> None:
    (book / "chapters/one.md").write_text(text + "\n", encoding="utf-8")


def problems(book: Path, before: tuple[str, ...] = ()) -> list[str]:
    used = ids.in_use(Catalogue.of_book(book), "9.9")
    return ids.problems(ids.read(book / ids.FILE), used, before)


def test_the_book_keeps_every_id_that_it_ever_published():
    used = ids.in_use(Catalogue.of_book(PROJECT), "unknown")
    published = ids.read(PROJECT / ids.FILE)
    assert len(used) > 500
    assert not (found := ids.problems(published, used, ids.ever_committed(PROJECT))), "\n".join(found)


def test_definitions_derivations_and_steps_are_listed_once_each(book):
    listed = ids.read(book / ids.FILE)
    assert [(entry.id, entry.kind) for entry in listed.values()] == [
        ("sum", "derivation"), ("sum.swapped", "step"), ("sum.2", "step"),
    ]  # fmt: skip
    before = (book / ids.FILE).read_bytes()
    assert update(["--folder", str(book)]) == 0
    assert (book / ids.FILE).read_bytes() == before


def test_a_new_id_must_be_listed_and_is_added_at_the_end(book):
    write_chapter(book, chapter(identifier="another") + "\n\n" + chapter())
    assert "another: is not in identifiers.csv yet; run `make ids`" in problems(book)
    assert update(["--folder", str(book)]) == 0
    assert list(ids.read(book / ids.FILE))[:3] == ["sum", "sum.swapped", "sum.2"]
    assert not problems(book)


def test_a_vanished_id_is_refused_until_it_is_retired_with_a_reason(book, capsys):
    write_chapter(book, chapter(ROWS.replace("swapped", "turned")))
    assert update(["--folder", str(book)]) == 1
    (problem,) = problems(book)
    assert problem.startswith("sum.swapped: has vanished")
    with pytest.raises(SystemExit):
        update(["--folder", str(book), "--retire", "sum.swapped", "--replacement", "sum.turned"])
    assert "without a reason" in capsys.readouterr().err
    arguments = ["--retire", "sum.swapped", "--reason", "a clearer name, please", "--replacement", "sum.turned"]
    assert update(["--folder", str(book), *arguments]) == 0
    assert not problems(book)
    assert ids.final_replacement(ids.read(book / ids.FILE), "sum.swapped") == "sum.turned"


def test_a_retired_id_is_never_used_again(book):
    write_chapter(book, chapter(identifier="other"))
    assert update(["--folder", str(book), "--retire", "sum", "--reason", "wrong"]) == 0
    write_chapter(book, chapter(identifier="other") + "\n\n" + chapter())
    found = "\n".join(problems(book))
    for identifier in ("sum", "sum.swapped", "sum.2"):
        assert f"{identifier}: is used again" in found


def test_a_number_does_not_come_to_mean_another_formula(book):
    inserted = ROWS.replace(r"  &= a + b ", "  &= b + a + 0 && nothing added \\\\\n  &= a + b ")
    write_chapter(book, chapter(inserted))
    assert any(line.startswith("sum.2: was published for another formula") for line in problems(book))


def test_another_spelling_of_a_step_can_be_accepted_and_white_space_is_none(book):
    write_chapter(book, chapter(ROWS.replace("&= a + b ", "&= a +  b ")))
    assert not problems(book)
    write_chapter(book, chapter(ROWS.replace("&= a + b ", "&= {a} + b ")))
    assert update(["--folder", str(book)]) == 1
    assert update(["--folder", str(book), "--same", "sum.2"]) == 0
    assert not problems(book)


def test_an_id_may_not_change_its_kind(book):
    definition = cell("%%definition sum\ntitle: Sum\ngiven: a real\n\nS(a) = a + 1")
    write_chapter(book, definition)
    assert any("was published as a derivation and is now a definition" in line for line in problems(book))


def test_a_line_may_not_be_taken_out_of_the_list(book):
    assert problems(book, before=("sum", "gone")) == ["gone: was removed from identifiers.csv; put its line back"]


def test_what_was_ever_committed_is_read_from_git(book):
    git = ["git", "-C", str(book), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    for content in (None, "id,kind\n"):
        if content:
            (book / ids.FILE).write_text(content, encoding="utf-8")
        subprocess.run([*git, "add", ids.FILE], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "list"], check=True)
    assert set(ids.ever_committed(book)) == {"sum", "sum.swapped", "sum.2"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,kind\n", "the columns are"),
        (",".join(ids.COLUMNS) + "\na,step,1,,,,\na,step,1,,,,\n", ":3: the id 'a' stands twice"),
        (",".join(ids.COLUMNS) + "\na,step\n", ":2: a line has 7 fields"),
    ],
)
def test_a_damaged_list_is_an_error_that_names_the_line(tmp_path, text, message):
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        ids.read(tmp_path / "list.csv")


def test_replacements_that_go_in_a_circle_lead_nowhere():
    one = Identifier("a", "step", "1", retired="2", reason="r", replacement="b")
    assert ids.final_replacement({"a": one, "b": replace(one, id="b", replacement="a")}, "a") is None
