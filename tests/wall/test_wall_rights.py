"""What PostgreSQL itself holds about walls: who has screens, who tells for one, who hears of a case that breaks in. And the audit log."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio
import small_city as city
from case_door import Door, open_door
from databases import FreshDatabase
from psycopg.types.json import Jsonb
from rights_tools import refused, seeing, viewer_of

from data.accounts.guest import guest
from data.accounts.tokens import WARNED_DAYS
from data.core.roles import DETAILS, ROLES
from data.core.viewer import Viewer
from data.doctor import installation
from data.wall import plays
from data.wall.interrupting import _walls_of
from data.wall.scenes import read_tour
from data.wall.watching import ILL_FOR, tell_ill, tell_silent

pytestmark = pytest.mark.slow
DENIED = "42501"
PEOPLE = {
    "zhou": ("supervisor", city.CITY),
    "lin": ("dispatcher", city.CITY),
    "wall": ("wall", city.CITY),
}


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as owner:
            owner.execute("UPDATE city SET as_of = NULL")
        yield url


@pytest.fixture
def owner(town: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(town, autocommit=True) as connection:
        yield connection


@pytest_asyncio.fixture
async def door(town: str) -> AsyncIterator[Door]:
    async with open_door(PEOPLE) as made:
        yield made


async def beat(door: Door, who: str = "wall", screen: str = "", **more: Any) -> str:
    screen = screen or secrets.token_hex(16)
    answer = await door.post(who, "/api/wall/screens/heartbeat", {"screen": screen, "wall": "main", **more})
    assert answer.status_code == 200, answer.text
    return screen


# ---- The audit log ----


async def test_every_change_of_a_wall_is_in_the_audit_log(door: Door, owner: psycopg.Connection[Any]) -> None:
    screen = await beat(door)
    scene = {"name": "全市", "area": city.CITY}
    assert (await door.post("zhou", "/api/wall/tour", {"wall": "main", "scenes": [scene], "settings": {}})).status_code == 200
    assert (await door.post("lin", "/api/wall/remote", {"do": "show", "area": city.D1, "for_s": 60})).status_code == 200
    assert (await door.post("lin", "/api/wall/remote", {"do": "resume"})).status_code == 200
    assert (await door.post("zhou", f"/api/wall/screens/{screen}", {"title": "Left"})).status_code == 204
    assert (await door.post("zhou", f"/api/wall/screens/{screen}/forget", {})).status_code == 204
    assert (await door.post("wall", "/api/wall/remote", {"do": "next"})).status_code == 403
    assert (await door.post("lin", "/api/wall/remote", {"do": "scene", "scene": 999})).status_code == 422
    found = owner.execute("SELECT account, role, action, subject, detail FROM audit_log WHERE action LIKE 'wall%' ORDER BY no").fetchall()
    zhou, lin = door.people["zhou"].name, door.people["lin"].name
    assert [row[:4] for row in found] == [
        (zhou, "supervisor", "wall_tour", f"{city.CITY}/main"),
        (lin, "dispatcher", "wall_steered", f"{city.CITY}/main"),
        (lin, "dispatcher", "wall_steered", f"{city.CITY}/main"),
        (zhou, "supervisor", "wall_screen", f"{city.CITY}/main/{screen}"),
        (zhou, "supervisor", "wall_screen_forgotten", f"{city.CITY}/main/{screen}"),
    ], "what is refused is not there"
    assert found[0][4]["scenes"] == 1 and found[1][4] == {"do": "show", "area": city.D1, "seconds": 60}
    assert (found[2][4], found[3][4]["title"]) == ({"do": "resume"}, "Left")
    assert owner.execute("SELECT changed_by FROM wall_tour").fetchone() == (lin,), "steering is a change, too"


# ---- Screens ----


def _somebody(role: str, detail: Any) -> Viewer:
    return replace(viewer_of(city.CITY, detail), role=role, name="somebody")


def test_the_database_lets_the_same_accounts_have_screens_as_the_product(owner: psycopg.Connection[Any]) -> None:
    owner.execute("INSERT INTO account (name, shown, role, detail) VALUES ('somebody', 'S', 'wall', 'figures')")
    insert = "INSERT INTO wall_screen (id, city, wall) VALUES (%s, %s, 'main')"
    try:
        for role in ROLES:
            for detail in DETAILS:
                viewer = _somebody(role, detail)
                with seeing(viewer) as connection:
                    allowed = refused(connection, insert, secrets.token_hex(16), city.CITY) == ""
                assert allowed == viewer.shows_walls, (role, detail)
    finally:
        owner.execute("DELETE FROM account WHERE name = 'somebody'")


async def test_the_database_lets_nobody_tell_for_another_screen(door: Door) -> None:
    screen = await beat(door, scene="mine")
    presenter = replace(viewer_of(city.CITY, "cases"), role="dispatcher", name=door.people["lin"].name)
    with seeing(presenter) as connection:
        for change in ("body = '{}'", "seen_at = now()", "picture = '\\xff'", "city = city || 'x'", "wall = 'other'"):
            assert refused(connection, f"UPDATE wall_screen SET {change} WHERE id = %s", screen) == DENIED, change
        assert refused(connection, "UPDATE wall_screen SET wanted_at = now() WHERE id = %s", screen) == "", "a wish is theirs"


# ---- Cases that break in ----


async def test_a_case_that_breaks_in_is_told_inside_the_scope_alone(door: Door, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM wall_turn")
    owner.execute("INSERT INTO wall_tour (city, wall, area, epoch_at, set_at) VALUES (%s, 'main', %s, now(), now()) ON CONFLICT DO NOTHING",
                  [city.CITY, city.CITY])  # fmt: skip
    told = {"category": "env", "category_name": "", "category_name_en": "", "severity": 1, "lon": 1, "lat": 1}
    for kind, code, body in (("serious", city.C1, {"case": told}), ("hold", city.D2, {"look": {"area": city.D2}})):
        owner.execute(
            "INSERT INTO wall_turn (city, wall, kind, from_at, until_at, area, body)"
            " VALUES (%s, 'main', %s, now(), now() + interval '1 hour', %s, %s)",
            [city.CITY, kind, code, Jsonb(body)],
        )
    for scope, figures, seen in (
        (city.CITY, None, {"serious", "hold"}),
        (city.C1, city.CITY, {"serious", "hold"}),
        (city.D2, city.CITY, {"hold"}),
        (city.D2, None, {"hold"}),
        (city.D1, None, {"serious"}),
        (city.ZONE, city.CITY, {"hold"}),
    ):
        viewer = replace(viewer_of(scope, "figures", figures), role="wall")
        turns = (await read_tour(viewer, city.CITY, "main")).turns
        assert {one["kind"] for one in turns} == seen, (scope, figures)


def test_a_case_breaks_only_into_walls_with_a_screen_that_may_hear_of_it(owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM wall_screen")
    for scope in (city.CITY, city.D1, city.D2, city.ZONE, "*"):
        name = {"*": "all"}.get(scope, scope)
        owner.execute("INSERT INTO account (name, shown, role, detail, scope) VALUES (%s, 'S', 'wall', 'figures', %s)", [name, scope])
        owner.execute(
            "INSERT INTO wall_screen (id, account, city, wall) VALUES (%s, %s, %s, %s)",
            [secrets.token_hex(16), name, city.CITY, f"w{name}"],
        )

    def walls(cell: str) -> set[str]:
        return set(_walls_of(owner, {"city": city.CITY, "grid": cell}, datetime.now(UTC)))

    try:
        assert walls(city.C1) == {f"w{city.CITY}", f"w{city.D1}", "wall"}
        assert walls(city.C5) == {f"w{city.CITY}", f"w{city.D2}", f"w{city.ZONE}", "wall"}
    finally:
        owner.execute(
            "DELETE FROM account WHERE role = 'wall' AND password_hash IS NULL AND totp_secret IS NULL AND name NOT LIKE 'guest-%'"
        )


# ---- Proof of play is bounded ----


async def test_a_screen_proves_so_many_scenes_a_day_and_no_more(
    door: Door, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plays.MOST_A_DAY >= 24 * 3600 / 5, "a scene stands for five seconds at least"
    monkeypatch.setattr(plays, "MOST_A_DAY", 5)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    def shown(day: int, first: int, count: int) -> list[dict[str, Any]]:
        begins = [today - timedelta(days=day) + timedelta(seconds=10 * (first + n)) for n in range(count)]
        return [{"from_ms": one.timestamp() * 1000, "until_ms": one.timestamp() * 1000 + 5_000, "scene": "全市"} for one in begins]

    screen, body = secrets.token_hex(16), {"wall": "main"}

    async def tell(*told: list[dict[str, Any]]) -> int:
        answer = await door.post(
            "wall", "/api/wall/screens/heartbeat", {"screen": screen, **body, "plays": [one for day in told for one in day]}
        )
        return int(answer.json()["left_out"])

    assert await tell(shown(2, 0, 3), shown(1, 0, 7)) == 2, "of one day seven, and five are kept"
    assert await tell(shown(2, 0, 3)) == 0, "told twice"
    assert await tell(shown(2, 0, 6)) == 1, "three are there, so two more"

    async def listed() -> int:
        return next(int(one["left_out"]) for one in (await door.get("lin", "/api/wall/screens")).json()["screens"] if one["id"] == screen)

    assert await tell([]) == 0 and await listed() == 3, "it stays in the list"
    owner.execute("""UPDATE wall_screen SET body = body || '{"left_on": "2020-01-01"}' WHERE id = %s""", [screen])
    assert await tell([]) == 0 and await listed() == 0, "for its day"
    assert await tell(shown(8, 0, 2)) == 0, "older than a week"
    found = owner.execute("SELECT count(*) FROM wall_play WHERE screen = %s GROUP BY from_at::date", [screen]).fetchall()
    assert found == [(5,), (5,)]


# ---- Alarms ----


async def test_a_stored_address_that_can_be_none_is_not_used(door: Door, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM wall_screen")
    owner.execute("DELETE FROM notice")
    await beat(door)
    bad = ["http://10.0.0.1/x", "ftp://a.example", "nobody", "a@b\nBcc: c@d"]
    owner.execute("UPDATE wall_tour SET alarm = %s", [[*bad, "duty@city.example"]])
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert tell_silent(owner, later) == (1, 0)
    assert owner.execute("SELECT target, failure FROM notice").fetchall() == [("duty@city.example", "not_set")]
    owner.execute("UPDATE wall_screen SET told_at = NULL")
    owner.execute("UPDATE wall_tour SET alarm = %s", [bad])
    owner.execute("INSERT INTO escalation_rule (city, area, factor, role, mail) VALUES (%s, %s, 1, 'r', 'late@city.example')",
                  [city.CITY, city.CITY])  # fmt: skip
    assert tell_silent(owner, later) == (1, 0)
    assert {row[0] for row in owner.execute("SELECT target FROM notice").fetchall()} == {"duty@city.example", "late@city.example"}


async def test_a_screen_that_is_not_well_is_told_of_once_and_so_is_its_recovery(door: Door, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM wall_screen")
    owner.execute("DELETE FROM notice")
    owner.execute("UPDATE wall_tour SET alarm = ARRAY['duty@city.example']")
    dark, old = await beat(door, webgl=False), await beat(door, data_age_s=601)
    await beat(door, data_age_s=600), await beat(door, webgl=True)
    unwatched = await beat(door, webgl=False)
    await door.post("zhou", f"/api/wall/screens/{unwatched}", {"watched": False})
    listed = {one["id"]: one["ill"] for one in (await door.get("lin", "/api/wall/screens")).json()["screens"]}
    assert (listed[dark], listed[old]) == ("no_map", "stale") and list(listed.values()).count(None) == 2
    now = datetime.now(UTC)
    assert tell_ill(owner, now) == (0, 0), "not at once"
    assert tell_ill(owner, now + ILL_FOR - timedelta(seconds=1)) == (0, 0)
    assert tell_ill(owner, now + ILL_FOR) == (2, 0)
    assert tell_ill(owner, now + ILL_FOR) == (0, 0), "once"
    await beat(door, screen=dark, webgl=True)
    assert tell_ill(owner, now + ILL_FOR) == (0, 1)
    await beat(door, screen=dark, webgl=False)
    assert tell_ill(owner, now + ILL_FOR) == (0, 0), "it begins anew"
    await beat(door, screen=dark)
    assert tell_ill(owner, now + ILL_FOR * 3) == (0, 0) and tell_silent(owner, now + ILL_FOR * 3) == (4, 0), "silent ones are told as such"
    told = owner.execute(
        "SELECT body ->> 'type', body ->> 'why' FROM notice WHERE body ->> 'type' <> 'wall.silent' ORDER BY 1, 2"
    ).fetchall()
    assert told == [("wall.ill", "no_map"), ("wall.ill", "stale"), ("wall.well", None)]


# ---- Tokens that end ----


async def test_administrators_hear_of_tokens_that_end_soon(door: Door, owner: psycopg.Connection[Any]) -> None:
    screen = await beat(door)
    name = door.people["wall"].name

    def ends(days: float) -> None:
        owner.execute(
            "UPDATE token SET expires_at = now() + make_interval(secs => %s * 86400)"
            " WHERE account_id = (SELECT id FROM account WHERE name = %s)",
            [days, name],
        )

    async def warned() -> tuple[bool, bool, bool]:
        with guest("administrator") as admin:
            page = await door.client.get("/accounts", headers={"accept": "text/html", "cookie": f"gridwell-session-8050={admin.session}"})
        assert page.status_code == 200, page.text[:300]
        row = next(one for one in (await door.get("lin", "/api/wall/screens")).json()["screens"] if one["id"] == screen)
        at = datetime.fromisoformat(row["token_ends_at"])
        found = installation.displays(owner)
        assert found.ok, "a warning"
        return (
            "30 days" in page.text,
            any(one.startswith(f"{name} · guest · ") for one in found.offenders),
            at < datetime.now(UTC) + timedelta(days=WARNED_DAYS),
        )

    ends(WARNED_DAYS + 0.01)
    assert await warned() == (False, False, False)
    ends(WARNED_DAYS - 0.01)
    assert await warned() == (True, True, True)
    owner.execute("UPDATE token SET used_at = now() - interval '3 days' WHERE kind = 'device'")
    with seeing(replace(viewer_of(city.CITY, "cases"), role="dispatcher")) as connection:
        assert {row[0] for row in connection.execute("SELECT wall_token_end(id) FROM wall_screen")} == {None}, (
            "a token that nobody uses any more"
        )
