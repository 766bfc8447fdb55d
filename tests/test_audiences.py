"""Who loads what: a program the losses, a kernel the magics, Sphinx the pages, a maintainer the commands."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from trial_book import PROJECT

import bce.book
from bce.book.editions.notebooks import notebook
from bce.book.published.publication import Publication
from bce.reading.catalogue import Catalogue

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
AUDIENCES = {
    "kernel": ("magic", "kernel"),
    "Sphinx": ("domain", "errors", "extension", "places", "statements", "citing", "editions", "site"),
    "maintainer": ("maintain",),
    "all": ("words", "published"),
}
PUBLICATION = Publication("A book", ("A",), "1.0", "2026-01-02", "1.0", "1.14")
REFUSE = """
import sys
class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"No module named {name!r}: this audience has no such package", name=name)
sys.meta_path.insert(0, Refusal())
"""
RUN = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in cells:
    shell.run_cell(cell).raise_error()
print("RAN", len(cells))
"""


def python(program: str, folder: Path, refused: Iterable[str] = (), **values: object) -> list[str]:
    """Run a program in an interpreter of its own that finds none of the refused packages."""
    names = "".join(f"{name} = {value!r}\n" for name, value in {"refused": sorted(refused), **values}.items())
    environment = {**os.environ, "MPLBACKEND": "agg", "IPYTHONDIR": str(folder / "ipython")}
    run = subprocess.run(
        [sys.executable, "-c", names + REFUSE + program], cwd=folder, env=environment,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return run.stdout.splitlines()


def without(*extras: str) -> set[str]:
    """Return what is installed here and would not be with these extras of the package alone."""
    wanted = [PYPROJECT["dependencies"], *(PYPROJECT["optional-dependencies"][extra] for extra in extras)]
    found: set[str] = set()
    pending = [Requirement(line) for lines in wanted for line in lines]
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            pending += [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:  # needed on another system only
            continue
    return {
        module
        for module, names in packages_distributions().items()
        if module != "bce" and found.isdisjoint(map(canonicalize_name, names))
    }


def modules(audience: str) -> list[str]:
    names = [found.name for found in pkgutil.walk_packages(bce.book.__path__, "bce.book.")]
    return [name for name in names if name.split(".")[2] in AUDIENCES[audience]]


def loaded_by(names: Sequence[str], folder: Path, refused: Iterable[str] = ()) -> set[str]:
    imports = "\n".join(f"import {name}" for name in names)
    return set(json.loads(python(f"{imports}\nimport json\nprint(json.dumps(list(sys.modules)))", folder, refused)[-1]))


def test_every_module_of_the_book_has_one_audience():
    names = {found.name for found in pkgutil.walk_packages(bce.book.__path__, "bce.book.")}
    owned = [name for audience in AUDIENCES for name in modules(audience)]
    assert sorted(owned) == sorted(names)


@pytest.mark.parametrize("audience", ["kernel", "Sphinx", "maintainer"])
def test_no_audience_loads_what_is_for_another(audience, tmp_path):
    loaded = loaded_by(modules(audience), tmp_path)
    assert set(modules(audience)) <= loaded
    for other in AUDIENCES.keys() - {audience, "all"}:
        assert not loaded & set(modules(other)), f"for the {other}"


def test_a_kernel_needs_the_extra_for_notebooks_alone(tmp_path):
    refused = without("notebook")
    assert {"docutils", "sphinx", "myst_nb", "yaml", "jupytext", "nbformat", "flint"} <= refused
    assert not {"IPython", "matplotlib", "numpy", "sympy", "mpmath", "bce"} & refused
    assert "sympy" in loaded_by(modules("kernel"), tmp_path, refused)


def test_losses_need_numpy_and_the_command_line_sympy(tmp_path):
    refused = without()
    assert "IPython" in refused
    assert "sympy" not in loaded_by(["bce"], tmp_path, refused)
    assert "sympy" in loaded_by(["bce", "bce.__main__", "bce.verdicts", "bce.reporting.formats"], tmp_path, refused)


def test_the_version_is_read_when_it_is_asked_for(tmp_path):
    program = "import numpy, bce\nprint('importlib.metadata' in sys.modules)\nprint(bce.__version__)"
    assert python(program, tmp_path) == ["False", PYPROJECT["version"]]


@pytest.mark.parametrize("chapter", ["gradient", "your_own_notes"])
def test_a_downloaded_notebook_runs_with_the_extra_for_notebooks_alone(chapter, tmp_path):
    text = (PROJECT / "chapters" / f"{chapter}.md").read_text(encoding="utf-8")
    found = nbformat.reads(notebook(text, Catalogue.of_book(PROJECT), {}, PROJECT, PUBLICATION), as_version=4)
    assert "`pip install '.[notebook]'`" in found.cells[0].source
    cells = [cell.source for cell in found.cells if cell.cell_type == "code"]
    assert python(RUN, tmp_path, without("notebook"), cells=cells)[-1] == f"RAN {len(cells)}"


def test_a_notebook_that_reads_the_book_says_so():
    text = (PROJECT / "chapters/score.md").read_text(encoding="utf-8")
    found = nbformat.reads(notebook(text, Catalogue.of_book(PROJECT), {}, PROJECT, PUBLICATION), as_version=4)
    assert "It reads the whole book" in found.cells[0].source
    assert "`pip install '.[book]'`" in found.cells[0].source
