"""A site is exchanged, never patched: however a build ends, the pages are those of a clean one, or the old ones."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from trial_book import TrialBook, cell, jupyter_book

from bce.book.maintain.fresh import main

DEFINITION = cell("%%definition square\ntitle: Square\ngiven: x real\n\ns(x) = x^2")
USE = cell("%%derivation double\ntitle: Double\ngiven: x real\nuses: square\n\ns(2 x) &= 4 x^2 && definition \\\\")


def bytes_of(site: Path) -> dict[str, str]:
    return {
        str(path.relative_to(site)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*")) if path.is_file()
    }  # fmt: skip


@pytest.fixture
def book(trial_book: TrialBook) -> TrialBook:
    """A built book of two chapters."""
    trial_book.write("first", DEFINITION)
    trial_book.write("second", USE)
    build = trial_book.build()
    assert build.succeeded, build.output
    return trial_book


def site(book: TrialBook) -> Path:
    return book.folder / "_build/html"


def test_a_removed_chapter_is_gone_with_its_notebook_and_the_bytes_are_those_of_a_clean_build(
    book: TrialBook, tmp_path_factory: pytest.TempPathFactory
):
    book.remove("second")
    assert book.build().succeeded
    clean = TrialBook(tmp_path_factory.mktemp("clean"))
    clean.write("first", DEFINITION)
    assert clean.build().succeeded
    assert bytes_of(site(book)) == bytes_of(site(clean))
    assert not list(site(book).rglob("second*"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def rename_chapter(book: TrialBook) -> None:
    (book.folder / "chapters/third.md").rename(book.folder / "chapters/fourth.md")
    book.chapters[book.chapters.index("third")] = "fourth"


# What changes, how, on which page it shows, and what then stands there.
CHANGES: dict[str, tuple[Callable[[TrialBook], None], str, str]] = {
    "the package": (
        lambda book: replace(book.folder / "package/bce/__init__.py", "__all__", "MARK = 'new mark'\n__all__"),
        "second",
        "new mark",
    ),
    "the data": (
        lambda book: (book.folder / "data/read.txt").write_text("new data", encoding="utf-8"),
        "second",
        "new data",
    ),
    "a definition of another chapter": (
        lambda book: replace(book.folder / "chapters/first.md", "x^2", "2 x^2"),
        "second",
        "value 18.0",
    ),
    "the bibliography": (
        lambda book: replace(book.folder / "references.bib", "title = {", "title = {New: "),
        "second",
        "New: ",
    ),
    "the name of a chapter": (rename_chapter, "fourth", "Third"),
}


def test_whatever_changes_shows_at_once_and_in_the_end_the_bytes_are_those_of_a_clean_build(
    trial_book: TrialBook, tmp_path_factory: pytest.TempPathFactory
):
    reads = "print(getattr(bce, 'MARK', 'no mark'), open('../data/read.txt').read(), 'value', formula('square')(x=3.0))"
    trial_book.copy_package()
    (trial_book.folder / "data").mkdir()
    (trial_book.folder / "data/read.txt").write_text("old data", encoding="utf-8")
    trial_book.write("first", DEFINITION)
    trial_book.write(
        "second", cell(f"import bce\nfrom bce.book import formula\n{reads}"), "```{bibliography}\n:all:\n```"
    )
    trial_book.write("third", "Only words.")
    assert trial_book.build().succeeded
    assert "no mark old data value 9.0" in trial_book.page("second")
    for change, page, shown in CHANGES.values():
        assert not (site(trial_book) / f"chapters/{page}.html").exists() or shown not in trial_book.page(page)
        change(trial_book)
        build = trial_book.build()
        assert build.succeeded, build.output
        assert shown in trial_book.page(page)
    clean = tmp_path_factory.mktemp("clean") / "book"
    shutil.copytree(trial_book.folder, clean, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    other = TrialBook(clean, trial_book.chapters, clean / "package")
    assert other.build().succeeded
    assert bytes_of(site(trial_book)) == bytes_of(site(other))


def test_a_warning_leaves_the_old_site_untouched(book: TrialBook):
    before = bytes_of(site(book))
    book.write("first", DEFINITION, "See {definition}`nowhere`.")
    assert not book.build().succeeded
    assert bytes_of(site(book)) == before


@pytest.mark.parametrize("moment", ["env-updated", "html-page-context"], ids=["after reading", "while writing"])
def test_an_ended_build_leaves_the_old_site_and_the_next_one_is_clean(book: TrialBook, moment: str):
    before = bytes_of(site(book))
    book.write("first", DEFINITION, "Another word.")
    book.write_extension(
        "ender",
        f"""
        import os, signal
        def setup(app):
            app.connect("{moment}", lambda *arguments: os.kill(os.getpid(), signal.SIGKILL))
    """,
    )
    assert not book.build("ender").succeeded
    assert bytes_of(site(book)) == before
    assert book.build().succeeded
    assert "Another word." in book.page("first")
    assert 'href="second.html#double"' in book.page("first")  # what is known only when all chapters are read
    assert not list(site(book).parent.glob(".next-*"))


def test_a_build_that_ends_between_the_two_renames_is_mended_by_the_next_even_if_that_fails(book: TrialBook):
    before = bytes_of(site(book))
    left = site(book).parent / ".next-ended"
    left.mkdir()
    site(book).rename(left / "old")
    book.write("first", DEFINITION, "See {definition}`nowhere`.")
    assert not book.build().succeeded
    assert bytes_of(site(book)) == before
    assert not left.exists()


def test_two_builds_at_once_both_succeed_and_leave_the_site_of_one(book: TrialBook):
    book.write("first", DEFINITION, "Another word.")
    with jupyter_book(book.folder) as first, jupyter_book(book.folder) as second:
        outputs = [process.communicate()[0] for process in (first, second)]
    assert first.returncode == 0, outputs[0]
    assert second.returncode == 0, outputs[1]
    both = bytes_of(site(book))
    assert book.build().succeeded
    assert bytes_of(site(book)) == both


def test_what_a_cell_prints_is_one_text_however_the_kernel_cuts_it(trial_book: TrialBook):
    source = "import time\nprint('one line', end='', flush=True)\ntime.sleep(0.6)\nprint(' and its rest\\n\\nthird')"
    trial_book.write("first", cell(source))
    build = trial_book.build()
    assert build.succeeded, build.output
    assert "one line and its rest\n\nthird" in trial_book.page("first")


def damage_database(cache: Path) -> None:
    (cache / "global.db").write_bytes(b"no database")


def cut_notebook_short(cache: Path) -> None:
    notebook = next(cache.glob("executed/*/base.ipynb"))
    notebook.write_bytes(notebook.read_bytes()[:100])


def forge_notebooks(cache: Path) -> None:
    for notebook in cache.glob("executed/*/base.ipynb"):
        notebook.write_text(notebook.read_text(encoding="utf-8").replace("x^2", "x^3"), encoding="utf-8")


@pytest.mark.parametrize("harm", [damage_database, cut_notebook_short, forge_notebooks])
def test_an_executed_chapter_is_believed_only_as_a_build_left_it(book: TrialBook, harm: Callable[[Path], None]):
    before = bytes_of(site(book))
    harm(next((book.folder / "_build/.jupyter_cache").iterdir()))
    build = book.build()
    assert build.succeeded, build.output
    assert bytes_of(site(book)) == before


def test_nothing_of_the_builder_reaches_a_page(trial_book: TrialBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    drawing = "import matplotlib, os\nprint(matplotlib.rcParams['axes.edgecolor'], os.environ.get('TZ'))"
    trial_book.write("first", cell(drawing))
    (tmp_path / "kernels/python3").mkdir(parents=True)
    (tmp_path / "kernels/python3/kernel.json").write_text(
        '{"argv": ["false"], "display_name": "x", "language": "python"}'
    )
    (tmp_path / "matplotlibrc").write_text("axes.edgecolor: red\n", encoding="utf-8")
    for name in ("MATPLOTLIBRC", "MPLCONFIGDIR", "JUPYTER_PATH", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TZ", "Asia/Seoul")
    old = os.umask(0o077)
    try:
        build = trial_book.build()
    finally:
        os.umask(old)
    assert build.succeeded, build.output
    assert "red" not in trial_book.page("first")
    assert " UTC" in trial_book.page("first")
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in site(trial_book).rglob("*"))


def test_a_site_is_fresh_until_a_source_or_a_page_changes(book: TrialBook, capsys: pytest.CaptureFixture[str]):
    def is_fresh() -> bool:
        return main(["--folder", str(book.folder)]) == 0

    assert is_fresh()
    assert "Nothing changed" in capsys.readouterr().out
    page = site(book) / "index.html"
    kept = page.read_text(encoding="utf-8")
    page.write_text(kept.replace("Trial", "Forged"), encoding="utf-8")
    assert not is_fresh()
    page.write_text(kept, encoding="utf-8")
    assert is_fresh()
    book.write("first", DEFINITION, "See {definition}`nowhere`.")
    assert not is_fresh()
    assert not book.build().succeeded
    assert not is_fresh()
