"""Apportioning people: whole numbers that add up, and the SQL of the weights, on a city small enough to count by hand."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
import small_city as city
import twin_city
from databases import FreshDatabase
from hypothesis import given
from hypothesis import strategies as st

from data import rollup
from data.geo.apportion import Apportioned, apportion_population, largest_remainder, share_parts

WEIGHTS = st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=40)


@given(st.integers(0, 10**8), WEIGHTS)
def test_shares_add_up_and_keep_proportion(total: int, weights: list[float]) -> None:
    shares = largest_remainder(total, weights)
    assert int(shares.sum()) == total
    assert shares.min() >= 0
    if sum(weights) > 0:
        exact = np.array(weights) / max(weights)
        exact = total * (exact / exact.sum())
        assert np.abs(shares - exact).max() < 1 + 1e-6


def test_shares_worked_out_by_hand() -> None:
    assert largest_remainder(10, [1, 1, 1]).tolist() == [4, 3, 3]
    assert largest_remainder(7, [50, 30, 20]).tolist() == [4, 2, 1]  # 3.5, 2.1, 1.4
    assert largest_remainder(5, [0, 0]).tolist() == [3, 2]
    assert largest_remainder(3, [0, 9]).tolist() == [0, 3]
    assert largest_remainder(0, []).tolist() == []


def test_shares_add_up_where_a_double_cannot_hold_the_total() -> None:
    """2⁶⁰ − 1 and 2⁶⁰ − 2 become 2⁶⁰ as doubles: too many are shared, and the last who have any give one back."""
    half = 2**59
    assert largest_remainder(2**60 - 1, [1, 1]).tolist() == [half, half - 1]
    assert largest_remainder(2**60 - 1, [1, 1, 0]).tolist() == [half, half - 1, 0]
    assert largest_remainder(2**60 - 2, [1, 1, 0]).tolist() == [half - 1, half - 1, 0]
    assert largest_remainder(2**60 + 1, [1, 1, 0]).tolist() == [half + 1, half, 0]


@pytest.mark.parametrize(("total", "weights"), [(-1, [1.0]), (1, [-1.0]), (1, [float("nan")]), (1, [])])
def test_what_cannot_be_shared(total: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="share"):
        largest_remainder(total, weights)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.data())
def test_parts_make_up_every_cell(cells: list[int], data: st.DataObject) -> None:
    people = sum(cells)
    cuts = sorted(data.draw(st.lists(st.integers(0, people), max_size=6)))
    parts = np.diff([0, *cuts, people]).tolist()
    shares = share_parts(np.array(cells), parts)
    assert [int(share.sum()) for share in shares] == parts
    assert sum(shares).tolist() == cells  # type: ignore[union-attr]
    assert min(int(share.min()) for share in shares) >= 0


def test_parts_that_exceed_the_whole_are_kept() -> None:
    assert [share.tolist() for share in share_parts(np.array([2, 2]), [4, 3])] == [[2, 2], [2, 1]]


@pytest.fixture
def connection(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The small city without any population."""
    with fresh_database(city.load) as url, psycopg.connect(url) as opened:
        opened.execute("UPDATE area_figure SET population = 1, households = 1, male = 1, female = 0, ages = NULL")
        yield opened


def _unit(connection: psycopg.Connection[Any], key: str, total: int, *, area: str | None = None, box: object = None, **more: Any) -> None:
    """A published unit; ``box`` is west, south, east, north in hundredths of a degree from the corner of the city."""
    source = connection.execute("SELECT id FROM source").fetchone()
    assert source
    west, south, east, north = [None] * 4 if box is None else [base + n / 100 for base, n in zip((120, 30, 120, 30), box, strict=True)]  # type: ignore[call-overload]
    connection.execute(
        """
        INSERT INTO population_unit (city, source_id, source_key, area, geom, total, households, male, female, ages, as_of, method)
        VALUES (%s, %s, %s, %s, ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 4326)), %s, %s, %s, %s, %s, '2020-11-01', %s)
        """,
        (
            *(city.CITY, source[0], key, area, west, south, east, north, total),
            *(more.get("households"), more.get("male"), more.get("female"), more.get("ages") and json.dumps(more["ages"])),
            more.get("method", "by_area"),
        ),
    )


def _population(connection: psycopg.Connection[Any]) -> dict[str, int | None]:
    return dict(connection.execute("SELECT area, population FROM area_figure WHERE population IS NOT NULL").fetchall())


def _share(connection: psycopg.Connection[Any]) -> Apportioned:
    return apportion_population(connection, city.CITY)


def test_by_code_goes_to_the_whole_subtree(connection: psycopg.Connection[Any]) -> None:
    _unit(connection, "west", 1001, area=city.D1)
    done = _share(connection)
    got = _population(connection)
    assert (done.units, done.holders, done.total) == (1, 4, 1001)
    assert sorted(got) == [city.C1, city.C2, city.C3, city.C4]
    assert sum(n or 0 for n in got.values()) == 1001
    assert set(got.values()) == {250, 251}


def test_by_shape_goes_by_common_area(connection: psycopg.Connection[Any]) -> None:
    # The southern half of the first column, and a quarter of the cell above it: areas 4 to 1.
    _unit(connection, "shape", 500, box=(0, 0, 1, 1.25))
    _share(connection)
    assert _population(connection) == {city.C1: 100, city.C2: 400}


def test_by_buildings_goes_by_floor_area(connection: psycopg.Connection[Any]) -> None:
    # C1 has b1 to b3: 4,000 + 400 + 1,200 m²; C2 has two of 1,200 m².
    _unit(connection, "floors", 800, area=city.S1, method="by_buildings")
    _unit(connection, "shape", 200, box=(1, 0, 2, 2), method="by_buildings")
    _unit(connection, "empty", 90, area=city.C8, method="by_buildings")
    done = _share(connection)
    assert _population(connection) == {city.C1: 560, city.C2: 240, city.C3: 100, city.C4: 100, city.C8: 90}
    assert done.by_area == 1
    methods = dict(connection.execute("SELECT area, population_method FROM area_figure WHERE population IS NOT NULL").fetchall())
    assert methods == dict.fromkeys((city.C1, city.C2, city.C3, city.C4), "by_buildings") | {city.C8: "published"}


def test_of_a_cell_that_a_unit_cuts_only_the_buildings_inside_count(connection: psycopg.Connection[Any]) -> None:
    # The eastern half of C1 holds b3 alone (1,200 m² of 5,600), C3 beside it a building of 1,200 m².
    _unit(connection, "across", 100, box=(0.5, 1, 2, 2), method="by_buildings")
    # The south of C2 and C4 holds neither of their buildings, which stand in the middle: there the area counts, 3 to 2.
    _unit(connection, "empty", 50, box=(0.25, 0, 1.5, 0.4), method="by_buildings")
    done = _share(connection)
    assert _population(connection) == {city.C1: 50, city.C3: 50, city.C2: 30, city.C4: 20}
    assert done.by_area == 1
    # By area the first unit would go 1 to 2.
    connection.execute("UPDATE population_unit SET method = 'by_area'")
    _share(connection)
    assert _population(connection) == {city.C1: 33, city.C3: 67, city.C2: 30, city.C4: 20}


@pytest.mark.parametrize(
    ("floors", "height", "counted"),
    [
        (7, 9.0, 7),
        (0, 9.0, 3),
        (None, 9.0, 3),
        (None, 10.4, 3),
        (None, 10.6, 4),
        (None, 1.0, 1),
        (None, None, 1),
        (0, None, 1),
        (2, None, 2),
    ],
)
def test_floors_or_else_the_height_in_threes_or_else_one(
    connection: psycopg.Connection[Any], floors: int | None, height: float | None, counted: int
) -> None:
    """C5 has two buildings and C6 one; of each 400 m² on the ground, those of C5 with three floors."""
    connection.execute("UPDATE building SET floors = %s, height_m = %s WHERE grid = %s", [floors, height, city.C6])
    _unit(connection, "third", 100 * (6 + counted), area=city.K3, method="by_buildings")
    _share(connection)
    assert _population(connection) == {city.C5: 600, city.C6: 100 * counted}


def test_a_cell_of_several_units_says_the_roughest_way_and_the_latest_day(connection: psycopg.Connection[Any]) -> None:
    _unit(connection, "own", 10, area=city.C1)
    _unit(connection, "floors", 10, area=city.K1, method="by_buildings")
    _unit(connection, "around", 10, box=(1, 0, 2, 2))
    _unit(connection, "again", 10, area=city.C3, method="by_buildings")
    connection.execute("UPDATE population_unit SET as_of = '2021-01-01' WHERE source_key = 'own'")
    _share(connection)
    found = connection.execute(
        "SELECT area, population_method, population_as_of::text FROM area_figure WHERE population IS NOT NULL ORDER BY 1"
    ).fetchall()
    assert found == [
        (city.C1, "by_buildings", "2021-01-01"),
        (city.C2, "by_buildings", "2020-11-01"),
        (city.C3, "by_area", "2020-11-01"),
        (city.C4, "by_area", "2020-11-01"),
    ]


@pytest.mark.parametrize(("whole_from", "people"), [(0.24, 400), (0.26, 100)])
def test_a_unit_counts_whole_from_the_share_that_its_source_says(
    connection: psycopg.Connection[Any], whole_from: float, people: int
) -> None:
    connection.execute("UPDATE source SET whole_from = %s", [whole_from])
    _unit(connection, "across", 400, box=(-3, 0, 1, 1))
    assert (_share(connection).total, _population(connection)) == (people, {city.C2: people})


def test_people_of_a_unit_that_names_a_zone_live_in_its_polygon(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE area SET geom = ST_Multi(ST_MakeEnvelope(120, 30, 120.01, 30.0125, 4326)) WHERE code = %s", [city.ZONE])
    _unit(connection, "zone", 500, area=city.ZONE)
    assert _share(connection).unplaced == []
    assert _population(connection) == {city.C1: 100, city.C2: 400}
    connection.execute("UPDATE area SET geom = NULL WHERE code = %s", [city.ZONE])
    assert _share(connection).unplaced == ["zone"]


def test_sexes_are_known_together_or_not_at_all(connection: psycopg.Connection[Any]) -> None:
    _unit(connection, "both", 10, area=city.C1, male=4, female=6, ages={"0-14": 10})
    _unit(connection, "one", 10, area=city.C2, male=4)
    # Nobody lives there: what it does not say is not missing.
    _unit(connection, "nobody", 0, area=city.C3)
    _share(connection)
    assert connection.execute("SELECT DISTINCT male, female, ages::text FROM area_figure WHERE population > 0").fetchall() == [
        (None, None, None)
    ]
    connection.execute("UPDATE population_unit SET female = 6, ages = '{\"0-14\": 3}' WHERE source_key = 'one'")
    _share(connection)
    found = connection.execute("SELECT male, female, ages FROM area_figure WHERE area = %s", [city.C2]).fetchone()
    assert found == (4, 6, {"0-14": 3})


def test_another_city_keeps_its_people(database: str) -> None:
    with psycopg.connect(database) as connection:
        twin_city.load(connection)
        before = {
            code: people for code, people in _population(connection).items() if not code.startswith(city.CITY[:2]) and code != city.ZONE
        }
        _unit(connection, "west", 12, area=city.C1)
        _share(connection)
        assert len(before) > 7
        assert _population(connection) == before | {city.C1: 12}


def test_a_unit_in_a_gap_between_the_cells_goes_to_the_nearest(connection: psycopg.Connection[Any]) -> None:
    wide = "UPDATE area SET geom = ST_Multi(ST_MakeEnvelope(120, 30, 120.06, 30.03, 4326)), origin = 'published' WHERE code = %s"
    connection.execute(wide, [city.CITY])
    _unit(connection, "gap", 33, box=(5, 0, 6, 0.5))
    _unit(connection, "lost", 5, area="no such area")
    done = _share(connection)
    assert (done.nearest, done.unplaced) == (["gap"], ["lost"])
    assert _population(connection) == {city.C8: 33}


@pytest.mark.parametrize(
    ("box", "method", "people", "outside"),
    [
        ((5, 0, 6, 0.5), "by_area", {}, 400),  # beside the city
        ((-3, 0, 1, 1), "by_area", {city.C2: 100}, 300),
        ((-1, 0, 1, 0.5), "by_buildings", {city.C2: 200}, 200),  # of both sides by area, though no building is known outside
        ((-79, 0, 1, 1), "by_area", {city.C2: 5}, 395),
    ],
)
def test_people_of_a_unit_live_on_all_of_it_and_those_outside_are_not_counted(
    connection: psycopg.Connection[Any], box: Any, method: str, people: dict[str, int], outside: int
) -> None:
    _unit(connection, "across", 400, box=box, method=method, households=200, male=160, female=240, ages={"0-14": 100, "15+": 300})
    done = _share(connection)
    assert _population(connection) == people
    assert [(one.key, one.people, one.total) for one in done.beyond] == [("across", outside, 400)]
    assert done.total == 400 - outside
    if outside == 300:
        found = connection.execute("SELECT households, male, female, ages FROM area_figure WHERE area = %s", [city.C2]).fetchone()
        assert found == (50, 40, 60, {"0-14": 25, "15+": 75})


def test_sexes_ages_households_stay_exact(connection: psycopg.Connection[Any]) -> None:
    ages = {"0-14": 101, "15-59": 500, "60+": 402}
    _unit(connection, "west", 1003, area=city.D1, households=333, male=499, female=504, ages=ages)
    _share(connection)
    rows = connection.execute(
        "SELECT population, households, male, female, ages FROM area_figure WHERE population IS NOT NULL ORDER BY area"
    ).fetchall()
    assert [sum(row[i] for row in rows) for i in range(4)] == [1003, 333, 499, 504]
    assert {band: sum(row[4][band] for row in rows) for band in ages} == ages
    assert all(row[2] + row[3] == row[0] == sum(row[4].values()) for row in rows)


def test_parts_that_a_unit_lacks_are_left_empty(connection: psycopg.Connection[Any]) -> None:
    _unit(connection, "west", 100, area=city.D1, male=40, female=60)
    _unit(connection, "east", 100, area=city.D2)
    _share(connection)
    assert connection.execute("SELECT count(*) FROM area_figure WHERE male IS NOT NULL OR households IS NOT NULL").fetchone() == (0,)


def test_again_gives_the_same_and_rolls_up(connection: psycopg.Connection[Any]) -> None:
    _unit(connection, "west", 1001, area=city.D1)
    _unit(connection, "east", 77, box=(2, 0, 4, 2))
    first = (_share(connection), _population(connection))
    assert (_share(connection), _population(connection)) == first
    rollup.rebuild(connection, city.CITY)
    got = _population(connection)
    assert (got[city.CITY], got[city.D1], got[city.D2]) == (1078, 1001, 77)


def test_people_of_a_community_without_polygon(connection: psycopg.Connection[Any]) -> None:
    """Below a street with cells such a community takes its own people; below a leaf they stand in the leaf."""
    for code, parent in (("X1", city.S1), ("X2", city.C8)):
        connection.execute(
            "INSERT INTO area (code, city, level, name, name_en, parent, path, origin) "
            "VALUES (%s, %s, 'community', %s, %s, %s, %s::ltree, 'none')",
            (code, city.CITY, code, code, parent, f"{city.path_of(parent)}.{code}"),
        )
    _unit(connection, "above a leaf", 12, area="X1")
    _unit(connection, "below a leaf", 9, area="X2")
    _share(connection)
    assert _population(connection) == {"X1": 12, city.C8: 9}
    _unit(connection, "the street around", 10, area=city.S1)
    _share(connection)
    assert _population(connection) == {"X1": 12, city.C8: 9, city.C1: 5, city.C2: 5}
