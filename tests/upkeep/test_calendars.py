"""The daily look at calendars: a notice that came with the library makes provisional deadlines final, once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from working_calendars import OFFICE, at

from data import rollup
from data.deadlines import store
from data.deadlines.recomputing import recompute
from data.deadlines.rules import Rule, parse_duration
from data.upkeep.calendars import refresh_calendars

Connection = psycopg.Connection[Any]
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def waiting(connection: Connection) -> Connection:
    """A city whose calendar was read when nothing was official after 1 November, and a case that was counted beyond that day."""
    store.set_region(connection, city.CITY, "CN", date(2026, 10, 31))
    store.write_hours(connection, city.CITY, [OFFICE])
    connection.execute("DELETE FROM calendar_day WHERE day > '2026-09-30'")
    connection.execute("UPDATE city_calendar SET official_until = '2026-09-30', read_at = %s", [NOW - timedelta(days=2)])
    store.write_rules(connection, city.CITY, [Rule(0, None, None, {"handling": parse_duration("2 wd")})])
    worked = "UPDATE incident SET version = 1, due_at = NULL, stage = 'filed', filed_at = %s, reported_at = %s WHERE source_key = 'i05'"
    with rollup.changing_incidents(connection, city.CITY, connection.execute("SELECT district, id FROM incident").fetchall()):
        connection.execute(worked, [at("2026-09-30 10:00")] * 2)
    recompute(connection, city.CITY, NOW)
    return connection


def stored(connection: Connection) -> tuple[Any, ...] | None:
    """The case's deadline, and whether it is provisional."""
    return connection.execute("SELECT due_at, due_provisional FROM incident WHERE source_key = 'i05'").fetchone()


def test_a_notice_makes_deadlines_final(waiting: Connection) -> None:
    assert stored(waiting) == (at("2026-10-02 23:59:59.999999"), True), "the National Day was not gazetted"
    assert refresh_calendars(waiting, NOW) == {city.CITY: 1}
    assert stored(waiting) == (at("2026-10-09 23:59:59.999999"), False)
    assert rollup.compare(waiting, city.CITY) == []
    logged = waiting.execute("SELECT detail->>'cases' FROM audit_log WHERE action = 'calendar'").fetchall()
    assert logged == [("1",)]


def test_it_is_looked_at_once_a_day(waiting: Connection) -> None:
    waiting.execute("UPDATE city_calendar SET read_at = %s", [NOW - timedelta(hours=23)])
    assert refresh_calendars(waiting, NOW) == {}
    assert refresh_calendars(waiting, NOW + timedelta(hours=2)) == {city.CITY: 1}
    assert refresh_calendars(waiting, NOW + timedelta(hours=3)) == {}
    assert refresh_calendars(waiting, NOW + timedelta(days=2)) == {}, "nothing changed since"
