"""The printed edition as a part of the site: the order of its pages, and the link to it."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from bce.book.citing.citation import CITE_BOOK
from bce.book.domain import derivation_domain, documents_in_order
from bce.book.published.names import EDITION, LISTING


def printed_edition(app: Sphinx) -> Path:
    """Return where ``make pdf`` puts the edition."""
    return Path(app.outdir).parent / "pdf" / EDITION


def drop_stale_edition(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Remove an edition that no longer agrees with the pages: some were added, changed or removed."""
    if any(changes) and app.builder.name == "html":
        printed_edition(app).unlink(missing_ok=True)
    return []


def link_edition(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Link the edition, if there is one, where the whole book is cited."""
    if pagename in derivation_domain(app.env).overviews.get(CITE_BOOK, ()) and printed_edition(app).is_file():
        link = escape(context["pathto"](EDITION, resource=True))
        context["body"] += f'<p class="edition"><a href="{link}">The whole book as a PDF</a></p>\n'


def write_listing(app: Sphinx, exception: Exception | None) -> None:
    """Write down the pages in the order of the book, and put the edition beside them."""
    if exception is not None or app.builder.name != "html":
        return
    pages = [app.builder.get_target_uri(docname) for docname in documents_in_order(app.env)]
    (Path(app.outdir).parent / LISTING).write_text("\n".join(pages) + "\n", encoding="utf-8")
    edition, published = printed_edition(app), Path(app.outdir) / EDITION
    if edition.is_file():
        shutil.copy(edition, published)
    else:
        published.unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Link the edition from the page on citing."""
    app.connect("env-get-outdated", drop_stale_edition)
    app.connect("html-page-context", link_edition, priority=600)
    app.connect("build-finished", write_listing)
