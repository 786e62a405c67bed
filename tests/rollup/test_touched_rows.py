"""Touched rows are each there once, listed or by their source."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from small_city import CITY

from data.rollup import DatedIncidents, TouchedRows, changing_dated_incidents, compare

Connection = psycopg.Connection[Any]


def ids(connection: Connection, condition: str) -> list[tuple[str, int]]:
    rows = connection.execute(f"SELECT district, id FROM building WHERE {condition} ORDER BY id".encode())
    return [(str(district), int(number)) for district, number in rows]


def seen(connection: Connection, touched: TouchedRows) -> list[tuple[str, int]]:
    rows = connection.execute(sql.SQL("SELECT district, id FROM {} r ORDER BY id").format(touched.rows))
    return [(str(district), int(number)) for district, number in rows]


@pytest.fixture
def two(connection: Connection) -> Connection:
    """Buildings of two sources."""
    connection.execute("UPDATE building SET source_id = 1 + id % 2")
    assert ids(connection, "source_id = 1") and ids(connection, "source_id = 2")
    return connection


@pytest.mark.parametrize("listed", [False, True])
def test_a_source_and_further_rows(two: Connection, listed: bool) -> None:
    touched = TouchedRows(two, "building", listed=listed)
    assert seen(two, touched) == []
    touched.add_source(1)
    assert seen(two, touched) == ids(two, "source_id = 1")
    touched.add(ids(two, "true")[:3])
    assert seen(two, touched) == ids(two, f"source_id = 1 OR id <= {ids(two, 'true')[2][1]}")
    touched.add_source(2)
    assert seen(two, touched) == ids(two, "true")
    in_table = two.execute("SELECT district, id FROM touched_building ORDER BY id").fetchall()
    assert in_table == ids(two, "true")
    assert touched.drop()


def test_a_table_adds_rows_that_were_there_only_once(two: Connection) -> None:
    two.execute("CREATE TEMP TABLE told ON COMMIT DROP AS SELECT district, id FROM building UNION ALL SELECT district, id FROM building")
    touched = TouchedRows(two, "building")
    touched.add(ids(two, "source_id = 1"), sql.Identifier("told"))
    assert seen(two, touched) == ids(two, "true")
    assert touched.drop()


def test_whether_anything_was_touched(two: Connection) -> None:
    none = TouchedRows(two, "building")
    none.add()
    assert not none.drop()
    source = TouchedRows(two, "building")
    source.add_source(1)
    assert source.drop()


# ---- Incidents whose moments are known ----


def test_dated_incidents_are_read_from_their_months_alone(connection: Connection) -> None:
    known = connection.execute("SELECT district, id, reported_at, number FROM incident ORDER BY reported_at").fetchall()
    late = [row[:3] for row in known if row[2] >= datetime(2026, 10, 1, tzinfo=UTC)]
    touched = DatedIncidents([*late[:2], late[0]])
    reading = sql.SQL("SELECT district, id, reported_at FROM {} r ORDER BY reported_at").format(touched.rows)
    assert connection.execute(reading, touched.bound).fetchall() == late[:2], "each once"
    plan = connection.execute(sql.SQL("EXPLAIN ") + reading, touched.bound).fetchall()
    months = {month for (line,) in plan for month in re.findall(r"incident_(\d{4}_\d\d|before|after)", line)}
    assert months == {"2026_10"}
    touched.add([known[0][:3]])
    reading = sql.SQL("SELECT district, id, reported_at FROM {} r ORDER BY reported_at").format(touched.rows)
    assert connection.execute(reading, touched.bound).fetchall() == [known[0][:3], *late[:2]], "those of other months, too"
    moved = DatedIncidents([(*late[0][:2], late[0][2] + timedelta(microseconds=1))])
    assert connection.execute(sql.SQL("SELECT FROM {} r").format(moved.rows), moved.bound).fetchall() == []


def test_no_dated_incident_is_none(connection: Connection) -> None:
    none = DatedIncidents([])
    assert connection.execute(sql.SQL("SELECT FROM {} r").format(none.rows), none.bound).fetchall() == []
    assert not none.drop()


def test_changes_of_one_session_keep_their_tables_and_plans(connection: Connection) -> None:
    """The tables of the first change are those of the next, and are empty between them."""
    rows = connection.execute("SELECT district, id, reported_at FROM incident WHERE stage = 'dispatched' ORDER BY id").fetchall()
    tables = set()
    for n, row in enumerate(rows * 3):
        with connection.transaction():
            with changing_dated_incidents(connection, CITY, [row]):
                stage = "dispatched" if n >= len(rows) else "filed"
                connection.execute("UPDATE incident SET stage = %s WHERE (district, id, reported_at) = (%s, %s, %s)", [stage, *row])
            left = "SELECT (SELECT count(*) FROM kept_incident_daily) + (SELECT count(*) FROM kept_emptied_incident_open)"
            assert connection.execute(left).fetchone() == (0,)
            tables.add(connection.execute("SELECT 'kept_incident_open'::regclass::oid").fetchone())
        assert not list(compare(connection, CITY))
    assert len(tables) == 1
