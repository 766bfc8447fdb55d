"""Short links that last: ``d/<id>/`` leads to the place of an id, whichever page it stands on now.

They are static pages, so they work on any host and from a file. A retired id leads to the list of retired ids, which
says why it was retired and what replaces it.
"""

from __future__ import annotations

import os
import shutil
from html import escape
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from bce.book.domain import derivation_domain
from bce.book.published import identifiers

FOLDER = "d"

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={address}">
<title>{title}</title>
<h1>{title}</h1>
<p><a href="{address}">Continue to {identifier}</a></p>
</html>
"""


def short_link(identifier: str) -> str:
    """Return the permanent address of an id, below the address of the book."""
    return f"{FOLDER}/{identifier}/"


def use_retired_ids(app: Sphinx, config: Config) -> None:
    """Let every page know which ids are retired."""
    listed = identifiers.read(Path(app.srcdir) / identifiers.FILE)
    config.bce_retired = {
        entry.id: (entry.kind, entry.retired, entry.reason, identifiers.final_replacement(listed, entry.id) or "")
        for entry in listed.values()
        if entry.retired
    }


def targets(env: BuildEnvironment) -> dict[str, tuple[str, str, str]]:
    """Return document, anchor and title of every id that has a short link."""
    entries = derivation_domain(env).entries
    return {i: (e.docname, e.anchor, e.text) for i, e in sorted(entries.items()) if not e.is_alias}


def write_redirects(app: Sphinx, exception: Exception | None) -> None:
    """Write one small page for each id, and remove those of ids that never were."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir) / FOLDER
    wanted = targets(app.env)
    for identifier, (docname, anchor, title) in wanted.items():
        page = folder / identifier / "index.html"
        target = os.path.relpath(app.builder.get_target_uri(docname), f"{FOLDER}/{identifier}").replace(os.sep, "/")
        text = _PAGE.format(
            address=escape(f"{target}#{anchor}"), identifier=escape(identifier),
            title=escape(f"{title[:1].upper()}{title[1:]}"),
        )  # fmt: skip
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    for old in folder.iterdir() if folder.is_dir() else ():
        if old.name not in wanted:
            shutil.rmtree(old)


def setup(app: Sphinx) -> None:
    """Read the list of ids before any page, and write the redirects after all of them."""
    app.connect("config-inited", use_retired_ids)
    app.connect("build-finished", write_redirects)
