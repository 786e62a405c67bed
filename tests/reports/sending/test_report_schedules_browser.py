"""Schedules of reports in a browser: written with the next moments in sight, looked after, confirmed by a link; on a desk and a phone."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from axe import assert_no_barriers
from browser import PHONE, Problems, strict_page
from databases import FreshDatabase
from planted_reports import plant_delivery, plant_report, report_of
from playwright.sync_api import Browser, Page, expect
from serving import PATIENT, Server, serving
from sqlalchemy import make_url

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from tests.reports.sending.posted import add_account, add_schedule

pytestmark = pytest.mark.browser
DESK = {"width": 1366, "height": 768}
KEY = "k" * 43
PICTURES = os.environ.get("GRIDWELL_PICTURES")


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            add_account(connection, "wei", "supervisor", city.D1)
            add_account(connection, "li", "leader", city.S1, "figures")
            _fill(connection)
        yield url


def _fill(connection: psycopg.Connection[Any]) -> None:
    """A run in every state in which one can be."""
    since = datetime.now(UTC) - timedelta(days=30)
    number = add_schedule(connection, since, [("wei", "mail", "wei@example.org")], level="street", name="街道周报（各街道）", approval=True)
    connection.execute("UPDATE report_schedule SET looked_until = now()")
    due = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)
    rows = [
        ("approval", city.S1, None, None),
        ("sent", city.S1, None, "已安排整改，周五前完成。"),
        ("sent", city.S2, None, None),
        ("uncertain", city.S3, "no_answer", None),
        ("refused", city.S3, "receiver_refused", None),
        ("failed", city.S2, "answer_554", None),
        ("waiting", city.S1, "certificate", None),
        ("nothing", city.S2, None, None),
        ("stopped", city.S3, None, None),
    ]
    for week, part in enumerate((rows[:5], rows[5:])):
        row = connection.execute(
            "INSERT INTO report_run (schedule, due_at, period, first, last, begun_at) VALUES (%s, %s, %s, %s, %s, now()) RETURNING id",
            [number, due - timedelta(days=7 * week), f"2026-W{47 - week}", "2026-11-16", "2026-11-22"],
        ).fetchone()
        assert row
        for n, (state, area, failure, answer) in enumerate(part):
            tokens = [hashlib.sha256(KEY.encode()).digest()] if (week, n) == (0, 2) else []
            made = connection.execute(
                "INSERT INTO report_delivery (id, run, account, channel, target, area, lang, report, detail, state, failure, tokens,"
                " next_at) VALUES (gen_random_uuid(), %s, %s, 'mail', %s, %s, 'zh', gen_random_uuid(), 'figures', %s, %s, %s,"
                " CASE WHEN %s = 'waiting' THEN now() + interval '1 day' END) RETURNING id",
                [row[0], ("wei", "li")[n % 2], f"{('wei', 'li')[n % 2]}@example.org", area, state, failure, tokens, state],
            ).fetchone()
            if answer:
                connection.execute(
                    "INSERT INTO report_receipt (delivery, seen_at, answer, answered_at) VALUES (%s, now(), %s, now())", [made[0], answer]
                )
    connection.execute("UPDATE report_delivery SET stopped_at = now(), stopped_by = 'wei', stopped_why = 'removed' WHERE state = 'stopped'")


@pytest.fixture(scope="module")
def schedules_server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


@pytest.fixture
def people(browser: Browser, schedules_server: Server, town: str, problems: Problems) -> Iterator[Any]:
    """Opens pages of an administrator."""
    with ExitStack() as stack:

        def open_page(**options: Any) -> Page:
            with owner_transaction(make_url(town).set(drivername="postgresql+psycopg")) as connection:
                made = store.add(connection, Draft(f"admin-{secrets.token_hex(4)}", shown="周敏", role="administrator", scope=city.CITY))
                session = sessions.begin(connection, made.id, "full", "", "test")
            server = replace(schedules_server, session=session)
            return stack.enter_context(strict_page(browser, server, problems, **{"viewport": DESK, **options}))

        yield open_page


def keep(page: Page, name: str) -> None:
    """A picture for who wants to look, and that nothing is wider than the window."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_schedule_is_written_with_its_next_moments_in_sight(people: Any, schedules_server: Server) -> None:
    page = people()
    page.goto(f"{schedules_server.url}/report/schedules/new?lang=zh")
    page.get_by_label("计划名称").fill("全市周报")
    page.locator("#field-area").fill(city.D1)
    page.locator(".schedule-form .choices li").first.click()
    expect(page.locator("input[name=area]")).to_have_value(city.D1)
    page.locator("#field-adding_account").fill("wei")
    page.locator(".adding .choices li").first.click()
    page.locator("#adding-target").fill("wei@example.org")
    page.locator("#adding-target").press("Enter")
    expect(page.locator("#recipients")).to_have_value("wei wei@example.org")
    page.get_by_label("时间").fill("08:30")
    page.get_by_label("节假日").select_option("next_working")
    page.get_by_role("button", name="查看发送时间").click()
    expect(page.locator(".upcoming li")).to_have_count(5)
    keep(page, "form-1366-zh")
    assert_no_barriers(page, "form")
    page.get_by_role("button", name="保存计划").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("全市周报")
    page.goto(f"{schedules_server.url}/report/schedules")
    expect(page.get_by_role("link", name="全市周报")).to_be_visible()
    page.get_by_role("link", name="全市周报").click()
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_role("status")).to_contain_text("已停用")


@pytest.mark.parametrize(("lang", "viewport"), [("zh", DESK), ("en", DESK), ("zh", PHONE), ("en", PHONE)])
def test_the_pages_on_a_desk_and_a_phone(people: Any, schedules_server: Server, lang: str, viewport: Any) -> None:
    page = people(viewport=viewport, color_scheme="dark" if lang == "en" else "light")
    where = f"{viewport['width']}-{lang}"
    for name, path in (("list", ""), ("runs", "/1"), ("new", "/new")):
        page.goto(f"{schedules_server.url}/report/schedules{path}?lang={lang}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        keep(page, f"{name}-{where}")
        assert_no_barriers(page, f"{name} {where}")


def test_a_link_confirms_by_its_button(browser: Browser, schedules_server: Server, problems: Problems) -> None:
    stranger = replace(schedules_server, session="nobody")
    with strict_page(browser, stranger, problems, viewport=PHONE) as page:
        page.goto(f"{schedules_server.url}/report/seen/{KEY}?lang=zh")
        expect(page.get_by_role("heading", level=1)).to_have_text("确认已阅报告")
        keep(page, "seen-390-zh")
        assert_no_barriers(page, "link")
        page.get_by_label("需要您处理的，请在此答复").fill("已转城管队，今天处理。")
        page.get_by_role("button", name="我已阅此报告").click()
        expect(page.get_by_role("status")).to_contain_text("已记录您已阅此报告")
        expect(page.locator(".answered")).to_have_text("已转城管队，今天处理。")
        keep(page, "seen-after-390-zh")


@pytest.mark.parametrize(("lang", "viewport"), [("zh", PHONE), ("en", DESK)])
def test_a_recipient_confirms_and_answers_on_the_page(people: Any, schedules_server: Server, town: str, lang: str, viewport: Any) -> None:
    """By keys that a finger hits; in the dark, too."""
    page = people(viewport=viewport, color_scheme="light" if lang == "zh" else "dark", has_touch=lang == "zh")
    with psycopg.connect(town, autocommit=True) as connection:
        name = connection.execute("SELECT name FROM account ORDER BY id DESC LIMIT 1").fetchone()
        report = report_of(city.S1)
        if not connection.execute("SELECT 1 FROM report WHERE id = %s", [report]).fetchone():
            plant_report(connection, city.S1)
        assert name
        plant_delivery(connection, report, name[0])
    where = f"{viewport['width']}-{lang}"
    page.goto(f"{schedules_server.url}/report/{report}?lang={lang}")
    expect(page.locator("#seen-now")).to_be_visible()
    keep(page, f"recipient-{where}")
    assert_no_barriers(page, f"recipient {where}")
    keys = page.locator("#seen button, .report-tools a[href='#receipts']")
    heights = keys.evaluate_all("(found) => found.map((one) => one.getBoundingClientRect().height)")
    assert len(heights) == 2 and min(heights[1:]) >= 44 and (heights[0] >= 44 or viewport is DESK), heights
    page.locator("#seen-answer").fill("已转城管队，今天处理。")
    page.locator("#seen-now").click()
    expect(page.locator(".report-receipts li", has_text=name[0])).to_contain_text("已转城管队，今天处理。")
    expect(page.locator("a[href='#receipts']")).to_have_count(0)
    keep(page, f"recipient-after-{where}")
