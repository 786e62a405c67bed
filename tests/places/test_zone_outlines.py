"""What a zone shows: its circles, single cases and facilities agree with its figures, whoever asks."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import load_people, viewer_of

from data import rollup
from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.database.transactions import fetch
from data.figures.reports import NO_FILTERS, Filters, fetch_report
from data.places import outlines
from data.queries import areas

Connection = psycopg.Connection[Any]
PERIOD = Period.parse(city.FROM, city.TO)
FIGURES = everything(detail="figures")
ZONE_WORKER = viewer_of(city.ZONE, "cases")
EVERYBODY = (everything(), FIGURES, ZONE_WORKER, viewer_of(city.ZONE, "figures"))
BOXES = {
    "whole cells": (1.0, 1.0, 3.0, 2.0),
    "a part of cell 1": (0.5, 1.0, 3.0, 2.0),
    "a yard in one cell": (0.15, 1.25, 0.35, 1.35),
    "parts of six cells": (0.6, 0.25, 2.5, 1.9),
    "the whole city and more": (-1.0, -1.0, 5.0, 5.0),
}


def draw(connection: Connection, west: float, south: float, east: float, north: float) -> None:
    connection.execute(
        "UPDATE area SET geom = g, geom_3857 = ST_Transform(g, 3857), label_point = ST_PointOnSurface(g)"
        " FROM ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 4326)) g WHERE code = %s",
        [120 + west / 100, 30 + south / 100, 120 + east / 100, 30 + north / 100, city.ZONE],
    )
    rollup.rebuild(connection, city.CITY)
    connection.commit()


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database(city.load, load_people) as url, psycopg.connect(url) as connection:
        yield connection


def stands(connection: Connection, table: str, kept: str = "true") -> int:
    row = connection.execute(
        f"SELECT count(*) FROM {table} i, area z WHERE z.code = %s AND ST_Intersects(z.geom, i.geom) AND {kept}".encode(), [city.ZONE]
    ).fetchone()
    assert row
    return int(row[0])


async def cases(viewer: Viewer, closed: bool, filters: Filters = NO_FILTERS) -> Any:
    return (await outlines.fetch_cases(city.ZONE, PERIOD, filters, closed, viewer)).body


@pytest.mark.parametrize("box", BOXES)
async def test_circles_of_a_zone_sum_to_what_stands_in_it(town: Connection, box: str) -> None:
    draw(town, *BOXES[box])
    for filters in (NO_FILTERS, Filters(("env",)), Filters(("order",), ("hotline",))):
        kept = " AND ".join([f"category = '{filters.categories[0]}'"] if filters.categories else ["true"])
        kept += " AND channel = 'hotline'" if filters.channels else ""
        found = await cases(FIGURES, False, filters)
        assert found["kind"] == "clusters"
        assert sum(row["n"] for row in found["rows"]) == found["total"] == stands(town, "incident", f"is_open AND {kept}")
        assert sum(row["overdue"] for row in found["rows"]) == stands(town, "incident", f"deadline_state = 'overdue' AND {kept}")
        assert found["left_out"] == 0


async def test_cells_of_a_zone_have_circles_of_their_own_and_the_rest_is_one(town: Connection) -> None:
    draw(town, *BOXES["a part of cell 1"])
    found = await cases(FIGURES, closed=True)
    inside = [row for row in found["rows"] if row["lon"] > 120.01]
    assert {(round(row["lon"], 6), round(row["lat"], 6)) for row in inside} >= {(120.015, 30.015), (120.025, 30.015)}
    report = await fetch_report(city.ZONE, PERIOD, FIGURES)
    assert found["total"] == report["incidents"]["total"]


async def test_a_case_without_a_place_is_in_no_circle_of_the_zone_around_its_cell(town: Connection) -> None:
    before = await cases(FIGURES, closed=False)
    lost = town.execute("SELECT source_key FROM incident WHERE grid = %s AND is_open LIMIT 1", [city.C3]).fetchall()
    city.lose_place(town, city.C3, lost[0][0])
    rollup.rebuild(town, city.CITY)
    town.commit()
    for viewer in EVERYBODY:
        found = await cases(viewer, closed=False)
        counted = len(found["rows"]) if found["kind"] == "points" else sum(row["n"] for row in found["rows"])
        assert (counted, found["total"], found["left_out"]) == (before["total"] - 1, before["total"] - 1, 0)


async def test_cases_that_may_not_be_seen_singly_are_told_as_left_out(town: Connection) -> None:
    """The zone has a part of cell 1, whose cases whoever may see the zone's own cells does not see."""
    town.execute("UPDATE incident SET geom = ST_SetSRID(ST_Point(120.008, 30.015), 4326) WHERE source_key = 'i04'")
    draw(town, *BOXES["a part of cell 1"])
    town.execute("DELETE FROM zone_member WHERE zone = %s AND grid = %s", [city.ZONE, city.C1])
    town.commit()
    whole, own = await cases(everything(), closed=False), await cases(ZONE_WORKER, closed=False)
    assert (whole["total"], whole["left_out"]) == (stands(town, "incident", "is_open"), 0)
    assert own["kind"] == "points" and own["total"] == len(own["rows"])
    assert own["left_out"] == whole["total"] - own["total"] > 0


@pytest.mark.parametrize("box", BOXES)
async def test_facilities_of_a_zone_are_the_same_for_everybody(town: Connection, box: str) -> None:
    draw(town, *BOXES[box])
    kinds = town.execute(
        "SELECT f.kind, count(*)::int AS n FROM facility f, area z WHERE z.code = %s AND ST_Intersects(z.geom, f.geom)"
        " GROUP BY f.kind ORDER BY n DESC, f.kind",
        [city.ZONE],
    ).fetchall()
    for viewer in EVERYBODY:
        found = await fetch(areas.facilities_by_kind("zone"), viewer, {"code": city.ZONE})
        assert [(row["kind"], row["n"]) for row in found] == kinds
        report = await fetch_report(city.ZONE, PERIOD, viewer)
        assert report["facilities"]["total"] == sum(n for _, n in kinds)
        shown = (await outlines.fetch_facilities(city.ZONE, viewer)).body
        assert len(shown["rows"]) + shown["left_out"] == report["facilities"]["total"]


async def test_who_may_not_see_the_zone_is_told_of_none_of_its_facilities(town: Connection) -> None:
    draw(town, *BOXES["whole cells"])
    for viewer in (Viewer.nobody(), viewer_of(city.C8, "cases")):
        assert await fetch(areas.facilities_by_kind("zone"), viewer, {"code": city.ZONE}) == []
