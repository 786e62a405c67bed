"""The map beside the desk's list in a browser: what is selected in either is selected in both, drawing and drilling filter, pins live."""

import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browser import LIGHT, PHONE, Problems, still, strict_page, until
from databases import FreshDatabase
from playwright.sync_api import Browser, Page, expect
from serving import PATIENT, Server, serving
from sqlalchemy import make_url

from data.accounts import sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser
SELECTED = re.compile("ag-row-selected")
CAMERA = "(({longitude, latitude, zoom, pitch}) => [longitude, latitude, zoom, pitch])(window.gridwell.map.camera)"
PINS = """window.gridwell.map.scene.placed.pins.shown.map(({key, lon, lat, state, more}) => {
  const [x, y] = window.gridwell.map.project(lon, lat);
  return {key, state, more, x, y};
})"""
"""Pins on the screen, with the pixel on which their tip stands."""


class Town:
    """People at the desk of a small demo city."""

    def __init__(self, browser: Browser, server: Server, database: str, problems: Problems) -> None:
        self.browser, self.server, self.problems = browser, server, problems
        self.url = make_url(database).set(drivername="postgresql+psycopg")
        with owner_transaction(self.url) as connection:
            made = store.add(connection, Draft(f"door-{secrets.token_hex(4)}", role="supervisor", scope="*"))
            token = tokens.make(connection, made.name, "test", 1)
        self.door = httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {token}"}, timeout=60)

    def somebody(self, **options: Any) -> AbstractContextManager[Page]:
        with owner_transaction(self.url) as connection:
            made = store.add(connection, Draft(f"desk-{secrets.token_hex(4)}", shown="周敏", role="supervisor", scope="*"))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(self.browser, replace(self.server, session=session), self.problems, **{"viewport": LIGHT, **options})

    def open(self, page: Page, search: str = "") -> None:
        page.goto(f"{self.server.url}/desk{search}")
        page.wait_for_selector("#table .case-title")
        expect(page.locator("#foot .live")).to_have_class("live")
        still(page)

    def ask(self, query: str, path: str = "") -> Any:
        return self.door.get(f"/api/cases{path}?{query}").raise_for_status().json()

    def report(self, title: str) -> str:
        seen = self.ask("limit=1&placed=true")["cases"][0]
        body = {"category": seen["category"], "title": title, "lon": seen["lon"], "lat": seen["lat"], "severity": 2}
        return str(self.door.post("/api/cases", json=body).raise_for_status().json()["number"])


@pytest.fixture(scope="module")
def database(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    with fresh_database(template=demo_template) as url:
        yield url


@pytest.fixture(scope="module")
def desk_server(database: str) -> Iterator[Server]:
    with serving(database, **PATIENT) as running:
        yield running


@pytest.fixture
def town(browser: Browser, desk_server: Server, database: str, problems: Problems) -> Iterator[Town]:
    made = Town(browser, desk_server, database, problems)
    with made.door:
        yield made


def chip(page: Page, text: str) -> Any:
    return page.locator("#toolrow .filter-chip", has_text=text)


def parameter(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


ON_MAP = """wanted => JSON.stringify(
  (window.gridwell.map.scene.layer('IncidentPins')?.data.rows ?? []).map(({key}) => key).sort()) === JSON.stringify(wanted)"""


def until_on_map(page: Page, listed: list[dict[str, Any]]) -> None:
    """The map gets the places of the list by themselves, with its areas or after them."""
    until(page, ON_MAP, sorted(row["number"] for row in listed))


def test_what_is_selected_in_either_is_selected_in_both(town: Town) -> None:
    with town.somebody() as page:
        listed = town.ask("state=overdue&state=amber&sort=due_at&limit=200")["cases"]
        placed = [row for row in listed if row["lon"] is not None]
        middle = [sum(row[axis] for row in placed) / len(placed) for axis in ("lon", "lat")]
        central = min(placed, key=lambda row: abs(row["lon"] - middle[0]) + abs(row["lat"] - middle[1]))
        town.open(page, f"?q={central['number']}")
        before = page.evaluate(CAMERA)
        page.keyboard.press("j")
        expect(page.locator(".beside-card .card-title")).to_have_text(central["title"])
        until(page, "number => window.gridwell.map.scene.spec.picked.incident === number", central["number"])
        still(page)
        assert page.evaluate(CAMERA) == before, "a pin in sight moves no camera"

        town.open(page, "?state=overdue,amber")
        until_on_map(page, placed)
        page.keyboard.press("j")
        until(page, "number => window.gridwell.map.scene.spec.picked.incident === number", listed[0]["number"])
        still(page)
        first = page.evaluate(PINS)
        assert listed[0]["number"] in {pin["key"] for pin in first}, "the picked pin is never folded into another one"
        card = page.locator(".beside-card").bounding_box()
        top = page.locator(".beside-top").bounding_box()
        assert card and top
        loaded = {row["number"]: place for place, row in enumerate(listed[:100])}
        pins = [pin for pin in first if pin["more"] == 0 and top["y"] + top["height"] + 30 < pin["y"] < card["y"] and pin["key"] in loaded]
        pin = max(pins, key=lambda one: loaded[one["key"]])
        page.locator("#table .ag-body-viewport").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        page.mouse.click(pin["x"], pin["y"] - 12)
        row = page.locator(f'#table .ag-center-cols-container [row-id="{pin["key"]}"]')
        expect(row).to_have_class(SELECTED)
        expect(row).to_be_in_viewport()
        until(page, "number => window.gridwell.map.scene.spec.picked.incident === number", pin["key"])
        assert parameter(page, "case") == ""
        page.click(".beside-card button:has-text('打开')")
        expect(page.locator("#drawer h2")).to_have_text(listed[loaded[pin["key"]]]["title"])
        expect(page.locator(".beside-card")).to_be_hidden()
        assert parameter(page, "case") == pin["key"]
        assert page.locator("canvas.map-canvas").count() == 1


def test_a_case_out_of_sight_is_brought_into_sight_and_its_next_step_begins_from_the_card(town: Town) -> None:
    number = town.report("图上走步骤")
    with town.somebody() as page:
        town.open(page, f"?q={number}")
        page.evaluate(
            "map => window.gridwell.map.moved({...window.gridwell.map.camera, longitude: window.gridwell.map.camera.longitude + 0.5})"
        )
        still(page)
        page.keyboard.press("j")
        until(page, "number => window.gridwell.map.scene.placed.pins.shown.some(({key}) => key === number)", number)
        still(page)
        (pin,) = page.evaluate(PINS)
        box = page.locator("#beside").bounding_box()
        assert box and box["x"] < pin["x"] < box["x"] + box["width"] and box["y"] < pin["y"] < box["y"] + box["height"]
        page.locator(".beside-card .card-acts button", has_text="立案").click()
        expect(page.locator("#drawer .tag-here")).to_have_text("待派遣")


def test_drawing_filters_the_list_and_is_a_chip_and_in_the_address(town: Town) -> None:
    with town.somebody() as page:
        town.open(page)
        box = page.locator("#beside").bounding_box()
        assert box
        left, top = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.35
        page.click("#draw")
        for dx, dy in ((0, 0), (160, 0), (170, 150), (0, 140)):
            page.mouse.click(left + dx, top + dy)
        page.keyboard.press("Enter")
        expect(chip(page, "圈选范围")).to_be_visible()
        within = parameter(page, "within")
        assert len(within.split(",")) == 8
        held = town.ask(f"within={within}&state=overdue&state=amber&state=on_time&state=paused&sort=due_at&limit=200")
        assert 0 < held["counts"]["total"]["n"] < town.ask("state=overdue&state=amber&state=on_time&state=paused")["counts"]["total"]["n"]
        expect(page.locator(".listed-count")).to_contain_text(f"{held['counts']['total']['n']} 件")
        until_on_map(page, held["cases"])
        still(page)
        assert page.evaluate("window.gridwell.map.drawn()['within-line']") == 1
        page.reload()
        expect(chip(page, "圈选范围")).to_be_visible()
        expect(page.locator(".listed-count")).to_contain_text(f"{held['counts']['total']['n']} 件")
        chip(page, "圈选范围").click()
        expect(chip(page, "圈选范围")).to_have_count(0)
        assert parameter(page, "within") == ""


def test_an_area_is_drawn_in_one_go_by_keys_and_as_what_is_in_view(town: Town) -> None:
    with town.somebody() as page:
        town.open(page)
        box = page.locator("#beside").bounding_box()
        assert box
        left, top = box["x"] + 150, box["y"] + 220
        page.click("#draw")
        page.mouse.move(left, top)
        page.mouse.down()
        for dx, dy in ((60, 10), (140, 10), (200, 60), (180, 150), (90, 170), (10, 120)):
            page.mouse.move(left + dx, top + dy, steps=4)
        page.mouse.up()
        expect(chip(page, "圈选范围")).to_be_visible()
        loop = parameter(page, "within")
        page.locator("#draw").focus()
        page.keyboard.press("Enter")
        for keys in ("Space", "Shift+ArrowRight", "Space", "Shift+ArrowDown", "Space"):
            page.keyboard.press(keys)
        page.keyboard.press("Backspace")
        page.keyboard.press("Enter")
        expect(page.locator(".drawing-bar p")).to_have_text("圈选范围至少需要三个顶点。")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        until(page, f"!location.search.includes('{loop}')")
        assert len(parameter(page, "within").split(",")) == 6
        expect(page.locator("#draw")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator(".drawing")).to_have_count(0)
        page.click("#draw")
        page.click(".drawing-bar button:has-text('当前可见范围')")
        until(page, "new URLSearchParams(location.search).get('within')?.split(',').length === 8")


def test_a_click_on_an_area_drills_the_list_and_the_camera_follows(town: Town) -> None:
    with town.somebody() as page:
        town.open(page, "?state=paused")
        before = page.evaluate(CAMERA)
        spot = page.evaluate(
            """(() => {
              const {map} = window.gridwell, box = map.root.getBoundingClientRect();
              for (let y = 160; y < box.height - 60; y += 23) for (let x = 60; x < box.width - 60; x += 29) {
                const pick = map.pickAt(x, y);
                if (pick.kind === 'area') return {x: x + box.left, y: y + box.top, code: pick.code};
              }
            })()"""
        )
        page.mouse.click(spot["x"], spot["y"])
        until(page, "code => new URLSearchParams(location.search).get('area') === code", spot["code"])
        until(page, "code => window.gridwell.map.scene.spec.area.code === code", spot["code"])
        still(page)
        name = page.locator("#crumb b").inner_text()
        expect(chip(page, name)).to_be_visible()
        assert page.evaluate(CAMERA) != before
        until_on_map(page, town.ask(f"area={spot['code']}&state=paused&limit=200")["cases"])
        chip(page, name).click()
        until(page, "!new URLSearchParams(location.search).has('area')")


def test_a_pin_changes_in_place_and_the_map_is_never_made_anew(town: Town) -> None:
    number = town.report("图上变色")
    with town.somebody() as page:
        town.open(page, f"?q={number}")
        page.evaluate("window.kept = document.querySelector('canvas.map-canvas')")
        until(page, "window.gridwell.map.scene.placed.pins.shown.length === 1")
        before, camera = page.evaluate(PINS)[0], page.evaluate(CAMERA)
        assert (before["key"], before["state"]) == (number, "on_time")
        told = town.door.get(f"/api/cases/{number}").json()["case"]
        body = {"step": "void", "version": told["version"], "reason": "误报"}
        town.door.post(f"/api/cases/{number}/steps", json=body).raise_for_status()
        until(page, "window.gridwell.map.scene.placed.pins.shown[0]?.state === 'closed'")
        after = page.evaluate(PINS)[0]
        assert (after["key"], after["x"], after["y"]) == (number, before["x"], before["y"])
        assert page.evaluate(CAMERA) == camera
        page.click("#map-switch")
        expect(page.locator("#desk")).to_have_class(re.compile("no-map"))
        assert parameter(page, "map") == "off"
        page.click("#map-switch")
        page.click('#beside [data-dim="3d"]')
        until(page, "window.gridwell.map.scene.spec.dim === '3d'")
        still(page)
        assert page.evaluate(
            "window.kept === document.querySelector('canvas.map-canvas') && document.querySelectorAll('canvas').length === 1"
        )
        assert (parameter(page, "map"), parameter(page, "dim")) == ("", "3d")


def test_on_a_phone_the_map_takes_the_place_of_the_list_when_it_is_wanted(town: Town) -> None:
    with town.somebody(viewport=PHONE) as page:
        page.goto(f"{town.server.url}/desk?state=paused")
        page.wait_for_selector("#table .case-title")
        assert page.locator("canvas").count() == 0, "nothing is drawn that nobody asked for"
        page.click("#map-switch")
        still(page)
        expect(page.locator("#legend")).to_be_visible()
        assert parameter(page, "map") == "on"
        page.click("#map-switch")
        expect(page.locator("#table .case-title").first).to_be_in_viewport()
        assert parameter(page, "map") == ""


def test_without_webgl_the_list_works_and_the_page_says_so(town: Town) -> None:
    with town.somebody() as page:
        page.add_init_script(
            "const make = HTMLCanvasElement.prototype.getContext;"
            "HTMLCanvasElement.prototype.getContext ="
            " function (kind, ...rest) { return kind === 'webgl2' ? null : make.call(this, kind, ...rest) }"
        )
        page.goto(f"{town.server.url}/desk")
        expect(page.locator("#beside-missing")).to_contain_text("WebGL")
        page.keyboard.press("j")
        expect(page.locator("#table .ag-row-selected").first).to_be_visible()
        expect(page.locator(".beside-card .card-title")).not_to_be_empty()
