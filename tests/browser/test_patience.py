"""How the page's scripts retry after a failure: by themselves, with growing pauses, and never for what is no longer wanted."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

SCRIPTS = Path(__file__).resolve().parents[2] / "assets" / "scripts"
PLACE = "http://127.0.0.1:9"
"""Where the test's own page stands; nothing listens there, every request is answered by the test."""
START = """async () => {
  const [cache, notices, patience, requests] = await Promise.all(
    ["map/json_cache", "page/notices", "page/patience", "page/dash_requests"].map((name) => import(`/${name}.js`)));
  patience.patience.start();
  requests.dashRequests.start();
  window.scripts = { ...cache, ...notices, ...patience };
}"""

SERVER = """() => {
  window.asked = [];
  window.says = 500;
  window.headers = {};
  window.body = '{"rows":[1]}';
  window.fetch = (address, options = {}) => new Promise((resolve, reject) => {
    window.asked.push({ at: Date.now(), address, body: options.body });
    options.signal?.addEventListener('abort', () => reject(new DOMException('given up', 'AbortError')));
    if (window.says) resolve(new Response(window.body, { status: window.says, headers: window.headers }));
  });
  const names = ['busy', 'often', 'silent', 'signed-out', 'earlier', 'beyond'];
  document.body.innerHTML = names.map((name) => `<div data-notice="${name}" hidden></div>`).join('');
}"""
LOOK = "() => { window.look = () => (window.seen = window.scripts.fetchJson('/incidents/1.json', window.look)); look(); }"
ASK = """([output, value]) => { window.fetch('/_dash-update-component', { method: 'POST', body: JSON.stringify({ output, value }) })
  .then((answer) => (window.answers ||= []).push([value, answer.status])); }"""
SETTLE = "async () => { for (let n = 0; n < 20; n += 1) await new Response('1').json(); }"
NOTICES = "[...document.querySelectorAll('[data-notice]')].filter((one) => !one.hidden).map((one) => one.dataset.notice)"

pytestmark = pytest.mark.browser


@pytest.fixture
def lone(browser: Browser) -> Iterator[Page]:
    """The scripts alone, with a clock and a server of the test's own."""
    opened = browser.new_page()
    try:
        opened.route(f"{PLACE}/**", serve_scripts)
        opened.goto(f"{PLACE}/")
        opened.clock.install(time=0)
        opened.clock.pause_at(1_000)  # without this, the time of a slow machine goes by as well
        opened.evaluate(SERVER)
        opened.evaluate(START)
        yield opened
    finally:
        opened.close()


def serve_scripts(route: Route) -> None:
    """An empty page, and the scripts as they stand in the folder."""
    script = SCRIPTS / urlsplit(route.request.url).path.lstrip("/")
    if script.suffix == ".js":
        route.fulfill(body=script.read_text("utf-8"), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


def run(page: Page, ms: int) -> None:
    """Let time go by, once everything that needs none has happened: the body of an answer is read beside the clock."""
    page.evaluate(SETTLE)
    page.clock.run_for(ms)
    page.evaluate(SETTLE)


def shown(page: Page) -> list[str]:
    """Names of the notices on screen."""
    return list(page.evaluate(NOTICES))


def moments(page: Page) -> list[int]:
    """When the server was asked, ms."""
    return [one["at"] for one in page.evaluate("asked")]


def test_a_failing_address_is_asked_with_growing_pauses_and_shown_once_it_answers(lone: Page) -> None:
    lone.evaluate(LOOK)
    for _ in range(100):  # somebody moves the map all the time
        run(lone, 100)
        lone.evaluate("look()")
    first, second, third = moments(lone)
    assert second - first >= 2000
    assert third - second >= 4000
    assert shown(lone) == ["silent"]
    lone.evaluate("says = 200")
    run(lone, 10_000)  # nobody moves it
    assert lone.evaluate("seen") == {"rows": [1]}
    assert len(moments(lone)) == 4
    assert shown(lone) == []


def test_what_is_not_looked_at_any_more_is_not_asked_again(lone: Page) -> None:
    lone.evaluate("window.scripts.fetchJson('/places/1.json')")
    run(lone, 60_000)
    assert len(moments(lone)) == 1
    assert shown(lone) == []


def test_an_answer_without_a_version_counts_for_a_minute_and_is_shown_meanwhile(lone: Page) -> None:
    lone.evaluate("says = 200")
    lone.evaluate(LOOK)
    run(lone, 59_000)
    lone.evaluate("look()")
    assert len(moments(lone)) == 1
    run(lone, 2_000)
    lone.evaluate("body = '{\"rows\":[1,2]}'")
    assert lone.evaluate("look(), window.seen") == {"rows": [1]}, "the old one, until the new one is here"
    run(lone, 10)
    assert lone.evaluate("seen") == {"rows": [1, 2]}
    assert len(moments(lone)) == 2


def test_an_answer_with_a_version_is_asked_for_once(lone: Page) -> None:
    lone.evaluate("says = 200, headers = { 'Cache-Control': 'private, max-age=31536000, immutable' }")
    lone.evaluate(LOOK)
    run(lone, 3_600_000)
    lone.evaluate("look()")
    assert len(moments(lone)) == 1


def test_kept_answers_are_bounded(lone: Page) -> None:
    lone.evaluate("says = 200, headers = { 'Cache-Control': 'immutable' }, body = JSON.stringify('x'.repeat(4e6))")
    for n in range(30):
        lone.evaluate(f"window.scripts.fetchJson('/shapes/{n}.json')")
        run(lone, 10)
    lone.evaluate("asked = []")
    lone.evaluate("window.scripts.fetchJson('/shapes/29.json'), window.scripts.fetchJson('/shapes/0.json')")
    assert [one["address"] for one in lone.evaluate("asked")] == ["/shapes/0.json"], "the newest stay"


def test_a_busy_server_is_asked_again_and_dash_sees_only_the_answer(lone: Page) -> None:
    lone.evaluate("says = 503, headers = { 'Retry-After': '3' }, body = JSON.stringify({ error: { code: 'busy' } })")
    lone.evaluate(ASK, ["panel.children", "a"])
    run(lone, 2_900)
    assert (len(moments(lone)), shown(lone)) == (1, ["busy"])
    run(lone, 1_000)
    assert len(moments(lone)) == 2, "not before the server said, nor long after"
    run(lone, 4_000)
    assert len(moments(lone)) == 2, "the second pause is longer"
    lone.evaluate("says = 200")
    run(lone, 10_000)
    assert lone.evaluate("answers") == [["a", 200]]
    assert shown(lone) == []


def test_the_newest_wish_wins(lone: Page) -> None:
    lone.evaluate("says = 503, headers = { 'Retry-After': '1' }")
    lone.evaluate(ASK, ["panel.children", "old"])
    run(lone, 100)
    lone.evaluate("says = 0")  # the server takes its time
    lone.evaluate(ASK, ["panel.children", "middle"])
    run(lone, 100)
    lone.evaluate("says = 200")
    lone.evaluate(ASK, ["panel.children", "new"])
    run(lone, 60_000)
    assert sorted(lone.evaluate("answers")) == [["middle", 204], ["new", 200], ["old", 204]], "204 is Dash's word for “nothing changes”"
    assert len(moments(lone)) == 3
    assert shown(lone) == []


def test_a_click_on_the_map_is_forgotten_when_one_goes_elsewhere(lone: Page) -> None:
    lone.evaluate("says = 503")
    lone.evaluate(ASK, ["goal.data", "picked"])
    lone.evaluate(ASK, ["results.children", "typed"])
    run(lone, 100)
    lone.evaluate("window.dispatchEvent(new PopStateEvent('popstate')), says = 200")
    run(lone, 10_000)
    assert lone.evaluate("answers") == [["picked", 204], ["typed", 200]]


def test_whoever_does_not_want_to_wait_asks_at_once(lone: Page) -> None:
    lone.evaluate("says = 503")
    lone.evaluate(ASK, ["panel.children", "a"])
    run(lone, 100)
    lone.evaluate("says = 200")
    assert lone.evaluate("window.scripts.wake()") is True
    run(lone, 100)
    assert (lone.evaluate("answers"), shown(lone)) == ([["a", 200]], [])
    assert lone.evaluate("window.scripts.wake()") is False


@pytest.mark.parametrize(
    ("status", "code", "notice"),
    [
        (401, "sign_in_needed", "signed-out"),
        (403, "not_open", "beyond"),
        (403, "not_our_form", "earlier"),
        (429, "too_often", "often"),
        (500, "unforeseen", "silent"),
        (503, "not_ready", "silent"),
    ],
)
def test_each_trouble_has_its_notice(lone: Page, status: int, code: str, notice: str) -> None:
    lone.evaluate("([status, code]) => { window.says = status; body = JSON.stringify({ error: { code } }); }", [status, code])
    lone.evaluate(ASK, ["panel.children", "a"])
    run(lone, 1_000)
    assert shown(lone) == [notice]


def test_a_server_that_says_nothing_is_told_so(lone: Page) -> None:
    lone.evaluate("says = 0")
    lone.evaluate(ASK, ["panel.children", "a"])
    run(lone, 14_000)
    assert shown(lone) == []
    run(lone, 2_000)
    assert shown(lone) == ["silent"]


def test_rights_that_do_not_reach_are_told_once_and_the_page_stays_as_it_is(lone: Page) -> None:
    lone.evaluate("says = 403, body = JSON.stringify({ error: { code: 'not_open' } })")
    lone.evaluate(ASK, ["panel.children", "a"])
    run(lone, 100)
    assert (lone.evaluate("answers"), shown(lone)) == ([["a", 204]], ["beyond"]), "204 is Dash's word for “nothing changes”"
    lone.evaluate("window.scripts.dismissNotice()")
    assert shown(lone) == []
    lone.evaluate(ASK, ["panel.children", "b"])
    run(lone, 100)
    assert shown(lone) == [], "it was read"
    lone.evaluate("says = 200")
    lone.evaluate(ASK, ["panel.children", "c"])
    run(lone, 100)
    lone.evaluate("says = 403")
    lone.evaluate(ASK, ["panel.children", "d"])
    run(lone, 100)
    assert shown(lone) == ["beyond"], "something else is refused now"


def test_whoever_asked_too_often_waits_as_long_as_the_server_says(lone: Page) -> None:
    lone.evaluate("says = 429, headers = { 'Retry-After': '40' }, body = JSON.stringify({ error: { code: 'too_often' } })")
    lone.evaluate(ASK, ["panel.children", "a"])
    run(lone, 100)
    assert shown(lone) == ["often"]
    lone.evaluate("says = 200")
    lone.evaluate(ASK, ["results.children", "b"])
    lone.evaluate("window.scripts.fetchJson('/shapes/1.json'), window.scripts.wake()")
    lone.evaluate("window.dispatchEvent(new Event('online'))")
    run(lone, 39_000)
    assert len(moments(lone)) == 1, "until then nothing is asked at all, whoever wants it"
    run(lone, 12_000)  # up to a quarter later
    assert sorted(lone.evaluate("answers")) == [["a", 200], ["b", 200]]
    assert len(moments(lone)) == 4, "each was asked once more"
    assert shown(lone) == []


def test_a_server_that_keeps_refusing_is_not_hammered(lone: Page) -> None:
    lone.evaluate("says = 429, headers = { 'Retry-After': '1' }")
    for output in ("a", "b", "c"):
        lone.evaluate(ASK, [f"{output}.children", output])
    run(lone, 120_000)
    asked = moments(lone)
    assert len(asked) <= 3 * 9, "1, 2, 4 … 30 s: at most nine times each in two minutes"
    assert len(asked) >= 3 * 5, "but it is asked again"
