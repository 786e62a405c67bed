"""People who come, move and go: residents, and population, households, sexes and ages of every area above; counted by hand."""

from typing import Any

import psycopg
import pytest
import small_city as city

from data import rollup

Connection = psycopg.Connection[Any]
PEOPLE = [
    # key, cell, building, household, sex, birth; ages are of 1 October 2026, the day of the city's figures
    ("p1", city.C1, "b1", "h1", "M", "1990-01-01"),
    ("p2", city.C1, "b1", "h1", "F", "1990-01-01"),
    ("p3", city.C1, "b2", "h2", "F", "2011-10-01"),  # 15 on that day
    ("p4", city.C1, "b2", "h2", "M", "2011-10-02"),  # 14
    ("p5", city.C1, None, "h3", "F", "1966-10-01"),  # 60
    ("p6", city.C1, "b3", "h4", "M", "1966-10-02"),  # 59
    ("p7", city.C2, "b4", "h1", "F", "2020-02-29"),  # a household of the same name in another cell
]


def come(connection: Connection, people: list[tuple[str, str, str | None, str, str, str]]) -> None:
    with rollup.changing_persons(connection, city.CITY) as touched:
        touched.add([_insert(connection, *one) for one in people])


def _insert(connection: Connection, key: str, cell: str, building: str | None, household: str, sex: str, birth: str) -> tuple[str, int]:
    row = connection.execute(
        """
        INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date, residence)
        SELECT a.district, a.city, s.id, %s, a.code, a.path, (SELECT id FROM building WHERE source_key = %s), %s, '李', %s, %s, 'registered'
        FROM area a, source s WHERE a.code = %s
        RETURNING district, id
        """,
        (key, building, household, sex, birth, cell),
    ).fetchone()
    assert row
    return row[0], row[1]


def ids(connection: Connection, *keys: str) -> list[tuple[str, int]]:
    return connection.execute("SELECT district, id FROM person WHERE source_key = ANY(%s)", [list(keys)]).fetchall()


def figures(connection: Connection, code: str) -> tuple[Any, ...]:
    """Population, households, men, women, and people by age."""
    row = connection.execute("SELECT population, households, male, female, ages FROM area_figure WHERE area = %s", [code]).fetchone()
    assert row
    return (*row[:4], None if row[4] is None else tuple(n for _, n in sorted(row[4].items())))


def residents(connection: Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT source_key, residents FROM building WHERE residents > 0").fetchall())


def forget_figures(connection: Connection) -> None:
    connection.execute("DELETE FROM area_figure")
    rollup.rebuild(connection, city.CITY)


@pytest.fixture
def lived_in(connection: Connection) -> Connection:
    """Cells 1 and 2 have a register. What was published of them (100 and 200 people) is replaced by it."""
    come(connection, PEOPLE)
    return connection


def test_those_who_come_are_counted_in_each_area_above(lived_in: Connection) -> None:
    assert figures(lived_in, city.C1) == (6, 4, 3, 3, (1, 4, 1))
    assert figures(lived_in, city.C2) == (1, 1, 0, 1, (1, 0, 0))
    both = (7, 5, 3, 4, (2, 4, 1))
    assert figures(lived_in, city.K1) == figures(lived_in, city.S1) == both
    # Street 2 has 700 people in 280 households: 343 men, 357 women; 70, 490 and 140 by age.
    assert figures(lived_in, city.D1) == (707, 285, 346, 361, (72, 494, 141))
    # And district 2 has 1,800 in 720: 882 men, 918 women; 180, 1,260, 360.
    assert figures(lived_in, city.CITY) == (2507, 1005, 1228, 1279, (252, 1754, 501))
    assert figures(lived_in, city.ZONE)[0] == 800
    assert residents(lived_in) == {"b1": 2, "b2": 2, "b3": 1, "b4": 1}
    assert rollup.compare(lived_in, city.CITY) == []


def test_one_who_moves_leaves_the_old_cell_and_building(lived_in: Connection) -> None:
    with rollup.changing_persons(lived_in, city.CITY, ids(lived_in, "p1")):
        lived_in.execute(
            "UPDATE person SET grid = %s, path = %s, building_id = (SELECT id FROM building WHERE source_key = 'b5')"
            " WHERE source_key = 'p1'",
            [city.C2, city.path_of(city.C2)],
        )
    assert figures(lived_in, city.C1) == (5, 4, 2, 3, (1, 3, 1))
    assert figures(lived_in, city.C2) == (2, 1, 1, 1, (1, 1, 0))
    assert figures(lived_in, city.S1) == (7, 5, 3, 4, (2, 4, 1))
    assert residents(lived_in) == {"b1": 1, "b2": 2, "b3": 1, "b4": 1, "b5": 1}
    assert rollup.compare(lived_in, city.CITY) == []


def test_when_the_last_goes_nobody_is_left(lived_in: Connection) -> None:
    with rollup.changing_persons(lived_in, city.CITY, ids(lived_in, *(one[0] for one in PEOPLE))):
        lived_in.execute("DELETE FROM person")
    for code in (city.C1, city.C2, city.K1, city.S1):
        assert figures(lived_in, code) == (0, 0, 0, 0, (0, 0, 0))
    assert figures(lived_in, city.D1)[0] == 700
    assert residents(lived_in) == {}
    assert rollup.compare(lived_in, city.CITY) == []


def test_where_nothing_was_published_ages_are_in_bands_of_five_years(connection: Connection) -> None:
    """The figures are then of the city's own day, 31 October 2026."""
    forget_figures(connection)
    births = ["1941-10-31", "1941-11-01", "2021-10-31", "2021-11-01", "2026-10-31", "1900-01-01"]  # 85, 84, 5, 4, 0, 126
    come(connection, [(f"n{n}", city.C1, None, "h1", "F", birth) for n, birth in enumerate(births)])
    for code in (city.C1, city.K1, city.S1, city.D1, city.CITY):
        row = connection.execute(
            "SELECT population, households, male, female, ages, population_as_of::text, population_method FROM area_figure WHERE area = %s",
            [code],
        ).fetchone()
        assert row is not None and {band: n for band, n in row[4].items() if n} == {"0-4": 2, "5-9": 1, "80-84": 1, "85+": 2}, code
        assert len(row[4]) == 18 and (*row[:4], *row[5:]) == (6, 1, 0, 6, "2026-10-31", "register"), code
    assert figures(connection, city.C2) == (0, 0, 0, 0, (0,) * 18), "the same district: nobody ever lived there"
    assert figures(connection, city.D2) == (None,) * 5
    assert rollup.compare(connection, city.CITY) == []


def test_a_published_population_stays_beside_a_register(connection: Connection) -> None:
    """Only a cell that is counted from the register follows it; residents of buildings always do."""
    connection.execute("UPDATE area_figure SET population_method = 'by_area' WHERE area = %s", [city.C1])
    come(connection, PEOPLE)
    assert figures(connection, city.C1) == (100, 40, 49, 51, (10, 70, 20))
    assert figures(connection, city.C2) == (1, 1, 0, 1, (1, 0, 0))
    assert figures(connection, city.S1)[0] == 101
    assert residents(connection) == {"b1": 2, "b2": 2, "b3": 1, "b4": 1}


def test_a_city_whose_units_are_shared_out_keeps_their_figures(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO population_unit (city, source_id, source_key, area, total, as_of, method)"
        " SELECT city, id, 'u1', %s, 2800, '2020-11-01', 'by_area' FROM source",
        [city.CITY],
    )
    come(connection, PEOPLE)
    assert figures(connection, city.C1)[0] == 100
    assert figures(connection, city.CITY)[0] == 2800
    assert residents(connection) == {"b1": 2, "b2": 2, "b3": 1, "b4": 1}


def test_the_register_of_another_city_counts_for_nothing(connection: Connection) -> None:
    """Not even with the same cell, building and household."""
    connection.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('N', '邻', 'Neighbour', 'UTC')")
    come(connection, PEOPLE[:2])
    connection.execute("UPDATE person SET city = 'N' WHERE source_key = 'p1'")
    come(connection, PEOPLE[2:3])
    assert figures(connection, city.C1) == (2, 2, 0, 2, (0, 2, 0))
    assert residents(connection) == {"b1": 2, "b2": 1}, "of a building that nobody touched nothing is counted again"
    with rollup.changing_persons(connection, city.CITY, ids(connection, "p2")):
        pass
    assert residents(connection) == {"b1": 1, "b2": 1}
