"""The built book: what its pages hold, and what stops a build."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.util.inventory import InventoryFile
from trial_book import PROJECT, TrialBook, cell

from bce.catalogue import Catalogue
from bce.report import report
from bce.verdicts import check_all

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


# The real book -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    catalogue = Catalogue.read([PROJECT / "chapters"], root=PROJECT)
    return [report(checked) for checked in check_all(catalogue)]


def chapter_page(pages: dict[str, BeautifulSoup], report: dict) -> BeautifulSoup:
    return pages[report["file"].removesuffix(".md") + ".html"]


def test_every_step_stands_on_its_chapters_page_with_anchor_formula_and_verdict(pages, reports):
    assert len(reports) > 50
    for one in reports:
        page = chapter_page(pages, one)
        assert page.find(id=one["id"]) is not None, one["id"]
        if one["kind"] == "definition":
            continue
        for step in one["steps"]:
            row = page.find("li", id=step["id"])
            assert row is not None, step["id"]
            formula = row.find(class_="formula", recursive=False).find("annotation")
            assert formula.text == step["right"].strip()
            words = {"proved": "✓ proved", "refuted": "✗ refuted, as expected"}[step["verdict"]]
            assert row.find("summary").get_text().strip() == words


def test_a_named_step_can_also_be_reached_by_its_number(pages, reports):
    named = [(one, step) for one in reports for step in one["steps"] if step["name"]]
    assert named
    for one, step in named:
        by_number = chapter_page(pages, one).find(id=f"{one['id']}.{step['step']}")
        assert by_number.find_parent("li")["id"] == step["id"]


def test_a_counterexample_shows_the_point_and_both_values(pages, reports):
    refuted = [(one, step) for one in reports for step in one["steps"] if step["verdict"] == "refuted"]
    assert refuted
    for one, step in refuted:
        evidence = chapter_page(pages, one).find("li", id=step["id"]).find("details")
        assert evidence.has_attr("open")
        for value in step["values"]:
            assert value in evidence.get_text()
        for name in step["point"]:
            assert f"{name} = " in evidence.get_text()


def test_the_inventory_lists_every_definition_derivation_and_step(site, reports):
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, uri: uri)
    for one in reports:
        assert one["id"] in inventory[f"bce:{one['kind']}"]
        if one["kind"] == "derivation":
            for step in one["steps"]:
                _, _, uri, title = inventory["bce:step"][step["id"]]
                assert uri.endswith(f"#{step['id']}")
                assert title.startswith(f"step {step['step']} of ")


def test_no_page_asks_another_host_for_anything(site, pages):
    for name, page in pages.items():
        for element in page.find_all(["script", "img", "iframe", "source", "video", "audio", "object", "embed"]):
            address = element.get("src") or element.get("data") or ""
            assert not re.match(r"(https?:)?//", address), f"{name}: {element}"
        for link in page.find_all("link"):
            assert not re.match(r"(https?:)?//", link.get("href", "")), f"{name}: {link}"
    for path in site.rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)|@import\s+([^;]*)", path.read_text(encoding="utf-8")):
            assert not re.search(r"^[\"']?(https?:)?//", "".join(address)), f"{path.name}: {address}"


def test_formulas_are_set_in_the_page_and_keep_the_authors_tex(pages):
    formulas = [math for page in pages.values() for math in page.find_all("math")]
    assert len(formulas) > 500
    assert all(math.find("annotation", encoding="application/x-tex") for math in formulas)
    assert not any(page.find(class_="unset-formula") for page in pages.values())
    assert not any(page.find("script", src=re.compile("mathjax|katex", re.IGNORECASE)) for page in pages.values())


def test_ids_are_unique_on_every_page(pages):
    for name, page in pages.items():
        repeated = [i for i, count in Counter(e["id"] for e in page.find_all(id=True)).items() if count > 1]
        assert not repeated, f"{name}: {repeated}"


def test_links_within_the_book_lead_somewhere(site, pages):
    for name, page in pages.items():
        for link in page.find_all("a", href=True):
            if re.match(r"[a-z]+:|#$", link["href"]):
                continue
            path, _, fragment = link["href"].partition("#")
            target = (site / name).parent.joinpath(path).resolve() if path else site / name
            assert target.is_file(), f"{name}: {link}"
            if fragment and target.suffix == ".html":
                target_page = pages[target.relative_to(site).as_posix()]
                assert target_page.find(id=fragment), f"{name}: {link}"


def test_every_figure_says_in_words_what_it_shows(pages):
    figures = [image for page in pages.values() for image in page.select(".cell_output img")]
    assert figures
    for image in figures:
        assert image["src"].endswith(".svg")
        assert len(image["alt"].split()) > 8, image


def test_the_source_of_checked_cells_is_not_shown(pages):
    for name, page in pages.items():
        shown = " ".join(block.get_text() for block in page.find_all("pre"))
        assert not re.search(r"^%%(definition|derivation)|^%load_ext bce", shown, re.MULTILINE), name


def test_the_notebooks_also_hold_a_form_for_plain_jupyter(site):
    notebooks = sorted((site.parent / "jupyter_execute" / "chapters").glob("*.ipynb"))
    outputs = [output for path in notebooks for output in checked_outputs(path)]
    assert outputs
    for output in outputs:
        assert {"text/html", "text/latex", "text/plain"} <= output.keys()


def checked_outputs(notebook: Path) -> Iterator[dict]:
    import nbformat

    for one in nbformat.read(notebook, as_version=4).cells:
        for output in one.get("outputs", []):
            if "application/vnd.bce.derivation+json" in output.get("data", {}):
                yield output["data"]


# Trial books: what stops a build ------------------------------------------------------------------------------------

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


# Trial books: no stale output ---------------------------------------------------------------------------------------


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
