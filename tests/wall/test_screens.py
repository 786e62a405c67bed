"""Screens of walls: what they tell, who sees it, pictures, proof of play, silence, and cases that break in."""

import html
import io
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from case_door import Door, open_door
from databases import FreshDatabase
from PIL import Image

from data.core.errors import NotOpen
from data.core.viewer import Viewer
from data.wall import interrupting, screens
from data.wall.interrupting import LEAD_S, interrupt_walls, newest_event
from data.wall.screens import Beat, take_beat
from data.wall.watching import forget_old, tell_silent

pytestmark = pytest.mark.slow
PEOPLE = {
    "zhou": ("supervisor", city.CITY),
    "lin": ("dispatcher", city.CITY),
    "wei": ("supervisor", city.D1),
    "chen": ("grid_worker", city.CITY),
    "sun": ("auditor", city.CITY),
    "wall": ("wall", city.CITY),
    "other wall": ("wall", city.CITY),
}
NOW = datetime.now(UTC)


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


def new_id() -> str:
    return secrets.token_hex(16)


async def beat(door: Door, screen: str, who: str = "wall", **more: Any) -> httpx.Response:
    told = {"part": "2/3", "scene": "全市", "version": "0.3", "data_age_s": 2.5, "fps": 59.9, "heap_mb": 120, "size": "1920x1080"}
    return await door.post(who, "/api/wall/screens/heartbeat", {"screen": screen, "wall": "main", **told, **more})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def jpeg(width: int = 64, quality: int = 80) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((width, width), 90).convert("RGB").save(made, "JPEG", quality=quality)
    return made.getvalue()


def play(first: datetime, seconds: float = 20, **more: Any) -> dict[str, Any]:
    ms = round(first.timestamp() * 1000)
    told = {"from_ms": ms, "until_ms": ms + round(seconds * 1000), "scene": "全市", "kind": "scene", "tour_version": "3", "data_version": 9}
    return {**told, **more}


def facts_of(page: httpx.Response) -> dict[str, Any]:
    """What the page of a wall tells its script."""
    found = re.search(r'data-desk="([^"]*)"', page.text)
    assert page.status_code == 200 and found, page.text[:300]
    return dict(json.loads(html.unescape(found[1])))


# ---- What a screen tells ----


async def test_a_screen_is_listed_with_what_it_told_last(door: Door) -> None:
    screen = new_id()
    assert (await beat(door, screen, fps=30)).status_code == 200
    told = (await beat(door, screen)).json()
    assert (told["picture"], told["version"]) == (False, "0")
    assert told["screen"] == {
        "title": "",
        "height_m": None,
        "distance_m": None,
        "layout": None,
        "part": None,
        "scenes": None,
        "watched": True,
    }
    listed = {one["id"]: one for one in (await door.get("lin", "/api/wall/screens")).json()["screens"]}
    row = listed[screen]
    assert (row["wall"], row["part"], row["scene"], row["fps"], row["silent"], row["size"]) == (
        "main",
        "2/3",
        "全市",
        59.9,
        False,
        "1920x1080",
    )
    assert screen not in {one["id"] for one in (await door.get("wei", "/api/wall/screens")).json()["screens"]}, (
        "her area does not hold the wall"
    )
    assert refused(await door.get("wall", "/api/wall/screens")) == (403, "not_open")


async def test_settings_of_a_screen_come_with_its_heartbeat(door: Door) -> None:
    screen = new_id()
    await beat(door, screen)
    settings = {"title": "Left", "height_m": 2.7, "distance_m": 8, "layout": "double", "part": "2/3", "scenes": "each", "watched": False}
    assert (await door.post("zhou", f"/api/wall/screens/{screen}", settings)).status_code == 204
    assert (await beat(door, screen)).json()["screen"] == settings
    for who, address, known in (
        ("wall", f"/wall?id={screen}", True),
        ("wall", "/wall", False),
        ("wall", f"/wall?id={new_id()}", False),
        ("wall", "/wall?id=1", False),
        ("other wall", f"/wall?id={screen}", False),
        ("zhou", f"/wall?id={screen}", False),
    ):
        told = facts_of(await door.client.get(address, headers={"cookie": f"gridwell-session-8050={door.people[who].session}"}))
        assert told["screen"] == (settings if known else None), "a browser that forgets knows its own settings from the page"
    for who in ("lin", "wall"):
        assert refused(await door.post(who, f"/api/wall/screens/{screen}", settings)) == (403, "not_open")
    assert refused(await door.post("wei", f"/api/wall/screens/{screen}", settings)) == (404, "unknown_object")
    for wrong in (
        {"height_m": 0},
        {"layout": "round"},
        {"distance_m": 201},
        {"watched": 1},
        {"part": "3/2"},
        {"part": "1"},
        {"scenes": "all"},
    ):
        assert refused(await door.post("zhou", f"/api/wall/screens/{screen}", wrong)) == (422, "bad_input")


@pytest.mark.parametrize("wrong", [
    {"screen": "short"}, {"part": "0/3"}, {"size": "big"}, {"fps": -1}, {"heap_mb": "much"}, {"scene": "x" * 61}, {"more": 1},
    {"plays": [{"from_ms": 1, "until_ms": 2, "kind": "dance"}]}, {"plays": [{"from_ms": -1}]}, {"plays": [{}] * 501},
])  # fmt: skip
async def test_what_no_screen_tells_is_refused(door: Door, wrong: dict[str, Any]) -> None:
    told = {"screen": new_id(), **wrong}
    assert refused(await door.post("wall", "/api/wall/screens/heartbeat", told)) == (422, "bad_input")


async def test_a_screen_belongs_to_its_account_and_an_account_has_not_too_many(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = new_id()
    await beat(door, screen)
    assert refused(await beat(door, screen, "other wall")) == (403, "not_open")
    assert refused(await beat(door, new_id(), city="nowhere")) in ((404, "unknown_city"), (403, "not_open"))
    assert screens.MOST_SCREENS == 32
    monkeypatch.setattr(screens, "MOST_SCREENS", 0)
    assert refused(await beat(door, new_id(), "other wall")) == (409, "too_many_screens")
    assert (await beat(door, screen)).status_code == 200, "those that are known go on"


async def test_nobody_tells_for_the_screen_of_another_account(door: Door, owner: psycopg.Connection[Any]) -> None:
    """Somebody who may steer the wall changes settings of its screens, but is none of them."""
    screen, at = new_id(), datetime.now(UTC) - timedelta(minutes=1)
    await beat(door, screen, scene="mine")
    for who in ("lin", "zhou", "wei"):
        assert refused(await beat(door, screen, who, scene="forged", plays=[play(at)])) == (403, "not_open"), who
    rows = owner.execute("SELECT account, body ->> 'scene' FROM wall_screen WHERE id = %s", [screen]).fetchall()
    assert rows == [(door.people["wall"].name, "mine")]
    assert owner.execute("SELECT count(*) FROM wall_play WHERE screen = %s", [screen]).fetchone() == (0,)


async def test_only_displays_and_presenters_have_screens(door: Door) -> None:
    for who in ("chen", "sun"):
        assert refused(await beat(door, new_id(), who)) == (403, "not_open"), who
        picture = await door.client.post(f"/api/wall/screens/{new_id()}/picture", content=jpeg(), headers=door.token(who))
        assert refused(picture) == (403, "not_open"), who
    with pytest.raises(NotOpen):
        await take_beat(Viewer("sun", role="auditor", detail="figures"), city.CITY, Beat(new_id(), "main", {}), NOW)
    assert (await beat(door, new_id(), "lin")).status_code == 200
    assert (await beat(door, new_id(), "wall")).status_code == 200


async def test_a_picture_comes_when_somebody_asks_and_only_then(door: Door) -> None:
    screen, picture = new_id(), jpeg()
    await beat(door, screen)

    async def send(body: bytes, who: str = "wall") -> httpx.Response:
        return await door.client.post(f"/api/wall/screens/{screen}/picture", content=body, headers=door.token(who))

    assert refused(await send(picture)) == (404, "unknown_object"), "nobody asked"
    assert (await door.post("lin", f"/api/wall/screens/{screen}/want-picture", {})).status_code == 204
    assert (await beat(door, screen)).json()["picture"]
    for wrong in (b"", b"\xff\xd8\xff no picture", jpeg(400, 100), picture[:-4]):
        assert refused(await send(wrong)) == (422, "no_picture")
    assert refused(await send(picture, "other wall")) == (404, "unknown_object")
    assert (await send(picture)).status_code == 204
    assert not (await beat(door, screen)).json()["picture"]
    shown = await door.get("lin", f"/api/wall/screens/{screen}/picture")
    assert (shown.content, shown.headers["content-type"], shown.headers["cache-control"]) == (picture, "image/jpeg", "no-store")
    assert refused(await door.get("wei", f"/api/wall/screens/{screen}/picture")) == (404, "unknown_object")
    assert (await door.post("zhou", f"/api/wall/screens/{screen}/forget", {})).status_code == 204
    assert refused(await door.get("lin", f"/api/wall/screens/{screen}/picture")) == (404, "unknown_object")


# ---- Proof of play ----


async def test_what_was_shown_is_kept_once(door: Door) -> None:
    screen, now = new_id(), datetime.now(UTC).replace(microsecond=0)
    plays = [play(now - timedelta(seconds=40)), play(now - timedelta(seconds=20), kind="hold", scene="二区")]
    late = [play(now - timedelta(days=7, seconds=1)), play(now + timedelta(hours=1))]
    for _ in range(2):
        assert (await beat(door, screen, plays=[*plays, *late])).status_code == 200
    told = (await door.get("lin", "/api/wall/plays", wall="main")).json()["plays"]
    own = [one for one in told if one["screen"] == screen[:8]]
    assert [(one["scene"], one["kind"], one["data_version"], one["tour_version"]) for one in own] == [
        ("全市", "scene", 9, "3"),
        ("二区", "hold", 9, "3"),
    ]
    assert (datetime.fromisoformat(own[0]["until"]) - datetime.fromisoformat(own[0]["from"])).total_seconds() == 20
    assert [one["screen"] for one in (await door.get("lin", "/api/wall/plays", wall="nothing")).json()["plays"]] == []
    file = await door.get("lin", "/api/wall/plays", format="csv")
    assert screen[:8] in file.text and "Presenter" in file.text
    workbook = await door.get("lin", "/api/wall/plays", format="xlsx")
    assert workbook.content.startswith(b"PK")
    assert (await door.get("wei", "/api/wall/plays")).json()["plays"] == []
    assert refused(await door.get("lin", "/api/wall/plays", **{"from": "2026-01-01", "to": "2026-12-31"})) == (422, "bad_period")


async def test_what_is_old_is_forgotten(door: Door, owner: psycopg.Connection[Any]) -> None:
    screen, now = new_id(), datetime.now(UTC)
    await beat(door, screen, plays=[play(now - timedelta(days=2)), play(now - timedelta(hours=1))])
    assert forget_old(owner, now) == 0
    assert forget_old(owner, now + timedelta(days=29)) == 1
    forget_old(owner, now + timedelta(days=91))
    assert owner.execute("SELECT count(*) FROM wall_screen WHERE id = %s", [screen]).fetchone() == (0,)


# ---- Silence ----


async def test_silence_is_told_once_and_so_is_the_return(door: Door, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM wall_screen")
    screen, quiet = new_id(), new_id()
    await door.post("zhou", "/api/wall/tour", {"wall": "main", "settings": {"alarm": ["duty@city.example", "https://hooks.example/x"]}})
    await beat(door, screen)
    await beat(door, quiet)
    await door.post("zhou", f"/api/wall/screens/{quiet}", {"watched": False})
    await door.post("zhou", f"/api/wall/screens/{screen}", {"title": "Left"})
    seen = datetime.now(UTC)
    assert tell_silent(owner, seen + timedelta(seconds=100)) == (0, 0)
    assert tell_silent(owner, seen + timedelta(seconds=160)) == (1, 0), "the other one is not watched"
    assert tell_silent(owner, seen + timedelta(seconds=600)) == (0, 0), "once"
    owner.execute("UPDATE wall_screen SET told_at = %s WHERE told_at IS NOT NULL", [seen - timedelta(seconds=1)])
    await beat(door, screen)
    assert tell_silent(owner, datetime.now(UTC)) == (0, 1)
    assert tell_silent(owner, datetime.now(UTC)) == (0, 0)
    rows = owner.execute("SELECT channel, target, body ->> 'type', body ->> 'screen' FROM notice ORDER BY id").fetchall()
    assert rows == [
        ("mail", "duty@city.example", "wall.silent", "Left"),
        ("hook", "https://hooks.example/x", "wall.silent", "Left"),
        ("mail", "duty@city.example", "wall.back", "Left"),
        ("hook", "https://hooks.example/x", "wall.back", "Left"),
    ]


# ---- Cases that break in ----


def happen(owner: psycopg.Connection[Any], step: str, severity: int, cell: str = city.C1, category: str = "env") -> int:
    """A live event of a case; returns its number."""
    row = owner.execute(
        "INSERT INTO live_event (seq, city, kind, grid, path, category, body) SELECT last + 1, %s, 'case', %s, %s::text::ltree, %s,"
        " jsonb_build_object('step', %s::text, 'severity', %s::int, 'left', false) FROM live_state RETURNING seq",
        [city.CITY, cell, city.path_of(cell), category, step, severity],
    ).fetchone()
    assert row is not None
    owner.execute("UPDATE live_state SET last = %s", [row[0]])
    return int(row[0])


async def turns(door: Door) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await door.get("wall", "/api/wall/tour")).json()["turns"]
    return found


async def test_a_serious_case_breaks_in_and_the_tour_goes_on_where_it_was(
    door: Door, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.execute("DELETE FROM wall_turn")
    await beat(door, new_id())
    assert (await door.post("zhou", "/api/wall/tour", {"wall": "main"})).status_code == 200
    owner.execute("UPDATE wall_tour SET epoch_at = now() - interval '100 seconds', set_at = now() - interval '100 seconds'")
    now, after = datetime.now(UTC), newest_event(owner)
    happen(owner, "report", 1)
    newest, made = interrupt_walls(owner, after, now)
    assert (newest, made) == (after + 1, 1)
    (turn,) = await turns(door)
    assert turn["kind"] == "serious" and turn["until_ms"] - turn["from_ms"] == 25_000
    assert turn["from_ms"] == pytest.approx(now.timestamp() * 1000 + LEAD_S * 1000, abs=1)
    assert {name: turn["case"][name] for name in ("category", "severity", "area")} == {"category": "env", "severity": 1, "area": city.C1}
    assert turn["case"].keys() == {
        *("category", "category_name", "category_name_en", "severity", "lon", "lat", "area", "area_name", "area_name_en")
    }, "neither number nor text"
    assert turn["look"]["area"] == city.C1
    told = (await door.get("wall", "/api/wall/tour")).json()
    assert told["set_ms"] == told["epoch_ms"] < turn["from_ms"], "whoever is not told of the case keeps the tour"
    assert interrupt_walls(owner, newest, now) == (newest, 0), "nothing is new"
    before = (told["version"], told["epoch_ms"])
    monkeypatch.setattr(interrupting, "MOST_TURNS", 1)
    happen(owner, "report", 1)
    later = now + timedelta(seconds=300)
    assert interrupt_walls(owner, newest, later)[1] == 1
    told = (await door.get("wall", "/api/wall/tour")).json()
    assert int(told["version"]) == int(before[0]) + 1
    assert told["set_ms"] == pytest.approx(later.timestamp() * 1000 + LEAD_S * 1000, abs=1), "where there are many, it is set anew"
    assert told["set_ms"] - told["epoch_ms"] == pytest.approx(told["set_ms"] - before[1] - 25_000, abs=2), "and goes on where it was"


async def test_what_does_not_break_in(door: Door, owner: psycopg.Connection[Any]) -> None:
    await beat(door, new_id())
    assert (await door.post("zhou", "/api/wall/tour", {"wall": "main"})).status_code == 200
    for step, severity, category, why in (
        ("report", 2, "env", "only critical ones"),
        ("remark", 1, "env", "nothing new"),
        ("late_1", 1, "env", "only at three times"),
    ):
        owner.execute("DELETE FROM wall_turn")
        after = newest_event(owner)
        happen(owner, step, severity, category=category)
        assert interrupt_walls(owner, after, datetime.now(UTC))[1] == 0, why
    owner.execute("UPDATE category SET sensitive = true WHERE code = 'env'")
    try:
        after = newest_event(owner)
        happen(owner, "report", 1)
        assert interrupt_walls(owner, after, datetime.now(UTC))[1] == 0, "sensitive"
    finally:
        owner.execute("UPDATE category SET sensitive = false WHERE code = 'env'")


async def test_nothing_breaks_into_what_a_presenter_holds_nor_too_often(door: Door, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM wall_screen")
    owner.execute("DELETE FROM wall_turn")
    await beat(door, new_id())
    assert (await door.post("zhou", "/api/wall/tour", {"wall": "main"})).status_code == 200
    assert (await door.post("lin", "/api/wall/remote", {"do": "hold"})).status_code == 200
    after, now = newest_event(owner), datetime.now(UTC)
    happen(owner, "late_3", 3)
    assert interrupt_walls(owner, after, now)[1] == 0, "held"
    assert (await door.post("lin", "/api/wall/remote", {"do": "resume"})).status_code == 200
    assert interrupt_walls(owner, after, now + timedelta(seconds=5))[1] == 1
    for seconds, made in ((20, 0), (190, 0), (230, 1)):
        assert interrupt_walls(owner, after, now + timedelta(seconds=seconds))[1] == made, seconds
    await door.post("zhou", "/api/wall/tour", {"wall": "main", "settings": {"interrupt": {"late_3": False}}})
    assert interrupt_walls(owner, after, now + timedelta(seconds=900))[1] == 0, "not wanted"
    owner.execute("UPDATE wall_screen SET seen_at = now() - interval '11 minutes'")
    owner.execute("UPDATE wall_tour SET settings = '{}'")
    assert interrupt_walls(owner, after, now + timedelta(seconds=900))[1] == 0, "no screen is there to see it"
