"""Build one commit several times, in different surroundings, and compare every byte: ``make reproducible``.

Each build starts from a clone of the commit and an empty cache, and uses the package of its clone. One thing differs in
each: the folder, whoever builds, the instructions that the processor offers. The sites must not differ at all.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bce.book.published.browser import NoBrowserError, browser
from bce.book.published.freshness import SITE, digest_of_site, files_of_site
from bce.book.published.names import WANTED
from bce.reading.files import book_argument

FOLDER = Path("_build/reproducible")
_AT_A_TIME = 2
_LONGEST_LINE = 200


class Failure(Exception):
    """Two builds differ, or one did not succeed; the message says where."""


@dataclass(frozen=True)
class Surroundings:
    """Where and by whom a build is made. A variable that is None is not set."""

    name: str
    folder: str
    variables: Mapping[str, str | None] = field(default_factory=dict)
    umask: int = 0o022


def surroundings(home: Path) -> list[Surroundings]:
    """Return the surroundings to build in; the first are plain, each of the others differs from them in one way."""
    return [
        Surroundings("as usual", "plain"),
        Surroundings("another folder", "내 책 1/the book"),
        Surroundings(
            "another builder", "builder",
            {"TZ": "Asia/Seoul", "LC_ALL": "C", "LANG": None, "PYTHONHASHSEED": "4242", "HOME": str(home)}, 0o077,
        ),
        Surroundings("an older processor", "processor", old_processor()),
    ]  # fmt: skip


def old_processor() -> dict[str, str | None]:
    """Return variables with which NumPy, its BLAS and the C library use only instructions that every x86-64 has.

    On other processors, and for libraries that do not know a variable, it has no effect.
    """
    import numpy

    core = numpy._core._multiarray_umath  # type: ignore[attr-defined]
    features = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    return {
        "NPY_DISABLE_CPU_FEATURES": " ".join(features) or None,
        "OPENBLAS_CORETYPE": "Nehalem" if "X86_V3" in features or "AVX2" in features else None,
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL",
    }


def build(book: Path, folder: Path, where: Surroundings, commit: str, variables: Mapping[str, str | None]) -> Path:
    """Build a commit of a book in a clone below a folder, and return its site.

    Raises
    ------
    Failure
        If it does not succeed; the message has the end of what it printed.
    """
    clone = folder / where.folder
    if not clone.exists():
        _run(["git", "clone", "--quiet", str(book), str(clone)])
        _run(["git", "-C", str(clone), "checkout", "--quiet", "--detach", commit])
    changed = {**where.variables, **variables, "PYTHONPATH": str(clone), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {name: value for name, value in {**os.environ, **changed}.items() if value is not None}
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going"]
    run = subprocess.run(
        command, cwd=clone, env=environment, umask=where.umask, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if run.returncode != 0:
        raise Failure(f"The build failed ({where.name}, in {clone}):\n" + "\n".join(run.stdout.splitlines()[-15:]))
    return clone / SITE


def _run(command: Sequence[str]) -> str:
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if run.returncode != 0:
        raise Failure(f"{' '.join(command)}\n{run.stderr.strip()}")
    return run.stdout.strip()


def first_difference(expected: Path, found: Path) -> str | None:
    """Say where two sites first differ, by file and line; None if they are the same.

    Examples
    --------
    >>> import tempfile
    >>> one, other = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    >>> for site, text in ((one, "a" + chr(10) + "b"), (other, "a" + chr(10) + "c")):
    ...     _ = (site / "index.html").write_text(text)
    >>> print(first_difference(one, other))
    index.html, line 2
      - b
      + c
    """
    files = [{path.relative_to(site).as_posix(): path for path in files_of_site(site)} for site in (expected, found)]
    for name in sorted(files[0].keys() | files[1].keys()):
        if name not in files[1]:
            return f"{name} is missing"
        if name not in files[0]:
            return f"{name} should not be there"
        contents = [side[name].read_bytes() for side in files]
        if contents[0] != contents[1]:
            return f"{name}, {_first_line(*contents)}"
    return None


def _first_line(expected: bytes, found: bytes) -> str:
    lines = [content.decode("utf-8", "backslashreplace").splitlines() for content in (expected, found)]
    for number, (one, other) in enumerate(zip(*lines, strict=False), start=1):
        if one != other:
            column = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            shown = [line[max(0, column - 40) :][:_LONGEST_LINE] for line in (one, other)]
            return f"line {number}\n  - {shown[0]}\n  + {shown[1]}"
    return f"at its end: {len(expected)} and {len(found)} bytes"


def compare(book: Path, folder: Path, commit: str) -> Iterator[str]:
    """Build and compare; yield a line for each site that is the same as the first.

    Raises
    ------
    Failure
        If a build fails, or a site differs.
    """
    home = folder / "home"
    home.mkdir(parents=True)
    ways = surroundings(home)
    yield from _same(ways, _built(book, folder, ways, commit, {}), "the site")
    first = folder / ways[0].folder / SITE
    digest = digest_of_site(first)
    with contextlib.suppress(NoBrowserError):
        browser()
        two = ways[1:3]
        yield from _same(two, _built(book, folder, two, commit, {WANTED: "1"}), "the site with its PDF edition")
    yield f"SHA-256 of the site of commit {commit[:12]}: {digest}"


def _built(
    book: Path, folder: Path, ways: Sequence[Surroundings], commit: str, variables: Mapping[str, str]
) -> list[Path]:
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(lambda where: build(book, folder, where, commit, variables), ways))


def _same(ways: Sequence[Surroundings], sites: Sequence[Path], what: str) -> Iterator[str]:
    count = len(files_of_site(sites[0]))
    for where, site in zip(ways[1:], sites[1:], strict=True):
        difference = first_difference(sites[0], site)
        if difference is not None:
            raise Failure(f"{what} differs ({where.name}): {difference}\n- {sites[0]}\n+ {site}")
        yield f"{what} is the same, all {count} files: {where.name}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the last commit in all surroundings; return 0 if all sites are the same, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m bce.book.maintain.reproducible",
        description="Build the last commit several times in different surroundings, and compare every byte.",
    )
    parser.add_argument("--folder", type=book_argument, default=".", help="the folder of the book (default: this one)")
    book = parser.parse_args(arguments).folder
    folder = book / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    try:
        commit = _run(["git", "-C", str(book), "rev-parse", "HEAD"])
        if _run(["git", "-C", str(book), "status", "--porcelain", "--untracked-files=no"]):
            print("What is not committed is left out.", flush=True)
        for line in compare(book, folder, commit):
            print(line, flush=True)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
