"""Every repair of what the theme and the extensions write still finds what it repairs.

The built pages are repaired already. So a repair counts as made if others still write what it looks for, and the
pages show what it leaves there.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from bce.book.site.theme_repairs import REPAIRS

FURO = "furo/theme/furo/page.html"
DOCUTILS = "docutils/writers/_html_base.py"
SPHINX = "sphinx/writers/html5.py"
# Of each repair: a file of another package, what it writes, and what a page shows in its place.
MADE = (
    (SPHINX, "'p', '', CLASS='caption', ROLE='heading'", '<p class="caption"><span class="caption-text">'),
    (FURO, '<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="Site">'),
    (FURO, '<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
    (DOCUTILS, 'role="doc-biblioentry"', ' role="listitem"'),
    (SPHINX, "self.starttag(node, 'dl')", '<span class="sig-lines">'),
    (SPHINX, '<em class="sig-param">', '<span class="sig-line"><em class="sig-param">'),
    ("myst_nb/sphinx_.py", '<summary aria-label="', '<summary>\n<p class="collapsed admonition-title">'),
    ("bce/book/words/mathml.py", "", '<span class="with-punctuation"><math>'),
)


@pytest.fixture(scope="module")
def pages(site) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html")))


def source(file: str) -> str:
    package, _, path = file.partition("/")
    return Path(find_spec(package).origin).parent.joinpath(path).read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "before", "after"), MADE, ids=[made[2] for made in MADE])
def test_others_still_write_what_a_repair_looks_for_and_the_pages_show_that_it_was_made(pages, file, before, after):
    assert before in source(file), f"{file} no longer writes {before}: drop the repair, or look for what it writes now"
    assert after in pages


def test_every_repair_is_looked_at():
    assert len(MADE) == len(REPAIRS)
