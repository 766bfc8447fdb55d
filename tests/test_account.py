r"""What is shown is what is read: every mark of a display is a claim, a condition, a remark or layout, or an error."""

from __future__ import annotations

import pytest

import bce
from bce.verdicts import Result


def note(given: str, display: str, where: str = "") -> Result:
    keys = f"\nwhere: {where}" if where else ""
    return bce.check(f"<!-- bce: {given}{keys}\n-->\n$$\n{display}\n$$\n", "note.md")


def verdicts(result: Result) -> list[str]:
    assert not result.problems, [problem.message for problem in result.problems]
    return [step.verdict.kind for checked in result.derivations for step in checked.steps]


READ = [
    # what is declared, the display, whether each of its claims is true
    # a sign in a group that does not print is the sign that is printed
    ("x real", r"x = x {+ 1}", [False]),
    ("x real", r"x + 1 = x {+ 1}", [True]),
    ("x real", r"x + 1 = x {{+ 1}}", [True]),
    ("x real", r"x = x {\color{red} + 1}", [False]),
    ("x real", r"x = x {\color{red}{+ 1}}", [False]),
    ("x real", r"x = x \textcolor{red}{+ 1}", [False]),
    ("x, y real", r"x {+ y} = x y", [False]),
    ("x, y real", r"x + x \underbrace{+ y}_{\text{bias}} = 2 x + y", [True]),
    ("x, y real", r"x + x \overbrace{+ y}^{b} = 2 x + y", [True]),
    ("x, y real", r"x \boxed{+ y} = x y", [False]),
    # several equations in one display are several steps
    ("x > 0", r"x = x^2 \qquad \frac{1}{x} = 2 + x", [False, False]),
    ("x > 0", r"x + x = 2x \quad x \cdot x = x^2 + 1", [True, False]),
    ("x > 0", r"x + x = 2x \;\;\;\; x \cdot x = x^2 + 1", [True, False]),
    ("x > 0", r"x + x = 2x \hspace{2cm} x \cdot x = x^2 + 1", [True, False]),
    ("x > 0", r"x + x = 2x \hskip 2cm x \cdot x = x^2 + 1", [True, False]),
    ("x > 0", r"x + x &= 2x & x \cdot x &= x^2 + 1", [True, False]),
    ("x > 0", r"x + x &= 2x && x \cdot x &= x^2 + 1", [True, False]),
    ("x > 0", r"\begin{aligned} x + x &= 2x &&& x + 0 &= 3x \end{aligned}", [True, False]),
    ("x > 0", r"\begin{alignedat}{2} x + x &= 2x & x + 0 &= 3x \end{alignedat}", [True, False]),
    ("x > 0", r"\begin{aligned} x + x &= 2x \end{aligned} \begin{aligned} x + 0 &= 3x \end{aligned}", [True, False]),
    ("x > 0", r"\begin{alignat}{2} x &= 2x \end{alignat}", [False]),
    ("x real", r"x + x = 2x \quad\text{and}\quad x + 0 = x + 1", [True, False]),
    ("x real", r"x + x = 2x \mbox{, so } x + 0 = x + 1", [True, False]),
    ("x real", r"x + x = 2x \text{, but } x + 0 = x + 1", [True, False]),
    ("x real", r"x + x = 2x, \quad x + 0 = x + 1", [True, False]),
    ("x real", r"x = x + 0 \quad\text{(zero)} \quad = x + 1", [True, False]),
    ("x real", r"x + x = 2x \text{ since } x + 1 = x", [True, False]),
    ("x > 0", r"\sqrt{x^2} = x \text{ since } x > 0", [True, True]),
    ("x real", r"x + x \boxed{= 2x = 3x}", [True, False]),
    # rows that go on
    ("x real", r"x + x &= 2 x \\ &+ 0", [True]),
    ("x real", r"x &= 2 x \\ &\quad - x", [True]),
    ("x real", "x + x \n\\\\ = 2 x", [True]),
    # a condition behind a formula is a condition of its row
    ("x real", r"\sqrt{x^2} = x \quad \text{if } x \ge 0", [True]),
    ("x real", r"\sqrt{x^2} = x \quad \text{if } x \ge -1", [False]),
    ("x real", r"|x| = -x, \quad x < 0", [True]),
    ("x real", r"|x| = x, \quad x < 0", [False]),
    ("x real", r"|x| = x \quad x \in (0, 1)", [True]),
    ("x real", r"|x| = x, \quad x \in (-1, 1)", [False]),
    ("x real", r"\log e^{x} = x \quad \forall x \in \mathbb{R}", [True]),
    ("x real", r"\log e^{x} = x + 1 \quad \text{for } x \in \mathbb{R}", [False]),
    ("i, j integer", r"(i - j)^2 = 0 \quad i = j", [True]),
    ("x real", r"\sqrt{x^2} = x \text{ for all } x > 0", [True]),
    ("x real", r"\sqrt{x^2} = x \quad (x > 0)", [True]),
    ("x real", r"\sqrt{x^2} = x \quad \forall x > 0", [True]),
    ("x real", r"\text{If } x > 0, \sqrt{x^2} = x", [True]),
    ("x, y real", r"\sqrt{x^2 y^2} = x y \text{ for } x, y > 0", [True]),
    ("x, y real", r"\sqrt{x^2 y^2} = x y \text{ if } x > 0 \text{ and } y > 0", [True]),
    ("x, y real", r"x^2 = y^2 \text{ if } x = y", [True]),
    ("x real", r"|x| &= x && \text{if } x \ge 0 \\ |x| &= -x && \text{if } x < 0", [True, True]),
    ("x real", r"|x| &= x \text{ if } x > 0 \\ &= \sqrt{x^2} \\ |x| &= x", [True, True, False]),
    # remarks and layout
    ("x real", r"x + x = 2x \qquad (2)", [True]),
    ("x real", r"x + x = 2x \quad (*)", [True]),
    ("x real", r"x + x = 2x \tag{2a}", [True]),
    ("x real", r"x + x &= 2x \\ \intertext{and likewise} x + 0 &= x", [True, True]),
    ("x real", r"x + x = 2x \quad \text{by the log-sum-exp trick}", [True]),
    ("x real", r"x + x \stackrel{\text{def}}{=} 3x", [False]),
    ("x real", r"x + x \overset{(a)}{=} 3x", [False]),
    ("x real", r"\text{Likewise, } x + x = 2x.", [True]),
    ("x real", r"x + x = 2x. \quad x + 0 = x + 1.", [True, False]),
    ("x real", r"\begin{cases} x & x > 0 \\ x & x \le 0 \end{cases} = x \quad \text{by cases}", [True]),
    # comments are taken out first
    ("x real", "x + x = 2 x % && \n = 3 x", [True, False]),
    ("x real", "x + x = 2 x % \\quad\\text{\n = 3 x", [True, False]),
    ("x real", "x + x = 2 x % \\\\\n = 3 x", [True, False]),
    ("x real", "x + x &= 2 x \\\\\n% &= 3 x \\\\\n&= x \\cdot 2", [True, True]),
    ("x real", "x = x + 1 % && \\refuted", [False]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "display", "truths"), READ, ids=[display for _, display, _ in READ])
def test_a_display_is_read_as_it_is_printed(given: str, display: str, truths: list[bool]) -> None:
    assert verdicts(note(given, display)) == ["proved" if true else "refuted" for true in truths]


REFUSED = [
    # what is declared, the display, the column, words of the message
    ("x > 0", r"x = x^2 \quad \frac{1}{x}", 15, "neither a relation, a condition nor a remark"),
    ("x > 0", r"x &= x^2 & \frac{1}{x}", 12, "neither a relation, a condition nor a remark"),
    ("x > 0", r"x = x^2 \enspace\enspace \frac{1}{x}", 26, "neither a relation"),
    ("x > 0", r"\frac{x \quad x}{2} = x^2", 15, "a wide space between two factors"),
    ("x > 0", r"\begin{gather} x = x^2 \\ \frac{1}{x} \end{gather}", 27, "no relation"),
    ("x > 0", r"x \\ x = x x", 1, "no relation"),
    ("x real", r"x - 1 {- x} = -1", 7, "two ways"),
    ("x real", r"x = x, \quad x = 1", 14, "as the condition x=1 of the formula before it or as a claim"),
    ("x real", r"x = x \quad x \in \mathbb{Z}", 13, "declare it as a whole number"),
    ("x real", r"x {+ 1}^2 = x + 1", 3, "two ways"),
    ("x, y real", r"x \cdot {+ y} = x y", 9, "a sign right after a product sign"),
    ("x, y real", r"x \cancel{+ y} = x", 3, "crossed out"),
    ("x real", r"x = x \text{ + 1}", 7, "no remark in words"),
    ("x real", r"x = x \quad\text{x}", 12, "no remark in words"),
    ("x real", r"x = x \text{ by (2)}", 7, "no remark in words"),
    ("x real", r"x = x \text{loss}", 7, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"x = x \text{ plus one}", 7, "'plus' changes"),
    ("x real", r"x = x \text{ implies } x = x + 1", 7, "'implies' changes"),
    ("x real", r"x = x \quad\text{(zero)}\quad x = x + 1", 31, "the words '(zero)'"),
    ("x real", r"x = x \quad \mathrm{and} \quad x = x + 1", 13, "neither a relation"),
    ("x real", r"\sqrt{x^2} = x \text{ since } x > 0", 31, "declare it in the comment above, or write 'if'"),
    ("x real", r"x = x \text{ for } x", 20, "a condition is a relation"),
    ("x real", r"x = x \quad - 1 = 2", 13, "two ways"),
    ("x, y real", r"x &= x & y + 0 &= y \\ &= x", 25, "two formulas stand side by side"),
    ("p > 0", r"\stackrel{\rightarrow}{p} = p", 1, "an accent"),
    ("p > 0", r"\overset{\prime}{p} = p", 1, "an accent"),
    ("p, y > 0", r"\underset{y}{p} = p", 1, "an accent"),
    ("p > 0", r"p \overset{/}{=} p", 12, "changes it"),
    ("p > 0", r"p \overset{\sim}{=} p", 12, "changes it"),
    ("p > 0", r"p \stackrel{!}{=} p", 13, "changes it"),
    ("p in (0, 1)", r"\underbrace{1 - p}_{= p} = 1 - p", 21, "a claim"),
    ("x real", r"\text{Let } x = 1", 1, "no relation"),
    ("x real", r"\text{loss} + x = x", 1, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"\text{loss } x = x", 1, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"\text{loss} \quad - x = -x", 1, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"2 \text{ loss} = 2", 3, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"2 \text{ loss } \cdot x = 2 x", 3, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"x = x \text{ loss } x", 7, "undeclared symbol \\mathrm{loss}"),
    ("x real", r"x = x \text{ is wrong}", 7, "'wrong' changes"),
    ("x real", r"\frac{x}{2} = .5 x", 15, "expected a term"),
    ("x real", r"x = x. x", 6, "unexpected '.'"),
    ("x real", r"\frac12 x = 0,5 x", 15, "neither a relation"),
    ("x real", r"x = x + 1 \refuted", 11, "\\refuted"),
]


@pytest.mark.parametrize(
    ("given", "display", "column", "words"), REFUSED, ids=[display for _, display, _, _ in REFUSED]
)
def test_what_has_no_one_reading_is_an_error_that_points_at_it(given, display, column, words) -> None:
    (problem,) = note(given, display).problems
    assert words in problem.message
    assert (problem.line, problem.column) == (4, column)


def test_a_declared_word_is_a_quantity_and_no_remark() -> None:
    assert verdicts(note("p, \\text{loss} > 0", r"p = p \text{loss}")) == ["refuted"]
    assert verdicts(note("p, \\text{loss} > 0", r"p \text{loss} = \mathrm{loss} \cdot p")) == ["proved"]


def test_two_displays_are_joined_only_where_the_second_goes_on() -> None:
    problems = bce.check("<!-- bce: x > 0 -->\n$$ x = x^2 $$\n\n$$ \\frac{1}{x} $$\n", "note.md").problems
    assert [(problem.line, problem.column) for problem in problems] == [(4, 4)]
    assert verdicts(bce.check("<!-- bce: x > 0 -->\n$$ x + x % two\n$$\n\n$$ = 2 x = 3 x $$\n", "n.md")) == [
        "proved",
        "refuted",
    ]


def test_an_alternative_can_prove_a_row_and_never_refutes_it() -> None:
    assert verdicts(note("x real", r"x + x = 2x \quad\text{or}\quad x = 1")) == ["proved"]
    assert verdicts(note("y in {0, 1}", r"y = 0 \quad\text{or}\quad y = 1")) == ["unproved"]


def test_the_condition_of_a_row_is_told_with_it() -> None:
    (step,) = note("x real", r"\sqrt{x^2} = x \quad \text{if } x \ge 0").derivations[0].steps
    assert step.row.reason == "if $x \\ge 0$"


def test_a_step_is_told_as_it_was_written_without_its_remarks() -> None:
    display = r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases} &= \max(x, 0) \quad \text{by cases} \\ &\quad + 0"
    (step,) = note("x real", display).derivations[0].steps
    assert step.row.left_latex == r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}"
    assert step.row.right_latex.replace(r"\quad", "").split() == [r"\max(x,", "0)", "+", "0"]
    assert step.row.reason == "by cases"


def test_contradictory_conditions_prove_nothing() -> None:
    assert verdicts(note("x real", r"x = x + 2 \text{ if } x = x + 1")) == ["unproved"]
    (problem,) = note("x real", r"x = x + 2 \text{ if } 1 < x < 0").problems
    assert "leave no value" in problem.message


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (r"x &= x^2 & \frac{1}{x} && r", "a second column"),
        (r"x &= x^2 \quad \frac{1}{x} && r", "a wide space"),
        (r"x &= \frac{x \qquad x}{1} && r", "a wide space"),
        (r"x &= x {- 1} && r", "two ways"),
        (r"x &= x \text{ if } x > 0", "undeclared symbol \\mathrm{if}"),
        (r"\overset{\prime}{x} &= x", "not part of the grammar"),
    ],
)
def test_the_strict_grammar_follows_the_same_rules(row: str, words: str) -> None:
    (problem,) = bce.check(f"%%derivation a\ntitle: A\ngiven: x > 0\n\n{row}").problems
    assert words in problem.message
    assert problem.line == 5


def test_comments_are_taken_out_of_a_cell_too() -> None:
    cell = "%%derivation a\ntitle: A\ngiven: x > 0\n\nx + x &= 2 x % && a \\refuted\n + 1"
    assert verdicts(bce.check(cell)) == ["refuted"]
    assert not bce.check(cell).as_expected


def test_a_macro_that_redefines_a_known_command_is_noticed() -> None:
    for macro in (r"\renewcommand{\log}{\exp}", r"\def\log{\exp}", r"\let\log\exp", r"\DeclareMathOperator{\log}{exp}"):
        text = f"{macro}\n% bce: x > 0\n\\begin{{align}} \\log(x x) = 2 \\log x \\end{{align}}"
        (problem,) = bce.check(text, "note.tex").problems
        assert "\\log is defined anew in line 1" in problem.message
        assert problem.line == 3
    harmless = "\\renewcommand{\\vec}[1]{#1}\n% \\renewcommand{\\log}{x}\n% bce: x > 0\n\\[ \\log(x x) = 2 \\log x \\]"
    assert verdicts(bce.check(harmless, "note.tex")) == ["proved"]
