"""The transcript of verdicts: it is up to date, and it shows every change of a verdict."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from trial_book import PROJECT, cell
from trial_cells import checked_book

from bce.reading.catalogue import Catalogue
from bce.reading.documents import document_cells
from bce.reporting import transcript
from bce.verdicts import check_all

TRIAL = r"""%%derivation trial
title: A trial
given: a, b > 0

\log(a b)
  &= \log a + \log b         && the rule \label{rule} \\
  &= \log(a + b)             && a mistake \refuted \\
"""


def lines(text: str) -> list[str]:
    catalogue = Catalogue(document_cells(cell(text), "trial.md"))
    return [line for line in transcript.transcript(check_all(catalogue)).splitlines() if line[:1] not in ("", "#")]


def digests(text: str) -> list[str]:
    return [line.split()[1] for line in lines(text)[1:]]


def test_the_committed_transcript_is_up_to_date():
    committed = (PROJECT / transcript.FILE).read_text(encoding="utf-8")
    changed = transcript.difference(committed, transcript.transcript(checked_book()))
    assert not changed, f"{transcript.FILE} is stale. If this is meant, run `{transcript.RENEW}`:\n{changed}"


def test_each_step_has_a_line_with_verdict_id_and_method():
    head, rule, mistake = lines(TRIAL)
    assert head == "trial (derivation, trial.md)"
    assert rule.split()[0] == "proved"
    assert rule.endswith("trial.rule: same normal form; ranges")
    assert mistake.split()[0] == "refuted"
    assert "trial.2: at a = 1, b = " in mistake


def test_the_digest_follows_the_normal_form_and_not_the_spelling():
    assert digests(TRIAL) == digests(TRIAL.replace(r"\log a + \log b", r"\log b + \log a").replace("rule", "sum"))
    assert digests(TRIAL)[0] != digests(TRIAL.replace(r"\log(a b)", r"\log(a b^2)"))[0]
    assert digests(TRIAL)[0] != digests(TRIAL)[1]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_writes_the_same_transcript(tmp_path, seed):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text("root: index\nchapters:\n- file: chapters/one\n", encoding="utf-8")
    (tmp_path / "index.md").write_text("# Book\n", encoding="utf-8")
    (tmp_path / "chapters/one.md").write_text(cell(TRIAL), encoding="utf-8")
    command = [sys.executable, "-m", "bce.reporting.transcript", "--folder", str(tmp_path)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
    assert (tmp_path / transcript.FILE).read_text(encoding="utf-8") == transcript.book_transcript(tmp_path)


def test_a_difference_names_the_lines_that_changed():
    changed = transcript.difference("a\nproved x\n", "a\nrefuted x\n")
    assert "-proved x" in changed
    assert "+refuted x" in changed
    assert not transcript.difference("a\n", "a\n")
