"""How long the commands take that people wait for: ``python benchmarks/commands.py``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
REPEATS = 5


def seconds(*command: str | Path) -> float:
    """Run a command once and return the time it took."""
    start = time.perf_counter()
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return time.perf_counter() - start


def best(measure: Callable[[], float]) -> float:
    """Return the shortest of a few runs: the one that was disturbed least."""
    return min(measure() for _ in range(REPEATS))


def show(what: str, measured: float, wanted: float) -> None:
    """Print one line of the table."""
    print(f"{what:<58}{measured:>8.3f} s   wanted {wanted:g} s", flush=True)


def main() -> None:
    """Print the table."""
    numpy = best(lambda: seconds(sys.executable, "-c", "import numpy"))
    package = best(lambda: seconds(sys.executable, "-c", "import bce"))
    show("import bce, beyond NumPy's own import", package - numpy, 0.02)
    show("bce check chapters, in a fresh process", best(lambda: seconds(BIN / "bce", "check", "chapters")), 2.5)
    with tempfile.TemporaryDirectory() as folder:
        build = (BIN / "jupyter-book", "build", PROJECT, "-W", "-n", "--keep-going", "--path-output", folder)
        show("jupyter-book build, with nothing built before", seconds(*build), 60)
        show("jupyter-book build, with nothing changed since", best(lambda: seconds(*build)), 10)


if __name__ == "__main__":
    main()
