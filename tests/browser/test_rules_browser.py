"""Pages of rules and of the data hub with a real browser: a dry run before saving, two people at once, a new version of a deadline."""

import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from axe import assert_no_barriers
from browser import PHONE, WIDE, Problems, strict_page
from databases import FreshDatabase
from hub_world import LATE, fill, plant_feeds
from playwright.sync_api import Browser, Page, expect
from serving import PATIENT, Server, serving
from sqlalchemy import make_url

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser
UNITS = (("env-1", "市容一中队", "Environment squad 1"), ("order-1", "秩序中队", "Order squad"))


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    """A small demo city of one's own, with two units."""
    with fresh_database(template=demo_template) as url:
        with psycopg.connect(url) as owner:
            for code, name, english in UNITS:
                owner.execute(
                    "INSERT INTO unit (city, code, name, name_en) SELECT code, %s, %s, %s FROM city ON CONFLICT DO NOTHING",
                    [code, name, english],
                )
        yield url


@pytest.fixture(scope="module")
def rules_server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


class Rules:
    """People at the page of rules of one server."""

    def __init__(self, browser: Browser, server: Server, town: str, problems: Problems) -> None:
        self.browser, self.server, self.problems = browser, server, problems
        self.url = make_url(town).set(drivername="postgresql+psycopg")

    def somebody(self, shown: str, role: str = "supervisor", **options: Any) -> AbstractContextManager[Page]:
        """A page of somebody who has just been given an account of this role."""
        with owner_transaction(self.url) as connection:
            made = store.add(connection, Draft(f"rules-{secrets.token_hex(4)}", shown=shown, role=role, scope="*"))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(self.browser, replace(self.server, session=session), self.problems, **{"viewport": WIDE, **options})

    def expect_refusals(self) -> None:
        """What was refused on purpose is no problem."""
        self.problems[:] = [one for one in self.problems if "409" not in one and "422" not in one]

    def open(self, page: Page, search: str = "") -> None:
        page.goto(f"{self.server.url}/desk/rules{search}")
        page.wait_for_selector("#panel[data-shown]")


@pytest.fixture
def rules(browser: Browser, rules_server: Server, town: str, problems: Problems) -> Rules:
    return Rules(browser, rules_server, town, problems)


def choose(page: Page, name: str, typed: str, label: str) -> None:
    """Type into a chooser, and take the first that is offered, by keyboard."""
    page.fill(f"#field-{name}", typed)
    expect(page.locator(f".chooser:has(#field-{name}) .choices li").first).to_contain_text(label)
    page.keyboard.press("Enter")
    expect(page.locator(f"#field-{name}")).to_have_value(label)


def add_rule(page: Page, unit: str, label: str, pinyin: str, category: str) -> None:
    page.click("button:text-is('新增规则')")
    choose(page, "unit", unit, label)
    choose(page, "category", pinyin, category)
    page.click("dialog button:text-is('填入表格')")
    expect(page.locator("dialog")).to_have_count(0)


def test_rules_are_tried_before_they_are_saved_and_who_is_second_is_told(rules: Rules) -> None:
    with rules.somebody("周敏") as page, rules.somebody("林晓") as other:
        rules.open(page)
        rules.open(other)
        before = page.locator(".routing tbody tr").count()
        add_rule(page, "市容", "市容一中队", "srhj", "市容环境")
        page.click("button:text-is('新增规则')")
        page.fill("#field-hours", "8-18")
        page.click("dialog button:text-is('填入表格')")
        expect(page.locator("#fault-hours")).to_contain_text("不是时段")
        assert_no_barriers(page, "a rule with a fault")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)

        page.click("button:text-is('按最近 30 天试算')")
        expect(page.locator(".trial #map canvas").first).to_be_attached()
        expect(page.locator(".trial-picked")).to_contain_text("图钉")
        assert page.locator(".trial table").first.locator("tbody tr").count() > 1
        expect(page.locator(".trial")).to_contain_text("没有规则适用的案件")
        assert_no_barriers(page, "the dry run")

        page.reload()
        page.wait_for_selector("#panel[data-shown]")
        expect(page.locator(".routing tbody tr")).to_have_count(before + 1)  # what was not saved is kept
        page.click("button:text-is('保存')")
        expect(page.locator(".notice.good")).to_contain_text("已保存")

        add_rule(other, "秩序", "秩序中队", "市容", "市容环境")
        other.click("button:text-is('保存')")
        expect(other.locator(".notice.wrong")).to_contain_text("修改")
        other.click("button:text-is('保留我的修改，保存时覆盖他人的修改')")
        other.click("button:text-is('保存')")
        expect(other.locator(".notice.good")).to_contain_text("已保存")
        expect(other.locator(".rule-history li")).to_have_count(2)
        other.click(".rule-history li:first-child button")
        expect(other.locator(".routing tbody")).to_contain_text("市容一中队")
        rules.expect_refusals()


def test_a_new_version_of_a_deadline_is_foretold_and_confirmed(rules: Rules) -> None:
    with rules.somebody("陈洁") as page:
        rules.open(page, "?tab=deadlines")
        rows = page.locator(".deadlines tbody tr")
        count = rows.count()
        page.get_by_role("button", name="新版本：绿化").or_(page.locator(".row-actions button").first).first.click()
        page.fill("#field-handling", "1")
        later = (date.today() + timedelta(days=400)).isoformat()
        page.fill("#field-valid_from", later)
        page.click("dialog button:text-is('预览影响')")
        expect(page.locator("dialog .effect")).to_be_visible()
        expect(page.locator("dialog .example .why").last).to_contain_text("截止时间")
        assert_no_barriers(page, "what a new version would do")
        page.click("dialog button:text-is('确认执行')")
        expect(page.locator(".notice.good")).to_contain_text("已保存")
        expect(rows).to_have_count(count + 1)
        expect(page.locator(".deadlines .badge").first).to_have_text("未生效")
        page.get_by_role("button", name="撤回").first.click()
        page.click("dialog button:text-is('预览影响')")
        page.click("dialog button:text-is('确认执行')")
        expect(rows).to_have_count(count)
        page.locator(".rule-history li").nth(0).get_by_role("button").click()
        page.click("dialog button:text-is('预览影响')")
        expect(page.locator("dialog .effect")).to_be_visible()
        assert_no_barriers(page, "what bringing back would do")
        page.click("dialog button:text-is('确认执行')")
        expect(rows).to_have_count(count + 1)
        page.get_by_role("button", name="撤回").first.click()
        page.click("dialog button:text-is('预览影响')")
        page.click("dialog button:text-is('确认执行')")
        expect(rows).to_have_count(count)


def test_how_near_likely_duplicates_are_is_tried_saved_and_taken_back(rules: Rules) -> None:
    with rules.somebody("何晰") as page:
        rules.open(page, "?tab=duplicates")
        rows = page.locator(".duplicates tbody tr")
        usual = rows.count()
        page.click("button:text-is('新增设置')")
        page.fill("#field-radius_m", "0")
        page.fill("#field-days", "3")
        page.click("dialog button:text-is('预览影响')")
        expect(page.locator("#fault-radius_m")).to_contain_text("1 至 2000")
        rules.expect_refusals()
        choose(page, "category", "lvhua", "园林绿化")
        page.fill("#field-radius_m", "50")
        page.click("dialog button:text-is('预览影响')")
        expect(page.locator("dialog .foretold .notice")).not_to_be_empty()
        assert_no_barriers(page, "what a reach would have found")
        page.click("dialog button:text-is('确认执行')")
        expect(page.locator(".notice.good")).to_contain_text("已保存")
        expect(rows).to_have_count(usual + 1)
        expect(rows.filter(has_text="园林绿化")).to_contain_text("本市设置")
        page.get_by_role("button", name="删除：园林绿化").click()
        page.click("dialog button:text-is('确认执行')")
        expect(rows).to_have_count(usual)


def test_a_calendar_is_checked_foretold_and_taken(rules: Rules, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("day,kind,name\n2031-02-30,off,x\n", "utf-8")
    good.write_bytes("日期,类型,名称\n2031-01-01,放假,元旦\n2031-01-05,上班,\n".encode("gbk"))
    with rules.somebody("陈洁") as page:
        rules.open(page, "?tab=calendar&year=2031")
        assert "2031" in page.locator(".year-head h2").inner_text()
        page.click("button:text-is('上传日历')")
        page.set_input_files("#field-file", bad)
        page.click("dialog button:text-is('预览影响')")
        expect(page.locator("dialog .notice.wrong")).to_contain_text("2031-02-30")
        rules.expect_refusals()
        page.set_input_files("#field-file", good)
        page.fill("#field-until", "")
        page.click("dialog button:text-is('预览影响')")
        expect(page.locator("dialog .effect")).to_be_visible()
        page.click("dialog button:text-is('确认执行')")
        expect(page.locator(".notice.good")).to_contain_text("已保存")
        rules.open(page, "?tab=calendar&year=2031")
        expect(page.locator(".day-off")).to_have_count(1 + 1)  # and its sign in the legend
        expect(page.locator("td.day-work")).to_have_count(1)
        page.click("[aria-label='上一年']")
        expect(page.locator(".year-head h2")).to_have_text("2030")
        assert "year=2030" in page.url
        page.go_back()
        expect(page.locator(".year-head h2")).to_have_text("2031")


def test_hours_and_weights_have_versions_by_keyboard(rules: Rules) -> None:
    later = (date.today() + timedelta(days=40)).isoformat()
    with rules.somebody("陈洁") as page:
        rules.open(page, "?tab=calendar")
        page.get_by_role("button", name="修改工作时间").press("Enter")
        page.fill("#field-valid_from", later)
        page.fill("#field-sat", "9")
        page.locator("#field-sat").press("Enter")
        expect(page.locator("#fault-sat")).to_contain_text("不是时段")
        page.fill("#field-sat", "09:00-12:00")
        page.locator("#field-sat").press("Enter")
        expect(page.locator("dialog .effect")).to_be_visible()
        assert_no_barriers(page, "what other hours would do")
        page.locator("#field-sat").press("Enter")
        expect(page.locator(".notice.good")).to_contain_text("已保存")
        expect(page.locator(".city-hours .badge")).to_have_text("未生效")
        rules.expect_refusals()

        page.locator("#tabs a").nth(4).press("Enter")
        page.wait_for_selector("#panel[data-shown=weights]")
        page.get_by_role("button", name="新增权重版本").press("Enter")
        expect(page.locator("#field-name")).to_be_focused()
        page.keyboard.type("年度评价")
        page.fill("#field-on_time_closing_rate-weight", "60")
        page.fill("#field-on_time_closing_rate-worst", "72.5")
        page.fill("#field-rework_rate-weight", "40")
        page.locator("#field-name").press("Enter")
        expect(page.locator("dialog .foretold")).to_contain_text("可以保存")
        assert_no_barriers(page, "the form of weights")
        page.locator("#field-name").press("Enter")
        expect(page.locator(".weights tbody")).to_contain_text("60 %")
        expect(page.locator(".weights tbody")).to_contain_text("72.5 至 100 %")
        page.goto(f"{rules.server.url}/desk/figures")
        expect(page.locator("#composite .panel-how")).to_contain_text("年度评价")
        expect(page.locator("#composite a[href*='tab=weights']")).to_be_visible()


REPORT = """async () => {
    const facts = JSON.parse(document.querySelector('[data-desk]').dataset.desk);
    const listed = await (await fetch('/api/cases?limit=1&placed=true')).json();
    const {category, lon, lat} = listed.cases[0];
    const headers = {'X-Gridwell-CSRF': facts.csrf, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID()};
    return (await fetch('/api/cases', {method: 'POST', headers, body: JSON.stringify({category, lon, lat, title: 'live'})})).status;
}"""
"""Reports a case where another one stands."""


def test_figures_follow_what_happens_and_nothing_moves(rules: Rules) -> None:
    with rules.somebody("周敏") as page:
        rules.open(page)
        assert page.evaluate(REPORT) == 201, "with the first step, the city's figures stand for now"
        page.goto(f"{rules.server.url}/desk/figures")
        expect(page.locator("#panels .panel").first).to_be_attached()
        expect(page.locator("#panels .panel[aria-busy], .key-strip[aria-busy], .skeleton")).to_have_count(0)
        expect(page.locator(".chart:not([data-drawn])")).to_have_count(0)
        expect(page.locator(".as-of")).to_contain_text("截至")
        page.locator("#hours .as-table summary").click()
        reported = page.locator("#key-figures .key").nth(0).locator("a.behind").first
        before = int(reported.inner_text().replace(",", ""))
        page.locator("#hours .as-table summary").focus()
        stays = "[scrollY, document.activeElement.textContent, document.querySelector('#hours details').open]"
        kept = page.evaluate(stays)
        page.evaluate("window.charts = [...document.querySelectorAll('.chart')]")
        assert page.evaluate(REPORT) == 201
        expect(reported).to_have_text(f"{before + 1:,}")
        assert page.evaluate(stays) == kept
        assert page.evaluate("window.charts.every((one) => one.isConnected)"), "charts change where they stand"


def test_who_may_not_change_rules_only_looks_also_on_a_phone(rules: Rules) -> None:
    with rules.somebody("王五", role="dispatcher", viewport=PHONE, color_scheme="dark") as page:
        for tab in ("routing", "deadlines", "calendar", "weights"):
            rules.open(page, f"?tab={tab}&lang=en")
            expect(page.locator("#panel")).to_contain_text("You may look.")
            assert page.locator("#panel button:not(.round)").count() == 0
            assert_no_barriers(page, f"{tab}, on a phone, dark")
            assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], tab  # type: ignore[index]


HUB_DAY, HUB_DAYS = date(2026, 11, 23), 30


@pytest.fixture(scope="module")
def hub_town(town: str) -> str:
    """The town with thirty departments and their feeds over a month."""
    with psycopg.connect(town) as owner:
        found = owner.execute("SELECT code FROM city").fetchone()
        assert found
        fill(owner, found[0], HUB_DAY, HUB_DAYS)
    return town


def test_the_data_hub_is_read_by_keyboard_and_by_the_day(rules: Rules, hub_town: str) -> None:
    with rules.somebody("周敏", viewport={"width": 1366, "height": 768}) as page:
        page.goto(f"{rules.server.url}/hub?lang=en")
        cells = page.locator(".hub-cell")
        expect(cells).to_have_count(4 * 30)
        expect(page.locator("#hub-keys .hub-key").first).to_contain_text(f"{len(plant_feeds())} feeds")
        expect(page.locator("#hub")).to_have_attribute("data-day", str(HUB_DAY))
        level, department = LATE
        late = page.locator(f'[data-cell="{level}.{department}"]')
        expect(late).to_have_accessible_name(re.compile("Street × Labour: 3 working days late"))
        expect(page.locator("#hub-worst tbody tr")).to_have_count(6)
        assert_no_barriers(page, "/hub")
        expect(page.locator('[aria-selected="true"]')).to_have_count(1)  # the pick is there from the beginning, and its panel is closed
        late.click()
        expect(page).to_have_url(re.compile(r"cell=street\.hrss"))
        expect(page.locator("#hub-side .hub-feed-title")).to_have_text("Labour: register")
        expect(page.locator("#hub-side")).to_contain_text("read = loaded + rejected")
        page.locator("#hub-side .hub-tab").nth(1).click()
        expect(page).to_have_url(re.compile(r"feed=hub_world\.hrss_street_1"))
        page.go_back()
        expect(page).not_to_have_url(re.compile("feed="))
        late.focus()
        page.keyboard.press("ArrowUp")
        expect(page.locator('[data-cell="district.hrss"]')).to_be_focused()
        expect(page).to_have_url(re.compile(r"cell=district\.hrss"))
        page.keyboard.press("Escape")
        expect(page.locator("#hub-side")).to_be_hidden()
        expect(page.locator('[data-cell="district.hrss"]')).to_be_focused()
        expect(page.locator(".hub-well.compact")).to_have_count(0)  # without the panel there is room for numbers
        before = late.get_attribute("aria-label")
        box = page.locator(".hub-table").bounding_box()
        page.locator(".hub-handle").focus()
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        expect(page).to_have_url(re.compile(f"day={HUB_DAY - timedelta(days=3)}"))
        expect(page.locator("#hub")).to_have_attribute("data-day", str(HUB_DAY - timedelta(days=3)))
        assert late.get_attribute("aria-label") != before
        assert page.locator(".hub-table").bounding_box() == box, "moving the day moves no layout"
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator("#hub-list li").first).to_be_visible()
        expect(page.locator("#hub-matrix")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
