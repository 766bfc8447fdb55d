r"""Random notes: statements of `random_statements` in the layouts of posts and papers, and what is wrong with verdicts.

A note knows what it prints, in order. So a verdict is judged without the verifier's reading, trees or arithmetic, and a
statement that is printed and not read is noticed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from formula_writer import Writer
from language import SUM, Ambiguous, Outside, Point, Statement, Term, Undefined, Unsure
from random_domains import Domain
from random_statements import KINDS, statement

import bce
from bce.verdicts import Verdict

#: At so many points of its domain a proved statement has to hold.
POINTS = 16


@dataclass(frozen=True)
class Note:
    """A text, the statements that it prints, and their domain."""

    kind: str
    text: str
    printed: tuple[Statement, ...]
    domain: Domain


def random_note(seed: str) -> Note:
    """Return the note of a seed."""
    random = Random(seed)
    kind = random.choice(list(KINDS))
    foreign = random.random() < 0.75
    domain, claim = statement(kind, random, foreign=foreign)
    printed: tuple[Statement, ...]
    body, printed = _in_a_note(random, claim, domain) if foreign else (_in_a_cell(claim), (claim,))
    where = f"where: {domain.where}\n" if domain.where else ""
    if foreign:
        return Note(kind, f"<!-- bce: {domain.given}\n{where}-->\n{body}\n", printed, domain)
    header = f"%%derivation trial\ntitle: Trial\ngiven: {domain.given}\n{where}"
    return Note(kind, f"{header}\n{body}", printed, domain)


def _in_a_cell(claim: Statement) -> str:
    return f"{claim.left} &{claim.sign} {claim.right} && a reason"


def _in_a_note(random: Random, claim: Statement, domain: Domain) -> tuple[str, tuple[Statement, ...]]:
    """Lay a statement out, alone, with what does not print, or beside another statement."""
    left, sign, right = str(claim.left), claim.sign, str(claim.right)
    plain = f"{left} {sign} {right}"
    again = Statement(claim.right, "=", claim.right)
    write = Writer(random, foreign=True)
    conditions = [
        Statement(write.name(name), random.choice([">", "\\ge", "<", "\\ne"]), write.number(random.choice([0, 1])))
        for name in [*domain.symbols][:1]
    ]
    wrong = Statement(claim.left, "=", _one_more(claim.left))
    second = f"{wrong.left} = {wrong.right}"
    alone = [
        f"$$ {plain} $$",
        f"$$\n{plain}.\n$$",
        f"$$\n\\begin{{aligned}}\n{left} &{sign} {right}\n\\end{{aligned}}\n$$",
        f"\\begin{{align}}\n{left} &{sign} {right} \\label{{eq:a}}\n\\end{{align}}",
        f"$$\n{left} &{sign} {right} \\tag{{1}}\n$$",
        f"$$\n{left}\n% &= {left} + 1 \\\\\n{sign} {right}\n$$",
        f"$$\n{plain} % {sign} {left} + 1\n$$",
        f"$$\n{plain} \\quad \\text{{by algebra}}\n$$",
        f"$$\n\\begin{{aligned}}\n{left} &{sign} {right} && \\text{{by algebra}}\n\\end{{aligned}}\n$$",
        f"$$\n\\boxed{{{plain}}}\n$$",
        f"$$\n{left} \\overset{{(a)}}{{{sign}}} {right}\n$$",
        f"$$\n\\begin{{gather*}}\n{plain}\n\\end{{gather*}}\n$$",
    ]
    chained = [
        f"$$\n\\begin{{aligned}}\n{left} &{sign} {right} \\\\\n&= {right}\n\\end{{aligned}}\n$$",
        f"$$ {plain} = {right} $$",
        f"\\begin{{eqnarray}}\n{left} &{sign}& {right} \\\\\n&=& {right}\n\\end{{eqnarray}}",
    ]
    beside = [
        f"$$ {plain} \\quad\\text{{and}}\\quad {second} $$",
        f"$$ {plain}, \\qquad {second} $$",
        f"$$ {plain} \\qquad {second} $$",
        f"$$ {plain} \\text{{, so }} {second} $$",
        f"\\begin{{align}}\n{left} &{sign} {right} & {wrong.left} &= {wrong.right}\n\\end{{align}}",
        f"$$\n\\begin{{aligned}}\n{left} &{sign} {right} && {wrong.left} &= {wrong.right}\n\\end{{aligned}}\n$$",
        f"$$\n\\begin{{gather}}\n{plain} \\\\\n{second}\n\\end{{gather}}\n$$",
        f"$$ {plain} $$\n\n$$ {second} $$",
        f"$$ \\begin{{aligned}} {plain} \\end{{aligned}} \\begin{{aligned}} {second} \\end{{aligned}} $$",
    ]
    named = Statement(replace(claim.left, latex="Q"), "=", claim.left)
    layouts = [(text, (claim,)) for text in alone]
    layouts += [(f"$$ Q = {plain} $$", (named, claim))]
    layouts += [
        (f"$$ {plain} {words} {condition} $$", (replace(claim, condition=condition),))
        for condition in conditions
        for words in (r"\quad \text{if }", r"\quad \text{for all}\quad", r"\qquad", ", \\quad")
    ]
    layouts += [(text, (claim, again)) for text in chained]
    layouts += [(text, (claim, wrong)) for text in beside]
    return random.choice(layouts)


def _one_more(term: Term) -> Term:
    return Term(f"{term} + 1", SUM, lambda point: term.value(point) + 1, term.names)


# --- verdicts -------------------------------------------------------------------------


def tried(note: Note, counts: Counter[str]) -> list[str]:
    """Have a note checked; count what was said and return what is wrong with it."""
    result = bce.check(note.text, "note.md")
    verdicts = [step.verdict for one in result.derivations for step in one.steps]
    counts["notes"] += 1
    if len(verdicts) < len(note.printed) and not result.problems:
        return [f"{len(note.printed)} statements are printed, {len(verdicts)} are read, and nothing is reported"]
    if len(verdicts) != len(note.printed):
        counts["refused"] += len(note.printed)
        return []
    complaints = []
    for claim, verdict in zip(note.printed, verdicts, strict=True):
        counts[verdict.kind] += 1
        counts[note.kind] += verdict.kind in ("proved", "refuted")
        complaint = complaint_about(note.domain, claim, verdict)
        complaints += [f"{complaint}: {claim}"] if complaint else []
    return complaints


def complaint_about(domain: Domain, claim: Statement, verdict: Verdict) -> str | None:
    """Return what is wrong with a verdict, None if nothing is."""
    if verdict.kind in ("proved", "defined"):
        random = Random(str(claim))
        found = {judged(claim, domain.draw(random)) for _ in range(POINTS)}
        wrong = sorted(found & {"false", "undefined", "ambiguous"})
        return f"{verdict.kind}, but somewhere {wrong[0]}" if wrong else None
    if verdict.counterexample is not None:
        for point in domain.named_points(verdict.counterexample.point):
            found_there = judged(claim, point)
            if found_there in ("false", "unsure"):
                return None
        return f"refuted at {verdict.counterexample.where()}, where it is {found_there}"
    return None


def judged(claim: Statement, point: Point | None) -> str:
    """Tell whether a statement is "true", "false", … at a point."""
    try:
        return "outside" if point is None else "true" if claim.holds(point) else "false"
    except (Undefined, Unsure, Ambiguous, Outside) as reason:
        return type(reason).__name__.lower()
