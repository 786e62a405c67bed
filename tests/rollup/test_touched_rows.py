"""Touched rows are each there once, listed or by their source."""

from typing import Any

import psycopg
import pytest
from psycopg import sql

from data.rollup import TouchedRows

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
