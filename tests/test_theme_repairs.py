"""Every repair of what the theme and the extensions write still finds what it repairs."""

from __future__ import annotations

import inspect
import re

import myst_nb.sphinx_
import pytest

from bce.book.site.theme_repairs import REPAIRS, repair

# What a page shows only where the repair was made, in the order of the repairs.
TRACES = (
    '<p class="caption"><span class="caption-text">The derivations</span></p>',
    '<aside class="sidebar-drawer" aria-label="Site">',
    '<aside aria-label="On this page" class="toc-drawer',
    ' role="listitem"',
    '<span class="sig-lines">',
    '<span class="sig-line"><em class="sig-param">',
    '<summary>\n<p class="collapsed admonition-title">',
    "</math>.</span>",
)


@pytest.fixture(scope="module")
def pages(site) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html")))


@pytest.mark.parametrize(("pattern", "trace"), [(p, t) for (p, _), t in zip(REPAIRS, TRACES, strict=True)])
def test_a_repair_was_made_in_the_built_site_and_left_nothing_to_repair(pages, pattern, trace):
    assert trace in pages
    assert not [found[0] for found in re.finditer(pattern, pages) if repair(found[0]) != found[0]]


def test_the_trace_of_a_repair_that_takes_away_is_written_by_others_as_the_repair_expects():
    source = inspect.getsource(myst_nb.sphinx_)
    assert '<summary aria-label="Toggle hidden content">' in source
    assert repair('<summary aria-label="Toggle hidden content">\n') == "<summary>\n"
