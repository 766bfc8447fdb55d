"""Tries random formulas and notes on the verifier, many more than the tests do.

``python tests/fuzz.py [--examples N] [--notes N] [--seed S] [--record]`` prints how each property fared, and how many
statements were decided; exits with 1 if one of them failed. With ``--record`` the page *How hard it was tried* tells
these numbers: they are written to ``data/fuzz.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from random_notes import random_note, tried
from random_pairs import PROPERTIES
from random_statements import KINDS

RECORD = Path(__file__).parents[1] / "data" / "fuzz.json"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Try random formulas on the verifier.")
    parser.add_argument("--examples", type=int, default=3_000, metavar="N", help="how many of each kind")
    parser.add_argument("--notes", type=int, default=50_000, metavar="N", help="how many random notes")
    parser.add_argument("--seed", default="notes", metavar="S", help="another seed gives other notes")
    parser.add_argument("--record", action="store_true", help=f"write the numbers of the notes to {RECORD.name}")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    counts = _try_notes(options.notes, options.seed)
    print(_summary(counts))
    if options.record:
        RECORD.write_text(json.dumps(_record(counts, options.seed), indent=1) + "\n", encoding="utf-8")
    failed = [name for name in PROPERTIES if options.examples and not _holds(name, options.examples)]
    print(f"{len(PROPERTIES) - len(failed)} of {len(PROPERTIES)} properties hold")
    return 1 if failed or counts["wrong"] else 0


def _try_notes(count: int, seed: str) -> Counter[str]:
    """Try random notes; print what is wrong with a verdict as it is found, and return the numbers."""
    counts: Counter[str] = Counter()
    shown = time.monotonic()
    for number in range(count):
        note = random_note(f"{seed} {number}")
        try:
            complaints = tried(note, counts)
        except Exception as error:
            complaints = [f"{type(error).__name__}: {error}"]
        counts["wrong"] += len(complaints)
        for complaint in complaints:
            print(f"\r\033[Knote {number}, {note.kind}: {complaint}\n{note.text}\n")
        if sys.stderr.isatty() and time.monotonic() - shown > 1:
            shown = time.monotonic()
            print(f"\rnotes: {number}", end="", file=sys.stderr, flush=True)
    return counts


def _summary(counts: Counter[str]) -> str:
    decided = counts["proved"] + counts["refuted"]
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
    return (
        f"{counts['notes']} notes: {decided} statements decided "
        f"({counts['proved']} proved, {counts['refuted']} refuted), {counts['defined']} defined, "
        f"{counts['unproved']} unproved, {counts['refused']} in notes that are refused, {counts['wrong']} wrong\n"
        f"decided: {kinds}"
    )


def _record(counts: Counter[str], seed: str) -> dict[str, object]:
    """Return the numbers as they are kept for the book."""
    totals = {name: counts[name] for name in ("notes", "proved", "refuted", "defined", "unproved", "refused", "wrong")}
    command = f"python tests/fuzz.py --notes {counts['notes']} --seed {seed} --record"
    return {"command": command, **totals, "decided": {kind: counts[kind] for kind in KINDS}}


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
