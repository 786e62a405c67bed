"""The day of a city's newest case follows every change."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import small_city as city

from data import rollup

Connection = psycopg.Connection[Any]


def newest(connection: Connection) -> date | None:
    row = connection.execute("SELECT newest_case_day FROM city WHERE code = %s", [city.CITY]).fetchone()
    assert row
    return row[0]  # type: ignore[no-any-return]


def change(connection: Connection, statement: str) -> None:
    with rollup.changing_incidents(connection, city.CITY, connection.execute("SELECT district, id FROM incident").fetchall()):
        connection.execute(statement)


def test_it_goes_back_when_the_newest_cases_go(connection: Connection) -> None:
    assert newest(connection) == date(2026, 10, 31)
    change(connection, "DELETE FROM incident WHERE reported_at >= '2026-10-31T00:00+08:00'")
    assert newest(connection) == date(2026, 10, 30)
    change(connection, "DELETE FROM incident WHERE reported_at >= '2026-10-20T00:00+08:00' AND source_key <> 'i01'")
    change(connection, "UPDATE incident SET reported_at = '2026-10-20T16:00Z' WHERE source_key = 'i01'")
    assert newest(connection) == date(2026, 10, 21), "in the city's time zone"
    change(connection, "DELETE FROM incident")
    assert newest(connection) is None


def test_a_day_that_has_not_come_is_not_the_newest(connection: Connection) -> None:
    """The figures are of 31 October, 20:00 in the city: a case of that day counts also where its hour has not come."""
    change(connection, "DELETE FROM incident WHERE reported_at >= '2026-10-20T00:00+08:00' AND source_key <> 'i01'")
    change(connection, "UPDATE incident SET reported_at = '2026-10-20T16:00Z' WHERE source_key = 'i01'")
    change(connection, "UPDATE incident SET reported_at = '2026-10-31T16:00Z' WHERE source_key = 'i02'")
    assert newest(connection) == date(2026, 10, 21)
    change(connection, "UPDATE incident SET reported_at = '2026-10-31T15:59Z' WHERE source_key = 'i02'")
    assert newest(connection) == date(2026, 10, 31)


def test_a_day_becomes_the_newest_when_it_comes(connection: Connection) -> None:
    """In a live city the clock brings it, also where no deadline passes."""
    connection.execute("UPDATE city SET as_of = NULL")
    connection.execute("DELETE FROM incident WHERE source_key <> 'i01'")
    rollup.rebuild(connection, city.CITY)
    change(connection, "UPDATE incident SET reported_at = '2100-01-01T12:00Z', due_at = NULL, closed_at = NULL WHERE source_key = 'i01'")
    assert newest(connection) is None
    before = connection.execute("SELECT data_version FROM city").fetchone()
    assert not rollup.tick(connection, city.CITY, datetime(2099, 12, 31, 15, 59, tzinfo=UTC))
    assert newest(connection) is None
    assert rollup.tick(connection, city.CITY, datetime(2100, 1, 1, 0, 0, tzinfo=UTC))
    assert newest(connection) == date(2100, 1, 1)
    assert connection.execute("SELECT data_version FROM city").fetchone() != before


def test_a_deadline_is_no_report(connection: Connection) -> None:
    change(connection, "UPDATE incident SET due_at = '2027-01-01T00:00Z'")
    assert newest(connection) == date(2026, 10, 31)


def test_nothing_is_told_of_sensitive_cases(connection: Connection) -> None:
    connection.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'env'")
    rollup.rebuild(connection, city.CITY)
    assert newest(connection) == date(2026, 10, 30), "all cases of 31 October are of this category"
