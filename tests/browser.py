"""A browser for the tests of the built pages, and a server that is as strict as a host can be."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from trial_book import PROJECT

PREFIX = "/a/sub-path/"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HOW_TO_INSTALL = (
    "no Chromium was found, so the pages cannot be tested. Install it (on Debian: apt install chromium), "
    "or set CHROME_PATH to the program of a Chromium or Chrome"
)


def chromium() -> str:
    """Return the path of the browser; without one fail if ``CI`` is set, else skip the test."""
    chosen = os.environ.get("CHROME_PATH")
    if chosen and not Path(chosen).is_file():
        pytest.fail(f"CHROME_PATH is {chosen!r}, which is no file; set it to the program of a Chromium or Chrome")
    found = chosen or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(_HOW_TO_INSTALL)
        pytest.skip(_HOW_TO_INSTALL)
    return found


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start the browser, and stop it in the end."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@contextmanager
def running_server(site: Path) -> Iterator[str]:
    """Serve the site below a sub-path, with the headers that the README recommends; give the start page's address."""
    server = _Server(("127.0.0.1", 0), partial(_Handler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    server.shutdown()
    thread.join()
    server.server_close()


def recommended_headers() -> dict[str, str]:
    """Read the headers out of the README, so that they are the ones that were tried."""
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^    ([A-Z][\w-]+): (.+)$", readme, re.MULTILINE))


class _Server(ThreadingHTTPServer):
    def handle_error(self, *where: object) -> None:
        """Say nothing of a browser that leaves a page and hangs up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*where)


class _Handler(SimpleHTTPRequestHandler):
    headers_of_readme = recommended_headers()

    def translate_path(self, path: str) -> str:
        inside = path.removeprefix(PREFIX)
        return super().translate_path("/" + inside) if inside != path else os.devnull + "/nothing"

    def end_headers(self) -> None:
        for name, value in self.headers_of_readme.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output free of requests."""


def page_names(site: Path) -> list[str]:
    """Name the pages that are there to be read, not those that only lead on to another one."""
    pages = (path for path in sorted(site.rglob("*.html")) if b'http-equiv="refresh"' not in path.read_bytes())
    names = [path.relative_to(site).as_posix() for path in pages]
    assert len(names) > 12
    return names


def listen(page: Page) -> list[str]:
    """Collect what goes wrong on a page: errors and warnings in its console, exceptions, requests that fail."""
    problems: list[str] = []
    page.on("console", lambda m: problems.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    # Leaving a page gives up what it still asks for, a picture below the fold perhaps: that is no failure.
    gone = "net::ERR_ABORTED"
    page.on("requestfailed", lambda r: None if r.failure == gone else problems.append(f"failed: {r.url}: {r.failure}"))
    page.on("response", lambda r: problems.append(f"status {r.status}: {r.url}") if r.status >= 400 else None)
    return problems
