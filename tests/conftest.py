"""Fixtures: the real book, built once, and trial books of a page or two."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from trial_book import PROJECT, TrialBook, build_book

# A machine that is busy with something else makes no test fail.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def trial_book(tmp_path: Path) -> TrialBook:
    """An empty trial book."""
    return TrialBook(tmp_path)


@pytest.fixture(scope="session")
def site(report_progress: Callable[[str], None]) -> Path:
    """The folder of the real book's pages, built now if it is not up to date."""
    report_progress("building the book …")
    folder = PROJECT / "_build"
    folder.mkdir(exist_ok=True)
    # Processes that test side by side build one after the other; all but the first have nothing to do.
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = build_book(PROJECT)
    assert build.succeeded, build.output
    return folder / "html"


@pytest.fixture(scope="session")
def report_progress(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line past pytest's capture, for work that takes long."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def report(message: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{message}", flush=True)

    return report
