"""A link to itself for every figure and for every equation that has no number of its own."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from bce.book.statements import nodes as blocks


class linked(blocks.formula):
    """A figure or an equation with its link."""

    html_class = "linked"


class LinkFiguresAndEquations(SphinxPostTransform):
    """Wrap them once every output of a cell is decided."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Change a chapter that is about to be written."""
        figures = [node for node in self.document.findall(nodes.image) if _is_output(node)]
        equations = [node for node in self.document.findall(nodes.math_block) if not node.get("number")]
        for kind, found in (("figure", figures), ("equation", equations)):
            for position, node in enumerate(found, start=1):
                self._link(node, f"{kind}-{position}", f"Link to this {kind}")

    def _link(self, node: nodes.Element, anchor: str, label: str) -> None:
        if anchor in self.document.ids:
            return
        link = blocks.permalink("", nodes.Text("#"), anchor=anchor, label=label)
        place = linked(ids=[anchor])
        node.replace_self(place)
        place += [node, link]


def _is_output(node: nodes.Node) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code_output":
            return True
    return False


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(LinkFiguresAndEquations)
