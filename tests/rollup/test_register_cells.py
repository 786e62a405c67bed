"""Every cell of a district with a register has figures and all bands of ages, whoever lives there, or ever did."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city
from databases import FreshDatabase
from psycopg.types.json import Jsonb

from data import rollup
from data.core.viewer import everything
from data.figures.reports import fetch_report

pytestmark = pytest.mark.slow

CITY, C1, C2, C3, C4, C5 = small_city.CITY, *small_city.CELLS[:5]
_PERSON = """
INSERT INTO person (district, city, source_id, source_key, grid, path, household, name, sex, birth_date, residence)
SELECT a.district, a.city, s.id, %s, a.code, a.path, %s, '张小明', 'M', %s::date, 'registered'
FROM area a JOIN source s ON s.city = a.city WHERE a.code = %s ORDER BY s.id LIMIT 1
RETURNING district, id
"""
FIVE_YEARS = {f"{age}-{age + 4}": 0 for age in range(0, 85, 5)} | {"85+": 0}


def settle(connection: psycopg.Connection[Any]) -> None:
    """Three people live in the western district, all of them in one cell; nobody else was ever registered."""
    connection.execute("DELETE FROM area_figure")
    rollup.rebuild(connection, CITY)
    with rollup.changing_persons(connection, CITY) as touched:
        for number, born in enumerate(["1990-03-07", "1991-01-01", "1950-01-01"]):
            made = connection.execute(_PERSON, [f"p{number}", f"h{number}", born, C1]).fetchone()
            assert made is not None
            touched.add([made])


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    with fresh_database(small_city.load, settle) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


def figures(connection: psycopg.Connection[Any], code: str) -> tuple[Any, ...]:
    found = connection.execute("SELECT population, households, male, female, ages FROM area_figure WHERE area = %s", [code]).fetchone()
    assert found is not None
    return found


def differences(connection: psycopg.Connection[Any]) -> list[rollup.Difference]:
    with connection.transaction():
        return rollup.compare(connection, CITY)


def test_a_cell_in_which_nobody_ever_lived_has_noughts(town: psycopg.Connection[Any]) -> None:
    assert figures(town, C1) == (3, 3, 3, 0, FIVE_YEARS | {"35-39": 2, "75-79": 1})
    for cell in (C2, C3, C4):
        assert figures(town, cell) == (0, 0, 0, 0, FIVE_YEARS)
    assert differences(town) == []


def test_a_district_without_register_has_no_figures(town: psycopg.Connection[Any]) -> None:
    assert figures(town, C5) == (None, None, None, None, None)


async def test_a_cell_that_became_empty_looks_the_same_as_one_that_never_held_anybody(town: psycopg.Connection[Any]) -> None:
    """Three people move from the first cell to the second. Whoever may not see the register sees no difference between any of them."""
    viewer = everything(detail="cases")
    before = {cell: (await fetch_report(cell, None, viewer))["population"] for cell in (C1, C2, C3)}
    everybody = town.execute("SELECT district, id FROM person").fetchall()
    with town.transaction(), rollup.changing_persons(town, CITY, everybody):
        town.execute("UPDATE person p SET grid = a.code, path = a.path FROM area a WHERE a.code = %s", [C2])
    assert figures(town, C1) == (0, 0, 0, 0, FIVE_YEARS)
    after = {cell: (await fetch_report(cell, None, viewer))["population"] for cell in (C1, C2, C3)}
    assert before[C1] == before[C2] == before[C3] == after[C1] == after[C2] == after[C3]
    assert before[C1]["total"] is None and before[C1]["hidden"]
    assert differences(town) == []


def test_a_rebuild_fills_what_an_earlier_version_left_out(town: psycopg.Connection[Any]) -> None:
    nothing = "population = NULL, households = NULL, male = NULL, female = NULL, ages = NULL, population_method = NULL"
    town.execute(f"UPDATE area_figure SET {nothing} WHERE area = %s".encode(), [C2])
    town.execute("UPDATE area_figure SET ages = %s WHERE area = ANY(%s)", [Jsonb({"35-39": 2, "75-79": 1}), [C1, CITY]])
    with town.transaction():
        rollup.rebuild(town, CITY)
    assert figures(town, C2) == (0, 0, 0, 0, FIVE_YEARS)
    assert figures(town, C1)[4] == FIVE_YEARS | {"35-39": 2, "75-79": 1} == figures(town, CITY)[4]
