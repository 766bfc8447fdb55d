"""Marks: what looks like one is read or reported, and a run that found nothing to decide says so."""

from __future__ import annotations

import json

import pytest

import bce
from bce.__main__ import main

FALSE = "$$ x = x + 1 $$\n"
TRUE = "\n<!-- bce: x real -->\n$$ x + x = 2x $$\n"
CELL = "%%derivation a\ntitle: A\ngiven: x real\n\nx &= x + 1\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("<!-- BCE: x real -->\n" + FALSE, 1, "looks like a mark"),
        ("<!-- Bce-All: x real -->\n" + FALSE, 1, "looks like a mark"),
        ("<!--- bce: x real -->\n" + FALSE, 1, "looks like a mark"),
        ("<!-- note; bce: x real -->\n" + FALSE, 1, "looks like a mark"),
        ("<!-- bce_all: x real -->\n" + FALSE, 1, "looks like a mark"),
        ("% bce: x real\n" + FALSE, 1, "looks like a mark"),
        ("[//]: # (bce: x real)\n" + FALSE, 1, "looks like a mark"),
        ("{/* bce: x real */}\n" + FALSE, 1, "looks like a mark"),
        ("<!-- bce: x real\n" + FALSE, 1, "never closed"),
        ("`<!-- bce: x real -->`\n" + FALSE, 1, "stands in code"),
        ("```<!-- bce: x real -->\n" + FALSE, 1, "opens a code block"),
        ("words\n\n```python\n<!-- bce: x real -->\n" + FALSE, 4, "never closed"),
        ("<!-- bce: x real -->\n$$ x + 1\n> x $$\n", 3, "a quotation in Markdown"),
        ("\\begin{align}\n<!-- bce: x real -->\n x = x + 1 \\end{align}", 2, "inside of a display"),
        ("<!-- bce: x real -->\nwords\n\n" + FALSE, 1, "marks no formula"),
        ("<!-- bce: x real -->\n\\( x = x + 1 \\)\n", 1, "marks no formula"),
        (CELL, 1, "this cell is not read"),
        ("words\n\n" + CELL, 3, "this cell is not read"),
        (f"```{{code-cell}} ipython3\n# note\n{CELL}```\n", 3, "this cell is not read"),
        (f"```{{code-cell}} ipython3\n {CELL}```\n", 2, "this cell is not read"),
        (f"```{{code-cell}} ipython3\n---\ntags: [a]\n{CELL}```\n", 4, "this cell is not read"),
        (f"```{{code-cell}} ipython3\n{CELL.replace('%%d', '%%D')}```\n", 2, "this cell is not read"),
        ("- ```{code-cell} ipython3\n  %%derivation a\n  title: A\n  ```\n", 2, "this cell is not read"),
        ("> ```{code-cell} ipython3\n> %%derivation a\n> title: A\n> ```\n", 2, "this cell is not read"),
        ("```{note}\n%%derivation a\n```\n", 2, "this cell is not read"),
    ],
)
def test_a_mark_or_cell_of_markdown_that_is_not_read_is_reported(text: str, line: int, words: str) -> None:
    if text == CELL:
        text = " \n" + text
        line += 1
    result = bce.check(text + TRUE, "note.md")
    problems = [problem for problem in result.problems if words in problem.message]
    assert [problem.line for problem in problems] == [line]
    assert not result.as_expected


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("% BCE: x real\n\\[ x = x + 1 \\]\n", 1, "looks like a mark"),
        ("%% bce: x real\n\\[ x = x + 1 \\]\n", 1, "looks like a mark"),
        ("% bce : x real\n\\[ x = x + 1 \\]\n", 1, "looks like a mark"),
        ("words % bce: x real\n\\[ x = x + 1 \\]\n", 1, "looks like a mark"),
        ("\\begin{align}\n% bce: x real\n x = x + 1 \\end{align}\n", 2, "inside of a display"),
        ("\\begin{align}\n% bce: x real\n\\begin{aligned} x &= x \\end{aligned} \\\\ x = 1 \\end{align}", 2, "inside"),
        ("%%derivation a\n% title: A\n", 1, "read in Markdown and in notebooks"),
    ],
)
def test_a_mark_of_latex_that_is_not_read_is_reported(text: str, line: int, words: str) -> None:
    result = bce.check("words\n" + text + "% bce: x real\n\\[ x + x = 2x \\]\n", "note.tex")
    assert [problem.line for problem in result.problems if words in problem.message] == [line + 1]
    assert not result.as_expected


@pytest.mark.parametrize(
    "text",
    [
        "> <!-- bce: x real -->\n> $$\n> x = x + 1\n> $$\n",
        "> <!-- bce: x real -->\n> $$ x\n> = x + 1 $$\n",
        "- item\n\n  <!-- bce: x real -->\n  $$ x = x + 1 $$\n",
        "```{note}\n<!-- bce: x real -->\n$$ x = x + 1 $$\n```\n",
        ":::{note}\n<!-- bce: x real -->\n$$ x = x + 1 $$\n:::\n",
        "````{tip}\n```python\nx = 1\n```\n<!-- bce: x real -->\n$$ x = x + 1 $$\n````\n",
        "\N{ZERO WIDTH NO-BREAK SPACE}<!-- bce: x real -->\n$$ x = x + 1 $$\n",
        "```bce``` is a tool.\n\n<!-- bce: x real -->\n$$ x = x + 1 $$\n\n```python\nprint()\n```\n",
        "<!-- bce : x real -->\n$$ x = x + 1 $$\n",
        "<!-- bce: x real -->\r\n$$\r\nx = x + 1\r\n$$\r\n",
    ],
)
def test_a_mark_is_read_wherever_the_page_shows_its_formula(text: str) -> None:
    result = bce.check(text, "note.md")
    assert not result.problems
    assert [step.verdict.kind for checked in result.derivations for step in checked.steps] == ["refuted"]


@pytest.mark.parametrize(
    "text",
    [
        "\N{ZERO WIDTH NO-BREAK SPACE}% bce: x real\n\\begin{align} x = x + 1 \\end{align}\n",
        "% bce: y real\n% where: x = y\n\\[ x = y + 1 \\]\n",
        "% bce: x real\r\n\\begin{align}\r\n x = x + 1\r\n\\end{align}\r\n",
        "% bce: x real\n\\[ x = x % \\]\n+ 1 \\]\n",
        "\\begin{verbatim}\n% bce: x real\n\\end{verbatim}\n% bce: x real\n\\[ x = x + 1 \\]\n",
    ],
)
def test_a_mark_of_latex_is_read_as_tex_sees_the_page(text: str) -> None:
    result = bce.check(text, "note.tex")
    assert not result.problems
    assert [step.verdict.kind for checked in result.derivations for step in checked.steps] == ["refuted"]


def test_marks_in_closed_code_and_words_about_the_loss_are_no_marks() -> None:
    example = "```markdown\n<!-- bce: x real -->\n%%derivation a\n```\n\nWrite `<!-- bce: x real -->` above it.\n"
    assert bce.check(example + "\n<!-- the BCE loss of BCE -->\n" + TRUE, "note.md").as_expected


def test_cells_of_a_notebook_that_are_not_read_are_reported() -> None:
    sources = [
        ("code", "# words\n%%derivation a\ntitle: A"),
        ("code", " %%definition a\ntitle: A"),
        ("markdown", "%%derivation a"),
        ("markdown", "<!-- BCE: x real -->\n$$ x = x $$"),
        ("markdown", TRUE),
    ]
    cells = [{"cell_type": kind, "metadata": {}, "source": source.splitlines(True)} for kind, source in sources]
    result = bce.check(json.dumps({"cells": cells}, indent=1), "post.ipynb")
    assert ["not read" in problem.message for problem in result.problems] == [True, True, True, False]
    assert len(result.derivations) == 1


def test_two_marked_cells_that_begin_alike_have_ids_of_their_own() -> None:
    cells = [{"cell_type": "markdown", "source": TRUE.strip()}] * 2
    assert len(bce.check(json.dumps({"cells": cells}, indent=1), "post.ipynb").derivations) == 2


@pytest.mark.parametrize(
    "text", ["", "words", "```\n<!-- bce: x real -->\n$$ x = x $$\n```\n", "<!-- bce: skip -->\n$$ 1 = 2 $$"]
)
def test_a_text_with_nothing_to_decide_is_not_as_expected(text: str) -> None:
    result = bce.check(text, "note.md")
    assert not result.problems
    assert not result.derivations
    assert not result.as_expected


def test_a_declaration_for_all_formulas_of_a_file_without_any_is_reported() -> None:
    (problem,) = bce.check("words\n\n<!-- bce-all: x real -->\n" + FALSE, "note.md").problems
    assert problem.line == 3
    assert "none is marked" in problem.message


def test_a_run_that_decides_nothing_says_so_and_fails_unless_asked(tmp_path, capsys) -> None:
    (tmp_path / "note.md").write_text("words\n", encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 2
    assert "nothing was decided" in capsys.readouterr().err
    assert main(["check", "--allow-empty", str(tmp_path)]) == 0


def test_a_mark_that_is_not_read_fails_the_run_though_all_else_is_proved(tmp_path) -> None:
    (tmp_path / "note.MD").write_text(TRUE, encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 0
    (tmp_path / "other.md").write_text("<!-- BCE: x real -->\n" + FALSE, encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 2
    assert main(["check", "--allow-empty", str(tmp_path)]) == 2
