"""What the book is, as a publication: read from ``CITATION.cff``, the one place that says it, and from Git.

Everything that cites the book or one of its steps, and every page's metadata, is made from this.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from bce import __version__

FILE = "CITATION.cff"


@dataclass(frozen=True)
class Publication:
    """The book in one of its versions.

    ``date`` is ISO 8601: of the commit, or of the release outside of a Git checkout. ``url`` ends in a slash and
    is empty as long as nobody said where the book is published.
    """

    title: str
    authors: tuple[str, ...]
    version: str
    date: str
    verifier: str
    sympy: str
    abstract: str = ""
    license: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""
    commit: str = ""

    def address(self, path: str) -> str:
        """Return where something of the book stands: in full if the book's own address is known."""
        return f"{self.url}{path}"


def read_publication(folder: Path) -> Publication | None:
    """Read ``CITATION.cff`` and the state of the Git checkout; None if the folder has no such file.

    Raises
    ------
    ValueError
        If the file cannot be read, or lacks one of the fields that every citation needs.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{FILE}: no YAML: {' '.join(str(error).split())}") from None
    missing = [field for field in ("title", "authors", "version", "date-released") if not content.get(field)]
    if missing:
        raise ValueError(f"{FILE}: {', '.join(missing)} must be given; every citation is made from them")
    url = content.get("url", "")
    released = Publication(
        title=content["title"],
        authors=tuple(map(_author, content["authors"])),
        version=str(content["version"]),
        date=str(content["date-released"]),
        verifier=__version__,
        sympy=version("sympy"),
        abstract=" ".join(content.get("abstract", "").split()),
        license=content.get("license", ""),
        keywords=tuple(content.get("keywords", ())),
        url=f"{url.rstrip('/')}/" if url else "",
    )
    return replace(released, **state_of_checkout(folder))


def _author(person: dict[str, str]) -> str:
    if "name" in person:
        return person["name"]
    return " ".join(part for key in ("given-names", "name-particle", "family-names") if (part := person.get(key)))


def state_of_checkout(folder: Path) -> dict[str, Any]:
    """Return the commit and its date; nothing outside of a Git checkout or before its first commit."""
    if not (folder / ".git").exists():
        return {}
    try:
        commit, date = _git(folder, "log", "-1", "--format=%H %cs").split()
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError, ValueError):
        return {}
    return {"commit": commit[:12] + (" with local changes" if changed else ""), "date": date}


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout.strip()
