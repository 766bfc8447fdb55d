"""What the sources say, read and decided anew while the pages are rendered, whatever a cell printed.

The output of a cell is only a claim. It may stand on a page if the chapters hold the very cell that printed it, if
deciding that cell again gives the same header, rows and verdicts, and if the audit's judge shares every verdict.
"""

from __future__ import annotations

from collections.abc import Iterator

from sphinx.application import Sphinx

from bce.audit.score import complaint_about
from bce.reading.catalogue import Catalogue
from bce.reading.cells import Cell, ReadError, is_magic, read_cell
from bce.reporting.report import Report, StepReport, report
from bce.verdicts import Checked, check

#: At so many random points of its domain the judge looks at each proved step.
JUDGED_POINTS = 6

#: Prose moves a cell, and its output is kept as long as the cell says the same.
_PLACE = "line"


class Sources:
    """The chapters of a book: what each cell says, and what is decided about it.

    Parameters
    ----------
    catalogue : Catalogue
        All cells of the book, read from its files.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def complaints(self, shown: Report, file: str, source: str) -> Iterator[str]:
        """Yield what is wrong with a report.

        Parameters
        ----------
        shown : Report
            The output of a cell.
        file : str
            The chapter on whose page it stands, relative to the folder of the book.
        source : str
            The source of the cell that printed it.
        """
        name = shown.get("id")
        cell = self.catalogue.cells.get(str(name))
        if cell is not None and cell.file != file and _read(source, cell.id):
            yield f"duplicate id {name!r}: it already names a {cell.kind} in {cell.file}; choose another id"
            return
        if cell is None or cell.file != file or not _says(source, cell):
            yield f"this verdict on {name!r} was printed by a cell that is not the one with that id in {file}"
            return
        try:
            checked = check(self.catalogue.derivation(cell.id))
        except ReadError as error:
            yield f"{name}: this cell cannot be read: {error}"
            return
        yield from _differences(shown, report(checked))
        yield from _objections(checked)


def sources_of(app: Sphinx) -> Sources:
    """Return the sources of the book that is being built, read once in a build."""
    if not hasattr(app, "bce_checked_sources"):
        app.bce_checked_sources = Sources(Catalogue.of_book(app.srcdir))  # type: ignore[attr-defined]
    return app.bce_checked_sources  # type: ignore[attr-defined]


def _read(source: str, identifier: str) -> Cell | None:
    """Return the cell that a source is, if it is one of the two magics with this id."""
    if not is_magic(source):
        return None
    try:
        cell = read_cell(source.strip("\n").rstrip(), "cell")
    except ReadError:
        return None
    return cell if cell.id == identifier else None


def _says(source: str, known: Cell) -> bool:
    """Tell whether a source is one of the two magics, and says what a cell says."""
    cell = _read(source, known.id)
    return cell is not None and cell.content == known.content


def _differences(shown: Report, decided: Report) -> Iterator[str]:
    """Yield every part in which a shown report is not what its source gives."""
    yield from (f"{decided['id']}: {words}" for words in _parts_that_differ(shown, decided, "steps"))
    steps = shown.get("steps", [])
    if len(steps) != len(decided["steps"]):
        yield f"{decided['id']}: {len(steps)} steps are shown, the source has {len(decided['steps'])}"
    for one, other in zip(steps, decided["steps"], strict=False):
        yield from (f"{other['id']}: {words}" for words in _parts_that_differ(one, other))


def _parts_that_differ(shown: Report | StepReport, decided: Report | StepReport, *without: str) -> Iterator[str]:
    for part in sorted({*shown, *decided} - {_PLACE, *without}):
        if shown.get(part) != decided.get(part):
            yield f"the output says {part}: {shown.get(part)!r}, the source gives {decided.get(part)!r}"


def _objections(checked: Checked) -> Iterator[str]:
    """Yield what the audit's judge, who shares no line with the verifier but the trees, says against a verdict."""
    for step in checked.steps:
        complaint = complaint_about(checked.derivation.statement(step.row), step.verdict, points=JUDGED_POINTS)
        if complaint is not None:
            yield f"{checked.derivation.id}.{step.row.label}: the verifier and the audit's judge disagree: {complaint}"
