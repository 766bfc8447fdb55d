"""Citing the book: the permanent links, the citations, the index for programs, the map."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import jsonschema
import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from pybtex.database import parse_string
from site_pages import SitePages
from trial_book import PROJECT, TrialBook, cell
from trial_cells import checked_book

import bce
from bce.book.citing.citation import Citation, cite_statement, cite_step
from bce.book.citing.index_file import Digests
from bce.book.published import identifiers
from bce.book.published.publication import Publication, read_publication
from bce.book.statements import map_page
from bce.reading.catalogue import Catalogue
from bce.reading.documents import document_cells
from bce.reporting.report import SCHEMA_FILE, report
from bce.verdicts import check_all

PUBLICATION = Publication(
    title="A Book & More", authors=("The authors", "Ann Lee"), version="1.2", date="2026-11-22", verifier="0.9",
    sympy="1.14", url="https://book.example/", commit="abc123",
)  # fmt: skip

CELLS = [
    cell("%%definition half\ntitle: Half\ngiven: x real\n\nH(x) = \\frac{x}{2}"),
    cell("%%derivation whole\ntitle: A whole of $x$\ngiven: x real\nuses: half\n\n"
         "H(x) + H(x) &= 2 H(x) && add \\label{twice} \\\\ &= 2 x && wrong \\refuted \\\\ &= x && at last \\\\"),
]  # fmt: skip


def reports_of(*cells: str) -> dict[str, dict]:
    catalogue = Catalogue(document_cells("\n\n".join(cells), "trial.md"))
    return {checked.derivation.id: report(checked) for checked in check_all(catalogue)}


def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def index(site: Path) -> dict:
    return json.loads((site / "derivations.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chapters(pages: SitePages) -> dict[str, BeautifulSoup]:
    return pages.read()


# The index ----------------------------------------------------------------------------------------------------------


def test_the_index_follows_its_published_schema(site, index):
    published = json.loads((site / "derivations.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.Draft202012Validator(published).validate(index)


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: index.pop("schema"),
        lambda index: index["derivations"][0].update(id="Not An Id"),
        lambda index: index["derivations"][0].update(surprise=1),
        lambda index: index["derivations"][0]["steps"][0].update(verdict="refuted", counterexample=None),
        lambda index: index["derivations"][0]["steps"][0].update(verdict="unproved", open=["the sign"]),
        lambda index: index["derivations"][0]["steps"][0].update(line=3),
        lambda index: index["derivations"][0]["steps"][0].update(hash="today"),
    ],
)
def test_the_schema_refuses_an_index_that_is_wrong(index, damage):
    wrong = json.loads(json.dumps(index))
    damage(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def test_the_index_holds_every_statement_and_step_with_the_verifiers_verdict(index):
    wanted = {one.derivation.id: report(one) for one in checked_book()}
    assert {statement["id"] for statement in index["derivations"]} == set(wanted)
    for statement in index["derivations"]:
        for field in ("kind", "title", "given", "where", "uses", "source", "head"):
            assert statement[field] == wanted[statement["id"]][field]
        for step, expected in zip(statement["steps"], wanted[statement["id"]]["steps"], strict=True):
            for field in expected.keys() - {"line", "column", "width"}:
                assert step[field] == expected[field]


def test_every_place_and_short_link_of_the_index_leads_to_the_id(site, index, pages):
    for statement in index["derivations"]:
        for item in (statement, *statement["steps"]):
            assert item["page"].partition("#")[2] == item["id"]
            assert pages.at(item["page"]), item["page"]
            redirect = page(site / item["link"] / "index.html")
            address = redirect.find("meta", attrs={"http-equiv": "refresh"})["content"].removeprefix("0; url=")
            assert address == redirect.find("a")["href"] == f"../../{item['page']}"


def test_used_by_is_the_reverse_of_uses_and_nothing_rests_on_itself(index):
    uses = {statement["id"]: statement["uses"] for statement in index["derivations"]}
    for statement in index["derivations"]:
        assert statement["used_by"] == [other for other, used in uses.items() if statement["id"] in used]
    order = [identifier for layer in map_page.layers(uses) for identifier in layer]
    assert all(order.index(used) < order.index(user) for user, all_used in uses.items() for used in all_used)


def test_the_hash_follows_the_mathematics_through_definitions_and_not_the_words():
    def step_hash(*cells: str) -> str:
        reports = reports_of(*cells)
        return Digests(reports).of_step(reports["whole"], reports["whole"]["steps"][0])

    before = step_hash(*CELLS)
    definition, derivation = CELLS
    assert step_hash(definition, derivation.replace("add", "put together").replace("A whole", "All")) == before
    assert step_hash(definition, derivation.replace("given: x real", "given: x > 0")) != before
    assert step_hash(definition, derivation.replace("2 H(x)", "H(x) \\cdot 2")) != before
    assert step_hash(definition.replace(r"\frac{x}{2}", r"\frac{1}{2} x"), derivation) != before


# Citations ----------------------------------------------------------------------------------------------------------


def citations() -> Iterator[Citation]:
    for one in reports_of(*CELLS).values():
        yield cite_statement(PUBLICATION, one)
        yield from (cite_step(PUBLICATION, one, step) for step in one["steps"])
    yield Citation(PUBLICATION)


@pytest.mark.parametrize("citation", list(citations()), ids=lambda citation: citation.key)
def test_a_citation_says_who_what_when_where_and_by_what_in_every_format(citation):
    (entry,) = parse_string(citation.bibtex(), "bibtex").entries.values()
    (item,) = json.loads(citation.csl())
    assert [str(person) for person in entry.persons["author"]] == ["{The authors}", "{Ann Lee}"]
    assert [author["literal"] for author in item["author"]] == ["The authors", "Ann Lee"]
    assert (entry.fields["year"], entry.fields["month"]) == ("2026", "11")
    assert item["issued"] == {"date-parts": [[2026, 11, 22]]}
    url = f"https://book.example/{f'd/{citation.id}/' if citation.id else ''}"
    assert entry.fields["url"] == item["URL"] == url
    for text in (citation.plain(), entry.fields["note"], item["note"]):
        assert "bce 0.9 with SymPy 1.14" in text
        assert "commit abc123" in text
        assert citation.verdict in text
        assert citation.id in text
    for word in ("The authors", "1.2", "2026-11-22", url):
        assert word in citation.plain()


def test_verdicts_are_told_apart_and_bibtex_escapes_words_but_not_formulas():
    reports = reports_of(*CELLS)
    assert cite_statement(PUBLICATION, reports["half"]).verdict.startswith("defined, and shown to have a value")
    assert cite_statement(PUBLICATION, reports["whole"]).verdict.startswith("2 of 3 steps proved, 1 refuted")
    step = cite_step(PUBLICATION, reports["whole"], reports["whole"]["steps"][1])
    assert step.verdict.startswith("refuted, as expected")
    assert "A Book \\& More" in step.bibtex()
    assert "Step 2 of A whole of $x$" in step.bibtex()
    assert "A whole of x" in step.plain()


def test_a_book_without_an_address_is_cited_by_id_alone():
    citation = Citation(Publication("T", ("A",), "1", "2026-01-02", "1", "2"), "half", "Half", "proved")
    assert "url" not in citation.bibtex()
    assert "URL" not in citation.csl()
    assert "Id half" in citation.plain()


def disclosure_of(block: Tag) -> Tag:
    found = [one for one in block.find_all("details", class_="cite") if one.find_parent(id=True) is block]
    assert len(found) == 1, block["id"]
    return found[0]


def test_every_statement_and_step_has_a_disclosure_with_three_formats(index, pages):
    publication = read_publication(PROJECT)
    for statement in index["derivations"]:
        blocks = [statement] if statement["kind"] == "definition" else [statement, *statement["steps"]]
        for item in blocks:
            disclosure = disclosure_of(pages.at(item["page"]))
            plain, bibtex, csl = (text.get_text() for text in disclosure.find_all("pre"))
            assert item["id"] in plain
            assert f"{{bce:{item['id']}," in bibtex
            assert json.loads(csl)[0]["author"] == [{"literal": author} for author in publication.authors]
            assert len(disclosure.find("summary").get_text()) > len("Cite ")


def test_citation_cff_is_valid_and_agrees_with_the_package():
    content = yaml.load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"), yaml.BaseLoader)
    schema = json.loads((PROJECT / "tests/cff-1.2.0-subset.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, schema)
    package = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert content["version"] == package["version"] == bce.__version__
    assert content["license"] == package["license"].partition(" AND ")[0]


@pytest.mark.parametrize("field", ["title", "authors", "version", "date-released"])
def test_a_citation_file_without_a_field_that_citations_need_is_an_error(tmp_path, field):
    content = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    del content[field]
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ValueError, match=field):
        read_publication(tmp_path)


def test_the_publication_names_commit_and_date_and_local_changes(tmp_path):
    (tmp_path / "CITATION.cff").write_bytes((PROJECT / "CITATION.cff").read_bytes())
    assert read_publication(tmp_path).commit == ""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    date = {"GIT_COMMITTER_DATE": "2025-02-03T04:05:06Z", "PATH": "/usr/bin:/bin"}
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *command], check=True, env=date)
    published = read_publication(tmp_path)
    assert re.fullmatch("[0-9a-f]{12}", published.commit)
    assert published.date == "2025-02-03"
    with (tmp_path / "CITATION.cff").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert read_publication(tmp_path).commit == f"{published.commit} with local changes"


# What pages say of themselves ---------------------------------------------------------------------------------------


def test_every_page_has_metadata_for_reference_managers_search_engines_and_previews(chapters):
    titles = set()
    for name, one in chapters.items():
        content = {tag.get("name") or tag.get("property"): tag["content"] for tag in one.find_all("meta", content=True)}
        for tag in ("citation_title", "citation_author", "citation_publication_date", "og:title", "og:description"):
            assert content.get(tag), f"{name}: {tag}"
        assert not re.match(r"[\d<]", content["citation_title"]), name
        titles.add(content["citation_title"])
        data = json.loads(one.find("script", type="application/ld+json").string)
        assert data["@type"] == ("Book" if name == "index.html" else "Chapter")
        assert data["name"] == content["citation_title"]
    assert len(titles) == len(chapters)


# The pages made from it ---------------------------------------------------------------------------------------------


def test_the_page_of_all_steps_links_to_every_one_and_is_complete_without_scripts(index, chapters):
    listing = chapters["chapters/all_steps.html"]
    linked = {link["href"].partition("#")[2] for link in listing.select(".all-steps a")}
    steps = {step["id"] for statement in index["derivations"] for step in statement["steps"]}
    assert linked == steps | {statement["id"] for statement in index["derivations"]}
    assert not listing.select(".all-steps [hidden]")


def test_the_map_shows_every_statement_but_exercises_with_verdict_and_link(index, chapters):
    drawing = chapters["chapters/map.html"].select_one(".map svg")
    boxes = {box["data-id"]: box for box in drawing.find_all("a")}
    shown = [statement for statement in index["derivations"] if map_page.is_on_map(statement)]
    assert set(boxes) == {statement["id"] for statement in shown}
    lines = {(line["data-from"], line["data-to"]) for line in drawing.find_all("path")}
    assert lines == {(used, one["id"]) for one in shown for used in one["uses"] if used in boxes}
    for statement in shown:
        box = boxes[statement["id"]]
        assert box["href"].endswith(f"#{statement['id']}")
        refuted = any(step["verdict"] == "refuted" for step in statement["steps"])
        assert box.select_one(".sign").get_text() == ("✗" if refuted else "✓")


def test_boxes_of_the_map_do_not_overlap_and_stand_right_of_what_they_use(chapters):
    drawing = chapters["chapters/map.html"].select_one(".map svg")
    places = {a["data-id"]: tuple(int(a.rect[key]) for key in ("x", "y", "height")) for a in drawing.find_all("a")}
    for line in drawing.find_all("path"):
        assert places[line["data-from"]][0] < places[line["data-to"]][0]
    columns: dict[int, list[int]] = {}
    for x, y, height in sorted(places.values()):
        assert y >= max(columns.get(x, [-1])), (x, y)
        columns.setdefault(x, []).append(y + height)


def test_a_circle_on_the_map_is_refused_by_name():
    with pytest.raises(ValueError, match="a → b → a"):
        map_page.layers({"a": ["b"], "b": ["a"]})


def test_each_statement_links_to_what_it_rests_on_and_to_what_uses_it(index, pages):
    for statement in index["derivations"]:
        anchor, block = statement["id"], pages.at(statement["page"])
        origin = block.find(class_="origin", recursive=False)
        rests_on = {link["href"].partition("#")[2] for link in origin.find_all("a")} if origin else set()
        assert set(statement["uses"]) <= rests_on
        users = block.find(class_="used-by")
        for picture in users.select(".neighbourhood") if users else ():
            drawn = {box["data-id"] for box in picture.find_all("a")}
            assert drawn == {anchor, *statement["uses"], *statement["used_by"]}
            assert len(picture.find_all("path")) == len(drawn) - 1
        links = users.find_all("a") if users else ()
        linked = {link["href"].partition("#")[2] for link in links if not link.find_parent(class_="neighbourhood")}
        assert linked - {f"map-{anchor}"} == set(statement["used_by"])


def test_every_figure_heading_and_equation_has_a_link_to_itself(chapters):
    for name, one in chapters.items():
        for heading in one.select("article h1, article h2, article h3"):
            if heading.find_parent("section", class_="all-steps") is None:
                assert heading.select_one("a.headerlink"), f"{name}: {heading}"
        for item in one.select(".cell_output img, div.math"):
            holder = item.find_parent(class_="linked") or item
            assert holder.select_one("a.permalink, a.headerlink"), f"{name}: {item}"


# Retired ids and other books ----------------------------------------------------------------------------------------


def write_trial(book: TrialBook) -> None:
    book.write("first", *CELLS)
    book.write("all_steps", "```{all-steps}\n```", "```{retired-ids}\n```")


def test_a_retired_id_keeps_a_place_that_says_so_and_its_number_is_not_reused(trial_book):
    write_trial(trial_book)
    assert trial_book.build().succeeded
    used = identifiers.in_use(Catalogue.read([trial_book.folder / "chapters"]), "1.0")
    old = identifiers.Identifier("whole.1", "step", "0.9")
    listed = identifiers.with_retired({**used, "whole.1": old}, "whole.1", "1.0", "a <clearer> name", "whole.twice")
    identifiers.write(trial_book.folder / identifiers.FILE, listed)
    build = trial_book.build()
    assert build.succeeded, build.output
    note = BeautifulSoup(trial_book.page("all_steps"), "html.parser").find("dt", id="whole.1").find_next_sibling("dd")
    assert "was retired in version 1.0: a <clearer> name. Go to whole.twice instead." in note.get_text()
    assert note.find("a")["href"] == "first.html#whole.twice"
    assert BeautifulSoup(trial_book.page("first"), "html.parser").find(id="whole.1") is None
    redirect = (trial_book.folder / "_build/html/d/whole.1/index.html").read_text(encoding="utf-8")
    assert "url=../../chapters/all_steps.html#whole.1" in unescape(redirect)


def test_a_page_is_written_again_when_something_new_uses_what_stands_on_it(trial_book):
    write_trial(trial_book)
    assert trial_book.build().succeeded
    assert "Used by" in trial_book.page("first")
    later = CELLS[1].replace("derivation whole", "derivation later").replace("A whole of $x$", "A later one")
    trial_book.write("second", later)
    build = trial_book.build()
    assert build.succeeded, build.output
    assert "A later one" in trial_book.page("first")


def test_two_builds_give_the_same_index_and_a_dangling_role_is_an_error(trial_book):
    write_trial(trial_book)
    assert trial_book.build().succeeded
    path = trial_book.folder / "_build/html/derivations.json"
    before = path.read_bytes()
    trial_book.write("first", *CELLS, "{mistake}`whole.twice`")
    build = trial_book.build()
    assert not build.succeeded
    assert "there is no mistake with the id 'whole.twice'" in build.output
    trial_book.write("first", *CELLS, "{mistake}`whole.2`, {step}`whole.2`, {step}`whole.twice`")
    assert trial_book.build().succeeded
    assert path.read_bytes() == before
    text = re.sub(r"<[^>]*>", "", re.sub(r"<annotation.*?</annotation>", "", trial_book.page("first")))
    assert "step 2 of A whole of x (a mistake), step 2 of A whole of x (a mistake), step 1 of A whole of x" in text


def test_the_inventory_bears_the_name_and_the_version_of_the_book(site):
    head = (site / "objects.inv").read_bytes().split(b"\n")[1:3]
    assert head == [b"# Project: Binary Cross-Entropy, Proved", f"# Version: {bce.__version__}".encode()]


ROLES = """
See {external+bce:bce:step}`gradient.result` and {external+bce:bce:derivation}`gradient`,
{external+bce:bce:definition}`this <sigmoid>`, {external+bce:bce:mistake}`one-minus-sigmoid.2`,
{external+bce:bce:step}`again <one-minus-sigmoid.2>`.
"""
ADDRESSES = """
See <inv:bce:bce:step#gradient.result> and <inv:bce#gradient>, [this](inv:bce:bce:definition#sigmoid),
<inv:bce:bce:mistake#one-minus-sigmoid.2>, [again](inv:#one-minus-sigmoid.2).
"""


@pytest.mark.parametrize(
    ("text", "extension"), [(ROLES, "bce.book.domain"), (ADDRESSES, "sphinx.ext.mathjax")], ids=["roles", "addresses"]
)
def test_another_book_links_to_steps(site, tmp_path, text, extension):
    (tmp_path / "conf.py").write_text(
        f"project = 'Other'\nextensions = ['myst_parser', 'sphinx.ext.intersphinx', {extension!r}]\nnitpicky = True\n"
        f"intersphinx_mapping = {{'bce': ('https://book.example/', {str(site / 'objects.inv')!r})}}\n",
        encoding="utf-8",
    )
    (tmp_path / "index.md").write_text(
        f"# Other\n{text}",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(tmp_path), str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    links = {link.get_text(): link["href"] for link in page(tmp_path / "out/index.html").select("a.external")}
    title = "The gradient of the sigmoid cross-entropy"
    assert links[f"step 6 of {title}"].endswith("chapters/gradient.html#gradient.result")
    assert links[title].endswith("chapters/gradient.html#gradient")
    assert links["this"].endswith("#sigmoid")
    assert links["again"].endswith("index.html#one-minus-sigmoid.2")
    assert any(text.startswith("step 2 of") and "mistake" in text for text in links)
