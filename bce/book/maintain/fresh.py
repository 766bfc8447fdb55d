"""Say whether the built site is up to date: ``python -m bce.book.maintain.fresh``, which ``make book`` asks first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bce.book.published.freshness import is_fresh
from bce.reading.files import book_argument


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 with a word if the site is fresh, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bce.book.maintain.fresh", description="Is the site up to date?")
    parser.add_argument("--folder", type=book_argument, default=".", help="the folder of the book (default: this one)")
    if not is_fresh(parser.parse_args(arguments).folder):
        return 1
    print("Nothing changed since the book was built.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
