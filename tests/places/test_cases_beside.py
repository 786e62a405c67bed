"""The cases of a building: at it or at most twenty metres away, on the spheroid; the most urgent first."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from pyproj import Geod

from data.core.viewer import everything
from data.places import cards
from data.places.cards import fetch_building_card

WHO = everything()
HALF_DEG = 0.0001
"""Half of the side of a building of the small city."""


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The small city, in a database that a test may change."""
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


def middle_of(connection: psycopg.Connection[Any], key: str) -> tuple[float, float]:
    row = connection.execute(
        "SELECT ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM building WHERE source_key = %s", [key]
    ).fetchone()
    assert row
    return row[0], row[1]


def put(connection: psycopg.Connection[Any], case: str, lon: float, lat: float) -> None:
    connection.execute(
        "UPDATE incident SET geom = g, geom_3857 = ST_Transform(g, 3857)"
        " FROM (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326)) p (g) WHERE source_key = %s",
        [lon, lat, case],
    )


async def card_of(connection: psycopg.Connection[Any], key: str, viewer: Any = WHO) -> Any:
    row = connection.execute("SELECT source_id FROM building WHERE source_key = %s", [key]).fetchone()
    assert row
    return await fetch_building_card(f"{row[0]}:{key}", viewer)


@pytest.mark.parametrize(("metres", "found"), [(19.9, True), (20.1, False), (0.0, True)])
async def test_a_case_twenty_metres_from_the_wall_belongs_to_the_building(
    town: psycopg.Connection[Any], metres: float, found: bool
) -> None:
    lon, lat = middle_of(town, "b1")
    east, north, _ = Geod(ellps="WGS84").fwd(lon + HALF_DEG, lat, 90, metres)
    put(town, "i05", east, north)
    told = (await card_of(town, "b1"))["cases"]
    assert ("i05" in [row["key"].partition(":")[2] for row in told["rows"]]) is found


async def test_open_cases_come_first_by_deadline_then_the_newest_and_all_are_counted(
    town: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of C1: i04 is overdue, i05 and i06 are open with later deadlines; i01 to i03 are closed, i03 last reported."""
    lon, lat = middle_of(town, "b1")
    for case in ("i01", "i02", "i03", "i04", "i05", "i06"):
        put(town, case, lon, lat)
    told = (await card_of(town, "b1"))["cases"]
    assert [row["key"].partition(":")[2] for row in told["rows"]] == ["i04", "i05", "i06", "i03", "i02", "i01"]
    assert (told["open"], told["total"]) == (3, 6)
    first = told["rows"][0]
    assert (first["state"], first["due_at"], first["category"]["name_en"]) == ("overdue", "2026-10-31T09:00:00+08:00", "Public utilities")
    monkeypatch.setattr(cards, "MOST_BESIDE", 2)
    cut = (await card_of(town, "b1"))["cases"]
    assert (len(cut["rows"]), cut["open"], cut["total"]) == (2, 3, 6)


async def test_a_case_in_the_next_cell_belongs_to_the_building_if_it_is_near(town: psycopg.Connection[Any]) -> None:
    """Whichever cell it counts for: b1 lies in C1, the case in C2."""
    put(town, "i09", *middle_of(town, "b1"))
    town.execute(
        "UPDATE building SET geom = ST_Translate(geom, 0, south), geom_3857 = ST_Transform(ST_Translate(geom, 0, south), 3857)"
        " FROM (SELECT 30.01 - ST_YMin(geom) + 0.00001 FROM building WHERE source_key = 'b1') s (south) WHERE source_key = 'b1'"
    )
    lon, lat = middle_of(town, "b1")
    put(town, "i09", lon, lat - 2 * HALF_DEG)
    assert [row["key"].partition(":")[2] for row in (await card_of(town, "b1"))["cases"]["rows"]] == ["i09"]


async def test_who_sees_no_single_cases_gets_none(town: psycopg.Connection[Any]) -> None:
    put(town, "i05", *middle_of(town, "b1"))
    assert (await card_of(town, "b1", everything(detail="figures")))["cases"] is None
    elsewhere = replace(everything(), scope=f"{city.CITY}.{city.D2}")
    assert (await card_of(town, "b1", elsewhere))["cases"] == {"rows": [], "open": 0, "total": 0}
