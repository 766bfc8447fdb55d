"""Whether the built site is the one that a build would make now: then there is nothing to do.

A build notes what it was made from (every file of the book and of the package, the commit, all installed
distributions, Python) and what it made.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from .publication import state_of_checkout

FILE = "site.json"
PACKAGE = Path(__file__).parents[2]
SITE = Path("_build/html")
_NOT_OF_THE_BOOK = {"_build", "__pycache__", "tests", "benchmarks", "requirements", "bce"}


def digest_of_sources(book: Path) -> str:
    """Hash everything that a build of the book in a folder can depend on."""
    lines = [sys.version, json.dumps(state_of_checkout(book), sort_keys=True)]
    lines += sorted({f"{found.name} {found.version}" for found in distributions()})
    parts = (part for part in book.iterdir() if not part.name.startswith(".") and part.name not in _NOT_OF_THE_BOOK)
    own = (path for part in parts for path in (part.rglob("*") if part.is_dir() else [part]))
    return _digest([*lines, *_files(book, own), *_files(PACKAGE, PACKAGE.rglob("*"))])


def files_of_site(site: Path) -> list[Path]:
    """Return all files of a built site, in the order of the bytes of their paths."""
    files = (path for path in site.rglob("*") if path.is_file())
    return sorted(files, key=lambda path: path.relative_to(site).as_posix().encode())


def digest_of_site(site: Path) -> str:
    """Hash all files of a built site.

    It is the SHA-256 of what ``sha256sum`` prints of them:
    ``find * -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum``.
    """
    lines = (f"{_sha256(path)}  {path.relative_to(site).as_posix()}\n" for path in files_of_site(site))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def is_fresh(book: Path) -> bool:
    """Say whether the site below a book's folder is what a build would make of the book as it is."""
    try:
        noted = json.loads((book / "_build" / FILE).read_text(encoding="utf-8"))
        return bool(noted == {"sources": digest_of_sources(book), "site": digest_of_site(book / SITE)})
    except (OSError, ValueError):
        return False


def _files(root: Path, paths: Iterable[Path]) -> list[str]:
    files = sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts)
    return [f"{path.relative_to(root).as_posix()} {_sha256(path)}" for path in files]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
