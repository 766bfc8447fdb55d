"""What ``bce check`` prints, in every format, and what it explains."""

from __future__ import annotations

import json

import pytest

from bce.__main__ import main

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
    log = json.loads(out)
    results = log["runs"][0]["results"]
    assert log["version"] == "2.1.0"
    assert [result["ruleId"] for result in results] == ["refuted", "error"]
    assert results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    known = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in results} <= known


def test_json_is_one_object_with_derivations_and_errors(note, capsys):
    _, out = run(capsys, note, "--format", "json")
    data = json.loads(out)
    assert [d["id"] for d in data["derivations"]] == ["slip"]
    assert data["derivations"][0]["steps"][0]["verdict"] == "refuted"
    assert data["errors"][0]["line"] == 6


def test_a_domain_on_the_command_line_holds_for_all_marked_formulas(note, capsys):
    _, out = run(capsys, note, "--domain", "y real")
    assert "undeclared symbol" not in out


def test_explain_shows_trees_normal_forms_and_the_verdict(note, capsys):
    code, out = run(capsys, note, "--explain", "slip.1")
    assert code == 1
    for part in ("Power", "normal forms", "left:  1 + 2*x + x^2", "right: 1 + x^2", "verdict: refuted at x = "):
        assert part in out


def test_explain_of_an_unknown_step_says_how_steps_are_named(note, capsys):
    assert main(["check", str(note), "--explain", "slip.7"]) == 2
    assert "<id>.<name or number>" in capsys.readouterr().err


def test_nothing_but_the_report_is_printed_when_the_output_is_piped(note, capsys):
    main(["check", str(note)])
    assert capsys.readouterr().err == ""
