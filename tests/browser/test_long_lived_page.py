"""A page may stay open for months: its scripts make each listener, timer and context once, however often Dash draws again."""

import pytest
from browser import still, until
from browser_steps import WAIT_MS, answered, open_at
from playwright.sync_api import Page
from serving import Server

pytestmark = pytest.mark.browser

COUNT = """(() => {
  // Only what scripts of ours make: React and deck.gl keep their own books.
  const isOurs = () => new Error().stack.split('\\n').slice(2).find((line) => /\\.js/.test(line))?.includes('/scripts/');
  const made = { listeners: 0, intervals: 0, observers: 0, contexts: 0, timers: 0 };
  window.made = made;

  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const known = new WeakMap();
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    // What ends by itself with its target or its signal is not left behind: elements and requests are counted while they are on the page.
    const lives = this === window || this === document || this === document.body || this === document.documentElement ||
      this instanceof MediaQueryList;
    if (lives && isOurs()) {
      made.listeners += 1;
      options?.signal && addEventListener.call(options.signal, 'abort', () => (made.listeners -= 1), { once: true });
    }
    return addEventListener.call(this, type, listener, options);
  };

  for (const name of ['MutationObserver', 'ResizeObserver']) {
    window[name] = class extends window[name] {
      constructor(...given) {
        super(...given);
        this.isOurs = isOurs();
      }
      observe(...given) {
        if (this.isOurs) made.observers += 1;
        return super.observe(...given);
      }
      disconnect() {
        if (this.isOurs) made.observers -= 1;
        return super.disconnect();
      }
    };
  }

  const { setInterval, clearInterval, setTimeout, clearTimeout } = window;
  const intervals = new Set(), timers = new Set();
  window.setInterval = (...given) => {
    const id = setInterval(...given);
    if (isOurs()) made.intervals = intervals.add(id).size;
    return id;
  };
  window.clearInterval = (id) => {
    intervals.delete(id);
    made.intervals = intervals.size;
    return clearInterval(id);
  };
  window.setTimeout = (call, ...given) => {
    const ours = isOurs();
    const id = setTimeout((...more) => {
      timers.delete(id);
      made.timers = timers.size;
      return call(...more);
    }, ...given);
    if (ours) made.timers = timers.add(id).size;
    return id;
  };
  window.clearTimeout = (id) => {
    timers.delete(id);
    made.timers = timers.size;
    return clearTimeout(id);
  };

  const { getContext } = HTMLCanvasElement.prototype;
  const canvases = new WeakSet();
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    if (/webgl/.test(kind) && !canvases.has(this)) {
      canvases.add(this);
      made.contexts += 1;
    }
    return getContext.call(this, kind, ...more);
  };
})()"""
"""Counts what is made and not taken away again, from before the page's first script on."""
ON_THE_PAGE = "['.map-canvas', '.map-tip', '.map-scale', '#map'].map((one) => document.querySelectorAll(one).length)"
STEPS = (
    ".tools > .segment:not(.dims) .segment-part:not([aria-current])",  # the other language
    ".tools .dims a:not([aria-current])",  # the other dimension
    ".switch",  # a layer
)


def counts(page: Page) -> dict[str, int]:
    """What lives on the page, once it is at rest."""
    still(page, WAIT_MS)
    until(page, "window.made.timers === 0", timeout=WAIT_MS)  # the last ones, which only wait for quiet, have run
    found: dict[str, int] = page.evaluate("({ ...window.made })")
    return found


def test_nothing_is_made_twice_or_left_behind_in_twelve_changes(page: Page, server: Server) -> None:
    page.add_init_script(COUNT)
    open_at(page, server, "?dim=2d&layers=grid")
    before = counts(page)
    assert before["listeners"] > 10, "the page listens, and the test sees it"
    assert before["observers"] > 1
    assert before["contexts"] == 2, "one to find out whether the browser draws, and the map's own"
    assert before["timers"] == before["intervals"] == 0, "nothing waits on a page at rest"
    languages = set()
    for n in range(12):
        page.locator(STEPS[n % len(STEPS)]).first.click()
        answered(page)
        languages.add(page.evaluate("document.documentElement.lang"))
    assert languages == {"zh-CN", "en"}
    assert counts(page) == before
    assert page.evaluate(ON_THE_PAGE) == [1, 1, 1, 1]


def test_a_map_whose_element_is_replaced_is_left_whole_and_made_once_more(page: Page, server: Server) -> None:
    page.add_init_script(COUNT)
    open_at(page, server, "?dim=2d&layers=grid")
    before = counts(page)
    for _ in range(3):
        page.evaluate(
            """() => { const old = document.getElementById('map'), fresh = old.cloneNode(false); old.replaceWith(fresh);
            return window.gridwell.map.show({ ...window.gridwell.map.scene.spec }); }"""
        )
        assert still(page, WAIT_MS)["grid"]
    after = counts(page)
    assert after.pop("contexts") == before.pop("contexts") + 3, "a canvas keeps its context; each new one has its own"
    assert after == before
    assert page.evaluate(ON_THE_PAGE) == [1, 1, 1, 1]
