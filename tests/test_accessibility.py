"""Every page, looked at by axe-core: WCAG 2.2 AA and best practices, in the light and the dark scheme."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from browser import page_names, running_browser, running_server

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# What a page is made of does not depend on the scheme, its colours do.
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast", "link-in-text-block"],
}
_RUN = """async (tags) => {
    const results = await axe.run({runOnly: tags, resultTypes: ["violations"]});
    return results.violations.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 250)}`));
}"""


@pytest.mark.parametrize("scheme", RULES)
def test_axe_finds_no_violation(site: Path, scheme: str):
    found = {}
    # axe is a script that the pages' policy would refuse, as it should.
    with running_browser() as browser, running_server(site) as address:
        context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        for name in page_names(site):
            page.goto(address + name)
            page.evaluate(AXE)
            if violations := page.evaluate(_RUN, RULES[scheme]):
                found[name] = violations
        context.close()
    assert found == {}
