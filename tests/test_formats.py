"""What ``bce check`` prints, in every format, and what it explains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import pytest
from jsonschema import ValidationError
from schemas import read_json, read_sarif, validator

from bce.__main__ import main
from bce.algebra.expression import Operator
from bce.reading.cells import Kind
from bce.reading.rows import Expected
from bce.reporting.findings import RULES
from bce.reporting.report import SCHEMA_FILE
from bce.verdicts import VerdictKind

SCHEMA = validator(SCHEMA_FILE).schema

WRONG = r"""<!-- bce: x real
id: slip -->
$$ (x + 1)^2 = x^2 + 1 $$

<!-- bce: x real -->
$$ x + y = y + x $$
"""


@pytest.fixture
def note(tmp_path):
    file = tmp_path / "note.md"
    file.write_text(WRONG, encoding="utf-8")
    return file


def run(capsys, *arguments: object) -> tuple[int, str]:
    code = main(["check", *map(str, arguments)])
    return code, capsys.readouterr().out


def test_text_names_file_line_and_step_and_underlines_the_place(note, capsys):
    code, out = run(capsys, note)
    lines = out.splitlines()
    assert code == 2
    assert lines[0].startswith(f"{note}:3: slip.1: refuted: (x + 1)^2 = x^2 + 1 at x = ")
    assert lines[1] == "    $$ (x + 1)^2 = x^2 + 1 $$"
    assert lines[2].strip("^ ") == ""
    assert lines[2].index("^") == lines[1].index("=")
    assert "undeclared symbol y" in out


def test_github_annotates_every_finding_at_its_place(note, capsys):
    _, out = run(capsys, note, "--format", "github")
    commands = [line for line in out.splitlines() if line.startswith("::error ")]
    assert len(commands) == 2
    assert f"file={note},line=3,col=14" in commands[0].replace("%3A", ":")


def test_sarif_holds_every_finding_with_its_rule_and_region(note, capsys):
    _, out = run(capsys, note, "--format", "sarif")
    results = read_sarif(out)["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["refuted", "error"]
    assert results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_sarif_names_a_file_by_an_address_whatever_its_name(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my notes: 100 %.md").write_text(WRONG, encoding="utf-8")
    for path in ("my notes: 100 %.md", tmp_path / "my notes: 100 %.md"):
        _, out = run(capsys, path, "--format", "sarif")
        location = read_sarif(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        address = location["artifactLocation"]["uri"]
        assert Path(unquote(address.removeprefix("file://"))) == Path(path)
        assert address.startswith("file:///") is Path(path).is_absolute()


def test_json_is_one_object_with_derivations_and_errors(note, capsys):
    _, out = run(capsys, note, "--format", "json")
    data = read_json(out)
    assert [d["id"] for d in data["derivations"]] == ["slip"]
    assert data["derivations"][0]["steps"][0]["verdict"] == "refuted"
    assert data["errors"][0]["line"] == 6


def test_the_schema_knows_every_word_that_the_program_says():
    words = {name: field["enum"] for name, field in SCHEMA["$defs"]["step"]["properties"].items() if "enum" in field}
    assert words.pop("verdict") == list(get_args(VerdictKind))
    assert words.pop("expected") == list(get_args(Expected))
    assert words.pop("relation") == list(get_args(Operator))
    assert words == {}
    assert SCHEMA["$defs"]["derivation"]["properties"]["kind"]["enum"] == list(get_args(Kind))
    assert set(RULES) == {"error", *get_args(VerdictKind)} - {"defined"}


@pytest.mark.parametrize(
    "damage",
    [
        {"verdict": "certain"},
        {"verdict": "refuted"},
        {"verdict": "unproved"},
        {"verdict": "defined"},
        {"expected": "defined"},
        {"relation": "\\leq"},
        {"open": ["a gap"]},
        {"counterexample": {"point": {"x": "0.5"}, "values": ["1", "2"]}},
        {"counterexample": {"point": {"x": "1/2"}, "values": ["1"]}},
        {"column": 0},
        {"link": "d/slip/"},
    ],
    ids=str,
)
def test_the_schema_refuses_a_step_that_is_wrong(tmp_path, capsys, damage):
    file = tmp_path / "note.md"
    file.write_text("<!-- bce: x real -->\n$$ x + x = 2 x $$\n", encoding="utf-8")
    data = read_json(run(capsys, file, "--format", "json")[1])
    (step,) = data["derivations"][0]["steps"]
    step.update(damage)
    with pytest.raises(ValidationError):
        read_json(json.dumps(data))


def test_a_domain_on_the_command_line_holds_for_all_marked_formulas(note, capsys):
    _, out = run(capsys, note, "--domain", "y real")
    assert "undeclared symbol" not in out


def test_explain_shows_trees_normal_forms_and_the_verdict(note, capsys):
    code, out = run(capsys, note, "--explain", "slip.1")
    assert code == 1
    for part in ("Power", "normal forms", "left:  1 + 2*x + x^2", "right: 1 + x^2", "verdict: refuted at x = "):
        assert part in out


def test_explain_of_an_unknown_step_says_which_steps_there_are(note, capsys):
    for step in ("slip.7", "slip"):
        assert main(["check", str(note), "--explain", step]) == 2
        assert capsys.readouterr().err == f"bce: slip has no step {step}; its steps are slip.1\n"


def test_explain_of_an_unknown_id_says_how_steps_are_named(note, capsys):
    for step in ("nowhere.1", "nowhere"):
        assert main(["check", str(note), "--explain", step]) == 2
        wanted = "bce: nothing here has the id nowhere; a step is named <id>.<name or number>\n"
        assert capsys.readouterr().err == wanted


def test_explain_takes_a_definition_by_its_id_and_shows_its_value_once(tmp_path, capsys):
    file = tmp_path / "note.md"
    magic = "```python\n%%definition half\ntitle: Half\ngiven: x real\n\nH(x) = \\frac{x}{2}\n```\n"
    file.write_text(f"{magic}\n{WRONG}", encoding="utf-8")
    code, out = run(capsys, file, "--explain", "half")
    assert code == 0
    assert out.count("Quotient") == out.count("x / 2") == 1
    assert "verdict: defined" in out
    assert "side" not in out
    assert run(capsys, file, "--explain", "half.1") == (code, out)


def test_findings_stand_in_the_order_of_the_file_whatever_they_are(tmp_path, capsys):
    magic = "```python\n%%derivation late\ntitle: Late\ngiven: x real\n\nx^2 &= x\n```\n"
    file = tmp_path / "note.md"
    file.write_text(f"<!-- bce: x real -->\n$$ x + y = x $$\n\n{WRONG}\n{magic}", encoding="utf-8")
    _, out = run(capsys, file)
    places = [int(line.split(":")[1]) for line in out.splitlines() if line.startswith(f"{file}:")]
    assert len(places) == 4
    assert places == sorted(places)


def test_nothing_but_the_report_is_printed_when_the_output_is_piped(note, capsys):
    main(["check", str(note)])
    assert capsys.readouterr().err == ""
