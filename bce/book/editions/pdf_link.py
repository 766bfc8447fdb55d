"""The printed edition as a part of the site: it is printed from the new pages, and linked from the page on citing."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from bce.book.citing.citation import CITE_BOOK
from bce.book.citing.publication import publication_of
from bce.book.domain import derivation_domain, documents_in_order
from bce.book.errors import BookError
from bce.book.published.browser import NoBrowserError
from bce.book.published.names import EDITION, WANTED

from .pdf import PrintingError, print_site

logger = logging.getLogger(__name__)


class EditionError(BookError):
    """The edition is wanted and cannot be printed, so the site is not exchanged."""


def is_wanted(app: Sphinx) -> bool:
    """Say whether this build prints the edition."""
    return bool(os.environ.get(WANTED)) and app.builder.name == "html"


def link_edition(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Link the edition if there will be one."""
    if is_wanted(app) and pagename in derivation_domain(app.env).overviews.get(CITE_BOOK, ()):
        link = escape(context["pathto"](EDITION, resource=True))
        context["body"] += f'<p class="edition"><a href="{link}">The whole book as a PDF</a></p>\n'


def print_edition(app: Sphinx, exception: Exception | None) -> None:
    """Print the pages in the order of the book, once all of them are written."""
    if exception is not None or not is_wanted(app):
        return
    pages = [app.builder.get_target_uri(docname) for docname in documents_in_order(app.env)]
    logger.info("printing the PDF edition ...")
    try:
        print_site(Path(app.outdir), pages, publication_of(app.config))
    except (NoBrowserError, PrintingError) as error:
        raise EditionError(str(error)) from None


def setup(app: Sphinx) -> None:
    """Link the edition from the page on citing, and print it after all pages."""
    app.connect("html-page-context", link_edition, priority=600)
    app.connect("build-finished", print_edition, priority=900_000)
