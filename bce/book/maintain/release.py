"""Make the files of a release from the last commit, and publish nothing: ``make release``.

They are the sdist, the wheel, the site, the PDF edition (if Chromium is there), a list of all that the book is built
with (an SBOM), and the checksums. Two runs on one commit give the same bytes: every moment is the commit's.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bce import __version__
from bce.book.published.browser import NoBrowserError, browser
from bce.book.published.freshness import SITE
from bce.book.published.names import EDITION, WANTED
from bce.reading.files import book_argument

FOLDER = Path("_build/release")
WHEELS = Path("_build/wheels")
"""Wheels that were built elsewhere, for other systems, are taken from here in place of one for this machine."""
LOCK = Path("requirements/book.txt")
CHECKSUMS = "SHA256SUMS"

_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]*[^\\\s]))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_BACKEND = "import sys, setuptools.build_meta as backend; getattr(backend, sys.argv[1])(sys.argv[2])"


class ReleaseError(Exception):
    """No release can be made; the message says why."""


def pack(folder: Path, archive: Path, root: str, moment: int) -> None:
    """Pack a folder so that its bytes depend on nothing but what is in it.

    Parameters
    ----------
    folder : Path
        What is packed, with all that is below it.
    archive : Path
        The ``.tar.gz`` to write.
    root : str
        The name of the folder in the archive.
    moment : int
        When everything in it was made, in seconds since 1970.
    """
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", mtime=moment, fileobj=file) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as packed,
    ):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = tarfile.TarInfo(f"{root}/{path.relative_to(folder).as_posix()}")
            content = path.read_bytes()
            entry.size, entry.mtime = len(content), moment
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            packed.addfile(entry, io.BytesIO(content))


def bill_of_materials(lock: str, moment: int) -> str:
    """Return the SBOM, in CycloneDX's format, of everything that a lock file pins.

    Parameters
    ----------
    lock : str
        Requirements as pip reads them, each with its version and its hashes.
    moment : int
        When it was made, in seconds since 1970.
    """
    components = []
    for block in re.split(r"\n(?=\w)", lock.strip()):
        if not (pin := _PIN.match(block)):
            continue
        properties = [{"name": "sha256", "value": digest} for digest in _HASH.findall(block)]
        if pin["marker"]:
            properties.insert(0, {"name": "marker", "value": pin["marker"]})
        purl = f"pkg:pypi/{pin['name']}@{pin['version']}"
        component = {"type": "library", "bom-ref": purl, "name": pin["name"], "version": pin["version"], "purl": purl}
        components.append({**component, "properties": properties})
    made = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    subject = {"type": "application", "name": "bce", "version": __version__}
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}
    return json.dumps(
        {**bill, "metadata": {"timestamp": made, "component": subject}, "components": components}, indent=1
    )


def checksums(folder: Path) -> str:
    """Return the SHA-256 of every file in a folder, as ``sha256sum --check`` reads them."""
    files = sorted(path for path in folder.iterdir() if path.name != CHECKSUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def build_package(book: Path, into: Path, moment: int) -> None:
    """Build the sdist from what is committed, and the wheel from the sdist."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(moment)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exported, unpacked, built = folder / "exported", folder / "unpacked", folder / "built"
        with tarfile.open(fileobj=io.BytesIO(_git(book, "archive", "HEAD"))) as archive:
            archive.extractall(exported, filter="data")
        built.mkdir()
        _run([sys.executable, "-c", _BACKEND, "build_sdist", str(built)], exported, environment)
        (sdist,) = built.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            archive.extractall(unpacked, filter="data")
        (source,) = unpacked.iterdir()
        pack(source, into / sdist.name, source.name, moment)
        wheels = sorted((book / WHEELS).glob("*.whl"))
        if not wheels:
            _run([sys.executable, "-c", _BACKEND, "build_wheel", str(built)], source, environment)
            wheels = sorted(built.glob("*.whl"))
        for wheel in wheels:
            shutil.copy(wheel, into)


def build_site(book: Path, into: Path, moment: int) -> None:
    """Build the book, with its PDF edition if there is a browser, and pack it."""
    environment = dict(os.environ)
    try:
        browser()
        environment[WANTED] = "1"
    except NoBrowserError as error:
        print(f"without the PDF edition: {error}", flush=True)
    command = str(Path(sys.executable).with_name("jupyter-book"))
    _run([command, "build", ".", "-W", "-n", "--keep-going"], book, environment)
    site = book / SITE
    pack(site, into / f"bce-{__version__}-site.tar.gz", f"bce-{__version__}-site", moment)
    if WANTED in environment:
        shutil.copy(site / EDITION, into)


def release(book: Path) -> Path:
    """Make all files of a release.

    Parameters
    ----------
    book : Path
        The folder of the book, a Git checkout in which all is committed.

    Returns
    -------
    Path
        The folder with the files.

    Raises
    ------
    ReleaseError
        If something is not committed, or a part cannot be built.
    """
    if changed := _git(book, "status", "--porcelain", "--untracked-files=no").decode().strip():
        raise ReleaseError(f"a release is made from a commit; commit or take back first:\n{changed}")
    moment = int(_git(book, "log", "-1", "--format=%ct"))
    (book / FOLDER.parent).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=book / FOLDER.parent) as name:
        made = Path(name, "release")
        made.mkdir()
        build_package(book, made, moment)
        build_site(book, made, moment)
        bill = bill_of_materials((book / LOCK).read_text(encoding="utf-8"), moment)
        (made / f"bce-{__version__}.cdx.json").write_text(bill + "\n", encoding="utf-8")
        (made / CHECKSUMS).write_text(checksums(made), encoding="utf-8")
        shutil.rmtree(book / FOLDER, ignore_errors=True)
        made.rename(book / FOLDER)
    return book / FOLDER


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReleaseError(f"{folder}: no Git checkout with a commit ({error}); a release is made from one") from None


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    run = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace", umask=0o022, check=False,
    )  # fmt: skip
    if run.returncode:
        raise ReleaseError(f"{run.stdout}\n{' '.join(command)}: exit code {run.returncode}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the files and print their checksums; return 1 if that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m bce.book.maintain.release", description="Make a release's files.")
    parser.add_argument("--folder", type=book_argument, default=".", help="the folder of the book (default: this one)")
    try:
        made = release(Path(parser.parse_args(arguments).folder).resolve())
    except ReleaseError as error:
        print(f"no release: {error}", file=sys.stderr)
        return 1
    print((made / CHECKSUMS).read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
