"""Builds of one commit in different surroundings: a difference of one byte is found and named."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from trial_book import TrialBook, cell

from bce.book.maintain import reproducible
from bce.book.published.freshness import digest_of_site


def write(site: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    return site


def test_the_first_difference_is_named_by_file_and_line(tmp_path: Path):
    site = write(tmp_path / "site", a="one\ntwo\n", b="three")
    assert reproducible.first_difference(site, write(tmp_path / "same", a="one\ntwo\n", b="three")) is None
    cases = {
        "a, line 2\n  - two\n  + tow": {"a": "one\ntow\n", "b": "four"},
        "a, at its end: 8 and 7 bytes": {"a": "one\ntwo", "b": "three"},
        "b is missing": {"a": "one\ntwo\n"},
        "c should not be there": {"a": "one\ntwo\n", "b": "three", "c": ""},
    }
    for number, (expected, texts) in enumerate(cases.items()):
        assert reproducible.first_difference(site, write(tmp_path / str(number), **texts)) == expected


def test_the_digest_is_the_one_that_the_shell_gives(tmp_path: Path):
    site = write(tmp_path / "site", **{"b": "1", "a-b/c": "2", "a/z": "3", "가": "4"})
    command = "find * -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    shell = subprocess.run(command, shell=True, cwd=site, capture_output=True, text=True, check=True)
    assert shell.stdout.split()[0] == digest_of_site(site)


def test_an_older_processor_has_none_of_the_instructions_that_numpy_would_choose():
    core = np._core._multiarray_umath
    chosen = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    assert (reproducible.old_processor()["NPY_DISABLE_CPU_FEATURES"] or "").split() == chosen


def commit(folder: Path) -> str:
    for command in ("init -q", "add .", "-c user.name=A -c user.email=a@b.example commit -qm book", "rev-parse HEAD"):
        run = subprocess.run(["git", *command.split()], cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_a_page_that_shows_where_it_was_built_is_found(
    trial_book: TrialBook, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    trial_book.write("first", cell("import os\nprint('built in', os.getcwd())"))
    trial_book.write_frame()
    two = reproducible.surroundings(trial_book.folder)[:2]
    monkeypatch.setattr(reproducible, "surroundings", lambda home: two)
    found = reproducible.compare(trial_book.folder, tmp_path_factory.mktemp("builds"), commit(trial_book.folder))
    with pytest.raises(reproducible.Failure, match=r"another folder\): chapters/first\.html, line \d+\n.*\n.*the book"):
        list(found)
