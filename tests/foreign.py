"""Books of other people: the package as it is installed, and small books that name its one extension."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from trial_book import PROJECT, cell

_HEADER = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---

"""
_ONE = cell("%%definition twice\ntitle: Twice a number\ngiven: x real\n\nD(x) = x + x")
_TWO = cell(
    "%%derivation twice-again\ntitle: Four of $x$\ngiven: x real\nuses: twice\n\n"
    "D(x) + D(x)\n  &= 4 x  && add \\label{sum} \\\\\n  &= 5 x  && a slip \\refuted \\\\\n  &= 3 x + x && mended \\\\"
)
_WHERE = cell("import bce\nprint(bce.__file__)")
_ROLES = "See {step}`twice-again.sum`, {mistake}`twice-again.2` and {definition}`the double <twice>`."
PAGES = {
    "index": "# Another book\n\nIts first page.\n",
    "one": f"{_HEADER}# One\n\n{cell('%load_ext bce.book')}\n\n{_ONE}\n\n{_WHERE}\n",
    "two": f"{_HEADER}# Two\n\n{cell('%load_ext bce.book')}\n\n{_TWO}\n\n{_ROLES}\n",
}

_MADE = shutil.ignore_patterns(".[a-z]*", "_build", "build", "dist", "__pycache__", "*.egg-info", "*.so")


def unpacked_wheel(folder: Path) -> Path:
    """Build the wheel in a copy of the project, and unpack it."""
    source, wheels, unpacked = folder / "source", folder / "wheels", folder / "unpacked"
    shutil.copytree(PROJECT, source, ignore=_MADE)
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", wheels, source]
    subprocess.run(command, capture_output=True, text=True, check=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    return unpacked


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, and the pages of the trial book as Markdown."""
    folder.mkdir(exist_ok=True)
    for name, text in {**{f"{name}.md": text for name, text in PAGES.items()}, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")


def build(folder: Path, package: Path, *command: str) -> tuple[int, str]:
    """Run a command of the environment, with a package before the one that is tested elsewhere."""
    environment = {**os.environ, "PYTHONPATH": str(package), "NO_COLOR": "1"}
    run = subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    return run.returncode, run.stdout
