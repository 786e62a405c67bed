"""The Content-Security-Policy in a real browser: our pages run under it, and foreign scripts do not."""

import pytest
from browser import PATIENCE_MS, Problems, still, until
from foreign_page import elsewhere
from playwright.sync_api import Browser, Page, expect
from serving import Server

pytestmark = pytest.mark.browser

WAIT_MS = PATIENCE_MS
COLLECT = """(() => {
  const kept = () => JSON.parse(sessionStorage.getItem("violations") || "[]");
  addEventListener("securitypolicyviolation", (event) => {
    const said = [event.effectiveDirective, event.blockedURI, event.sourceFile, event.sample].join(" | ");
    sessionStorage.setItem("violations", JSON.stringify([...kept(), said]));
  });
})()"""

COUNTED = """([rule, least]) =>
  JSON.parse(sessionStorage.getItem("violations") || "[]").filter((one) => one.startsWith(`${rule} |`)).length >= least"""
"""Whether a rule has refused so often."""


@pytest.fixture
def watched(page: Page) -> Page:
    """A page that notes what its policy refuses; the notes outlive the page."""
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(COLLECT)
    return page


def refused(page: Page) -> list[str]:
    """What the policy has refused so far."""
    found: list[str] = page.evaluate("JSON.parse(sessionStorage.getItem('violations') || '[]')")
    return found


def open_at(page: Page, address: str) -> None:
    """Open an address of the map and wait for its figures and its drawing."""
    page.goto(address)
    still(page, WAIT_MS)


def answered(page: Page) -> None:
    """Wait until the last address has its answer."""
    page.wait_for_selector("#panel .title h1")
    until(page, "!('waiting' in document.documentElement.dataset)", timeout=WAIT_MS)


def test_the_whole_journey_breaks_no_rule(watched: Page, server: Server) -> None:
    page = watched
    open_at(page, f"{server.url}/?dim=2d&layers=grid,buildings,incidents,population,facilities,flood")
    assert page.evaluate("window.gridwell.map.drawn().buildings"), "vector tiles, read by a worker"
    page.locator(".ranking").last.locator("a.rank-row").first.click()
    answered(page)
    page.locator("#search").fill("990")
    page.locator(".results a").first.wait_for()
    page.keyboard.press("Enter")
    answered(page)
    page.keyboard.press("Escape")
    for search in ("?dim=2d&theme=dark", "?dim=2d&lang=en&layers=grid,incidents", "?area=nowhere"):
        page.goto(f"{server.url}/{search}")
        page.wait_for_selector("#panel .title h1, #panel .state")
    page.goto(f"{server.url}/docs")
    expect(page.locator("main")).to_have_css("max-width", "880px")
    assert refused(page) == []


INJECTED = (
    ("script-src-elem", "<script>window.owned = 1</script>"),
    ("script-src-elem", "<a class=go href='javascript:window.owned = 1'>x</a>"),
    ("script-src-elem", "<iframe srcdoc='<script>parent.owned = 1</script>'></iframe>"),
    ("script-src-attr", "<img src=/nothing onerror='window.owned = 1'>"),
    ("style-src-elem", "<style>body { --owned: 1 }</style>"),
    ("style-src-attr", "<p style='--owned: 1' id=styled>x</p>"),
    ("form-action", "<form action='http://127.0.0.1:9/'><button class=go>x</button></form>"),
    ("base-uri", "<base href='http://127.0.0.1:9/'>"),
    ("img-src", "<img src='http://127.0.0.1:9/'>"),
)
"""Markup, and the rule that refuses it."""
INJECT = """(markup) => {
  document.body.insertAdjacentHTML('beforeend', markup);
  document.body.append(document.createRange().createContextualFragment(markup));
}"""


def test_markup_that_got_in_runs_nothing_and_loads_nothing(watched: Page, server: Server, problems: Problems) -> None:
    """Should a text ever become HTML by mistake, the policy is the second wall."""
    page = watched
    page.goto(f"{server.url}/?dim=2d&layers=grid")
    answered(page)
    for rule, markup in INJECTED:
        before = len([one for one in refused(page) if one.startswith(f"{rule} |")])
        page.evaluate(INJECT, markup)
        if "class=go" in markup:
            page.locator(".go").last.dispatch_event("click")
        until(page, COUNTED, [rule, before + 1])
    assert page.evaluate("window.owned") is None
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--owned')") == ""
    assert page.evaluate("document.baseURI").startswith(server.url)
    assert page.url.startswith(server.url)
    problems.clear()


def test_texts_are_never_run(watched: Page, server: Server, problems: Problems) -> None:
    page = watched
    page.goto(f"{server.url}/docs")
    for n, text in enumerate(("eval('1')", "new Function('return 1')()", "setTimeout('window.owned = 1')"), 1):
        # Playwright's own call is exempt; what runs after it is not.
        page.evaluate("(text) => void setTimeout(new Function(`try { ${text} } catch (error) { window.refused = error.name }`), 0)", text)
        until(page, "(n) => JSON.parse(sessionStorage.getItem('violations') || '[]').length >= n", n)
        assert page.evaluate("window.owned") is None, text
    problems.clear()


def test_no_other_page_may_show_ours_in_a_frame(browser: Browser, server: Server) -> None:
    with elsewhere(f"<iframe src='{server.url}/'></iframe>") as address:
        context = browser.new_context()
        page = context.new_page()
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text, timeout=WAIT_MS):
            page.goto(address)
        assert not page.frames[1].url.startswith(server.url)
        context.close()
