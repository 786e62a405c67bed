"""The pages of reports with a real browser: chosen, read, its figures led back to cases, taken away, issued, and opened by others."""

import io
import re
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pikepdf
import pytest
from axe import assert_no_barriers
from browser import PHONE, WIDE, Problems, strict_page
from playwright.sync_api import Browser, Page, expect
from serving import Server
from sqlalchemy import make_url, text

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser

MADE_MS = 120_000
Enter = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def enter(browser: Browser, server: Server, demo_city: str, problems: Problems) -> Enter:
    """A page of somebody who has just been given an account: of a role, in a scope."""

    def open_page(role: str = "supervisor", scope: str = "*", **options: object) -> AbstractContextManager[Page]:
        with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
            made = store.add(connection, Draft(f"report-{secrets.token_hex(4)}", shown="周敏", role=role, scope=scope))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(browser, replace(server, session=session), problems, **{"viewport": WIDE, **options})

    return open_page


@pytest.fixture
def districts(demo_city: str) -> list[tuple[str, str]]:
    """Codes and names of the districts."""
    with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
        rows = connection.execute(text("SELECT code, name FROM area WHERE level = 'district' ORDER BY code")).all()
    return [(row[0], row[1]) for row in rows]


def choose(page: Page, server: Server, search: str = "") -> None:
    page.goto(f"{server.url}/report{search}")
    expect(page.locator("#choice[data-ready]")).to_be_visible()


def make(page: Page) -> str:
    """Have the chosen report made; returns its address when it is there to be read."""
    page.locator(".report-make").click()
    expect(page.locator(".report-paper")).to_be_visible(timeout=MADE_MS)
    return page.url


def test_a_report_is_chosen_read_led_back_taken_away_issued_and_opens_for_whoever_may(
    enter: Enter, server: Server, problems: Problems, districts: list[tuple[str, str]]
) -> None:
    (area, name), (elsewhere, _) = districts[:2]
    with enter() as page:
        choose(page, server)
        page.locator("#field-area").fill(name)
        page.locator("#choice .choices li", has_text=name).first.click()
        expect(page).to_have_url(re.compile(f"area={area}&"))
        assert_no_barriers(page, "/report")
        address = make(page)
        assert re.search(r"/report/[0-9a-f-]{36}", address)
        expect(page.locator(".report-tag")).to_have_text("预览")

        # each number says how it was counted, to pointers and keys, and leads to as many cases
        number = page.locator(".report-keys .cite").first
        number.hover()
        expect(page.locator(".report-why")).to_contain_text("登记的案件")
        page.mouse.move(0, 0)
        expect(page.locator(".report-why")).to_have_count(0)
        page.locator(".report-points .cite").first.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        expect(page.locator(".report-why")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".report-why")).to_have_count(0)
        shown = page.locator(".report-value").first.inner_text()
        wanted = re.search(r"[\d,]+", shown)
        assert wanted is not None
        charts = page.locator(".report-chart")
        charts.first.scroll_into_view_if_needed()
        expect(page.locator(".report-chart .chart[data-drawn]").first).to_be_visible()
        assert_no_barriers(page, "/report/{id}")
        with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
            assert 1 < len(printed.pages) < 12
        page.emulate_media(media="print")
        expect(page.locator("#print")).to_be_hidden()
        expect(page.locator(".report-state")).to_be_visible()  # on paper, too, it says that it is a preview
        expect(page.locator(".report-chart > svg").first).to_be_visible()
        page.emulate_media(media="screen")
        with page.expect_download(timeout=MADE_MS) as taken:
            page.locator("[data-form=pdf]").click()
        assert taken.value.path().read_bytes().startswith(b"%PDF-")

        page.locator("#issue").click()
        page.locator("#issue-now").click()
        expect(page.locator(".report-tag.issued")).to_be_visible()
        choose(page, server, f"?area={area}")
        expect(page.locator("#issued-panel li a").first).to_have_attribute("href", re.compile(re.escape(address.rsplit("/", 1)[1][:36])))
        page.goto(address)
        page.locator(".report-keys .cite").first.click()
        expect(page.locator("#toolrow .listed-count")).to_contain_text(f"{wanted[0]} ")
    with enter("leader") as page:
        page.goto(address)
        expect(page.locator(".report-tag.issued")).to_be_visible()
    with enter(scope=elsewhere) as page:
        page.goto(address)
        expect(page.locator("main")).to_contain_text("没有")
        expect(page.locator(".report-paper")).to_have_count(0)
        problems[:] = [one for one in problems if "404" not in one]


def test_kinds_periods_and_areas_beside_fit_one_another_and_what_is_missing_is_said(enter: Enter, server: Server) -> None:
    with enter(viewport=PHONE, locale="en-GB", has_touch=True) as page:
        choose(page, server, "?kind=comparison&period=2026-10")
        expect(page.locator("[name=kind][value=comparison]")).to_be_checked()
        expect(page.locator("[name=step][value=month]")).to_be_checked()
        page.locator(".report-make").click()
        expect(page.locator("#choice-failed")).to_contain_text("at least one other area")
        page.locator("#field-beside").click()
        page.locator("#choice .choices li").first.click()
        expect(page.locator(".report-beside button")).to_have_count(1)
        expect(page).to_have_url(re.compile("beside="))
        page.locator(".report-beside button").click()
        expect(page.locator(".report-beside button")).to_have_count(0)
        page.locator("[name=kind][value=weekly]").check()
        expect(page).to_have_url(re.compile(r"period=\d{4}-W\d\d"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("#search").bounding_box()["width"] > 300, "what is searched for can be read"  # type: ignore[index]
        small = page.evaluate(
            "[...document.querySelectorAll('#choice :is(button, select, .report-kinds label), .tabs a')]"
            ".filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent)"
        )
        assert small == []
