"""What the commands cost that people wait for, in seconds of the processor: ``python benchmarks/commands.py``.

The book is built in a clone of the last commit, so that nothing built before counts.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
REPEATS = 5

SENTENCE = "\nOne more sentence.\n"
DERIVATION = """
```{code-cell} ipython3
%%derivation benchmark-double
title: Twice a number
given: x real

x + x &= 2 x && add \\\\
```
"""


def seconds(*command: str | Path, cwd: Path = PROJECT) -> float:
    """Run a command once and return what it and its kernels took of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(cwd)}
    subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def best(measure: Callable[[], float]) -> float:
    """Return the shortest of a few runs: the one that was disturbed least."""
    return min(measure() for _ in range(REPEATS))


def show(what: str, measured: float, wanted: float) -> None:
    """Print one line of the table."""
    print(f"{what:<58}{measured:>8.2f} s   wanted {wanted:g} s", flush=True)


def show_builds(clone: Path) -> None:
    """Print what ``make book`` costs in a clone: the first time, with nothing changed, and after small changes."""
    subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True)
    (clone / ".venv").mkdir()
    (clone / ".venv/book.stamp").touch()  # the environment is this one
    make = ("make", "book", f"bin={BIN}")
    show("make book, with nothing built before", seconds(*make, cwd=clone), 150)
    show("make book, with nothing changed since", best(lambda: seconds(*make, cwd=clone)), 8)
    for what, text in (("a sentence", SENTENCE), ("a derivation", DERIVATION)):
        with (clone / "chapters/gradient.md").open("a", encoding="utf-8") as chapter:
            chapter.write(text)
        show(f"make book, with {what} added to a chapter", seconds(*make, cwd=clone), 15)


def main() -> None:
    """Print the table."""
    numpy = best(lambda: seconds(sys.executable, "-c", "import numpy"))
    package = best(lambda: seconds(sys.executable, "-c", "import bce"))
    show("import bce, beyond NumPy's own import", package - numpy, 0.02)
    show("bce check chapters, in a fresh process", best(lambda: seconds(BIN / "bce", "check", "chapters")), 2.5)
    with tempfile.TemporaryDirectory() as folder:
        show_builds(Path(folder) / "book")


if __name__ == "__main__":
    main()
