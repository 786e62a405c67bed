"""Earlier cases of a place and of a reporter: which, for whom, and what is written down."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import viewer_of

from data.cases.duplicates.earlier import fetch_earlier
from data.core.errors import UnknownObject

AT = (120.005, 30.015)
"""The middle of C1, where i06 stands, which was reported on 31 October."""
_PUT = """
UPDATE incident SET address = %s, geom = p, geom_3857 = ST_Transform(p, 3857)
FROM (SELECT ST_Project(ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, %s, 0)::geometry AS p) placed WHERE source_key = %s
"""


def load_cases(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE incident SET number = source_key")
    # Metres from i06, and the address.
    for key, metres, address in (
        *(("i06", 0, "一号"), ("i01", 24.5, "二号"), ("i02", 26, "二号"), ("i03", 100, "一号"), ("i05", 160, "一号")),
        *(("i24", 5, "一号"), ("i27", 5, None)),
    ):
        connection.execute(_PUT, (address, *AT, metres, key))
    connection.execute("UPDATE incident SET grid = %s WHERE source_key IN ('i24', 'i27')", (city.C1,))
    # The same telephone: i06, i21 in the other district, i24 of more than a year ago; another: i02.
    for key, phone in (("i06", "a"), ("i21", "a"), ("i24", "a"), ("i02", "b"), ("i11", "a")):
        connection.execute(
            "INSERT INTO incident_reporter (district, incident_id, city, grid, path, name, phone_hash)"
            " SELECT district, id, city, grid, path, '王', %s FROM incident WHERE source_key = %s",
            (phone.encode(), key),
        )
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load, load_cases) as url:
        yield url


async def test_cases_of_the_same_spot_and_of_the_same_address_nearby() -> None:
    told = await fetch_earlier("i06", city.CITY, viewer_of(city.CITY, "cases"))
    # i02 stands 26 m away, i05 has the address but stands 160 m away, i24 is more than a year old; i27 is of September.
    assert [row["number"] for row in told["of_place"]] == ["i03", "i01", "i27"] and told["months"] == 12
    assert told["of_reporter"] is None
    told = await fetch_earlier("i27", city.CITY, viewer_of(city.CITY, "cases"))
    assert [row["number"] for row in told["of_place"]] == ["i24"], "what came later is not earlier"


async def test_cases_of_the_reporter_by_right_and_written_down(town: str) -> None:
    log = "SELECT account, subject FROM audit_log WHERE action = 'list_people'"
    with psycopg.connect(town) as owner:
        owner.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_stays")
        owner.execute("DELETE FROM audit_log")
        owner.execute("ALTER TABLE audit_log ENABLE TRIGGER audit_stays")
        owner.commit()
        told = await fetch_earlier("i06", city.CITY, viewer_of(city.CITY))
        assert told["of_reporter"] is not None
        assert [row["number"] for row in told["of_reporter"]] == ["i11", "i21"], "i24 is more than a year old"
        (case_id,) = owner.execute("SELECT id FROM incident WHERE source_key = 'i06'").fetchone() or (0,)
        subject = f"earlier cases of the reporter of incident {city.D1}/{case_id}"
        assert owner.execute(log).fetchall() == [("worker", subject)]
        # Somebody of one district learns nothing of the other.
        told = await fetch_earlier("i06", city.CITY, viewer_of(city.D1))
        assert told["of_reporter"] is not None and [row["number"] for row in told["of_reporter"]] == ["i11"]
        told = await fetch_earlier("i01", city.CITY, viewer_of(city.CITY))
        assert told["of_reporter"] == [], "whose reporter is not known"
        owner.commit()
        assert len(owner.execute(log).fetchall()) == 2, "and nothing was opened"


async def test_a_case_out_of_sight_has_no_earlier_ones() -> None:
    with pytest.raises(UnknownObject):
        await fetch_earlier("i06", city.CITY, viewer_of(city.D2))
