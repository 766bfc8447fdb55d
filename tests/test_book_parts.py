"""The parts of the book's machinery that can be tried without building a book."""

from __future__ import annotations

from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from math_core import LatexError
from trial_book import cell

from bce.book.domain import DerivationDomain, Entry
from bce.book.kernel.display import as_html, as_latex, as_text
from bce.book.site.fingerprint import chapter_keys, fingerprint
from bce.book.words.mathml import mathml
from bce.book.words.nodes import inline_nodes
from bce.book.words.text import plain_text
from bce.reporting.phrases import condition


def a_step(number: int, **changes) -> dict:
    step = {
        "step": number, "name": None, "id": f"trial.{number}", "left": "a", "relation": "=", "right": "b",
        "reason": "because", "verdict": "proved", "expected": "proved", "counterexample": None,
        "open": [], "method": "normal form", "rules": [], "obligations": [], "line": number, "column": 1, "width": 1,
    }  # fmt: skip
    return step | changes


def a_report(*steps: dict, **changes) -> dict:
    report = {
        "id": "trial", "kind": "derivation", "title": "A trial", "file": "chapters/trial.md", "line": 1,
        "given": ["x real"], "where": [], "uses": [], "source": None, "head": "a", "steps": list(steps),
    }  # fmt: skip
    return report | changes


EXAMPLE = {"point": {"x": "1/2"}, "values": ["0.25…", "0.5…"]}
REFUTED = a_step(2, verdict="refuted", expected="refuted", counterexample=EXAMPLE)


# Formulas -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "latex",
    [
        r"\ell(x, z) = x - x z + \log(1 + e^{-x})",
        r"\left(\log e^{-x} - \log(1 + e^{-x})\right)'",
        r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}",
        r"\bigl(\sum_{i=1}^{n} p_i \log \frac{p_i}{q_i}\bigr)^2",
        r"\frac{\partial}{\partial x} \max(x, 0) < \mathrm{KL}(p, q)",
    ],
)
@pytest.mark.parametrize("display", [True, False])
def test_a_formula_keeps_its_tex_and_is_well_formed(latex: str, display: bool):
    root = ElementTree.fromstring(mathml(latex, display=display))
    assert root.tag == "math"
    assert root.find(".//annotation").text == latex
    assert (root.get("display") == "block") is display


def test_brackets_grow_around_fractions_only():
    assert 'stretchy="false"' in mathml(r"\left(1 + x\right)", display=True)
    assert 'stretchy="false"' not in mathml(r"\left(\frac{1}{2}\right)", display=True)


@pytest.mark.parametrize("latex", [r"\frac{1", r"\nosuchcommand", r"\left( x", "x^2^3"])
def test_a_formula_that_cannot_be_set_is_an_error(latex: str):
    with pytest.raises(LatexError):
        mathml(latex, display=True)


# Words and conditions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("x real", "$x$ real"),
        ("n positive integer", "$n$ positive integer"),
        ("0 <= z <= 1", r"$0 \le z \le 1$"),
        ("p != q", r"$p \ne q$"),
        ("p, q in (0, 1)", r"$p, q \in (0, 1)$"),
        ("y in {0, 1}", r"$y \in \{0, 1\}$"),
        (r"\sum_{i=1}^{n} p_i = 1", r"$\sum_{i=1}^{n} p_i = 1$"),
    ],
)
def test_a_condition_is_set_as_mathematics(declared: str, expected: str):
    assert condition(declared) == expected
    mathml(expected.split("$")[1], display=False)


@given(st.text(st.characters(exclude_characters="\x00")))
def test_splitting_a_text_at_its_formulas_loses_nothing(text: str):
    assert "".join(node.astext() for node in inline_nodes(text)) == plain_text(text)


# Plain Jupyter ------------------------------------------------------------------------------------------------------


def test_html_for_jupyter_shows_formulas_reasons_verdicts_and_the_counterexample():
    html = as_html(a_report(a_step(1), REFUTED))
    assert r"$\displaystyle = b$" in html
    assert "because" in html
    assert "✓ proved" in html
    assert "✗ refuted, as expected" in html
    assert "at x = 1/2: the left side is 0.25…, the right side is 0.5…" in html


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.add(tag)


@given(st.text(alphabet="<>&\"'$/\\abcs ", max_size=30))
def test_html_for_jupyter_escapes_whatever_an_author_writes(text: str):
    parser = _Tags()
    parser.feed(as_html(a_report(a_step(1, right=text, reason=text, open=[text]), title=text, head=text, given=[text])))
    assert parser.found <= {"div", "p", "strong", "code", "table", "tr", "td", "br"}


def test_helpers_alone_are_named_without_a_domain():
    report = a_report(a_step(1), given=[], where=["h = 2"])
    assert as_text(report).splitlines()[1] == "Where h = 2:"
    assert as_text(a_report(a_step(1), given=[])).splitlines()[1] == "    a"


def test_a_claim_about_numbers_fails_at_no_point_in_particular():
    example = {"point": {}, "values": ["1", "2"]}
    assert "      the left side is 1, the right side is 2" in as_text(a_report(a_step(1, counterexample=example)))


def test_text_and_latex_forms_carry_every_row_and_verdict():
    report = a_report(a_step(1, right=r"\frac{1}{2}"), REFUTED)
    assert as_text(report).splitlines()[0] == "Derivation trial: A trial"
    assert r"  1 = \frac{1}{2}  (because)  [✓ proved]" in as_text(report)
    assert "✗ refuted, as expected" in as_text(report)
    assert as_latex(report).count(r" \\") == 1
    assert r"a &= \frac{1}{2} && \text{because; proved}" in as_latex(report)


@pytest.mark.parametrize(
    ("verdict", "expected", "words"),
    [
        ("proved", "refuted", "! proved, but marked as a mistake"),
        ("defined", "defined", "✓ defined"),
        ("refuted", "proved", "✗ refuted"),
        ("unproved", "proved", "? not proved"),
    ],
)
def test_every_verdict_has_words_and_an_unexpected_one_is_told_apart(verdict: str, expected: str, words: str):
    assert f"[{words}]" in as_text(a_report(a_step(1, verdict=verdict, expected=expected)))


# The domain and the fingerprint -------------------------------------------------------------------------------------


def a_domain() -> DerivationDomain:
    return DerivationDomain(SimpleNamespace(domaindata={}, doc2path=lambda name, base: f"{name}.md"))


def test_the_domain_forgets_a_document_and_takes_over_what_another_process_read():
    one, other = a_domain(), a_domain()
    one.note("sigmoid", Entry("definition", "first", "sigmoid", "Sigmoid"))
    other.note("sigmoid-derivative", Entry("derivation", "second", "sigmoid-derivative", "Its derivative"))
    one.merge_domaindata(["second"], other.data)
    assert [name for name, *_ in one.get_objects()] == ["sigmoid", "sigmoid-derivative"]
    one.clear_doc("first")
    assert [name for name, *_ in one.get_objects()] == ["sigmoid-derivative"]


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text("root: index\nchapters:\n- file: chapters/one\n", encoding="utf-8")
    return tmp_path


def test_the_fingerprint_follows_the_data_that_cells_read(book):
    data = book / "data"
    data.mkdir()
    before = fingerprint(book)
    (data / "peers.json").write_text("{}")
    recorded = fingerprint(book)
    (data / "peers.json").write_text('{"errors": {}}')
    assert len({before, recorded, fingerprint(book)}) == 3


def test_a_folder_in_the_data_is_read_too(book):
    (book / "data/sub").mkdir(parents=True)
    before = fingerprint(book)
    (book / "data/sub/peers.json").write_text("{}")
    assert fingerprint(book) != before


HALF = cell("%%definition half\ntitle: Half\ngiven: x real\n\nH(x) = \\frac{x}{2}")
QUARTER = cell("%%derivation quarter\ntitle: Q\ngiven: x real\nuses: half\n\nH(H(x)) &= \\frac{x}{4} && twice \\\\")


def test_a_page_depends_on_the_cells_that_it_reaches_and_not_on_prose_or_on_others(book):
    pages = {"index": HALF, "chapters/one": QUARTER, "chapters/two": "formula('quarter')", "chapters/three": "None."}
    contents = "root: index\nchapters:\n" + "".join(f"- file: {page}\n" for page in list(pages)[1:])
    (book / "_toc.yml").write_text(contents, encoding="utf-8")

    def keys() -> dict[str, str]:
        for page, text in pages.items():
            (book / f"{page}.md").write_text(f"Prose.\n\n{text}\n", encoding="utf-8")
        return {path.stem: key for path, key in chapter_keys(book).items()}

    before = keys()
    pages["index"] = "More prose.\n\n" + HALF
    assert keys() == before
    pages["index"] = HALF.replace("{2}", "{3}")
    after = keys()
    assert {page for page in before if before[page] != after[page]} == {"index", "one", "two"}
    pages["chapters/three"] = "from bce.reading.catalogue import Catalogue"
    assert keys()["three"] != before["three"]
