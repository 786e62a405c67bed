"""When the map cannot be drawn the page says so, works without it, and tries again when asked."""

import pytest
from browser import Problems, still, strict_page
from browser_steps import FLAT, WAIT_MS, answered, open_at
from playwright.sync_api import Browser, Page, Route, expect
from serving import Server

pytestmark = pytest.mark.browser

SAID = {
    "zh": ("地图无法绘制，其他功能不受影响。", "重试"),
    "en": ("The map could not be drawn. Everything else still works.", "Try again"),
}
REFUSED = {"zh": "短时间内请求过多，稍后自动重试…", "en": "Too many requests in a short time. Trying again shortly …"}
NO_CONTEXT = """(() => {
  const plain = HTMLCanvasElement.prototype.getContext;
  let asked = 0;
  window.refuseContexts = true;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    // The first is the page's own question whether the browser can draw at all.
    if (kind === 'webgl2' && asked++ && window.refuseContexts) return null;
    return plain.call(this, kind, ...more);
  };
})()"""
"""A browser that has no graphics context left for the map itself."""


def works_without_a_map(page: Page, lang: str) -> None:
    """The notice is on screen, and the figures are there."""
    sentence, button = SAID[lang]
    notice = page.locator("[data-notice=undrawn]")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text(sentence)
    expect(notice.locator("button")).to_have_text(button)
    expect(page.locator("#panel .title h1")).to_be_visible()


def draws_after_a_retry(page: Page) -> None:
    """The notice's button brings the map."""
    page.locator("[data-notice=undrawn] button").click()
    assert still(page, WAIT_MS)["grid"]
    expect(page.locator("[data-notice=undrawn]")).to_be_hidden()
    assert page.locator(".map-canvas").count() == page.locator(".map-scale").count() == page.locator(".map-tip").count() == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_library_that_does_not_come_is_told_and_asked_for_again(browser: Browser, server: Server, problems: Problems, lang: str) -> None:
    blocked: list[str] = []

    def block_once(route: Route) -> None:
        blocked.append(route.request.url)
        route.abort() if len(blocked) == 1 else route.continue_()

    with strict_page(browser, server, problems) as page:
        page.route("**/vendor/deck-*.js", block_once)
        open_at(page, server, f"{FLAT}&lang={lang}")
        works_without_a_map(page, lang)
        draws_after_a_retry(page)
        assert len(blocked) == 2
        problems[:] = [one for one in problems if "deck-" not in one and "ERR_FAILED" not in one]


def test_a_browser_without_a_context_for_the_map_is_told_and_tries_again(page: Page, server: Server, problems: Problems) -> None:
    page.add_init_script(NO_CONTEXT)
    open_at(page, server, FLAT)
    works_without_a_map(page, "zh")
    page.evaluate("window.refuseContexts = false")
    draws_after_a_retry(page)
    problems[:] = [one for one in problems if "webgl" not in one.lower() and "context" not in one.lower()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_that_asked_too_often_says_so_and_goes_on_by_itself(browser: Browser, server: Server, problems: Problems, lang: str) -> None:
    with strict_page(browser, server, problems) as page:
        open_at(page, server, f"{FLAT}&lang={lang}")
        refused: list[float] = []

        def refuse_once(route: Route) -> None:
            refused.append(0)
            if len(refused) == 1:
                route.fulfill(status=429, headers={"Retry-After": "2"}, json={"error": {"code": "too_often"}})
            else:
                route.continue_()

        page.route("**/_dash-update-component", refuse_once)
        page.route("**/_dash-update-component?*", refuse_once)
        before = page.locator("#panel .title h1").inner_text()
        page.locator(".ranking").last.locator("a.rank-row").first.click()
        notice = page.locator("[data-notice=often]")
        expect(notice).to_be_visible()
        expect(notice).to_have_text(REFUSED[lang])
        expect(page.locator("#panel .title h1")).not_to_have_text(before)
        answered(page)
        expect(notice).to_be_hidden()
        problems[:] = [one for one in problems if "429" not in one]


def test_a_document_whose_scripts_or_styles_did_not_arrive_loads_again_by_itself(page: Page, server: Server, problems: Problems) -> None:
    page.clock.install()
    for part in ("**/scripts/**", "**/assets/*.css*"):
        page.route(part, lambda route: route.fulfill(status=503))
        page.goto(f"{server.url}/{FLAT}")
        page.unroute(part)
        assert any(" 503: " in one for one in problems), part
        problems[:] = [one for one in problems if "503" not in one]
        with page.expect_navigation(wait_until="load"):
            page.clock.run_for(11_000)  # nobody touches it
        assert not page.evaluate("[...document.querySelectorAll('link[rel=stylesheet]')].filter((one) => !one.sheet).length"), (
            "all styles are there"
        )
        expect(page.locator("#panel .title h1")).to_be_visible()
    page.route("**/scripts/**", lambda route: route.fulfill(status=503))
    page.goto(f"{server.url}/wall")
    page.unroute("**/scripts/**")
    problems[:] = [one for one in problems if "503" not in one]
    with page.expect_navigation(wait_until="load"):
        page.clock.run_for(11_000)  # a wall has nobody who could
