"""Shapes, cases and the map library, over the city that was counted by hand."""

import gzip
import re
from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest
import pytest_asyncio
import shapely
import small_city as city
from map_tools import PERIOD, map_client

from data.core.viewer import everything
from data.geo.water_names import place_water_names
from data.live import versions
from layers.spec.vendor import BUNDLE, WORKER, bundle_address, worker_address


@pytest_asyncio.fixture
async def client(mapped: str) -> AsyncIterator[httpx.AsyncClient]:
    async with map_client() as opened:
        yield opened


# ---- Shapes ----


async def test_shapes_say_what_a_click_opens(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/shapes/{city.CITY}/street.json")).json()
    assert {one["code"]: one["drill"] for one in body["areas"]} == {city.S1: city.D1, city.S2: city.D1, city.S3: city.D2}
    first = body["areas"][0]
    assert shapely.Polygon(first["polygons"][0][0]).area == pytest.approx(0.01 * 0.02)
    own = (await client.get(f"/shapes/{city.D1}/self.json")).json()["areas"]
    assert [one["code"] for one in own] == [city.D1]


async def test_a_zone_is_drawn_by_its_cells(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/shapes/{city.ZONE}/grid.json")).json()
    assert [one["code"] for one in body["areas"]] == [city.C3, city.C5]


@pytest.mark.parametrize(("address", "status"), [("/shapes/none/grid.json", 404), (f"/shapes/{city.CITY}/block.json", 422)])
async def test_unknown_shapes(client: httpx.AsyncClient, address: str, status: int) -> None:
    answer = await client.get(address)
    assert answer.status_code == status and answer.json()["error"]["sentence"]


async def test_open_cases_with_their_state(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/incidents/{city.CITY}.json", params=PERIOD)).json()
    assert (body["kind"], body["total"]) == ("points", city.OPEN[city.CITY])
    states = [row["state"] for row in body["rows"]]
    assert {state: states.count(state) for state in set(states)} == {
        "overdue": city.OVERDUE[city.CITY],
        "amber": city.DEADLINES["amber"],
        "paused": city.DEADLINES["paused"],
        "on_time": city.DEADLINES["on_time"],
    }
    assert states[:5] == ["overdue"] * 5, "urgent ones come first"
    assert {row["community"] for row in body["rows"] if row["key"] == "1:i04"} == {"一社区"}


async def test_moments_are_written_as_the_city_writes_them(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/incidents/{city.CITY}.json", params=PERIOD)).json()
    assert body["as_of"] == city.AS_OF
    assert all(row["reported_at"].endswith("+08:00") for row in body["rows"])


async def test_answers_are_kept_under_the_version_of_what_they_are_about(client: httpx.AsyncClient, mapped: str) -> None:
    with psycopg.connect(mapped) as connection:
        versions.touch(connection, city.CITY, ["areas"])
        versions.touch(connection, city.CITY, ["incidents"])
        known = connection.execute("SELECT versions FROM city").fetchone()
    assert known

    async def kept(address: str, version: int, rights: str = everything().rights) -> str:
        return (await client.get(f"{address}&v={version}&r={rights}")).headers["cache-control"]

    cases, polygons = f"/incidents/{city.CITY}.json?from={city.FROM}&to={city.TO}", f"/shapes/{city.CITY}/grid.json?"
    for address, subject in ((cases, "incidents"), (polygons, "areas"), (f"/facilities/{city.CITY}.json?", "facilities")):
        assert "immutable" in await kept(address, known[0][subject])
        assert await kept(address, known[0][subject] - 1) == "private, no-store", "the new is not kept under the old address"
        assert await kept(address, known[0][subject], "another") == "private, no-store", "nor one person's view under another's"
        assert (await client.get(f"{address}&v={known[0][subject]}")).headers["cache-control"] == "private, no-cache", "rights may change"


async def test_cases_by_area_filter_and_state(client: httpx.AsyncClient) -> None:
    async def total(area: str, **more: str) -> int:
        return int((await client.get(f"/incidents/{area}.json", params={**PERIOD, **more})).json()["total"])

    assert await total(city.ZONE) == city.OPEN[city.ZONE]
    assert await total(city.CITY, state="all") == city.TOTAL[city.CITY]
    assert await total(city.CITY, cat="env") == 7
    assert await total(city.CITY, cat="env", src="hotline") == 1
    assert (await client.get(f"/incidents/{city.CITY}.json", params={"from": "x", "to": "y"})).status_code == 422


async def test_many_cases_are_counted(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.places.outlines.MOST_CASES", 5)
    body = (await client.get(f"/incidents/{city.CITY}.json", params=PERIOD)).json()
    assert body["kind"] == "clusters" and sum(row["n"] for row in body["rows"]) == body["total"] == 11
    assert sum(row["overdue"] for row in body["rows"]) == 5


@pytest.mark.parametrize("area", [city.CITY, city.D1, city.S3, city.ZONE, city.C1])
@pytest.mark.parametrize("asked", [{}, {"state": "all"}, {"state": "all", "cat": "env"}, {"state": "all", "cat": "env", "src": "hotline"}])
async def test_however_many_there_are_they_are_counted_from_the_roll_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, area: str, asked: dict[str, str]
) -> None:
    singly = (await client.get(f"/incidents/{area}.json", params={**PERIOD, **asked})).json()
    monkeypatch.setattr("data.places.outlines.MOST_CASES", -1)
    monkeypatch.setattr("data.places.outlines.MOST_LOCATED", -1)
    counted = (await client.get(f"/incidents/{area}.json", params={**PERIOD, **asked})).json()
    assert (singly["kind"], counted["kind"]) == ("points", "clusters")
    assert sum(row["n"] for row in counted["rows"]) == counted["total"] == len(singly["rows"])
    overdue = sum(row["state"] == "overdue" for row in singly["rows"])
    assert sum(row["overdue"] for row in counted["rows"]) == overdue


async def test_facilities_bring_their_symbol(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/facilities/{city.D1}.json")).json()
    assert [(row["name"], row["symbol"], row["kind_en"]) for row in body["rows"]] == [
        ("设施f1", "school", "School"),
        ("设施f2", "school", "School"),
    ]


async def test_the_river_is_named_along_its_course(client: httpx.AsyncClient) -> None:
    rows = (await client.get(f"/places/{city.CITY}.json")).json()["rows"]
    assert len(rows) >= 3 and {row["text"] for row in rows} == {"小河"}
    for row in rows:
        assert row["lat"] == pytest.approx(30.01, abs=0.0005) and abs(row["angle"]) < 2
        assert row["width_m"] == pytest.approx(333, abs=6)


def test_a_bent_river_turns_its_name() -> None:
    bent = shapely.LineString([(0, 0), (4000, 0), (8000, 4000)]).buffer(150)
    rows = place_water_names([("江", bent.wkb)])
    assert any(abs(row["angle"]) < 8 for row in rows) and any(abs(row["angle"] - 45) < 8 for row in rows)
    assert place_water_names([("溪", shapely.LineString([(0, 0), (100, 0)]).wkb)]) == []


# ---- The library ----


async def test_the_library_is_kept_for_ever_under_its_digest(client: httpx.AsyncClient) -> None:
    for address, path in ((bundle_address(), BUNDLE), (worker_address(), WORKER)):
        answer = await client.get(address)
        assert answer.content == path.read_bytes() and "immutable" in answer.headers["cache-control"]
        assert (await client.get(address, headers={"if-none-match": answer.headers["etag"]})).status_code == 304
    stale = await client.get("/vendor/deck-0000.js")
    assert stale.status_code == 200 and stale.headers["cache-control"] == "no-cache"
    assert gzip.decompress(gzip.compress(stale.content)) == BUNDLE.read_bytes()


def test_the_worker_is_of_the_version_the_library_was_built_with() -> None:
    bundle, worker = BUNDLE.read_text("utf-8"), WORKER.read_text("utf-8")
    # The loader's own description stands right before its version in both.
    found = re.search(r'name:"Mapbox Vector Tile".{0,400}?="(\d+\.\d+\.\d+)"', bundle, re.DOTALL)
    assert found and f'"{found[1]}"' in worker
    assert WORKER.with_name("mvt-worker.LICENSE.txt").read_text("utf-8").count(found[1]) >= 1
