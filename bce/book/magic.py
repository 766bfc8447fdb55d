"""The cell magics ``%%definition`` and ``%%derivation``, and the formulas they make available.

In a book's kernel the definitions of its other pages are read from their files.
In a notebook anywhere else, what was executed before is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import publish_display_data

from bce.numeric import compile_formula
from bce.reading.catalogue import Catalogue
from bce.reading.cells import KINDS, ReadError, read_cell
from bce.reporting.findings import problem_finding, step_findings
from bce.reporting.report import MIME_TYPE, report
from bce.verdicts import check

from .kernel.display import as_html, as_latex, as_text

_catalogue: Catalogue | None = None


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Register both magics with a running IPython."""
    for kind in KINDS:
        ipython.register_magic_function(_magic(kind), "cell", kind)  # type: ignore[arg-type]


def catalogue() -> Catalogue:
    """Return the book's catalogue, read once a session, with what was executed since."""
    global _catalogue
    if _catalogue is None:
        _catalogue = Catalogue.of_book()
    return _catalogue


def formula(identifier: str) -> Callable[..., Any]:
    """Compile the last right side of a derivation; see `bce.numeric.compile_formula`."""
    if identifier not in catalogue().cells:
        raise KeyError(f"no derivation or definition has the id {identifier!r}")
    return compile_formula(catalogue().derivation(identifier))


def _magic(kind: str) -> Callable[[str, str], None]:
    def run(line: str, body: str) -> None:
        _run(f"%%{kind} {line}\n{body}")

    return run


def _run(source: str) -> None:
    """Check one cell and show it; raise when a step did not turn out as expected."""
    try:
        cell = read_cell(source.rstrip(), "cell")
        known = catalogue().cells.get(cell.id)
        if known is not None and known.content == cell.content:
            cell = known  # it has its place in the chapter
        else:
            catalogue().replace(cell)
        checked = check(catalogue().derivation(cell.id))
    except ReadError as error:
        raise UsageError(str(problem_finding(error.problem))) from None
    data = report(checked)
    bundle = {
        MIME_TYPE: data,
        "text/html": as_html(data),
        "text/latex": as_latex(data),
        "text/plain": as_text(data),
    }
    publish_display_data(bundle)  # type: ignore[no-untyped-call]
    if not checked.as_expected:
        raise UsageError("\n".join(str(found) for found in step_findings(data)))
