"""How to cite the book, a derivation or one of its steps: plain text, BibTeX and CSL-JSON.

A citation says what was proved, when, and by what. It stands in a disclosure that needs no JavaScript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from html import escape, unescape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.docutils import SphinxDirective

from bce.book.domain import derivation_domain
from bce.book.places import register_place
from bce.book.published.publication import Publication
from bce.book.statements.nodes import cite
from bce.book.words.text import plain_text, rewrite
from bce.reporting.report import Report, StepReport
from bce.verdicts import VerdictKind

from .publication import publication_of
from .redirects import short_link

CITE_BOOK = "cite-book"

_TEX_SPECIALS = re.compile(r"[&%#_{}]")

#: Before "by bce …". A book with a step that is not as expected is not built, so none is cited.
_VERDICTS: dict[VerdictKind, str] = {
    "proved": "proved",
    "defined": "defined, and shown to have a value on its whole domain,",
    "refuted": "refuted, as expected,",
}


@dataclass(frozen=True)
class Citation:
    """A part of the book that somebody cites; without an id, the whole book.

    ``title`` may hold ``$…$`` formulas. ``verdict`` is in words, such as "proved".
    """

    publication: Publication
    id: str = ""
    title: str = ""
    verdict: str = ""

    @property
    def url(self) -> str:
        """The permanent address; empty as long as the book has none."""
        return self.publication.url and self.publication.address(short_link(self.id) if self.id else "")

    @property
    def note(self) -> str:
        """What was decided, and by which programs; the id, which never changes."""
        programs = f"bce {self.publication.verifier} with SymPy {self.publication.sympy}"
        commit = f"commit {self.publication.commit}" if self.publication.commit else ""
        verdict = f"{self.verdict} by {programs}" if self.verdict else f"every step decided by {programs}"
        parts = [f"id {self.id}" if self.id else "", verdict, commit]
        return "; ".join(part for part in parts if part)

    def plain(self) -> str:
        """Return one line of plain text."""
        book = self.publication
        work = f"{book.title}, version {book.version}"
        title = f"“{plain_text(self.title)}”. In: {work}" if self.title else work
        parts = [" and ".join(book.authors), title, book.date, _sentence(self.note), self.url]
        return " ".join(f"{part}." if part != self.url else part for part in parts if part)

    def bibtex(self) -> str:
        """Return a BibTeX entry that BibTeX and Biber read alike."""
        book = self.publication
        year, month = [*book.date.split("-"), "", ""][:2]
        of_date = f" of {book.date}" if book.date else ""
        fields = {
            "author": " and ".join(f"{{{_tex(author)}}}" for author in book.authors),
            "title": f"{{{_tex(self.title or book.title)}}}",
            "howpublished": _tex(f"{book.title}, version {book.version}{of_date}") if self.title else "",
            "version": book.version,
            "year": year,
            "month": month.lstrip("0"),
            "url": self.url,
            "note": _tex(_sentence(self.note)),
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{self.key},", *lines, "}"])

    @property
    def key(self) -> str:
        """The key of the entry in somebody's bibliography."""
        return f"bce:{self.id}" if self.id else "bce"

    def csl(self) -> str:
        """Return CSL-JSON, the format of Zotero, Pandoc and citeproc."""
        book = self.publication
        item: dict[str, Any] = {
            "id": self.key,
            "type": "chapter" if self.title else "book",
            "title": plain_text(self.title or book.title),
            "container-title": book.title if self.title else "",
            "author": [{"literal": author} for author in book.authors],
            "version": book.version,
            "issued": {"date-parts": [[int(part) for part in book.date.split("-")]]} if book.date else "",
            "URL": self.url,
            "note": _sentence(self.note),
        }
        return json.dumps([{key: value for key, value in item.items() if value}], ensure_ascii=False)


def cite_statement(publication: Publication, report: Report) -> Citation:
    """Return the citation of a definition or a derivation."""
    total = len(report["steps"])
    refuted = sum(step["verdict"] == "refuted" for step in report["steps"])
    if report["kind"] == "definition":
        verdict = _VERDICTS["defined"]
    elif refuted:
        verdict = f"{total - refuted} of {total} steps proved, {refuted} refuted as expected,"
    else:
        verdict = f"all {total} steps proved" if total > 1 else "proved"
    return Citation(publication, report["id"], report["title"], verdict)


def cite_step(publication: Publication, report: Report, step: StepReport) -> Citation:
    """Return the citation of one step."""
    title = f"Step {step['step']} of {report['title']}"
    return Citation(publication, step["id"], title, _VERDICTS[step["verdict"]])


def _tex(text: str) -> str:
    """Escape what TeX would take for a command, outside of formulas."""
    return rewrite(text, words=partial(_TEX_SPECIALS.sub, r"\\\g<0>"), formula="${}$".format)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


# The disclosure -----------------------------------------------------------------------------------------------------


def write_citation(builder: StandaloneHTMLBuilder, node: cite) -> str:
    """Write the disclosure; for the whole book, only what would be in it."""
    publication = publication_of(builder.config)
    if not node.get("derivation"):
        return _formats(Citation(publication), "")
    _, report = derivation_domain(builder.env).reports[node["derivation"]]
    if node.get("step"):
        citation = cite_step(publication, report, report["steps"][node["step"] - 1])
        what = f"step {node['step']} of {plain_text(report['title'])}"
    else:
        citation = cite_statement(publication, report)
        what = plain_text(report["title"])
    link = builder.get_relative_uri(builder.current_docname, builder.config.root_doc)
    link = f"{link.rpartition('/')[0]}/" if "/" in link else ""
    return (
        f'<details class="cite"><summary>Cite<span class="visually-hidden"> {escape(what)}</span></summary>\n'
        f"{_formats(citation, f'{link}{short_link(citation.id)}index.html')}</details>\n"
    )


def _formats(citation: Citation, link: str) -> str:
    address = escape(citation.url or short_link(citation.id))
    permanent = f'<p>Permanent link: <a href="{escape(link)}">{address}</a></p>\n'
    return (permanent if link else "") + "".join(
        f'<p class="cite-format">{name}</p>\n<pre class="cite-text">{escape(text, quote=False)}</pre>\n'
        for name, text in (("Text", citation.plain()), ("BibTeX", citation.bibtex()), ("CSL-JSON", citation.csl()))
    )


class CiteBook(SphinxDirective):
    """The directive ``{cite-book}``: how to cite the whole book."""

    def run(self) -> list[nodes.Node]:
        """Keep the place; what is cited is known when the page is written."""
        derivation_domain(self.env).note_overview(CITE_BOOK)
        return [cite()]


# What every page says of itself ---------------------------------------------------------------------------------------


def page_metadata(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Add what search engines, reference managers and link previews read."""
    publication = publication_of(app.config)
    is_book = pagename == app.config.root_doc
    titles = app.env.titles
    title = titles[pagename].astext() if pagename in titles else str(context.get("title") or pagename)
    title = publication.title if is_book else title
    url = publication.url and publication.address(app.builder.get_target_uri(pagename))
    named = {
        "citation_title": [title],
        "citation_author": list(publication.authors),
        "citation_publication_date": [publication.date.replace("-", "/")],
        "citation_inbook_title": [] if is_book else [publication.title],
        "citation_language": ["en"],
        "citation_keywords": ["; ".join(publication.keywords)],
        "citation_public_url": [url],
    }
    properties = {
        "og:title": title,
        "og:type": "book" if is_book else "article",
        "og:site_name": publication.title,
        "og:description": _description(context) or publication.abstract,
        "og:locale": "en",
        "og:url": url,
    }
    tags = [
        *(_meta("name", name, content) for name, contents in named.items() for content in contents if content),
        *(_meta("property", name, content) for name, content in properties.items() if content),
        _json_ld(publication, title, url, is_book),
    ]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags) + "\n"


def _meta(attribute: str, name: str, content: str) -> str:
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def _description(context: Mapping[str, Any]) -> str:
    """Return the page's own description, if something before gave it one."""
    found = re.search(r'<meta name="description" content="([^"]*)"', str(context.get("page_head", "")))
    return "" if found is None else unescape(found[1])


def _json_ld(publication: Publication, title: str, url: str, is_book: bool) -> str:
    book = {
        "@type": "Book",
        "name": publication.title,
        "author": [{"@type": "Organization", "name": author} for author in publication.authors],
        "version": publication.version,
        "datePublished": publication.date,
        "abstract": publication.abstract,
        "keywords": list(publication.keywords),
        "license": publication.license,
        "inLanguage": "en",
        "url": publication.url,
    }
    book = {key: value for key, value in book.items() if value}
    part = {"@type": "Chapter", "name": title, "url": url, "isPartOf": {"@type": "Book", "name": publication.title}}
    item = book if is_book else {key: value for key, value in part.items() if value}
    text = json.dumps({"@context": "https://schema.org", **item}, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def setup(app: Sphinx) -> None:
    """Register the disclosure, the directive and the metadata."""
    register_place(app, cite, write_citation)
    app.add_directive(CITE_BOOK, CiteBook)
    # After bce.book.site.pages, which gives each page its description.
    app.connect("html-page-context", page_metadata, priority=600)
