"""Every page with axe-core: nothing serious, in both themes, both languages, and on a phone."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from axe import assert_no_barriers, find_barriers
from browser import DESK, PHONE, WIDE, Problems, strict_page
from browser_steps import FLAT, answered
from playwright.sync_api import Browser, Page, expect
from serving import Server
from sqlalchemy import make_url

from data.accounts import sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser

LOOKS: dict[str, dict[str, Any]] = {
    "desk, light": {"viewport": DESK, "color_scheme": "light"},
    "phone, dark": {"viewport": PHONE, "color_scheme": "dark"},
}
ENGLISH: dict[str, Any] = {"locale": "en-GB"}

Prepare = Callable[[Page], None]


@pytest.fixture(scope="module")
def people(demo_city: str) -> dict[str, str]:
    """A session of somebody in each role that has pages of its own."""
    made = {}
    with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
        for role in ("supervisor", "administrator", "auditor"):
            number = store.add(connection, Draft(f"axe-{secrets.token_hex(4)}", shown="王敏", role=role, scope="*")).id
            made[role] = sessions.begin(connection, number, "full", "", "test")
    return made


ON_A_DESK = ("/docs",)
"""Pages that are long and alike on a phone: looked at on a desk alone."""


@contextmanager
def looking(browser: Browser, server: Server, session: str, **options: Any) -> Iterator[Page]:
    """A page of somebody; what it may not see is not tested here, so an answer of 404 is no problem."""
    problems: Problems = []
    with strict_page(browser, replace(server, session=session), problems, **options) as page:
        yield page
        problems[:] = [one for one in problems if "404" not in one]


def begun(page: Page) -> None:
    """The map's page has its figures."""
    answered(page)


def searched(page: Page) -> None:
    """Results of a search are open."""
    begun(page)
    page.locator("#search").fill("990")
    page.locator(".results a").first.wait_for()


def listed(page: Page) -> None:
    """The desk shows its list."""
    page.wait_for_selector("#table .case-title")
    expect(page.locator("#foot .live")).to_have_class("live")


def opened(page: Page) -> None:
    """The drawer of a case is open, with the form of a step."""
    listed(page)
    page.locator("#table .case-title").first.click()
    page.locator("#drawer .time-line li").first.wait_for()
    step = page.locator("#drawer [data-step=void]")  # one that asks for a reason: others would be taken at once
    if not step.is_visible():
        page.locator("#drawer .more-steps summary").click()
    step.click()
    page.locator(".step-form").wait_for()


def told_keys(page: Page) -> None:
    """The list of keys is open."""
    listed(page)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def filtered(page: Page) -> None:
    """The menu of filters is open."""
    listed(page)
    page.locator("details.filters summary").click()
    expect(page.locator("details.filters .menu-list")).to_be_visible()


def chosen(page: Page) -> None:
    """Cases are chosen, on a phone by touching them, and what a step would do is looked at."""
    listed(page)
    if page.locator("#choose-switch").is_visible():
        page.locator("#choose-switch").click()
        page.locator("#table .case-title").first.click()
        page.locator("#table input[data-number]").nth(1).click()
    else:
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.locator("#many-row [data-step=dispatch]").click()
    expect(page.locator("#many .many-figure b").first).not_to_have_text("…")


def saving(page: Page) -> None:
    """A filter is about to be saved."""
    listed(page)
    page.keyboard.press("s")
    expect(page.locator("#filter-name")).to_be_focused()


def there(page: Page) -> None:
    """The page is as the server sent it."""
    expect(page.locator("h1").first).to_be_attached()


def choosing(page: Page) -> None:
    """A report can be chosen."""
    expect(page.locator("#choice[data-ready]")).to_be_visible()


PAGES: dict[str, tuple[tuple[str, Prepare], ...]] = {
    "steward": (
        (f"/{FLAT}", searched),
        ("/imports", there),
        ("/nothing-here", there),
    ),
    "supervisor": (
        ("/desk", opened),
        ("/desk", told_keys),
        ("/desk", filtered),
        ("/desk", chosen),
        ("/desk", saving),
        ("/report?kind=comparison", choosing),
        ("/account", there),
        ("/docs", there),
        ("/docs", there),
        ("/signout", there),
    ),
    "administrator": (("/accounts", there), ("/status", there)),
    "auditor": (("/audit", there),),
    "nobody": (("/signin", there),),
}
"""Who looks at which page, in which state."""


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_serious_stands_in_anybodys_way(browser: Browser, server: Server, people: dict[str, str], look: str) -> None:
    found: list[str] = []
    for who, pages in PAGES.items():
        with looking(browser, server, people.get(who, server.session if who == "steward" else ""), **LOOKS[look]) as page:
            for address, prepare in pages:
                page.goto(f"{server.url}{address}")
                prepare(page)
                found += [f"{address} as {who}, {prepare.__name__}: {one}" for one in find_barriers(page)]
    assert not found, "\n".join((look, *found))


def test_nor_in_english_nor_with_a_third_dimension(browser: Browser, server: Server, people: dict[str, str]) -> None:
    with looking(browser, server, server.session, viewport=DESK, color_scheme="dark", **ENGLISH) as page:
        page.goto(f"{server.url}/?layers=grid,incidents")
        begun(page)
        page.locator(".ranking").last.locator("a.rank-row").first.click()
        answered(page)
        assert_no_barriers(page, "the map in three dimensions, dark")
    with looking(browser, server, people["supervisor"], viewport=DESK, color_scheme="light", **ENGLISH) as page:
        page.goto(f"{server.url}/desk")
        opened(page)
        assert_no_barriers(page, "the desk with a case, in English")


ZOOMED: dict[str, Any] = {"viewport": {"width": 683, "height": 384}, "device_scale_factor": 2}
"""A screen of 1366 × 768 with everything twice as large."""


@pytest.mark.parametrize("screen", [ZOOMED, {"viewport": PHONE}], ids=["200 %", "390 px"])
def test_everything_can_be_reached_on_a_small_screen(
    browser: Browser, server: Server, people: dict[str, str], screen: dict[str, Any]
) -> None:
    """List, drawer and form: nothing is wider than the screen, and what is to be pressed can be brought into sight as a whole."""
    wanted = {
        "/desk?map=off": ("#table .case-title", "#toolrow .filters summary", "#toolrow .take-out summary", "#strip .count", "#search"),
        "/desk?map=off&new=1": ("#entry-place", "#entry-category", "#entry-title", "#entry-name", "#entry .step.first"),
        "a case": ("#drawer h2", "#drawer .time-line li", "#words", "#drawer .steps-row button", "#drawer .composer button"),
    }
    with looking(browser, server, people["supervisor"], **screen) as page:
        for address, parts in wanted.items():
            if address.startswith("/"):
                page.goto(f"{server.url}{address}")
                listed(page)
            else:
                page.goto(f"{server.url}/desk?map=off")
                opened(page)
            for part in parts:
                one = page.locator(part).first
                one.scroll_into_view_if_needed()
                expect(one, f"{part} of {address}").to_be_in_viewport(ratio=0.9)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is not wider than the screen"
            panel = page.locator("#entry" if "new" in address else "#drawer")
            if panel.is_visible():
                panel.get_by_role("button", name="关闭面板").first.click()
                expect(panel).to_be_hidden()


def test_nor_in_the_register_nor_on_a_wall(browser: Browser, server: Server, demo_city: str) -> None:
    with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
        home = connection.exec_driver_sql(
            "SELECT 'area=' || b.grid || '&building=' || b.source_id || ':' || b.source_key"
            " FROM person p JOIN building b ON b.id = p.building_id ORDER BY p.id LIMIT 1"
        ).scalar_one()
        wall = store.add(connection, Draft(f"axe-{secrets.token_hex(4)}", role="wall", scope="*"))
        token = tokens.make(connection, wall.name, "axe", 1)
    with looking(browser, server, server.session, viewport=DESK, color_scheme="light") as page:
        page.goto(f"{server.url}/{FLAT}&{home}")
        page.get_by_role("button", name="查看居住人员").click()
        page.locator(".people li").first.wait_for()
        assert_no_barriers(page, "the people of a building")
    with looking(browser, server, "", viewport=WIDE, color_scheme="dark") as page:
        page.goto(f"{server.url}/?token={token}")
        page.locator("#key-figures *").first.wait_for()
        assert page.url == f"{server.url}/wall", "an address of an earlier version leads to the wall"
        assert_no_barriers(page, "a wall display")
