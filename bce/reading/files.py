"""Which files are read: those at a path, and those of the book around it.

A Jupyter Book is a folder with the table of contents ``_toc.yml``, and its pages are the files that this table names.
A plain Sphinx book is a folder whose ``conf.py`` names an extension of this package, and its pages are all files below.
"""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from pathlib import Path

from .cells import LARGEST_FILE
from .documents import SUFFIXES

CONTENTS = "_toc.yml"
CONFIGURATION = "conf.py"

_ENTRY = re.compile(r"""\b(?:root|file|glob):[ \t]+(?:(?P<quote>["'])(?P<quoted>.+?)(?P=quote)|(?P<plain>[^\n#,}]+))""")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_SKIPPED = {"_build", "_sources", "jupyter_execute", "node_modules", "__pycache__"}
_EXTENSION = re.compile(r"""["']bce\.book\.\w+["']""")


class UnreadablePath(Exception):
    """A path that holds nothing to read; the message says what to give instead."""


class NotUtf8(UnreadablePath):
    """A file in another encoding."""


def book_folder(place: Path | str) -> Path | None:
    """Return the folder of the book that a file or folder belongs to; None outside of any book."""
    path = Path(place).resolve()
    return next((folder for folder in (path, *path.parents) if _is_book(folder)), None)


def _is_book(folder: Path) -> bool:
    return (folder / CONTENTS).is_file() or _is_sphinx_book(folder)


def _is_sphinx_book(folder: Path) -> bool:
    file = folder / CONFIGURATION
    try:
        return file.is_file() and _EXTENSION.search(text_of(file)) is not None
    except UnreadablePath:
        return False


def book_argument(text: str) -> Path:
    """Read the folder of a book from a command line; the error says what is missing.

    Raises
    ------
    argparse.ArgumentTypeError
        If the place is in no book.
    """
    folder = book_folder(text)
    if folder is None:
        books = f"a book is a folder with a {CONTENTS}, or with a {CONFIGURATION} that names bce.book.domain"
        raise ArgumentTypeError(f"{text}: no book here; {books}")
    return folder


def book_files(folder: Path) -> list[Path]:
    """Return the pages of the book in a folder: the first page, then the others by name."""
    if not (folder / CONTENTS).is_file():
        return list(_files_below(folder))
    contents = _COMMENT.sub("", text_of(folder / CONTENTS))
    names = [(entry["quoted"] or entry["plain"]).strip().lstrip("/") for entry in _ENTRY.finditer(contents)]
    pages = list(dict.fromkeys(page for name in names if name for page in _pages(folder, name)))
    return pages[:1] + sorted(pages[1:])


def _pages(folder: Path, name: str) -> Iterator[Path]:
    """Yield what the table of contents names, with or without its suffix."""
    for suffix in ("", *SUFFIXES):
        yield from (page for page in sorted(folder.glob(f"{name}{suffix}")) if _is_read(page))


def rest_of_book(files: Iterable[Path]) -> list[Path]:
    """Return the other pages of the books that some files belong to."""
    read = {file.resolve() for file in files}
    books = sorted({book for file in read if (book := book_folder(file)) is not None})
    return [page for book in books for page in book_files(book) if page.resolve() not in read]


def files_at(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files at some paths; folders are searched.

    Raises
    ------
    UnreadablePath
        If a path does not exist, or holds no file of a known kind.
    """
    for path in paths:
        if path.is_dir():
            found = list(_files_below(path))
            if not found:
                raise UnreadablePath(f"{path}: the folder holds no {', '.join(SUFFIXES)} file")
            yield from found
        elif path.is_file():
            if not _is_read(path):
                raise UnreadablePath(f"{path}: not one of the kinds of file that are read: {', '.join(SUFFIXES)}")
            yield path
        else:
            raise UnreadablePath(f"{path}: no such file or folder")


def _is_read(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def _files_below(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if _is_read(file) and not _hidden(file.relative_to(folder)):
            yield file


def _hidden(path: Path) -> bool:
    return any(part in _SKIPPED or part.startswith(".") for part in path.parts)


def text_of(file: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    UnreadablePath
        If it is too large, no UTF-8 text, or cannot be opened.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise UnreadablePath(f"{file}: larger than {LARGEST_FILE // 1_000_000} MB, which is no chapter")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8(f"{file}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise UnreadablePath(f"{file}: {error.strerror}") from None


def ascii_of(file: Path) -> str:
    """Return what every encoding that is in use has in common with UTF-8: enough to see whether marks are in a file."""
    return file.read_bytes().replace(b"\0", b"").decode("ascii", errors="ignore")
