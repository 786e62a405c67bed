"""Tours of walls through the whole app: made and written, by whom, what breaks in, and what is told of changes."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from case_door import Door, open_door
from databases import FreshDatabase

from data.core.roles import ROLES, may
from data.core.viewer import everything
from data.database import connections
from data.database.connections import connect_owner_async
from data.live.event_pages import read_events
from data.live.sequencer import number_events
from data.migrations import wall_0039
from routes.wall import tour as module

pytestmark = pytest.mark.slow
PEOPLE = {
    "zhou": ("supervisor", city.CITY),
    "lin": ("dispatcher", city.CITY),
    "wei": ("supervisor", city.D1),
    "chen": ("grid_worker", city.CITY),
    "wall": ("wall", city.CITY),
    "street wall": ("wall", city.S1),
}
SCENE = {"name": "全市", "name_en": "City", "area": city.CITY, "measure": "overdue", "layers": ["grid"], "dwell_s": 40}
OTHER = {"name": "二区", "area": city.D2, "playlist": "night", "camera": {"zoom": 13.5, "pitch": 40, "bearing": 0, "orbit_deg_per_s": 0}}


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest_asyncio.fixture
async def door(town: str) -> AsyncIterator[Door]:
    async with open_door(PEOPLE) as made:
        yield made


async def tour(door: Door, who: str = "wall", **asked: Any) -> dict[str, Any]:
    answer = await door.get(who, "/api/wall/tour", **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def save(door: Door, who: str, *scenes: dict[str, Any], wall: str = "main", **more: Any) -> httpx.Response:
    return await door.post(who, "/api/wall/tour", {"wall": wall, "scenes": list(scenes), **more})


async def command(door: Door, who: str, do: str, wall: str = "main", **more: Any) -> httpx.Response:
    return await door.post(who, "/api/wall/remote", {"wall": wall, "do": do, **more})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# ---- What a wall gets ----


async def test_the_clock_is_the_servers(door: Door) -> None:
    before = datetime.now(UTC).timestamp() * 1000
    told = (await door.get("wall", "/api/wall/time")).json()["server_time_ms"]
    assert before <= told <= datetime.now(UTC).timestamp() * 1000


async def test_a_wall_that_nobody_has_edited_goes_round_its_area(door: Door) -> None:
    whole, street = await tour(door), await tour(door, "street wall")
    assert (whole["made"], whole["version"], whole["epoch_ms"], whole["turns"]) == (True, "0", 0, [])
    assert [one["area"] for one in whole["scenes"]] == [city.CITY, city.D1, city.D2]
    assert [one["dwell_s"] for one in whole["scenes"]] == [40, 20, 20]
    west, south, east, north = whole["scenes"][0]["bbox"]
    assert west < east and south < north
    assert {one["area"] for one in street["scenes"]} >= {city.S1} and street["scenes"][0]["area"] == city.S1
    assert all(one["id"] < 0 for one in whole["scenes"])
    assert whole["plan"] == [{"from_ms": 0, "playlist": "day"}]


async def test_a_written_tour_is_kept_and_told(door: Door) -> None:
    heard = await _position()
    made = await save(
        door, "zhou", SCENE, OTHER, seen="0", settings={"schedule": [{"playlist": "night", "from": "22:00", "until": "06:00"}]}
    )
    assert made.status_code == 200, made.text
    kept = made.json()
    assert [one["name"] for one in kept["scenes"]] == ["全市", "二区"] and kept["may_change"]
    told = await tour(door)
    assert (told["made"], told["version"]) == (False, kept["version"])
    first = told["scenes"][0]
    assert {name: first[name] for name in SCENE} == SCENE
    assert (first["area_name"], first["level"], first["zone"], first["playlist"]) == (first["area_name"], "city", None, "day")
    assert told["scenes"][1]["camera"] == OTHER["camera"]
    assert {one["playlist"] for one in told["plan"]} == {"day", "night"}
    events = await _events_since(heard, everything(detail="figures"))
    assert {"wall": "main", "version": kept["version"]} in events
    assert (await tour(door, preview=first["id"]))["scenes"] == [first]
    assert refused(await door.get("wall", "/api/wall/tour", preview=999)) == (422, "bad_input")


async def _position() -> int:
    return (await read_events(everything(detail="figures"), None)).position.last


async def _events_since(seq: int, viewer: Any) -> list[dict[str, Any]]:
    """Bodies of events on walls, once they are numbered as the keeper does it."""
    connection = await connect_owner_async("test")
    async with connection:
        await number_events(connection)
    text = (await read_events(viewer, seq)).encoded.decode()
    parts = [dict(line.partition(": ")[::2] for line in part.splitlines()) for part in text.split("\n\n") if part]
    return [json.loads(part["data"]) for part in parts if part["event"] == "wall"]


async def test_numbers_of_scenes_stay_and_whoever_was_slower_is_told(door: Door) -> None:
    first = (await save(door, "zhou", SCENE, OTHER, wall="numbers")).json()
    changed = {**SCENE, "id": first["scenes"][0]["id"], "name": "A"}
    second = (await save(door, "zhou", OTHER, changed, wall="numbers", seen=first["version"])).json()
    assert [one["name"] for one in second["scenes"]] == ["二区", "A"]
    assert second["scenes"][1]["id"] == first["scenes"][0]["id"]
    assert second["scenes"][0]["id"] not in {one["id"] for one in first["scenes"]}
    assert refused(await save(door, "zhou", SCENE, wall="numbers", seen=first["version"])) == (409, "tour_changed")
    empty = (await save(door, "zhou", wall="numbers", seen=second["version"])).json()
    assert empty["made"] and empty["version"] != second["version"], "without scenes it is the city's again"


@pytest.mark.parametrize(("scene", "field"), [
    ({"area": city.CITY}, "scenes.1.name"),
    ({"name": "x"}, "scenes.1.area"),
    ({**SCENE, "dwell_s": 4}, "scenes.1.dwell_s"),
    ({**SCENE, "dwell_s": 3601}, "scenes.1.dwell_s"),
    ({**SCENE, "layers": ["nothing"]}, "scenes.1.layers"),
    ({**SCENE, "measure": "nothing"}, "scenes.1.measure"),
    ({**SCENE, "camera": {"pitch": 61}}, "scenes.1.camera.pitch"),
    ({**SCENE, "playlist": "Not a word"}, "scenes.1.playlist"),
    ({**SCENE, "name": "a\u202eb"}, "scenes.1.name"),
    ({**SCENE, "more": 1}, "scenes.1.more"),
])  # fmt: skip
async def test_a_scene_that_cannot_be_one_is_refused_at_its_field(door: Door, scene: dict[str, Any], field: str) -> None:
    answer = await save(door, "zhou", scene, wall="bad")
    assert refused(answer) == (422, "bad_input") and answer.json()["error"]["facts"]["field"] == field
    assert (await tour(door, wall="bad"))["version"] == "0", "nothing was kept"


@pytest.mark.parametrize(("settings", "field"), [
    ({"schedule": [{"playlist": "x", "from": "25:00", "until": "06:00"}]}, "schedule.1.from"),
    ({"schedule": [{"playlist": "x", "from": "08:00", "until": "09:00", "weekdays": [8]}]}, "schedule.1.weekdays"),
    ({"brightness": [1] * 23}, "brightness"),
    ({"brightness": [0.1] * 24}, "brightness"),
    ({"interrupt": {"stays_s": 4}}, "interrupt.stays_s"),
    ({"pixel_shift": {"px": 21}}, "pixel_shift.px"),
    ({"alarm": ["nobody"]}, "alarm"),
    ({"alarm": ["a@b.c,<"]}, "alarm"),
    ({"alarm": ["a@b.c\nBcc: x@y.z"]}, "alarm"),
    ({"alarm": ["http://hooks.example/x"]}, "alarm"),
    ({"alarm": ["x://a@b.c"]}, "alarm"),
])  # fmt: skip
async def test_settings_that_cannot_be_used_are_refused(door: Door, settings: dict[str, Any], field: str) -> None:
    answer = await save(door, "zhou", SCENE, wall="bad", settings=settings)
    assert refused(answer) == (422, "bad_input") and answer.json()["error"]["facts"]["field"] == field


async def test_an_area_that_is_not_there_is_no_scene(door: Door) -> None:
    assert refused(await save(door, "zhou", {**SCENE, "area": "nowhere"})) == (404, "unknown_area")


async def test_a_file_says_the_same(door: Door) -> None:
    settings = {"schedule": [{"playlist": "night", "from": "22:00", "until": "06:00", "days": "working", "weekdays": [1, 2]}]}
    kept = (await save(door, "zhou", {**SCENE, "name": 'a "b" \\ c'}, OTHER, wall="file", settings={**settings, "alarm": ["a@b.c"]})).json()
    written = (await door.get("zhou", "/api/wall/tour.toml", wall="file")).text
    again = (await door.post("zhou", "/api/wall/tour", {"wall": "copy", "toml": written})).json()
    without = [{name: value for name, value in one.items() if name != "id"} for one in kept["scenes"]]
    assert [{name: value for name, value in one.items() if name != "id"} for one in again["scenes"]] == without
    assert again["settings"] == kept["settings"] and kept["settings"]["alarm"] == ["a@b.c"]
    assert "a@b.c" not in (await door.get("lin", "/api/wall/tour.toml", wall="file")).text
    assert refused(await door.get("wall", "/api/wall/tour.toml", wall="file")) == (403, "not_open")
    assert "a@b.c" not in (await door.get("wall", "/api/wall/tour", wall="file")).text
    bad = await door.post("zhou", "/api/wall/tour", {"wall": "copy", "toml": "scenes = ["})
    assert refused(bad) == (422, "unreadable_toml")
    deep = await door.post("zhou", "/api/wall/tour", {"wall": "copy", "toml": ".".join("a" * 60_000) + " = 1"})
    assert refused(deep) == (422, "unreadable_toml")
    assert deep.json()["error"]["sentence"] == "This is not TOML that can be read: a line is too long"
    assert refused(await door.post("wei", "/api/wall/tour", {"wall": "copy", "toml": "scenes = ["})) == (403, "not_open"), "not even read"


# ---- By whom ----


@pytest.mark.parametrize(("who", "saves", "steers"), [
    ("zhou", 200, 200), ("lin", 403, 200), ("wei", 403, 403), ("chen", 403, 403), ("wall", 403, 403)
])  # fmt: skip
async def test_a_tour_is_changed_and_steered_by_whom_it_belongs_to(door: Door, who: str, saves: int, steers: int) -> None:
    assert (await save(door, who, SCENE, wall="rights")).status_code == saves
    assert (await command(door, who, "hold", wall="rights")).status_code == steers


async def test_a_wall_can_be_given_to_those_of_a_part(door: Door) -> None:
    in_d1 = {**SCENE, "area": city.D1}
    assert (await save(door, "zhou", in_d1, wall="d1", of_area=city.D1)).status_code == 200
    assert (await save(door, "wei", {**in_d1, "name": "mine"}, wall="d1")).status_code == 200
    assert (await command(door, "wei", "next", wall="d1")).status_code == 200
    assert refused(await save(door, "wei", {**SCENE, "area": city.D2}, wall="d1")) == (404, "unknown_area")
    assert (await tour(door, wall="d1"))["scenes"][0]["name"] == "mine"


async def test_a_wall_sees_scenes_of_its_own_area_alone(door: Door) -> None:
    await save(door, "zhou", SCENE, {**SCENE, "area": city.S1, "name": "street"}, wall="parts")
    await command(door, "zhou", "show", wall="parts", area=city.D2)
    told = await tour(door, "street wall", wall="parts")
    assert [one["name"] for one in told["scenes"]] == ["street"] and told["turns"] == []
    assert [one["look"]["area"] for one in (await tour(door, wall="parts"))["turns"]] == [city.D2]


def test_the_database_and_the_table_of_roles_name_the_same() -> None:
    for ability, names in (("manage_walls", wall_0039._MANAGERS), ("steer_walls", wall_0039._STEERERS)):
        able = {role for role, one in ROLES.items() if may(role, one.highest, ability)}  # type: ignore[arg-type]
        assert {name.strip(" '") for name in names.split(",")} == able


# ---- A presenter ----


async def standing(door: Door, wall: str) -> tuple[dict[str, Any], float]:
    told = await tour(door, wall=wall)
    return told, (told["server_time_ms"] - told["epoch_ms"]) / 1000


async def test_next_begins_the_next_scene_now(door: Door) -> None:
    await save(door, "zhou", SCENE, {**SCENE, "name": "b", "dwell_s": 100}, {**SCENE, "name": "c", "dwell_s": 120}, wall="next")
    places = []
    for _ in range(4):
        assert (await command(door, "lin", "next", wall="next")).status_code == 200
        places.append((await standing(door, "next"))[1])
    found = [max(begin for begin in (0, 40, 140) if place >= begin) for place in places]
    assert sorted(set(found)) == [0, 40, 140] and found[3] == found[0], places
    await command(door, "lin", "previous", wall="next")
    scenes = (await tour(door, wall="next"))["scenes"]
    assert (await command(door, "lin", "scene", wall="next", scene=scenes[1]["id"])).status_code == 200
    assert 40 <= (await standing(door, "next"))[1] < 140
    assert refused(await command(door, "lin", "scene", wall="next", scene=1)) == (422, "bad_input")


async def test_what_is_held_ends_and_the_tour_goes_on_where_it_was(door: Door) -> None:
    await save(door, "zhou", SCENE, OTHER, wall="hold")
    before, stood = await standing(door, "hold")
    assert (await command(door, "lin", "show", wall="hold", area=city.D1, measure="open", for_s=600)).status_code == 200
    held = await tour(door, wall="hold")
    (turn,) = held["turns"]
    assert (turn["kind"], turn["until_ms"] - turn["from_ms"], held["hold"]) == ("hold", 600_000, turn)
    assert (turn["look"]["area"], turn["look"]["measure"], turn["look"]["level"]) == (city.D1, "open", "district")
    at_hold = turn["from_ms"] - held["epoch_ms"]
    assert at_hold >= stood * 1000 - 1, "it stands where it was when the presenter began"
    await asyncio.sleep(0.3)
    assert (await command(door, "lin", "resume", wall="hold")).status_code == 200
    after, _ = await standing(door, "hold")
    assert after["hold"] is None and before["hold"] is None
    assert abs(after["set_ms"] - after["epoch_ms"] - at_hold) <= 2, "it goes on where it was: what was held did not count"


@pytest.mark.parametrize("given", [{"do": "dance"}, {"do": "show"}, {"do": "hold", "for_s": 4}, {"do": "show", "measure": "x"}])
async def test_what_no_wall_can_do_is_refused(door: Door, given: dict[str, Any]) -> None:
    assert refused(await door.post("lin", "/api/wall/remote", given)) == (422, "bad_input")


async def test_names_of_walls_and_cities_are_checked(door: Door) -> None:
    assert refused(await door.get("wall", "/api/wall/tour", wall="No!")) == (422, "bad_input")
    assert refused(await door.get("wall", "/api/wall/tour", city="nowhere")) == (404, "unknown_city")
    assert refused(await command(door, "lin", "hold", city="nowhere")) == (404, "unknown_city")


async def test_many_walls_that_ask_at_once_cost_two_readings(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, readings = module.read_tour, []

    async def counted(*asked: Any) -> Any:
        readings.append(asked)
        return await read(*asked)

    monkeypatch.setattr(module, "read_tour", counted)
    viewer = everything(detail="figures")
    told = await asyncio.gather(*(module.read_shared_tour(viewer, city.CITY, "main") for _ in range(200)))
    assert len(readings) == 2 and len({one.version for one in told}) == 1
    await module.read_shared_tour(viewer, city.CITY, "main")
    assert len(readings) == 3, "nothing is kept: whoever asks later reads anew"
    await connections.close_pools()


def test_an_event_of_a_wall_is_heard_in_its_city_alone(town: str) -> None:
    with psycopg.connect(town) as owner:
        kinds = owner.execute("SELECT DISTINCT kind, path::text, grid, category FROM live_event WHERE kind = 'wall'").fetchall()
    assert kinds == [("wall", city.path_of(city.CITY), None, None)]
