"""``derivations.json``: everything that was checked, for other programs, beside the pages; and its JSON Schema.

The file holds no dates and no paths of the machine that built it: the same book gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bce.book.domain import derivation_domain
from bce.reporting.report import SCHEMA, SCHEMA_FILE, Report, StepReport

from .publication import publication_of
from .redirects import short_link

FILE = "derivations.json"


def index(app: Sphinx) -> dict[str, Any]:
    """Return the whole index as plain data; `SCHEMA_FILE` describes it."""
    domain = derivation_domain(app.env)
    publication = publication_of(app.config)
    reports = domain.reports_in_order()
    digests = Digests({report["id"]: report for _, report in reports})
    used_by = domain.used_by()

    def entry(docname: str, report: Report) -> dict[str, Any]:
        page = app.builder.get_target_uri(docname)
        return {
            **_without_place(report),
            **_links(page, report["id"]),
            "used_by": used_by[report["id"]],
            "hash": digests.of_statement(report["id"]),
            "steps": [
                {**_without_place(step), **_links(page, step["id"]), "hash": digests.of_step(report, step)}
                for step in report["steps"]
            ],
        }

    return {
        "$schema": SCHEMA_FILE.name,
        "schema": SCHEMA,
        "book": {"title": publication.title, "version": publication.version, "url": publication.url or None},
        "verifier": {"bce": publication.verifier, "sympy": publication.sympy},
        "derivations": [entry(docname, report) for docname, report in reports],
        "retired": [
            {"id": i, "kind": kind, "since": since, "reason": reason, "replacement": replacement or None}
            for i, (kind, since, reason, replacement) in app.config.bce_retired.items()
        ],
    }


def _without_place(data: Report | StepReport) -> dict[str, Any]:
    """Leave out the place in the sources: a page stays as it is when the text above its cells gets longer."""
    return {key: value for key, value in data.items() if key not in ("file", "line", "column", "width")}


def _links(page: str, identifier: str) -> dict[str, str]:
    return {"page": f"{page}#{identifier}", "link": short_link(identifier)}


class Digests:
    """Hashes of what is claimed: formulas and conditions, and through ``uses`` the meaning of every name in them.

    Reasons, titles, ids and dates do not count, so a hash only changes when the mathematics or a verdict does.
    """

    def __init__(self, reports: Mapping[str, Report]) -> None:
        self.reports = reports
        self._known: dict[str, str] = {}

    def of_statement(self, identifier: str) -> str:
        """Return the hash of a definition or a derivation; of an unknown one, that of nothing."""
        if identifier not in self._known:
            report = self.reports.get(identifier)
            self._known[identifier] = _digest(
                report and [*self._context(report), *(_claim(step) for step in report["steps"])]
            )
        return self._known[identifier]

    def of_step(self, report: Report, step: StepReport) -> str:
        """Return the hash of one step with its verdict."""
        return _digest([*self._context(report), _claim(step)])

    def _context(self, report: Report) -> list[Any]:
        return [report["kind"], report["given"], report["where"], [self.of_statement(used) for used in report["uses"]]]


def _claim(step: StepReport) -> list[Any]:
    formulas = [" ".join(step["left"].split()), step["relation"], " ".join(step["right"].split())]
    return [*formulas, step["verdict"]]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32]


def write_index(app: Sphinx, exception: Exception | None) -> None:
    """Write the index and its schema into the built site."""
    if exception is not None or app.builder.name != "html":
        return
    # A report that comes from the cache of executed notebooks has its keys sorted, and a new one has not.
    text = json.dumps(index(app), ensure_ascii=False, indent=1, sort_keys=True)
    (Path(app.outdir) / FILE).write_text(text + "\n", encoding="utf-8")
    shutil.copy(SCHEMA_FILE, Path(app.outdir))


def setup(app: Sphinx) -> None:
    """Write the index after all pages."""
    app.connect("build-finished", write_index)
