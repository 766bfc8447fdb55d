"""Building a book: what stops it, and what makes it execute a chapter again."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from trial_book import TrialBook, cell

SIGMOID = cell(r"""
%%definition sigmoid
title: Sigmoid
given: x real

\sigma(x) = \frac{1}{1 + e^{-x}}
""")


def derivation(rows: str, *, identifier: str = "trial", given: str = "x real", uses: str = "sigmoid") -> str:
    return cell(f"%%derivation {identifier}\ntitle: Trial\ngiven: {given}\nuses: {uses}\n\n{rows.strip()}")


TRUE_ROWS = r"""
1 - \sigma(x)
  &= 1 - \frac{1}{1 + e^{-x}}   && write the sigmoid out \label{written-out} \\
  &= \sigma(-x)                 && simplify \\
"""


# What stops a build -------------------------------------------------------------------------------------------------

#: Prints, without deciding anything, what the magic would show for a proved derivation.
PRINTED = """
from IPython.display import publish_display_data
from bce.reading.catalogue import Catalogue
from bce.reading.cells import read_cell
from bce.reporting.report import MIME_TYPE, report
from bce.verdicts import Checked, Step, Verdict

source = "%%derivation lie\\ntitle: Lie\\ngiven: x real\\n\\nx &= x + 1 && see"
lie = Catalogue([read_cell(source, "chapters/first.md")]).derivation("lie")
proved = Checked(lie, tuple(Step(row, Verdict("proved", "by decree")) for row in lie.rows))
publish_display_data({MIME_TYPE: report(proved)})
"""
#: Lets the magic call everything proved.
TAMPERED = """
import bce.book.magic as magic
from bce.verdicts import Checked, Step, Verdict

magic.check = lambda one: Checked(one, tuple(Step(row, Verdict("proved", "by decree")) for row in one.rows))
"""

FAILURES = {
    "a false step": (
        [SIGMOID, derivation(r"1 - \sigma(x) &= 1 - \sigma(x) + 0 \\ &= \sigma(x) && wrong \label{wrong} \\")],
        ["trial.wrong", "refuted", r"\sigma(x)"],
    ),
    "an undeclared symbol": (
        [SIGMOID, derivation(r"1 - \sigma(x) &= \sigma(-x) + w - w && a stray letter \\")],
        ["trial", "w", "given"],
    ),
    "a syntax error": (
        [SIGMOID, derivation(r"1 - \sigma(x) &= \frac{1}{1 + e^{x} && a brace is missing \\")],
        ["trial", "error"],
    ),
    "a vacuous step": (
        [SIGMOID, derivation(r"1 - \sigma(x) &= 1 - \sigma(x) && nothing happens \\")],
        ["trial.1", "vacuous"],
    ),
    "a head that is no known definition": (
        [SIGMOID, derivation(r"\tau(x) &= \sigma(x) && from nowhere \\")],
        ["trial", r"\tau"],
    ),
    "a mistake that is in fact true": (
        [SIGMOID, derivation(r"1 - \sigma(x) &= \sigma(-x) && not a mistake \label{true} \refuted \\")],
        ["trial.true", "refuted", "is in fact true"],
    ),
    "a verdict that a cell printed by itself": (
        [SIGMOID, cell(PRINTED)],
        [": WARNING: this verdict on 'lie' was printed by a cell that is not the one with that id"],
    ),
    "a verdict of a verifier that a cell replaced": (
        [SIGMOID, cell(TAMPERED), derivation(r"1 - \sigma(x) &= \sigma(x) && wrong \\")],
        ["trial.1: the output says verdict: 'proved', the source gives 'refuted'"],
    ),
    "a verdict that stands twice": (
        [SIGMOID, derivation(TRUE_ROWS), derivation(TRUE_ROWS)],
        ["duplicate id 'trial'"],
    ),
    "a cell that raises": ([cell("assert 1 + 1 == 3, 'arithmetic is broken'")], ["arithmetic is broken"]),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_it_stops_the_build_and_is_named(trial_book: TrialBook, failure: str):
    blocks, words = FAILURES[failure]
    trial_book.write("first", *blocks)
    build = trial_book.build()
    assert not build.succeeded
    assert "chapters/first.md" in build.output
    for word in words:
        assert word in build.output


def test_the_error_names_the_line_of_the_step(trial_book: TrialBook):
    trial_book.write("first", SIGMOID, derivation(TRUE_ROWS.replace(r"\sigma(-x)", r"\sigma(x)")))
    build = trial_book.build()
    text = (trial_book.folder / "chapters/first.md").read_text(encoding="utf-8")
    line = 1 + text[: text.index(r"  &= \sigma(x)")].count("\n")
    assert f"chapters/first.md:{line}: trial.2: refuted" in build.output


def test_a_printed_verdict_stops_the_build_which_names_the_cell_and_publishes_nothing(trial_book: TrialBook):
    trial_book.write("first", SIGMOID, cell(PRINTED))
    build = trial_book.build()
    text = (trial_book.folder / "chapters/first.md").read_text(encoding="utf-8")
    line = 1 + text[: text.index(PRINTED.strip())].count("\n")
    assert re.search(rf"chapters/first\.md:{line}:.* this verdict on 'lie'", build.output), build.output
    assert not (trial_book.folder / "_build/html").exists()


def test_an_id_used_twice_stops_the_build(trial_book: TrialBook):
    trial_book.write("first", SIGMOID)
    trial_book.write("second", SIGMOID.replace(r"\frac{1}{1 + e^{-x}}", r"\frac{e^x}{1 + e^x}"))
    build = trial_book.build()
    assert not build.succeeded
    assert "duplicate id 'sigmoid'" in build.output
    assert "chapters/first.md" in build.output
    assert "chapters/second.md" in build.output


def test_a_broken_link_or_formula_stops_the_build_every_time(trial_book: TrialBook):
    trial_book.write("first", SIGMOID, derivation(TRUE_ROWS), "See {step}`trial.missing`.", "Also $\\frac{1$.")
    for _ in range(2):
        build = trial_book.build()
        assert not build.succeeded
        assert "there is no step with the id 'trial.missing'" in build.output
        assert "this formula cannot be set" in build.output


def test_a_failed_build_fails_again_when_repeated_and_succeeds_when_mended(trial_book: TrialBook):
    trial_book.write("first", SIGMOID, derivation(TRUE_ROWS.replace("-x)", "x)")))
    assert not trial_book.build().succeeded
    assert not trial_book.build().succeeded
    trial_book.write("first", SIGMOID, derivation(TRUE_ROWS))
    build = trial_book.build()
    assert build.succeeded, build.output
    assert "✓" in trial_book.page("first")


def test_a_definition_may_have_the_name_of_a_heading(trial_book: TrialBook):
    trial_book.write("sigmoid", "## Trial", SIGMOID, derivation(TRUE_ROWS), "## Sigmoid", "{definition}`sigmoid`")
    build = trial_book.build()
    assert build.succeeded, build.output
    page = BeautifulSoup(trial_book.page("sigmoid"), "html.parser")
    assert page.find(id="sigmoid")["class"] == ["definition", "statement"]
    assert page.find(id="trial")["class"] == ["derivation", "statement"]


# No stale output ---------------------------------------------------------------------------------------------------


def executed_chapters(output: str) -> set[str]:
    return set(re.findall(r"chapters/(\w+)\.md: Executed notebook", output))


def test_pages_follow_the_package_and_the_definitions_of_other_chapters_but_not_prose(trial_book: TrialBook):
    trial_book.copy_package()
    trial_book.write("first", SIGMOID, "Some prose.")
    shown = "print('half', float(formula('sigmoid')(x=0.0)), 'mark', getattr(bce, 'MARK', 'none'))"
    trial_book.write("second", cell(f"import bce\nfrom bce.book import formula\n{shown}"))
    build = trial_book.build()
    assert build.succeeded, build.output
    assert executed_chapters(build.output) == {"first", "second"}
    assert "half 0.5 mark none" in trial_book.page("second")

    trial_book.write("first", SIGMOID, "Other prose.")
    build = trial_book.build()
    assert build.succeeded, build.output
    assert executed_chapters(build.output) == set()
    assert "Other prose." in trial_book.page("first")

    trial_book.write("first", SIGMOID.replace("{1 +", "{3 +"))
    build = trial_book.build()
    assert build.succeeded, build.output
    assert "half 0.25 mark none" in trial_book.page("second")

    with (trial_book.package / "bce" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("\nMARK = 'changed'\n")
    build = trial_book.build()
    assert build.succeeded, build.output
    assert "half 0.25 mark changed" in trial_book.page("second")
    kept = [path for path in (trial_book.folder / "_build/.jupyter_cache").iterdir() if path.is_dir()]
    assert len(kept) == 1


def test_an_overview_stands_on_any_page_and_follows_all_others(trial_book: TrialBook):
    trial_book.write("first", SIGMOID)
    trial_book.write("overview", "```{book-map}\n```", "```{all-steps}\n```")
    assert trial_book.build().succeeded
    assert "overview.html#map-sigmoid" in trial_book.page("first")
    assert "trial.written-out" not in trial_book.page("overview")
    trial_book.write("first", SIGMOID, derivation(TRUE_ROWS))
    build = trial_book.build()
    assert build.succeeded, build.output
    page = BeautifulSoup(trial_book.page("overview"), "html.parser")
    assert [box["href"] for box in page.select(".map a")] == ["first.html#sigmoid", "first.html#trial"]
    assert page.select_one(".all-steps").find("a", href="first.html#trial.written-out")
