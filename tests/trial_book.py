"""Books that tests build, with the same command and options as ``make book``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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

    def build(self) -> Build:
        """Run ``jupyter-book build`` with the options of ``make book``."""
        for name in ("_config.yml", "references.bib"):
            shutil.copy(PROJECT / name, self.folder)
        (self.folder / "index.md").write_text("# Trial\n\nA book for a test.\n", encoding="utf-8")
        toc = ["format: jb-book", "root: index", "chapters:", *(f"- file: chapters/{name}" for name in self.chapters)]
        (self.folder / "_toc.yml").write_text("\n".join(toc) + "\n", encoding="utf-8")
        return build_book(self.folder, package=self.package)

    def page(self, chapter: str) -> str:
        """Return the HTML of a built chapter."""
        return (self.folder / "_build/html/chapters" / f"{chapter}.html").read_text(encoding="utf-8")


def cell(source: str) -> str:
    """Return an executable cell, as it stands in a chapter."""
    return f"```{{code-cell}} ipython3\n{source.strip()}\n```"


def build_book(folder: Path, package: Path | None = None) -> Build:
    """Build the book in a folder, with warnings as errors."""
    environment = {**os.environ, "NO_COLOR": "1"}
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    run = subprocess.run(
        [_JUPYTER_BOOK, "build", folder, "-W", "-n", "--keep-going"],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=600, check=False,
    )  # fmt: skip
    return Build(run.returncode == 0, run.stdout + run.stderr)
