"""Where a book lies and which files are its pages: one answer, whoever asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from trial_book import PROJECT, cell

from bce.__main__ import main as check
from bce.audit.__main__ import main as audit
from bce.book.maintain import ids
from bce.book.published import identifiers
from bce.book.site import reference
from bce.reading.catalogue import Catalogue
from bce.reading.files import book_files, book_folder
from bce.reporting import transcript

DOUBLE = cell("%%definition double\ntitle: Double\ngiven: x real\n\nD(x) = x + x")
QUADRUPLE = cell("%%derivation quadruple\ntitle: Twice\ngiven: x real\nuses: double\n\nD(x) + D(x) &= 4 x && add \\\\")
RUN_CELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in ("%load_ext bce.book", {source!r}, "from bce.book import formula; print(formula('quadruple')(x=2.0))"):
    shell.run_cell(source).raise_error()
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book whose chapter, below a folder of the chapters, rests on a cell of the first page."""
    (tmp_path / "chapters/second part").mkdir(parents=True)
    (tmp_path / "index.md").write_text(f"# Book\n\n{DOUBLE}\n", encoding="utf-8")
    (tmp_path / "chapters/second part/one.md").write_text(f"# One\n\n{QUADRUPLE}\n", encoding="utf-8")
    toc = 'format: jb-book\nroot: index\nparts:\n- caption: All\n  chapters:\n  - file: "chapters/second part/one"\n'
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    return tmp_path


@pytest.fixture
def chapter(book: Path) -> Path:
    return book / "chapters/second part/one.md"


def test_a_book_is_found_from_any_place_in_it(book, chapter, tmp_path_factory):
    assert {book_folder(place) for place in (book, chapter, chapter.parent)} == {book}
    assert book_folder(tmp_path_factory.mktemp("elsewhere")) is None
    assert Catalogue.of_book(chapter).derivation("quadruple").file == "chapters/second part/one.md"


def test_check_knows_the_first_page_whichever_part_of_the_book_it_reads(book, chapter, capsys, monkeypatch):
    assert check(["check", str(chapter)]) == 0
    monkeypatch.chdir(chapter.parent)
    assert check(["check", "one.md"]) == 0
    assert check(["check", str(book)]) == 0
    assert "all as expected" in capsys.readouterr().out


def test_a_kernel_knows_the_first_page(chapter):
    source = QUADRUPLE.partition("\n")[2].removesuffix("\n```")
    run = subprocess.run(
        [sys.executable, "-c", RUN_CELL.format(source=source)], cwd=chapter.parent,
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "IPYTHONDIR": str(chapter.parent)},
    )  # fmt: skip
    assert run.stdout.splitlines()[-1] == "8.0", run.stderr


def test_docstrings_can_name_an_id_of_the_first_page(book):
    lines = ["See ``double`` and ``quadruple``."]
    reference.link_ids(SimpleNamespace(srcdir=str(book)), "function", "f", None, None, lines)
    assert lines == ["See :definition:`double` and :derivation:`quadruple`."]


def test_ids_and_verdicts_are_those_of_all_pages(book, chapter, capsys):
    assert ids.main(["--folder", str(chapter.parent)]) == 0
    assert list(identifiers.read(book / identifiers.FILE)) == ["double", "quadruple", "quadruple.1"]
    assert transcript.main(["--folder", str(book)]) == 0
    text = (book / transcript.FILE).read_text(encoding="utf-8")
    assert text.index("double (definition, index.md)") < text.index(
        "quadruple (derivation, chapters/second part/one.md)"
    )


def test_the_audit_tries_the_book_around_unless_told_otherwise(book, chapter, capsys, monkeypatch):
    monkeypatch.chdir(chapter.parent)
    assert audit(["--every", "7"]) == 0
    assert not capsys.readouterr().out.startswith("0 mutants")


@pytest.mark.parametrize("command", [ids.main, transcript.main], ids=["ids", "verdicts"])
def test_a_command_on_a_book_says_so_where_there_is_none(command, tmp_path, capsys):
    with pytest.raises(SystemExit):
        command(["--folder", str(tmp_path)])
    assert f"{tmp_path}: no book here; a book is a folder with a _toc.yml" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "contents",
    [
        "root: start\nchapters:\n- file: a\n- file: notes/b.md\n",
        "root: start.md\nsubtrees:\n- entries:\n  - {file: notes/b}\n  - file: 'a' # the first\n",
        "root: start\nentries:\n- glob: notes/*\n- file: a\n- file: gone\n# - file: draft\n- url: https://example.org\n",
    ],
)
def test_the_pages_are_those_of_the_table_of_contents(tmp_path, contents):
    (tmp_path / "notes").mkdir()
    for name in ("start", "a", "notes/b", "draft"):
        (tmp_path / f"{name}.md").write_text("# Page\n", encoding="utf-8")
    (tmp_path / "notes/picture.svg").write_text("", encoding="utf-8")
    (tmp_path / "_toc.yml").write_text(contents, encoding="utf-8")
    assert [str(page.relative_to(tmp_path)) for page in book_files(tmp_path)] == ["start.md", "a.md", "notes/b.md"]


def test_the_pages_of_this_book_are_those_that_sphinx_builds(site):
    built = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")}
    pages = {page.relative_to(PROJECT).with_suffix("").as_posix() for page in book_files(PROJECT)}
    assert pages == {name for name in built if name == "index" or name.startswith("chapters/")}


def test_a_plain_sphinx_book_is_found_by_the_extension_that_its_configuration_names(tmp_path):
    (tmp_path / "source/out/_sources").mkdir(parents=True)
    source = tmp_path / "source"
    (source / "one.md").write_text(f"# One\n\n{DOUBLE}\n", encoding="utf-8")
    (source / "two.md").write_text(f"# Two\n\n{QUADRUPLE}\n", encoding="utf-8")
    (source / "out/_sources/one.md").write_text(f"# One\n\n{DOUBLE}\n", encoding="utf-8")
    assert book_folder(source) is None
    (source / "conf.py").write_text('extensions = ["myst_nb", "bce.book.domain"]\n', encoding="utf-8")
    assert book_folder(source / "two.md") == source
    assert [page.name for page in book_files(source)] == ["one.md", "two.md"]
    assert check(["check", str(source / "two.md")]) == 0


def test_the_configuration_of_something_else_makes_no_book(tmp_path):
    (tmp_path / "conf.py").write_text('extensions = ["myst_nb"]  # not bce.book.domain\n', encoding="utf-8")
    (tmp_path / "one.md").write_text(f"# One\n\n{DOUBLE}\n", encoding="utf-8")
    assert book_folder(tmp_path) is None
