"""The page of figures with a real browser: numbers lead to as many cases, the address is the state, by keyboard, and who sees whom."""

import re
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from axe import assert_no_barriers
from browser import PHONE, WIDE, Problems, strict_page, until
from playwright.sync_api import Browser, Page, expect
from serving import Server
from sqlalchemy import make_url

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser

Enter = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def enter(browser: Browser, server: Server, demo_city: str, problems: Problems) -> Enter:
    """A page of somebody who has just been given an account of a role."""

    def open_page(role: str = "supervisor", **options: Any) -> AbstractContextManager[Page]:
        with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
            made = store.add(connection, Draft(f"figures-{secrets.token_hex(4)}", shown="周敏", role=role, scope="*"))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(browser, replace(server, session=session), problems, **{"viewport": WIDE, **options})

    return open_page


def arrive(page: Page, server: Server, search: str = "") -> None:
    """The page with every panel and every key figure drawn."""
    page.goto(f"{server.url}/desk/figures{search}")
    settled(page)


def settled(page: Page) -> None:
    expect(page.locator("#panels .panel").first).to_be_attached()
    expect(page.locator("#panels .panel[aria-busy], .key-strip[aria-busy], .skeleton")).to_have_count(0)


def number(text: str) -> int:
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_numbers_lead_to_as_many_cases(enter: Enter, server: Server) -> None:
    with enter() as page:
        arrive(page, server)
        expect(page.locator("#key-figures .key")).to_have_count(6)
        links = {
            "reported": page.locator("#key-figures .key").nth(0).locator("a.behind").first,
            "on time": page.locator("#key-figures .key").nth(1).locator(".fraction a.behind").first,
            "overdue": page.locator("#key-figures .key").nth(2).locator("a.late"),
            "late in a street": page.locator("#worse a.behind").first,
            "busiest hour": page.locator(".hours-foot a.behind").first,
        }
        wanted = {name: (link.get_attribute("href"), number(re.findall(r"[\d,]+", link.inner_text())[-1])) for name, link in links.items()}
        assert len({address for address, _ in wanted.values()}) == len(wanted)
        for name, (address, n) in wanted.items():
            page.goto(f"{server.url}{address}")
            expect(page.locator("#toolrow .listed-count"), name).to_contain_text(f"{n:,} ")
            if name not in ("overdue",):
                expect(page.locator("#toolrow .filter-chip").first, name).to_be_visible()


def test_the_address_is_the_state_and_keys_do_all_of_it(enter: Enter, server: Server) -> None:
    with enter() as page:
        arrive(page, server)
        expect(page.locator("#trend .chart[data-drawn], #hours .chart[data-drawn]")).to_have_count(2)
        page.locator(".views a").nth(1).focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?view=area$"))
        settled(page)
        expect(page.locator("#multiples .chart[data-drawn]")).to_have_count(1)
        streets = page.locator("#indicators tbody tr").count()
        assert streets > 3
        head = page.locator("#indicators thead button").nth(1)
        head.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"sort=closing_rate"))
        page.go_back()
        settled(page)
        expect(page).to_have_url(re.compile(r"/desk/figures$"))
        page.locator("details.period summary").focus()
        page.keyboard.press("Enter")
        page.locator("details.period .menu-list a").nth(1).focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?period=week$"))
        settled(page)
        page.locator("details.filters summary").press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator("details.filters[open]")).to_have_count(0)
        until(page, "document.activeElement.parentElement.classList.contains('filters')")  # the focus is back on its button
        page.keyboard.press("?")
        expect(page.locator("dialog#keys")).to_contain_text("Tab")
        page.keyboard.press("Escape")
        until(page, "document.activeElement.parentElement.classList.contains('filters')")  # and after the list of keys, too
        page.locator("#waiting .panel-choices select").focus()
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile("soon=48"))
        settled(page)
        expect(page.locator("#waiting .panel-choices select")).to_be_focused()


def test_each_chart_has_its_numbers_as_a_table(enter: Enter, server: Server) -> None:
    with enter() as page:
        arrive(page, server, "?view=time")
        page.locator("#hours .as-table summary").click()
        cells = page.locator("#hours .as-table tbody td")
        expect(cells).to_have_count(7 * 24)
        shown = sum(number(text) for text in cells.all_inner_texts())
        assert shown == number(page.locator("#hours .panel-how").inner_text())
        page.locator("#trend .as-table summary").click()
        expect(page.locator("#trend .as-table tbody tr")).to_have_count(13)


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"viewport": PHONE, "locale": "en-GB"}])
def test_nothing_stands_in_anybodys_way(enter: Enter, server: Server, look: dict[str, Any]) -> None:
    with enter(**look) as page:
        arrive(page, server)
        expect(page.locator("#trend .chart[data-drawn], #hours .chart[data-drawn]")).to_have_count(2)
        assert_no_barriers(page, "/desk/figures")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the screen"


def test_coverage_leads_to_what_is_missing(enter: Enter, server: Server) -> None:
    with enter() as page:
        arrive(page, server)
        expect(page.locator("#coverage tbody tr")).to_have_count(2)
        gaps = page.locator("#coverage a.behind")
        if gaps.count():
            gaps.first.click()
            expect(page.locator("#coverage details[open] tbody tr").first).to_be_visible()
        assert_no_barriers(page, "coverage")


def test_a_worker_is_offered_no_figures_about_others(enter: Enter, server: Server) -> None:
    with enter("supervisor") as page:
        arrive(page, server)
        page.locator("details.filters summary").click()
        expect(page.locator("details.filters input[name=person]")).to_be_visible()
    with enter("grid_worker") as page:
        arrive(page, server)
        expect(page.locator("#waiting")).to_contain_text("人员仅主管和领导可见")
        page.locator("details.filters summary").click()
        expect(page.locator("details.filters .menu-list")).to_be_visible()
        expect(page.locator("details.filters input[name=person]")).to_have_count(0)
