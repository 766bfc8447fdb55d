"""The browser that prints the book: which one it is, and what to install where there is none."""

from __future__ import annotations

import os
import shutil

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class NoBrowserError(Exception):
    """Chromium is needed and was not found; the message says how to install it."""


def browser() -> str:
    """Return the command that starts Chromium: ``CHROME_PATH``, or one that is installed."""
    for name in (os.environ.get("CHROME_PATH"), *_BROWSERS):
        if name and (found := shutil.which(name)):
            return found
    raise NoBrowserError("Chromium was not found. Install Debian's package `chromium`, or name yours in CHROME_PATH.")
