"""The plan of the program: imports lead down and nowhere else, and what is written about the rooms is true of them."""

from __future__ import annotations

import pkgutil
import re
from contextlib import suppress
from pathlib import Path

import pytest
from trial_book import PROJECT

from bce.book.site.plan import FLOORS, Source, arrows, rising, room_of, shortest
from bce.book.site.plan_page import draw

SOURCE = Source.read()
PAGE = "chapters/how_it_is_built.html"


def house(folder: Path, modules: dict[str, str]) -> Source:
    """Write a small package of these modules."""
    for name, text in {"__init__": "", **modules}.items():
        path = folder / "house" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Source.read(folder / "house")


# The rooms of the package -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FLOORS)
def test_every_import_between_rooms_leads_to_a_lower_floor(folder):
    assert rising(SOURCE, FLOORS[folder]) == []


@pytest.mark.parametrize("folder", FLOORS)
def test_every_module_lies_in_a_room_of_the_plan_and_every_room_is_there(folder):
    floors = FLOORS[folder]
    inside = [module for module in SOURCE.trees if f"{module}.".startswith(f"{folder}.")]
    homeless = [module for module in inside if room_of(module, floors) in (folder, None) and module != folder]
    assert not homeless, f"give these a room in FLOORS of bce/book/site/plan.py: {homeless}"
    assert {room for floor in floors for room in floor} == {room_of(module, floors) for module in inside}


def test_every_room_says_in_its_docstring_what_it_is_for():
    for module in SOURCE.trees:
        assert len(SOURCE.purpose(module).split()) > 2, module


# The reader of imports ----------------------------------------------------------------------------------------------

UPWARD = {
    "relative": "from . import attic\n",
    "relative, of a name": "from .attic import lamp\n",
    "absolute": "import house.attic\n",
    "absolute, of a name": "from house.attic import lamp as light\n",
    "absolute, of the module": "from house import attic as top\n",
    "in a function": "def find():\n    from .attic import lamp\n    return lamp\n",
    "for type checkers": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .attic import lamp\n",
    "when another one fails": "try:\n    import lamp\nexcept ImportError:\n    from house import attic\n",
}


@pytest.mark.parametrize("text", UPWARD.values(), ids=UPWARD)
def test_an_import_that_leads_up_is_found_however_it_is_written(tmp_path, text):
    source = house(tmp_path, {"cellar": text, "attic": ""})
    (found,) = rising(source, (("house.attic",), ("house.cellar",)))
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "attic" in one)
    assert found == f"house.cellar, line {line}, imports house.attic: house.attic is not below house.cellar"


def test_rooms_of_one_floor_do_not_import_each_other(tmp_path):
    source = house(tmp_path, {"left/one": "from ..right import two\n", "right/__init__": "", "right/two": ""})
    assert len(rising(source, (("house.left", "house.right"),))) == 1
    assert rising(source, (("house.left",), ("house.right",))) == []


def test_a_folders_own_module_counts_dots_from_the_folder(tmp_path):
    source = house(
        tmp_path, {"room/__init__": "from . import chair\nfrom .. import stairs\n", "room/chair": "", "stairs": ""}
    )
    assert {(one.importer, one.imported) for one in source.imports()} == {
        ("house.room", "house.room.chair"),
        ("house.room", "house.stairs"),
    }


def test_imports_of_other_packages_are_no_arrows(tmp_path):
    source = house(tmp_path, {"one": "import json\nfrom pathlib import Path\nimport houses.two\n", "two": ""})
    assert list(source.imports()) == []


def test_a_module_without_a_docstring_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"house\.bare has no docstring"):
        house(tmp_path, {"bare": "x = 1\n"}).purpose("house.bare")


def test_modules_that_know_a_word_are_found_by_names_and_texts_and_not_by_prose(tmp_path):
    texts = {
        "method": "class A:\n    def _sqrt(self): ...\n",
        "text": 'table = {"\\\\sqrt": 1}\n',
        "part": "square_root = 2\n",
        "attribute": "x.Root\n",
        "prose": '"""The root of all."""\n',
        "longer": "rooted = 1\n",
    }
    source = house(tmp_path, texts)
    assert source.naming(["sqrt", "root"]) == [f"house.{name}" for name in ("attribute", "method", "part", "text")]


# The drawing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FLOORS)
def test_an_arrow_that_is_left_out_is_replaced_by_a_longer_way(folder):
    all_of_them = arrows(SOURCE, FLOORS[folder])
    drawn = shortest(all_of_them)

    def reached(room: str) -> set[str]:
        return set(drawn[room]).union(*map(reached, drawn[room]))

    for room, imported in all_of_them.items():
        assert drawn[room] <= imported <= reached(room)


def test_names_in_the_drawing_are_escaped():
    assert "<b>" not in draw((("a<b>",),), {"a<b>": frozenset()}, 'label "<b>"')


def test_the_page_lists_every_room_with_its_purpose_and_its_imports(pages):
    page = pages[PAGE]
    assert len(page.select("svg.plan[role=img][aria-label]")) == len(FLOORS)
    for drawing, floors in zip(page.select("svg.plan"), FLOORS.values(), strict=True):
        rooms = drawing.find_next("dl").find_all("dt")
        listed = {room.get_text(): room.find_next("dd").get_text(" ", strip=True) for room in rooms}
        for room, imported in arrows(SOURCE, floors).items():
            assert listed[room].split()[:3] == SOURCE.purpose(room).replace("``", "").split()[:3]
            assert imported <= set(re.findall(r"[\w.]+", listed[room]))


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_plan_can_be_read_on_a_phone_and_no_arrow_runs_through_a_room(browser, address, width):
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(address + PAGE)
        found = page.evaluate(
            """() => [...document.querySelectorAll("svg.plan")].flatMap((plan) => {
                const scale = plan.getBoundingClientRect().width / plan.viewBox.baseVal.width;
                const boxes = [...plan.querySelectorAll("rect")].map((rect) => rect.getBBox());
                const found = [];
                plan.querySelectorAll("text").forEach((text, k) => {
                    const size = parseFloat(getComputedStyle(text).fontSize) * scale;
                    if (size < 10.5) found.push(`${size} pixels: ` + text.textContent);
                    if (text.getBBox().width > boxes[k].width - 4) found.push("wide: " + text.textContent);
                });
                for (const way of plan.querySelectorAll(".way"))
                    for (let at = 0; at < way.getTotalLength(); at += 2) {
                        const { x, y } = way.getPointAtLength(at);
                        const within = (at, start, length) => at > start && at < start + length;
                        if (boxes.some((box) => within(x, box.x, box.width) && within(y, box.y, box.height)))
                            found.push("through a room: " + way.getAttribute("d"));
                    }
                return found;
            })"""
        )
    assert found == []


# What is written about the rooms ------------------------------------------------------------------------------------

WRITTEN = ("CONTRIBUTING.md", "README.md", "chapters/how_it_is_built.md")


@pytest.mark.parametrize("name", WRITTEN)
def test_every_file_and_module_that_is_named_is_there(name):
    text = (PROJECT / name).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:bce|tests|chapters|benchmarks|data|requirements)/[\w/.*-]*)`", text)
    modules = re.findall(r"`(bce(?:\.\w+)+)`", text)
    assert len(paths) + len(modules) > 3
    assert not [path for path in paths if not list(PROJECT.glob(path.rstrip("/")))]
    assert not [module for module in modules if not is_there(module)]


def is_there(path: str) -> bool:
    """Tell whether a dotted path is a module, or what a module defines."""
    with suppress(ImportError, AttributeError):
        pkgutil.resolve_name(path)
        return True
    return False


def test_the_page_for_contributors_has_the_sentence_of_every_room():
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {room for floor in FLOORS["bce"] for room in floor}
    for room in rooms:
        where = room.replace(".", "/") + ("/" if SOURCE.is_folder(room) else ".py")
        where = "bce/__init__.py" if room == "bce" else where
        assert f"| `{where}` | {SOURCE.purpose(room).replace('``', '`')} |" in text, room


def test_the_readme_names_every_room():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    for room in (room for floor in FLOORS["bce"] for room in floor if room != "bce"):
        where = room.replace(".", "/") + ("/" if SOURCE.is_folder(room) else ".py")
        assert f"`{where}`" in text, where
