"""All that a checked cell needs to stand on a page, in whichever book, with whichever theme.

Loaded by ``bce.book.domain``, the one extension that other people's books name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from bce import __version__
from bce.book.words.mathml import RENDERER
from bce.reading.cells import is_magic, loads_magics
from bce.reporting.report import MIME_TYPE

from . import nodes as blocks
from . import used_by

STATIC = Path(__file__).parent / "static"
STYLE = "statements.css"


class HideSource(SphinxTransform):
    """Show of a checked cell what it says, not how it is written."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Remove the source of checked cells and of the cell that loads the magics."""
        for cell in list(self.document.findall(_is_cell_source)):
            source = cell.astext()
            if is_magic(source) or loads_magics(source):
                parent = cell.parent
                parent.remove(cell)
                if not parent.children:
                    parent.parent.remove(parent)


def _is_cell_source(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code_source"


class SetLarge(SphinxPostTransform):
    """Let MathJax and LaTeX set the formula of a step as large as one that stands alone."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Leave the formulas alone where the book's own renderer sets them, which knows their size."""
        if getattr(self.app.builder, "math_renderer_name", None) == RENDERER:
            return
        for formula in self.document.findall(nodes.math):
            if formula.get("display"):
                formula[:] = [nodes.Text(rf"\displaystyle {formula.astext()}")]


def prefer_reports(app: Sphinx, config: Config) -> None:
    """Let MyST-NB show the report of a checked cell rather than the table for plain notebooks."""
    if "nb_mime_priority_overrides" in config:
        config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, ("*", MIME_TYPE, 1)]


def add_style(app: Sphinx) -> None:
    """Put the style sheet of statements beside the pages."""
    if app.builder.format == "html":
        app.config.html_static_path.append(str(STATIC))
        app.add_css_file(STYLE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the nodes, the places, the style and the choice of output."""
    blocks.setup(app)
    used_by.setup(app)
    app.add_transform(HideSource)
    app.add_post_transform(SetLarge)
    app.connect("config-inited", prefer_reports)
    # Before bce.book.extension adds the sheets that build on this one.
    app.connect("builder-inited", add_style, priority=90)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
