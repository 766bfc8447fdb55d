"""The public gate: it has no logic of its own, takes no rights that it does not need, and no action that may change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from trial_book import PROJECT

WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
SYSTEM_PACKAGE = re.compile(r"sudo apt-get (update|install --yes [a-z0-9 -]+)")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def read(path: Any) -> dict[str, Any]:
    # BaseLoader: in YAML 1.1 the key `on` is a truth value.
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def steps(path: Any) -> Iterator[dict[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job.get("steps", ())


def test_the_gate_publication_and_release_are_there_and_what_runs_by_the_clock():
    assert {path.stem for path in WORKFLOWS} == {"ci", "publish", "links", "newest", "fuzz", "release"}
    clocked = {path.stem for path in WORKFLOWS if "schedule" in read(path)["on"]}
    assert clocked == {"links", "newest", "fuzz"}


@each_workflow
def test_every_command_is_make_or_installs_a_system_package(path):
    for step in steps(path):
        for line in step.get("run", "").splitlines():
            command = line.split()
            is_make = command[0] == "make" and len(command) > 1 and set(command[1:]) <= TARGETS
            assert is_make or SYSTEM_PACKAGE.fullmatch(line), line


@each_workflow
def test_every_action_is_pinned_by_its_hash_with_its_version_beside_it(path):
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"\buses:", line)]
    assert lines
    for line in lines:
        is_own = re.fullmatch(r"uses: \./\.github/workflows/[a-z]+\.yml", line)
        assert is_own or re.fullmatch(r"(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@each_workflow
def test_a_workflow_has_no_rights_and_each_job_names_what_it_needs(path):
    workflow = read(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        rights = job["permissions"]
        writes = {right for right, kind in rights.items() if kind == "write"}
        runs_project = any(
            "make" in step.get("run", "") and step["run"] != "make upload" for step in job.get("steps", ())
        )
        assert not (runs_project and writes), "what runs the project's code can write nothing"


@each_workflow
def test_no_job_runs_for_ever_or_beside_itself_or_keeps_the_token(path):
    workflow = read(path)
    assert workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert "uses" in job or int(job["timeout-minutes"]) <= 180
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


def test_what_is_published_has_passed_every_other_job():
    jobs = read(PROJECT / ".github/workflows/ci.yml")["jobs"]
    assert set(jobs["publish"]["needs"]) == set(jobs) - {"publish"}
    assert jobs["publish"]["if"] == "github.event_name == 'push'"
    assert read(PROJECT / ".github/workflows/ci.yml")["on"]["push"] == {"branches": ["main"]}
    assert list(read(PROJECT / ".github/workflows/publish.yml")["on"]) == ["workflow_call"]


def test_the_gate_tries_every_python_that_the_package_names():
    classifiers = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', classifiers)
    jobs = read(PROJECT / ".github/workflows/ci.yml")["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == named


def test_our_own_commit_hooks_need_nothing_from_elsewhere():
    repositories = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        make, target = hook["entry"].split()
        assert make == "make"
        assert target in TARGETS


@pytest.mark.parametrize("path", sorted((PROJECT / ".github").rglob("*.yml")), ids=lambda path: path.stem)
def test_every_file_of_the_gate_is_yaml(path):
    assert isinstance(read(path), dict)
