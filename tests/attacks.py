"""Attacks on the verifier: notes that look harmless, what is true of them, and what may be said of them.

Each line of ``tests/attacks/*.jsonl`` is one. A formula with its declarations (``given``, ``where``, ``by``,
``formula``), or a whole ``text`` with the name of its ``file``, or ``cells`` of a notebook that are run one after
another; ``expand`` keeps long ones short. ``step`` is the step that is asked about, 1 if nothing is said; 0 is the
whole note. ``truth`` is

true
    It is never refuted, and never an error.
false
    It is never proved.
undefined
    It holds where both sides have a value, but somewhere one has none: neither proved nor refuted.
error-wanted
    It can be read in two ways, or lies outside of what is read: not proved.

A whole note that is not true has to be reported in some way. ``documented`` marks what the book says is not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bce
from bce.verdicts import Result

FOLDER = Path(__file__).parent / "attacks"

#: What a step with a truth may not be. A step that was not read is "unread".
FORBIDDEN = {
    "true": {"refuted", "unread"},
    "false": {"proved"},
    "undefined": {"proved", "refuted"},
    "error-wanted": {"proved"},
}


@dataclass(frozen=True)
class Attack:
    """One line of a file."""

    name: str
    text: str
    file: str
    cells: tuple[str, ...]
    step: int
    truth: str
    documented: bool
    why: str

    def checked(self) -> Result:
        return bce.check(self.text, self.file)

    def complaint(self, result: Result) -> str | None:
        """Return what is wrong with a result, None if it is sound."""
        kinds = [step.verdict.kind for one in result.derivations for step in one.steps]
        if self.step == 0:
            return self.complaint_about_note(kinds, reported=not result.as_expected)
        kind = kinds[self.step - 1] if self.step <= len(kinds) else "unread"
        return f"{kind}, though {self.truth}" if kind in FORBIDDEN[self.truth] else None

    def complaint_about_note(self, kinds: list[str], *, reported: bool) -> str | None:
        """Return what is wrong with the verdicts on a whole note."""
        if self.truth == "true":
            return "refuted, though true" if "refuted" in kinds else None
        return None if reported else f"nothing is reported, though it is {self.truth}: {', '.join(kinds)}"


def attacks(*families: str) -> Iterator[Attack]:
    """Yield all attacks, or those of some families."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        if not families or path.stem in families:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield _attack(f"{path.stem}-{number}", json.loads(line))


def _attack(name: str, entry: dict) -> Attack:
    text = entry.get("text", "")
    if "formula" in entry:
        more = "".join(f"{key}: {entry[key]}\n" for key in ("where", "by") if key in entry)
        text = f"<!-- bce: {entry['given']}\n{more}-->\n$$\n{entry['formula']}\n$$\n"
    for mark, piece, times in entry.get("expand", []):
        text = text.replace(mark, piece * times)
    return Attack(
        name=name,
        text=text,
        file=entry.get("file", "notes.md"),
        cells=tuple(entry.get("cells", [])),
        step=entry.get("step", 1),
        truth=entry["truth"],
        documented=entry.get("documented", False),
        why=entry.get("why", ""),
    )
