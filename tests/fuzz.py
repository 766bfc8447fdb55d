"""Tries random formulas on the verifier, many more than the tests do: ``python tests/fuzz.py [--examples N]``.

Prints how each property fared; exits with 1 if one of them failed.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, given, settings
from random_pairs import PROPERTIES


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Try random formulas on the verifier.")
    parser.add_argument("--examples", type=int, default=3_000, metavar="N", help="how many of each kind")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    failed = [name for name in PROPERTIES if not _holds(name, options.examples)]
    print(f"{len(PROPERTIES) - len(failed)} of {len(PROPERTIES)} properties hold")
    return 1 if failed else 0


def _holds(name: str, examples: int) -> bool:
    strategy, holds = PROPERTIES[name]
    tried = _Counting(name, holds)
    configured = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
    )
    try:
        configured(given(strategy)(lambda case: tried(case)))()
    except Exception as error:
        print(f"\r\033[K{name}: failed after {tried.count} examples\n{error}")
        return False
    print(f"\r\033[K{name}: {tried.count} examples")
    return True


class _Counting:
    """Counts the calls of a property, and shows the count on a terminal."""

    def __init__(self, name: str, holds: Callable[[object], None]) -> None:
        self.name, self.holds, self.count, self.shown = name, holds, 0, time.monotonic()

    def __call__(self, case: object) -> None:
        self.count += 1
        if sys.stderr.isatty() and time.monotonic() - self.shown > 1:
            self.shown = time.monotonic()
            print(f"\r{self.name}: {self.count}", end="", file=sys.stderr, flush=True)
        self.holds(case)


if __name__ == "__main__":
    sys.exit(main())
