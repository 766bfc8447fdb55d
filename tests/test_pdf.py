"""The PDF edition: one page from all pages, with the same steps and ids, printed by Chromium."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from trial_book import PROJECT, TrialBook, cell

from bce.book.editions import pdf
from bce.book.published.browser import NoBrowserError, browser
from bce.book.published.names import EDITION, WANTED
from bce.book.published.publication import Publication

PUBLICATION = Publication("A book", ("Ann Lee",), "1.0", "2026-01-02", "1.0", "1.14", url="https://book.example/")


def write(site: Path, name: str, article: str) -> None:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<html><body><nav>menu</nav><article>{article}</article></body></html>", encoding="utf-8")


@pytest.fixture
def edition(tmp_path: Path) -> BeautifulSoup:
    write(
        tmp_path, "index.html",
        '<h1>Start</h1><section id="more"><a href="chapters/one.html#sum.2">step</a><a href="#more">here</a></section>'
        '<a href="derivations.json">data</a><a href="https://else.example/">away</a>',
    )  # fmt: skip
    write(
        tmp_path, "chapters/one.html",
        '<h1>One</h1><section id="more"><ol><li class="step" id="sum.2"><details class="evidence"><summary>✓</summary>'
        '</details></li></ol></section><img src="../_images/a.svg"><a href="../index.html">start</a>'
        '<details class="solution"><summary>Solution</summary>Two.</details><details class="cite">Cite</details>',
    )  # fmt: skip
    text = pdf.single_page(tmp_path, ["index.html", "chapters/one.html"], PUBLICATION)
    return BeautifulSoup(text, "html.parser")


def test_ids_of_steps_stay_and_ids_of_several_pages_are_told_apart(edition):
    ids = [element["id"] for element in edition.find_all(id=True)]
    assert ids == ["page-index", "page-index-more", "page-chapters-one", "page-chapters-one-more", "sum.2"]
    assert edition.find(id="sum.2").find("code", class_="printed-id").get_text() == "sum.2"


def test_links_lead_into_the_edition_or_to_the_published_site(edition):
    links = [(link.get_text(), link["href"]) for link in edition.select(".chapter a")]
    assert links == [
        ("step", "#sum.2"), ("here", "#page-index-more"), ("data", "https://book.example/derivations.json"),
        ("away", "https://else.example/"), ("start", "#page-index"),
    ]  # fmt: skip
    assert edition.find("img")["src"] == "_images/a.svg"


def test_solutions_are_open_and_what_only_a_screen_can_use_is_left_out(edition):
    assert edition.select_one("details.solution").has_attr("open")
    assert not edition.select(".cite")
    assert "menu" not in edition.get_text()
    assert "Ann Lee" in edition.select_one(".title-page").get_text()


def test_the_whole_book_can_be_composed_with_every_step_and_without_dead_links(site, pages):
    names = list(pages.read())
    whole = BeautifulSoup(pdf.single_page(site, names, PUBLICATION), "html.parser")
    repeated = [one for one, count in Counter(tag["id"] for tag in whole.find_all(id=True)).items() if count > 1]
    assert not repeated
    ids = {tag["id"] for tag in whole.find_all(id=True)}
    assert ids >= {step["id"] for name in names for step in pages[name].find_all(class_="step", id=True)}
    dead = [link["href"] for link in whole.find_all("a", href=re.compile("^#")) if link["href"][1:] not in ids]
    assert not dead


DERIVATION = cell("%%derivation sum\ntitle: Sum\ngiven: x real\n\nx + x &= 2 x && add \\label{twice} \\\\")


def write_book(book: TrialBook) -> None:
    (book.folder / "CITATION.cff").write_bytes((PROJECT / "CITATION.cff").read_bytes())
    book.write("one", DERIVATION)
    book.write("cite", "```{cite-book}\n```")


def test_without_chromium_the_build_says_what_to_install_and_leaves_the_old_site(monkeypatch, trial_book: TrialBook):
    write_book(trial_book)
    assert trial_book.build().succeeded
    before = trial_book.page("cite")
    monkeypatch.setenv(WANTED, "1")
    monkeypatch.setenv("PATH", str(trial_book.folder))
    monkeypatch.delenv("CHROME_PATH", raising=False)
    build = trial_book.build()
    assert not build.succeeded
    assert "Debian's package `chromium`" in build.output
    assert trial_book.page("cite") == before


def test_chromium_prints_a_book_with_its_own_date_and_its_site_links_the_edition(monkeypatch, trial_book: TrialBook):
    try:
        browser()
    except NoBrowserError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    write_book(trial_book)
    monkeypatch.setenv(WANTED, "1")
    build = trial_book.build()
    assert build.succeeded, build.output
    printed = (trial_book.folder / "_build/html" / EDITION).read_bytes()
    assert printed.startswith(b"%PDF-")
    date = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))["date-released"].replace("-", "")
    assert set(re.findall(rb"\(D:(\d{8})", printed)) == {date.encode()}
    assert EDITION in trial_book.page("cite")
    monkeypatch.delenv(WANTED)
    assert trial_book.build().succeeded
    assert EDITION not in trial_book.page("cite")
    assert not (trial_book.folder / "_build/html" / EDITION).exists()
