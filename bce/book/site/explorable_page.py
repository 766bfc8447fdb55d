"""The directive ``{explorable}``: a drawn picture with sliders that wait for the script."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bce.book.places import Place, register_place
from bce.book.words.html import inline_html

from .explorables import EXPLORABLES, Axis, Curve, Explorable, Slider

# The whole picture and the rectangle of the curves in it, in the units of the SVG. The script reads the same numbers.
WIDTH, HEIGHT = 480, 300
LEFT, TOP, RIGHT, BOTTOM = 44, 32, 468, 252


class explorable(Place):  # noqa: N801 - docutils finds the writer of a node by its name
    """One explorable on a page."""


class ExplorableDirective(SphinxDirective):
    """Show an explorable by its name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the node; an unknown name is an error that says which there are."""
        name = self.arguments[0]
        if name not in EXPLORABLES:
            raise self.error(f"there is no explorable {name!r}; there are: {', '.join(EXPLORABLES)}")
        return [explorable(name=name)]


def figure(name: str) -> str:
    """Write an explorable as HTML."""
    shown = EXPLORABLES[name]
    sliders = "".join(_slider(name, slider) for slider in shown.sliders)
    legend = "".join(f'<li class="curve-{i}">{inline_html(text)}</li>' for i, text in enumerate(shown.legend, 1))
    inputs = " ".join(f"{name}-{slider.name}" for slider in shown.sliders)
    return (
        f'<figure class="explorable" id="explore-{name}" data-explorable="{name}">\n'
        f"<figcaption>{escape(shown.title)}</figcaption>\n"
        f'<div class="controls">{sliders}</div>\n'
        f'{_picture(shown)}\n<ul class="legend">{legend}</ul>\n'
        f'<output for="{inputs}">{escape(shown.readout(shown.start))}</output>\n'
        "</figure>\n"
    )


def _slider(name: str, slider: Slider) -> str:
    identifier = f"{name}-{slider.name}"
    return (
        f'<div><label for="{identifier}">{inline_html(slider.label)}</label>'
        f'<input type="range" id="{identifier}" name="{slider.name}" min="{slider.low:g}" max="{slider.high:g}" '
        f'step="{slider.step:g}" value="{slider.start:g}" autocomplete="off"></div>'
    )


def _picture(shown: Explorable) -> str:
    x, y = shown.horizontal, shown.vertical
    with np.errstate(divide="ignore", invalid="ignore"):
        curves = shown.curves(shown.grid(), shown.start)
    paths = "".join(f'<path class="curve-{i}" d="{path(shown, curve)}"/>' for i, curve in enumerate(curves, 1))
    across = _across(x, shown.position(shown.start))
    marks = "".join(
        f'<circle class="curve-{i}" cx="{across:.1f}" cy="{_up(y, at):.1f}" r="5"/>'
        for i, at in enumerate(shown.marks(shown.start), 1)
    )
    width, height = RIGHT - LEFT, BOTTOM - TOP
    area = f"{LEFT} {TOP} {width} {height}"
    return (
        f'<svg role="img" aria-label="{escape(shown.description)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" data-area="{area}" data-points="{shown.points}" '
        f'data-x="{x.low:g} {x.high:g}" data-y="{y.low:g} {y.high:g}">'
        f"{_axes(x, y)}"
        f'<svg x="{LEFT}" y="{TOP}" width="{width}" height="{height}" viewBox="{area}">{paths}{marks}</svg>'
        "</svg>"
    )


def _axes(x: Axis, y: Axis) -> str:
    """Draw grid lines with their numbers, and the names of the axes."""
    parts = []
    for tick in x.ticks:
        at = _across(x, tick)
        parts.append(f'<path class="grid" d="M{at:.1f} {TOP}V{BOTTOM}"/>')
        parts.append(f'<text x="{at:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{_tick(tick)}</text>')
    for tick in y.ticks:
        at = _up(y, tick)
        parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_tick(tick)}</text>')
    parts.append(f'<text x="{(LEFT + RIGHT) / 2:g}" y="{HEIGHT - 8}" text-anchor="middle">{x.label}</text>')
    parts.append(f'<text x="{LEFT}" y="{TOP - 14}">{y.label}</text>')
    return "".join(parts)


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def path(shown: Explorable, curve: Curve) -> str:
    """Join the points of a curve; heights far outside of the picture are cut, where there is no number is a gap.

    Examples
    --------
    >>> path(EXPLORABLES["coin-entropy"], np.array([1.5, np.nan, 0.0]))
    'M44.0 142.0M47.5 252.0'
    """
    parts, joined = [], False
    for across, height in zip(shown.grid(), curve, strict=False):
        if np.isnan(height):
            joined = False
            continue
        up = min(max(_up(shown.vertical, float(height)), -2.0 * HEIGHT), 2.0 * HEIGHT)
        parts.append(f"{'L' if joined else 'M'}{_across(shown.horizontal, float(across)):.1f} {up:.1f}")
        joined = True
    return "".join(parts)


def _across(axis: Axis, value: float) -> float:
    return LEFT + (RIGHT - LEFT) * (value - axis.low) / (axis.high - axis.low)


def _up(axis: Axis, value: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * (value - axis.low) / (axis.high - axis.low)


def load_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script on pages that have something to explore."""
    if doctree is not None and any(doctree.findall(explorable)):
        app.add_js_file("explorables.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    register_place(app, explorable, lambda builder, node: figure(node["name"]))
    app.add_directive("explorable", ExplorableDirective)
    # Before pages.py looks at the list of scripts.
    app.connect("html-page-context", load_script, priority=400)
