r"""Evidence: a step names the proof rules that it rests on, and no others."""

from __future__ import annotations

import json

import pytest
from trial_book import PROJECT
from trial_cells import SIGMOID, checked_book, decide, derivation, trial

import bce
from bce.algebra.decide.prove import prove
from bce.algebra.rules import TABLE, rules_of
from bce.algebra.statement import Statement
from bce.book.kernel.rules import RuleList
from bce.reporting.explain import explain
from bce.reporting.report import report
from bce.verdicts import check

ALL = frozenset(TABLE)


def rules_named(statement: Statement) -> frozenset[str]:
    decision = prove(statement)
    assert decision.proved, decision
    return frozenset(use.rule for use in decision.trace)


def book_statements() -> list[Statement]:
    return [
        checked.derivation.statement(step.row)
        for checked in checked_book()
        for step in checked.steps
        if step.verdict.kind in ("proved", "defined")
    ]


def test_each_step_of_the_book_rests_on_the_rules_it_names_and_on_each_of_them() -> None:
    checked = 0
    for statement in book_statements():
        named = rules_named(statement)
        assert prove(statement, without=ALL - named).proved, (statement.relation, named)
        for rule in named:
            left = named - {rule}
            assert not prove(statement, without=ALL - left).proved, (statement.relation, named, rule)
            checked += 1
    assert checked > 1000


#: For every rule a row that it is needed for.
EXAMPLES = {
    "convexity": ("x real", "e^{x} &\\ge 1 + x && the tangent \\by{minimum at x = 0}"),
    "infinite limits": ("x real", "\\lim_{t \\to \\infty} t &= \\infty"),
    "same normal form": ("x real", "(x + 1)^2 &= x^2 + 2 x + 1"),
    "sign of the difference": ("x > 0", "x + 1 &> 0"),
    "derivative": ("x real", "\\frac{d}{dx} x^2 &= 2 x"),
    "sum": ("n positive integer; y_i real", "\\sum_{i=1}^{n} 2 y_i &= 2 \\sum_{i=1}^{n} y_i"),
    "limit": ("a real", "\\lim_{t \\to \\infty} \\frac{1}{t} &= 0"),
    "values": ("y in {0, 1}", "y^2 &= y"),
    "cases": ("x real", "|x| &\\ge x"),
    "opposite terms": ("t > 0; x real", "x + \\mathrm{gap}(t) &\\ge x"),
    "brackets": ("p, q, s, t > 0", "p (s - \\mathrm{gap}(s)) + q (t - \\mathrm{gap}(t)) &\\le p s + q t"),
    "logarithm lemma": ("t > 0", "t - 1 - \\log t &\\ge 0"),
    "monotone": ("x, y real; x > y", "e^{x} - e^{y} &> 0"),
    "terms as written": ("s, t > 0", "\\mathrm{gap}(s) + \\mathrm{gap}(t) &\\ge 0"),
    "common factor": ("a, t > 0", "a t - a - a \\log t &\\ge 0"),
    "factors": ("a, b, t > 0", "(a + b)(t - 1 - \\log t) &\\ge 0"),
    "power": ("t > 0", "(t - 1 - \\log t)^3 &\\ge 0"),
    "terms of a sum": ("n positive integer; t_i > 0", "\\sum_{i=1}^{n} (t_i - 1 - \\log t_i) &\\ge 0"),
    "logarithm": ("x real", "\\log(1 + e^{-x}) &> 0"),
    "definition": ("t > 0", "\\mathrm{gap}(t) &\\ge 0"),
    "assumption": ("x, y real; x > y", "x - y &> 0"),
    "ranges": ("0 < p < 1", "1 - p &> 0"),
    "roots": ("x real", "x^2 - x + 1 &> 0"),
    "sums": ("n positive integer; y_i in (0, 1)", "n - \\sum_{i=1}^{n} y_i &> 0"),
    "enclosure": ("x real", "\\log 3 - 1 &> 0"),
}
GAP = "%%definition gap\ntitle: Gap\ngiven: t > 0\n\n\\mathrm{gap}(t) = t - 1 - \\log t"


def test_every_rule_of_the_table_has_an_example() -> None:
    assert set(EXAMPLES) == set(TABLE)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_rule_is_named_where_it_decides_and_nothing_is_proved_without_it(rule: str) -> None:
    given, row = EXAMPLES[rule]
    one = trial(given, row, GAP)
    statement = one.statement(one.rows[0])
    named = rules_named(statement)
    assert rule in named
    assert not prove(statement, without=ALL - (named - {rule})).proved
    assert rule in check(one).steps[0].verdict.method


def test_lemma_is_named_only_where_it_is_used() -> None:
    assert "lemma" not in decide("x, y real; x > y", "e^{x} - e^{y} &> 0").method
    assert "lemma" in decide("p, q > 0", "p (\\frac{q}{p} - 1 - \\log \\frac{q}{p}) &\\ge 0").method


def test_rule_that_says_nothing_to_the_claim_is_not_named() -> None:
    assert decide("x real", "x &= x + 0").method == "same normal form"
    assert decide("x > 0", "\\log x^2 &= 2 \\log x").method == "same normal form; ranges"


def test_trace_says_what_a_rule_was_applied_to() -> None:
    trace = decide("0 < p < 1", "\\log(1 - p) + \\frac{1}{p} &= \\frac{1}{p} + \\log(1 - p)").trace
    assert {(use.rule, use.to) for use in trace} >= {("ranges", "1 - p > 0"), ("ranges", "p \\ne 0")}
    by = decide("x real", "e^{x} &\\ge 1 + x", by="minimum at x = 0")
    assert ("convexity", "minimum at x = 0") in by.trace


def test_json_and_explain_show_the_trace() -> None:
    one = check(trial("x real", "1 - \\sigma(x) &= \\sigma(-x)", SIGMOID))
    step = json.loads(json.dumps(report(one)))["steps"][0]
    assert {"rule": "same normal form", "to": ""} in step["rules"]
    assert {"rule": "ranges", "to": "1 + e^{-x} \\ne 0"} in step["rules"]
    text = explain(one, "trial.1")
    assert "decided by: same normal form; ranges" in text
    assert "ranges: 1 + e^{-x} \\ne 0" in text


def test_what_is_trusted_prints_every_rule_of_the_table() -> None:
    chapter = (PROJECT / "chapters" / "what_is_trusted.md").read_text(encoding="utf-8")
    groups = {rule.group for rule in TABLE.values()}
    for group in groups:
        assert f'RuleList("{group}")' in chapter
    printed = "\n".join(RuleList(group)._repr_markdown_() for group in groups)
    for rule in TABLE.values():
        assert f"**{rule.name}**: {rule.sentence}" in printed
        assert rule.sentence.endswith(".")
    assert sum(len(rules_of(group)) for group in groups) == len(TABLE)


@pytest.mark.parametrize("count", [11, 16, 40])
def test_too_many_labels_are_refused_at_once_with_what_to_do(count: int) -> None:
    names = [f"y_{{{k}}}" for k in range(count)]
    row = f"{' + '.join(names)} &= {' + '.join(reversed(names))}"
    verdict = decide(f"{', '.join(names)} in {{0, 1}}", row)
    assert verdict.kind == "unproved"
    assert f"make {2**count} cases" in str(verdict)
    assert "a sum over a family" in str(verdict)


def test_labels_of_one_step_share_its_budget() -> None:
    names = [f"y_{{{k}}}" for k in range(8)]
    one = bce.check(derivation(f"{', '.join(names)} in {{0, 1}}", f"{' + '.join(names)} &\\ge 0"))
    statement = one.derivations[0].derivation.statement(one.derivations[0].steps[0].row)
    assert prove(statement).proved
    assert not prove(statement, budget=2_000).proved
