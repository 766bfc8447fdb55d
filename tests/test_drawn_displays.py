r"""What is shown is what is read: every display of a note that is accepted, drawn and read back, gives the same steps.

Nothing more may be on the paper: no second equation behind words, no term that a group hides, no condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from attacks import attacks
from drawn_displays import displays, drawn, read_paper
from math_core import LatexError
from mathml_reader import UnreadableDrawing

import bce
from bce.algebra.domain import names_of
from bce.algebra.errors import GrammarError
from bce.algebra.expression import Product, Sum
from bce.algebra.grammar.read import parse_chain
from bce.algebra.names import Names
from bce.audit.mutations import layout_mutants
from bce.reading.catalogue import Catalogue
from bce.reading.derivation import Derivation
from bce.reading.documents import document_cells

NOTATION = Path(__file__).parent / "notation"
EVERY, PARTS = 5, 4
#: Words that join statements.
NO_REASON = {"", "and", "so", "but", "hence", "thus", "then", "therefore", "also"}


def read_notes(text: str, file: str) -> Iterator[tuple[Derivation, list[str]]]:
    """Yield what is accepted in a note, with its displays."""
    by_line = dict(displays(text))
    for checked in bce.check(text, file).derivations:
        if checked.derivation.lenient:
            yield checked.derivation, by_line.get(checked.derivation.line, [])


def steps_of(derivation: Derivation) -> list[tuple]:
    return [(row.relation.left, row.relation.operator, row.relation.right) for row in derivation.rows]


def without_groups(tree: Any) -> Any:
    """Return a tree with sums in sums and products in products opened: ``{a + b} + c`` looks like ``a + b + c``."""
    if isinstance(tree, tuple):
        return tuple(without_groups(item) for item in tree)
    if not is_dataclass(tree) or isinstance(tree, type):
        return tree
    tree = replace(tree, **{part.name: without_groups(getattr(tree, part.name)) for part in fields(tree)})
    for kind, part in ((Sum, "terms"), (Product, "factors")):
        if isinstance(tree, kind):
            opened = [getattr(item, part) if isinstance(item, kind) else (item,) for item in getattr(tree, part)]
            return kind(tuple(item for items in opened for item in items))
    return tree


def differences(derivation: Derivation, drawing: list[str]) -> Iterator[str]:
    """Yield what the paper shows and the derivation does not say, or the other way round."""
    names = names_of(derivation.domain, derivation.helpers, derivation.functions, lenient=True)
    try:
        paper = read_paper(drawing, names)
    except (GrammarError, UnreadableDrawing) as error:
        yield f"{error} on the paper"
        return
    yield from (f"claims nothing: {formula}" for formula in paper.claimless)
    yield from (f"no word of a reason: {words}" for words in paper.words if not is_said(words, derivation))
    read, reasons = steps_of(derivation), statements_in_reasons(derivation, names)
    for step in map(without_groups, paper.steps):
        if read and step == without_groups(read[0]):
            read.pop(0)
        elif step not in map(without_groups, reasons):
            yield f"on the paper {step}, read {read[:1]}"
            return
    yield from (f"read, and not on the paper: {step}" for step in read)


def is_said(words: str, derivation: Derivation) -> bool:
    """Tell whether words on the paper are part of a reason, or say nothing but 'and'."""
    said = " ".join(" ".join(row.reason.split()) for row in derivation.rows)
    return " ".join(words.split()).strip(" ,;.:") in said or words.strip(" ,;.:") in NO_REASON


def statements_in_reasons(derivation: Derivation, names: Names) -> list[tuple]:
    """Return the relations that the reasons of the rows quote, conditions among them."""
    found = []
    for row in derivation.rows:
        for formula in re.findall(r"\$([^$]*)\$", row.reason):
            left, links = parse_chain(formula, names)
            for link in links:
                found.append((left, link.operator, link.right))
                left = link.right
    return found


NOTES = [
    (f"{name} {derivation.id}", derivation, shown)
    for name in ("published.md", "mistakes.md")
    for derivation, shown in read_notes((NOTATION / name).read_text(encoding="utf-8"), name)
]


@pytest.mark.parametrize(("derivation", "shown"), [note[1:] for note in NOTES], ids=[note[0] for note in NOTES])
def test_a_published_note_is_drawn_as_it_was_read(derivation: Derivation, shown: list[str]):
    assert list(differences(derivation, [drawn(display) for display in shown])) == []


ATTACKS = [
    (f"{attack.name} {derivation.id}", derivation, shown)
    for attack in attacks()
    if attack.text.strip() and not attack.name.startswith("resources")
    for derivation, shown in read_notes(attack.text, attack.file)
]


@pytest.mark.parametrize(("derivation", "shown"), [note[1:] for note in ATTACKS], ids=[note[0] for note in ATTACKS])
def test_what_is_accepted_of_an_attack_is_drawn_as_it_was_read(derivation: Derivation, shown: list[str]):
    assert list(differences(derivation, [drawn(display) for display in shown])) == []


def changed(shown: list[str], text: str) -> Iterator[str]:
    """Yield a note with every edit of the layout of its last display."""
    display = shown[-1]
    for edit, latex in layout_mutants(display):
        yield f"{text.replace(display, latex)}<!-- {edit} -->\n"


def accepted(text: str) -> Iterator[tuple[Derivation, list[str]]]:
    """Read a note without deciding it; yield what is accepted."""
    by_line = dict(displays(text))
    catalogue = Catalogue(document_cells(text, "note.md"))
    for derivation in list(catalogue.derivations()):
        yield derivation, by_line.get(derivation.line, [])


@pytest.mark.parametrize("part", range(PARTS))
def test_a_note_with_another_layout_is_refused_or_drawn_as_it_was_read(part: int):
    text = (NOTATION / "published.md").read_text(encoding="utf-8")
    marked = [f"<!-- bce:{note}" for note in text.split("<!-- bce:")[1:]]
    mutants = [mutant for note in marked for _, shown in displays(note) for mutant in changed(shown, note)]
    drawings = 0
    for mutant in mutants[part :: PARTS * EVERY]:
        for derivation, shown in accepted(mutant):
            try:
                drawing = [drawn(display) for display in shown]
            except LatexError:
                continue
            assert list(differences(derivation, drawing)) == [], mutant
            drawings += 1
    assert drawings > 10
