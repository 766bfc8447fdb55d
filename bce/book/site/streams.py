"""What a cell prints is one text, joined as it was written, however the kernel cut it on the way.

A kernel sends what is printed in pieces, and where it cuts depends on timing. MyST-NB joins the pieces with line breaks
of its own, and has no option for it.
"""

from __future__ import annotations

from typing import Any

from myst_nb.core import render
from myst_nb.core.utils import coalesce_streams
from sphinx.application import Sphinx


def joined(outputs: list[Any]) -> list[Any]:
    """Return a cell's outputs with one for each stream, in the place of its first piece.

    Examples
    --------
    >>> from nbformat.v4 import new_output
    >>> pieces = [new_output("stream", name="stdout", text=text) for text in ("one line", " and its rest")]
    >>> [output["text"] for output in joined(pieces)]
    ['one line and its rest']
    """
    kept: list[Any] = []
    streams: dict[str, Any] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
        elif output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
        else:
            streams[output["name"]] = output.copy()
            kept.append(streams[output["name"]])
    return kept


def _coalesce(outputs: list[Any]) -> list[Any]:
    found: list[Any] = coalesce_streams(joined(outputs))
    return found


def setup(app: Sphinx) -> None:
    """Let MyST-NB join what a cell printed as it was written."""
    render.coalesce_streams = _coalesce
