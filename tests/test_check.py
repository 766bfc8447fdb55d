r"""The command line ``bce check``: exit codes, messages, the JSON object, and hostile files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from schemas import read_json, read_sarif
from trial_book import PROJECT
from trial_cells import checked_book, definition, derivation, fence

from bce.__main__ import main

GOOD = derivation("x real", "x + x &= 2 x && collect \\label{collect}", "&= 4 x - 2 x && and apart", name="good")
LONGEST = 60  # seconds of the processor that a hostile file may take; how busy the machine is does not count


@pytest.fixture
def chapter(tmp_path: Path):
    """Write a chapter and return its path."""

    def write(*cells: str, name: str = "chapter.md") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# A chapter\n\n" + "".join(fence(cell) for cell in cells), encoding="utf-8")
        return path

    return write


def check(capsys, *arguments: object) -> tuple[int, str, str]:
    """Run ``bce check`` and return exit code, output and errors."""
    code = main(["check", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_true_chapter_exits_0_and_counts_its_steps(capsys, chapter) -> None:
    code, out, err = check(capsys, chapter(GOOD))
    assert (code, err) == (0, "")
    assert "2 steps: 2 proved; all as expected" in out


def test_definitions_are_counted_apart_from_what_is_proved(capsys, chapter) -> None:
    square = definition("square", "x real", "f(x) = x^2")
    slip = derivation("x real", "f(x) &= x^3 && a slip \\refuted", name="slip", uses="square")
    code, out, _ = check(capsys, chapter(GOOD, square, slip))
    assert code == 0
    assert "3 derivations and definitions, 4 steps: 2 proved, 1 defined, 1 refuted; all as expected" in out
    _, out, _ = check(capsys, chapter(definition("inverse", "x real", "f(x) = \\frac{1}{x}")))
    assert "1 derivation or definition, 1 step: 1 unproved; 1 not as expected" in out


def test_a_definition_is_no_alert_in_any_format(capsys, chapter) -> None:
    path = chapter(definition("square", "x real", "f(x) = x^2"))
    assert read_sarif(check(capsys, path, "--format", "sarif")[1])["runs"][0]["results"] == []
    assert "::error" not in check(capsys, path, "--format", "github")[1]
    (report,) = read_json(check(capsys, path, "--format", "json")[1])["derivations"]
    assert [(step["verdict"], step["expected"]) for step in report["steps"]] == [("defined", "defined")]
    assert "verdict: defined" in check(capsys, path, "--explain", "square.1")[1]


FAILURES = [
    # what is wrong, the cells, exit code, line in the file, words of the message
    ("false step", [derivation("x real", "x &= x + 0", "&= x + 1")], 1, 9, ["trial.2", "refuted", "x = "]),
    ("named false step", [derivation("x real", "x &= x + 1 && r \\label{slip}")], 1, 8, ["trial.slip", "refuted"]),
    ("vacuous step", [derivation("x real", "x &= (x)")], 1, 8, ["trial.1", "unproved", "vacuous"]),
    ("open step", [derivation("x real", "e^{x} &\\ge 1 + x")], 1, 8, ["trial.1", "unproved", "sign"]),
    ("undefined step", [derivation("x real", "\\frac{x}{x} &= 1")], 1, 8, ["trial.1", "unproved", "x \\ne 0"]),
    ("true mistake", [derivation("x real", "x &= x + 0 && r \\refuted")], 1, 8, ["trial.1", "in fact true"]),
    ("open mistake", [derivation("x real", "e^{x} &\\ge 1 + x && r \\refuted")], 1, 8, ["trial.1", "not be refuted"]),
    ("undeclared symbol", [derivation("x real", "x &= x + u")], 2, 8, ["trial.1", "error", "undeclared symbol u"]),
    ("syntax error", [derivation("x real", "x &= x + \\frac{1}")], 2, 8, ["trial.1", "error", "argument"]),
    ("ambiguity", [derivation("x > 0", "x &= \\log x x")], 2, 8, ["trial.1", "error", "two ways"]),
    ("unknown head", [derivation("x real", "f(x) &= x")], 2, 8, ["trial.1", "error", "unknown function f"]),
    ("duplicate id", [GOOD, GOOD], 2, 13, ["good", "error", "is taken by"]),
    ("unknown key", [GOOD.replace("given", "gven")], 2, 6, ["good", "error", "unknown key 'gven'"]),
    ("unknown use", [derivation("x real", "x &= x + 0", uses="nope")], 2, 7, ["trial", "error", "'nope'"]),
    ("circle", [definition("a", "x real", "f(x) = g(x)", uses="b"), definition("b", "x real", "g(x) = f(x)", uses="a")],
     2, 7, ["error", "rests on itself"]),
    ("bad domain", [derivation("1 < x < 0", "x &= x + 0")], 2, 6, ["trial", "error", "no value for x"]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "code", "line", "words"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES])
def test_failure_names_file_line_step_and_reason(
    capsys, chapter, cells: list[str], code: int, line: int, words: list[str]
) -> None:
    path = chapter(*cells)
    found, out, _ = check(capsys, path)
    assert found == code
    (message,) = [text for text in out.split("\n") if text.startswith(f"{path}:{line}:")]
    assert all(word in message for word in words), message


@pytest.mark.parametrize("cells", [f[1] for f in FAILURES], ids=[f[0] for f in FAILURES])
def test_failure_follows_the_schemas_of_json_and_sarif(capsys, chapter, cells: list[str]) -> None:
    path = chapter(*cells)
    read_json(check(capsys, path, "--format", "json")[1])
    sarif = read_sarif(check(capsys, path, "--format", "sarif")[1])
    assert len(sarif["runs"][0]["results"]) >= 1


def test_refutation_shows_both_sides_the_point_and_both_values(capsys, chapter) -> None:
    _, out, _ = check(capsys, chapter(derivation("x real", "x^2 &= x && a slip")))
    line = out.split("\n")[0]
    assert "x^2 = x" in line
    assert "at x = " in line
    assert "left side is" in line
    assert "right side is" in line


def test_unreadable_cell_wins_over_a_refuted_one_in_the_exit_code(capsys, chapter) -> None:
    assert check(capsys, chapter(derivation("x real", "x &= x + 1"), derivation("x real", "x &= u", name="b")))[0] == 2


def test_failure_repeats(capsys, chapter) -> None:
    path = chapter(derivation("x real", "x &= x + 1"))
    assert check(capsys, path) == check(capsys, path)


def test_definition_in_one_file_serves_another(capsys, chapter, tmp_path: Path) -> None:
    chapter(definition("f", "x real", "f(x) = x^2"), name="a.md")
    chapter(derivation("x real", "f(x) &= x x", uses="f"), name="deep/b.md")
    assert check(capsys, tmp_path)[0] == 0


def test_same_path_twice_is_read_once(capsys, chapter) -> None:
    path = chapter(GOOD)
    assert check(capsys, path, path)[0] == 0
    assert check(capsys, path, path.parent)[0] == 0


# --- JSON -----------------------------------------------------------------------------


def test_json_tells_what_every_row_says_and_what_became_of_it(capsys, chapter) -> None:
    rows = ("h &= x^2 && by name \\label{square}", "&= x && a slip \\refuted", "&= x \\cdot x")
    path = chapter(definition("f", "x real", "f(x) = x"), derivation("x real", *rows, where="h = x^2", uses="f"))
    code, out, _ = check(capsys, "--format", "json", path)
    report = read_json(out)
    assert code == 0
    assert report["errors"] == []
    assert [one["kind"] for one in report["derivations"]] == ["definition", "derivation"]
    first, second, third = report["derivations"][1]["steps"]
    assert (first["step"], first["name"], first["id"], first["relation"]) == (1, "square", "trial.square", "=")
    assert (first["left"], first["right"], first["reason"]) == ("h", "x^2", "by name")
    assert (first["verdict"], first["expected"], first["counterexample"]) == ("proved", "proved", None)
    assert (second["verdict"], second["expected"]) == ("refuted", "refuted")
    assert set(second["counterexample"]["point"]) == {"x"}
    assert (second["column"], second["width"]) == (2, len("= x"))
    assert (third["left"], third["line"]) == ("x^2", first["line"] + 2)
    assert report["derivations"][1]["head"] == "h"
    assert report["derivations"][1]["where"] == ["h = x^2"]
    assert report["derivations"][1]["uses"] == ["f"]


def test_json_lists_what_cannot_be_read(capsys, chapter) -> None:
    path = chapter(derivation("x real", "x &= u"))
    code, out, _ = check(capsys, path, "--format", "json")
    (error,) = read_json(out)["errors"]
    assert code == 2
    assert (error["file"], error["line"]) == (str(path), 8)
    assert error["column"] == 6
    assert "undeclared symbol u" in error["message"]


def test_json_of_a_chapter_agrees_with_what_the_library_says_of_the_whole_book(capsys) -> None:
    chapter = "chapters/what_is_trusted.md"
    code, out, _ = check(capsys, PROJECT / chapter, "--format", "json")
    report = read_json(out)
    assert (code, report["errors"]) == (0, [])
    printed = {one["id"]: [step["verdict"] for step in one["steps"]] for one in report["derivations"]}
    checked = [one for one in checked_book() if one.derivation.file == chapter]
    assert printed == {one.derivation.id: [step.verdict.kind for step in one.steps] for one in checked}
    assert len(printed) > 5


# --- bad usage and hostile files ------------------------------------------------------


def test_missing_path_exits_2_and_names_it(capsys, tmp_path: Path) -> None:
    code, out, err = check(capsys, tmp_path / "nowhere.md")
    assert (code, out) == (2, "")
    assert "nowhere.md" in err


def test_folder_without_markdown_exits_2(capsys, tmp_path: Path) -> None:
    code, _, err = check(capsys, tmp_path)
    assert code == 2
    assert str(tmp_path) in err


@pytest.mark.parametrize("arguments", [["--format", "yaml"], ["--nonsense"]])
def test_bad_usage_exits_2(capsys, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["check", *arguments])
    assert caught.value.code == 2
    assert capsys.readouterr().err


def test_file_that_is_not_utf8_exits_2(capsys, tmp_path: Path) -> None:
    path = tmp_path / "latin.md"
    path.write_bytes("# Überschrift".encode("latin-1"))
    code, _, err = check(capsys, path)
    assert code == 2
    assert "UTF-8" in err


MARKED = "$$ 1 = 1 + 0 $$"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_a_commit_hook_passes_over_a_file_in_another_encoding_that_marks_nothing(capsys, tmp_path, encoding):
    path = tmp_path / "old.md"
    path.write_bytes(f"# Überschrift\n\n{MARKED}\n".encode(encoding))
    assert check(capsys, "--allow-empty", path)[0] == 0
    assert check(capsys, path)[0] == 2


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", ["<!-- bce: -->", "<!-- BCE: x real -->", "```{code-cell}\n%%derivation a\n```"])
def test_a_commit_hook_stops_at_a_mark_in_another_encoding(capsys, tmp_path, encoding, mark):
    path = tmp_path / "old.md"
    path.write_bytes(f"# Überschrift\n\n{mark}\n{MARKED}\n".encode(encoding))
    code, _, err = check(capsys, "--allow-empty", path)
    assert code == 2
    assert "save it as UTF-8" in err


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(capsys, tmp_path: Path, newline: str) -> None:
    path = tmp_path / "ends.md"
    path.write_bytes(("\ufeff" + fence(GOOD)).replace("\n", newline).encode())
    assert check(capsys, path)[0] == 0


def test_tabs_are_spaces(capsys, tmp_path: Path) -> None:
    path = tmp_path / "tabs.md"
    path.write_text(fence(derivation("x real", "x\t+ x &=\t2 x\t&& collect")))
    assert check(capsys, path)[0] == 0


def run(*arguments: object, memory: int = 2 << 30) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with bounded memory and work."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))

    return subprocess.run(
        [sys.executable, "-m", "bce", "check", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        preexec_fn=limit,
    )


def row_of(latex: str) -> str:
    return fence(derivation("x real", f"x &= {latex}"))


DOUBLED_HELPERS = "; ".join(f"h_{{{k}}} = h_{{{k + 1}}} + h_{{{k + 1}}} x" for k in range(40)) + "; h_{40} = x"


def doubled_function(k: int) -> str:
    body = f"f_{{{k}}}(x) = f_{{{k - 1}}}(x) + f_{{{k - 1}}}(2 x)"
    return fence(definition(f"f{k}", "x real", body, uses=f"f{k - 1}"))


HOSTILE = {
    "nesting": row_of("(" * 100_000 + "x" + ")" * 100_000),
    "braces": row_of("{" * 400_000),
    "long row": row_of("x" * 2_000_000),
    "one long line": "x" * 4_900_000,
    "huge file": "word " * 2_500_000,
    "digits": row_of("1" * 100_000),
    "tower": row_of("9^{9^{9^{9}}}"),
    "power": row_of("(1 + x)^{9^{9}}"),
    "powers": row_of("(1 + x + x^2)^{64} (1 + x)^{64} (2 + x)^{64}"),
    "roots": row_of("\\sqrt{" * 50 + "x^2" + "}" * 50),
    "primes": fence(definition("f", "x real", "f(x) = \\frac{1}{1+e^{-x}}"))
    + fence(derivation("x real", "f" + "'" * 8 + "(x) &= x", uses="f")),
    "sums": row_of("\\sum_{i=1}^{200}\\sum_{j=1}^{200}\\sum_{k=1}^{200} i j k x"),
    "helpers": fence(derivation("x real", "h_{0} &= x", where=DOUBLED_HELPERS)),
    "functions": fence(definition("f0", "x real", "f_{0}(x) = x")) + "".join(map(doubled_function, range(1, 10))),
    "cases": row_of(" + ".join(f"|x - {k}|" for k in range(40))),
    "rows": fence(derivation("x real", "x &= x + 0", *["&= x + 0"] * 4_000)),
    "open fence": "```{code-cell} ipython3\n" + derivation("x real", "x &= u"),
    "dollars": fence(derivation("x real", "x &= u && " + "$" * 100_001)),
    "marks": fence(derivation("x real", "x &= u && " + "\\label{a}" * 10_000)),
    "nul": row_of("x \0"),
    "lone backslash": row_of("x \\"),
    "open environment": row_of("\\begin{cases} x"),
    "code": row_of("\\text{__import__('os').system('touch hacked')}"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_ends_in_words_within_bounded_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.md"
    path.write_text(HOSTILE[name], encoding="utf-8")
    done = run(path)
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr
    assert len(done.stdout) < 1_000_000
    assert not (PROJECT / "hacked").exists()


def test_formula_is_never_evaluated_as_code() -> None:
    guilty = [
        f"{path.name}: {word}"
        for path in (PROJECT / "bce").rglob("*.py")
        for word in ("eval(", "exec(", "sympify", "parse_expr", "parse_latex")
        if word in path.read_text(encoding="utf-8").replace("_eval(", "").replace(".evaluate(", "")
    ]
    assert guilty == []
