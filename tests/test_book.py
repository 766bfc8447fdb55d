"""The built book: what its pages, its inventory and its notebooks hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import Tag
from site_pages import SitePages
from sphinx.util.inventory import InventoryFile
from trial_cells import checked_book

from bce.reporting.report import report


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    return [report(checked) for checked in checked_book()]


def place(pages: SitePages, report: dict, identifier: str) -> Tag | None:
    """Return what stands under an id in the chapter of a statement."""
    return pages.element(report["file"].removesuffix(".md") + ".html", identifier)


def test_every_step_stands_on_its_chapters_page_with_anchor_formula_and_verdict(pages, reports):
    assert len(reports) > 50
    for one in reports:
        block = place(pages, one, one["id"])
        assert block is not None, one["id"]
        if one["kind"] == "definition":
            assert block.find("summary").get_text().strip() == "✓ defined"
            continue
        for step in one["steps"]:
            row = place(pages, one, step["id"])
            assert row is not None, step["id"]
            assert row.name == "li"
            formula = row.find(class_="formula", recursive=False).find("annotation")
            assert formula.text == step["right"].strip()
            words = {"proved": "✓ proved", "refuted": "✗ refuted, as expected"}[step["verdict"]]
            assert row.find("summary").get_text().strip() == words


def test_a_named_step_can_also_be_reached_by_its_number(pages, reports):
    named = [(one, step) for one in reports for step in one["steps"] if step["name"]]
    assert named
    for one, step in named:
        by_number = place(pages, one, f"{one['id']}.{step['step']}")
        assert by_number.find_parent("li")["id"] == step["id"]


def test_a_counterexample_shows_the_point_and_both_values(pages, reports):
    refuted = [(one, step) for one in reports for step in one["steps"] if step["verdict"] == "refuted"]
    assert refuted
    for one, step in refuted:
        evidence = place(pages, one, step["id"]).find("details")
        assert evidence.has_attr("open")
        for value in step["counterexample"]["values"]:
            assert value in evidence.get_text()
        for name in step["counterexample"]["point"]:
            assert f"{name} = " in evidence.get_text()


def test_the_inventory_lists_every_definition_derivation_and_step(site, reports):
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, uri: uri)
    for one in reports:
        assert one["id"] in inventory[f"bce:{one['kind']}"]
        if one["kind"] == "derivation":
            for step in one["steps"]:
                kind = "mistake" if step["expected"] == "refuted" else "step"
                _, _, uri, title = inventory[f"bce:{kind}"][step["id"]]
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


def test_no_line_of_a_paragraph_starts_with_the_punctuation_after_a_formula(pages):
    assert sum(len(page.select("p > .with-punctuation > math")) for page in pages.values()) > 100
    for name, page in pages.items():
        for math in page.select("p > math"):
            assert not re.match(r"[,.;:?!)]", str(math.next_sibling or "")), f"{name}: {math.parent}"


def test_a_page_waits_for_one_style_sheet_and_one_script(pages):
    for name, page in pages.items():
        if not page.find("meta", attrs={"http-equiv": "refresh"}):
            assert len(page.find_all("link", rel="stylesheet")) == 1, name
            assert [one["src"].rsplit("/", 1)[-1] for one in page.head.find_all("script", src=True)] == ["early.js"]


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
                assert pages.element(target.relative_to(site).as_posix(), fragment), f"{name}: {link}"


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
    notebooks = sorted(site.parent.glob(".jupyter_cache/*/executed/*/base.ipynb"))
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
