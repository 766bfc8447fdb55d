r"""The cell magic decides the cell that was run, as it stands, with the definitions that were run last."""

from __future__ import annotations

import pytest
from trial_notebook import Notebook


def logs(given: str = "x > 0", where: str = "", body: str = "\\log x^2 &= 2 \\log x", uses: str = "") -> str:
    header = ["%%derivation logs", "title: Logs", f"given: {given}"]
    header += [f"where: {where}"] if where else []
    header += [f"uses: {uses}"] if uses else []
    return "\n".join([*header, "", body])


def twice(factor: int, given: str = "x real") -> str:
    return f"%%definition twice\ntitle: Twice\ngiven: {given}\n\nf(x) = {factor} x"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (logs(), logs(given="x real")),
        (logs("x real", "h = x", "h + h &= 2 x"), logs("x real", "h = x^2", "h + h &= 2 x")),
        (logs("x real", body="x &= x + 0"), logs("x real", body="x &= x + 1")),
        (logs("x > 0; y real"), logs("x > 0; y real", body="\\log x^2 &= 2 \\log y")),
    ],
    ids=["given", "where", "body", "letter"],
)
def test_changed_cell_is_decided_as_it_stands(notebook: Notebook, first: str, second: str):
    assert notebook.verdicts(first) == ["proved"]
    changed = notebook.run(second)
    assert [step["verdict"] for step in changed["steps"]] != ["proved"]
    assert changed["error"] is not None
    assert changed["given"] == [item.strip() for item in second.split("given: ")[1].split("\n")[0].split(";")]
    assert notebook.verdicts(first) == ["proved"]


def test_other_title_or_source_is_shown_at_once(notebook: Notebook):
    notebook.run(logs())
    assert notebook.run(logs().replace("title: Logs", "title: Logarithms"))["title"] == "Logarithms"


def test_changed_definition_decides_the_cells_that_use_it_anew(notebook: Notebook):
    user = logs("x real", body="f(x) &= x + x", uses="twice")
    notebook.run(twice(2))
    assert notebook.verdicts(user) == ["proved"]
    notebook.run(twice(3))
    assert notebook.verdicts(user) == ["refuted"]
    notebook.run(twice(2, given="x > 1"))
    assert notebook.verdicts(user) == ["unproved"]


def test_definition_that_no_longer_reads_leaves_no_old_one_behind(notebook: Notebook):
    user = logs("x real", body="f(x) &= x + x", uses="twice")
    notebook.run(twice(2))
    assert notebook.verdicts(user) == ["proved"]
    assert notebook.run(twice(2).replace("2 x", "2 ("))["error"] is not None
    assert notebook.verdicts(user) == []


def test_derivation_that_becomes_a_definition_is_one(notebook: Notebook):
    notebook.run("%%derivation twice\ntitle: Twice\ngiven: x real\n\nx + x &= 2 x")
    assert notebook.run(twice(2))["kind"] == "definition"


def test_unchanged_cell_of_a_book_keeps_its_place(notebook: Notebook, tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: chapters/first\n")
    (tmp_path / "chapters/first.md").write_text(f"# First\n\n```{{code-cell}} ipython3\n{logs()}\n```\n")
    assert (notebook.run(logs())["file"], notebook.run(logs())["line"]) == ("chapters/first.md", 4)
    assert notebook.run(logs(given="x real"))["file"] == "cell"
