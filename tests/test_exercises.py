"""The exercises at the end of the chapters: folded solutions, checked answers, mistakes to find."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from site_pages import SitePages
from trial_book import PROJECT, TrialBook

from bce.reading.catalogue import Catalogue
from bce.reporting.report import Report, report
from bce.verdicts import check

ANSWER = re.compile(r"exercise-|find-the-mistake-")
PUZZLES = ["find-the-mistake-1", "find-the-mistake-2", "find-the-mistake-3"]
CHAPTERS = [
    Path(entry["file"]).name
    for entry in yaml.safe_load((PROJECT / "_toc.yml").read_text(encoding="utf-8"))["parts"][0]["chapters"]
]


@pytest.fixture(scope="module")
def chapters(pages: SitePages) -> dict[str, BeautifulSoup]:
    return {chapter: pages[f"chapters/{chapter}.html"] for chapter in CHAPTERS}


@pytest.fixture(scope="module")
def answers() -> dict[str, Report]:
    """The reports of all cells that answer an exercise, by id."""
    catalogue = Catalogue.of_book(PROJECT)
    return {one: report(check(catalogue.derivation(one))) for one in catalogue.cells if ANSWER.match(one)}


@pytest.fixture(params=CHAPTERS)
def page(request: pytest.FixtureRequest, chapters: dict[str, BeautifulSoup]) -> BeautifulSoup:
    return chapters[request.param]


@pytest.fixture(params=PUZZLES)
def puzzle(request: pytest.FixtureRequest, answers: dict[str, Report]) -> Report:
    return answers[request.param]


def shown_rows(block: Tag) -> list[str]:
    return [row.find(class_="formula").find("annotation").text for row in block.select("li.step")]


def claimed_rows(chapters: dict[str, BeautifulSoup], puzzle: Report) -> Tag:
    """Return the block that shows a puzzle without verdicts."""
    solution = chapters[Path(puzzle["file"]).stem].find(id=puzzle["id"]).find_parent("details", class_="solution")
    return solution.find_previous_sibling().find(class_="claim")


# Exercises and solutions --------------------------------------------------------------------------------------------


def test_every_chapter_ends_with_two_to_five_exercises(page):
    assert page.find_all("h2")[-1].find_parent("section")["id"] == "exercises"
    exercises = page.select("section#exercises > .exercise")
    assert 2 <= len(exercises) <= 5
    assert len(exercises) == len(page.select(".exercise"))


def test_every_exercise_is_numbered_and_followed_by_its_solution(page):
    chapter = re.match(r"\d+", page.find("h1").text).group()
    for position, exercise in enumerate(page.select(".exercise"), 1):
        kind = exercise.find(class_="kind").text
        assert kind == exercise["aria-label"] == f"Exercise {chapter}.{position}"
        assert exercise.find(class_="title").text
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", exercise["id"])
        solution = exercise.find_next_sibling()
        assert solution["id"] == f"{exercise['id']}-solution"
        assert solution.summary.text == f"Solution of {kind.lower()}"
    assert len(page.select("details.solution")) == len(page.select(".exercise"))


def test_solutions_are_native_disclosures_that_start_folded(page):
    for solution in page.select(".solution"):
        assert solution.name == "details"
        assert not solution.has_attr("open")
        summary = next(child for child in solution.children if isinstance(child, Tag))
        assert summary.name == "summary"
        assert set(summary.attrs) <= {"class"}, "no role and no tabindex may take the keyboard away"
        assert not summary.find(["a", "button", "input"])
        assert len(solution.get_text()) > len(summary.get_text()) + 50
        assert solution.find_parent("details") is None


def test_solutions_are_unfolded_on_paper(site):
    css = (site / "_static" / "book.css").read_text(encoding="utf-8")
    on_paper = "".join(re.findall(r"^@media print \{\n(.*?)^\}", css, re.MULTILINE | re.DOTALL))
    assert re.search(r"\.solution::details-content \{\s*content-visibility: visible;", on_paper)


def test_exercises_add_no_script_and_no_foreign_style_sheet(pages, chapters):
    plain = pages["chapters/bibliography.html"]
    assert not plain.select(".exercise")

    def loaded(page: BeautifulSoup) -> list[str | None]:
        scripts = [script.get("src") for script in page.find_all("script")]
        sheets = [link["href"] for link in page.find_all("link", rel="stylesheet")]
        # The explorables of a chapter bring their own script, which is none of the exercises'.
        return [name for name in scripts + sheets if "explorables.js" not in (name or "")]

    for page in chapters.values():
        assert loaded(page) == loaded(plain)
        for element in page.select(".exercise *, .solution, .solution *"):
            assert not [name for name in element.attrs if name.startswith("on")], element


# Answers ------------------------------------------------------------------------------------------------------------


def test_every_derivation_of_a_solution_is_in_the_catalogue_as_expected(chapters, answers):
    for chapter, page in chapters.items():
        for statement in page.select(".solution .statement"):
            one = answers[statement["id"]]
            assert one["file"] == f"chapters/{chapter}.md"
            assert one["steps"]
            assert all(step["verdict"] == step["expected"] for step in one["steps"])


def test_every_answer_is_folded_away(chapters, answers):
    assert len(answers) > 30
    for one in answers.values():
        statement = chapters[Path(one["file"]).stem].find(id=one["id"])
        assert statement.find_parent("details", class_="solution"), one["id"]


def test_every_solution_proves_or_computes_something(page):
    for solution in page.select(".solution"):
        assert solution.select(".statement li.step") or "assert " in solution.get_text(), solution["id"]


# Find the mistake ---------------------------------------------------------------------------------------------------


def test_the_book_has_three_mistakes_to_find_in_three_chapters(answers):
    puzzles = [one for one in answers.values() if one["id"].startswith("find-the-mistake-")]
    assert sorted(one["id"] for one in puzzles) == PUZZLES
    assert len({one["file"] for one in puzzles}) == 3


def test_a_puzzle_shows_the_rows_of_the_checked_cell_up_to_its_last_mistake(chapters, puzzle):
    verdicts = [step["verdict"] for step in puzzle["steps"]]
    assert verdicts[0] == verdicts[-1] == "proved", "it begins rightly, and ends with the correction"
    last = max(step["step"] for step in puzzle["steps"] if step["verdict"] == "refuted")
    assert shown_rows(claimed_rows(chapters, puzzle)) == [step["right"].strip() for step in puzzle["steps"][:last]]


def test_a_puzzle_gives_nothing_away(chapters, puzzle):
    block = claimed_rows(chapters, puzzle)
    assert block.find_parent("details") is None
    assert not block.find("details")
    assert not block.find(id=True)
    assert not re.search(r"refuted|proved|corrected|✗|✓", str(block))


def test_the_certified_counterexample_of_a_puzzle_is_behind_the_fold(chapters, puzzle):
    mistake = next(step for step in puzzle["steps"] if step["verdict"] == "refuted")
    assert mistake["counterexample"]["point"]
    row = chapters[Path(puzzle["file"]).stem].find("li", id=mistake["id"])
    assert row.find_parent("details", class_="solution")
    for value in mistake["counterexample"]["values"]:
        assert value in row.find(class_="evidence").get_text()


# What stops a build -------------------------------------------------------------------------------------------------


def test_a_solution_without_exercise_and_a_claim_without_derivation_stop_the_build(trial_book: TrialBook):
    trial_book.write(
        "first",
        "```{exercise} One\n:label: one\n\nProve it.\n```",
        "```{claim} nowhere\n```",
        "```{solution-start} two\n```",
        "It is easy.",
        "```{solution-end}\n```",
    )
    build = trial_book.build()
    assert not build.succeeded
    assert "no derivation of this chapter has the id 'nowhere'" in build.output
    assert "references exercise 'two' which is not in the same document" in build.output
    assert "chapters/first" in build.output
