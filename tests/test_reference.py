"""What the docstrings promise of the book, and the page that is made from them."""

import inspect
import re
from pathlib import Path

import pytest

import bce
from bce.reading.catalogue import Catalogue

PROJECT = Path(__file__).parents[1]
IDS = Catalogue.read([PROJECT / "chapters"], root=PROJECT).cells
PUBLIC = [name for name in bce.__all__ if callable(getattr(bce, name))]
FUNCTIONS = [name for name in PUBLIC if name != "check"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_names_the_derivation_that_proves_the_formula(name):
    notes = inspect.getdoc(getattr(bce, name)).partition("Notes\n-----")[2]
    named = re.findall(r"``([a-z]+(?:-[a-z]+)*)``", notes)
    assert named, "no id in the notes"
    assert named[0] in IDS
    assert [identifier for identifier in named if "-" in identifier and identifier not in IDS] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_says_what_goes_in_what_comes_out_and_how_exact_it_is(name):
    text = inspect.getdoc(getattr(bce, name))
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text
    assert re.search(r"\d ulp|error bounds are those", text)
    assert inspect.signature(getattr(bce, name)).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", PUBLIC)
def test_the_reference_lists_every_public_function(name):
    assert f".. autofunction:: {name}\n" in (PROJECT / "chapters" / "reference.md").read_text()
