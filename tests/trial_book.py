"""Books that tests build, with the same command and options as ``make book``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[1]
_JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")
_NOTEBOOK_HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


@dataclass(frozen=True)
class Build:
    """How a build ended and what it printed."""

    succeeded: bool
    output: str


@dataclass
class TrialBook:
    """A small book in a folder of its own, built as the real one is."""

    folder: Path
    chapters: list[str] = field(default_factory=list)
    package: Path | None = None

    def write(self, chapter: str, *blocks: str) -> None:
        """Write a chapter of prose (plain strings) and cells (strings from `cell`)."""
        if chapter not in self.chapters:
            self.chapters.append(chapter)
        text = _NOTEBOOK_HEADER + "\n\n".join([f"# {chapter.capitalize()}", cell("%load_ext bce.book"), *blocks])
        path = self.folder / "chapters" / f"{chapter}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")

    def copy_package(self) -> None:
        """Let this book use a copy of the package, which a test may then change."""
        self.package = self.folder / "package"
        shutil.copytree(PROJECT / "bce", self.package / "bce", ignore=shutil.ignore_patterns("__pycache__"))

    def remove(self, chapter: str) -> None:
        """Take a chapter out of the book."""
        self.chapters.remove(chapter)
        (self.folder / "chapters" / f"{chapter}.md").unlink()

    def write_extension(self, name: str, source: str) -> None:
        """Write a Sphinx extension that a build may load beside the book's own."""
        (self.folder / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    def build(self, *extensions: str, within: Sequence[str] = (), options: Sequence[str] = ()) -> Build:
        """Run ``jupyter-book build`` with the options of ``make book``, and more; ``within`` is a command around it."""
        self.write_frame(*extensions)
        return build_book(self.folder, self.package, within, options)

    def write_frame(self, *extensions: str) -> None:
        """Write everything but the chapters: configuration, table of contents, first page, bibliography."""
        if not (self.folder / "references.bib").exists():
            shutil.copy(PROJECT / "references.bib", self.folder)
        config = (PROJECT / "_config.yml").read_text(encoding="utf-8")
        listed = "".join(f"\n      - {extension}" for extension in ("bce.book.extension", *extensions))
        config = config.replace("\n      - bce.book.extension", listed)
        (self.folder / "_config.yml").write_text(config, encoding="utf-8")
        (self.folder / "index.md").write_text("# Trial\n\nA book for a test.\n", encoding="utf-8")
        toc = ["format: jb-book", "root: index", "chapters:", *(f"- file: chapters/{name}" for name in self.chapters)]
        (self.folder / "_toc.yml").write_text("\n".join(toc) + "\n", encoding="utf-8")

    def page(self, chapter: str) -> str:
        """Return the HTML of a built chapter."""
        return (self.folder / "_build/html/chapters" / f"{chapter}.html").read_text(encoding="utf-8")


def cell(source: str) -> str:
    """Return an executable cell, as it stands in a chapter."""
    return f"```{{code-cell}} ipython3\n{source.strip()}\n```"


def build_book(
    folder: Path, package: Path | None = None, within: Sequence[str] = (), options: Sequence[str] = ()
) -> Build:
    """Build the book in a folder, with warnings as errors."""
    with jupyter_book(folder, package, within, options) as process:
        output, _ = process.communicate(timeout=600)
    return Build(process.returncode == 0, output)


def jupyter_book(
    folder: Path, package: Path | None = None, within: Sequence[str] = (), options: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """Start ``jupyter-book build`` with the options of ``make book``."""
    paths = [str(path) for path in (package, folder) if path is not None]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        [*within, str(_JUPYTER_BOOK), "build", str(folder), "-W", "-n", "--keep-going", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment,
    )  # fmt: skip
