"""Whoever may see the register of some of the cells that a zone meets cannot subtract them from the zone's figures."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import load_people, seeing, viewer_of

from data import rollup
from data.core.viewer import Viewer, everything

pytestmark = pytest.mark.slow

Connection = psycopg.Connection[Any]
PART_OF_C1 = (120.006, 30.01, 120.03, 30.02)
"""The zone with two fifths of cell C1 more; the cell's middle stays outside, so that its register is not the zone's."""
FIGURES = "SELECT population, households, male, female, ages, people_hidden FROM area_figure_seen WHERE area = %s"
COUNTS = "SELECT count(*) FROM {} d JOIN incident_kind k ON k.no = d.kind WHERE k.category = 'utility' AND d.area_no = %s"


def draw(connection: Connection) -> None:
    connection.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'utility'")
    connection.execute("UPDATE incident SET geom = ST_SetSRID(ST_Point(120.008, 30.015), 4326) WHERE source_key = 'i04'")
    rollup.rebuild(connection, city.CITY)
    connection.execute("UPDATE area_figure SET shown_population = 5")  # so that what is shown differs from what is exact
    connection.commit()


def cross(connection: Connection) -> None:
    connection.execute(
        "UPDATE area SET geom = g, geom_3857 = ST_Transform(g, 3857)"
        " FROM ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 4326)) g WHERE code = %s",
        [*PART_OF_C1, city.ZONE],
    )
    rollup.rebuild(connection, city.CITY)
    connection.execute("UPDATE area_figure SET shown_population = 5")  # so that what is shown differs from what is exact
    connection.commit()


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database(city.load, load_people, draw) as url, psycopg.connect(url) as connection:
        yield connection


def asked(viewer: Viewer, statement: str, value: Any) -> list[Any]:
    with seeing(viewer) as connection:
        return connection.execute(statement.encode(), [value]).fetchall()


def number_of(connection: Connection, code: str) -> int:
    row = connection.execute("SELECT no FROM area WHERE code = %s", [code]).fetchone()
    assert row
    return int(row[0])


def counts(viewer: Viewer, number: int) -> list[Any]:
    return [asked(viewer, COUNTS.format(table), number)[0][0] for table in ("incident_daily", "incident_open")]


def test_a_zone_of_whole_cells_is_exact_for_whoever_may_see_its_register(town: Connection) -> None:
    steward, figures = viewer_of(city.ZONE, "people"), everything(detail="figures")
    assert asked(steward, FIGURES, city.ZONE) != asked(figures, FIGURES, city.ZONE)
    assert counts(steward, number_of(town, city.ZONE))[0] > 0


def test_a_zone_with_a_part_of_a_foreign_cell_is_told_to_them_as_to_everybody(town: Connection) -> None:
    cross(town)
    zone, inside = number_of(town, city.ZONE), number_of(town, city.C3)
    steward, figures, all_of_it = viewer_of(city.ZONE, "people"), everything(detail="figures"), everything()
    assert town.execute("SELECT count(*) FROM zone_member WHERE zone = %s", [city.ZONE]).fetchone() == (2,)
    assert asked(steward, FIGURES, city.ZONE) == asked(figures, FIGURES, city.ZONE)
    assert counts(steward, zone) == [0, 0]
    assert counts(steward, inside)[0] > 0, "its own cells stay"
    assert asked(steward, FIGURES, city.C3) == asked(all_of_it, FIGURES, city.C3) != asked(figures, FIGURES, city.C3)
    assert asked(all_of_it, FIGURES, city.ZONE) != asked(figures, FIGURES, city.ZONE)
    assert counts(all_of_it, zone)[0] > 0, "who may see all cells sees the whole zone"


def test_who_may_see_a_district_sees_no_more_of_a_zone_that_leaves_it(town: Connection) -> None:
    cross(town)
    zone = number_of(town, city.ZONE)
    assert counts(viewer_of(city.D1, "people"), zone) == [0, 0]
    assert counts(viewer_of(city.D1, "people"), number_of(town, city.C3))[0] > 0
