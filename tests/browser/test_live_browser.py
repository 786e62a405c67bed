"""An open page follows what happens: in place, over one stream for all tabs, also after the server was away."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest
from browser import Problems, still, strict_page, until
from browser_steps import FLAT, answered, drawn, open_at
from databases import FreshDatabase
from playwright.sync_api import Browser, Page
from serving import Server, serving
from sqlalchemy import make_url

from data import rollup
from data.accounts.guest import guest

pytestmark = pytest.mark.browser
SHOWN = "document.querySelector('#panel').innerText"


@pytest.fixture
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    """A small demo city of one's own, because it changes."""
    with fresh_database(template=demo_template) as url:
        yield url


def close_a_case(url: str) -> None:
    """One open case is closed, with all that follows from it."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT city, district, id FROM incident WHERE is_open ORDER BY id LIMIT 1").fetchone()
        assert row
        with rollup.changing_incidents(connection, row[0], [(row[1], row[2])]):
            query = "UPDATE incident SET stage = 'closed', closed_at = reported_at WHERE district = %s AND id = %s"
            connection.execute(query, row[1:])


def streams(server: Server) -> float:
    """How many streams are open at the server."""
    text = httpx.get(f"{server.url}/metrics", timeout=60).text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("gridwell_streams "))


@contextmanager
def following(page: Page, half: str = "半个") -> Iterator[None]:
    """The page's figures change, and nothing else does, because of what is done in the block."""
    page.evaluate("document.querySelector('#panel').scrollTop = 40")
    page.locator("#search").press_sequentially(half)
    before = page.evaluate(SHOWN)
    kept = "[window.gridwell.map.camera, document.querySelector('#panel').scrollTop, document.activeElement.id,"
    kept = f"JSON.stringify({kept} document.querySelector('#search').value])"
    stood = page.evaluate(kept)
    yield
    until(page, f"before => {SHOWN} !== before", before)
    answered(page)
    assert page.evaluate(kept) == stood, "camera, scroll, focus and what is half typed stay"


def test_an_open_page_follows_changes_in_place_and_over_a_restart(browser: Browser, town: str, problems: Problems) -> None:
    with serving(town) as server, strict_page(browser, server, problems) as page:
        open_at(page, server, FLAT)
        other = page.context.new_page()
        open_at(other, server, FLAT)
        wait_for(page, lambda: streams(server) == 1)
        page.bring_to_front()
        with following(page):
            close_a_case(town)
        assert streams(server) == 1, "both pages share it"

        server.stop()
        close_a_case(town)
        before = page.evaluate(SHOWN)
        until(page, "!document.querySelector('[data-notice=quiet]').hidden")
        assert page.evaluate("/\\d\\d:\\d\\d/.test(document.querySelector('[data-notice=quiet]').innerText)")
        server.start()
        until(page, f"before => {SHOWN} !== before", before)
        until(page, "document.querySelector('[data-notice=quiet]').hidden")
        problems[:] = [one for one in problems if "ERR_CONNECTION" not in one and "503" not in one]


def test_a_page_without_shared_workers_has_a_stream_of_its_own(browser: Browser, town: str, problems: Problems) -> None:
    with serving(town) as server, strict_page(browser, server, problems) as page:
        page.add_init_script("delete globalThis.SharedWorker")
        open_at(page, server, FLAT)
        wait_for(page, lambda: streams(server) == 1)
        with following(page):
            close_a_case(town)
        page.close()


def wait_for(page: Page, true: object) -> None:
    assert callable(true)
    for _ in range(1_200):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def find_open_case(url: str) -> tuple[str, str, int, int]:
    """A case that waits for its worker: what its card is asked for by, number and version; and how many cases are open."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT source_id || ':' || source_key, number, version, (SELECT count(*) FROM incident WHERE is_open) FROM incident"
            " WHERE stage = 'dispatched' AND NOT paused AND geom IS NOT NULL ORDER BY reported_at DESC LIMIT 1"
        ).fetchone()
    assert row
    return row[0], row[1], row[2], row[3]


def test_steps_of_others_change_panel_counts_and_pins_in_place(browser: Browser, town: str, problems: Problems) -> None:
    """Somebody works on the case that is open on another one's page."""
    key, number, version, count = find_open_case(town)
    owner = make_url(town).set(drivername="postgresql+psycopg")
    with serving(town) as server, guest("supervisor", url=owner) as chief, strict_page(browser, server, problems) as page:

        def step(name: str, of_version: int, **fields: str) -> int:
            headers, body = {"authorization": f"Bearer {chief.token}"}, {"step": name, "version": of_version, **fields}
            answer = httpx.post(f"{server.url}/api/cases/{number}/steps", json=body, headers=headers, timeout=60)
            assert answer.status_code == 200, answer.text
            return int(answer.json()["case_version"])

        open_at(page, server, f"?dim=2d&layers=grid,incidents&incident={key}")
        drawn(page, "fg-incidents")
        assert f"{count} 件" in page.locator("body").inner_text() and "处置中" not in page.evaluate(SHOWN)
        with following(page):
            version = step("accept", version)
        until(page, f"{SHOWN}.includes('处置中')")
        with following(page, half="个"):
            step("void", version, reason="误报")
        until(page, "text => document.body.innerText.includes(text)", f"{count - 1} 件")
        assert "接单" in page.evaluate(SHOWN), "its history stays"
        still(page)
        assert f"incident={key}" in page.url.replace("%3A", ":"), "the case stays selected"
