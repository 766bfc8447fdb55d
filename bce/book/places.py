"""Places on a page that are filled as it is written, for what they say is known when all pages have been read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


class Place(nodes.General, nodes.Element):
    """A node without content."""


def register_place(app: Sphinx, place: type[Place], write: Callable[[Any, Any], str]) -> None:
    """Register a kind of places: ``write`` takes the builder and the place, and returns its HTML.

    Other formats leave the place out.
    """

    def visit(translator: HTML5Translator, node: Place) -> NoReturn:
        translator.body.append(write(translator.builder, node))
        raise nodes.SkipNode

    skip = (_skip, None)
    app.add_node(place, html=(visit, None), latex=skip, text=skip, man=skip, texinfo=skip)


def _skip(translator: nodes.NodeVisitor, node: Place) -> NoReturn:
    raise nodes.SkipNode
