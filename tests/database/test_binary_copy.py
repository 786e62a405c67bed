"""Arrays go to PostgreSQL and come back as they were."""

from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import pytest
from psycopg import sql

from data.database.binary_copy import layout, make_rows, read_columns, writing_rows

Connection = psycopg.Connection[Any]
PLACE = sql.Identifier("place")
COLUMNS = {"no": ">i4", "day": ">i4", "kind": ">i2"}


@pytest.fixture
def place(connection: Connection) -> Connection:
    connection.execute("CREATE TEMP TABLE place (no int, day date, kind smallint, code text) ON COMMIT DROP")
    return connection


def test_rows_arrive_in_order_with_the_ends_of_each_type(place: Connection) -> None:
    with writing_rows(place, PLACE, [*COLUMNS, "code"]) as send:
        first: dict[str, npt.ArrayLike] = {
            "no": [1, -(2**31), 2**31 - 1],
            "day": [0, -1, 366],
            "kind": [0, -(2**15), 2**15 - 1],
            "code": [b"abc", b"def", "区".encode()],
        }
        send(make_rows(layout({**COLUMNS, "code": "S3"}), first, 3))
        send(make_rows(layout({**COLUMNS, "code": "S1"}), {"no": [7], "day": [1], "kind": [1], "code": [b"x"]}, 1))
    assert place.execute("SELECT no, day::text, kind, code FROM place").fetchall() == [
        (1, "2000-01-01", 0, "abc"),
        (-(2**31), "1999-12-31", -(2**15), "def"),
        (2**31 - 1, "2001-01-01", 2**15 - 1, "区"),
        (7, "2000-01-02", 1, "x"),
    ]
    wanted = {"kind": "kind::int", "no": "no"}
    read = read_columns(place, sql.SQL("place WHERE no > 0"), wanted)
    assert {name: values.tolist() for name, values in read.items()} == {"kind": [0, 2**15 - 1, 1], "no": [1, 2**31 - 1, 7]}
    none = read_columns(place, sql.SQL("place WHERE false"), wanted)
    assert {name: values.tolist() for name, values in none.items()} == {"kind": [], "no": []}


def test_nothing_sent_is_no_row(place: Connection) -> None:
    with writing_rows(place, PLACE, COLUMNS):
        pass
    assert place.execute("SELECT count(*) FROM place").fetchone() == (0,)


@pytest.mark.parametrize("expression", ["nullif(no, 2)", "kind", "no::bigint"])
def test_nulls_and_other_types_are_refused(place: Connection, expression: str) -> None:
    place.execute("INSERT INTO place VALUES (1, '2026-01-01', 1, 'a'), (2, '2026-01-01', 1, 'a')")
    with pytest.raises(ValueError, match="'number' has nulls, or is no integer"):
        read_columns(place, PLACE, {"number": expression})


def test_what_the_database_refuses_is_raised(place: Connection) -> None:
    place.execute("ALTER TABLE place ADD CHECK (no > 0)")
    with pytest.raises(psycopg.errors.CheckViolation), writing_rows(place, PLACE, COLUMNS) as send:
        send(make_rows(layout(COLUMNS), {"no": np.array([1, 0]), "day": [0, 0], "kind": [0, 0]}, 2))
    place.rollback()
