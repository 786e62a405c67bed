"""Cases, facilities and polygons of the map: which are shown, counted or left out, at the limits."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely
import small_city as city
from databases import FreshDatabase

from data import rollup
from data.core.errors import UnknownName
from data.core.period import Period
from data.core.viewer import everything
from data.database import partitions
from data.places import outlines
from data.queries.figures import NO_FILTERS, Filters

WHO = everything()
PERIOD = Period.parse(city.FROM, city.TO)


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city, in a database that a test may change."""
    with fresh_database(city.load) as url:
        yield url


async def cases(code: str = city.CITY, period: Period = PERIOD, closed: bool = False, filters: Filters = NO_FILTERS) -> Any:
    return (await outlines.fetch_cases(code, period, filters, closed, WHO)).body


# ---- Cases ----


async def test_figures_that_stand_for_now_are_said_to_and_are_not_kept(town: str) -> None:
    found = await outlines.fetch_cases(city.CITY, PERIOD, NO_FILTERS, False, WHO)
    assert not found.body["live"] and found.version is not None
    assert found.body["as_of"] == city.AS_OF
    with psycopg.connect(town) as connection:
        connection.execute("UPDATE city SET as_of = NULL")
    found = await outlines.fetch_cases(city.CITY, PERIOD, NO_FILTERS, False, WHO)
    assert found.body["live"] and found.version is None
    assert found.body["as_of"] != city.AS_OF


async def test_cases_are_counted_beyond_the_limit_and_not_at_it(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MOST_CASES", city.OPEN[city.CITY])
    assert (await cases())["kind"] == "points"
    monkeypatch.setattr(outlines, "MOST_CASES", city.OPEN[city.CITY] - 1)
    assert (await cases())["kind"] == "clusters"


async def test_circles_stand_at_labels_beyond_the_limit_and_not_at_it(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MOST_CASES", 0)
    monkeypatch.setattr(outlines, "MOST_LOCATED", city.OPEN[city.CITY])
    # Cases stand 0.003° above the foot of their cell, labels in its middle, or in that of their community: 30.01° N.
    assert {round(row["lat"], 3) for row in (await cases())["rows"]} == {30.003, 30.013}
    monkeypatch.setattr(outlines, "MOST_LOCATED", city.OPEN[city.CITY] - 1)
    assert {round(row["lat"], 3) for row in (await cases())["rows"]} == {30.01}


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ('{"district": {}}', [(6, 3, 120.03), (5, 2, 120.01)]),
        ("{}", [(3, 1, 120.005), (3, 1, 120.025), (3, 2, 120.035), (2, 1, 120.015)]),
    ],
)
async def test_circles_stand_at_the_finest_level_that_has_sums(
    town: str, monkeypatch: pytest.MonkeyPatch, levels: str, expected: list[tuple[int, int, float]]
) -> None:
    """Of the levels that the city has: districts, or communities where it does not say."""
    with psycopg.connect(town) as connection:
        connection.execute("UPDATE city SET level_names = %s", [levels])
    monkeypatch.setattr(outlines, "MOST_CASES", -1)
    monkeypatch.setattr(outlines, "MOST_LOCATED", -1)
    found = await cases()
    assert sorted((row["n"], row["overdue"], round(row["lon"], 3)) for row in found["rows"]) == sorted(expected)
    assert [row["n"] for row in found["rows"]] == sorted((row["n"] for row in found["rows"]), reverse=True), "most cases first"
    assert found["total"] == city.OPEN[city.CITY]
    reported = await cases(closed=True)
    assert sum(row["n"] for row in reported["rows"]) == reported["total"] == city.TOTAL[city.CITY]
    assert sum(row["overdue"] for row in reported["rows"]) == 3, "i04 i11 i21 were reported in the period"


async def test_open_cases_are_the_same_in_circles_and_singly_whatever_the_period(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    years = Period.parse("2024-01-01", "2024-01-02")
    for most, located in ((2_000, 300_000), (0, 300_000), (0, 0)):
        monkeypatch.setattr(outlines, "MOST_CASES", most)
        monkeypatch.setattr(outlines, "MOST_LOCATED", located)
        for period in (PERIOD, years):
            found = await cases(period=period)
            counted = (
                sum(row.get("n", 1) for row in found["rows"]),
                sum(row.get("overdue", row.get("state") == "overdue") for row in found["rows"]),
            )
            assert (found["total"], *counted) == (city.OPEN[city.CITY], city.OPEN[city.CITY], city.OVERDUE[city.CITY])


async def test_the_first_and_the_last_day_count_whole(town: str) -> None:
    moments = {
        "i01": ("2026-10-01T23:59:59.999999+08:00", False),
        "i02": ("2026-10-02T00:00:00+08:00", True),
        "i03": ("2026-10-31T23:59:59.999999+08:00", True),
        "i07": ("2026-11-01T00:00:00+08:00", False),
    }
    with psycopg.connect(town) as connection:
        partitions.ensure_partitions(connection, [city.date(2026, 11, 1)])
        connection.execute("DELETE FROM incident WHERE source_key <> ALL(%s)", [list(moments)])
        for key, (moment, _) in moments.items():
            connection.execute("UPDATE incident SET reported_at = %s WHERE source_key = %s", [moment, key])
        rollup.rebuild(connection, city.CITY)
    found = await cases(closed=True)
    assert {row["key"] for row in found["rows"]} == {f"1:{key}" for key, (_, inside) in moments.items() if inside}
    assert found["total"] == 2


async def test_filters_hold_for_single_cases(small: str) -> None:
    hotline = await cases(closed=True, filters=Filters(channels=("hotline",)))
    assert {row["channel"] for row in hotline["rows"]} == {"hotline"} and hotline["total"] == city.BY_CHANNEL["hotline"]
    both = await cases(closed=True, filters=Filters(("env", "utility"), ("hotline",)))
    assert Counter(row["category"] for row in both["rows"]) == {"env": 5, "utility": 1}


async def test_urgent_cases_come_first(small: str) -> None:
    states = [row["state"] for row in (await cases(closed=True))["rows"]]
    order = ["overdue", "amber", "on_time", "paused", "closed"]
    assert states == sorted(states, key=order.index) and set(states) == set(order)


# ---- Facilities ----


def add_facilities(url: str, kinds: dict[str, int]) -> None:
    """The small city with these facilities instead of its own."""
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM facility")
        for kind, n in kinds.items():
            connection.execute(
                "INSERT INTO facility (district, city, source_id, source_key, grid, path, geom, geom_3857, kind)"
                " SELECT a.district, a.city, 1, %(kind)s || i, a.code, a.path, p, ST_Transform(p, 3857), %(kind)s"
                " FROM generate_series(1, %(n)s) i, area a, ST_Translate(a.label_point, i * 1e-6, 0) p WHERE a.code = %(cell)s",
                {"kind": kind, "n": n, "cell": city.C1},
            )


def shown(found: Any) -> Counter[str]:
    return Counter(row["key"].split(":")[1].rstrip("0123456789") for row in found["rows"])


async def facilities(code: str = city.CITY) -> Any:
    return (await outlines.fetch_facilities(code, WHO)).body


async def test_a_full_map_keeps_rare_kinds_and_thins_common_ones(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add_facilities(town, {"camera": 60, "lamp": 50, "hospital": 3, "school": 11})
    monkeypatch.setattr(outlines, "MOST_FACILITIES", 40)
    found = await facilities()
    assert shown(found) == {"hospital": 3, "school": 11, "camera": 13, "lamp": 13}
    assert (found["cut"], found["left_out"]) == (True, 124 - 40)
    kinds = [row["kind"] for row in found["rows"]]
    assert kinds == sorted(kinds, key=["医院", "学校", "lamp", "camera"].index), "rare kinds take the room on the map first"
    assert await facilities() == found, "the same ones each time"
    numbers = sorted(int(row["key"].removeprefix("1:camera")) for row in found["rows"] if "camera" in row["key"])
    assert numbers[0] <= 20 and numbers[-1] >= 40, "from everywhere among them, not the first ones"


@pytest.mark.parametrize(("most", "left_out"), [(125, 0), (124, 0), (123, 1)])
async def test_at_the_limit_nothing_is_left_out(town: str, monkeypatch: pytest.MonkeyPatch, most: int, left_out: int) -> None:
    add_facilities(town, {"camera": 60, "lamp": 50, "hospital": 3, "school": 11})
    monkeypatch.setattr(outlines, "MOST_FACILITIES", most)
    found = await facilities()
    assert (found["cut"], found["left_out"], len(found["rows"])) == (left_out > 0, left_out, min(most, 124))


async def test_an_area_without_facilities_leaves_none_out(small: str) -> None:
    assert await facilities(city.C8) == {"rows": [], "cut": False, "left_out": 0}
    assert shown(await facilities(city.ZONE)) == {"f": 2}


async def test_a_kind_without_a_name_is_called_by_its_code(town: str) -> None:
    add_facilities(town, {"pond": 1, "school": 1})
    found = {row["key"]: row for row in (await facilities())["rows"]}
    assert {name: found["1:pond1"][name] for name in ("name", "kind", "kind_en", "symbol")} == {
        **dict.fromkeys(("name", "kind", "kind_en"), "pond"),
        "symbol": "dot",
    }
    assert [found["1:school1"][name] for name in ("name", "kind", "kind_en", "symbol")] == ["学校", "学校", "School", "school"]


# ---- Polygons ----


async def shapes(code: str, level: str) -> Any:
    return (await outlines.fetch_polygons(code, level, WHO)).body["areas"]


async def test_a_click_opens_the_next_area_on_the_way_down(small: str) -> None:
    assert {one["code"]: one["drill"] for one in await shapes(city.CITY, "grid")} == {code: code[:6] for code in city.CELLS}
    assert {one["code"]: one["drill"] for one in await shapes(city.D2, "grid")} == dict.fromkeys(city.CELLS[4:], city.S3)
    assert {one["code"]: one["drill"] for one in await shapes(city.D1, "street")} == {city.S1: city.S1, city.S2: city.S2}
    assert {one["code"]: one["drill"] for one in await shapes(city.C1, "self")} == {city.C1: city.C1}
    assert {one["code"]: one["drill"] for one in await shapes(city.ZONE, "grid")} == {city.C3: city.C3, city.C5: city.C5}


async def test_polygons_are_closed_rings_in_degrees(small: str) -> None:
    (own,) = await shapes(city.C1, "self")
    west, south, east, north = city.box_of(city.C1)
    ((ring,),) = own["polygons"]
    assert ring[0] == ring[-1] and {tuple(corner) for corner in ring} == {(west, south), (west, north), (east, north), (east, south)}
    assert own["at"] == pytest.approx([120.005, 30.015])


async def test_levels_have_names(small: str) -> None:
    with pytest.raises(UnknownName):
        await shapes(city.CITY, "hamlet")
    assert await shapes(city.C1, "grid") == await shapes(city.C1, "self")


def test_shapes_stay_as_they_are_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    angles = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    circle = np.array([shapely.Polygon(np.column_stack((np.cos(angles), np.sin(angles))))])
    corners = int(shapely.get_num_coordinates(circle).sum())
    monkeypatch.setattr(outlines, "MOST_CORNERS", corners)
    assert outlines._simplify(circle) is circle
    monkeypatch.setattr(outlines, "MOST_CORNERS", corners - 1)
    simpler = outlines._simplify(circle)
    assert shapely.get_num_coordinates(simpler).sum() < corners
    assert shapely.area(simpler)[0] == pytest.approx(np.pi, rel=0.01)


def test_an_answer_is_as_new_as_the_newest_it_is_made_of() -> None:
    versions = {"areas": 3, "incidents": 2, "facilities": 7, "base": 9, "buildings": 11, "population": 12}
    answers = ("polygons", "cases", "facilities", "water_names")
    assert [outlines.choose_version(answer, versions) for answer in answers] == [3, 3, 7, 9]
    assert outlines.choose_version("cases", {**versions, "incidents": 4}) == 4
