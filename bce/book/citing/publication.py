"""What the book is, as a publication, for every page that is built."""

from __future__ import annotations

from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from bce import __version__
from bce.book.errors import BookError, explained
from bce.book.published.publication import Publication, read_publication


def publication_of(config: Config) -> Publication:
    """Return the publication of a book that is being built."""
    return Publication(**config.bce_publication)


@explained
def use_publication(app: Sphinx, config: Config) -> None:
    """Let every page know what it is a part of; each commit writes all pages again."""
    try:
        found = read_publication(Path(app.srcdir))
    except ValueError as error:
        raise BookError(str(error)) from None
    publication = found or Publication(
        title=config.html_title, authors=(config.author,), version=config.version or __version__, date="",
        verifier=__version__, sympy=version("sympy"),
    )  # fmt: skip
    if config.html_baseurl:
        publication = replace(publication, url=f"{config.html_baseurl.rstrip('/')}/")
    config.html_baseurl = publication.url
    # What objects.inv, and so the tooltips of links from other books, say of where they lead.
    config.project, config.version = publication.title, publication.version
    config.bce_publication = asdict(publication)


def setup(app: Sphinx) -> None:
    """Read the publication before any page."""
    app.add_config_value("bce_publication", {}, "html", dict)
    app.connect("config-inited", use_publication)
