"""Execute chapters again when something that they depend on has changed.

MyST-NB keeps executed chapters by their cells alone. A change in the package, in a library, in the data, or in a
definition of another chapter would leave the old output on the page. So all of these become a fingerprint; it names
the folder in which executed chapters are kept, and it is a configuration value on which every page depends.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from bce.reading.catalogue import Catalogue
from bce.reading.cells import Cell

from .exchange import build_folder

LIBRARIES = ("numpy", "sympy", "mpmath", "matplotlib")
PACKAGE = Path(__file__).parents[2]
READ_BY_CELLS = ("data", "examples")
# Style sheets, fonts, scripts and templates of the pages say nothing about what a cell prints.
NOT_EXECUTED = ("__pycache__", "static", "templates")


def fingerprint(book: Path) -> str:
    """Hash all that an executed chapter may depend on, beside its own cells.

    Parameters
    ----------
    book : Path
        The folder of the book. In it are the folders that cells read from.

    Returns
    -------
    str
        Sixteen hexadecimal digits. Prose does not change them.
    """
    digest = hashlib.sha256()
    for part in _parts(book):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def _parts(book: Path) -> Iterator[bytes]:
    yield sys.version.encode()
    for library in LIBRARIES:
        yield f"{library} {version(library)}".encode()
    for path in sorted(PACKAGE.rglob("*")):
        relative = path.relative_to(PACKAGE)
        if path.is_file() and not any(folder in NOT_EXECUTED for folder in relative.parts):
            yield relative.as_posix().encode()
            yield path.read_bytes()
    for folder in READ_BY_CELLS:
        for path in sorted((book / folder).glob("*")):
            yield path.name.encode()
            yield path.read_bytes()
    catalogue = Catalogue.of_book(book)
    for cell in catalogue.cells.values():
        yield _content(cell).encode()
    for problem in catalogue.problems:
        yield str(problem).encode()


def _content(cell: Cell) -> str:
    """Return what a cell says. Where it stands does not matter."""
    header = {key: [item.text for item in items] for key, items in cell.header.items()}
    return repr((cell.kind, cell.id, header, cell.body.text))


def _assets() -> str:
    """Hash style sheets, scripts and templates, so that a change of them writes all pages again."""
    folders = (PACKAGE / "book" / "static", PACKAGE / "book" / "templates")
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def use_fingerprint(app: Sphinx, config: Config) -> None:
    """Keep executed chapters in a folder of this fingerprint, and remove the folders of others."""
    config.bce_fingerprint = fingerprint(Path(app.srcdir))
    config.bce_assets = _assets()
    folder = build_folder(app) / ".jupyter_cache"
    config.nb_execution_cache_path = str(folder / config.bce_fingerprint)
    if folder.is_dir():
        for old in folder.iterdir():
            if old.name != config.bce_fingerprint:
                shutil.rmtree(old) if old.is_dir() else old.unlink()


def setup(app: Sphinx) -> None:
    """Compute the fingerprint before any page is read."""
    app.add_config_value("bce_fingerprint", "", "env", str)
    app.add_config_value("bce_assets", "", "html", str)
    # Before MyST-NB reads its configuration.
    app.connect("config-inited", use_fingerprint, priority=100)
