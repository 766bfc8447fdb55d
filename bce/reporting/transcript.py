"""The transcript of all verdicts: a text file under version control.

It says of each step what was decided, how, and from which normal forms. A new version of the verifier or of SymPy that
decides anything in another way then shows as a difference that a person can read.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bce.algebra.decide.prove import Case, cases
from bce.algebra.errors import AlgebraError
from bce.algebra.exact.describe import describe
from bce.algebra.statement import Statement
from bce.reading.catalogue import Catalogue
from bce.reading.files import book_argument
from bce.verdicts import Checked, Step, check_all

FILE = "verdicts.txt"
RENEW = "make verdicts"
_HEADER = f"""\
# The verdict of every step: verdict, digest of its normal forms, id, method.
# Made by `{RENEW}`; `make test` compares it with what the verifier says now.
"""


def transcript(checked: Iterable[Checked]) -> str:
    """Write down all verdicts, in the order of the chapters."""
    return _HEADER + "".join(f"{line}\n" for one in checked for line in _lines(one))


def _lines(checked: Checked) -> Iterator[str]:
    derivation = checked.derivation
    yield ""
    yield f"{derivation.id} ({derivation.kind}, {derivation.file})"
    for step in checked.steps:
        digest = normal_form_digest(derivation.statement(step.row))
        yield f"  {step.verdict.kind:8} {digest} {derivation.step_id(step.row)}: {_how(step)}"


def _how(step: Step) -> str:
    example = step.verdict.counterexample
    if example is None:
        return step.verdict.method or "; ".join(step.verdict.open)
    left, right = example.values
    return f"at {example.where()}: left {left}, right {right}"


def normal_form_digest(statement: Statement) -> str:
    """Hash the normal forms of both sides in every case of the domain.

    Returns
    -------
    str
        Twelve hexadecimal digits, the same on every machine and in every process.
    """
    try:
        text = "\n".join(map(_normal_forms, cases(statement)))
    except AlgebraError as error:
        text = str(error)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _normal_forms(case: Case) -> str:
    session, relation = case.session, case.session.statement.relation
    assumed = [f"{describe(element)}: {sorted(signs)}" for element, signs in case.assumptions]
    sides = [describe(session.element(side)) for side in (relation.left, relation.right)]
    return f"{sorted(session.labels.items())} {assumed} {sides}"


def difference(committed: str, current: str) -> str:
    """Return the lines that differ between two transcripts; an empty text if they are the same."""
    lines = difflib.unified_diff(
        committed.splitlines(), current.splitlines(), f"{FILE} (committed)", f"{FILE} (now)", lineterm="", n=1
    )
    return "\n".join(lines)


def book_transcript(folder: Path) -> str:
    """Check the book in a folder and return its transcript."""
    return transcript(check_all(Catalogue.of_book(folder)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew the transcript, and print what changed in it."""
    parser = argparse.ArgumentParser(prog="python -m bce.reporting.transcript", description=f"Renew {FILE}.")
    parser.add_argument("--folder", type=book_argument, default=".", help="the folder of the book (default: this one)")
    path = parser.parse_args(arguments).folder / FILE
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    now = book_transcript(path.parent)
    path.write_text(now, encoding="utf-8")
    print(difference(before, now) or f"{FILE} was up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
