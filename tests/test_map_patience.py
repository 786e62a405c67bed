"""How the map's script asks again after a failure: with growing pauses, and by itself."""

from pathlib import Path

from playwright.sync_api import Browser

FETCH = Path(__file__).resolve().parent.parent / "assets" / "map" / "04-fetch.js"

FAILING = """() => {
  window.gridwell = {};
  window.asked = [];
  window.broken = true;
  window.fetch = (address) => {
    window.asked.push(Date.now());
    return Promise.resolve({ ok: !window.broken, status: 500, json: () => Promise.resolve({ rows: [1] }) });
  };
  window.look = () => (window.seen = window.gridwell.json('/incidents/1.json', window.look));
}"""


def test_a_failing_address_is_asked_with_growing_pauses_and_shown_once_it_answers(browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.clock.install()
        page.evaluate(FAILING)
        page.evaluate(FETCH.read_text("utf-8"))
        page.evaluate("look()")
        for _ in range(100):  # somebody moves the map all the time
            page.clock.run_for(100)
            page.evaluate("look()")
        assert page.evaluate("asked.length") == 3
        first, second, third = page.evaluate("asked")
        assert second - first >= 2000
        assert third - second >= 4000
        page.evaluate("broken = false")
        page.clock.run_for(10_000)  # nobody moves it
        assert page.evaluate("seen") == {"rows": [1]}
        assert page.evaluate("asked.length") == 4
    finally:
        page.close()
