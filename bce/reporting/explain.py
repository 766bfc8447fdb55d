"""Everything the verifier knows about one step, for ``bce check --explain``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bce.algebra.decide.prove import Case, cases
from bce.algebra.errors import AlgebraError
from bce.algebra.exact.describe import describe
from bce.algebra.expression import Expression
from bce.algebra.rules import in_words
from bce.verdicts import Checked, Step

from .phrases import claim, counterexample
from .report import StepReport, report


def explain(checked: Checked, identifier: str) -> str:
    """Return both trees of a step, both normal forms in every case, and how each obligation was met.

    Parameters
    ----------
    checked : Checked
        The derivation or definition.
    identifier : str
        The id of one of its steps; a named step has its number too.

    Raises
    ------
    KeyError
        If there is no such step.
    """
    for step, data in zip(checked.steps, report(checked)["steps"], strict=True):
        if identifier in (data["id"], f"{checked.derivation.id}.{data['step']}"):
            return "\n".join(_lines(checked, step, data))
    raise KeyError(identifier)


def _lines(checked: Checked, step: Step, data: StepReport) -> Iterator[str]:
    derivation, row, verdict = checked.derivation, step.row, step.verdict
    yield f"{data['id']}  ({derivation.file}:{row.line})"
    yield f"  {claim(data)}"
    yield f"  given: {'; '.join(derivation.given) or 'nothing'}"
    if derivation.where:
        yield f"  where: {'; '.join(derivation.where)}"
    # What a definition says of its name is one tree: there is no second side.
    is_value = row.introduces and row.relation.left == row.relation.right
    sides = {"value": row.relation.right} if is_value else {"left": row.relation.left, "right": row.relation.right}
    for name, tree in sides.items():
        yield f"{name if is_value else f'{name} side'}, as it was read:"
        yield from _tree(tree, "  ")
    try:
        for case in cases(derivation.statement(row)):
            yield from _case(case, sides)
    except AlgebraError as error:
        yield f"stopped: {error}"
    yield f"verdict: {verdict}"
    if verdict.counterexample is not None:
        differ = f"they differ by at least {verdict.counterexample.margin}"
        yield f"  {counterexample({}, verdict.counterexample.values)}; {differ}"


def _case(case: Case, sides: Mapping[str, Expression]) -> Iterator[str]:
    session = case.session
    assumed = [f"{describe(element)} {_signs(signs)}" for element, signs in case.assumptions]
    assumed += [f"{name} = {value}" for name, value in session.labels.items()]
    yield f"case {', '.join(assumed)}:" if assumed else "normal forms:"
    for name, tree in sides.items():
        yield f"  {f'{name}:':6} {describe(session.element(tree))}"
    if len(sides) > 1:
        yield f"  decided by: {in_words(case.uses)}"
        for use in case.uses:
            yield f"    {use.rule}{f': {use.to}' if use.to else ''}"
    for text in session.exact.met:
        yield f"  holds: {text}"
    for text in session.exact.open:
        yield f"  open:  {text}"


def _signs(signs: frozenset[int]) -> str:
    words = {(1,): "> 0", (-1,): "< 0", (0,): "= 0", (0, 1): "≥ 0", (-1, 0): "≤ 0", (-1, 1): "≠ 0"}
    return words.get(tuple(sorted(signs)), "of any sign")


def _tree(tree: Expression, indent: str) -> Iterator[str]:
    children = list(tree.children())
    if not children:
        yield f"{indent}{tree}"
        return
    name = getattr(tree, "function", None) or getattr(tree, "kind", None) or getattr(tree, "family", None)
    yield f"{indent}{type(tree).__name__}{f' {name}' if name else ''}"
    for child in children:
        yield from _tree(child, indent + "  ")
