"""Rows are copied in a second thread: its errors are raised here, and nothing is sent after one."""

from typing import Any

import psycopg
import pyarrow as pa
import pytest

from data.database.bulk_copy import Writer

ROWS = pa.table({"code": pa.array(["a", "b"])})
WRONG = pa.table({"code": pa.array(["c", None])})


@pytest.fixture
def place(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    connection.execute("CREATE TEMP TABLE place (code text NOT NULL) ON COMMIT DROP")
    return connection


def test_rows_have_arrived_at_the_end(place: psycopg.Connection[Any]) -> None:
    told: list[tuple[str, int]] = []
    with Writer(place, lambda *what: told.append(what)) as writer:
        for _ in range(6):  # more than may wait
            writer.copy("place", "place", ROWS)
    assert place.execute("SELECT code, count(*) FROM place GROUP BY 1 ORDER BY 1").fetchall() == [("a", 6), ("b", 6)]
    assert told == [("place", 2)] * 6


def test_what_the_database_refuses_is_raised_at_the_end_at_the_latest(place: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.NotNullViolation), Writer(place) as writer:
        writer.copy("place", "place", WRONG)
        writer.copy("place", "place", ROWS)
    place.rollback()


def test_an_error_of_the_maker_is_not_hidden_by_one_of_the_database(place: psycopg.Connection[Any]) -> None:
    with pytest.raises(ZeroDivisionError), Writer(place) as writer:
        writer.copy("place", "place", WRONG)
        raise ZeroDivisionError
    place.rollback()
