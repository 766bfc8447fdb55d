"""Bring the list of published ids up to date, or retire an id: ``python -m bce.book.maintain.ids``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bce import __version__
from bce.book.published import identifiers
from bce.reading.catalogue import Catalogue
from bce.reading.files import book_argument


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the list up to date; print what is left to decide, and return 1 if anything is."""
    purpose = f"Add new ids to {identifiers.FILE}, or change what it says of one."
    parser = argparse.ArgumentParser(prog=identifiers.COMMAND, description=purpose)
    parser.add_argument("--folder", type=book_argument, default=".", help="the folder of the book (default: this one)")
    parser.add_argument("--retire", metavar="ID", help="this id is no longer in the chapters")
    parser.add_argument("--reason", default="", help="why it is retired")
    parser.add_argument("--replacement", default="", metavar="ID", help="the id that a reader should go to instead")
    parser.add_argument("--same", metavar="ID", help="this unnamed step only changed its spelling")
    options = parser.parse_args(arguments)
    path, now = options.folder / identifiers.FILE, __version__
    used = identifiers.in_use(Catalogue.of_book(options.folder), now)
    try:
        published = identifiers.read(path)
        listed = identifiers.with_new(published, used)
        if options.retire:
            listed = identifiers.with_retired(listed, options.retire, now, options.reason, options.replacement)
        if options.same:
            listed = identifiers.with_same(listed, used, options.same)
    except ValueError as error:
        parser.error(str(error))
    identifiers.write(path, listed)
    print(f"{identifiers.FILE}: {len(listed)} ids, {len(listed) - len(published)} of them new")
    left = identifiers.problems(listed, used)
    print("\n".join(left), end="\n" if left else "")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
