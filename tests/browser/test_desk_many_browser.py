"""Many cases at once with a real browser, saved filters, columns of one's own, and a long list that is read while cases change."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from axe import assert_no_barriers
from browser import DESK, Problems
from databases import FreshDatabase
from demo_tools import take_rules_away
from desk_people import Desk, row_of, stage_shown
from playwright.sync_api import Browser, Page, Route, expect
from serving import PATIENT, Server, serving

from data import rollup

pytestmark = pytest.mark.browser
ROWS = int(os.environ.get("GRIDWELL_TEST_SCROLLED_ROWS", "4000"))
"""So many cases are scrolled through. By hand: GRIDWELL_TEST_SCROLLED_ROWS=100000."""
CHANGES_A_SECOND = 50


class Office(Desk):
    """A desk with programs that report and work on cases through the machine door."""

    def file(self, title: str, count: int) -> list[str]:
        """New cases that are filed."""
        numbers = [self.report(f"{title} {n}") for n in range(count)]
        self.take("file", numbers)
        return numbers

    def take(self, step: str, numbers: list[str], **fields: Any) -> None:
        with httpx.Client(base_url=self.server.url, headers={"authorization": f"Bearer {self.token()}"}, timeout=60) as client:
            body = {"step": step, "cases": [{"number": number} for number in numbers], **fields}
            told = client.post("/api/cases/steps", json=body).raise_for_status().json()
        assert told["done"] == len(numbers), told

    def owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    with fresh_database(template=demo_template) as url:
        take_rules_away(url)
        yield url


@pytest.fixture(scope="module")
def desk_server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


@pytest.fixture
def desk(browser: Browser, desk_server: Server, town: str, problems: Problems) -> Office:
    return Office(browser, desk_server, town, problems)


def choose(page: Page, number: str, **how: Any) -> None:
    row_of(page, number).locator(".choose-box input").click(**how)


def test_many_are_chosen_looked_at_sent_by_rule_and_taken_back(desk: Office) -> None:
    numbers = desk.file("批量派遣的案件", 4)
    with desk.owner() as owner:
        city = owner.execute("SELECT city FROM incident WHERE number = %s", [numbers[0]]).fetchone()[0]  # type: ignore[index]
        owner.execute("INSERT INTO unit (city, code, name) VALUES (%s, 'lamps', '路灯管理所')", [city])
        owner.execute("INSERT INTO routing_rule (city, ordinal, unit) VALUES (%s, 1, 'lamps')", [city])
    with desk.somebody("周敏") as page:
        desk.open(page, "?q=批量派遣的案件&sort=number")
        expect(page.locator("#table .case-title")).to_have_count(4)
        choose(page, numbers[0])
        expect(page.locator("#many-row b").first).to_have_text("已选 1 件")
        expect(page.locator("#drawer")).to_be_hidden()
        choose(page, numbers[3], modifiers=["Shift"])
        expect(page.locator("#many-row b").first).to_have_text("已选 4 件")
        desk.take("pause", numbers[3:], reason="等待", approver="主任", until="2099-01-01T00:00:00Z")
        page.keyboard.press("1")
        expect(page.locator("#many h2")).to_have_text("派遣 4 件：先看结果")
        expect(page.locator(".many-figure b")).to_have_text(["3", "1"])
        expect(page.locator(".many-unit")).to_contain_text("路灯管理所")
        expect(page.locator(".many-case .many-why")).to_have_text("案件已挂账，请先恢复。")
        expect(row_of(page, numbers[0]).locator(".note-good")).to_have_text("→ 路灯管理所")
        expect(row_of(page, numbers[3]).locator(".note-wrong")).to_be_visible()
        assert desk.stage_of(numbers[0]) == "filed", "looking changes nothing"
        page.fill("#many-remark", "请今晚前完成")
        primary = page.locator(".many-foot .step.first")
        expect(primary).to_contain_text("派遣 3 件")
        primary.click()
        expect(page.locator("#many h2")).to_have_text("派遣：已完成 3 件")
        expect(page.locator(".many-case")).to_have_count(1)
        for number in numbers[:3]:
            expect(stage_shown(page, number)).to_have_text("待接单")
        expect(page.locator(".undo-strip")).to_contain_text("派遣：已完成 3 件")
        page.locator(".many-foot .step.first").click()
        expect(page.locator("#many")).to_be_hidden()
        expect(page.locator("#many-row b").first).to_have_text("已选 1 件")
        page.keyboard.press("z")
        for number in numbers[:3]:
            expect(stage_shown(page, number)).to_have_text("待派遣")
        expect(page.locator(".undo-strip")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator("#many-row")).to_be_hidden()
    assert {desk.stage_of(number) for number in numbers} == {"filed"}


def test_by_keyboard_many_get_a_remark_and_whoever_was_faster_keeps_their_step(desk: Office) -> None:
    numbers = desk.file("批量备注的案件", 3)
    with desk.somebody("陈洁") as page:
        desk.open(page, "?q=批量备注的案件&sort=number")
        press = page.keyboard.press
        press("j")
        press("x")
        press("j")
        press("j")
        press("Shift+X")
        expect(page.locator("#many-row b").first).to_have_text("已选 3 件")
        page.locator("#many-row [data-step=dispatch]").click()
        expect(page.locator(".many-figure b")).to_have_text(["0", "3"])
        press("Escape")
        expect(page.locator("#many")).to_be_hidden()
        page.locator("#many-row [data-step=remark]").click()
        expect(page.locator(".many-figure b")).to_have_text(["3", "0"])
        expect(page.locator(".many-foot .step.first")).to_be_disabled()
        page.fill("#many-remark", "等待配件")
        expect(page.locator(".many-foot .step.first")).to_be_enabled()
        press("Control+Enter")
        expect(page.locator("#many")).to_be_hidden()
        expect(page.locator(".undo-strip")).to_contain_text("已完成 3 件")
        expect(page.locator(".undo-strip .undo")).to_have_count(0)
        row_of(page, numbers[1]).locator(".case-title").click()
        expect(page.locator("#drawer .time-line")).to_contain_text("等待配件")


def test_filters_are_saved_counted_changed_and_shared_by_their_address(desk: Office) -> None:
    desk.file("保存筛选的案件", 2)
    with desk.somebody("吴来") as page:
        desk.open(page, "?q=保存筛选的案件&state=overdue,on_time,amber")
        page.keyboard.press("s")
        expect(page.locator("#filter-name")).to_be_focused()
        page.keyboard.type("今天要看")
        page.keyboard.press("Enter")
        saved = page.locator("#rail .saved-line .line")
        expect(saved).to_have_text("今天要看2")
        expect(saved).to_have_attribute("aria-current", "true")
        page.goto(f"{desk.server.url}/desk")
        expect(saved).to_have_text("今天要看2")
        saved.click()
        expect(page.locator("#table .case-title")).to_have_count(2)
        assert "state=overdue,on_time,amber" in page.url and "q=" in page.url
        page.keyboard.press("s")
        page.fill("#filter-name", "今天要看")
        page.keyboard.press("Enter")
        expect(page.locator(".filter-dialog .error")).to_have_text("您已有名为“今天要看”的筛选。")
        desk.problems[:] = [one for one in desk.problems if "409" not in one]
        page.keyboard.press("Escape")
        page.locator("#rail .saved-line").hover()
        page.locator("#rail .saved-edit").click()
        page.fill("#filter-name", "明天要看")
        page.click(".filter-dialog button:text-is('保存')")
        expect(saved).to_have_text("明天要看2")
        page.locator("#rail .saved-line").hover()
        page.locator("#rail .saved-edit").click()
        page.click(".filter-dialog button:text-is('删除')")
        expect(saved).to_have_count(0)


def test_columns_stay_with_the_account_and_the_rail_counts_what_is_listed(desk: Office) -> None:
    with desk.somebody("郑往", viewport={"width": 1920, "height": 1080}) as page:
        desk.open(page)
        expect(page.locator("#table .ag-header-cell[col-id=unit]")).to_be_visible()
        expect(page.locator("#table .ag-header-cell[col-id=source]")).to_have_count(0)
        scrolled = page.evaluate(
            "() => { const v = document.querySelector('#table .ag-center-cols-viewport'); return v.scrollWidth > v.clientWidth; }"
        )
        assert not scrolled, "what is shown at first has room beside the map"
        page.click(".menu.columns summary")
        for name in ("来源", "处置单位"):
            with page.expect_response("**/desk/columns*") as kept:
                page.locator(".menu.columns .tick", has_text=name).click()
            assert kept.value.status == 204
        page.reload()
        expect(page.locator("#table .ag-header-cell[col-id=source]")).to_be_visible()
        expect(page.locator("#table .ag-header-cell[col-id=unit]")).to_have_count(0)
        expect(page.locator("#strip .count-value").first).not_to_have_text("–")
        total = int(page.locator("#strip .count-value").first.inner_text().replace(",", ""))
        severity = page.locator("#rail .line:has(svg rect) .line-count")
        expect(severity).to_have_count(4)
        expect(severity.first).not_to_be_empty()
        assert sum(int(one.replace(",", "")) for one in severity.all_inner_texts()) == total
        wanted = severity.nth(2).inner_text()  # while the filter is asked for, the counts are empty
        page.locator("#rail .line:has(svg rect)").nth(2).click()
        expect(page.locator("#strip .count-value").first).to_have_text(wanted)


def test_without_a_rail_its_filters_stand_in_the_menu_of_areas(desk: Office) -> None:
    with desk.somebody("冯行", viewport=DESK) as page:
        desk.open(page)
        page.locator("#table .case-title").first.click()
        expect(page.locator("#drawer h2")).not_to_be_empty()
        page.click(".where summary")
        page.locator("#areas .rail-in-menu .line", has_text="我的").click()
        expect(page.locator(".listed-name")).to_have_text("我的")


def lose_answer(page: Page, place: int) -> None:
    """The answer to one of the parts of a step is lost on its way back."""
    parts: list[Route] = []

    def lose(route: Route) -> None:
        if "preview=true" not in route.request.url:
            parts.append(route)
        if len(parts) == place:
            parts.append(route)
            route.fetch()
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    page.route("**/api/cases/steps?**", lose)


def test_where_an_answer_is_lost_the_page_says_what_is_done_and_what_not_and_goes_on(desk: Office) -> None:
    with desk.owner() as owner:
        owner.execute("UPDATE routing_rule SET valid_to = '2020-01-01'")
        desk.file("答复丢失的案件 0", 1)
        owner.execute("UPDATE routing_rule SET valid_to = NULL")
        owner.execute("INSERT INTO unit (city, code, name) SELECT code, 'lost', '中断处置所' FROM city LIMIT 1")
        copy_cases(owner, "i.title LIKE '答复丢失的案件 0%%'", 449)
    with desk.somebody("郑断") as page:
        desk.open(page, "?q=答复丢失的案件&stage=filed&sort=number")
        expect(page.locator("#table .case-title").first).to_be_visible()
        page.locator("#table input[data-all]").click()
        page.click("#many-row button:text-is('全选')")
        expect(page.locator("#many-row b").first).to_have_text("已选 450 件")
        page.click("#many-row [data-step=dispatch]")
        page.locator("#many .ways button").last.click()
        page.fill("#many-unit", "中断处置所")
        page.keyboard.press("Enter")
        expect(page.locator(".many-figure b")).to_have_text(["450", "0"])
        lose_answer(page, 3)
        page.locator(".many-foot .step.first").click()
        expect(page.locator("#many h2")).to_have_text("派遣：已中断，完成 400 件，共 450 件")
        expect(page.locator(".many-figure b")).to_have_text(["400", "0", "50", "0"])
        expect(page.locator("#many [role=alert]")).to_contain_text("不会重复办理")
        expect(page.locator("#many-row b").first).to_have_text("已选 50 件")
        assert_no_barriers(page, "many cases, stopped")
        page.click(".many-foot button:text-is('继续')")
        expect(page.locator("#many")).to_be_hidden()
        expect(page.locator("#many-row")).to_be_hidden()
        desk.problems[:] = [one for one in desk.problems if "500" not in one]
    with desk.owner() as owner:
        done = owner.execute("SELECT stage, unit, version, count(*) FROM incident WHERE title LIKE '答复丢失%' GROUP BY 1, 2, 3").fetchall()
    assert done == [("dispatched", "lost", 3, 450)], "once each"


# ---- A long list ----


def copy_cases(owner: psycopg.Connection[Any], which: str, most: int) -> None:
    """Copies of some cases that are there, so many in all; each has a number of its own."""
    names = ", ".join(
        name
        for (name,) in owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'incident' AND is_generated = 'NEVER'"
            " AND column_name NOT IN ('id', 'number', 'source_key') ORDER BY ordinal_position"
        )
    )
    with owner.transaction():
        (city, n), *_ = owner.execute(f"SELECT city, count(*) FROM incident i WHERE {which} GROUP BY city").fetchall()
        owner.execute(
            f"INSERT INTO incident (number, source_key, {names}) SELECT 'COPY-' || g || '-' || i.id, 'copy' || g || '-' || i.id, {names}"
            f" FROM generate_series(1, %s) g, incident i WHERE {which} LIMIT %s",
            [most // n + 1, most],
        )
        rollup.rebuild(owner, city)
    owner.execute("ANALYZE incident")


def work(client: httpx.Client, numbers: list[str], ended: threading.Event, done: list[int]) -> None:
    """Cases change all the time: their severity, which the list does not go by."""
    turn = 0
    while not ended.wait(0.2):
        turn += 1
        some = [numbers[(turn * 10 + n) * 37 % len(numbers)] for n in range(CHANGES_A_SECOND // 5)]
        body = {"step": "remark", "remark": f"turn {turn}", "cases": [{"number": number} for number in dict.fromkeys(some)]}
        done.append(client.post("/api/cases/steps", json=body).json().get("done", 0))


READ = """async (most) => {
  const api = globalThis.dash_ag_grid.getApi('cases');
  const seen = [];
  const rest = () => new Promise((go) => setTimeout(go, 5));
  for (let at = 0; at < most; at += 1) {
    for (let tries = 0; !api.getDisplayedRowAtIndex(at)?.data; tries += 1) {
      if (at >= api.getDisplayedRowCount() && api.isLastRowIndexKnown()) return seen;
      if (tries === 0) api.ensureIndexVisible(Math.min(at + 40, api.getDisplayedRowCount() - 1), 'bottom');
      if (tries > 20000) return [...seen, 'gap at ' + at];
      await rest();
    }
    seen.push(api.getDisplayedRowAtIndex(at).data.number);
  }
  return seen;
}"""


def test_a_long_list_is_scrolled_without_a_gap_or_a_double_row_while_cases_change(desk: Office) -> None:
    with desk.owner() as owner:
        ((held,),) = owner.execute("SELECT count(*) FROM incident").fetchall()
        copy_cases(owner, "i.number NOT LIKE 'COPY-%%'", max(0, ROWS - held))
        expected = [row[0] for row in owner.execute("SELECT number FROM incident ORDER BY reported_at DESC, id DESC LIMIT %s", [ROWS])]
    assert len(expected) == ROWS
    ended, done = threading.Event(), list[int]()
    with httpx.Client(base_url=desk.server.url, headers={"authorization": f"Bearer {desk.token()}"}, timeout=60) as client:
        worker = threading.Thread(target=work, args=(client, expected, ended, done))
        with desk.somebody("何读") as page:
            desk.open(page, "?queue=all&sort=-reported_at&state=overdue,amber,on_time,paused,closed,ended")
            worker.start()
            try:
                seen = page.evaluate(READ, ROWS)
            finally:
                ended.set()
                worker.join()
            # A server that is full says so, and is asked again.
            desk.problems[:] = [one for one in desk.problems if "503" not in one]
    assert seen == expected
    assert sum(done) > 0, "cases were changed meanwhile"
