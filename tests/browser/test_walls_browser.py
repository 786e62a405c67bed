"""The pages on which people look after walls, with a real browser: steering one from a phone, and the list of screens."""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import small_city as city
from axe import assert_no_barriers
from browser import PHONE, WIDE, Problems, strict_page, until
from databases import FreshDatabase
from playwright.sync_api import Browser, Page, expect
from serving import PATIENT, Server, serving
from sqlalchemy import make_url

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser
SCREEN = "0" * 31 + "1"


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest.fixture(scope="module")
def walls_server(town: str) -> Iterator[Server]:
    with serving(town, **PATIENT) as running:
        yield running


class Walls:
    """People at the pages about walls of one server."""

    def __init__(self, browser: Browser, server: Server, town: str, problems: Problems) -> None:
        self.browser, self.server, self.problems, self.town = browser, server, problems, town

    def somebody(self, **options: Any) -> AbstractContextManager[Page]:
        """A page of a supervisor of the whole city."""
        with owner_transaction(make_url(self.town).set(drivername="postgresql+psycopg")) as connection:
            made = store.add(connection, Draft(f"walls-{secrets.token_hex(4)}", shown="Zhou", role="supervisor", scope=city.CITY))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(self.browser, replace(self.server, session=session), self.problems, **{"viewport": WIDE, **options})

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(self.town) as owner:
            return owner.execute(statement.encode()).fetchall()


@pytest.fixture
def walls(browser: Browser, walls_server: Server, town: str, problems: Problems) -> Walls:
    return Walls(browser, walls_server, town, problems)


def test_a_wall_is_steered_from_a_phone(walls: Walls) -> None:
    with walls.somebody(viewport=PHONE, locale="en") as page:
        page.goto(f"{walls.server.url}/wall/remote?lang=en")
        name = page.locator(".walls-name")
        expect(page.locator(".walls-now")).to_contain_text("Tour")
        current = page.locator(".walls-scene[aria-current]")
        expect(current).to_have_count(1)
        places = page.locator(".walls-scenes .walls-scene")
        expect(places).to_have_count(3)
        places.nth(2).click()
        expect(places.nth(2)).to_have_attribute("aria-current", "true")
        page.get_by_role("button", name="Next").click()
        expect(places.nth(0)).to_have_attribute("aria-current", "true")
        page.get_by_role("button", name="Hold").click()
        expect(page.locator(".walls-now")).to_contain_text("Held by a presenter")
        page.get_by_label("Go to an area").fill(city.D2)
        page.locator(".walls-found .walls-scene").first.click()
        (shown,) = walls.ask(f"SELECT name_en FROM area WHERE code = '{city.D2}'")
        expect(name).to_have_text(shown[0])
        assert walls.ask("SELECT area FROM wall_turn WHERE until_at > now()") == [(city.D2,)]
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".walls-now")).to_contain_text("Tour")
        low = page.evaluate(
            "[...document.querySelectorAll('#panel :is(button, select, input:not([type=checkbox]))')]"
            ".filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
        )
        assert low == [], "everything that a thumb presses is 44 pixels high"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert_no_barriers(page, "the remote control")


def test_screens_are_listed_and_changed(walls: Walls) -> None:
    told = json.dumps({"part": "2/3", "scene": "Whole city", "fps": 59.6, "heap_mb": 120, "data_age_s": 4, "size": "1920x1080"})
    with psycopg.connect(walls.town) as owner:
        account = owner.execute(
            "INSERT INTO account (name, shown, role, detail) VALUES ('w', 'W', 'wall', 'figures') RETURNING name"
        ).fetchone()
        assert account is not None
        owner.execute(
            "INSERT INTO wall_screen (id, account, city, wall, seen_at, body)"
            " VALUES (%s, 'w', %s, 'main', now() - interval '5 minutes', %s)",
            [SCREEN, city.CITY, told],
        )
    with walls.somebody(locale="en") as page:
        page.goto(f"{walls.server.url}/wall/screens?lang=en")
        card = page.locator(".walls-card")
        expect(card).to_contain_text("Silent")
        expect(card).to_contain_text("Part 2/3")
        expect(card).to_contain_text("1920 × 1080")
        card.get_by_role("button", name="Ask for a picture").click()
        expect(card).to_contain_text(re.compile(r"[5-9] min ago"))
        until(page, "document.querySelector('#told').textContent !== ''")
        assert walls.ask("SELECT wanted_at IS NOT NULL FROM wall_screen") == [(True,)]
        card.get_by_role("button", name="Settings").click()
        page.get_by_label("Title").fill("Left")
        page.get_by_label("Height of the picture, m").fill("2.7")
        page.get_by_role("button", name="Save").click()
        expect(card.locator("h2")).to_have_text("Left")
        assert walls.ask("SELECT settings ->> 'height_m' FROM wall_screen") == [("2.7",)]
        assert_no_barriers(page, "the page of screens")


def test_scenes_are_written_saved_and_taken_out(walls: Walls) -> None:
    with walls.somebody(locale="en") as page:
        page.goto(f"{walls.server.url}/wall/scenes?wall=lobby&lang=en")
        rows = page.locator(".walls-scenes .walls-scene")
        expect(rows).to_have_count(3)
        page.get_by_label("Name", exact=True).fill("Morning")
        page.get_by_label("Stands for, s").fill("4")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".notice.wrong")).to_contain_text("scenes.1.dwell_s")
        walls.problems[:] = [one for one in walls.problems if "422" not in one]  # it was refused on purpose
        page.get_by_label("Stands for, s").fill("45")
        rows.nth(2).click()
        page.get_by_role("button", name="Up").click()
        page.get_by_role("button", name="Add a line").click()
        page.get_by_label("Working days").or_(page.get_by_label("Days", exact=True)).first.select_option("working")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".notice.good")).to_contain_text("Saved")
        kept = walls.ask("SELECT area, name, body ->> 'dwell_s' FROM wall_scene WHERE wall = 'lobby' ORDER BY ordinal")
        assert [(area, dwell) for area, _, dwell in kept] == [(city.CITY, "45"), (city.D2, "20"), (city.D1, "20")]
        assert kept[0][1] == "Morning"
        assert walls.ask("SELECT settings -> 'schedule' -> 0 ->> 'days' FROM wall_tour WHERE wall = 'lobby'") == [("working",)]
        with page.expect_download() as loading:
            page.get_by_role("link", name="Export as TOML").click()
        assert 'name = "Morning"' in loading.value.path().read_text("utf-8")
        assert_no_barriers(page, "the page of scenes")
