"""A notebook for tests: cells run one after another in an IPython shell with the book's magics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from bce.book import magic
from bce.reporting.report import MIME_TYPE


@dataclass
class Notebook:
    """A running shell: cells go in, reports and errors come out."""

    shell: InteractiveShell

    def run(self, source: str) -> dict:
        """Return the report of a cell, with what it raised under "error"."""
        with capture_output() as shown:
            result = self.shell.run_cell(source)
        reports = [output.data[MIME_TYPE] for output in shown.outputs if MIME_TYPE in output.data]
        report = reports[0] if reports else {"steps": []}
        return report | {"error": result.error_in_exec}

    def verdicts(self, source: str) -> list[str]:
        """Return the verdict of every step of a cell."""
        return [step["verdict"] for step in self.run(source)["steps"]]


@contextmanager
def running_notebook() -> Iterator[Notebook]:
    """Start a shell that knows no cells yet, and end it."""
    magic._catalogue = None
    shell = InteractiveShell.instance()
    magic.load_ipython_extension(shell)
    try:
        yield Notebook(shell)
    finally:
        InteractiveShell.clear_instance()
        magic._catalogue = None
