"""Notes of a hundred kilobytes that are made to take long: each is answered, in words and without a traceback."""

from __future__ import annotations

import pytest

import bce

MANY = 100_000


def note(display: str, given: str = "x real") -> str:
    return f"<!-- bce: {given} -->\n$$\n{display}\n$$\n"


@pytest.mark.parametrize(
    "text",
    [
        note("\\cancel{" * 1200 + "x" + "}" * 1200 + " = x"),
        note("\\boxed{" * 12_000 + "x = x" + "}" * 12_000),
        note("\\boxed{" * 14_000 + "x = x"),
        note("\\underbrace{" * 900 + "x" + "}_{b}" * 900 + " = x"),
        note("x = " + "{x \\over " * 900 + "x" + "}" * 900),
        note("dx/dx + " * 900 + "0 = x"),
        note("x " + "{" * 1900 + "+ 1" + "}" * 1900 + " = x"),
        note("x = x" + " & " * 30_000 + "+ 0"),
        note("x = x" + "\\\\ x" * 20_000),
        note("x = x" + "," * MANY + "x"),
        note("x(" * 80 + "1 - x" + ")" * 80 + " = x"),
        note("x = x" + "\\tag{" * 20_000),
        note("x = x \\text{" + "a-" * 40_000 + "1}"),
        note("x = x \\hskip" + "1" * MANY),
        note("x = x", "x" + " " * MANY + "complex"),
        note("x = x", "x" + " " * MANY + "in (0, 0)"),
        "<!-- " * 20_000,
        "%%derivation\n" * 5_000,
    ],
    ids=lambda text: text[:48],
)
def test_a_hostile_note_is_refused_in_words(text: str) -> None:
    result = bce.check(text, "note.md")
    assert not result.as_expected
    assert all(len(problem.message) < 500 for problem in result.problems)


@pytest.mark.parametrize(
    "text",
    [
        note("x = x" + " " * MANY + "+ 0"),
        note("x = x" + "\n" * MANY + "+ 0"),
        note("x = x" + "\\" * MANY),
        note("x = x" + "%\n" * (MANY // 2)),
        note("x = x", "x" + " " * MANY + "real"),
        note("x = x", "x" + " " * MANY + "in (0, 1)"),
        note("x = x", "x real; " + "; ".join(["x < 5"] * 5_000)),
        "`" * MANY + "`\n\n" + "`" * MANY + "`\n" + note("x = x"),
        "> \n" * 30_000 + "\n" + note("x = x"),
        "".join(note(f"{letter} = x + {k}") for k, letter in enumerate("ABCDEFGHKLMNOPQRSTUVWabcfgh")),
        "".join(note(f"L_{{{k}}} = x + {k}") for k in range(500)),
    ],
    ids=lambda text: text[:48],
)
def test_a_long_and_harmless_note_is_read(text: str) -> None:
    result = bce.check(text, "note.md")
    assert result.as_expected
