"""The day of a city's newest case follows every change."""

from datetime import date
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
    change(connection, "UPDATE incident SET reported_at = '2026-10-31T16:00Z' WHERE source_key = 'i01'")
    assert newest(connection) == date(2026, 11, 1), "in the city's time zone"
    change(connection, "DELETE FROM incident")
    assert newest(connection) is None


def test_a_deadline_is_no_report(connection: Connection) -> None:
    change(connection, "UPDATE incident SET due_at = '2027-01-01T00:00Z'")
    assert newest(connection) == date(2026, 10, 31)


def test_nothing_is_told_of_sensitive_cases(connection: Connection) -> None:
    connection.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'env'")
    rollup.rebuild(connection, city.CITY)
    assert newest(connection) == date(2026, 10, 30), "all cases of 31 October are of this category"
