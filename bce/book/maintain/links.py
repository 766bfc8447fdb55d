"""Ask every address that the built pages link to whether it still leads anywhere: ``make links``.

Only an answer that is certain is a failure: that there is nothing (404, 410), or no such host. A host that refuses
programs, or is out of order today, is named and no more.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urldefrag
from urllib.request import Request, urlopen

from bce.book.published.freshness import SITE
from bce.reading.files import book_argument

_GONE = (404, 410)
_AT_A_TIME = 8
_SECONDS = 30
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; link check)", "Accept": "*/*"}


class _Links(HTMLParser):
    """Collects what a page links to, apart from what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an address on another host."""
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith(("http://", "https://")):
            self.found.add(urldefrag(address).url)


def addresses(site: Path) -> dict[str, list[str]]:
    """Return every address on another host, with the pages that link to it."""
    found: dict[str, list[str]] = defaultdict(list)
    for page in sorted(site.rglob("*.html")):
        links = _Links()
        links.feed(page.read_text(encoding="utf-8"))
        for address in sorted(links.found):
            found[address].append(page.relative_to(site).as_posix())
    return dict(sorted(found.items()))


def ask(address: str) -> tuple[bool, str]:
    """Return whether an address is certainly gone, and what was answered; nothing if all is well."""
    try:
        with urlopen(Request(address, headers=_HEADERS), timeout=_SECONDS):
            return False, ""
    except HTTPError as error:
        return error.code in _GONE, f"{error.code} {error.reason}"
    except URLError as error:
        return isinstance(error.reason, socket.gaierror), str(error.reason)
    except (OSError, ValueError) as error:
        return False, str(error) or type(error).__name__


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what does not answer; return 1 if something is gone."""
    parser = argparse.ArgumentParser(
        prog="python -m bce.book.maintain.links", description="Check links to other hosts."
    )
    parser.add_argument("--folder", type=book_argument, default=".", help="the folder of the book (default: this one)")
    site = parser.parse_args(arguments).folder / SITE
    if not site.is_dir():
        parser.error(f"{site}: no site here; build it first with `make book`")
    linked = addresses(site)
    with ThreadPoolExecutor(_AT_A_TIME) as asked:
        answers = dict(zip(linked, asked.map(ask, linked), strict=True))
    for address, (is_gone, words) in answers.items():
        if words:
            print(
                f"{'gone' if is_gone else 'no answer'}: {address}: {words} (linked from {', '.join(linked[address])})"
            )
    count = sum(is_gone for is_gone, _ in answers.values())
    print(f"{len(linked)} addresses, {count} of them gone")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
