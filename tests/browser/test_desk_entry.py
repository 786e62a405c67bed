"""A new case at the desk with a real browser: by keyboard alone, with photos, drafts, faults, duplicates, and sent twice."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from attachment_files import make_jpeg
from axe import assert_no_barriers
from browser import LIGHT, PHONE, WIDE, Problems, still, strict_page, until
from databases import FreshDatabase
from demo_tools import take_rules_away
from playwright.sync_api import Browser, Page, Route, expect
from pypinyin import lazy_pinyin
from serving import PATIENT, Server, serving
from sqlalchemy import make_url

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser
PLACE, CATEGORY, TITLE, DRAWER = "#entry-place", "#entry-category", "#entry-title", "#drawer h2"


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    """A small demo city of one's own, because it changes."""
    with fresh_database(template=demo_template) as url:
        take_rules_away(url)
        yield url


@pytest.fixture(scope="module")
def server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


class Entry:
    """Somebody who enters cases in one city."""

    def __init__(self, browser: Browser, server: Server, town: str, problems: Problems) -> None:
        self.browser, self.server, self.town, self.problems = browser, server, town, problems
        self.url = make_url(town).set(drivername="postgresql+psycopg")
        with psycopg.connect(town) as owner:
            rows = owner.execute("SELECT code, name FROM category WHERE subject = 'incident' ORDER BY ordinal, code").fetchall()
            self.categories: list[tuple[str, str]] = [(str(code), str(name)) for code, name in rows]
            found = owner.execute(
                "SELECT address, grid, ST_X(c), ST_Y(c) FROM building, ST_PointOnSurface(geom) c WHERE address <> '' LIMIT 1"
            )
            self.address, self.grid, self.lon, self.lat = found.fetchall()[0]

    def somebody(self, role: str = "supervisor", **options: Any) -> AbstractContextManager[Page]:
        """A page of somebody who has just been given an account of this role."""
        with owner_transaction(self.url) as connection:
            made = store.add(connection, Draft(f"entry-{secrets.token_hex(4)}", shown="孟接", role=role, scope="*"))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(self.browser, replace(self.server, session=session), self.problems, **{"viewport": WIDE, **options})

    def open(self, page: Page, search: str = "?new=1&map=off") -> None:
        page.goto(f"{self.server.url}/desk{search}")
        expect(page.locator(PLACE)).to_be_visible()

    def case(self, number: str) -> Any:
        headers = {"authorization": f"Bearer {self.server.token}"}
        return httpx.get(f"{self.server.url}/api/cases/{number}", headers=headers, timeout=60).raise_for_status().json()

    def count(self, title: str) -> int:
        """How many cases have this title."""
        with psycopg.connect(self.town) as owner:
            row = owner.execute("SELECT count(*) FROM incident WHERE title = %s", [title]).fetchone()
        assert row
        return int(row[0])

    def fill(self, page: Page, title: str) -> None:
        """What a report needs, at the place of a building."""
        page.fill(PLACE, f"{self.lat}, {self.lon}")
        page.keyboard.press("Enter")
        page.fill(CATEGORY, self.categories[0][1])
        expect(page.locator("#entry-category-list [aria-selected=true]")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator(".foretold-line").first).to_be_visible()
        page.fill(TITLE, title)


@pytest.fixture
def entry(browser: Browser, server: Server, town: str, problems: Problems) -> Entry:
    return Entry(browser, server, town, problems)


def number_of(page: Page) -> str:
    """Number of the case that is open."""
    page.wait_for_url(re.compile(r"case=GW"))
    found = re.search(r"case=([^&]+)", page.url)
    assert found
    return found[1]


def test_a_case_is_filed_by_keyboard_alone_with_pinyin(entry: Entry) -> None:
    code, name = next((code, name) for code, name in entry.categories if len(name) > 3)
    with entry.somebody() as page:
        page.goto(f"{entry.server.url}/desk?map=off")
        page.wait_for_selector("#table .case-title")
        press, type_ = page.keyboard.press, page.keyboard.type
        press("c")
        expect(page.locator(PLACE)).to_be_focused()
        assert "new=1" in page.url
        type_(entry.address)
        expect(page.locator("#entry-place-list [role=option]").first).to_contain_text(entry.address)
        press("Enter")
        expect(page.locator("#entry-place-words")).to_contain_text("›")
        press("Tab")
        expect(page.locator(CATEGORY)).to_be_focused()
        type_("".join(syllable[0] for syllable in lazy_pinyin(name)))
        expect(page.locator("#entry-category-list [aria-selected=true]")).to_contain_text(name)
        assert_no_barriers(page, "a new case, suggestions", "#entry")
        press("Enter")
        expect(page.locator(CATEGORY)).to_have_value(name)
        expect(page.locator(TITLE)).to_have_value(f"{entry.address}{name}")
        expect(page.locator(".foretold-line")).to_have_count(2)
        press("Tab")
        press("ArrowLeft")
        expect(page.locator("input[name=severity][value='2']")).to_be_checked()
        press("Tab")
        press("Tab")
        type_("居民来电，路面积水较深")
        foretold = page.locator(".foretold-line").first.inner_text()
        press("Control+Enter")
        number = number_of(page)
        expect(page.locator(DRAWER)).to_have_text(f"{entry.address}{name}")
        expect(page.locator("#entered")).to_contain_text(number)
        told = entry.case(number)
        assert (told["case"]["category"], told["case"]["severity"], told["case"]["address"]) == (code, 2, entry.address)
        assert told["case"]["grid"] == entry.grid and told["case"]["description"] == "居民来电，路面积水较深"
        assert (told["deadline"]["due_at"] is None) == ("无时限" in foretold)

        press("Escape")
        expect(page.locator("#drawer")).to_be_hidden()
        until(page, "document.querySelector('#table').contains(document.activeElement)")  # the focus is not lost
        press("a")
        expect(page.locator(PLACE)).to_have_value(entry.address)
        expect(page.locator("#entry-place-words")).to_contain_text("›")
        press("Tab")
        expect(page.locator("#entry-category-list [role=option]").first).to_contain_text("最近使用")
        press("Escape")
        press("Escape")
        expect(page.locator("#entry")).to_be_hidden()


def test_what_the_server_refuses_stands_at_its_field(entry: Entry) -> None:
    with entry.somebody(locale="en-GB") as page:
        entry.open(page, "?new=1&map=off&lang=en")
        page.fill("#entry-phone", "12")
        page.keyboard.press("Enter")
        for name in ("place", "category", "title", "phone"):
            expect(page.locator(f"#entry-fault-{name}")).not_to_be_empty()
        expect(page.locator(PLACE)).to_be_focused()
        assert page.get_attribute(PLACE, "aria-invalid") == "true"
        assert_no_barriers(page, "a new case, faults", "#entry")
        page.fill(PLACE, "1.5, 2.5")
        page.keyboard.press("Enter")
        expect(page.locator("#entry-fault-place")).to_contain_text("cell")
        entry.fill(page, "A bench is broken")
        page.fill("#entry-phone", "13800138000")
        page.select_option("#entry-channel", "media")
        expect(page.locator("#entry-fault-place")).to_be_hidden()
        page.keyboard.press("Control+Enter")
        told = entry.case(number_of(page))["case"]
        assert (told["channel"], told["title"], told["grid"]) == ("media", "A bench is broken", entry.grid)
        entry.problems[:] = [one for one in entry.problems if "422" not in one]


GIVE = """(form, {bytes, name, how}) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name, {type: 'image/jpeg'}));
  const event = how === 'paste'
    ? new ClipboardEvent('paste', {clipboardData: files, bubbles: true, cancelable: true})
    : new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true});
  form.querySelector('textarea').dispatchEvent(event);
}"""


def test_photos_are_pasted_and_dropped_and_one_that_fails_loses_nothing(entry: Entry) -> None:
    with entry.somebody() as page:
        entry.open(page)

        def give(content: bytes, name: str, how: str) -> None:
            page.eval_on_selector(".entry-form", GIVE, {"bytes": list(content), "name": name, "how": how})

        give(make_jpeg(), "pasted.jpg", "paste")
        expect(page.locator(".entry-photos img.thumb")).to_have_count(1)
        sent = page.locator(".entry-photos img.thumb").get_attribute("src")
        page.click(".entry-photos .blur-it")
        page.locator("dialog.blur canvas").press("Enter")
        page.click("dialog.blur button:text-is('使用这张照片')")
        expect(page.locator(".entry-photos .photo-name")).to_contain_text("已打码")
        expect(page.locator(".entry-photos .blur-it")).to_be_focused()
        blurred = page.locator(".entry-photos img.thumb").get_attribute("src")
        assert blurred != sent
        give(b"no picture", "broken.jpg", "drop")
        expect(page.locator(".entry-photos li.failed .error")).not_to_be_empty()
        entry.fill(page, "照片案件")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#entry-fault-attachments")).not_to_be_empty()
        page.click(".entry-photos li.failed [aria-label='移除 broken.jpg']")
        page.reload()
        expect(page.locator(TITLE)).to_have_value("照片案件")
        expect(page.locator(".entry-photos img.thumb")).to_have_count(1)
        page.keyboard.press("Control+Enter")
        told = entry.case(number_of(page))
        (hashes,) = [event["attachments"] for event in told["history"]]
        assert [f"/api/attachments/{one}?size=small" for one in hashes] == [blurred], "only the blurred photo goes with the case"
        expect(page.locator("#drawer .photos img")).to_have_count(1)
        entry.problems[:] = [one for one in entry.problems if "422" not in one]


def test_a_draft_survives_a_reload_and_is_filed_once_however_often_it_is_sent(entry: Entry) -> None:
    title = f"重复提交 {secrets.token_hex(3)}"
    with entry.somebody() as page:
        entry.open(page)
        entry.fill(page, title)
        page.fill("#entry-name", "王大明")
        page.fill("#entry-phone", "13800138000")
        page.keyboard.press("Escape")
        expect(page.locator("#entry")).to_be_hidden()
        page.reload()
        page.wait_for_selector("#table .case-title")
        page.keyboard.press("c")
        expect(page.locator(TITLE)).to_have_value(title)
        expect(page.locator(CATEGORY)).to_have_value(entry.categories[0][1])
        expect(page.locator("#entry-phone")).to_have_value("13800138000")
        assert page.evaluate("Object.keys(localStorage).some((key) => localStorage[key].includes('13800138000'))") is False

        # The answer is lost on its way, and so is the page: the same draft is sent again.
        lose = _lose_answers(page)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#entry .form-fault, .drawer-foot .form-fault").first).not_to_be_empty()
        page.unroute("**/api/cases?**", lose)
        page.reload()
        expect(page.locator(TITLE)).to_have_value(title)
        expect(page.locator(".foretold-line").first).to_be_visible()
        for _ in range(2):
            page.keyboard.press("Control+Enter")
        number = number_of(page)
        assert entry.count(title) == 1
        expect(page.locator(DRAWER)).to_have_text(title)
        assert entry.case(number)["reporters"][0]["phone"] == "138****8000"
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        expect(page.locator(TITLE)).to_have_value("")
        entry.problems[:] = [one for one in entry.problems if "/api/cases" not in one and "503" not in one]


def _lose_answers(page: Page) -> Callable[[Route], None]:
    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        route.fetch()
        route.fulfill(status=503, json={"error": {"sentence": "503"}}, headers={"retry-after": "0"})

    page.route("**/api/cases?**", lose)
    return lose


def test_likely_duplicates_are_shown_and_the_reporter_is_added_to_one_of_them(entry: Entry) -> None:
    with entry.somebody() as page:
        entry.open(page)
        entry.fill(page, "已有的积水案件")
        page.keyboard.press("Control+Enter")
        first = number_of(page)
        entry.open(page, f"?new=1&map=off&area={entry.grid}")
        entry.fill(page, "又有人报积水")
        page.fill("#entry-name", "王大明")
        page.fill("#entry-phone", "13800138000")
        found = page.locator(".similar-list li", has_text="已有的积水案件")
        expect(found).to_contain_text("0 m")
        found.locator("button").click()
        expect(page.locator("#entered")).to_contain_text(f"并入 {first}")
        expect(page.locator(DRAWER)).to_have_text("已有的积水案件")
        told = entry.case(first)
        assert [one["phone"] for one in told["reporters"]] == ["138****8000"] and told["reporters"][0]["merged_from"]


SPOT = """() => {
  const {map} = window.gridwell, box = map.root.getBoundingClientRect();
  for (let y = 160; y < box.height - 60; y += 23) for (let x = 60; x < box.width - 60; x += 29) {
    if (map.pickAt(x, y).kind === 'area') return {x: x + box.left, y: y + box.top};
  }
}"""
MARKED = "window.gridwell.map.scene.spec.layers.some(({id}) => id === 'wanted-dot')"


def test_a_click_on_the_map_says_where_it_is(entry: Entry) -> None:
    with entry.somebody(viewport=LIGHT) as page:
        entry.open(page, "?new=1")
        still(page)
        before = page.evaluate("location.search")
        spot = page.evaluate(SPOT)
        page.mouse.click(spot["x"], spot["y"])
        expect(page.locator(PLACE)).to_have_value(re.compile(r"^[0-9.]+, [0-9.]+$"))
        expect(page.locator("#entry-place-words")).to_contain_text("›")
        until(page, MARKED)
        assert page.evaluate("location.search") == before, "no area is opened by a click that says where a case is"
        page.focus(PLACE)
        page.keyboard.press("Escape")
        expect(page.locator("#entry")).to_be_hidden()
        until(page, f"!{MARKED}")


def test_signing_out_takes_drafts_away(entry: Entry) -> None:
    with entry.somebody() as page:
        entry.open(page)
        entry.fill(page, "未上报的草稿")
        drafts = "Object.keys(localStorage).filter((key) => /^desk-(draft|entry)/.test(key)).length"
        until(page, f"{drafts} === 1")
        page.goto(f"{entry.server.url}/signout")
        page.click("form button")
        page.wait_for_url("**/signin*")
        until(page, f"{drafts} === 0")


def test_the_form_on_a_phone_and_for_who_may_not_report(entry: Entry) -> None:
    with entry.somebody(viewport=PHONE, color_scheme="dark") as page:
        entry.open(page)
        entry.fill(page, "手机上报")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], "nothing is wider than the screen"
        assert_no_barriers(page, "a new case, phone, dark", "#entry")
        page.click("#entry .step.first")
        assert entry.case(number_of(page))["case"]["title"] == "手机上报"
    with entry.somebody(role="leader") as page:
        page.goto(f"{entry.server.url}/desk?new=1&map=off")
        page.wait_for_selector("#table .case-title")
        expect(page.locator("#entry-open")).to_be_hidden()
        page.keyboard.press("c")
        expect(page.locator("#entry")).to_be_hidden()
