"""Other people's Sphinx books with the domain among their extensions: strict, and read and written in parallel."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

CHAPTERS = 12
CONF = """\
from docutils.parsers.rst import Directive
from docutils import nodes

project = "Other"
extensions = ["sphinx.ext.intersphinx", "bce.book.domain"]
nitpicky = True
intersphinx_mapping = {"bce": ("https://book.example/", "objects.inv")}


class Object(Directive):
    '''A definition of this book's own: what a checked cell notes for the real one.'''

    required_arguments = 1

    def run(self):
        import os
        from bce.book.domain import Entry, derivation_domain

        env, name = self.state.document.settings.env, self.arguments[0]
        domain = derivation_domain(env)
        domain.note(name, Entry("definition", env.docname, name, f"The object $x$ {name}"), location=env.docname)
        domain.note_overview(f"reader {os.getpid()}")
        return [nodes.target("", "", ids=[name])]


def setup(app):
    app.add_directive("trial-object", Object)
    app.connect("build-finished", lambda app, error: print("READERS", len(app.env.domaindata["bce"]["overviews"])))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
"""
INVENTORY = """\
gradient bce:derivation 1 chapters/gradient.html#$ The gradient
gradient.result bce:step 1 chapters/gradient.html#$ step 6 of The gradient
sigmoid bce:definition 1 index.html#$ The sigmoid
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A book in which each chapter links to the objects of all others, and of this project's book."""
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    head = b"# Sphinx inventory version 2\n# Project: Book\n# Version: 1\n# compressed with zlib\n"
    (tmp_path / "objects.inv").write_bytes(head + zlib.compress(INVENTORY.encode()))
    names = [f"chapter{number}" for number in range(CHAPTERS)]
    contents = "\n".join(f"   {name}" for name in names)
    (tmp_path / "index.rst").write_text(f"Other\n=====\n\n.. toctree::\n\n{contents}\n", encoding="utf-8")
    links = " ".join(f":definition:`of-{name}`" for name in names)
    for name in names:
        lines = (
            name,
            "=" * 20,
            "",
            f".. trial-object:: of-{name}",
            "",
            f"{links} :external+bce:bce:step:`gradient.result`",
        )
        (tmp_path / f"{name}.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-b", "html", *options, ".", "out"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def links(folder: Path, page: str) -> list[str]:
    return re.findall(r'href="([^"]*#(?:of-|gradient)[^"]*)"', (folder / "out" / page).read_text(encoding="utf-8"))


def test_a_strict_parallel_build_knows_the_objects_that_every_reader_found(folder):
    run = build(folder, "-j", "2")
    assert run.returncode == 0, run.stderr
    readers = re.search(r"^READERS (\d+)$", run.stdout, re.MULTILINE)
    assert int(readers[1]) > 1
    for number in range(CHAPTERS):
        expected = [f"chapter{other}.html#of-chapter{other}" for other in range(CHAPTERS)]
        expected[number] = f"#of-chapter{number}"
        external = "https://book.example/chapters/gradient.html#gradient.result"
        assert links(folder, f"chapter{number}.html") == [*expected, external]


def test_a_parallel_build_gives_the_pages_of_a_serial_one(folder):
    assert build(folder, "-j", "2").returncode == 0
    parallel = {path.name: path.read_bytes() for path in (folder / "out").glob("*.html")}
    assert len(parallel) > CHAPTERS
    assert build(folder, "-E", "-a").returncode == 0
    assert parallel == {path.name: path.read_bytes() for path in (folder / "out").glob("*.html")}


def test_a_parallel_build_warns_of_an_id_that_two_readers_found(folder):
    text = (folder / "chapter1.rst").read_text(encoding="utf-8")
    (folder / "chapter1.rst").write_text(text.replace(":: of-chapter1", ":: of-chapter11"), encoding="utf-8")
    run = build(folder, "-j", "2")
    assert run.returncode != 0
    assert "duplicate id 'of-chapter11'" in run.stderr
    assert "there is no definition with the id 'of-chapter1'" in run.stderr


def test_an_object_that_moves_to_another_chapter_is_found_there(folder):
    assert build(folder, "-j", "2").returncode == 0
    for number in range(CHAPTERS):
        path = folder / f"chapter{number}.rst"
        moved = path.read_text(encoding="utf-8").replace(
            f":: of-chapter{number}", f":: of-chapter{CHAPTERS - 1 - number}"
        )
        path.write_text(moved, encoding="utf-8")
    run = build(folder, "-j", "2")
    assert run.returncode == 0, run.stderr
    assert links(folder, "chapter3.html")[0] == f"chapter{CHAPTERS - 1}.html#of-chapter0"


def test_the_domain_needs_neither_sympy_nor_jupyter():
    program = "import sys, bce.book.domain; print({'sympy', 'IPython', 'myst_nb'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "set()\n"
