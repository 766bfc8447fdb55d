"""What the output of an executed chapter depends on, beside its own cells.

MyST-NB keeps executed chapters by their cells alone. A change in the package, in a library, in the data, or in a
definition of another chapter would leave the old output on the page. So all of these become keys; see `executed`.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path

from bce.reading.catalogue import Catalogue
from bce.reading.cells import ReadError
from bce.reading.files import book_files, text_of

PACKAGE = Path(__file__).parents[2]
READ_BY_CELLS = ("data", "examples")
# Style sheets, fonts, scripts and templates of the pages say nothing about what a cell prints.
NOT_EXECUTED = ("__pycache__", "static", "templates")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_READS_THE_WHOLE_BOOK = re.compile(r"\bCatalogue\b")


def fingerprint(book: Path) -> str:
    """Hash what all chapters depend on: Python, everything that is installed, the package, the data.

    Parameters
    ----------
    book : Path
        The folder of the book. In it are the folders that cells read from.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    return _digest(_surroundings(book))


def _surroundings(book: Path) -> Iterator[bytes]:
    yield sys.version.encode()
    yield from sorted({f"{found.name} {found.version}".encode() for found in distributions()})
    yield from _files(PACKAGE, NOT_EXECUTED)
    for folder in READ_BY_CELLS:
        yield from _files(book / folder)


def _files(root: Path, left_out: Iterable[str] = ()) -> Iterator[bytes]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not set(left_out).intersection(relative.parts):
            yield relative.as_posix().encode()
            yield path.read_bytes()


def chapter_keys(book: Path) -> dict[Path, str]:
    """Hash, for each page of a book, the definitions and derivations of all pages that its cells can reach.

    These are the ones whose ids it mentions, anywhere, and all that they rest on. A page that names the catalogue can
    reach all of them. Prose does not change a key.

    Raises
    ------
    UnreadablePath
        If a page is no text.
    """
    catalogue = Catalogue.of_book(book)
    problems = [str(problem).encode() for problem in catalogue.problems]
    keys = {}
    for path in book_files(book):
        text = text_of(path)
        reached = set(catalogue.cells)
        if not _READS_THE_WHOLE_BOOK.search(text):
            reached = _with_all_below(catalogue, reached.intersection(_ID.findall(text)))
        keys[path] = _digest([*problems, *(repr(catalogue.cells[found].content).encode() for found in sorted(reached))])
    return keys


def _with_all_below(catalogue: Catalogue, mentioned: set[str]) -> set[str]:
    found = set(mentioned)
    for identifier in mentioned:
        try:
            found.update(catalogue.rests_on(catalogue.cells[identifier]))
        except ReadError as error:
            # The cell fails wherever it is used; what it says is all that counts.
            catalogue.problems.append(error.problem)
    return found & catalogue.cells.keys()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]
