"""Derivations in other people's files: what is marked is checked, at its own place in the file."""

from __future__ import annotations

import json

import pytest

import bce

NOTE = r"""# A note

<!-- bce-all:
given: x real; z in [0, 1]
where: \sigma(x) = \frac{1}{1+e^{-x}}
-->

Some words, and a formula that nobody marked: $$ 1 = 2 $$

<!-- bce: -->
$$\frac{\partial}{\partial{x}}\left(x-xz+\log{\left(1+e^{-x}\right)}\right)$$

$$=1-z+\frac{-e^{-x}}{1+e^{-x}}\;\;\;$$

<!-- bce: skip -->
$$ 5 = 6 $$

$$=-z+\sigma{\left({x}\right)}.$$
"""


def verdicts(text: str, file: str = "note.md") -> list[str]:
    result = bce.check(text, file)
    assert not result.problems, [problem.message for problem in result.problems]
    return [step.verdict.kind for checked in result.derivations for step in checked.steps]


def test_displays_that_blank_lines_part_are_one_derivation_and_skipped_ones_are_left_out():
    assert verdicts(NOTE) == ["proved", "proved"]


def test_a_mistake_is_reported_at_its_line_and_column():
    wrong = NOTE.replace(r"\frac{-e^{-x}}{1+e^{-x}}", r"\frac{-e^{-z}}{1+e^{-x}}")
    result = bce.check(wrong, "note.md")
    step = next(s for c in result.derivations for s in c.steps if s.verdict.kind == "refuted")
    line = wrong.split("\n")[step.row.line - 1]
    assert line[step.row.column - 1] == "="
    assert "e^{-z}" in line


def test_latex_environments_are_read_after_a_comment():
    text = r"""\section{A note}
% bce: p, q > 0
\begin{align*}
  \log\frac{p}{q} &\stackrel{(a)}{=} \log p - \log q \tag{1} \\
                  &= \ln p \nonumber \\
                  &\quad - \ln q, \quad \text{as before}
\end{align*}
"""
    assert verdicts(text, "note.tex") == ["proved", "proved"]


def test_an_unmarked_environment_is_left_alone():
    assert verdicts("\\begin{align} 1 &= 2 \\end{align}", "note.tex") == []


def notebook(*cells: tuple[str, str]) -> str:
    content = [
        {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)} for kind, source in cells
    ]
    return json.dumps({"cells": content, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def test_notebooks_are_read_cell_by_cell_and_remember_what_was_declared():
    text = notebook(
        ("markdown", "<!-- bce-all: x real -->"),
        ("code", "%%derivation squares\ntitle: Squares\ngiven: a real\n\na a &= a^2"),
        ("markdown", "<!-- bce: -->\n$$ L = x^2 $$"),
        ("markdown", "<!-- bce: -->\n$$ \\frac{dL}{dx} = 2x = 3x $$"),
    )
    assert verdicts(text, "post.ipynb") == ["proved", "defined", "proved", "refuted"]


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", '{"cells": 3}', '{"cells": [{"cell_type": "code"}]}', "not json"])
def test_a_file_that_is_no_notebook_is_one_clear_problem(text):
    problems = bce.check(text, "post.ipynb").problems
    assert [problem.message for problem in problems] == [
        "not a notebook: the file is no JSON object with a list of cells"
    ]


def test_a_mark_without_a_formula_is_a_problem():
    problems = bce.check("<!-- bce: x real -->\nWords, and nothing else.\n", "note.md").problems
    assert len(problems) == 1
    assert "marks no formula" in problems[0].message


def test_marks_inside_of_code_are_examples():
    text = "```\n<!-- bce: x real -->\n$$ 1 = 2 $$\n```\nand `<!-- bce: -->` in a sentence\n"
    assert verdicts(text) == []


def test_a_quantity_that_a_first_row_introduces_is_known_later():
    text = r"""
<!-- bce: 0 < p < 1; y in {0, 1} -->
$$ L(p) = -y \ln p - (1-y) \ln(1-p) $$

<!-- bce: 0 < p < 1; y in {0, 1} -->
$$ \frac{dL}{dp} = \frac{p - y}{p(1-p)} $$
"""
    assert verdicts(text) == ["defined", "proved"]


def test_words_behind_a_first_row_are_no_part_of_what_it_introduces():
    text = r"""
<!-- bce: x real -->
$$ h = x^2 \quad \text{(the square)} $$

<!-- bce: x real -->
$$ h + h = 2 x^2 $$
"""
    assert verdicts(text) == ["defined", "proved"]


def test_a_box_around_a_whole_relation_is_only_a_box():
    assert verdicts("<!-- bce: x real -->\n$$ \\boxed{x + \\frac{x}{2} = \\frac{3x}{2}} $$\n") == ["proved"]
    assert verdicts("<!-- bce: x real -->\n$$ x + x = \\boxed{3x} $$\n") == ["refuted"]


def test_a_known_function_at_the_head_is_a_claim_and_no_definition():
    text = "<!-- bce: x real -->\n$$ \\tanh(x) = \\frac{e^{x} - e^{-x}}{2} $$\n"
    assert verdicts(text) == ["refuted"]


@pytest.mark.parametrize(
    ("formula", "readings"),
    [
        (r"\log x y = 1", (r"(\log x) y", r"\log(x y")),
        (r"1/x y = 1", (r"(1/x)", r"1/(x")),
        (r"\log{x + y} = 1", ("(x+y)", "without brackets")),
        (r"\frac{d}{dx} x y = 1", ("derivative of x times y", "derivative of xy")),
    ],
)
def test_an_ambiguous_formula_is_an_error_that_shows_both_readings(formula, readings):
    problems = bce.check(f"<!-- bce: x, y > 0 -->\n$$ {formula} $$\n", "note.md").problems
    assert len(problems) == 1
    assert all(reading in problems[0].message for reading in readings), problems[0].message


def test_the_strict_style_of_chapters_refuses_what_the_lenient_one_reads():
    strict = bce.check("%%derivation slash\ntitle: Slash\ngiven: x > 0\n\nx/x &= 1")
    assert "inline '/'" in strict.problems[0].message
    assert verdicts("<!-- bce: x > 0 -->\n$$ x/x = 1 $$\n") == ["proved"]
