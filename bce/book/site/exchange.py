"""A site is exchanged, never patched: a build writes into a new folder, which takes the old one's place at the end.

Whatever ends a build early (a failed proof, a warning, Ctrl-C, a full disk), the old site stays whole, and nothing of
the failed one is found by the next. Speed comes from the cache of executed notebooks, not from half-written folders.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from sphinx.application import Sphinx
from sphinx.config import Config

from bce.book.errors import explained, warnings_are_errors

EXCHANGED = "bce-site-exchanged"
"""The event that follows a successful build, when the new site is in its place."""

_PREFIX = ".next-"
_LOCK = "lock"
_OLD = "old"


def build_folder(app: Sphinx) -> Path:
    """Return the folder that holds the site and what builds keep beside it: ``_build``."""
    return published(app).parent


def published(app: Sphinx) -> Path:
    """Return where the site will be when the build has succeeded."""
    found: Path = app.bce_published  # type: ignore[attr-defined]
    return found


@explained
def build_aside(app: Sphinx, config: Config) -> None:
    """Turn the build to a new folder beside the site, before anything is written."""
    site = Path(app.outdir)
    if not any(site.iterdir()):
        site.rmdir()  # Sphinx has just made it
    _tidy(site)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=site.parent))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # if it fails before Sphinx counts it as a build
    app.bce_published = site  # type: ignore[attr-defined]
    app.bce_lock = _locked(folder)  # type: ignore[attr-defined]
    kind = type(app.outdir)  # Sphinx's own kind of path, which is a string as well
    app.outdir, app.doctreedir = kind(folder / site.name), kind(folder / "doctrees")
    Path(app.outdir).mkdir()


def _locked(folder: Path) -> IO[bytes] | None:
    """Hold a folder's lock until this process ends; return None if another one holds it."""
    lock = (folder / _LOCK).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _tidy(site: Path) -> None:
    """Remove what ended builds left; put the old site back if one ended in the middle of the exchange."""
    for folder in site.parent.glob(f"{_PREFIX}*"):
        lock = _locked(folder)
        if lock is None:
            continue
        old = folder / _OLD
        if old.is_dir() and not site.exists():
            old.rename(site)
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def exchange(app: Sphinx, exception: Exception | None) -> None:
    """Put the new site in the place of the old one, if all went well; leave nothing else behind."""
    new, site = Path(app.outdir), published(app)
    folder = new.parent
    try:
        if exception is None and not (warnings_are_errors(app) and app._warncount):
            _make_publishable(new)
            if site.exists():
                site.rename(folder / _OLD)
            new.rename(site)
            app.emit(EXCHANGED)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_publishable(site: Path) -> None:
    """Let every server read the files, whatever the builder's umask; drop what only a second build would ask."""
    (site / ".buildinfo").unlink(missing_ok=True)  # a hash of settings, paths of this machine among them
    for folder, _, files in os.walk(site):
        os.chmod(folder, 0o755)
        for name in files:
            os.chmod(Path(folder, name), 0o644)


def setup(app: Sphinx) -> None:
    """Turn the build aside before anything else asks where it goes, and exchange the sites after everything else."""
    app.add_event(EXCHANGED)
    app.connect("config-inited", build_aside, priority=1)
    app.connect("build-finished", exchange, priority=1_000_000)
