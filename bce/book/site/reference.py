"""The reference is made from docstrings: in it, an id set as ``id`` links to its definition or derivation.

In a terminal the docstring reads as it stands.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from bce.reading.catalogue import Catalogue
from bce.reading.cells import NAME

_LITERAL = re.compile(rf"``({NAME})``")

logger = logging.getLogger(__name__)


def link_ids(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Replace each id by a link; what looks like an id and is none is a warning."""
    kinds = {identifier: cell.kind for identifier, cell in _catalogue(app).cells.items()}

    def link(literal: re.Match[str]) -> str:
        identifier = literal[1]
        if identifier in kinds:
            return f":{kinds[identifier]}:`{identifier}`"
        if "-" in identifier:
            message = "the docstring of %s names '%s', but no definition or derivation has this id"
            logger.warning(message, name, identifier, type="bce", subtype="reference")
        return literal[0]

    lines[:] = [_LITERAL.sub(link, line) for line in lines]


def _catalogue(app: Sphinx) -> Catalogue:
    if not hasattr(app, "bce_catalogue"):
        app.bce_catalogue = Catalogue.of_book(app.srcdir)  # type: ignore[attr-defined]
    return app.bce_catalogue  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Read docstrings in NumPy's style, and link their ids."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.connect("autodoc-process-docstring", link_ids)
