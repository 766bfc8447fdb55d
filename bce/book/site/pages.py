"""What every page has beside its text: a policy for its content, a title, a description, an icon; and the site's files.

The pages forbid scripts and styles inside themselves, and anything from elsewhere. Templates of this package replace
those of the theme that would need such an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from docutils import nodes
from sphinx.application import Sphinx

from bce.book.words.html import shown

from .theme_repairs import repair

TEMPLATES = Path(__file__).parents[1] / "templates"
FONT = "_static/fonts/book-math.woff2"
ICON = "_static/icon.svg"

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the theme's icons stand in its style sheet
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    ]
)
"""The Content-Security-Policy of every page. A host may send it as a header as well."""

_OTHER_DESCRIPTIONS = {
    "search": "Search the book Binary Cross-Entropy, Proved: its text, its formulas' names and the ids of its steps.",
    "404": "This page does not exist. Start again from the contents of Binary Cross-Entropy, Proved.",
    "genindex": "All terms of the book Binary Cross-Entropy, Proved, in alphabetical order.",
}
_SHORTEST = 70
_LONGEST = 250


def describe(doctree: nodes.document) -> str:
    """Return a page's first sentences as its description, without those that hold formulas if others suffice."""
    # A derivation may stand between the title and the paragraphs; its own paragraphs have classes.
    paragraphs = [
        p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section) and not p["classes"]
    ]
    plain, every = "", ""
    for paragraph in paragraphs[:3]:
        for sentence, has_formula in _sentences(paragraph):
            every = _join(every, sentence)
            if not has_formula:
                plain = _join(plain, sentence)
    return plain if len(plain) >= _SHORTEST else every


def _join(text: str, sentence: str) -> str:
    if text and len(text) + len(sentence) > _LONGEST:
        return text
    return f"{text} {sentence}".strip()


def _sentences(paragraph: nodes.paragraph) -> Iterator[tuple[str, bool]]:
    """Split a paragraph's words; a formula is marked by a character that no text holds."""
    text = "".join(
        f"\0{shown(leaf.astext())}\0" if isinstance(leaf.parent, nodes.math) else leaf.astext()
        for leaf in paragraph.findall(nodes.Text)
    )
    for sentence in re.split(r"(?<=[.?!])\s+", " ".join(text.split())):
        yield sentence.replace("\0", ""), "\0" in sentence


def page_context(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page its own title, description, policy and icon."""
    site = app.config.html_title or app.config.project
    title = re.sub(r"<[^>]*>", "", context.get("title") or "")
    is_start = pagename == app.config.root_doc
    context["page_title"] = site if is_start or not title else f"{title} · {site}"
    if pagename == "404":
        _use_addresses_from_the_root(app, context)
    description = _OTHER_DESCRIPTIONS.get(pagename, f"{title}: {site}") if doctree is None else describe(doctree)

    def address(path: str) -> str:
        return escape(context["pathto"](path, resource=True))

    # Sphinx adds a second viewport; one is enough.
    metatags = re.sub(r'<meta name="viewport"[^>]*>\n?', "", context.get("metatags", ""))
    context["metatags"] = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n{metatags}'
    context["repair"] = repair
    if pagename != "search":
        # They mark the words that were searched for, in drawings and formulas too, and break these.
        context["script_files"] = [file for file in context["script_files"] if not _belongs_to_the_search(file)]
    context["page_head"] = (
        f'<meta name="description" content="{escape(description)}">\n'
        f'    <link rel="icon" type="image/svg+xml" href="{address(ICON)}">\n'
        f'    <script src="{address("_static/early.js")}" data-font="{address(FONT)}"></script>'
    )


def _belongs_to_the_search(script: Any) -> bool:
    name = Path(str(getattr(script, "filename", script))).name
    return name in ("documentation_options.js", "doctools.js", "sphinx_highlight.js")


def _use_addresses_from_the_root(app: Sphinx, context: dict[str, Any]) -> None:
    """Start links at the site's root, if its address is known: a host shows this page at any depth."""
    root = urlsplit(app.config.html_baseurl or "").path
    relative = context["pathto"]
    context["pathto"] = lambda *arguments, **options: urljoin(root, relative(*arguments, **options))
    context["content_root"] = root or context["content_root"]


def other_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Add the page that a host shows for an address that leads nowhere."""
    yield "404", {"title": "Page not found"}, "404.html"


def write_site_files(app: Sphinx, exception: Exception | None) -> None:
    """List the pages for search engines."""
    if exception is not None or app.builder.name not in ("html", "dirhtml"):
        return
    base = app.config.html_baseurl or ""
    pages = sorted(app.builder.get_target_uri(name) for name in app.env.found_docs)
    entries = "".join(f"  <url><loc>{escape(urljoin(base, page))}</loc></url>\n" for page in pages)
    (Path(app.outdir) / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n',
        encoding="utf-8",
    )
    sitemap = f"Sitemap: {urljoin(base, 'sitemap.xml')}\n" if base else ""
    (Path(app.outdir) / "robots.txt").write_text(f"User-agent: *\nDisallow:\n{sitemap}", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Let this package's templates come before the theme's."""
    app.connect("config-inited", lambda _, config: config.templates_path.append(str(TEMPLATES)))
    app.connect("html-page-context", page_context)
    app.connect("html-collect-pages", other_pages)
    app.connect("build-finished", write_site_files)
