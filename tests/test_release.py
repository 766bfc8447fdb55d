"""What is released: an sdist from which everything can be built, archives that are the same bytes again, an SBOM."""

from __future__ import annotations

import email
import hashlib
import json
import os
import subprocess
import tarfile
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from trial_book import PROJECT

import bce
from bce.book.maintain import links, release

MOMENT = 1_700_000_000


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", folder, *names, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with one commit: the project as it is now."""
    if not (PROJECT / ".git").exists():
        pytest.skip("what is under version control is known in a Git checkout only")
    folder = tmp_path_factory.mktemp("committed")
    git(folder, "init", "--quiet")
    names = git(PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, names):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((PROJECT / name).read_bytes())
            (folder / name).chmod((PROJECT / name).stat().st_mode)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "All")
    return folder


@pytest.fixture(scope="module")
def package(committed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist and the wheel of that commit."""
    folder = tmp_path_factory.mktemp("package")
    release.build_package(committed, folder, MOMENT)
    return folder


def members(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_the_sdist_holds_all_that_is_under_version_control(committed, package):
    (sdist,) = package.glob("*.tar.gz")
    assert set(git(committed, "ls-files", "-z").split("\0")) - {""} - members(sdist) == set()


def test_the_sdist_holds_nothing_else_but_what_setuptools_writes(committed, package):
    (sdist,) = package.glob("*.tar.gz")
    more = members(sdist) - set(git(committed, "ls-files", "-z").split("\0"))
    assert {name for name in more if not name.startswith("bce.egg-info/")} == {"PKG-INFO", "setup.cfg"}


def test_the_package_of_a_commit_is_the_same_bytes_again(committed, package, tmp_path):
    before = os.umask(0o077)
    try:
        release.build_package(committed, tmp_path, MOMENT)
    finally:
        os.umask(before)
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in (package, tmp_path))
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_the_wheel_names_licences_and_pythons_and_says_that_it_is_typed(package):
    (wheel,) = package.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        head = email.message_from_bytes(archive.read(metadata))
    assert head["License-Expression"] == "MIT AND LicenseRef-GUST-Font-License"
    (folder,) = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    for file in head.get_all("License-File"):
        assert f"{folder}/licenses/{file}" in names
    assert any("fonts" in file for file in head.get_all("License-File"))
    pythons = {line.rpartition(" ")[2] for line in head.get_all("Classifier") if line.count("::") == 2}
    assert {"3.11", "3.12", "3.13", "3.14"} <= pythons
    assert "bce/py.typed" in names
    assert "bce/book/statements/static/statements.css" in names


def test_an_archive_is_the_same_bytes_whenever_its_files_were_made(tmp_path):
    for name, moment in (("one", 1), ("other", 1_600_000_000)):
        folder = tmp_path / name
        (folder / "below").mkdir(parents=True)
        for file in ("b.txt", "below/a.txt") if name == "one" else ("below/a.txt", "b.txt"):
            (folder / file).write_text(file, encoding="utf-8")
            os.utime(folder / file, (moment, moment))
        release.pack(folder, tmp_path / f"{name}.tar.gz", "site", MOMENT)
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "other.tar.gz").read_bytes()
    assert members(tmp_path / "one.tar.gz") == {"b.txt", "below/a.txt"}


def test_the_sbom_lists_every_pin_of_the_lock():
    lock = (PROJECT / release.LOCK).read_text(encoding="utf-8")
    bill = json.loads(release.bill_of_materials(lock, MOMENT))
    pins = [line.split()[0] for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert [f"{part['name']}=={part['version']}" for part in bill["components"]] == pins
    found = [item["value"] for part in bill["components"] for item in part["properties"] if item["name"] == "sha256"]
    assert len(found) == lock.count("--hash=sha256:")
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    assert bill["metadata"]["component"]["version"] == bce.__version__


def test_every_pin_of_the_lock_has_a_wheel_or_is_named_here():
    package = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert not any("cffconvert" in need for need in package["project"]["optional-dependencies"]["dev"])
    text = (PROJECT / "requirements/test.txt").read_text(encoding="utf-8")
    assert not {"docopt", "pykwalify"} & {line.partition("==")[0] for line in text.splitlines()}


def test_checksums_are_those_of_the_files(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a")
    (tmp_path / release.CHECKSUMS).write_bytes(b"old")
    assert release.checksums(tmp_path) == f"{hashlib.sha256(b'a').hexdigest()}  a.txt\n"


def test_no_release_is_made_of_what_is_not_committed(tmp_path, capsys):
    (tmp_path / "_toc.yml").write_text("root: index\n", encoding="utf-8")
    assert release.main(["--folder", str(tmp_path)]) == 1
    assert "a release is made from one" in capsys.readouterr().err
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "All")
    (tmp_path / "_toc.yml").write_text("root: other\n", encoding="utf-8")
    assert release.main(["--folder", str(tmp_path)]) == 1
    assert "commit or take back first:\nM _toc.yml" in capsys.readouterr().err
    assert not (tmp_path / "_build/release").exists()


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_links_that_lead_nowhere_are_named_with_their_pages(tmp_path, capsys):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    host = f"http://127.0.0.1:{server.server_port}"
    site = tmp_path / "_build/html"
    site.mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text("root: index\n", encoding="utf-8")
    page = f'<a href="{host}/200#part">a</a> <a href="{host}/403">b</a> <a href="next.html">c</a>'
    try:
        (site / "index.html").write_text(page, encoding="utf-8")
        assert links.main(["--folder", str(tmp_path)]) == 0
        assert "no answer" in capsys.readouterr().out
        (site / "two.html").write_text(f'<a href="{host}/404">d</a>', encoding="utf-8")
        assert links.main(["--folder", str(tmp_path)]) == 1
    finally:
        server.shutdown()
        server.server_close()
    out = capsys.readouterr().out
    assert f"gone: {host}/404: 404 Not Found (linked from two.html)" in out
    assert out.endswith("3 addresses, 1 of them gone\n")
