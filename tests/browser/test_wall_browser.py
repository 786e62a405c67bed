"""The wall's own page with a real browser: it follows tour and presenter, cases break in, it tells how it is, and never goes dark."""

import io
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import small_city as city
from browser import PATIENCE_MS, PHONE, WIDE, Problems, strict_page, until
from databases import FreshDatabase
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from serving import PATIENT, Server, serving
from sqlalchemy import make_url
from table_locks import until as until_true

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.live.outbox import CaseChange, append_events

pytestmark = pytest.mark.browser

SMALL = {"width": 960, "height": 540}
"""Half of 1920×1080: everything is counted in one unit."""
DWELL_S, STAYS_S = 6, 5
SAVE = """async ([csrf, body]) => {
  const headers = { 'Content-Type': 'application/json', 'X-Gridwell-CSRF': csrf };
  const answer = await fetch('/api/wall/tour', { method: 'POST', headers, body: JSON.stringify(body) });
  return [answer.status, await answer.text()];
}"""
KEY = "document.documentElement.dataset.scene"
MIDNIGHT = """() => {
  const { wall } = gridwell;
  const shown = () => [
    document.querySelector('[data-figure="today"] .wall-value span').textContent,
    document.querySelectorAll('[data-panel="rhythm"] .wall-bar').length,
    document.querySelector('[data-figure="today"] .wall-note').textContent,
  ];
  wall.asking.stop();
  wall.take({ ...wall.told, current: true, today: wall.day, hours: { usual: Array(24).fill(2), today: Array(24).fill(3) } });
  const before = shown();
  wall.told.today = wall.day = '2000-01-01';
  wall.tick();
  return [before, shown()];
}"""
"""What stands there of the day before and after a midnight at which nobody answers: the number, bars of the day, and what is usual."""
STANDS = "[gridwell.wall.clock.now() - Date.now(), gridwell.wall.clock.doubt, gridwell.wall.touring.tour.version]"
NOTE = """() => {
  window.noted = [];
  const card = document.querySelector('#card');
  const note = () => noted.push([document.documentElement.dataset.scene, card.hidden ? '' : card.textContent]);
  new MutationObserver(note).observe(document.documentElement, { subtree: true, attributeFilter: ['data-scene', 'hidden'] });
}"""
"""From now on the page notes what it shows: who looks now and then, on a busy machine, would miss what stands for some seconds."""


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as owner:
            owner.execute("UPDATE city SET as_of = NULL")
        yield url


@pytest.fixture(scope="module")
def wall_server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


class Walls:
    """People and screens of one server."""

    def __init__(self, browser: Browser, server: Server, town: str, problems: Problems) -> None:
        self.browser, self.server, self.problems, self.town = browser, server, problems, town

    def account(self, role: str, **options: Any) -> AbstractContextManager[Page]:
        """A page of a new account of the whole city."""
        with owner_transaction(make_url(self.town).set(drivername="postgresql+psycopg")) as connection:
            made = store.add(connection, Draft(f"{role}-{secrets.token_hex(4)}", shown="Zhou", role=role, scope=city.CITY))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(
            self.browser, replace(self.server, session=session), self.problems, **{"viewport": SMALL, "locale": "en", **options}
        )

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(self.town) as owner:
            return owner.execute(statement.encode()).fetchall()

    def happen(self) -> None:
        """A critical case is reported in the first cell."""
        path = city.path_of(city.C1)
        case = CaseChange(city.CITY, city.D1, 1, "N1", city.C1, path, "env", 1, "filed", "on_time", 1, "report", datetime.now(UTC))
        with psycopg.connect(self.town) as owner:
            append_events(owner, [case])


@pytest.fixture
def walls(browser: Browser, wall_server: Server, town: str, problems: Problems) -> Walls:
    return Walls(browser, wall_server, town, problems)


def write_tour(page: Page) -> None:
    """Three scenes of a few seconds: the city and both districts."""
    scenes = [{"name": name, "area": area, "dwell_s": DWELL_S} for name, area in (("All", city.CITY), ("W", city.D1), ("E", city.D2))]
    settings = {"interrupt": {"serious": True, "late_3": True, "stays_s": STAYS_S, "gap_s": 0}}
    csrf = page.evaluate("JSON.parse(document.querySelector('[data-desk]').dataset.desk).csrf")
    status, text = page.evaluate(SAVE, [csrf, {"wall": "main", "city": city.CITY, "scenes": scenes, "settings": settings}])
    assert status == 200, text


def follow(page: Page, address: str) -> None:
    """Open a wall and wait for the first scene of its tour, and for its map."""
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-scene", re.compile("^s"))
    expect(page.locator("#map canvas")).to_be_attached()


def agree(one: list[Any], other: list[Any]) -> bool:
    """Whether two screens show the same version of the tour by the same time, as well as they can know it."""
    (ours, doubt, version), (theirs, their_doubt, their_version) = one, other
    return bool(version == their_version and abs(ours - theirs) <= max(100, doubt + their_doubt))


def test_screens_follow_the_tour_the_presenter_and_cases_that_break_in(walls: Walls) -> None:
    with walls.account("supervisor", viewport=PHONE) as phone, walls.account("wall") as left, walls.account("wall") as right:
        phone.goto(f"{walls.server.url}/wall/remote?lang=en")
        write_tour(phone)
        for screen, part in ((left, "1/2"), (right, "2/2")):
            follow(screen, f"{walls.server.url}/wall?lang=en&screen={part}")
        until(left, "document.querySelector('#title').textContent !== ''")
        canvas = left.evaluate_handle("document.querySelector('#map canvas')")

        # Asked for now, sent with a heartbeat while all the rest is looked at.
        screens = phone.context.new_page()
        screens.goto(f"{walls.server.url}/wall/screens?lang=en")
        expect(screens.locator(".walls-card")).to_have_count(2)
        card = screens.locator(".walls-card", has_text="Part 1/2")
        expect(card).to_contain_text("Alive")
        expect(screens.locator("header nav [aria-current=page]")).to_have_text(["Screens"])
        expect(card).to_contain_text("960 × 540")
        card.get_by_role("button", name="Ask for a picture").click()

        # The tour goes on by itself, and both screens count it by the server's clock.
        first = left.evaluate(KEY)
        until(left, f"(first) => {KEY} !== first && /^s/.test({KEY})", first)
        until(right, f"(first) => {KEY} !== first", first)
        until(left, "gridwell.map.scene.spec.area.code === gridwell.wall.shown.area")
        until(left, "[...gridwell.wall.city.ahead.known].some((one) => one.startsWith('/tiles/'))")
        until_true(lambda: agree(left.evaluate(STANDS), right.evaluate(STANDS)), "their clocks move slowly to where they agree")
        assert left.evaluate("gridwell.map.left") == 0
        assert right.evaluate("gridwell.map.left") == -SMALL["width"], "each shows its part of one picture"
        assert right.evaluate("gridwell.map.size.width") == 2 * SMALL["width"]

        # A presenter holds, goes to a scene, and shows another area.
        phone.get_by_role("button", name="Hold").click()
        for screen in (left, right):
            until(screen, f"/^t/.test({KEY})")
        phone.get_by_label("Go to an area").fill(city.S3)
        phone.locator(".walls-found .walls-scene").first.click()
        until(left, "document.querySelector('#title').textContent.startsWith('Willows')")
        phone.get_by_role("button", name="Go on").click()
        for screen in (left, right):
            until(screen, f"/^s/.test({KEY})")

        # A critical case breaks in, and the tour goes on afterwards.
        for screen in (left, right):
            screen.evaluate(NOTE)
        walls.happen()
        until(left, "noted.some(([, card]) => card.includes('City appearance'))")
        until(right, "noted.some(([key]) => /^t/.test(key))")
        until(left, "document.querySelector('#card').hidden")
        until(left, f"/^s/.test({KEY})")
        assert left.evaluate("(canvas) => canvas === document.querySelector('#map canvas')", canvas), "the map was made once"

        picture = card.locator("img")
        # Fetched by the page, which says when nobody is there; the card may be drawn again meanwhile.
        expect(picture).to_have_attribute("src", re.compile("^blob:"), timeout=PATIENCE_MS)
        expect(picture).to_be_visible(timeout=PATIENCE_MS)
        (kept,) = walls.ask("SELECT picture FROM wall_screen WHERE picture IS NOT NULL")
        shown = Image.open(io.BytesIO(kept[0]))
        assert (shown.format, shown.size) == ("JPEG", (960, 540))
        assert len(shown.convert("RGB").getcolors(1 << 20) or []) > 100
        assert walls.ask("SELECT count(*) > 0 FROM wall_play WHERE scene IN ('All', 'W', 'E') AND kind = 'scene'") == [(True,)]


def test_keys_of_a_screen_change_only_what_it_shows(walls: Walls) -> None:
    with walls.account("wall") as page:
        follow(page, f"{walls.server.url}/wall?lang=en")
        before = walls.ask("SELECT version FROM wall_tour")
        page.keyboard.press("3")
        until(page, "document.querySelector('#title').textContent.startsWith('East')")
        page.keyboard.press("ArrowLeft")
        until(page, "document.querySelector('#title').textContent.startsWith('West')")
        page.keyboard.press(" ")
        until(page, f"/^s/.test({KEY})")
        assert walls.ask("SELECT version FROM wall_tour") == before

        # A setting of the screen, which comes with its heartbeat, gives it a scene of its own.
        until(page, "gridwell.wall.beating?.settings")
        shown = page.evaluate("[gridwell.wall.touring.placed(gridwell.wall.clock.now()).index, gridwell.wall.shown.name]")
        page.evaluate("gridwell.wall.set({ ...gridwell.wall.beating.settings, part: '2/3', scenes: 'each' })")
        until(page, "([index, name]) => gridwell.wall.touring.options.address.ahead === 1 && gridwell.wall.shown.name !== name", shown)
        assert page.evaluate("gridwell.map.left") == 0, "each shows a picture of its own"
        page.evaluate("gridwell.wall.set({ ...gridwell.wall.beating.settings, part: '2/3', scenes: 'wide' })")
        until(page, "gridwell.map.left === -innerWidth && document.documentElement.dataset.part === 'middle'")
        page.evaluate("gridwell.wall.set({ ...gridwell.wall.beating.settings, part: null, scenes: null })")
        until(page, "gridwell.map.left === 0 && !('part' in document.documentElement.dataset)")


def test_a_wall_that_cannot_draw_or_hears_nothing_says_so(walls: Walls) -> None:
    with walls.account("wall") as page:
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        page.goto(f"{walls.server.url}/wall?lang=en&area={city.CITY}")
        expect(page.locator("#legend")).to_have_text("The map cannot be drawn on this screen.")
        expect(page.locator("#title")).to_contain_text("Littleton")
        assert page.locator(".wall-figure").count() > 3, "the figures do without a map"
        until(page, "gridwell.wall.beating.facts().webgl === false && gridwell.wall.day !== ''")
        before, after = page.evaluate(MIDNIGHT)
        assert before[1] > 0, "bars of the day"
        assert before[2]
        assert after == ["–", 0, ""], "nothing is known of a day that has just begun"

        page.route("**/api/wall/figures*", lambda route: route.abort())
        page.goto(f"{walls.server.url}/wall?lang=en&area={city.CITY}")
        expect(page.locator("#stale")).to_contain_text("the server has not answered for")
        page.unroute("**/api/wall/figures*")
        expect(page.locator("#title")).to_contain_text("Littleton")
        expect(page.locator("#stale")).to_be_hidden()
        page.goto(f"{walls.server.url}/wall?lang=en&area=nowhere")
        until(page, "gridwell.wall?.refusal")
        page.evaluate("gridwell.wall.beganAt = Infinity; gridwell.wall.tick()")  # as if the page had begun just now
        expect(page.locator("#stale")).to_be_visible()
        expect(page.locator("#stale")).to_contain_text("No figures: ")
        walls.problems[:] = [one for one in walls.problems if not any(word in one for word in ("ERR_FAILED", "403", "nowhere"))]


def test_a_scene_is_seen_while_it_is_written(walls: Walls) -> None:
    with walls.account("supervisor", viewport=WIDE) as page:
        page.goto(f"{walls.server.url}/wall/scenes?wall=lobby&lang=en")
        inside = page.frame_locator(".walls-preview iframe")
        expect(inside.locator("#title")).to_contain_text("Littleton")
        page.get_by_label("Area: name or code").fill(city.D2)
        expect(inside.locator("#title")).to_contain_text("East")
        page.get_by_label("Name in English").fill("Morning")
        expect(inside.locator("#about")).to_contain_text("Morning")
        assert walls.ask("SELECT count(*) FROM wall_scene WHERE wall = 'lobby'") == [(0,)], "nothing is saved for it"
        assert walls.ask("SELECT count(*) FROM wall_screen s JOIN account a ON a.name = s.account WHERE a.role <> 'wall'") == [(0,)]
