"""The page when the server is full: it says so, keeps what it shows, and continues by itself."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import httpx
import pytest
from browser import Problems, strict_page
from browser_steps import FLAT, drawn, open_at, title
from playwright.sync_api import Browser, Page, expect
from serving import Server, serving
from sqlalchemy import make_url
from table_locks import held, slowed, until, waiting

from data.accounts.guest import guest

pytestmark = pytest.mark.browser

_numbers = count(1)
SAID = {"zh": "很多人同时在用，稍后自动重试…", "en": "The server is busy. Trying again …"}


@pytest.fixture(scope="module")
def narrow(demo_city: str) -> Iterator[Server]:
    """A server that answers one at a time, and lets nobody wait for long."""
    limits = {"POOL_SIZE": "1", "QUEUE_WAIT_MS": "1000", "STATEMENT_TIMEOUT_MS": "300000"}
    with serving(demo_city, **{f"GRIDWELL_{name}": value for name, value in limits.items()}) as running:
        yield running


@pytest.fixture(scope="module")
def hasty(demo_city: str) -> Iterator[Server]:
    """A server that lets no statement take long, and none wait long for a table."""
    with serving(demo_city, GRIDWELL_STATEMENT_TIMEOUT_MS="2000") as running:
        yield running


@contextmanager
def unknown(server: Server, database: str) -> Iterator[Server]:
    """The same server with the session of somebody whom it has never seen: it keeps nothing about them."""
    with guest(url=make_url(database).set(drivername="postgresql+psycopg")) as stranger:
        yield replace(server, session=stranger.session)


def another_period() -> str:
    """Days that nobody has asked for yet."""
    return f"from={date(2026, 9, 1) - timedelta(days=next(_numbers))}&to=2026-10-31"


def look(server: Server) -> httpx.Response:
    """The document of the map, for the session of this server."""
    cookie = {server.cookie["name"]: server.cookie["value"]}
    return httpx.get(f"{server.url}/", headers={"accept": "text/html"}, cookies=cookie, timeout=60)


@contextmanager
def overloaded(server: Server, database: str) -> Iterator[None]:
    """Somebody else has the only turn until the block is left."""
    headers = {"authorization": f"Bearer {server.token}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client, ThreadPoolExecutor(1) as pool:
        root = client.get("/api/areas").json()["areas"][0]["code"]
        with held(database, "incident_daily"):
            pool.submit(client.get, f"/api/areas/{root}?{another_period()}")  # not yet asked for, and so not kept
            until(lambda: waiting(database) == 1, "the only turn is taken")
            yield


@contextmanager
def refusals(problems: Problems) -> Iterator[None]:
    """A server that refuses is what is wanted here; anything else that went wrong stays."""
    try:
        yield
    finally:
        problems[:] = [one for one in problems if "503" not in one]


def first_part(page: Page) -> str:
    """Click the first part of the area; returns its name."""
    link = page.locator(".ranking").last.locator("a.rank-row").first
    name = link.locator(".bar-name").inner_text()
    link.click()
    return name


def test_a_full_server_is_waited_for_and_the_page_arrives_by_itself(
    browser: Browser, narrow: Server, demo_city: str, problems: Problems
) -> None:
    with strict_page(browser, narrow, problems) as page, refusals(problems):
        open_at(page, narrow, FLAT)
        drawn(page)
        city, notice = title(page), page.locator("[data-notice=busy]")
        expect(notice).to_be_hidden()
        with overloaded(narrow, demo_city):
            name = first_part(page)
            expect(notice).to_be_visible()
            expect(notice).to_contain_text(SAID["zh"])  # in English in the next test
            assert title(page) == city, "what was shown stays"
            assert page.evaluate("window.gridwell.map.drawn().grid") > 0, "on the map too"
        expect(page.locator("#panel .title h1")).to_have_text(name)
        expect(page.locator("[data-notice]:visible")).to_have_count(0)
        drawn(page)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_page_opened_while_the_server_is_full_comes_later(
    browser: Browser, narrow: Server, demo_city: str, problems: Problems, known: bool
) -> None:
    with unknown(narrow, demo_city) as visited:
        if known:
            assert look(visited).status_code == 200
        with strict_page(browser, visited, problems) as page, refusals(problems):
            with overloaded(narrow, demo_city):
                answer = page.goto(f"{narrow.url}/{FLAT}&lang=en")
                assert answer is not None and answer.status == 200, "to find out who asks needs no turn"
                expect(page.locator("[data-notice=busy]")).to_contain_text(SAID["en"])
            expect(page.locator("#panel .title h1")).to_be_visible()
            expect(page.locator("[data-notice]:visible")).to_have_count(0)


def test_a_page_that_could_not_even_be_begun_comes_later(browser: Browser, hasty: Server, demo_city: str, problems: Problems) -> None:
    with unknown(hasty, demo_city) as visited, strict_page(browser, visited, problems) as page, refusals(problems):
        with held(demo_city, "session"):
            answer = page.goto(f"{hasty.url}/{FLAT}&lang=en")
            assert answer is not None and answer.status == 503
            expect(page.locator("main")).to_contain_text("This page tries again by itself.")
        expect(page.locator("#panel .title h1")).to_be_visible()
        expect(page).to_have_url(re.compile(re.escape(f"{hasty.url}/{FLAT}&lang=en")))


def test_an_answer_that_took_too_long_can_be_asked_for_again(browser: Browser, hasty: Server, demo_city: str, problems: Problems) -> None:
    with strict_page(browser, hasty, problems) as page:
        with slowed(demo_city, "incident_daily"):
            page.goto(f"{hasty.url}/{FLAT}&{another_period()}")  # not kept, whatever was asked before
            expect(page.locator("#panel .state")).to_contain_text("2000 毫秒")
        page.locator("#panel .state .primary").click()
        expect(page.locator("#panel .title h1")).to_be_visible()


def test_who_goes_elsewhere_meanwhile_arrives_there(browser: Browser, narrow: Server, demo_city: str, problems: Problems) -> None:
    with strict_page(browser, narrow, problems) as page, refusals(problems):
        open_at(page, narrow, FLAT)
        with overloaded(narrow, demo_city):
            first_part(page)
            expect(page.locator("[data-notice=busy]")).to_be_visible()
            link = page.locator(".ranking").last.locator("a.rank-row").nth(1)
            wanted = link.locator(".bar-name").inner_text()
            link.click()
        expect(page.locator("#panel .title h1")).to_have_text(wanted)
        expect(page.locator("[data-notice]:visible")).to_have_count(0)


def test_tiles_and_shapes_that_were_refused_come_without_panning(
    browser: Browser, narrow: Server, demo_city: str, problems: Problems
) -> None:
    with strict_page(browser, narrow, problems) as page, refusals(problems):
        page.route("**/tiles/**", lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": {"code": "busy"}}))
        page.route("**/shapes/**", lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": {"code": "busy"}}))
        open_at(page, narrow, FLAT)
        expect(page.locator("[data-notice=busy]")).to_be_visible()
        page.unroute("**/tiles/**")
        page.unroute("**/shapes/**")
        drawn(page)
        expect(page.locator("[data-notice]:visible")).to_have_count(0)
