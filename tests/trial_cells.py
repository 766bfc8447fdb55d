"""Cells of one row, for tests that ask what the verifier says of it."""

from __future__ import annotations

from functools import cache

from trial_book import PROJECT

from bce.reading.catalogue import Catalogue
from bce.reading.cells import ReadError, markdown_cells
from bce.reading.derivation import Derivation
from bce.verdicts import Checked, Verdict, check, check_all


def fence(cell: str) -> str:
    """Put a cell into the fence of a MyST chapter."""
    return f"```{{code-cell}} ipython3\n{cell.strip()}\n```\n\n"


def catalogue_of(*cells: str, file: str = "notes.md") -> Catalogue:
    return Catalogue(markdown_cells("".join(fence(cell) for cell in cells), file))


def definition(name: str, given: str, body: str, *, where: str = "", uses: str = "") -> str:
    return _cell("definition", name, given, body, where, uses)


def derivation(given: str, *rows: str, where: str = "", uses: str = "", name: str = "trial") -> str:
    return _cell("derivation", name, given, " \\\\\n".join(rows), where, uses)


def _cell(kind: str, name: str, given: str, body: str, where: str, uses: str) -> str:
    header = [f"%%{kind} {name}", f"title: {name.capitalize()}", f"given: {given}"]
    header += [f"where: {where}"] if where else []
    header += [f"uses: {uses}"] if uses else []
    return "\n".join([*header, "", body])


def trial(given: str, row: str, *definitions: str, where: str = "", by: str = "") -> Derivation:
    r"""Return a derivation of one row ``left \\relation right``, which uses all the definitions.

    Raises
    ------
    ReadError
        If one of the cells cannot be read.
    """
    uses = ", ".join(cell.split(maxsplit=2)[1] for cell in definitions)
    body = f"{row} && reason \\by{{{by}}}" if by else row
    catalogue = catalogue_of(*definitions, derivation(given, body, where=where, uses=uses))
    if catalogue.problems:
        raise ReadError(catalogue.problems[0])
    return catalogue.derivation("trial")


def decide(given: str, row: str, *definitions: str, where: str = "", by: str = "") -> Verdict:
    """Return the verdict on one row."""
    return check(trial(given, row, *definitions, where=where, by=by)).steps[0].verdict


@cache
def checked_book() -> list[Checked]:
    """Return all derivations and definitions of the book, checked once for all test modules of a process."""
    return list(check_all(Catalogue.of_book(PROJECT)))


def kinds(*cells: str) -> list[str]:
    """Return the kinds of all verdicts on some cells; nothing may be unreadable."""
    catalogue = catalogue_of(*cells)
    found = [step.verdict.kind for checked in check_all(catalogue) for step in checked.steps]
    assert not catalogue.problems, catalogue.problems
    return found


SIGMOID = definition("sigmoid", "x real", "\\sigma(x) = \\frac{1}{1 + e^{-x}}")
GAP = definition("gap", "t > 0", "\\mathrm{gap}(t) = t - 1 - \\log t")
ENTROPY = definition("entropy", "n positive integer; 0 < p_i <= 1", "H(p) = -\\sum_{i=1}^{n} p_i \\log p_i")
CROSS = definition(
    "cross", "n positive integer; 0 < p_i <= 1; 0 < q_i <= 1", "H(p, q) = -\\sum_{i=1}^{n} p_i \\log q_i"
)
