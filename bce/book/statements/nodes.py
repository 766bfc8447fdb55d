"""Nodes of the document tree for definitions and derivations, and how they are written.

A page gets real structure (a list of steps, a disclosure with the evidence). Formats other than HTML get the plain
content of the nodes.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bce.book.places import Place


class _Block(nodes.General, nodes.Element):
    """A node that becomes one HTML element."""

    html_tag = "div"
    html_class = ""

    def html_attributes(self) -> dict[str, str]:
        """Attributes of this node's element beside its ids and classes."""
        return {}


class statement(_Block):
    """A definition or a derivation."""

    html_class = "statement"

    def html_attributes(self) -> dict[str, str]:
        """Name the block for those who do not see its border."""
        return {"role": "group", "aria-label": self["label"]}


class step_list(_Block):
    """The steps of a derivation, in order."""

    html_tag = "ol"
    html_class = "steps"


class step(_Block):
    """One row: its number, relation, right side, reason and verdict."""

    html_tag = "li"
    html_class = "step"


class formula(_Block):
    """A box in which a long formula scrolls by itself."""

    html_class = "formula"


class grounds(_Block):
    """The reason of a step and its verdict: beside the formula where both have room, else below it."""

    html_class = "grounds"


class foot(_Block):
    """What leads on from a statement: what uses it, its place on the map, its citation."""

    html_class = "foot"


class evidence(_Block):
    """What stands behind a verdict, folded away."""

    html_tag = "details"
    html_class = "evidence"

    def html_attributes(self) -> dict[str, str]:
        """Unfold what a reader should not miss."""
        return {"open": "open"} if self.get("open") else {}


class evidence_summary(_Block):
    """The verdict itself: the visible part of the evidence."""

    html_tag = "summary"


class permalink(_Block):
    """A visible link to the place where it stands."""

    html_tag = "a"
    html_class = "permalink"

    def html_attributes(self) -> dict[str, str]:
        """Say where the link leads: its text is only a sign or a number."""
        return {"href": f"#{self['anchor']}", "aria-label": self["label"], "title": self["label"]}


class used_by(Place):
    """The place of the links to everything that uses a ``statement``."""


class cite(Place):
    """The place of a citation: ``derivation`` and ``step`` say of what; without them, of the whole book."""


_BLOCKS = (statement, step_list, step, formula, grounds, evidence, evidence_summary, foot, permalink)


def _visit_html(translator: HTML5Translator, node: _Block) -> None:
    translator.body.append(
        translator.starttag(node, node.html_tag, "", CLASS=node.html_class, **node.html_attributes())
    )


def _depart_html(translator: HTML5Translator, node: _Block) -> None:
    translator.body.append(f"</{node.html_tag}>\n")


def _pass(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Write nothing of its own, only the children."""


def setup(app: Sphinx) -> None:
    """Register the nodes for every format that Sphinx writes."""
    plain = (_pass, _pass)
    for block in _BLOCKS:
        app.add_node(block, html=(_visit_html, _depart_html), latex=plain, text=plain, man=plain, texinfo=plain)
