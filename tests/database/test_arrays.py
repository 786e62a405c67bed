"""Lists go to PostgreSQL as arrays and come back as they were."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database.arrays import write_lists_quickly

Connection = psycopg.Connection[Any]
_EAST = timezone(timedelta(hours=5, minutes=45))

VALUES: list[tuple[str, list[Any]]] = [
    (
        "text[]",
        ["", " ", "NULL", "null", None, 'a"b', "a\\b", "{a,b}", "a,b", "\\x41", "网格\n\t", "𠮷", "'; DROP TABLE area; --", "\u3000"],
    ),
    ("bigint[]", [0, -1, 2**63 - 1, -(2**63), None]),
    ("float8[]", [0.1, -0.0, 1e300, float("inf"), float("-inf"), None]),
    ("boolean[]", [True, None, False]),
    ("timestamptz[]", [datetime(2024, 2, 29, 23, 59, 59, 999_999, UTC), None, datetime(1, 1, 2, tzinfo=UTC)]),
    ("date[]", [date(1, 1, 1), date(9999, 12, 31), None]),
    ("uuid[]", [UUID(int=0), UUID(int=2**128 - 1), None]),
    ("text[]", []),
    ("text[]", [None]),
    ("int[]", [[1, 2], [3, 4]]),
    ("numeric[]", [Decimal("1.10"), None]),
    ("bytea[]", [b"\x00\\", b""]),
]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=lambda value: value if isinstance(value, str) else "")
def test_each_kind_of_value_comes_back(connection: Connection, kind: str, values: list[Any]) -> None:
    write_lists_quickly(connection)
    connection.execute("SET timezone = 'UTC'")
    assert connection.execute(f"SELECT %s::{kind}".encode(), [values]).fetchone() == (values,)


def test_moments_keep_their_offset_and_nan_is_nan(connection: Connection) -> None:
    write_lists_quickly(connection)
    moment = datetime(2026, 11, 29, 12, 0, tzinfo=_EAST)
    told = connection.execute("SELECT (%s::timestamptz[])[1] = %s, (%s::float8[])[1]::text", [[moment], moment, [float("nan")]]).fetchone()
    assert told == (True, "NaN")


def test_a_text_that_postgresql_cannot_hold_is_refused_and_never_cut_off(connection: Connection) -> None:
    write_lists_quickly(connection)
    with pytest.raises(psycopg.DataError, match="NUL"):
        connection.execute("SELECT %s::text[]", [["a\0b"]])
    with pytest.raises(UnicodeEncodeError):
        connection.execute("SELECT %s::text[]", [["\ud800"]])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), max_size=8))
def test_any_texts_come_back(connection: Connection, texts: list[str | None]) -> None:
    write_lists_quickly(connection)
    assert connection.execute("SELECT %s::text[]", [texts]).fetchone() == (texts,)
