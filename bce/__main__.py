"""The command line: ``bce check [PATH …]``."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from . import __version__

if TYPE_CHECKING:
    from bce.reading.catalogue import Catalogue

    from .verdicts import Checked

AS_EXPECTED, NOT_AS_EXPECTED, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    0: every step turned out as expected. 1: something is refuted, unproved, or a mistake
    that is true. 2: unreadable input, nothing to decide, or bad usage.
    """
    options = _parser().parse_args(arguments)
    return _check(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bce", description="Prove the derivations of a text, step by step.")
    parser.add_argument("--version", action="version", version=f"bce {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="prove or refute every derivation in Markdown, LaTeX and notebooks",
        description="Prove or refute every step of the %%derivation and %%definition cells in Markdown and "
        "notebooks, and of the formulas that a comment 'bce: …' marks there or in LaTeX.",
        epilog="exit codes: 0 all as expected, 1 something refuted or unproved, "
        "2 unreadable input, nothing to decide, or bad usage",
    )
    paths = check.add_argument("paths", nargs="*", default=["."], metavar="PATH")
    paths.help = "files or folders (default: this folder)"
    formats = ("text", "json", "github", "sarif")
    check.add_argument("--format", choices=formats, default="text", help="what to print (default: text)")
    check.add_argument(
        "--domain", metavar="GIVEN", help="a domain for all marked formulas, such as 'x real; 0 < z < 1'"
    )
    check.add_argument(
        "--allow-empty",
        action="store_true",
        help="exit with 0 if the files hold nothing to decide, as for a commit hook",
    )
    check.add_argument("--explain", metavar="STEP", help="show all about one step, such as gradient.3")
    return parser


def _check(options: argparse.Namespace) -> int:
    # Hardly anything here refers back to itself: looking for such garbage often costs more than it frees.
    gc.set_threshold(100_000, 50, 50)
    from bce.reading.catalogue import Catalogue
    from bce.reading.files import UnreadablePath
    from bce.reporting.findings import findings
    from bce.reporting.formats import as_github, as_json, as_sarif, as_text, source_lines, summary
    from bce.reporting.report import is_as_expected, report

    try:
        catalogue = Catalogue.read(options.paths, given=options.domain, allow_empty=options.allow_empty)
    except UnreadablePath as error:
        print(f"bce: {error}", file=sys.stderr)
        return UNREADABLE
    if options.explain is not None:
        return _explain(catalogue, options.explain)
    reports = [report(one) for one in _with_progress(catalogue)]
    if options.format == "json":
        print(as_json(reports, catalogue.problems))
    elif options.format == "sarif":
        print(as_sarif(reports, catalogue.problems, __version__))
    else:
        lines = lru_cache(source_lines)
        for found in findings(reports, catalogue.problems):
            print(as_text(found, lines(found.file)) if options.format == "text" else as_github(found))
        print(summary(reports, catalogue.problems))
    if catalogue.problems:
        return UNREADABLE
    if not reports and not options.allow_empty:
        print("bce: nothing was decided: the files hold no cell and no marked formula", file=sys.stderr)
        return UNREADABLE
    fine = all(is_as_expected(step) for one in reports for step in one["steps"])
    return AS_EXPECTED if fine else NOT_AS_EXPECTED


def _with_progress(catalogue: Catalogue) -> Iterator[Checked]:
    """Check everything; count along on a terminal."""
    from .verdicts import check_all

    shown = sys.stderr.isatty()
    for count, one in enumerate(check_all(catalogue), 1):
        if shown and count % 5 == 0:
            print(f"\r{count} of {len(catalogue.cells)} checked", end="", file=sys.stderr, flush=True)
        yield one
    if shown:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _explain(catalogue: Catalogue, step: str) -> int:
    from bce.reading.cells import ReadError
    from bce.reporting.explain import explain
    from bce.reporting.findings import problem_finding

    from .verdicts import check

    name = step if step in catalogue.cells else step.rpartition(".")[0]
    if name not in catalogue.cells:
        print(f"bce: nothing here has the id {name or step}; a step is named <id>.<name or number>", file=sys.stderr)
        return UNREADABLE
    try:
        checked = check(catalogue.derivation(name))
    except ReadError as error:
        print(problem_finding(error.problem), file=sys.stderr)
        return UNREADABLE
    try:
        print(explain(checked, step))
    except KeyError:
        steps = ", ".join(checked.derivation.step_id(row) for row in checked.derivation.rows)
        print(f"bce: {name} has no step {step}; its steps are {steps}", file=sys.stderr)
        return UNREADABLE
    return AS_EXPECTED if checked.as_expected else NOT_AS_EXPECTED


if __name__ == "__main__":
    sys.exit(main())
