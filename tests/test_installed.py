"""The package as others install it, in books of theirs: one line gives the magics, the rendering and the roles."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from foreign import build, unpacked_wheel, write
from trial_book import PROJECT

JUPYTER_BOOK = "title: Another book\nauthor: Somebody\nexecute:\n  execute_notebooks: force\n"
JUPYTER_BOOK_LINES = "sphinx:\n  extra_extensions: [bce.book.domain]\n"
TOC = "format: jb-book\nroot: index\nchapters:\n- file: one\n- file: two\n"
SPHINX = 'project = "Another book"\nextensions = ["myst_nb", {extension}]\nnitpicky = True\n'
CONTENTS = "# Another book\n\n```{toctree}\none\ntwo\n```\n"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked."""
    return unpacked_wheel(tmp_path_factory.mktemp("wheel"))


def page(html: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def is_right(html: Path, package: Path) -> None:
    """Look at both pages: the statements, their verdicts, their links, their style, and whose package it was."""
    one, two = page(html, "one"), page(html, "two")
    assert str(package / "bce/__init__.py") in one.get_text()
    assert one.select_one("#twice.statement.definition .used-by a")["href"] == "two.html#twice-again"
    rows = two.select("#twice-again.statement li.step")
    assert [row["id"] for row in rows] == ["twice-again.sum", "twice-again.2", "twice-again.3"]
    verdicts = [row.select_one("summary").get_text() for row in rows]
    assert ["refuted" in verdict for verdict in verdicts] == [False, True, False]
    assert ["proved" in verdict for verdict in verdicts] == [True, False, True]
    assert rows[0].select_one(".formula .math").get_text() == r"\(\displaystyle 4 x\)"
    assert not two.select("summary:-soup-contains('Cite')"), "only a publication is cited"
    assert "%%" not in one.get_text() + two.get_text(), "a checked cell says what it says, not how it is written"
    links = {link["href"] for link in two.select("p a.reference.internal")}
    assert {"#twice-again.sum", "#twice-again.2", "one.html#twice"} <= links
    (style,) = [link["href"] for link in two.select("link[rel=stylesheet]") if "statements.css" in link["href"]]
    assert ".statement {" in (html / style.partition("?")[0]).read_text(encoding="utf-8")


def test_a_jupyter_book_needs_one_line(package, tmp_path):
    write(tmp_path, {"_config.yml": JUPYTER_BOOK + JUPYTER_BOOK_LINES, "_toc.yml": TOC})
    code, output = build(tmp_path, package, "jupyter-book", "build", ".", "-W", "-n", "--keep-going")
    assert code == 0, output
    is_right(tmp_path / "_build/html", package)


def test_a_sphinx_book_needs_one_line_and_may_be_built_in_parallel(package, tmp_path):
    write(tmp_path, {"conf.py": SPHINX.format(extension='"bce.book.domain"'), "index.md": CONTENTS})
    code, output = build(tmp_path, package, "sphinx-build", "-W", "-j", "2", ".", "out")
    assert code == 0, output
    is_right(tmp_path / "out", package)


def test_a_book_without_the_line_shows_the_table_for_plain_notebooks(package, tmp_path):
    write(tmp_path, {"conf.py": SPHINX.format(extension=""), "index.md": CONTENTS})
    # Without the extension nobody knows the roles, and no page knows the definitions of another.
    one = (tmp_path / "one.md").read_text(encoding="utf-8")
    (tmp_path / "index.md").write_text(one, encoding="utf-8")
    (tmp_path / "one.md").unlink()
    (tmp_path / "two.md").unlink()
    code, output = build(tmp_path, package, "sphinx-build", "-W", ".", "out")
    assert code == 0, output
    shown = page(tmp_path / "out", "index")
    assert "Definition: Twice a number" in shown.select_one(".output.text_html").get_text()
    assert not shown.select(".statement")


def test_the_template_folder_is_a_book_whose_planted_mistake_is_refuted(package, tmp_path):
    book = tmp_path / "my book"
    shutil.copytree(PROJECT / "examples/book", book)
    code, output = build(book, package, "bce", "check", "index.md", "chapters")
    assert code == 0, output
    assert "1 refuted" in output
    code, output = build(book, package, "jupyter-book", "build", ".", "-W", "-n", "--keep-going")
    assert code == 0, output
    html = book / "_build/html"
    slip = page(html, "chapters/log_odds").select_one("#log-odds\\.slip")
    assert "refuted" in slip.select_one("summary").get_text()
    assert slip.select_one("details[open], details").get_text().count("Counterexample") == 1
    assert page(html, "index").select_one("a[href='chapters/log_odds.html#log-odds.slip']")


def test_without_its_word_the_planted_mistake_of_the_template_stops_the_build(package, tmp_path):
    shutil.copytree(PROJECT / "examples/book", tmp_path / "book")
    chapter = tmp_path / "book/chapters/log_odds.md"
    text = chapter.read_text(encoding="utf-8").replace(r" \refuted \\", r" \\")
    chapter.write_text(text, encoding="utf-8")
    code, output = build(tmp_path / "book", package, "bce", "check", "index.md", "chapters")
    assert code == 1
    line = 1 + text[: text.index(r"\log e^{-x}")].count("\n")
    assert f"chapters/log_odds.md:{line}: log-odds.slip: refuted" in output


def test_the_template_takes_no_package_of_its_name_from_an_index(tmp_path):
    shutil.copytree(PROJECT / "examples/book", tmp_path / "book")
    run = subprocess.run(["make"], cwd=tmp_path / "book", capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "put the sdist of a release there" in run.stdout
    assert not (tmp_path / "book/.venv").exists()


def test_the_template_builds_with_the_options_of_this_book_and_the_workflow_with_its_command():
    recipe = (PROJECT / "examples/book/Makefile").read_text(encoding="utf-8")
    assert "jupyter-book build . -W -n --keep-going" in recipe
    workflow = (PROJECT / "examples/book/.github/workflows/book.yml").read_text(encoding="utf-8")
    gate = (PROJECT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    pins = re.findall(r"uses: (\S+@\S+ # \S+)", workflow)
    assert pins
    assert all(pin in gate for pin in pins)
