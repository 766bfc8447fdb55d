"""The chapters as notebooks: they hold all that they need, and run in an empty folder."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from trial_book import cell

from bce.book.editions import notebooks
from bce.book.published.publication import Publication
from bce.reading.catalogue import Catalogue
from bce.reading.cells import Cell
from bce.reading.documents import document_cells

PUBLICATION = Publication("A book", ("A",), "1.0", "2026-01-02", "1.0", "1.14")
DOUBLE = cell("%%definition double\ntitle: Double\ngiven: x real\n\nD(x) = x + x")
QUADRUPLE = cell(
    "%%derivation quadruple\ntitle: Twice\ngiven: x real\nuses: double\n\nD(x) + D(x) &= 4 x && add \\label{sum} \\\\"
)


def all_notebooks(site: Path) -> list[Path]:
    return sorted((site / "notebooks").glob("*.ipynb"))


def test_every_chapter_with_cells_links_to_its_notebook(site, pages):
    linked = {link["href"].rpartition("/")[2] for page in pages.read().values() for link in page.select(".notebook a")}
    assert linked == {path.name for path in all_notebooks(site)}
    assert "gradient.ipynb" in linked


def test_notebooks_are_valid_and_hold_every_definition_before_its_use(site):
    for path in all_notebooks(site):
        found = nbformat.read(path, as_version=4)
        nbformat.validate(found)
        defined: set[str] = set()
        own = {c.id: c for c in document_cells(path.read_text(encoding="utf-8"), path.name) if isinstance(c, Cell)}
        for identifier, one in own.items():
            assert set(one.uses) <= defined, f"{path.name}: {identifier}"
            defined.add(identifier)


def test_prose_of_notebooks_holds_no_markup_that_only_the_book_understands(site):
    for path in all_notebooks(site):
        words = [one.source for one in nbformat.read(path, as_version=4).cells if one.cell_type == "markdown"]
        for text in words:
            text = re.sub(r"^(`{3,})(?!`)[\w ]*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
            assert not re.search(r"\{[a-z:+-]+\}`|^```\{|\.md\)", text, re.MULTILINE), f"{path.name}: {text}"


@pytest.mark.parametrize("name", ["gradient", "loss_at_work", "your_own_notes"])
def test_a_notebook_runs_in_an_empty_folder(site, tmp_path, name):
    found = nbformat.read(site / "notebooks" / f"{name}.ipynb", as_version=4)
    NotebookClient(found, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for one in found.cells for output in one.get("outputs", [])]
    assert outputs
    assert not any(output.output_type == "error" for output in outputs)


def test_a_notebook_begins_with_what_it_uses_of_other_chapters_and_with_its_data(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/numbers.csv").write_text("1,2\n", encoding="utf-8")
    catalogue = Catalogue(document_cells(f"{DOUBLE}\n\n{QUADRUPLE}", "first.md"))
    header = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n"
    reading = cell('import numpy as np\nnumbers = np.loadtxt("../data/numbers.csv", delimiter=",")')
    using = cell("from bce.book import formula\nformula('quadruple')(x=1)")
    chapter = f"{header}(chapter-a)=\n# A\n\n{cell('%load_ext bce.book')}\n\n{reading}\n\n{using}\n"
    text = notebooks.notebook(chapter, catalogue, {}, tmp_path, PUBLICATION)
    sources = [one.source for one in nbformat.reads(text, as_version=4).cells]
    assert sources[1].startswith("%load_ext bce.book")
    assert "'1,2\\n'" in sources[1]
    assert [source.splitlines()[0] for source in sources[3:5]] == ["%%definition double", "%%derivation quadruple"]
    assert sources[5] == "# A"
    assert 'np.loadtxt(str(book_files / "numbers.csv"), delimiter=",")' in sources[6]
    assert text == notebooks.notebook(chapter, catalogue, {}, tmp_path, PUBLICATION)


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("{step}`the result <a.b>`", "the result"),
        ("{definition}`a`", "The title"),
        ("[](a.md) and [words](chapters/a.md#here)", "*The title* and *words*"),
        ("```{exercise} Try\n:label: x\n\nWhat?\n```", "**Exercise: Try.**\n\nWhat?\n"),
        ("```{solution-start} x\n```\n\nThis.\n\n```{solution-end}\n```", "**Solution.**\n\nThis.\n\n"),
        ("```{explorable} coin\n```", "*(Something to try stands here in the book.)*"),
        ("as in {cite:t}`shannon-1948`", "as in [shannon-1948]"),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
    ],
)
def test_the_books_markup_becomes_plain_markdown(markup, plain):
    assert notebooks.plain_markdown(markup, {"a": "The title"}) == plain
