"""``python -m bce.audit [PATH …]``: print the score of the verifier on the mutants of proved steps."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from bce.reading.catalogue import Catalogue
from bce.reading.files import UnreadablePath

from .score import Score, score


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the audit; return 0 if no verdict is wrong, 1 if one is, 2 for unreadable input."""
    options = _parser().parse_args(arguments)
    try:
        catalogue = Catalogue.read(options.paths) if options.paths else Catalogue.of_book()
    except UnreadablePath as error:
        print(f"bce.audit: {error}", file=sys.stderr)
        return 2
    result = score(catalogue, options.every, _progress())
    for line in result.wrong:
        print(f"wrong: {line}")
    for line in result.undecided:
        print(f"undecided: {line}")
    if options.open:
        for line in result.unproved:
            print(f"unproved: {line}")
    print(result.total)
    return 1 if result.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bce.audit", description="Try to mislead the verifier.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (default: the book around)")
    parser.add_argument("--every", type=_positive, default=1, metavar="K", help="try every K-th mutant only")
    parser.add_argument("--open", action="store_true", help="list the mutants that stay unproved too")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"K is 1 or more, {value} given")
    return value


def _progress() -> Callable[[Score], None]:
    """Return a reporter that rewrites one line of a terminal every second, and is silent elsewhere."""
    last = time.monotonic()

    def show(result: Score) -> None:
        nonlocal last
        if sys.stderr.isatty() and time.monotonic() - last > 1:
            last = time.monotonic()
            print(f"\r{result.total}", end="", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
