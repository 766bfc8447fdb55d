"""The built pages in a browser: what readers get with and without a mouse, JavaScript, a wide screen or a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import listen, page_names, recommended_headers
from playwright.sync_api import Browser, Page

WIDTHS = (320, 1280)


@pytest.fixture(scope="module")
def names(site: Path) -> list[str]:
    return page_names(site)


def on_every_page(
    browser: Browser, address: str, names: list[str], look: Callable[[Page], object], **options: object
) -> dict[str, object]:
    """Open each page in a window with some options, and return what a look at it found wrong."""
    found = {}
    with browser.new_context(**options) as context:
        page = context.new_page()
        for name in names:
            page.goto(address + name)
            if problem := look(page):
                found[name] = problem
    return found


def test_the_readme_recommends_a_policy_without_exceptions_for_inline_code():
    policy = recommended_headers()["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_pages_load_without_errors_and_ask_only_their_own_host(browser, address, site, names, scheme):
    start = address if scheme == "http" else site.as_uri() + "/"
    with browser.new_context() as context:
        page = context.new_page()
        problems = listen(page)
        page.on("request", lambda request: None if ours(request.url, start) else problems.append(request.url))
        for name in names:
            page.goto(start + name)
            page.mouse.wheel(0, 100_000)
            settle(page)
            problems.append(f"after {name}")
    assert not [one for one in problems if not one.startswith("after ")], problems


def settle(page: Page) -> None:
    """Wait until fonts and lazy images are there and drawn."""
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
        }"""
    )


def ours(url: str, start: str) -> bool:
    return url.startswith(start) or urlsplit(url).scheme == "data"


def test_formulas_are_drawn_without_javascript(browser, address, names):
    def look(page: Page) -> list[str]:
        return page.evaluate(
            """() => [...document.querySelectorAll("math")]
                .filter((math) => math.checkVisibility({contentVisibilityAuto: false}))
                .filter((math) => math.getBoundingClientRect().width < 2 || math.getBoundingClientRect().height < 2)
                .map((math) => math.textContent)"""
        )

    assert on_every_page(browser, address, names, look, java_script_enabled=False) == {}


def test_formulas_use_the_books_own_font(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address + "index.html")
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Book Math\"', 'σ'))")
        assert page.evaluate("[...document.fonts].map((font) => font.status)") == ["loaded"]


def test_indices_and_exponents_stand_as_in_tex_whatever_letter_carries_them(browser, address):
    """Browsers lower the index of a letter with a descender and raise a tall one's exponent, if the font lets them."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address + "index.html")
        heights = page.evaluate(
            """async () => {
                const sample = document.createElement("p");
                const msup = (base, script) => `<msup><mi>${base}</mi><mi>${script}</mi></msup>`;
                const msub = (base, script) => `<msub><mi>${base}</mi><mi>${script}</mi></msub>`;
                sample.innerHTML = `<math>${msub("x", "n")}${msub("p", "n")}${msup("x", "n")}${msup("h", "n")}</math>`;
                document.querySelector("article").append(sample);
                await document.fonts.ready;
                return [...sample.querySelectorAll("mi:nth-child(2)")].map((mi) => mi.getBoundingClientRect().bottom);
            }"""
        )
    below_x, below_p, above_x, above_h = heights
    assert below_p == pytest.approx(below_x, abs=0.3)
    assert above_h == pytest.approx(above_x, abs=0.3)
    assert below_x > above_x


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(browser, address, names, width):
    def look(page: Page) -> list[str]:
        return page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] :
                [...document.querySelectorAll("article *")]
                .filter((element) => element.getBoundingClientRect().right > innerWidth)
                .map((element) => element.outerHTML.slice(0, 200))"""
        )

    assert on_every_page(browser, address, names, look, viewport={"width": width, "height": 800}) == {}


LOOK_AT_STEPS = """(isWide) => [...document.querySelectorAll(".statement .steps > .step")].flatMap((step) => {
    const [formula, grounds] = [".formula", ".grounds"].map((part) => step.querySelector(`:scope > ${part}`));
    if (!formula.checkVisibility()) return [];
    const [f, g] = [formula.getBoundingClientRect(), grounds.getBoundingClientRect()];
    const evidence = grounds.querySelector("details[open] > dl");
    const isBeside = g.left >= f.right && g.top < f.bottom;
    const row = step.getBoundingClientRect();
    const problems = [];
    if (!isBeside && g.top < f.bottom - 1) problems.push("covered");
    if (isBeside && !isWide) problems.push("beside");
    if (isBeside && formula.scrollWidth > formula.clientWidth) problems.push("scrolls beside its reason");
    if (!isBeside && isWide && formula.querySelector("math").getBoundingClientRect().width + g.width < row.width / 2)
        problems.push("below");
    if (evidence && evidence.getBoundingClientRect().top < f.bottom - 8) problems.push("evidence over formula");
    return problems.map((problem) => `${step.id}: ${problem}`);
})"""


@pytest.mark.parametrize("width", [360, 1280])
def test_reason_and_verdict_stand_beside_a_formula_only_where_both_have_room(browser, address, names, width):
    def look(page: Page) -> list[str]:
        page.evaluate("document.querySelectorAll('.evidence').forEach((one) => (one.open = true))")
        settle(page)
        return page.evaluate(LOOK_AT_STEPS, width > 1000)

    assert on_every_page(browser, address, names, look, viewport={"width": width, "height": 800}) == {}


@pytest.mark.parametrize("width", [360, 1280])
def test_the_relation_signs_of_a_derivation_stand_below_each_other(browser, address, names, width):
    def look(page: Page) -> list[str]:
        return page.evaluate(
            """() => [...document.querySelectorAll(".steps")].filter((steps) => {
                const relations = [...steps.querySelectorAll(":scope > .step > .relation")];
                return new Set(relations.map((one) => one.getBoundingClientRect().left)).size > 1;
            }).map((steps) => steps.parentElement.id)"""
        )

    assert on_every_page(browser, address, names, look, viewport={"width": width, "height": 800}) == {}


COPY = """(selector) => {
    const place = document.querySelector(selector);
    getSelection().selectAllChildren(place);
    const clipboardData = new DataTransfer();
    place.dispatchEvent(new ClipboardEvent("copy", {clipboardData, bubbles: true, cancelable: true}));
    return ["text/plain", "text/html"].map((kind) => clipboardData.getData(kind));
}"""


def test_a_copied_selection_has_its_formulas_as_the_author_wrote_them(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address + "chapters/gradient.html")
        page.wait_for_load_state()
        text, html = page.evaluate(COPY, ".statement:has(.step)")
        written = page.locator(".statement:has(.step)").first.locator(".step > .formula annotation").all_text_contents()
        assert written
        assert all(f"${tex}$" in text for tex in written), text
        assert "proved" in text
        assert "Decided by" not in text  # it is folded away
        assert html.count("<math") >= len(written)
        assert page.evaluate(COPY, "math")[0] == page.locator("math annotation").first.text_content()
        assert page.evaluate(COPY, "h1") == ["", ""]  # the browser's own way


def test_boxes_that_scroll_can_be_reached_with_the_keyboard(browser, address, names):
    def look(page: Page) -> list[str]:
        return page.evaluate(
            """async () => {
                document.querySelectorAll("details").forEach((folded) => (folded.open = true));
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                return [...document.querySelectorAll("article *")]
                    .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0)
                    .filter((box) => ["auto", "scroll"].includes(getComputedStyle(box).overflowX) && box.tabIndex < 0)
                    .map((box) => box.outerHTML.slice(0, 200));
            }"""
        )

    assert on_every_page(browser, address, names, look, viewport={"width": 320, "height": 800}) == {}


def test_the_first_key_leads_past_the_navigation(browser, address, names):
    def look(page: Page) -> str | None:
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.textContent.trim()")
        box = page.locator(":focus").bounding_box()
        if first != "Skip to content" or box is None or box["x"] < 0 or box["y"] < 0:
            return f"the first stop is {first!r} at {box}"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement.closest('#furo-main-content, footer') !== null")
        return None if inside else f"then comes {page.evaluate('document.activeElement.outerHTML')}"

    assert on_every_page(browser, address, names, look) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_while_a_page_loads(browser, address, names, width):
    def look(page: Page) -> float:
        settle(page)
        shift = page.evaluate(
            """() => new Promise((done) => {
                let sum = 0;
                new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.value)))
                    .observe({type: "layout-shift", buffered: true});
                setTimeout(() => done(sum), 60);
            })"""
        )
        return shift if shift > 0.01 else 0

    assert on_every_page(browser, address, names, look, viewport={"width": width, "height": 800}) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_the_text_is_dark_and_complete_and_the_navigation_is_gone(browser, address, names, scheme):
    def look(page: Page) -> list[str]:
        page.emulate_media(media="print", color_scheme=scheme)
        return page.evaluate(
            """() => {
                const luminance = (color) =>
                    color.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
                const found = [];
                const article = document.querySelector("article");
                const written = article.querySelectorAll("pre, .evidence > summary, .step > .formula");
                for (const element of [article, ...written])
                    if (luminance(getComputedStyle(element).color) > 80) found.push("pale: " + element.className);
                for (const selector of [".sidebar-drawer", ".toc-drawer", ".mobile-header", ".related-pages", ".foot"])
                    if (document.querySelector(selector)?.checkVisibility()) found.push(selector);
                for (const fold of article.querySelectorAll("details:not(.evidence, .solution, [open])"))
                    if (fold.checkVisibility()) found.push("folded: " + fold.textContent.slice(0, 80));
                for (const box of article.querySelectorAll(".formula, pre, .table-wrapper, img, svg"))
                    if (box.checkVisibility() && box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0)
                        found.push("cut off: " + box.textContent.slice(0, 80));
                return found;
            }"""
        )

    # A4 between margins of 15 mm, at 96 pixels an inch.
    assert on_every_page(browser, address, names, look, viewport={"width": 680, "height": 1000}) == {}


def test_the_button_steps_through_dark_light_and_auto_and_the_choice_stays(browser, address):
    with browser.new_context(color_scheme="light") as context:
        page = context.new_page()
        page.goto(address + "index.html")
        seen = [page.evaluate("document.body.dataset.theme")]
        for _ in range(3):
            page.locator(".theme-toggle").first.evaluate("button => button.click()")
            page.reload()
            seen.append(page.evaluate("document.body.dataset.theme"))
        assert seen == ["auto", "dark", "light", "auto"]


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("sigmoid-cross-entropy", "#sigmoid-cross-entropy"),
        ("one-minus-sigmoid.quotient", "#one-minus-sigmoid.quotient"),
        ("Sigmoid cross-entropy, in the logit", "#sigmoid-cross-entropy"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_search_finds_ids_and_names_of_formulas_first(browser, address, site, scheme, query, target):
    with browser.new_context() as context:
        page = context.new_page()
        problems = listen(page)
        page.goto((address if scheme == "http" else site.as_uri() + "/") + "index.html")
        page.fill("input[name=q]", query)
        page.keyboard.press("Enter")
        first = page.locator("#search-results li a").first
        first.wait_for()
        first.click()
        page.wait_for_url(f"**{target}*")
        assert page.locator(f"[id='{target[1:]}']").is_visible()
        # Summaries that were still on their way when the reader left are not an error.
        assert not [problem for problem in problems if "ERR_ABORTED" not in problem]


@pytest.mark.parametrize("how", ["hover", "focus"])
def test_a_link_to_a_definition_shows_it_until_escape_is_pressed(browser, address, how):
    with browser.new_context() as context:
        page = context.new_page()
        problems = listen(page)
        page.goto(address + "chapters/glossary.html")
        link = page.locator("article a[href$='#sigmoid']").first
        getattr(link, how)()
        preview = page.locator("#preview")
        preview.wait_for()
        assert "The sigmoid" in preview.inner_text()
        assert preview.locator("math").count() == 2  # the condition and the formula
        assert link.get_attribute("aria-describedby") == "preview"
        page.keyboard.press("Escape")
        assert not preview.is_visible()
        assert not problems
