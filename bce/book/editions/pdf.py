"""The PDF edition: all pages of the built site, in the order of the book, printed by Chromium.

It has the same formulas, step numbers and ids as the site. ``make pdf`` builds the site with it.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from bce.book.published.browser import browser
from bce.book.published.names import EDITION, SHEET
from bce.book.published.publication import Publication

_MOMENT = re.compile(rb"(/(?:CreationDate|ModDate) ?)\(D:\d{14}\+00'00'\)")
_STYLES = (SHEET, "print.css")


class PrintingError(Exception):
    """Chromium did not print the book."""


def single_page(site: Path, pages: Sequence[str], publication: Publication) -> str:
    """Return one page that holds all pages of a built site.

    Ids of definitions, derivations and steps stay what they are, for they are unique in the book; other ids get
    the name of their page in front.
    """
    parsed = {page: BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser") for page in pages}
    articles = {page: found for page, soup in parsed.items() if isinstance(found := soup.find("article"), Tag)}
    holders: dict[str, set[str]] = {}
    for page, article in articles.items():
        article.attrs.pop("id", None)  # the theme gives all articles the same
        for identifier in _ids(article):
            holders.setdefault(identifier, set()).add(page)
    unique = {identifier for identifier, found in holders.items() if len(found) == 1}
    for page, article in articles.items():
        _show_ids(parsed[page], article)
        _rename(article, page, unique)
        _relink(article, page, articles, unique, publication)
        _unfold(article)
    contents = "".join(f'<li><a href="#{_place(page)}">{_title(one)}</a></li>' for page, one in articles.items())
    body = "".join(f'<section class="chapter" id="{_place(page)}">{one}</section>' for page, one in articles.items())
    styles = "".join(f'<link rel="stylesheet" href="_static/{style}">' for style in _STYLES)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(publication.title)}</title>{styles}'
        f'</head><body data-theme="light" class="edition">{_title_page(publication)}<nav><h1>Contents</h1>'
        f"<ul>{contents}</ul></nav>{body}</body></html>"
    )


def _ids(article: Tag) -> Iterator[str]:
    for element in article.find_all(id=True):
        yield str(element["id"])


def _place(page: str) -> str:
    return f"page-{page.removesuffix('.html').replace('/', '-')}"


def _in_edition(page: str, identifier: str, unique: set[str]) -> str:
    return identifier if identifier in unique else f"{_place(page)}-{identifier}"


def _rename(article: Tag, page: str, unique: set[str]) -> None:
    for attribute in ("id", "for", "aria-labelledby", "aria-describedby"):
        for element in article.select(f"[{attribute}]"):
            element[attribute] = " ".join(_in_edition(page, one, unique) for one in str(element[attribute]).split())


def _relink(article: Tag, page: str, pages: dict[str, Tag], unique: set[str], publication: Publication) -> None:
    """Let links lead to places of the edition, and those to other files of the site to its published address."""
    folder = os.path.dirname(page)
    for element in article.find_all("img", src=True):
        element["src"] = os.path.normpath(os.path.join(folder, str(element["src"])))
    for link in article.find_all("a", href=True):
        path, _, fragment = str(link["href"]).partition("#")
        if ":" in path:
            continue
        target = os.path.normpath(os.path.join(folder, path)) if path else page
        if target in pages:
            link["href"] = f"#{_in_edition(target, unquote(fragment), unique) if fragment else _place(target)}"
        elif publication.url:
            link["href"] = publication.address(target)
        else:
            del link["href"]


def _show_ids(soup: BeautifulSoup, article: Tag) -> None:
    """Print the permanent ids, which a reader of the site sees in addresses."""
    for place, where in ((".statement[id]", ".statement-title"), (".step[id]", ".evidence > summary")):
        for element in article.select(place):
            if (holder := element.select_one(where)) is not None:
                code = soup.new_tag("code", attrs={"class": "printed-id"})
                code.string = str(element["id"])
                holder.append(code)


def _unfold(article: Tag) -> None:
    """Open what a reader of paper cannot: solutions and counterexamples. Leave out what only a screen can use."""
    for element in article.select("details.solution, details.evidence:has(.refuted), details.toggle"):
        element["open"] = ""
    for element in article.select(".cite, .notebook, .filter, .headerlink, script, .content-icon-container"):
        element.decompose()


def _title(article: Tag) -> str:
    heading = article.find("h1")
    return escape(heading.get_text().strip()) if isinstance(heading, Tag) else ""


def _title_page(publication: Publication) -> str:
    commit = f", commit {publication.commit}" if publication.commit else ""
    lines = [
        ", ".join(publication.authors),
        f"Version {publication.version}, {publication.date}{commit}",
        f"Every step decided by bce {publication.verifier} with SymPy {publication.sympy}",
        publication.url,
        publication.abstract,
    ]
    text = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return f'<header class="title-page"><h1>{escape(publication.title)}</h1>{text}</header>'


def print_site(site: Path, pages: Sequence[str], publication: Publication) -> Path:
    """Print a built site to a file beside its pages, and return that file.

    Parameters
    ----------
    site : Path
        The folder of the site.
    pages : sequence of str
        The pages to print, in their order.
    publication : Publication
        What the title page says. Its date is also that of the file.

    Raises
    ------
    NoBrowserError
        If Chromium is not installed.
    PrintingError
        If Chromium printed nothing; its own words are in the message.
    """
    command = browser()
    target = site / EDITION
    page = site / "print.html"
    page.write_text(single_page(site, pages, publication), encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory() as profile:
            options = [
                "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer",
                "--generate-pdf-document-outline", f"--print-to-pdf={target.resolve()}", page.resolve().as_uri(),
            ]  # fmt: skip
            run = subprocess.run([command, *options], capture_output=True, text=True, timeout=300, check=False)
    finally:
        page.unlink()
    if run.returncode != 0 or not target.is_file():
        raise PrintingError(f"Chromium printed nothing:\n{run.stderr}")
    target.write_bytes(_dated(target.read_bytes(), publication.date))
    return target


def _dated(content: bytes, date: str) -> bytes:
    """Put a date of the book, or none, in the place of the moment of printing; the lengths stay the same."""
    moment = (date.replace("-", "") or "19700101").encode() + b"000000+00'00'"
    return _MOMENT.sub(lambda found: found[1] + b"(D:" + moment + b")", content)
