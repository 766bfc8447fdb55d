"""How long the verifier takes for a step: ``python benchmarks/verifier.py``.

Figures for this machine, not tests. The steps are those of the book, again and again.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from bce.reading.catalogue import Catalogue
from bce.verdicts import decide

PROJECT = Path(__file__).parents[1]
REPEATS = (1, 2, 4)


def main() -> None:
    """Print the median of a warm step, and the time of many steps in one process."""
    catalogue = Catalogue.of_book(PROJECT)
    rows = [(derivation, row) for derivation in catalogue.derivations() for row in derivation.rows]
    for derivation, row in rows:
        decide(derivation, row)
    times = []
    for derivation, row in rows:
        start = time.perf_counter()
        decide(derivation, row)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    print(f"{len(rows)} steps of the book, warm: median {statistics.median(times):.1f} ms (wanted 10), ", end="")
    print(f"90 % below {times[len(times) * 9 // 10]:.1f} ms, slowest {times[-1]:.0f} ms")
    first = None
    for times_over in REPEATS:
        start = time.perf_counter()
        for derivation, row in rows * times_over:
            decide(derivation, row)
        seconds, count = time.perf_counter() - start, len(rows) * times_over
        first = first or seconds / count
        print(f"{count:>5} steps: {seconds:6.2f} s, {1000 * seconds / count:.1f} ms a step, ", end="")
        print(f"{seconds / count / first:.2f} times the first line's (wanted: 1000 steps in 15 s, growing linearly)")


if __name__ == "__main__":
    main()
