"""The Sphinx extension of this very book: its site, its citations, its editions.

Other books name ``bce.book.domain``, which this one builds on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bce import __version__

from . import errors
from .citing import citation, index_file, permalinks, publication, redirects
from .editions import notebooks, pdf_link
from .site import (
    cell_errors,
    dark_figures,
    exchange,
    executed,
    explorable_page,
    freshness,
    hermetic,
    pages,
    plan_page,
    reference,
    search,
    streams,
    stylesheet,
)
from .statements import all_steps, claims, exercises, map_page
from .words import mathml

STATIC = Path(__file__).parent / "static"

# In this order: of two parts that listen to the same event, the first one acts first.
_PARTS = (
    errors, exchange, freshness, hermetic, streams, cell_errors,
    mathml, executed, exercises, claims, pages, publication, redirects, index_file, citation, map_page,
    all_steps, permalinks, notebooks, pdf_link, dark_figures, search, explorable_page, plan_page,
    reference, stylesheet,
)  # fmt: skip
_STYLES = ("book.css", "citable.css")
_SCRIPTS = ("book.js", "previews.js", "citable.js")


def add_assets(app: Sphinx) -> None:
    """Put the book's style sheets, scripts and font beside the pages, and colour code for the dark scheme."""
    if app.builder.format != "html":
        return
    app.config.html_static_path.append(str(STATIC))
    for style in _STYLES:
        app.add_css_file(style)
    for script in _SCRIPTS:
        app.add_js_file(script, loading_method="defer")
    # An option of the theme, which is loaded too late for _config.yml to name it.
    app.config.pygments_dark_style = "a11y-high-contrast-dark"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything that the book's pages need."""
    app.setup_extension("bce.book.domain")
    for part in _PARTS:
        part.setup(app)
    # Jupyter Book sets options of extensions that this book does without.
    for name in ("comments_config", "use_thebe"):
        app.add_config_value(name, None, "")
    app.connect("builder-inited", add_assets, priority=100)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
