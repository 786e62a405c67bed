"""Vector tiles over the city counted by hand: their content, and how long a browser keeps them."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from itertools import pairwise

import httpx
import mvt
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from map_tools import MIDDLE, address, around, map_client, read, tile_of
from table_locks import held, until, waiting

from data import rollup
from data.concurrency.cache import AnswerCache
from data.core.errors import TileOutOfRange
from data.core.viewer import everything
from data.live import changes, versions
from data.places import tiles
from data.queries import tile_layers as queries
from data.queries.tile_encoding import EXTENT, Tile

PACKED = {"accept-encoding": "gzip"}


@pytest_asyncio.fixture
async def client(mapped: str) -> AsyncIterator[httpx.AsyncClient]:
    async with map_client() as opened:
        yield opened


def touch(url: str, *subjects: str) -> dict[str, int]:
    """New versions of some subjects, and all of them then."""
    with psycopg.connect(url) as connection:
        versions.touch(connection, city.CITY, subjects)
        row = connection.execute("SELECT versions FROM city").fetchone()
    assert row
    return dict(row[0])


def hear(subject: str, version: int) -> None:
    """This process hears of changes, and this was the last one."""
    changes._known().begin({subject: version})


# ---- What is in them ----


@pytest.mark.parametrize("zoom", [13, 14, 15, 17])
async def test_every_building_lies_whole_in_exactly_one_tile(client: httpx.AsyncClient, zoom: int) -> None:
    found = [building for where in around(zoom) for building in await read(client, "buildings", where)]
    assert len(found) == 12
    assert all(len(one["parts"]) == 1 and len(one["parts"][0]) == 5 for one in found), "rectangles stay rectangles"
    if zoom >= queries.ALL_BUILDINGS_FROM_ZOOM:
        assert sorted(one["key"] for one in found) == sorted(f"1:b{n}" for n in range(1, 13))
    else:
        assert not any("key" in one for one in found), "nobody opens a building from afar"


async def test_outer_rings_run_as_tiles_want_them(client: httpx.AsyncClient) -> None:
    rings = [one["parts"][0] for where in around(15) for one in await read(client, "buildings", where)]
    doubled = [sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) for ring in rings]
    assert rings and all(area > 0 for area in doubled)


async def test_a_building_says_what_the_map_needs(client: httpx.AsyncClient, mapped: str) -> None:
    with psycopg.connect(mapped) as connection:
        connection.execute("UPDATE building SET floors = 7, height_m = NULL WHERE source_key = 'b4'")
        connection.execute("UPDATE building SET floors = 3, height_m = 10.6 WHERE source_key = 'b5'")
    version = touch(mapped, "buildings")["buildings"]
    found = {one["key"]: one for where in around(15) for one in await read(client, "buildings", where, version)}
    heights = {key: found[f"1:{key}"]["h"] for key in ("b1", "b2", "b3", "b4", "b5")}
    assert heights == {"b1": 30, "b2": 6, "b3": 9, "b4": 21, "b5": 11}, "its height, or 3 m a floor, or 6 m where neither is known"
    assert found["1:b1"]["p"] == city.path_of(city.C1)
    assert found["1:b1"]["use"] == "home" and "floors" not in found["1:b1"] and found["1:b4"]["floors"] == 7
    with psycopg.connect(mapped) as connection:
        connection.execute("UPDATE building SET floors = 3, height_m = 9 WHERE source_key IN ('b4', 'b5')")
    touch(mapped, "buildings")


async def test_from_afar_the_largest_are_drawn_step_by_step(client: httpx.AsyncClient, mapped: str) -> None:
    async def heights(zoom: int, version: int) -> list[int]:
        return [one["h"] for where in around(zoom) for one in await read(client, "buildings", where, version)]

    assert await heights(12, touch(mapped, "buildings")["buildings"]) == [30], "the others, of 400 m², are smaller than a pixel"
    with psycopg.connect(mapped) as connection:
        # 400 m² × height: 5,200 m³ is seen from zoom 13, and one earlier where there is room; 160,000 from 10
        connection.execute("UPDATE building SET height_m = CASE source_key WHEN 'b5' THEN 13 ELSE 400 END WHERE source_key IN ('b5', 'b6')")
    try:
        version = touch(mapped, "buildings")["buildings"]
        assert [await heights(zoom, version) for zoom in (8, 9, 11)] == [[], [400], [400]], "smaller than a unit of the tile is nothing"
        assert await heights(12, version) == [400, 30, 13], "the largest first"
    finally:
        with psycopg.connect(mapped) as connection:
            connection.execute("UPDATE building SET height_m = 9 WHERE source_key IN ('b5', 'b6')")
        touch(mapped, "buildings")


async def test_a_building_on_the_edge_is_not_cut(client: httpx.AsyncClient, mapped: str) -> None:
    where = tile_of(*MIDDLE, 14)
    west = where.bounds()[0]
    with psycopg.connect(mapped) as connection:
        # 40 m wide, a quarter of it west of the tile's edge
        connection.execute(
            "UPDATE building SET geom_3857 = ST_Multi(ST_MakeEnvelope(%(w)s - 10, ST_YMin(s.e), %(w)s + 30, ST_YMin(s.e) + 20, 3857))"
            " FROM (SELECT ST_Envelope(geom_3857) e FROM building WHERE source_key = 'b8') s WHERE source_key = 'b8'",
            {"w": west},
        )
    version = touch(mapped, "buildings")["buildings"]
    rows = (where.y - 1, where.y, where.y + 1)
    here = [one for row in rows for one in await read(client, "buildings", Tile(14, where.x, row), version)]
    beside = [one for row in rows for one in await read(client, "buildings", Tile(14, where.x - 1, row), version)]
    assert "1:b8" not in {one["key"] for one in beside}
    whole = next(one for one in here if one["key"] == "1:b8")
    xs = [x for x, _ in whole["parts"][0]]
    assert min(xs) < 0 and (max(xs) - min(xs)) == pytest.approx(40 / where.side_m * EXTENT, abs=1.5)


async def test_the_base_map_gains_detail_with_zoom(client: httpx.AsyncClient) -> None:
    far = await read(client, "base", tile_of(*MIDDLE, 10))
    assert {(one["kind"], one["rank"]) for one in far} == {("water", 1), ("road", 1)}
    near = [one for where in around(14) for one in await read(client, "base", where)]
    assert {(one["kind"], one["rank"]) for one in near} == {("water", 1), ("road", 1), ("road", 4), ("tree", 3)}
    ground = [one for where in around(14) for one in await read(client, "ground", where)]
    assert {one["kind"] for one in ground} == {"green"}
    assert not await read(client, "flood", tile_of(*MIDDLE, 14))


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
    for zoom in (8, 12):
        far = [one for where in around(zoom) for one in await read(client, "incidents", where)]
        assert sum(one["n"] for one in far) == 11 and sum(one["overdue"] for one in far) == sum(s == "overdue" for s in states.values())
    assert sum(one["n"] for one in await read(client, "facilities", tile_of(*MIDDLE, 8))) == 4


async def test_a_street_without_parts_counts_each_case_once(client: httpx.AsyncClient, mapped: str) -> None:
    """It also holds sums over categories and channels, because it is a street."""
    with psycopg.connect(mapped) as connection:
        connection.execute("UPDATE area SET parent = NULL WHERE code = ANY(%s)", [[city.K3, city.K4]])
        connection.execute("UPDATE area SET level = 'zone' WHERE code = ANY(%s)", [list(city.CELLS[4:])])
        connection.execute(
            "UPDATE incident SET grid = %s, path = (SELECT path FROM area WHERE code = %s) WHERE grid = ANY(%s)",
            [city.S3, city.S3, list(city.CELLS[4:])],
        )
        rollup.rebuild(connection, city.CITY)
    try:
        version = touch(mapped, "incidents")["incidents"]
        far = [one for where in around(12) for one in await read(client, "incidents", where, version)]
        assert sum(one["n"] for one in far) == 11
    finally:
        with psycopg.connect(mapped) as connection:
            for code in city.CELLS[4:]:
                connection.execute("UPDATE area SET level = 'grid' WHERE code = %s", [code])
            connection.execute("UPDATE area SET parent = %s WHERE code = ANY(%s)", [city.S3, [city.K3, city.K4]])
            connection.execute("DELETE FROM incident WHERE grid = %s", [city.S3])
            for row in city.INCIDENTS:
                if row[1] in city.CELLS[4:]:
                    city._incident(connection, 1, row)
            rollup.rebuild(connection, city.CITY)


@pytest.mark.parametrize(("x", "y"), [(16_383, 0), (0, 16_383), (0, 0), (16_383, 16_383)])
def test_the_corners_of_the_world_are_tiles_and_what_is_beyond_is_not(x: int, y: int) -> None:
    assert tiles.parse_address("base", "14", str(x), str(y)) == Tile(14, x, y)
    for beyond in ((x + 16_384, y), (x, y + 16_384)):
        with pytest.raises(TileOutOfRange):
            tiles.parse_address("base", "14", *map(str, beyond))


def test_zooms_go_from_5_to_18() -> None:
    assert [tiles.parse_address("base", z, "0", "0").z for z in ("5", "18")] == [5, 18]
    for zoom in ("4", "19"):
        with pytest.raises(TileOutOfRange):
            tiles.parse_address("base", zoom, "0", "0")


def test_from_afar_a_tile_holds_fewer_features() -> None:
    layer = tiles.LAYERS["buildings"]
    most = {zoom: layer.most_at(zoom) for zoom in range(5, 19)}
    assert [most[zoom] for zoom in (5, 9, 10, 11, 12, 13, 14, 18)] == [1_500, 1_500, 1_500, 2_500, 2_500, 5_000, 9_000, 9_000]
    assert tiles.Layer(layer.make, 60, "base").most_at(5) == 60, "never more than the layer's own"


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
    for query in ("", "?v=1"):
        answer = await client.get(f"/tiles/{address}.mvt{query}")
        assert answer.status_code == 404 and answer.json()["error"]["code"] == code
        assert answer.json()["error"]["sentence"]


async def test_a_heavy_tile_keeps_what_is_important(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "BUDGET_BYTES", 1)
    layer = tiles.Layer(tiles.LAYERS["base"].make, 60, "base")
    raw, _ = await tiles._within_budget(layer, tile_of(*MIDDLE, 15), everything())
    assert raw, "the budget gives up below fifty features rather than showing nothing"


# ---- How long they are kept ----


async def test_a_tile_is_kept_for_ever_under_its_own_version_only(client: httpx.AsyncClient, mapped: str) -> None:
    where = tile_of(*MIDDLE, 14)
    version = touch(mapped, "base")["base"]
    for _ in ("made", "from memory"):
        own = await client.get(address("base", where, version), headers=PACKED)
        assert "immutable" in own.headers["cache-control"] and own.headers["content-encoding"] == "gzip"
    for other in (version - 1, version + 1_000):
        told = await client.get(address("base", where, other), headers=PACKED)
        assert told.content == own.content, "what is there now"
        assert told.headers["cache-control"] == "private, no-store", "but not under that address"
    for none in ("", "?v=", "?v=x", "?v=-1", f"?v={'9' * 40}"):
        plain = await client.get(address("base", where) + none, headers=PACKED)
        assert plain.headers["cache-control"] == "private, no-cache"


async def test_a_tile_that_a_browser_has_of_other_rights_is_sent_anew(client: httpx.AsyncClient, mapped: str) -> None:
    """The same address and version, but somebody else has signed in meanwhile: neither 304 nor from memory."""
    where = tile_of(*MIDDLE, 14)
    version = touch(mapped, "incidents")["incidents"]
    hear("incidents", version)
    everybody, figures = everything(), everything(detail="figures")
    assert everybody.rights != figures.rights
    all_cases = await tiles.fetch_tile("incidents", where, version, everybody)
    counts = await tiles.fetch_tile("incidents", where, version, figures)
    assert all_cases.version == counts.version == version
    assert all_cases.etag != counts.etag and all_cases.packed != counts.packed
    assert tiles.peek_tile("incidents", where, version, everybody.rights) is all_cases
    assert tiles.peek_tile("incidents", where, version, figures.rights) is counts
    own = await client.get(address("incidents", where, version), headers={"if-none-match": all_cases.etag})
    assert own.status_code == 304
    other = await client.get(address("incidents", where, version), headers={"if-none-match": counts.etag})
    assert other.status_code == 200 and other.headers["etag"] == all_cases.etag


async def test_memory_answers_the_newest_version_alone(client: httpx.AsyncClient, mapped: str) -> None:
    where, who = tile_of(*MIDDLE, 14), everything()
    old = touch(mapped, "base")["base"]
    made = await tiles.fetch_tile("base", where, old, who)
    hear("base", old)
    assert tiles.peek_tile("base", where, old, who.rights) is made
    assert tiles.peek_tile("base", where, old - 1, who.rights) is None
    assert tiles.peek_tile("base", where, old + 1, who.rights) is None
    assert tiles.peek_tile("ground", where, old, who.rights) is None
    assert tiles.peek_tile("base", Tile(14, where.x, where.y + 1), old, who.rights) is None
    new = touch(mapped, "base")["base"]
    assert (await tiles.fetch_tile("base", where, new, who)).version == new  # it asks, because the address names a newer one
    assert tiles.peek_tile("base", where, old, who.rights) is None, "there is a newer one"


async def test_memory_answers_nothing_while_nobody_knows_what_is_newest(mapped: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "GOOD_FOR_S", 0.0)
    where, who = tile_of(*MIDDLE, 14), everything()
    version = touch(mapped, "base")["base"]
    made = await tiles.fetch_tile("base", where, version, who)
    assert tiles.peek_tile("base", where, version, who.rights) is None
    hear("base", version)
    assert tiles.peek_tile("base", where, version, who.rights) is made


async def test_without_gzip_it_is_the_same_tile(client: httpx.AsyncClient) -> None:
    where = tile_of(*MIDDLE, 14)
    plain = await client.get(address("base", where), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and mvt.read(plain.content)
    async with client.stream("GET", address("base", where), headers=PACKED) as packed:
        raw = b"".join([piece async for piece in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content
    again = await client.get(address("base", where), headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304 and not again.content


async def test_a_change_makes_its_own_tiles_anew_and_no_others(client: httpx.AsyncClient, mapped: str) -> None:
    where, layers = tile_of(*MIDDLE, 15), ("buildings", "incidents", "base")
    known = touch(mapped, "base", "buildings", "incidents")

    async def tags(versions: dict[str, int]) -> dict[str, str]:
        answers = {layer: await client.get(address(layer, where, versions[layer]), headers=PACKED) for layer in layers}
        assert all("immutable" in answer.headers["cache-control"] for answer in answers.values())
        return {layer: answer.headers["etag"] for layer, answer in answers.items()}

    before = await tags(known)
    made = await tiles.fetch_tile("buildings", where, known["buildings"], everything())
    after = await tags(touch(mapped, "incidents"))
    assert [layer for layer in layers if before[layer] != after[layer]] == ["incidents"]
    assert await tiles.fetch_tile("buildings", where, known["buildings"], everything()) is made, "nothing was made again"


async def test_who_knows_of_a_change_never_gets_what_was_before(client: httpx.AsyncClient, mapped: str) -> None:
    where = tile_of(120.0021, 30.0051, 15)
    old = touch(mapped, "buildings")["buildings"]
    first = (await client.get(address("buildings", where, old), headers=PACKED)).content
    with psycopg.connect(mapped) as connection:
        connection.execute("UPDATE building SET height_m = coalesce(height_m, 0) + 1")
    # Within the second in which this process would still believe what it read.
    new = touch(mapped, "buildings")["buildings"]
    answer = await client.get(address("buildings", where, new), headers=PACKED)
    assert answer.content != first and "immutable" in answer.headers["cache-control"]
    late = await client.get(address("buildings", where, old), headers=PACKED)
    assert late.content == answer.content and late.headers["cache-control"] == "private, no-store"


# ---- Asked once, given up, made again ----


@pytest_asyncio.fixture
async def known(monkeypatch: pytest.MonkeyPatch, mapped: str) -> None:
    """Versions are known, as in a server that listens for changes: whoever asks for a tile gets there at once."""
    monkeypatch.setattr(changes, "GOOD_FOR_S", float("inf"))
    await changes.fetch_versions(everything())


@pytest.mark.usefixtures("known")
async def test_many_who_ask_for_one_tile_are_one_question(mapped: str) -> None:
    where = tile_of(*MIDDLE, 14)
    with held(mapped, "building"):
        asking = [asyncio.create_task(tiles.fetch_tile("buildings", where, None, everything())) for _ in range(20)]
        await asyncio.to_thread(until, lambda: waiting(mapped), "the tile's statement")
        assert waiting(mapped) == 1
    answers = await asyncio.gather(*asking)
    assert all(answer is answers[0] for answer in answers)


@pytest.mark.usefixtures("known")
async def test_the_statement_ends_with_the_last_who_waits(mapped: str) -> None:
    where = tile_of(*MIDDLE, 14)
    with held(mapped, "building"):
        asking = [asyncio.create_task(tiles.fetch_tile("buildings", where, None, everything())) for _ in range(3)]
        await asyncio.to_thread(until, lambda: waiting(mapped), "the tile's statement")
        for one in asking[:2]:
            one.cancel()
        await asyncio.wait(asking[:2])
        assert waiting(mapped) == 1, "somebody still wants it"
        asking[2].cancel()
        await asyncio.wait(asking[2:])
        await asyncio.to_thread(until, lambda: not waiting(mapped), "the statement's end")
    assert (await tiles.fetch_tile("buildings", where, None, everything())).packed, "whoever comes later begins anew"


@pytest.mark.usefixtures("known")
async def test_tiles_take_half_of_the_connections_at_most(mapped: str) -> None:
    places = [Tile(15, x, 12_000) for x in range(40)]
    with held(mapped, "building"):
        asking = [asyncio.create_task(tiles.fetch_tile("buildings", where, None, everything())) for where in places]
        await asyncio.to_thread(until, lambda: waiting(mapped) == 4, "half of eight connections")
        await asyncio.sleep(0.1)
        assert waiting(mapped) == 4
        for one in asking:
            one.cancel()
        await asyncio.wait(asking)


async def test_memory_is_bounded_by_bytes(mapped: str) -> None:
    state, places = tiles._state(), around(17)
    weights = [len((await tiles.fetch_tile("base", where, None, everything())).packed) + tiles.ENTRY_BYTES for where in places]
    assert len(state.kept) == len(places) and state.kept.weight == sum(weights)
    bound = 4 * max(weights)
    state.kept = AnswerCache(bound)
    for where in places:
        await tiles.fetch_tile("base", where, None, everything())
    assert 0 < state.kept.weight <= bound < sum(weights) and 0 < len(state.kept) < len(places)
