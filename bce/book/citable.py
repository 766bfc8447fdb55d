"""All that makes the book citable: permanent links, citations, the index for programs, the map, the notebooks."""

from __future__ import annotations

from sphinx.application import Sphinx

from .citing import citation, index_file, permalinks, publication, redirects
from .editions import notebooks, pdf_link
from .statements import all_steps, map_page, used_by

_PARTS = (
    publication, redirects, index_file, citation, map_page, used_by, all_steps, permalinks, notebooks, pdf_link,
)  # fmt: skip


def _add_assets(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.add_css_file("citable.css")
        app.add_js_file("citable.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register all of it."""
    for part in _PARTS:
        part.setup(app)
    app.connect("builder-inited", _add_assets, priority=200)
