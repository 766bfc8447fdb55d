r"""Cells in Markdown: which are found, where their parts stand, and what is refused."""

from __future__ import annotations

import pytest
from trial_cells import catalogue_of, definition, derivation, fence

from bce.reading.catalogue import Catalogue
from bce.reading.cells import Cell, Problem, ReadError, markdown_cells, read_cell
from bce.verdicts import check_text

CELL = "%%derivation sum-of-two\ntitle: Sum\ngiven: x real\n\nx + x &= 2 x && collect"


def only(text: str) -> Cell | Problem:
    found = list(markdown_cells(text, "notes.md"))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    "text",
    [
        fence(CELL),
        f"~~~{{code-cell}} ipython3\n{CELL}\n~~~\n",
        f"````{{code-cell}} ipython3\n{CELL}\n````\n",
        f"```{{code-cell}}\n{CELL}\n```\n",
        f"```python\n{CELL}\n```\n",
        f"```{{code-cell}} ipython3\n:tags: [hide-input]\n\n{CELL}\n```\n",
        f"```{{code-cell}} ipython3\n---\ntags: [hide-input]\n---\n{CELL}\n```\n",
        f"# Title\n\nWords.\n\n```{{code-cell}} ipython3\n1 + 1\n```\n\n{fence(CELL)}\nMore words.\n",
        f"  ```{{code-cell}} ipython3\n{CELL}\n  ```\n",
    ],
    ids=range(9),
)
def test_cell_is_found_in_every_kind_of_fence(text: str) -> None:
    cell = only(text)
    assert isinstance(cell, Cell)
    assert (cell.kind, cell.id, cell.title) == ("derivation", "sum-of-two", "Sum")
    assert text.split("\n")[cell.line - 1].strip().startswith("%%derivation")


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"```text\n{CELL}\n```\n",
        f"````text\n{fence(CELL)}````\n",
        "```{code-cell} ipython3\nx = 1\n```\n",
        "```{code-cell} ipython3\n%%time\nx = 1\n```\n",
    ],
    ids=range(5),
)
def test_text_without_an_executed_cell_holds_none(text: str) -> None:
    assert list(markdown_cells(text, "notes.md")) == []


def test_keys_may_be_repeated_and_items_are_split_at_semicolons() -> None:
    header = "title: A\ngiven: x real; y > 0\ngiven: z real\nuses: b, c\nuses: d"
    cell = read_cell(f"%%derivation a\n{header}\n\nx", "notes.md")
    assert [item.text for item in cell.items("given")] == ["x real", "y > 0", "z real"]
    assert [item.column for item in cell.items("given")] == [8, 16, 8]
    assert cell.uses == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("cell", "line", "words"),
    [
        ("%%derivation a", 1, "title"),
        ("%%derivation a\ntitle: T", 1, "no body"),
        ("%%derivation a\ntitle: T\n\n   \n", 1, "no body"),
        ("%%derivation a\ngiven: x real\n\nx", 1, "no 'title: …' line"),
        ("%%derivation a\ntitle: T\nwhen: now\n\nx", 3, "unknown key 'when'"),
        ("%%derivation a\ntitle: T\nnonsense\n\nx", 3, "key: value"),
        ("%%derivation a\ntitle: T\ntitle: U\n\nx", 3, "two lines 'title'"),
        ("%%derivation A_b\ntitle: T\n\nx", 1, "kebab-case"),
        ("%%derivation\ntitle: T\n\nx", 1, "kebab-case"),
        ("%%derivation a b\ntitle: T\n\nx", 1, "kebab-case"),
        ("x &= x", 1, "%%definition or %%derivation"),
    ],
)
def test_broken_header_is_an_error_with_its_line(cell: str, line: int, words: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_cell(cell, "notes.md")
    assert words in caught.value.problem.message
    assert caught.value.problem.line == line


GIVEN_X = "%%derivation a\ntitle: A\ngiven: x real\n\n"

BODIES = [
    # body, line of the chapter, words
    ("x", 6, "no relation"),
    ("&= x + 0", 6, "left side"),
    ("x &= x + 0 = x", 6, "two relations"),
    ("x &= x + 0, x &= 0 + x", 6, "a row or a display of its own"),
    ("x &= x + 0 \\\\\ny &= x", 7, "y"),
    ("x &= x + 0 && r \\label{U u}", 6, "kebab-case"),
    ("x &= x + 0 && r \\label{2}", 6, "kebab-case"),
    ("x &= x + 0 && r \\label{u} \\label{v}", 6, "two \\label"),
    ("x &= x + 0 && r \\label{u", 6, ""),
    ("x &= x + 0 && r \\label{u} \\\\\n &= x && s \\label{u}", 0, "same name 'u'"),
    ("x &= x + 0 && r \\foo s", 6, "\\foo in a reason"),
    ("x^2 &\\ge 0 && r \\by{magic}", 6, "certificate"),
    ("x^2 &\\ge 0 && r \\by{minimum at x = 10", 6, ""),
    ("x &= x + u - u", 6, "undeclared symbol u"),
    ("x &= f(x)", 6, "unknown function f"),
    ("x &= \\log x x", 6, "two ways"),
    ("\\\\ \\\\", 6, "needs a row"),
]


@pytest.mark.parametrize(("body", "line", "words"), BODIES, ids=[body for body, _, _ in BODIES])
def test_broken_row_is_a_problem_that_names_cell_line_and_reason(body: str, line: int, words: str) -> None:
    result = check_text(fence(GIVEN_X + body), "notes.md")
    (problem,) = result.problems
    assert problem.derivation == "a"
    assert words in problem.message
    assert problem.line == line or not line
    assert not result.as_expected


def test_column_of_an_error_points_at_the_guilty_token() -> None:
    (problem,) = check_text(fence(GIVEN_X + "x &= x + 0 && fine \\\\\n  &= x + u"), "notes.md").problems
    assert (problem.line, problem.column, problem.step) == (7, 10, 2)


def test_rows_may_be_spread_over_lines_and_hold_cases() -> None:
    cases = "\\begin{cases}\n    x & x \\ge 0 \\\\\n    -x & x < 0\n  \\end{cases}"
    body = f"|x|\n  &= {cases}\n  && by definition \\label{{cases}}\n"
    (checked,) = check_text(fence(GIVEN_X + body)).derivations
    assert [step.verdict.kind for step in checked.steps] == ["proved"]
    assert checked.steps[0].row.label == "cases"


def test_reason_keeps_its_words_and_loses_its_marks() -> None:
    (checked,) = check_text(fence(GIVEN_X + "x &= x + 0 && add $0$,\n  which is nothing \\label{add}")).derivations
    assert checked.steps[0].row.reason == "add $0$, which is nothing"


# --- definitions and what uses what ---------------------------------------------------


@pytest.mark.parametrize(
    ("given", "body", "words"),
    [
        ("x real", "f(x)", "one equation"),
        ("x real", "f(x) &= x \\\\ &= x + 0", "unexpected"),
        ("y real", "f(x) = x", "parameter x has no domain"),
        ("x real", "x = 1", "brackets"),
        ("x real", "f(2 x) = 1", "plain symbols"),
        ("x real", "f(x, x) = 1", "twice"),
        ("x real", "f(x) = f(x) + 1", "unknown function f"),
        ("x real", "\\log(x) = 1", "name"),
    ],
)
def test_broken_definition_is_a_problem(given: str, body: str, words: str) -> None:
    catalogue = catalogue_of(definition("f", given, body))
    assert list(catalogue.derivations()) == []
    assert words in catalogue.problems[0].message


def test_definition_is_defined_and_claims_nothing_that_could_be_proved() -> None:
    (checked,) = check_text(fence(definition("f", "x real", "f(x) = x^2"))).derivations
    (step,) = checked.steps
    assert step.row.introduces
    assert (step.verdict.kind, str(step.verdict)) == ("defined", "defined")
    assert step.verdict.holds
    assert checked.as_expected
    assert repr(step) == "<Step 1: f(x) = x^2: defined>"


def test_row_of_a_derivation_introduces_nothing_and_is_proved() -> None:
    result = check_text(
        fence(definition("f", "x real", "f(x) = x^2")) + fence(derivation("x real", "f(x) &= x x", uses="f"))
    )
    (step,) = result.derivations[1].steps
    assert not step.row.introduces
    assert step.verdict.kind == "proved"


def test_definition_that_is_undefined_somewhere_is_unproved() -> None:
    (checked,) = check_text(fence(definition("f", "x real", "f(x) = \\frac{1}{x}"))).derivations
    assert checked.steps[0].verdict.kind == "unproved"
    assert not checked.steps[0].verdict.holds
    assert not checked.as_expected


def problems_of(*cells: str) -> list[str]:
    return [problem.message for problem in check_text("".join(map(fence, cells))).problems]


def test_id_used_twice_is_a_problem_that_names_the_first_place() -> None:
    (message,) = problems_of(CELL, CELL)
    assert "'sum-of-two' is taken by text:2" in message


def test_use_of_something_unknown_is_a_problem() -> None:
    assert "'nope'" in problems_of(derivation("x real", "x &= x + 0", uses="nope"))[0]


def test_circle_of_uses_is_a_problem_and_no_hang() -> None:
    cells = [definition(a, "x real", f"{a}(x) = {b}(x)", uses=b) for a, b in ("fg", "gh", "hf")]
    assert all("rests on itself" in message for message in problems_of(*cells))
    assert problems_of(derivation("x real", "x &= x + 0", uses="trial"))


def test_two_definitions_of_one_function_in_use_are_a_problem() -> None:
    first, second = (definition(name, "x real", "f(x) = x") for name in "ab")
    (message,) = problems_of(first, second, derivation("x real", "f(x) &= x", uses="a, b"))
    assert "two definitions of f" in message


def test_function_is_unknown_where_its_definition_is_not_used() -> None:
    (message,) = problems_of(definition("f", "x real", "f(x) = x"), derivation("x real", "f(x) &= x"))
    assert "unknown function f" in message


def test_unreadable_cell_does_not_hide_the_others() -> None:
    catalogue = catalogue_of(derivation("x real", "x &= u"), derivation("x real", "x &= x + 0", name="good"))
    assert [one.id for one in catalogue.derivations()] == ["good"]
    assert len(catalogue.problems) == 1


def test_replaced_cell_is_checked_anew() -> None:
    catalogue = Catalogue([read_cell(CELL, "notes.md")])
    assert catalogue.derivation("sum-of-two").rows[0].right_latex == "2 x"
    catalogue.replace(read_cell(CELL.replace("2 x", "x \\cdot 2"), "notes.md"))
    assert catalogue.derivation("sum-of-two").rows[0].right_latex == "x \\cdot 2"
