"""The cache of executed chapters: which of them a build may believe.

A chapter is taken from the cache if it was executed with this package, these libraries and data, and with these
definitions of other chapters; and if its notebook is the very file that a build put there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from bce.book.errors import explained

from .exchange import build_folder
from .fingerprint import chapter_keys, fingerprint

_NOTE = "executed.json"

logger = logging.getLogger(__name__)


@explained
def use_cache(app: Sphinx, config: Config) -> None:
    """Name the folder of executed chapters, and leave in it only what this build may believe."""
    book, folder = Path(app.srcdir), build_folder(app) / ".jupyter_cache"
    cache = folder / fingerprint(book)
    config.nb_execution_cache_path = str(cache)
    for old in folder.iterdir() if folder.is_dir() else ():
        if old != cache:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    keys = {str(path): key for path, key in chapter_keys(book).items()}
    if cache.is_dir():
        try:
            _forget_outdated(cache, keys)
        except Exception as error:  # whatever a damaged database or note leads to
            logger.info("the cache of executed chapters is damaged (%s); all chapters are executed anew", error)
            shutil.rmtree(cache)
    cache.mkdir(parents=True, exist_ok=True)
    _write(cache, {"keys": keys, "notebooks": _noted_notebooks(cache)})


def _forget_outdated(cache: Path, keys: dict[str, str]) -> None:
    note = json.loads((cache / _NOTE).read_text(encoding="utf-8"))
    known = get_cache(cache)
    for record in known.list_cache_records():
        notebook = _notebook(cache, record)
        is_same_file = notebook.is_file() and note["notebooks"].get(record.hashkey) == _digest(notebook)
        if not is_same_file or note["keys"].get(record.uri) != keys.get(record.uri):
            notebook.parent.mkdir(parents=True, exist_ok=True)
            notebook.touch()  # the cache removes a record only with its file
            known.remove_cache(record.pk)


def _notebook(cache: Path, record: Any) -> Path:
    return cache / "executed" / str(record.hashkey) / "base.ipynb"


def _noted_notebooks(cache: Path) -> dict[str, str]:
    return {path.parent.name: _digest(path) for path in sorted(cache.glob("executed/*/base.ipynb"))}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(cache: Path, note: dict[str, Any]) -> None:
    new = cache / f"{_NOTE}.new"
    new.write_text(json.dumps(note), encoding="utf-8")
    new.replace(cache / _NOTE)


def note_executed(app: Sphinx, exception: Exception | None) -> None:
    """Note the notebooks that this build has left in the cache; one that ends early leaves none to believe."""
    cache = Path(app.config.nb_execution_cache_path)
    if (cache / _NOTE).is_file():
        note = json.loads((cache / _NOTE).read_text(encoding="utf-8"))
        _write(cache, {**note, "notebooks": _noted_notebooks(cache)})


def setup(app: Sphinx) -> None:
    """Tidy the cache before MyST-NB reads its configuration."""
    app.connect("config-inited", use_cache, priority=100)
    app.connect("build-finished", note_executed)
