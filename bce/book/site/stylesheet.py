"""One style sheet for all pages: a browser paints nothing before it has every sheet, and each is a request.

The theme, the colours of code and the book's own sheets are joined in the order that Sphinx would link them in.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from furo import get_pygments_stylesheet
from sphinx.application import Sphinx

from bce.book.published.names import SHEET


def join_sheets(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Link the joined sheet in place of all others, and write it if it is not there as it should be."""
    ours = next(file for file in context["css_files"] if _name(file) == SHEET)
    others = sorted((file for file in context["css_files"] if file is not ours), key=lambda file: file.priority)
    static = Path(app.outdir, "_static")
    # MyST-NB's sheet has hundreds of colours that no cell of the book prints in; what its cells need is in book.css.
    names = [name for name in map(_name, others) if not name.startswith("mystnb.")]
    joined = "\n".join(_rules(static, name) for name in names)
    sheet = static / SHEET
    if not sheet.is_file() or sheet.read_text(encoding="utf-8") != joined:
        sheet.write_text(joined, encoding="utf-8")
    context["css_files"] = [ours]


def _name(file: Any) -> str:
    return os.fspath(file.filename).removeprefix("_static/")


def _rules(static: Path, name: str) -> str:
    # The theme writes its colours of code, for both schemes, after the pages.
    text = get_pygments_stylesheet() if name == "pygments.css" else (static / name).read_text(encoding="utf-8")
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text).strip()


def _add_sheet(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.add_css_file(SHEET)


def setup(app: Sphinx) -> None:
    """Come after all that adds sheets."""
    app.connect("builder-inited", _add_sheet)
    app.connect("html-page-context", join_sheets, priority=900)
