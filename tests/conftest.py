"""Fixtures: the real book, built once, trial books of a page or two, and a notebook."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import running_browser, running_server
from hypothesis import settings
from playwright.sync_api import Browser
from site_pages import SitePages
from trial_book import PROJECT, TrialBook, build_book
from trial_notebook import Notebook, running_notebook

from bce.book.published.freshness import is_fresh
from bce.losses import _engine

# A machine that is busy with something else makes no test fail.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def trial_book(tmp_path: Path) -> TrialBook:
    """An empty trial book."""
    return TrialBook(tmp_path)


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A running notebook in a folder of its own."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    monkeypatch.chdir(tmp_path)
    with running_notebook() as running:
        yield running


@pytest.fixture(scope="session")
def site(report_progress: Callable[[str], None]) -> Path:
    """The folder of the real book's pages, built now if it is not up to date."""
    report_progress("building the book …")
    folder = PROJECT / "_build"
    folder.mkdir(exist_ok=True)
    # Processes that test side by side build one after the other; all but the first have nothing to do.
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_fresh(PROJECT):
            build = build_book(PROJECT)
            assert build.succeeded, build.output
    return folder / "html"


@pytest.fixture(scope="session")
def pages(site: Path) -> SitePages:
    """The pages of the real book, parsed when they are asked for."""
    return SitePages(site)


@pytest.fixture(scope="session")
def report_progress(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line past pytest's capture, for work that takes long."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def report(message: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{message}", flush=True)

    return report


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address at which the real book is served."""
    with running_server(site) as start:
        yield start


@pytest.fixture(scope="module")
def browser(site: Path) -> Iterator[Browser]:
    """A browser, started when the book is built."""
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module", params=["compiled", "reference"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a module's tests once with each engine of the losses."""
    evaluate = _engine.evaluate
    if request.param == "compiled" and not _engine.note.startswith("compiled"):
        pytest.skip(_engine.note)
    if request.param == "reference":
        _engine.evaluate = _engine.reference
    yield request.param
    _engine.evaluate = evaluate
