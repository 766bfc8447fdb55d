"""The command line: ``bce check [PATH …]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

AS_EXPECTED, NOT_AS_EXPECTED, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    0: every step turned out as expected. 1: something is refuted, unproved, or a mistake
    that is true. 2: unreadable input or bad usage.
    """
    options = _parser().parse_args(arguments)
    return _check(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bce", description="Prove the derivations of a text, step by step.")
    parser.add_argument("--version", action="version", version=f"bce {_version()}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="prove or refute every derivation in Markdown chapters",
        description="Prove or refute every step of the %%derivation and %%definition cells in Markdown files.",
        epilog="exit codes: 0 all as expected, 1 something refuted or unproved, 2 unreadable input or bad usage",
    )
    paths = check.add_argument("paths", nargs="*", default=["."], metavar="PATH")
    paths.help = "files or folders (default: this folder)"
    check.add_argument("--format", choices=("text", "json"), default="text", help="what to print (default: text)")
    return parser


def _version() -> str:
    try:
        return version("bce")
    except PackageNotFoundError:
        return "(not installed)"


def _check(options: argparse.Namespace) -> int:
    from .catalogue import Catalogue, UnreadablePath
    from .report import SCHEMA, problem_lines, report
    from .verdicts import check_all

    try:
        catalogue = Catalogue.read(options.paths)
    except UnreadablePath as error:
        print(f"bce: {error}", file=sys.stderr)
        return UNREADABLE
    checked = []
    for one in check_all(catalogue):
        checked.append(one)
        if options.format == "text":
            for line in problem_lines(one):
                print(line, flush=True)
    if options.format == "json":
        errors = [asdict(problem) for problem in catalogue.problems]
        print(json.dumps({"schema": SCHEMA, "derivations": [report(c) for c in checked], "errors": errors}, indent=2))
    else:
        for problem in catalogue.problems:
            print(problem)
        print(_summary(checked, len(catalogue.problems)))
    if catalogue.problems:
        return UNREADABLE
    return AS_EXPECTED if all(one.as_expected for one in checked) else NOT_AS_EXPECTED


def _summary(checked: Sequence, problems: int) -> str:  # type: ignore[type-arg]
    steps = [step for one in checked for step in one.steps]
    counts = {kind: sum(s.verdict.kind == kind for s in steps) for kind in ("proved", "refuted", "unproved")}
    wrong = sum(not step.as_expected for step in steps)
    text = f"{len(checked)} derivations and definitions, {len(steps)} steps: {counts['proved']} proved"
    if counts["refuted"]:
        text += f", {counts['refuted']} refuted"
    if counts["unproved"]:
        text += f", {counts['unproved']} unproved"
    if problems:
        text += f"; {problems} unreadable"
    return text + (f"; {wrong} not as expected" if wrong else "; all as expected" if not problems else "")


if __name__ == "__main__":
    sys.exit(main())
