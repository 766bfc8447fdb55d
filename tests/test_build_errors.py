"""A build that fails says where, what and the cure: in at most ten lines, last, and without tracebacks."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

import pytest
from trial_book import Build, TrialBook, build_book, cell

from bce.book.errors import HEADING

DEFINITION = cell("%%definition square\ntitle: Square\ngiven: x real\n\ns(x) = x^2")


def message(build: Build) -> str:
    """Return what the author is told at the end of a failed build."""
    assert not build.succeeded, build.output
    output = re.sub(r"\x1b\[[\d;]*m", "", build.output)
    assert "Traceback" not in output
    assert "sphinx-doc" not in output
    assert HEADING in output, output
    told = output.rpartition(HEADING)[2].strip()
    assert 1 <= told.count("\n") + 1 <= 9, told
    return told


def line_of(book: TrialBook, text: str) -> int:
    chapter = (book.folder / "chapters/first.md").read_text(encoding="utf-8")
    return 1 + chapter[: chapter.index(text)].count("\n")


# A block of the chapter, the text in its line, and what is said after the place.
IN_A_CELL = {
    "an exception": (
        cell("limit = 0\n\ndef share():\n    return 1 / limit\n\nshare()"),
        "return 1 / limit",
        [r"cell 2: ZeroDivisionError: division by zero\n    return 1 / limit\n", "`raises-exception`"],
    ),
    "an exception below options of the cell": (
        "```{code-cell} ipython3\n:tags: [hide-input]\n\nx = 1\nundefined\n```",
        "undefined",
        [r"cell 2: NameError: name 'undefined' is not defined\n    undefined\n"],
    ),
    "a cell that is not Python": (
        cell("x = 1\ny = = 2"),
        "y = = 2",
        [r"cell 2: SyntaxError: invalid syntax\n    y = = 2\n"],
    ),
    "a kernel that dies": (
        cell("import os\nos._exit(1)"),
        "import os",
        ["cell 2: its kernel ended while it ran", "Run the chapter as a notebook"],
    ),
    "a hanging cell": (
        "<!-- hangs -->\n\n" + cell("import time\ntime.sleep(600)"),
        "import time",
        ["cell 2: it ran for 20 seconds and was stopped", "`timeout` below `execute` in _config.yml"],
    ),
    "a refuted step": (
        cell("%%derivation wrong\ntitle: Wrong\ngiven: x real\n\nx + x &= 3 x && not so \\\\"),
        "x + x",
        ["wrong.1: refuted", "bce check chapters/first.md"],
    ),
    "a mistake in the head of a derivation": (
        cell("%%derivation odd\ntitle: Odd\nnonsense: x real\n\nx + x &= 2 x && add \\\\"),
        "nonsense",
        ["odd: error: unknown key 'nonsense'", "the keys are"],
    ),
    "a warning": ("See {definition}`nowhere`.", "See", ["there is no definition with the id 'nowhere'"]),
    "a formula that cannot be set, in the first paragraph": (
        "Also $\\frac{1$.",
        "Also",
        ["this formula cannot be set", r"frac\{1"],
    ),
    "what a cell writes to its error stream": (
        cell("import sys\nprint('careful', file=sys.stderr)"),
        "print('careful'",
        ["stderr was found in the cell outputs"],
    ),
}


@pytest.mark.parametrize("mistake", IN_A_CELL)
def test_an_authors_mistake_is_told_with_chapter_and_line_and_the_cure(trial_book: TrialBook, mistake: str):
    block, text, said = IN_A_CELL[mistake]
    trial_book.write("first", block, DEFINITION)
    if "hangs" in block:
        path = trial_book.folder / "chapters/first.md"
        text_before = path.read_text(encoding="utf-8")
        path.write_text(text_before.replace("---\n\n", "mystnb:\n  execution_timeout: 20\n---\n\n", 1))
    told = message(trial_book.build())
    place = re.search(r"chapters/first\.md:(\d+): ", told)
    assert place, told
    assert abs(int(place[1]) - line_of(trial_book, text)) <= ("error stream" in mistake), told
    for words in said:
        assert re.search(words, told), told


def in_latin_1(book: TrialBook) -> None:
    path = book.folder / "chapters/first.md"
    path.write_bytes(path.read_bytes() + "café".encode("latin-1"))


def with_an_unknown_kernel(book: TrialBook) -> None:
    path = book.folder / "chapters/first.md"
    path.write_text(path.read_text(encoding="utf-8").replace("name: python3", "name: nosuch"), encoding="utf-8")


def without_a_chapter(book: TrialBook) -> None:
    book.chapters.append("missing")


def with_a_bare_citation_file(book: TrialBook) -> None:
    (book.folder / "CITATION.cff").write_text("title: Trial\n", encoding="utf-8")


def with_a_broken_citation_file(book: TrialBook) -> None:
    (book.folder / "CITATION.cff").write_text("title: [Trial\n", encoding="utf-8")


def with_a_file_for_a_folder(book: TrialBook) -> None:
    (book.folder / "_build/html").mkdir(parents=True)
    (book.folder / "_build/.jupyter_cache").write_text("no folder", encoding="utf-8")


OF_A_FILE: dict[Callable[[TrialBook], None], list[str]] = {
    in_latin_1: ["^chapters/first.md: not UTF-8 text", "save it as UTF-8"],
    with_an_unknown_kernel: ["^chapters/first.md: No such kernel named nosuch", "`name: python3` below `kernelspec`"],
    without_a_chapter: ["index.md: ", "nonexisting document 'chapters/missing'"],
    with_a_bare_citation_file: ["^CITATION.cff: authors, version, date-released must be given"],
    with_a_broken_citation_file: ["^CITATION.cff: no YAML: ", "line 2"],
    with_a_file_for_a_folder: ["^_build/.jupyter_cache.*: Not a directory"],
}


@pytest.mark.parametrize("mistake", OF_A_FILE, ids=lambda mistake: mistake.__name__)
def test_a_mistake_in_a_file_is_told_with_its_name(trial_book: TrialBook, mistake: Callable[[TrialBook], None]):
    trial_book.write("first", DEFINITION)
    mistake(trial_book)
    told = message(trial_book.build())
    for words in OF_A_FILE[mistake]:
        assert re.search(words, told, re.MULTILINE), told
    assert not list(trial_book.folder.glob("_build/.next-*"))


# A disk that is full or cannot be written -----------------------------------------------------------------------------


def with_mounts(script: str) -> list[str]:
    """Return a command that runs another one after some mounts that nobody else sees."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets nobody mount anything")
    return ["unshare", "-rm", "sh", "-ec", f'{script}\nexec "$@"', "sh"]


def test_a_full_disk_is_told_and_leaves_nothing_behind(trial_book: TrialBook):
    trial_book.write("first", DEFINITION)
    (trial_book.folder / "_build").mkdir()
    build = trial_book.build(within=with_mounts(f"mount -t tmpfs -o size=600k none '{trial_book.folder}/_build'"))
    told = message(build)
    assert "No space left on device" in told
    assert "Make room on the disk" in told
    assert trial_book.build().succeeded


def test_a_book_that_cannot_be_written_is_built_elsewhere(
    trial_book: TrialBook, tmp_path_factory: pytest.TempPathFactory
):
    trial_book.write("first", DEFINITION)
    assert trial_book.build().succeeded
    page = trial_book.page("first")
    place = f"'{trial_book.folder}'"
    within = with_mounts(f"mount --bind {place} {place}\nmount -o remount,ro,bind {place}")
    told = message(build_book(trial_book.folder, within=within))
    assert "Read-only file system" in told
    assert "jupyter-book build . --path-output" in told
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    build = build_book(trial_book.folder, within=within, options=["--path-output", str(elsewhere)])
    assert build.succeeded, build.output
    assert (elsewhere / "_build/html/chapters/first.html").read_text(encoding="utf-8") == page
