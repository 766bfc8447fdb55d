"""The pages of the built site, each parsed once for all test modules of a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bs4 import BeautifulSoup, Tag


class SitePages(Mapping[str, BeautifulSoup]):
    """The pages by their names, such as ``chapters/gradient.html``. They are shared, so no test may change one."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
        self._parsed: dict[str, BeautifulSoup] = {}
        self._elements: dict[str, dict[str, Tag]] = {}

    def __getitem__(self, name: str) -> BeautifulSoup:
        if name not in self._parsed:
            if name not in self._names:
                raise KeyError(name)
            self._parsed[name] = BeautifulSoup((self._site / name).read_text(encoding="utf-8"), "html.parser")
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def element(self, name: str, identifier: str) -> Tag | None:
        """Return the element with an id, None if there is none; far quicker than a search in the page."""
        if name not in self._elements:
            # From the last to the first, so that of two elements with one id the first one stays.
            self._elements[name] = {tag["id"]: tag for tag in reversed(self[name].find_all(id=True))}
        return self._elements[name].get(identifier)

    def at(self, address: str) -> Tag | None:
        """Return the element at ``page.html#id``."""
        name, _, identifier = address.partition("#")
        return self.element(name, identifier)

    def read(self) -> dict[str, BeautifulSoup]:
        """Return the pages that are there to be read: the first one and the chapters."""
        names = ["index.html", *(name for name in self if name.startswith("chapters/"))]
        return {name: self[name] for name in names}
