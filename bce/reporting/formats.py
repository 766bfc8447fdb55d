"""The output formats of ``bce check``: text, json, github and sarif."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import get_args
from urllib.parse import quote

from bce.reading.cells import Problem
from bce.verdicts import VerdictKind

from .findings import RULES, Finding, findings
from .report import SCHEMA, Report, is_as_expected

SARIF_VERSION = "2.1.0"
_WIDEST = 160


def as_text(found: Finding, lines: Sequence[str]) -> str:
    """Return a finding as one line, and below it the source line with the place underlined."""
    text = str(found)
    if not 1 <= found.line <= len(lines):
        return text
    source = lines[found.line - 1].rstrip()
    if len(source) > _WIDEST or not source.strip():
        return text
    width = max(1, min(found.width, len(source) - found.column + 1))
    return f"{text}\n    {source}\n    {' ' * (found.column - 1)}{'^' * width}"


def summary(reports: Sequence[Report], problems: Sequence[Problem]) -> str:
    """Say what was read and what came out, as the last line of the output."""
    steps = [step for report in reports for step in report["steps"]]
    found = Counter(step["verdict"] for step in steps)
    wrong = sum(not is_as_expected(step) for step in steps)
    verdicts = ", ".join(f"{found[kind]} {kind}" for kind in get_args(VerdictKind) if found[kind])
    read = "1 derivation or definition" if len(reports) == 1 else f"{len(reports)} derivations and definitions"
    parts = [f"{read}, {len(steps)} step{'' if len(steps) == 1 else 's'}{verdicts and ': '}{verdicts}"]
    parts += [f"{len(problems)} unreadable"] if problems else []
    parts += [f"{wrong} not as expected"] if wrong else [] if problems else ["all as expected"]
    return "; ".join(parts)


def source_lines(file: str) -> list[str]:
    """Return the lines of a file, none if it cannot be read any more."""
    try:
        return Path(file).read_text(encoding="utf-8").split("\n")
    except OSError:
        return []


def as_json(reports: Iterable[Report], problems: Iterable[Problem]) -> str:
    """Return everything as one JSON object; `bce.reporting.report.SCHEMA_FILE` describes it."""
    errors = [asdict(problem) for problem in problems]
    return json.dumps({"schema": SCHEMA, "derivations": list(reports), "errors": errors}, indent=2)


def as_github(found: Finding) -> str:
    """Return a finding as a workflow command, which annotates the line in a pull request."""
    place = f"file={_property(found.file)},line={found.line},col={found.column}"
    where = f"{found.where}: " if found.where else ""
    return f"::error {place},title=bce {found.rule}::{_data(where + found.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(reports: Iterable[Report], problems: Iterable[Problem], version: str) -> str:
    """Return all findings in the static-analysis format that code hosts read."""
    rules = [{"id": rule, "shortDescription": {"text": meaning}} for rule, meaning in RULES.items()]
    run = {
        "tool": {"driver": {"name": "bce", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(found) for found in findings(reports, problems)],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": SARIF_VERSION, "runs": [run]}
    return json.dumps(log, indent=2)


def _sarif_result(found: Finding) -> dict[str, object]:
    region = {"startLine": found.line, "startColumn": found.column, "endColumn": found.column + found.width}
    location = {"artifactLocation": {"uri": _address(Path(found.file))}, "region": region}
    where = f"{found.where}: " if found.where else ""
    return {
        "ruleId": found.rule,
        "level": "error",
        "message": {"text": where + found.message},
        "locations": [{"physicalLocation": location}],
    }


def _address(path: Path) -> str:
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
