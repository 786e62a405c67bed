"""Search and cards, over the city that was counted by hand."""

from collections.abc import Iterator

import psycopg
import pytest
import small_city as city

from data.core.errors import UnknownObject
from data.core.viewer import everything
from data.places.cards import fetch_building_card, fetch_facility_card, fetch_incident_card
from data.places.search import parse_coordinates, search

WHO = everything()


@pytest.fixture(scope="module")
def source(fresh_database) -> Iterator[int]:  # type: ignore[no-untyped-def]
    """The small city; the id of its source."""
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT id FROM source").fetchone()
            connection.execute("UPDATE building SET name = '1号楼二期' WHERE source_key = 'b2'")
            incident = connection.execute("SELECT district, id FROM incident WHERE source_key = 'i02'").fetchone()
            for seq, stage in enumerate(("reported", "filed", "closed"), start=1):
                connection.execute(
                    "INSERT INTO incident_event (district, incident_id, seq, at, stage, actor) VALUES (%s, %s, %s, %s, %s, '小李')",
                    (*incident, seq, f"2026-10-0{seq + 4}T09:00:00+08:00", stage),
                )
        yield row[0]


async def test_facilities_are_found_by_any_part_of_their_name_and_kinds_may_be_chosen(source: int) -> None:
    found = await search("施f1", city.CITY, WHO, kinds=("facility",))
    assert {one["key"] for one in found} == {f"{source}:f1"} and found[0]["subtitle"].startswith("学校"), found
    assert found[0]["lon"] is not None and found[0]["area"] == city.C1
    assert {one["kind"] for one in await search("钟楼", city.CITY, WHO, kinds=("building", "facility"))} <= {"building", "facility"}
    assert [one["kind"] for one in await search("30.005,120.035", city.CITY, WHO, kinds=("building",))] == ["place"], "coordinates always"


async def kinds(text: str) -> list[tuple[str, str | None]]:
    return [(found["kind"], found["code"] or found["key"]) for found in await search(text, city.CITY, WHO)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("钟楼", ("area", city.S2)),
        ("BELFRY", ("area", city.S2)),
        ("西区", ("area", city.D1)),
        (city.D2, ("area", city.D2)),
        (city.C3, ("area", city.C3)),
        ("quay", ("area", city.ZONE)),
        ("  old   quay ", ("area", city.ZONE)),
        ("王小明", ("head", city.C1)),
        ("小明", ("head", city.C1)),
    ],
)
async def test_areas_and_heads(source: int, text: str, first: tuple[str, str]) -> None:
    assert (await kinds(text))[0] == first


async def test_a_code_may_be_begun(source: int) -> None:
    found = await kinds("9901020")
    assert found == [("area", code) for code in (city.S3, city.K3, city.K4, city.C5, city.C6, city.C7, city.C8)]


async def test_buildings_by_address_and_name(source: int) -> None:
    assert await kinds("柳荫路12号") == [("building", f"{source}:b12")]
    assert (await kinds("12号楼"))[0] == ("building", f"{source}:b12")
    assert len(await kinds("柳荫路")) == 12
    assert len(await kinds("柳荫")) == 12
    assert await kinds("柳荫 12号") == [("building", f"{source}:b12")]
    assert await kinds("荫路") == [], "two letters are sought at the beginning"


async def test_incidents_by_number(source: int) -> None:
    assert await kinds("AJ-i07") == [("incident", f"{source}:i07")]
    assert len(await search("AJ-i1", city.CITY, WHO)) == 10
    found = (await search("AJ-i07", city.CITY, WHO))[0]
    assert found["subtitle"] == "市容环境 · 暴露垃圾 · 西区 · 码头街道 · 一社区 · 第2网格"
    assert found["subtitle_en"] == "City appearance · 暴露垃圾 · West · Dock · First · Cell 2"
    assert found["area"] == city.C2


@pytest.mark.parametrize("text", ["120.015,30.005", "30.005, 120.015", "(120.015，30.005)", "120.015 30.005", "120.015° 30.005°"])
async def test_coordinates_in_either_order(source: int, text: str) -> None:
    found = await search(text, city.CITY, WHO)
    assert [(one["kind"], one["lon"], one["lat"], one["area"]) for one in found] == [("place", 120.015, 30.005, city.C4)]


@pytest.mark.parametrize(
    "text", ["", "   ", "%", "_", "\\", "\x00", "';--", "10,10", "999,999", "没有这样的地方", "x" * 10_000, "((((", "120.015,"]
)
async def test_what_finds_nothing_is_no_error(source: int, text: str) -> None:
    assert await search(text, city.CITY, WHO) == []


async def test_another_city_is_not_searched(source: int) -> None:
    assert await search("钟楼", "elsewhere", WHO) == []


async def test_the_limit_holds(source: int) -> None:
    assert len(await search("网格", city.CITY, WHO, limit=3)) == 3
    assert len(await search("网格", city.CITY, WHO, limit=-5)) == 1


def test_coordinates_take_the_order_that_fits() -> None:
    washington = (-77.12, 38.79, -76.91, 39.0)
    assert parse_coordinates("38.9, -77.0", washington) == (-77.0, 38.9)
    assert parse_coordinates("-77.0 38.9", washington) == (-77.0, 38.9)
    assert parse_coordinates("12.5, 99.1", washington) is None
    fiji = [179.98, -16.82, -179.98, -16.8]
    assert parse_coordinates("-16.81, 179.99", fiji) == (179.99, -16.81)
    assert parse_coordinates("-179.99 -16.81", fiji) == (-179.99, -16.81)
    assert parse_coordinates("-16.81, 0.5", fiji) is None
    assert parse_coordinates("Main Street 12", washington) is None


@pytest.mark.parametrize(
    ("lon", "lat", "near"),
    [
        *((119.5, 30.01, True), (119.499, 30.01, False), (120.54, 30.01, True), (120.541, 30.01, False)),
        *((120.01, 29.5, True), (120.01, 29.499, False), (120.01, 30.52, True), (120.01, 30.521, False)),
    ],
)
def test_coordinates_may_lie_half_a_degree_outside_the_city(lon: float, lat: float, near: bool) -> None:
    box = (120.0, 30.0, 120.04, 30.02)
    assert (parse_coordinates(f"{lon}, {lat}", box) == (lon, lat)) is near
    assert (parse_coordinates(f"{lat}, {lon}", box) == (lon, lat)) is near


async def test_the_whole_name_comes_before_its_beginning_and_that_before_the_rest(source: int) -> None:
    """Building 2 is called 1号楼二期 here, and building 11 is 11号楼; house numbers put 11 before 2."""
    assert await kinds("1号楼") == [("building", f"{source}:b{n}") for n in (1, 2, 11)]


async def test_a_building_card(source: int) -> None:
    card = await fetch_building_card(f"{source}:b1", WHO)
    assert (card["name"], card["address"], card["floors"], card["height_m"]) == ("1号楼", "柳荫路1号", None, 30.0)
    assert [area["code"] for area in card["areas"]] == [city.CITY, city.D1, city.S1, city.K1, city.C1]
    assert card["category"] == {"code": "home", "name": "住宅", "name_en": "Homes", "symbol": "home"}
    assert (round(card["lon"], 6), round(card["lat"], 6), card["area"]) == (120.002, 30.015, city.C1)
    assert card["source"]["name"] == "手工"


async def test_an_incident_card_with_its_history(source: int) -> None:
    card = await fetch_incident_card(f"{source}:i02", WHO)
    assert (card["number"], card["state"], card["reported_at"]) == ("AJ-i02", "closed", "2026-10-05T10:00:00+08:00")
    assert [event["stage"] for event in card["events"]] == ["reported", "filed", "closed"]


@pytest.mark.parametrize(
    ("key", "state"), [("i04", "overdue"), ("i05", "amber"), ("i10", "paused"), ("i17", "on_time"), ("i07", "ended"), ("i03", "closed")]
)
async def test_how_an_incident_stands(source: int, key: str, state: str) -> None:
    assert (await fetch_incident_card(f"{source}:{key}", WHO))["state"] == state


async def test_a_facility_card(source: int) -> None:
    card = await fetch_facility_card(f"{source}:f3", WHO)
    assert (card["name"], card["category"]["name_en"], card["area"]) == ("设施f3", "Police", city.C5)


@pytest.mark.parametrize("key", ["", ":", "x", "1", "1:", ":b1", "abc:b1", "1:\x00", "99999999999:b1", "１:b1", "-1:b1", "1:nothing"])
async def test_unknown_keys(source: int, key: str) -> None:
    for card in (fetch_building_card, fetch_incident_card, fetch_facility_card):
        with pytest.raises(UnknownObject):
            await card(key, WHO)
