"""Each build notes what it made from what; see `bce.book.published.freshness`."""

from __future__ import annotations

import json
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from bce.book.errors import explained
from bce.book.published.freshness import FILE, SITE, digest_of_site, digest_of_sources

from .exchange import EXCHANGED, build_folder, published


@explained
def note_sources(app: Sphinx, config: Config) -> None:
    """Hash the sources before they are read: what changes while the site is built makes it stale."""
    app.bce_sources = digest_of_sources(Path(app.srcdir))  # type: ignore[attr-defined]


def note_site(app: Sphinx) -> None:
    """Write down what was made from what, once the new site is in its place."""
    site = published(app)
    if site == Path(app.srcdir).resolve() / SITE:
        made = {"sources": app.bce_sources, "site": digest_of_site(site)}  # type: ignore[attr-defined]
        (build_folder(app) / FILE).write_text(json.dumps(made), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Note the sources before all, and the site after the exchange."""
    app.connect("config-inited", note_sources, priority=2)
    app.connect(EXCHANGED, note_site)
