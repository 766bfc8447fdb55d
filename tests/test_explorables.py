"""The explorables in a browser: the script's formulas against the package, the sliders, the pictures without script."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import listen, page_names
from playwright.sync_api import Browser, Page

from bce import binary_cross_entropy_with_logits
from bce.book.site.explorables import EXPLORABLES, naive_loss, stable_loss


@pytest.fixture(scope="module")
def page_of(site: Path) -> dict[str, str]:
    """The page on which each explorable stands."""
    found = {}
    for name in page_names(site):
        for explorable in re.findall(r'data-explorable="([^"]+)"', (site / name).read_text(encoding="utf-8")):
            found[explorable] = name
    assert found.keys() == EXPLORABLES.keys()
    return found


@pytest.fixture
def page(browser: Browser, address: str, page_of: dict[str, str], name: str) -> Iterator[Page]:
    with browser.new_context() as context:
        opened = context.new_page()
        problems = listen(opened)
        opened.goto(address + page_of[name])
        yield opened
        assert not problems


every_explorable = pytest.mark.parametrize("name", EXPLORABLES)


@every_explorable
def test_the_script_computes_what_the_package_computes(page, name):
    shown = EXPLORABLES[name]
    grid = shown.grid()[1:-1:5]
    choices = [np.linspace(slider.low, slider.high, 5) for slider in shown.sliders]
    for chosen in itertools.product(*choices):
        values = {slider.name: float(value) for slider, value in zip(shown.sliders, chosen, strict=True)}
        expected = np.array(shown.curves(grid, values))
        computed = page.evaluate(
            "([name, grid, values]) => grid.map((x) => explorables[name].curves(x, values))",
            [name, grid.tolist(), values],
        )
        # The rounding errors of single precision are the same; how many digits they leave is rounded itself.
        tolerance = {"rtol": 0, "atol": 1e-6} if name == "digits-lost" else {"rtol": 1e-12, "atol": 1e-14}
        np.testing.assert_allclose(np.array(computed, dtype=float).T, expected, **tolerance)


@pytest.mark.parametrize("name", ["digits-lost"])
def test_the_scripts_float32_forms_are_those_of_the_package(page, name):
    logits = np.linspace(-30, 30, 241).astype(np.float32)
    for label in (0, 0.25, 1):
        computed = page.evaluate(
            "([x, z]) => x.map((x) => [stableLoss(x, z), naiveLoss(x, z)].map(String))", [logits.tolist(), label]
        )
        stable, naive = np.array(computed, dtype=np.float32).T
        own = binary_cross_entropy_with_logits(logits, np.full_like(logits, label), reduction="none")
        np.testing.assert_array_max_ulp(stable, own, maxulp=2)
        np.testing.assert_array_equal(stable, stable_loss(logits.astype(np.float64), label))
        np.testing.assert_array_equal(naive, naive_loss(logits.astype(np.float64), label))


@every_explorable
def test_the_script_draws_the_picture_that_was_there(page, name):
    figure = page.locator(f"[data-explorable='{name}']")
    read = "(figure) => [...figure.querySelectorAll('svg svg path')].map((path) => path.getAttribute('d'))"
    before, words = figure.evaluate(read), figure.locator("output").inner_text()
    figure.locator("input").first.dispatch_event("input")
    assert figure.locator("output").inner_text() == words
    for drawn, redrawn in zip(before, figure.evaluate(read), strict=True):
        old, new = (np.array(re.findall(r"-?[\d.]+", path), dtype=float) for path in (drawn, redrawn))
        # Both are rounded to a tenth of a unit.
        np.testing.assert_allclose(new, old, atol=0.11)


@every_explorable
def test_a_slider_moves_with_the_keyboard_and_the_picture_and_the_words_follow(page, name):
    figure = page.locator(f"[data-explorable='{name}']")
    for slider in figure.locator("input").all():
        label = figure.locator(f"label[for='{slider.get_attribute('id')}']")
        assert label.is_visible()
        before = figure.locator("output").inner_text(), figure.locator("svg svg").inner_html()
        slider.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        after = figure.locator("output").inner_text(), figure.locator("svg svg").inner_html()
        assert before[0] != after[0]
        assert before[1] != after[1]
    assert figure.locator("output").get_attribute("for").split() == [
        slider.get_attribute("id") for slider in figure.locator("input").all()
    ]


@every_explorable
def test_without_javascript_the_picture_stands_and_no_slider_pretends_to_work(browser, address, page_of, name):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address + page_of[name])
        figure = page.locator(f"[data-explorable='{name}']")
        assert figure.locator("> svg").is_visible()
        assert figure.locator("output").is_visible()
        assert not figure.locator("input").first.is_visible()
