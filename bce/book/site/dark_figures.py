"""Each drawn figure in two renderings, for light and for dark pages, with its size said beforehand.

Matplotlib draws once, with letters as text. Both renderings are that drawing: one as it is, one with its inks exchanged
for lighter ones of the same hue. The theme shows the one that fits the page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif"

# Each ink of bce.book.kernel.figures with the one that takes its place on a dark page.
DARK_INKS = {
    "#000000": "#d4d4d4",
    "#ffffff": "#131416",
    "#808080": "#9a9a9a",
    "#0072b2": "#5bb0f0",
    "#d55e00": "#ff9a56",
    "#009e73": "#44d1a4",
    "#cc79a7": "#eda9cd",
    "#e69f00": "#f5c451",
    "#56b4e9": "#a9deff",
}
_PIXELS_PER_POINT = 4 / 3
# A drawing wider than this, in CSS pixels, has letters that would be too small if a phone shrank it to its own width.
_WIDE = 640


class drawing(nodes.image):  # noqa: N801 - docutils finds the writer of a node by its name, in lower case
    """An image that says its size, and is fetched when the reader comes near it."""


class DrawForBothSchemes(SphinxTransform):
    """Replace every SVG that a cell has drawn by its two renderings."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Write both renderings beside the drawing, and show them in its place."""
        for image in list(self.document.findall(nodes.image)):
            source = Path(self.env.srcdir, image["uri"].lstrip("/"))
            if not isinstance(image, drawing) and source.suffix == ".svg" and "jupyter_execute" in source.parts:
                image.replace_self(_renderings(image, source))


def _renderings(image: nodes.image, source: Path) -> list[drawing]:
    light = with_site_font(source.read_text(encoding="utf-8"))
    width, height = _size(light)
    shown = []
    for scheme, svg in (("light", light), ("dark", in_dark_inks(light))):
        target = source.with_name(f"{source.stem}-{scheme}.svg")
        target.write_text(svg, encoding="utf-8")
        uri = image["uri"].removesuffix(source.name) + target.name
        classes = [*image["classes"], f"only-{scheme}", *(["wide"] if width > _WIDE else [])]
        shown.append(drawing(uri=uri, alt=image.get("alt", ""), classes=classes, width=width, height=height))
    return shown


def with_site_font(svg: str) -> str:
    """Set the letters of a drawing in the font of the pages.

    Examples
    --------
    >>> with_site_font('<text style="font: italic 11px DejaVu Sans; fill: #000">p</text>').split(",")[0]
    '<text style="font: italic 11px system-ui'
    """
    return re.sub(r"(font: [^;\"]*?[\d.]+px) [^;\"]+", rf"\1 {FONT}", svg)


def in_dark_inks(svg: str) -> str:
    """Exchange the inks of a drawing for those of a dark page.

    Examples
    --------
    >>> in_dark_inks('<svg><g style="stroke: #0072b2"/></svg>')
    '<svg fill="#d4d4d4"><g style="stroke: #5bb0f0"/></svg>'
    """
    exchanged = re.sub(r"#[0-9a-f]{6}\b", lambda ink: DARK_INKS.get(ink[0], ink[0]), svg)
    # Letters without an ink of their own are black unless the drawing says otherwise.
    return exchanged.replace("<svg", f'<svg fill="{DARK_INKS["#000000"]}"', 1)


def _size(svg: str) -> tuple[int, int]:
    """Read the size of a drawing in CSS pixels."""
    found = re.search(r'<svg\b[^>]*?\bwidth="([\d.]+)pt" height="([\d.]+)pt"', svg)
    if found is None:
        raise ValueError("the SVG of a figure states no width and height in points; draw it with Matplotlib")
    width, height = (round(float(length) * _PIXELS_PER_POINT) for length in found.groups())
    return width, height


def visit_drawing(translator: HTML5Translator, node: drawing) -> None:
    """Write the image element."""
    images = translator.builder.images
    uri = f"{translator.builder.imgpath}/{images[node['uri']]}" if node["uri"] in images else node["uri"]
    sizes = {"width": str(node["width"]), "height": str(node["height"])}
    translator.body.append(
        translator.emptytag(node, "img", "\n", src=uri, alt=node["alt"], loading="lazy", decoding="async", **sizes)
    )


def depart_drawing(translator: HTML5Translator, node: drawing) -> None:
    """Write nothing: an image has no end."""


def setup(app: Sphinx) -> None:
    """Register the transform, and the node for pages; other formats take the first rendering as any image."""
    app.add_node(drawing, html=(visit_drawing, depart_drawing))
    app.add_transform(DrawForBothSchemes)
