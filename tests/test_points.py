r"""Points of the declared domain: all that is tried lies in it, for every kind of declaration."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from random import Random

import pytest
from trial_cells import decide, derivation, trial

import bce
from bce.algebra.decide.points import points, probes
from bce.algebra.intervals import Intervals
from bce.audit.independent import declared_range, in_domain

REALS = ["real", "positive", "negative", "nonnegative", "in (0, 1)", "in [0, 1]", "in [-1, 2)", "in (1/3, 2/3]"]
WHOLE = ["integer", "positive integer", "nonnegative integer", "in {0, 1}"]
BOUNDS = ["{} > 0", "{} < 5", "{} >= -2", "1/4 < {} <= 3", "{} > 1/2", "{} < -1/3", "0 <= {} < 1"]
RELATIONS = [
    "x > y", "x \\ne y", "x + y = 1", "x - 2 y \\le 3", "x y = \\frac{1}{2}", "x < n", "m \\le n", "n > m + 1",
    "n + m = 7", "x^2 + y^2 < 1", "n \\ne m", "x + n \\ge 0",
]  # fmt: skip
OF_MEMBERS = [
    "p_1 < 2/3", "p_2 > 1/5", "p_1 \\ne p_2", "p_1 < p_2", "p_3 = \\frac{1}{2}", "\\sum_{i=1}^{3} p_i = 1",
    "\\sum_{i=1}^{m} p_i = 1", "\\sum_{i=0}^{4} y_i = 2", "y_1 + y_2 = 1", "y_1 \\le y_2", "\\sum_{i=1}^{m} p_i < 3",
    "\\sum_{i=1}^{m} p_i^2 = 1",
]  # fmt: skip
FAMILIES = ["p_i > 0", "p_i in (0, 1)", "p_i in [0, 1]", "p_i > 1/10", "p_i < 3/4", "p_i real"]
FORMULA = "x + y + n + m + p_1 + p_7 + \\sum_{i=1}^{m} p_i y_i &= y_5 + 2"


def declarations(random: Random) -> str:
    items = [f"{name} {random.choice(REALS)}" for name in "xy"]
    items += [f"{name} {random.choice(WHOLE)}" for name in "n"]
    items += ["m positive integer; m \\le 5" if random.random() < 0.5 else "m positive integer"]
    items += [random.choice(FAMILIES), "y_i in {0, 1}"]
    items += [random.choice(BOUNDS).format(random.choice("xyn")) for _ in range(random.randint(0, 2))]
    items += random.sample(RELATIONS, random.randint(0, 2)) + random.sample(OF_MEMBERS, random.randint(0, 2))
    return "; ".join(items)


def test_every_point_satisfies_all_ranges_sets_and_conditions_of_random_declarations() -> None:
    random, read, found = Random(11), 0, 0
    for _ in range(150):
        given = declarations(random)
        try:
            one = trial(given, FORMULA)
        except bce.reading.cells.ReadError:
            continue
        statement = one.statement(one.rows[0])
        tried = [*islice(points(statement), 6), *probes(statement, 2)]
        read, found = read + 1, found + bool(tried)
        for point in tried:
            sides = one.rows[0].relation
            for side in (sides.left, sides.right):
                bce.algebra.interpreter.Interpreter(Intervals(), statement.functions).evaluate(side, point.scope())
            assert {"p_1", "p_7", "y_5"} <= set(point.values)
            for name, value in point.values.items():
                assert value in declared_range(statement, name), (given, name, value)
            assert in_domain(statement, point.values), (given, str(point))
    assert read > 100
    assert found > read * 0.8


TRUE = [
    ("n integer; n > 0", "n &\\ge 1", ""),
    ("n integer; n > 1", "n^2 &\\ge 2 n", ""),
    ("n integer; n < -5", "n &\\le -6", ""),
    ("k integer; 0 < k < 10", "k (10 - k) &\\ge 9", ""),
    ("k integer; k > 1/2", "\\frac{1}{k} &\\le 1", ""),
    ("k integer; -7/2 < k <= -3/2", "(k + 3)(k + 2) &= 0", ""),
    ("y_i in {0, 1}", "y_5^2 &= y_5", ""),
    ("y_i in {0, 1}", "y_{-3}^3 &= y_{-3}", ""),
    ("n positive integer; y_i in {0, 1}", "\\sum_{i=0}^{n} y_i^2 &= \\sum_{i=0}^{n} y_i", ""),
    ("m_i positive integer", "(m_9 - 1)(m_9 - 2) &\\ge 0", ""),
    ("p_i > 1/4; \\sum_{i=1}^{3} p_i = 1", "p_1 \\log(4 p_1) + e^{p_1} &> 1", ""),
    ("p_i in (3/10, 1); \\sum_{i=1}^{3} p_i = 1", "e^{p_1} + e^{p_2} &> \\frac{26}{10}", ""),
    ("p_i > 0; \\sum_{i=1}^{3} p_i = \\frac{1}{5}", "p_2 e^{p_2} &< 1", ""),
    ("p_i in (0, 2/5); \\sum_{i=1}^{3} p_i = 1", "e^{p_1} &> \\frac{6}{5}", ""),
    ("p_i > 0; p_1 < 1/100", "e^{p_1} + p_2 &< 2 + p_2", ""),
    ("p_1 < 1; p_i > 0", "\\log(1 - p_1) &< 0", ""),
    ("p_i > 0; p_1 < 1; p_2 < 1/2", "e^{p_1 p_2} &< 2", ""),
    ("n, j positive integer; j \\le n; p_i > 0; p_j < 1", "p_j \\log p_j &< 0", ""),
    ("p_i > 0", "e^{p_1} &< 3", "p_2 = 1 - p_1"),
    ("p_i > 0", "p_1 + p_2 &< 1", "p_3 = 1 - p_1 - p_2"),
    ("y_i in {0, 1}", "y_1 &= 0", "y_2 = \\frac{y_1}{2}"),
    ("y_i in {0, 1}; \\sum_{i=1}^{3} y_i = 1", "y_1 y_2 &= 0", ""),
    ("x, y, z, w integer; x > y; y > z; z > w", "x &\\ge w + 3", ""),
    ("p, q in (0, 1); p + q = 1; p - q = \\frac{1}{3}", "p &= \\frac{2}{3}", ""),
]


@pytest.mark.parametrize(("given", "row", "where"), TRUE, ids=[f"{given}: {row}" for given, row, _ in TRUE])
def test_true_row_on_a_narrow_domain_is_not_refuted(given: str, row: str, where: str) -> None:
    verdict = decide(given, row, where=where)
    assert verdict.kind != "refuted", verdict
    assert "no point" not in str(verdict)


FALSE = [
    ("n integer; n > 0", "n &\\ge 2", ""),
    ("n integer; n < -5", "n &\\le -7", ""),
    ("y_i in {0, 1}", "y_5 &= 0", ""),
    ("p_i > 1/4; \\sum_{i=1}^{3} p_i = 1", "p_1 &= p_2", ""),
    ("p_i > 0; p_1 < 1/100", "p_1 &> \\frac{1}{200}", ""),
    ("p_i > 0", "p_1 &< \\frac{1}{2}", "p_2 = 1 - p_1"),
    ("y_i in {0, 1}; \\sum_{i=1}^{4} y_i = 2", "y_1 y_2 &= 0", ""),
    ("p_i in (0, 2/5); \\sum_{i=1}^{3} p_i = 1", "p_1 &< \\frac{1}{5}", ""),
    ("x, y real; x^2 + y^2 = 1", "x + y &= 1", ""),
    ("x, y real; x y = 1", "x &= y", ""),
]


@pytest.mark.parametrize(("given", "row", "where"), FALSE, ids=[f"{given}: {row}" for given, row, _ in FALSE])
def test_false_row_on_a_narrow_domain_is_refuted_inside_of_it(given: str, row: str, where: str) -> None:
    one = trial(given, row, where=where)
    verdict = bce.verdicts.check(one).steps[0].verdict
    assert verdict.kind == "refuted", verdict
    assert in_domain(one.statement(one.rows[0]), verdict.counterexample.point)


@pytest.mark.parametrize(
    "given",
    ["x > 0; y < 0; x < y", "n positive integer; n < m; m integer; m < 1", "p_i > 1/2; \\sum_{i=1}^{3} p_i = 1"],
)
@pytest.mark.parametrize("row", ["{} &= {}", "{} &= {} + 1"])
def test_where_no_point_is_found_nothing_is_decided(given: str, row: str) -> None:
    name = "p_1" if "p_i" in given else given[0]
    verdict = decide(given, row.format(f"2 {name}", f"{name} + {name}"))
    assert verdict.kind == "unproved"
    assert "no point of the declared domain was found" in str(verdict)


@pytest.mark.parametrize(
    "given", ["k integer; 1/3 < k < 2/3", "n positive integer; n < 1", "p_i > 0; p_1 < 0", "y_i in {0, 1}; y_2 > 1"]
)
def test_declaration_without_any_value_is_an_error(given: str) -> None:
    problems = bce.check(derivation(given, "1 &= 2 - 1")).problems
    assert len(problems) == 1
    assert "empty domain" in problems[0].message


def test_member_of_a_real_family_is_no_whole_number_by_itself() -> None:
    problems = bce.check(derivation("p_i > 0; p_1 in {0, 1}", "1 &= 2 - 1")).problems
    assert "declare all of them as whole numbers" in problems[0].message


def test_each_side_is_evaluated_once_at_each_point(monkeypatch) -> None:
    calls: list[tuple] = []
    exp = Intervals.exp

    def counted(self, exponent):
        calls.append((exponent,))
        return exp(self, exponent)

    monkeypatch.setattr(Intervals, "exp", counted)
    assert decide("x real", "e^{x} &\\ge 1 + x").kind == "unproved"
    # 24 points, each of them enclosed once; where x = 0 both sides are equal, and e^0 is exact.
    assert len(calls) == 24
    assert len({call for call in calls if isinstance(call[0], Fraction)}) > 12


FAULTS = [
    ("k integer; k > 0", "k &= k + (k-1)(k-2)(k-3)(k-4)(k-5)"),
    ("n, k, m positive integer; k \\le n; m \\le n", "k &= k + (k - m)(k-1)(k-2)(k-3)(k-4)"),
    ("p in (0, 1)", "p &= p + (p - \\frac{1}{2})(p - \\frac{1}{3})(p - \\frac{1}{4})"),
    ("x, y real", "x &= x + x (x-1)(x+1)(x-2)(x+2)(x-y)"),
]


@pytest.mark.parametrize(("given", "row"), FAULTS, ids=[row for _, row in FAULTS])
def test_fault_of_the_prover_shows_though_both_sides_agree_at_plain_numbers(monkeypatch, given: str, row: str) -> None:
    proved = bce.algebra.decide.prove.Decision(True)
    monkeypatch.setattr(bce.verdicts, "prove", lambda statement: proved)
    verdict = decide(given, row)
    assert verdict.kind == "unproved"
    assert "a fault of the verifier" in str(verdict)


def test_proof_that_says_nothing_of_a_missing_value_is_doubted(monkeypatch) -> None:
    proved = bce.algebra.decide.prove.Decision(True)
    monkeypatch.setattr(bce.verdicts, "prove", lambda statement: proved)
    assert "a fault of the verifier" in str(decide("x < 0", "\\log x &= \\log x + 0"))
