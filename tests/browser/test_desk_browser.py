"""The desk with a real browser: the whole life of a case while a second page follows it, keyboard alone, and two people on one case."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from axe import assert_no_barriers
from browser import PHONE, WIDE, Problems, until
from databases import FreshDatabase
from demo_tools import take_rules_away
from desk_people import Desk, row_of, stage_shown, step
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page, Route, expect
from serving import PATIENT, Server, serving

pytestmark = pytest.mark.browser
TITLE = "书院路口积水"
SELECTED = re.compile("ag-row-selected")


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    """A small demo city of one's own, because it changes."""
    with fresh_database(template=demo_template) as url:
        take_rules_away(url)
        yield url


@pytest.fixture(scope="module")
def desk_server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


@pytest.fixture
def desk(browser: Browser, desk_server: Server, town: str, problems: Problems) -> Desk:
    return Desk(browser, desk_server, town, problems)


UNIT = "路灯管理所"


class Life:
    """What the whole life of a case needs: a place and a category, a rule that sends its cases to a unit, and two people who look at it."""

    def __init__(self, desk: Desk, page: Page, other: Page) -> None:
        self.desk, self.page, self.other = desk, page, other
        with psycopg.connect(desk.url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
            self.lon, self.lat, self.city = owner.execute(
                "SELECT ST_X(c), ST_Y(c), a.city FROM building b JOIN area a ON a.code = b.grid, ST_PointOnSurface(b.geom) c LIMIT 1"
            ).fetchall()[0]
            self.category = owner.execute(
                "SELECT name FROM category c WHERE subject = 'incident' AND EXISTS (SELECT FROM deadline_rule WHERE category = c.code)"
                " ORDER BY ordinal, code LIMIT 1"
            ).fetchall()[0][0]
            owner.execute("INSERT INTO unit (city, code, name) VALUES (%s, 'life', %s)", [self.city, UNIT])
            owner.execute("INSERT INTO routing_rule (city, ordinal, unit) VALUES (%s, 1, 'life')", [self.city])

    def end_rule(self) -> None:
        """Other tests dispatch by hand."""
        with psycopg.connect(self.desk.url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
            owner.execute("UPDATE routing_rule SET valid_to = '2020-01-01'")

    def enter(self) -> str:
        """Enter it through the form, as the operator of a hotline does; returns its number."""
        page = self.page
        page.keyboard.press("c")
        page.fill("#entry-place", f"{self.lat}, {self.lon}")
        page.keyboard.press("Enter")
        page.fill("#entry-category", self.category)
        expect(page.locator("#entry-category-list [aria-selected=true]")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("#entry .foretold-line", has_text=UNIT)).to_be_visible()
        page.fill("#entry-title", TITLE)
        page.keyboard.press("Control+Enter")
        page.wait_for_url(re.compile("case=GW"))
        expect(page.locator("#drawer h2")).to_have_text(TITLE)
        return re.findall(r"case=([^&]+)", page.url)[0]

    def stand(self, stage: str) -> None:
        """Both see the case in a stage."""
        for one in (self.page, self.other):
            expect(one.locator("#drawer .tag-here")).to_have_text(stage)

    def take(self, page: Page, name: str, **fields: str) -> None:
        """Somebody takes a step, with its form where it has one."""
        step(page, name).click()
        for field, value in fields.items():
            control = page.locator(f"#field-{field}")
            control.select_option(value) if control.evaluate("one => one.tagName") == "SELECT" else control.fill(value)
        if fields:
            page.locator(".step-form .step-acts button").first.click()

    def handle(self, words: str) -> None:
        """The second person handles it: accepts, writes what was done, and reports back."""
        self.take(self.other, "接单")
        self.stand("处置中")
        self.other.fill("#words", words)
        self.take(self.other, "处理反馈")
        self.stand("待核实")
        expect(self.page.locator("#drawer .time-line")).to_contain_text(words)


def test_the_whole_life_of_a_case_is_seen_live_by_somebody_else(desk: Desk) -> None:
    with desk.somebody("林晓", role="dispatcher") as page, desk.somebody("周敏") as other:
        life = Life(desk, page, other)
        for one in (page, other):
            desk.open(one, "?sort=-reported_at")
            one.evaluate("window.neverReloaded = true")
        expect(other.locator("#table .case-title").first).not_to_be_empty()
        first = other.locator("#table .case-title").first.inner_text()
        number = life.enter()
        expect(other.locator("#news")).to_have_text("1 件新案件")
        assert other.locator("#table .case-title").first.inner_text() == first, "a new case does not push"
        other.click("#news")
        row_of(other, number).locator(".case-title").click()
        life.stand("待立案")

        life.take(page, "立案")
        life.stand("待接单")
        life.end_rule()
        expect(other.locator("#drawer")).to_contain_text(UNIT)
        expect(stage_shown(other, number)).to_have_text("待接单")
        life.take(page, "催办")
        expect(other.locator("#drawer .tags")).to_contain_text("催办 1 次")
        expect(page.locator("#drawer [data-step=remind]")).to_have_count(0)
        other.locator("#drawer .composer input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": _noise()})
        other.click("dialog.blur button:text-is('添加照片')")
        expect(other.locator("#drawer .attached")).to_contain_text("a.png")
        life.take(other, "接单")
        life.stand("处置中")
        expect(page.locator("#drawer button.photo")).to_have_count(1)
        step(other, "处理反馈").click()
        expect(other.locator("#words-fault")).not_to_be_empty()
        other.fill("#words", "已疏通雨水口")
        life.take(other, "处理反馈")
        life.stand("待核实")
        life.take(page, "核实不通过", reason="积水仍在")
        life.stand("待接单")
        expect(other.locator("#drawer .time-line")).to_contain_text("积水仍在")
        life.handle("已清掏管道，积水消退")
        life.take(page, "核实结案")
        life.stand("已结案")
        with httpx.Client(base_url=desk.server.url, headers={"authorization": f"Bearer {desk.server.token}"}, timeout=60) as client:
            told = client.get(f"/api/cases/{number}").json()["case"]
            assert told["closed_at"] <= told["due_at"], "closed on time"
            life.take(page, "回访", answered="true", solved="false")
            life.stand("待接单")
            life.handle("已更换雨水篦子")
            life.take(page, "核实结案")
            life.stand("已结案")
            steps = [event["step"] for event in client.get(f"/api/cases/{number}").json()["history"]]
        worked = ["accept", "handle"]
        assert steps == [
            "report",
            "file",
            "dispatch",
            "remind",
            *worked,
            "verify_fail",
            *worked,
            "verify_pass",
            "call_back",
            *worked,
            "verify_pass",
        ]
        expect(stage_shown(other, number)).to_have_text("已结案")
        expect(other.locator("#drawer .time-line")).to_contain_text("派遣规则 · 路灯管理所")
        expect(other.locator("#drawer .time-line")).to_contain_text("诉求人认为已解决：否")
        for one in (page, other):
            assert one.evaluate("window.neverReloaded") is True

        day = datetime.fromisoformat(told["reported_at"]).astimezone(ZoneInfo("Asia/Shanghai")).date()
        other.goto(f"{desk.server.url}/desk/figures?unit=life&from={day}&to={day}")
        row = other.locator("#indicators tbody tr")
        for indicator, fraction in (("返工率", "1 ÷ 1"), ("回访响应率", "1 ÷ 1"), ("解决率", "0 ÷ 1")):
            expect(row.filter(has_text=indicator)).to_contain_text(fraction)
        other.locator("#key-figures .key").first.locator("a.behind").first.click()
        expect(other.locator("#table .case-title")).to_have_text([TITLE])
        expect(row_of(other, number)).to_be_visible()
        # A day that is not over yet is compared with no other.
        desk.problems[:] = [one for one in desk.problems if "422" not in one]


def test_by_keyboard_alone(desk: Desk) -> None:
    number = desk.report("键盘路灯不亮")
    desk.hire("desk-worker")
    with desk.somebody("陈洁") as page:
        desk.open(page)
        press = page.keyboard.press
        press("/")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type("键盘路灯")
        press("Enter")
        expect(page.locator("#table .case-title")).to_have_text(["键盘路灯不亮"])
        press("j")
        expect(row_of(page, number)).to_have_class(SELECTED)
        press("Enter")
        expect(page.locator("#drawer h2")).to_have_text("键盘路灯不亮")
        expect(step(page, "立案")).to_be_visible()
        press("1")
        expect(step(page, "派遣")).to_be_visible()
        press("1")
        expect(page.locator("#field-unit")).to_be_focused()
        press("Tab")
        page.keyboard.type("desk-worker")
        press("Enter")
        expect(step(page, "接单")).to_be_visible()
        press("z")
        expect(step(page, "派遣")).to_be_visible()
        press("r")
        expect(page.locator("#words")).to_be_focused()
        page.keyboard.type("先放一放")
        press("Escape")
        press("Escape")
        expect(page.locator("#drawer")).to_be_hidden()
        until(page, "document.querySelector('#table').contains(document.activeElement)")  # the focus is where it came from
        press("Enter")
        expect(page.locator("#drawer")).to_be_visible()
        expect(page.locator("#words")).to_have_value("先放一放")
        page.reload()
        expect(page.locator("#drawer h2")).to_have_text("键盘路灯不亮")
        expect(page.locator("#words")).to_have_value("先放一放")
        press("?")
        expect(page.locator("#keys")).to_be_visible()
        press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        # On a small screen, and beside an open case, stages can be chosen, too, and what is chosen is seen.
        page.set_viewport_size({"width": 1366, "height": 768})
        filed = page.locator("#strip .stages button", has_text="待派遣")
        expect(filed.locator(".count-value")).to_have_text("1")
        filed.click()
        expect(filed).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#foot .range")).to_contain_text("/ 1 件")
    assert desk.stage_of(number) == "filed"


def test_two_people_on_one_case_lose_nothing(desk: Desk) -> None:
    number = desk.report("两人同办案件")
    with desk.somebody("赵前") as page, desk.somebody("钱后") as other:
        for one in (page, other):
            desk.open(one, f"?case={number}&sort=-reported_at")
            expect(step(one, "立案")).to_be_visible()
        page.fill("#words", "我正在写的备注")
        page.click("#drawer .more-steps summary")
        page.locator("#drawer .more-steps button", has_text="作废").click()
        page.fill("#field-reason", "重复诉求")
        step(other, "立案").click()
        expect(page.locator("#drawer .drawer-notice.told")).to_contain_text("钱后")
        expect(page.locator("#drawer .drawer-notice.told")).to_contain_text("您填写的内容已保留")
        assert (page.input_value("#words"), page.input_value("#field-reason")) == ("我正在写的备注", "重复诉求")
        expect(step(page, "派遣")).to_be_visible()
        expect(page.locator("#drawer .tag-here")).to_have_text("待派遣")


def test_who_was_slower_is_told_what_happened_and_keeps_what_was_typed(desk: Desk) -> None:
    number = desk.report("后到一步的案件")
    with desk.somebody("孙慢") as page, desk.somebody("李快") as other:
        page.add_init_script("delete globalThis.SharedWorker; globalThis.EventSource = class extends EventTarget { close() {} }")
        page.goto(f"{desk.server.url}/desk?case={number}&sort=-reported_at")
        expect(step(page, "立案")).to_be_visible()
        desk.open(other, f"?case={number}&sort=-reported_at")
        step(other, "立案").click()
        expect(other.locator("#drawer .tag-here")).to_have_text("待派遣")
        page.fill("#words", "同意立案")
        step(page, "立案").click()
        expect(page.locator("#drawer .drawer-notice.told")).to_contain_text("李快")
        assert page.input_value("#words") == "同意立案"
        expect(step(page, "派遣")).to_be_visible()
        desk.problems[:] = [one for one in desk.problems if "409" not in one]


def test_an_answer_that_comes_late_touches_nothing_of_the_case_that_is_open_then(desk: Desk) -> None:
    first, second = desk.report("迟到的回答"), desk.report("后来打开的")
    held: list[Route] = []
    with desk.somebody("陈洁") as page:
        page.goto(f"{desk.server.url}/desk?case={first}&sort=-reported_at")
        expect(page.locator("#drawer h2")).to_have_text("迟到的回答")
        page.fill("#words", "前一件的备注")
        page.route("**/api/cases/*/steps*", lambda route: held.append(route))
        with page.expect_request("**/api/cases/*/steps*"):
            page.click("#drawer .composer button:text-is('发送')")
        row_of(page, second).click()
        expect(page.locator("#drawer h2")).to_have_text("后来打开的")
        page.fill("#words", "这一件还没写完")
        held[0].continue_()
        notice = page.locator("#drawer .drawer-notice")
        expect(notice).to_contain_text(first)
        expect(notice.locator("button", has_text="撤销")).to_have_count(0)
        assert page.input_value("#words") == "这一件还没写完"
        page.unroute("**/api/cases/*/steps*")
        row_of(page, first).click()
        expect(page.locator("#drawer .time-line")).to_contain_text("前一件的备注")
        expect(page.locator("#words")).to_have_value("")  # it was sent, so it is no draft any more


def test_the_address_is_the_state_and_back_leads_back(desk: Desk) -> None:
    with desk.somebody("吴来") as page:
        desk.open(page)
        page.click(".count-overdue")
        expect(page.locator(".count-overdue")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".count-overdue .count-value")).to_have_text(re.compile(r"^[\d,]+$"))  # not while the list is asked for
        number = int(page.locator(".count-overdue .count-value").inner_text().replace(",", ""))
        expect(page.locator(".listed-count")).to_contain_text(f"{number} 件")
        assert "state=overdue" in page.url
        page.click("#table .ag-header-cell[col-id=place]")
        page.wait_for_url("**sort=area**")
        again = page.url
        page.go_back()
        expect(page.locator(".count-overdue")).to_have_attribute("aria-pressed", "false")
        page.goto(again)
        expect(page.locator(".count-overdue")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#table .ag-header-cell[col-id=place]")).to_have_attribute("aria-sort", "ascending")
        shown = page.locator("#table .due-overdue")
        expect(shown.first).to_be_visible()
        assert page.locator("#table .due-line b:not(.due-overdue)").count() == 0
        # An address of somebody who sees more, or of what is gone: the own area, named, and a sentence.
        page.goto(f"{desk.server.url}/desk?area=nowhere&case=nothing")
        expect(page.locator("#trouble")).to_contain_text("无权查看该链接所指区域")
        expect(page.locator("#crumb b")).not_to_be_empty()
        expect(page.locator("#drawer .trouble")).to_contain_text("没有案件 nothing")
        desk.problems[:] = [one for one in desk.problems if "404" not in one]


def test_from_the_map_to_the_desk_and_back_with_the_same_area(desk: Desk) -> None:
    with desk.somebody("郑往") as page:
        page.goto(f"{desk.server.url}/?dim=2d&layers=grid")
        page.click(".key-figures a.to-desk:has(.overdue)")
        page.wait_for_url("**/desk?area=*&state=overdue*")
        area = page.url.split("area=")[1].split("&")[0]
        page.wait_for_selector("#table .case-title")
        page.click(".tabs a[data-map]")
        page.wait_for_url(f"**/?area={area}")


def test_who_only_looks_is_offered_remarks_alone(desk: Desk) -> None:
    number = desk.report("领导查看的案件")
    with desk.somebody("潘亮", role="leader", locale="en-GB") as page:
        desk.open(page, f"?case={number}&lang=en")
        expect(page.locator("#drawer .steps-row")).to_have_text("Your account can take no step on this case now.")
        page.fill("#words", "Please report back")
        page.click("#drawer .composer button:text-is('Send')")
        expect(page.locator("#drawer .time-line")).to_contain_text("Please report back")


def test_a_template_is_filled_in_and_the_list_of_them_is_changed(desk: Desk) -> None:
    number = desk.report("常用语测试案件")
    with desk.somebody("许笔") as page:
        desk.open(page, f"?case={number}")
        expect(step(page, "立案")).to_be_visible()
        page.keyboard.press("t")
        first = page.locator("#drawer .templates .choice.template").first
        expect(first).to_be_focused()
        page.keyboard.press("Escape")
        expect(first).to_be_hidden()
        page.click("#drawer .templates summary")
        page.click("#drawer .templates .choice:last-child")
        dialog = page.locator("dialog.template-list")
        dialog.locator("#template-text").fill("{number} 已转 {nothing}")
        dialog.locator("#template-text-en").fill("{number} sent {nothing}")
        dialog.locator("button:text-is('添加')").click()
        expect(dialog.locator("li", has_text="{number} 已转")).to_contain_text("{number} sent {nothing}")
        dialog.locator("button:text-is('关闭面板')").click()
        page.fill("#words", "先：")
        page.click("#drawer .templates summary")
        page.locator("#drawer .choice.template", has_text="已转").click()
        expect(page.locator("#words")).to_have_value(f"先：{number} 已转 {{nothing}}")
        expect(page.locator("#words")).to_be_focused()
        page.click("#drawer .composer .tab:text-is('答复诉求人')")
        expect(page.locator("#drawer .composer .hint")).to_contain_text("不发送短信")
        page.fill("#words", "您好，已安排处置。")
        page.click("#drawer .composer button:text-is('发送')")
        expect(page.locator("#drawer .time-line .reply")).to_contain_text("您好，已安排处置。")


def _noise() -> bytes:
    """A picture of 400 × 300 pixels in which no two neighbours are alike."""
    held = io.BytesIO()
    Image.effect_noise((400, 300), 90).convert("RGB").save(held, "PNG")
    return held.getvalue()


def _spread(content: bytes, box: tuple[int, int, int, int]) -> float:
    """How much neighbours differ within a part of a picture: the mean of absolute differences, 0 to 255."""
    part = Image.open(io.BytesIO(content)).convert("L").crop(box)
    moved = ImageChops.difference(part.crop((0, 0, part.width - 1, part.height)), part.crop((1, 0, part.width, part.height)))
    return float(ImageStat.Stat(moved).mean[0])


def _draw(page: Page, west: float, north: float, east: float, south: float) -> None:
    """Draw over a part of the photo, in shares of its sides."""
    seen = page.locator("dialog.blur canvas").bounding_box()
    assert seen
    page.mouse.move(seen["x"] + west * seen["width"], seen["y"] + north * seen["height"])
    page.mouse.down()
    page.mouse.move(seen["x"] + east * seen["width"], seen["y"] + south * seen["height"], steps=4)
    page.mouse.up()


LEFT, RIGHT = (20, 20, 180, 280), (220, 20, 380, 280)


def test_faces_are_blurred_before_a_photo_is_sent_and_afterwards(desk: Desk) -> None:
    number = desk.report("照片打码案件")
    headers = {"authorization": f"Bearer {desk.server.token}"}
    with desk.somebody("何晰") as page, httpx.Client(base_url=desk.server.url, headers=headers, timeout=60) as client:
        desk.open(page, f"?case={number}")
        expect(step(page, "立案")).to_be_visible()
        page.locator("#drawer .composer input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": _noise()})
        _draw(page, 0.01, 0.01, 0.5, 0.99)
        expect(page.locator("dialog.blur [role=status]")).to_have_text("已打码 1 处")
        page.click("dialog.blur button:text-is('添加照片')")
        expect(page.locator("#drawer .attached")).to_contain_text("a.png")
        page.fill("#words", "见照片")
        page.click("#drawer .composer button:text-is('发送')")
        photo = page.locator("#drawer button.photo")
        expect(photo).to_have_count(1)
        first = client.get(f"/api/cases/{number}").json()["history"][-1]["attachments"][0]
        content = client.get(f"/api/attachments/{first}").content
        assert _spread(content, LEFT) < 8 < 40 < _spread(content, RIGHT), "what was drawn over is gone from the file itself"

        photo.click()
        page.click("dialog.gallery .blur-it")
        _draw(page, 0.5, 0.01, 0.99, 0.99)
        page.click("dialog.blur button:text-is('替换照片')")
        expect(page.locator("#drawer .drawer-notice")).to_contain_text("打码照片已替代原照片")
        expect(photo).to_have_count(1)
        event = client.get(f"/api/cases/{number}").json()["history"][-1]
        assert event["step"] == "blur" and event["details"]["photo"] == first
        second = event["attachments"][0]
        assert _spread(client.get(f"/api/attachments/{second}").content, RIGHT) < 8
    with desk.somebody("潘亮", role="leader") as page:
        desk.open(page)
        status = "hash => fetch(`/api/attachments/${hash}`).then((answer) => answer.status)"
        assert page.evaluate(status, second) == 200
        assert page.evaluate(status, first) == 404, "without the right to personal data"
        desk.problems[:] = [one for one in desk.problems if "404" not in one]


def test_a_likely_duplicate_is_merged_with_one_button(desk: Desk) -> None:
    # Where no other test has left cases: the three likeliest are shown.
    kept, number = desk.report("同一处路灯不亮", elsewhere=True), desk.report("路灯又不亮了", elsewhere=True)
    with desk.somebody("曹并") as page:
        desk.open(page, f"?case={number}")
        near = page.locator("#drawer .duplicates .near", has_text="同一处路灯不亮")
        expect(near).to_contain_text("0 m")
        near.locator("button:text-is('合并')").click()
        expect(page.locator("dialog.confirm")).to_contain_text(kept)
        page.keyboard.press("Escape")
        expect(page.locator("dialog.confirm")).to_have_count(0)
        near.locator("button:text-is('合并')").click()
        page.click("dialog.confirm button:text-is('合并')")
        expect(page.locator("#drawer .tag-here")).to_have_text("重复")
        expect(page.locator("#drawer .duplicates")).to_have_count(0)
    assert desk.stage_of(number) == "duplicate" and desk.stage_of(kept) == "reported"


def test_every_state_of_the_drawer_stands_in_nobodys_way(desk: Desk) -> None:
    desk.report("无障碍甲")
    number = desk.report("无障碍乙")
    for look in ({"viewport": WIDE}, {"viewport": PHONE, "color_scheme": "dark"}):
        with desk.somebody("严查", **look) as page:
            desk.open(page, f"?case={number}")
            expect(page.locator("#drawer .duplicates .near").first).to_be_visible()
            assert_no_barriers(page, "the drawer")
            page.click("#drawer .templates summary")
            expect(page.locator("#drawer .choice.template").first).to_be_visible()
            assert_no_barriers(page, "the templates")
            page.click("#drawer .templates .choice:last-child")
            expect(page.locator(".template-rows li").first).to_be_visible()
            assert_no_barriers(page, "the list of templates")
            page.keyboard.press("Escape")
            page.locator("#drawer .composer input[type=file]").set_input_files(
                {"name": "a.png", "mimeType": "image/png", "buffer": _noise()}
            )
            expect(page.locator("dialog.blur")).to_be_visible()
            assert_no_barriers(page, "the photo")
            page.keyboard.press("Escape")
            page.locator("#drawer .duplicates button:text-is('合并')").first.click()
            expect(page.locator("dialog.confirm")).to_be_visible()
            assert_no_barriers(page, "the question")
