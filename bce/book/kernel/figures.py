"""The style of the book's figures: SVG, colours that colour-blind readers can tell apart, the same file every time.

``%load_ext bce.book`` applies it; a cell then only imports Matplotlib and draws. Give each figure a text alternative
in its cell's metadata (``mystnb: image: alt: …``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cycler import cycler

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# Okabe and Ito's palette without its yellow, which is too light for a line on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

STYLE = {
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=COLORS, linestyle=["-", "--", "-.", ":", "-", "--"]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    # The page shows through; for a dark page the inks are exchanged (see bce.book.site.dark_figures).
    "figure.facecolor": "none",
    "figure.figsize": (5.4, 3.4),
    "font.size": 11.0,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "mathtext.fontset": "dejavusans",
    # Identifiers inside the file do not change from build to build.
    "svg.hashsalt": "bce",
    # Letters stay letters, so that the page's font draws them.
    "svg.fonttype": "none",
}


def use_style(ipython: InteractiveShell) -> None:
    """Let Matplotlib's inline figures follow the book's style, without importing Matplotlib now."""
    settings = {
        "figure_formats": {"svg"},
        "print_figure_kwargs": {"bbox_inches": "tight", "metadata": {"Date": None}},
        "rc": STYLE,
    }
    for name, value in settings.items():
        setattr(ipython.config.InlineBackend, name, value)
