"""Tiles, shapes, cases and the map library, over the city that was counted by hand."""

import asyncio
import gzip
import math
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import mvt
import psycopg
import pytest
import pytest_asyncio
import shapely
import small_city as city
from fastapi import FastAPI

from data import tiles
from data.queries.map import EXTENT, Tile
from data.tiles import Answer, TileCache
from data.waters import names_on
from layers.vendor import BUNDLE, WORKER, bundle_address, worker_address
from routes import errors, shapes, vendor
from routes import tiles as tile_routes

PERIOD = {"from": city.FROM, "to": city.TO}
MIDDLE = (120.02, 30.01)


@pytest.fixture(scope="module")
def small(fresh_database) -> Iterator[str]:  # type: ignore[no-untyped-def]
    with fresh_database() as url:
        with psycopg.connect(url) as connection:
            city.load(connection)
            _base(connection)
        yield url


def _base(connection: psycopg.Connection) -> None:
    """A river from west to east, 300 m wide, a main road, a side street, a park and a tree."""
    features = [
        ("water", 1, None, "小河", "POLYGON((119.9 30.0085, 120.14 30.0085, 120.14 30.0115, 119.9 30.0115, 119.9 30.0085))"),
        ("road", 1, 34, "大道", "LINESTRING(119.9 30.005, 120.14 30.005)"),
        ("road", 4, 8, None, "LINESTRING(120.021 30.001, 120.021 30.003)"),
        ("green", 2, None, None, "POLYGON((120.001 30.001, 120.004 30.001, 120.004 30.004, 120.001 30.001))"),
        ("tree", 3, 6, None, "POINT(120.021 30.002)"),
    ]
    for n, (kind, rank, width, name, wkt) in enumerate(features):
        connection.execute(
            "INSERT INTO base_feature (city, source_id, source_key, kind, rank, width_m, name, geom_3857)"
            " VALUES (%s, 1, %s, %s, %s, %s, %s, ST_Transform(ST_GeomFromText(%s, 4326), 3857))",
            (city.CITY, str(n), kind, rank, width, name, wkt),
        )
    connection.commit()


@pytest_asyncio.fixture
async def client(small: str) -> AsyncIterator[httpx.AsyncClient]:
    made = FastAPI()
    for room in (tile_routes, shapes, vendor):
        made.include_router(room.router)
    errors.install(made)
    transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}) as opened:
        yield opened


def tile_of(lon: float, lat: float, zoom: int) -> Tile:
    n = 1 << zoom
    return Tile(zoom, int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n))


def around(zoom: int) -> list[Tile]:
    """All tiles that the city touches, and those around them."""
    first, last = tile_of(120.0, 30.02, zoom), tile_of(120.04, 30.0, zoom)
    return [Tile(zoom, x, y) for x in range(first.x - 1, last.x + 2) for y in range(first.y - 1, last.y + 2)]


async def read(client: httpx.AsyncClient, layer: str, where: Tile) -> list[dict]:  # type: ignore[type-arg]
    answer = await client.get(f"/tiles/{layer}/{where.z}/{where.x}/{where.y}.mvt")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return mvt.read(answer.content).get(layer, [])


# ---- Tiles ----


@pytest.mark.parametrize("zoom", [12, 14, 15, 17])
async def test_every_building_lies_whole_in_exactly_one_tile(client: httpx.AsyncClient, zoom: int) -> None:
    found = [building for where in around(zoom) for building in await read(client, "buildings", where)]
    assert sorted(one["key"] for one in found) == sorted(f"1:b{n}" for n in range(1, 13))
    assert all(len(one["parts"]) == 1 and len(one["parts"][0]) == 5 for one in found), "rectangles stay rectangles"


async def test_a_building_says_what_the_map_needs(client: httpx.AsyncClient) -> None:
    found = {one["key"]: one for where in around(15) for one in await read(client, "buildings", where)}
    first, second, third = (found[f"1:b{n}"] for n in (1, 2, 3))
    assert (first["h"], second["h"], third["h"]) == (30, 6, 9)
    assert first["p"] == city.path_of(city.C1)
    assert first["use"] == "home" and "floors" not in first and third["floors"] == 3


async def test_a_building_on_the_edge_is_not_cut(client: httpx.AsyncClient, small: str) -> None:
    where = tile_of(*MIDDLE, 14)
    west = where.bounds()[0]
    with psycopg.connect(small) as connection:
        # 40 m wide, a quarter of it west of the tile's edge
        connection.execute(
            "UPDATE building SET geom_3857 = ST_Multi(ST_MakeEnvelope(%(w)s - 10, ST_YMin(s.e), %(w)s + 30, ST_YMin(s.e) + 20, 3857))"
            " FROM (SELECT ST_Envelope(geom_3857) e FROM building WHERE source_key = 'b8') s WHERE source_key = 'b8'",
            {"w": west},
        )
        connection.execute("UPDATE city SET data_version = data_version + 1")
        connection.commit()
        version = connection.execute("SELECT data_version FROM city").fetchone()
    assert version
    here = [one for row in (where.y - 1, where.y, where.y + 1) for one in await _versioned(client, Tile(14, where.x, row), version[0])]
    beside = [
        one for row in (where.y - 1, where.y, where.y + 1) for one in await _versioned(client, Tile(14, where.x - 1, row), version[0])
    ]
    assert "1:b8" not in {one["key"] for one in beside}
    whole = next(one for one in here if one["key"] == "1:b8")
    xs = [x for x, _ in whole["parts"][0]]
    assert min(xs) < 0 and (max(xs) - min(xs)) == pytest.approx(40 / where.side_m * EXTENT, abs=1.5)


async def _versioned(client: httpx.AsyncClient, where: Tile, version: int) -> list[dict]:  # type: ignore[type-arg]
    answer = await client.get(f"/tiles/buildings/{where.z}/{where.x}/{where.y}.mvt?v={version}")
    return mvt.read(answer.content).get("buildings", [])


async def test_the_base_map_gains_detail_with_zoom(client: httpx.AsyncClient) -> None:
    far = await read(client, "base", tile_of(*MIDDLE, 10))
    assert {(one["kind"], one["rank"]) for one in far} == {("water", 1), ("road", 1)}
    near = [one for where in around(14) for one in await read(client, "base", where)]
    assert {(one["kind"], one["rank"]) for one in near} == {("water", 1), ("road", 1), ("road", 4), ("tree", 3)}
    ground = [one for where in around(14) for one in await read(client, "ground", where)]
    assert {one["kind"] for one in ground} == {"green"}


async def test_areas_appear_level_by_level(client: httpx.AsyncClient) -> None:
    levels = {}
    for zoom in (8, 11, 12, 14):
        levels[zoom] = {one["level"] for one in await read(client, "areas", tile_of(*MIDDLE, zoom))}
    assert levels[8] == {"city", "district"}
    assert levels[11] == {"city", "district", "street"}
    assert levels[12] == {"city", "district", "street", "community"}
    assert levels[14] == {"city", "district", "street", "community", "grid"}


async def test_open_cases_one_by_one_or_counted(client: httpx.AsyncClient) -> None:
    near = [one for where in around(14) for one in await read(client, "incidents", where)]
    states = {one["key"]: one["state"] for one in near}
    # nine of the period, and two that were reported earlier
    assert len(near) == 11 and states["1:i04"] == "overdue" and states["1:i05"] == "amber" and states["1:i10"] == "paused"
    far = await read(client, "incidents", tile_of(*MIDDLE, 8))
    assert sum(one["n"] for one in far) == 11 and sum(one["overdue"] for one in far) == sum(s == "overdue" for s in states.values())
    assert sum(one["n"] for one in await read(client, "facilities", tile_of(*MIDDLE, 8))) == 4


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("nothing/14/1/1", "unknown_layer"),
        ("base/14/16384/1", "tile_out_of_range"),
        ("base/99/1/1", "tile_out_of_range"),
        ("base/2/1/1", "tile_out_of_range"),
        ("base/14/-1/1", "tile_out_of_range"),
        ("base/14/1.5/1", "tile_out_of_range"),
        ("base/14/1/999999999999999999999", "tile_out_of_range"),
        ("base/x/1/1", "tile_out_of_range"),
    ],
)
async def test_a_tile_that_is_none_is_told_in_a_sentence(client: httpx.AsyncClient, address: str, code: str) -> None:
    answer = await client.get(f"/tiles/{address}.mvt")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == code
    assert answer.json()["error"]["sentence"]


async def test_tiles_are_kept_for_ever_under_their_version(client: httpx.AsyncClient) -> None:
    where = tile_of(*MIDDLE, 14)
    address = f"/tiles/base/{where.z}/{where.x}/{where.y}.mvt"
    versioned = await client.get(f"{address}?v=1", headers={"accept-encoding": "gzip"})
    assert "immutable" in versioned.headers["cache-control"] and versioned.headers["content-encoding"] == "gzip"
    plain = await client.get(address, headers={"accept-encoding": "identity"})
    assert plain.headers["cache-control"] == "private, no-cache" and plain.content == versioned.content
    again = await client.get(address, headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304 and not again.content


async def test_a_heavy_tile_keeps_what_is_important(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "BUDGET_BYTES", 1)
    layer = tiles.Layer(tiles.LAYERS["base"].make, 60)
    raw = await tiles._within_budget(layer, tile_of(*MIDDLE, 15), tiles.Viewer())
    assert raw, "the budget gives up below fifty features rather than showing nothing"


async def test_two_who_ask_at_once_are_one_question() -> None:
    asked = 0

    async def make() -> Answer:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return Answer(b"x" * 10, '"e"')

    cache = TileCache(most_bytes=25)
    both = await asyncio.gather(cache.get("a", make), cache.get("a", make))
    assert asked == 1 and both[0] is both[1]
    for key in ("b", "c"):
        await cache.get(key, make)
    assert len(cache) == 2, "the oldest made room"


async def test_a_failed_tile_is_asked_for_again() -> None:
    cache = TileCache()

    async def fail() -> Answer:
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await cache.get("a", fail)
    assert len(cache) == 0


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
    assert states[:3] == ["overdue"] * 3, "urgent ones come first"
    assert {row["community"] for row in body["rows"] if row["key"] == "1:i04"} == {"一社区"}


async def test_moments_are_written_as_the_city_writes_them(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/incidents/{city.CITY}.json", params=PERIOD)).json()
    assert body["as_of"] == city.AS_OF
    assert all(row["reported_at"].endswith("+08:00") for row in body["rows"])


async def test_what_depends_on_the_hour_is_not_kept(client: httpx.AsyncClient, small: str) -> None:
    cases, polygons = f"/incidents/{city.CITY}.json?v=1&from={city.FROM}&to={city.TO}", f"/shapes/{city.CITY}/grid.json?v=1"
    where = tile_of(*MIDDLE, 14)
    tiles_of = [f"/tiles/{layer}/{where.z}/{where.x}/{where.y}.mvt?v=1" for layer in ("incidents", "buildings")]

    async def kept() -> list[bool]:
        return ["immutable" in (await client.get(address)).headers["cache-control"] for address in (cases, polygons, *tiles_of)]

    assert await kept() == [True, True, True, True], "figures of a fixed moment change with the data only"
    with psycopg.connect(small, autocommit=True) as connection:
        connection.execute("UPDATE city SET as_of = NULL, data_version = data_version + 1")
        try:
            tiles._loops.clear()
            assert await kept() == [False, True, False, True]
            assert {row["state"] for row in (await client.get(cases)).json()["rows"]} <= {"overdue", "paused", "on_time"}
        finally:
            connection.execute("UPDATE city SET as_of = %s, data_version = data_version + 1", (city.AS_OF,))


async def test_cases_by_area_filter_and_state(client: httpx.AsyncClient) -> None:
    async def total(area: str, **more: str) -> int:
        return int((await client.get(f"/incidents/{area}.json", params={**PERIOD, **more})).json()["total"])

    assert await total(city.ZONE) == city.OPEN[city.ZONE]
    assert await total(city.CITY, state="all") == city.TOTAL[city.CITY]
    assert await total(city.CITY, cat="env") == 6
    assert await total(city.CITY, cat="env", src="hotline") == 1
    assert (await client.get(f"/incidents/{city.CITY}.json", params={"from": "x", "to": "y"})).status_code == 422


async def test_many_cases_are_counted(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.shapes.MOST_CASES", 5)
    body = (await client.get(f"/incidents/{city.CITY}.json", params=PERIOD)).json()
    assert body["kind"] == "clusters" and sum(row["n"] for row in body["rows"]) == body["total"] == 9
    assert sum(row["overdue"] for row in body["rows"]) == 3


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
    rows = names_on([("江", bent.wkb)])
    assert any(abs(row["angle"]) < 8 for row in rows) and any(abs(row["angle"] - 45) < 8 for row in rows)
    assert names_on([("溪", shapely.LineString([(0, 0), (100, 0)]).wkb)]) == []


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
