"""The list of every id that the book ever published, so that no link breaks and no id ever means something else.

``identifiers.csv`` has one line for each definition, derivation and step. Lines are added at the end and never
removed. A step without a name is known by its number, so its line keeps a digest of its formula: if rows are
inserted before it, the number would come to mean another formula, which is refused.
"""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from bce.reading.catalogue import Catalogue

FILE = "identifiers.csv"
COMMAND = "python -m bce.book.maintain.ids"
_EVERY_ID = re.compile(r"^\+([a-z][a-z0-9.-]*),", re.MULTILINE)


@dataclass(frozen=True)
class Identifier:
    """One published id.

    ``since`` is the version that first had it. ``formula`` is the digest of an unnamed step's formula.
    ``retired`` is the first version without it, with the ``reason`` and the id of its ``replacement``, if any.
    """

    id: str
    kind: str
    since: str
    formula: str = ""
    retired: str = ""
    reason: str = ""
    replacement: str = ""


Identifiers = dict[str, Identifier]
COLUMNS = tuple(field.name for field in fields(Identifier))


def read(path: Path) -> Identifiers:
    """Read a list of ids, in the order of their publication; a missing file is an empty list.

    Raises
    ------
    ValueError
        If the columns are not the known ones, or an id stands twice; the message names the line.
    """
    found: Identifiers = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file)
        if tuple(lines.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name}:1: the columns are {lines.fieldnames}; they must be {', '.join(COLUMNS)}")
        for line in lines:
            if None in line or None in line.values():
                raise ValueError(f"{path.name}:{lines.line_num}: a line has {len(COLUMNS)} fields; quote a comma")
            if line["id"] in found:
                place = f"{path.name}:{lines.line_num}"
                raise ValueError(f"{place}: the id {line['id']!r} stands twice; keep the first line")
            found[line["id"]] = Identifier(**line)
    return found


def write(path: Path, identifiers: Identifiers) -> None:
    """Write a list of ids."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        lines.writeheader()
        lines.writerows(map(asdict, identifiers.values()))


def in_use(catalogue: Catalogue, since: str) -> Identifiers:
    """Return the ids that the chapters use now, as they would be published in the version ``since``."""
    found: Identifiers = {}
    for derivation in catalogue.derivations():
        found[derivation.id] = Identifier(derivation.id, derivation.kind, since)
        for row in derivation.rows if derivation.kind == "derivation" else ():
            digest = "" if row.name else formula_digest(row.relation.operator, row.right_latex)
            identifier = derivation.step_id(row)
            found[identifier] = Identifier(identifier, "step", since, digest)
    return found


def formula_digest(relation: str, right: str) -> str:
    r"""Hash a step's formula; white space does not count.

    Examples
    --------
    >>> formula_digest("=", "x + y") == formula_digest("=", " x+y")
    True
    >>> formula_digest("=", "x + y") == formula_digest(r"\\le", "x + y")
    False
    """
    return hashlib.sha256("".join(f"{relation} {right}".split()).encode()).hexdigest()[:10]


def problems(published: Identifiers, used: Identifiers, before: Iterable[str] = ()) -> list[str]:
    """Say where the chapters or the list break the promise of permanent ids.

    Parameters
    ----------
    published, used : dict of str to Identifier
        The list, and what the chapters use.
    before : iterable of str
        Ids that an earlier state of the list held.

    Returns
    -------
    list of str
        A sentence for each problem, with what to do about it. Empty if all is well.
    """
    return [
        *(f"{i}: was removed from {FILE}; put its line back" for i in dict.fromkeys(before) if i not in published),
        *(line for entry in published.values() for line in _entry_problems(entry, published, used.get(entry.id))),
        *(f"{i}: is not in {FILE} yet; run `make ids`" for i in used if i not in published),
    ]


def _entry_problems(entry: Identifier, published: Identifiers, used: Identifier | None) -> Iterable[str]:
    if entry.retired:
        if used is not None:
            remedy = "give the step a name of its own" if entry.formula or entry.kind == "step" else "choose another id"
            yield f"{entry.id}: is used again, but was retired in {entry.retired}; {remedy}"
        if not entry.reason:
            yield f"{entry.id}: is retired without a reason; write one into {FILE}"
        if entry.replacement and entry.replacement not in published:
            yield f"{entry.id}: its replacement {entry.replacement!r} was never published"
    elif used is None:
        retire = f"{COMMAND} --retire {entry.id} --reason '…' --replacement ID"
        yield f"{entry.id}: has vanished from the chapters; bring it back, or retire it: {retire}"
    elif used.kind != entry.kind:
        yield f"{entry.id}: was published as a {entry.kind} and is now a {used.kind}; choose another id"
    elif used.formula != entry.formula:
        yield (
            f"{entry.id}: was published for another formula. If rows were inserted, give the steps names with "
            f"\\label{{…}} and retire the number; if only its spelling changed: {COMMAND} --same {entry.id}"
        )


def with_new(published: Identifiers, used: Identifiers) -> Identifiers:
    """Add what the chapters use and the list does not hold yet."""
    return {**published, **{i: entry for i, entry in used.items() if i not in published}}


def with_retired(published: Identifiers, identifier: str, since: str, reason: str, replacement: str) -> Identifiers:
    """Retire an id, and with a derivation all of its steps.

    Raises
    ------
    ValueError
        If the id was never published or is retired already, if there is no reason, or if the replacement
        was never published.
    """
    if identifier not in published or published[identifier].retired:
        raise ValueError(f"cannot retire {identifier!r}: it is not a published id in use; see {FILE}")
    if not reason.strip():
        raise ValueError(f"cannot retire {identifier!r} without a reason; say why with --reason")
    if replacement and replacement not in published:
        raise ValueError(f"cannot replace by {replacement!r}: it was never published; run `make ids` first")
    gone = [i for i, e in published.items() if (i == identifier or i.startswith(f"{identifier}.")) and not e.retired]
    marks = {"retired": since, "reason": reason.strip(), "replacement": replacement}
    return {**published, **{i: replace(published[i], **marks) for i in gone}}


def with_same(published: Identifiers, used: Identifiers, identifier: str) -> Identifiers:
    """Accept that an unnamed step is the one that was published, though it is spelled in another way.

    Raises
    ------
    ValueError
        If the id is not both published and in use.
    """
    if identifier not in published or identifier not in used:
        raise ValueError(f"cannot compare {identifier!r}: it must be both published and in the chapters")
    return {**published, identifier: replace(published[identifier], formula=used[identifier].formula)}


def final_replacement(identifiers: Mapping[str, Identifier], identifier: str) -> str | None:
    """Follow replacements of replacements to an id in use; None if there is none."""
    seen = {identifier}
    while (entry := identifiers.get(identifier)) is not None and entry.retired:
        identifier = entry.replacement
        if identifier in seen:
            return None
        seen.add(identifier)
    return identifier or None


def ever_committed(folder: Path) -> list[str]:
    """Return every id that any commit of the list ever held; nothing outside of a Git checkout."""
    if not (folder / ".git").exists():
        return []
    command = ["git", "-C", str(folder), "log", "-p", "--format=", "--no-color", "--", FILE]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return [identifier for identifier in _EVERY_ID.findall(run.stdout) if identifier != "id"]
