"""A wall over everything that breaks: its counts end equal to the database's, and it says that they are old exactly while they may be.

A real server, a real PostgreSQL, a real Chromium, and between page and server a network that can be cut. ``GRIDWELL_FAULT_SECONDS=30``
lets every fault last so long by the clock; otherwise the page's own clock is moved on, so that nobody waits.
"""

import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from browser import Problems, still, strict_page, until
from cuttable import Cuttable, cuttable
from databases import FreshDatabase
from playwright.sync_api import Browser, Page
from serving import Server, serving
from sqlalchemy import make_url
from table_locks import frozen

from data import rollup
from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.demo.common.names import CITY_CODE

pytestmark = pytest.mark.browser

LASTS_S = float(os.environ.get("GRIDWELL_FAULT_SECONDS", "0"))
"""How long a fault lasts by the clock; 0: the page's clock is moved on instead."""
OLD_MS = 15_000
"""``assets/scripts/wall/asking.js``: figures that could not be renewed for so long are called old."""
MISSING_MS = 8_000
"""``assets/scripts/wall/wall.js``: before the first figures came, the page says so after so long."""
LEAP_MS, LEAPS = 8_000, 2
"""Steps in which the page's clock is moved on: short enough that the page does not take them for sleep, together more than ``OLD_MS``."""
SILENT_LEAPS = 5
"""Together as long as a stream may say nothing: 40 seconds."""
NOTICED_MS = 7_000
"""A server notices after six seconds that it hears nothing of its database."""
SIZE = {"width": 960, "height": 540}

OPEN, TODAY = "[data-figure=open] .wall-value span", "[data-figure=today] .wall-value span"
SHOWN = f"['{OPEN}', '{TODAY}'].map((one) => Number(document.querySelector(one)?.textContent.replace(/\\D/g, '') || NaN))"
STALE = "!document.querySelector('#stale').hidden"

LOG = (
    """(() => {
  const log = window.log = [];
  const shown = () => SHOWN;
  const { fetch } = window;
  window.fetch = async (what, ...more) => {
    if (!String(what).startsWith('/api/wall/figures')) return fetch(what, ...more);
    const asked = performance.now();
    const answer = await fetch(what, ...more);
    if (answer.ok) {
      const body = await answer.clone().json();
      log.push({ kind: 'answered', at: performance.now(), asked, open: body.open.n });
    }
    return answer;
  };
  addEventListener('DOMContentLoaded', () => {
    const line = document.querySelector('#stale');
    if (!line) return;
    let up = !line.hidden;
    new MutationObserver(() => {
      if (up === !line.hidden) return;
      up = !line.hidden;
      log.push({ kind: up ? 'up' : 'down', at: performance.now(), shown: shown(), text: line.textContent });
    }).observe(line, { attributes: true, attributeFilter: ['hidden'] });
  });
})()"""
).replace("SHOWN", SHOWN)
"""Keeps, by the page's own clock: answers with figures, and when the notice that figures are old goes up and down."""

COUNTS = """
SELECT (SELECT sum(n) FROM incident_open o JOIN area a ON a.no = o.area_no WHERE a.level = 'grid'),
    (SELECT coalesce(sum(d.reported), 0) FROM incident_daily d JOIN area a ON a.no = d.area_no JOIN city c ON c.code = a.city
     WHERE a.level = 'grid' AND d.day = timezone(c.timezone, coalesce(c.as_of, now()))::date)
"""


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    with fresh_database(template=demo_template) as url:
        yield url


def make_display(url: str) -> str:
    """The token of a wall display that sees the whole city."""
    with owner_transaction(make_url(url).set(drivername="postgresql+psycopg")) as connection:
        made = store.add(connection, Draft(f"wall-{secrets.token_hex(4)}", role="wall", scope="*"))
        return tokens.make(connection, made.name, "wall", 1)


def count(url: str) -> list[int]:
    """Open cases, and today's, as the database has them."""
    with psycopg.connect(url) as connection:
        row = connection.execute(COUNTS).fetchone()
    assert row
    return [int(n) for n in row]


def close_a_case(url: str) -> None:
    """One open case is closed, with all that follows from it."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT city, district, id FROM incident WHERE is_open ORDER BY id LIMIT 1").fetchone()
        assert row
        with rollup.changing_incidents(connection, row[0], [(row[1], row[2])]):
            query = "UPDATE incident SET stage = 'closed', closed_at = reported_at WHERE district = %s AND id = %s"
            connection.execute(query, row[1:])


@contextmanager
def changing(url: str) -> Iterator[None]:
    """One case after the other is closed while the block lasts; a database that stands still lets it wait."""
    ending = threading.Event()

    def work() -> None:
        while not ending.wait(0.1):
            close_a_case(url)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        ending.set()
        worker.join()


class Wall:
    """An open wall, the network before it, and the log of what was true."""

    def __init__(self, page: Page, network: Cuttable, town: str) -> None:
        self.page, self.network, self.town = page, network, town
        self.faults: list[tuple[float, float]] = []

    def now(self) -> float:
        """The page's own clock, in milliseconds."""
        return float(self.page.evaluate("performance.now()"))

    def pass_time(self, leaps: int) -> None:
        """So many steps of the page's clock, or the time that faults last."""
        if LASTS_S:
            self.page.wait_for_timeout(max(LASTS_S * 1000, leaps * LEAP_MS))
            return
        for _ in range(leaps):
            self.page.clock.fast_forward(LEAP_MS)
            self.page.wait_for_timeout(50)

    @contextmanager
    def fault(self) -> Iterator[None]:
        """What is done in the block is a fault; afterwards counts become equal to the database's, and nothing is called old."""
        begin = self.now()
        yield
        self.assert_equal()
        until(self.page, f"!({STALE})")
        self.faults.append((begin, self.now()))

    def assert_equal(self) -> None:
        """What is shown becomes what the database has."""
        shows = f"wanted => JSON.stringify({SHOWN}) === JSON.stringify(wanted)"
        until(self.page, shows, count(self.town))

    def until_old(self) -> None:
        """It becomes old, and the page says so, with its moment."""
        until(self.page, STALE)
        assert self.page.evaluate("/\\d\\d:\\d\\d/.test(document.querySelector('#stale').textContent)")

    def until_streaming(self) -> None:
        """One stream is open."""
        for _ in range(1_200):
            if self.network.streams == 1:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.network.streams} streams")

    def until_following(self) -> None:
        """A change is shown because of the event that tells it."""
        self.until_streaming()
        close_a_case(self.town)
        self.assert_equal()

    def log(self) -> list[dict[str, Any]]:
        """What the page's log holds."""
        found: list[dict[str, Any]] = self.page.evaluate("window.log")
        return found

    def assert_notice_was_true(self) -> None:
        """The notice went up only for figures that were old, inside faults alone, and stayed until they were renewed."""
        log = self.log()
        notices = [one for one in log if one["kind"] != "answered"]
        assert [one["kind"] for one in notices] == ["up", "down"] * (len(notices) // 2)
        for one in notices:
            answered = [other for other in log if other["kind"] == "answered" and other["at"] <= one["at"]]
            if one["kind"] == "up" and not answered:
                assert one["at"] > MISSING_MS, "on a busy machine the first figures took long, and it said so"
            elif one["kind"] == "up":
                assert one["at"] - answered[-1]["asked"] > OLD_MS, "nothing had come for so long"
                assert any(begin <= one["at"] <= end for begin, end in self.faults), "all was well"
            else:
                assert one["shown"][0] == answered[-1]["open"], "it goes when what is shown is new"
        for up, down in pairwise(notices):
            if up["kind"] == "up":
                assert any(up["at"] <= other["at"] <= down["at"] for other in log if other["kind"] == "answered"), "figures had come"


@contextmanager
def shown_wall(browser: Browser, server: Server, town: str, problems: Problems) -> Iterator[Wall]:
    with cuttable(server.url) as network, strict_page(browser, replace(server, url=network.url), problems, viewport=SIZE) as page:
        page.add_init_script(LOG)
        if not LASTS_S:
            page.add_init_script("delete globalThis.SharedWorker")  # a worker's clock cannot be moved on
            page.clock.install()
        page.goto(f"{network.url}/wall?token={make_display(town)}&area={CITY_CODE}")  # one area for good: a tour would go on
        wall = Wall(page, network, town)
        until(page, f"/\\d/.test(document.querySelector('{OPEN}')?.textContent)")
        still(page)
        page.evaluate("window.unbroken = true")
        wall.assert_equal()
        until(page, f"!({STALE})")  # it may have said that the first figures took long
        yield wall
        assert page.evaluate("window.unbroken") is True, "the page was never loaded again"
        wall.until_streaming()
        wall.assert_notice_was_true()
        problems[:] = [one for one in problems if not any(word in one for word in ("ERR_", "503", "502"))]


def kill_server(wall: Wall, server: Server) -> None:
    with wall.fault():
        os.kill(server.process, signal.SIGKILL)
        server.stop()  # nothing is left to end; what it was is forgotten
        close_a_case(wall.town)
        wall.pass_time(LEAPS)
        wall.until_old()
        server.start()


def stop_database(wall: Wall) -> None:
    with wall.fault():
        with frozen(wall.town):
            wall.page.wait_for_timeout(NOTICED_MS)
            wall.pass_time(LEAPS)
            wall.until_old()
        close_a_case(wall.town)


def cut_network(wall: Wall) -> None:
    with wall.fault(), changing(wall.town):
        for _ in range(3):
            wall.network.cut()
            wall.page.wait_for_timeout(400)
            wall.network.heal()
            until(wall.page, "asked => window.log.some((one) => one.asked > asked)", wall.now())
    with wall.fault():
        wall.network.cut()
        close_a_case(wall.town)
        wall.pass_time(LEAPS)
        wall.until_old()
        wall.network.heal()


def silence_stream(wall: Wall) -> None:
    """Nobody is told that the stream says nothing any more; the page finds it out, and opens another."""
    wall.until_streaming()
    with wall.fault():
        wall.network.silence_streams()
        assert wall.network.streams == 0
        close_a_case(wall.town)
        wall.pass_time(SILENT_LEAPS + 1)
    wall.until_following()


def silence_network(wall: Wall) -> None:
    with wall.fault():
        wall.network.silence()
        close_a_case(wall.town)
        wall.pass_time(SILENT_LEAPS + LEAPS)
        wall.until_old()
        wall.network.heal()


def lose_context(wall: Wall) -> None:
    with wall.fault():
        wall.page.evaluate("document.querySelector('#map canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()")
        close_a_case(wall.town)
        wall.assert_equal()
        until(wall.page, "document.querySelectorAll('#map canvas').length === 1 && window.gridwell.map.surface.restoring === null")
    assert still(wall.page)["buildings"] > 0, "the city is there again"


def freeze_page(wall: Wall) -> None:
    """The browser stops the page, and lets it go on; meanwhile something changes, and the network is away for a while, too."""
    browser = wall.page.context.new_cdp_session(wall.page)
    with wall.fault():
        browser.send("Page.setWebLifecycleState", {"state": "frozen"})
        close_a_case(wall.town)
        time.sleep(LASTS_S or 2)
        browser.send("Page.setWebLifecycleState", {"state": "active"})
    browser.detach()


def test_a_wall_outlives_everything_around_it(browser: Browser, town: str, problems: Problems) -> None:
    with serving(town) as server, shown_wall(browser, server, town, problems) as wall:
        kill_server(wall, server)
        stop_database(wall)
        cut_network(wall)
        silence_stream(wall)
        if LASTS_S:
            silence_network(wall)
        lose_context(wall)
        freeze_page(wall)
        wall.until_following()
