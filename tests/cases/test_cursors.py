"""A cursor comes back as it was written, and only for its own list."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases.listing.cursors import BadCursor, Cursor, digest_list, read_cursor, write_cursor

LIST = digest_list("this list")
AT = datetime(2026, 10, 31, 12, 0, 0, 1, tzinfo=UTC)
ON = AT.isoformat()
VALUES = [("reported_at", AT), ("due_at", AT), ("number", "LZ-1 ü路"), ("category", ""), ("severity", 2), ("stage", 0), ("unit", "u")]


@pytest.mark.parametrize(("column", "value"), VALUES)
@pytest.mark.parametrize("few", [False, True])
def test_it_comes_back_as_it_was_written(column: str, value: Any, few: bool) -> None:
    for one in (Cursor(False, few, value, AT, 2**63 - 1), Cursor(True, few, None, AT, 0), Cursor(True, few, None)):
        assert read_cursor(write_cursor(one, LIST), LIST, column) == one


def test_it_is_of_one_list_alone() -> None:
    written = write_cursor(Cursor(False, False, AT, AT, 1), LIST)
    with pytest.raises(BadCursor):
        read_cursor(written, digest_list("another list"), "reported_at")


def told(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([LIST, *parts]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "é", "====", "W10", "bnVsbA", "e30"),
        *(told(0, 0, ON), told(0, 0, ON, 1), told(0, 0, ON, ON), told(0, 0, ON, ON, 1, 1)),
        *(told(0, 0, ON, ON, -1), told(0, 0, ON, ON, 2**63), told(0, 0, ON, ON, True), told(0, 0, ON, ON, "1"), told(0, 0, ON, ON, None)),
        *(told(2, 0, ON, ON, 1), told(0, "1", ON, ON, 1), told(0, 0, None, ON, 1), told(1, 0, ON, ON, 1)),
        *(told(0, 0, 1, ON, 1), told(0, 0, "x", ON, 1), told(0, 0, ["x"], ON, 1), told(0, 0, "2" * 1001, ON, 1)),
        *(told(0, 0, ON, moment, 1) for moment in (None, 1, "x", "2026-10-31T12:00:00", ["x"], "2" * 1001)),
        *(told(1, 0, None, ON, None), told(1, 0, None, None, 1)),
        *(told(0, 0, "2026-10-31T12:00:00", ON, 1), "[" * 5000, "W" * 7000),
    ],
)
def test_what_was_changed_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(text, LIST, "reported_at")


@pytest.mark.parametrize(
    ("column", "value"), [("severity", "2"), ("severity", True), ("severity", 2**31), ("number", 5), ("number", "a\0")]
)
def test_a_value_must_be_of_its_column(column: str, value: object) -> None:
    with pytest.raises(BadCursor):
        read_cursor(told(0, 0, value, ON, 1), LIST, column)


@given(st.text(max_size=200))
def test_no_text_does_anything_else(text: str) -> None:
    with suppress(BadCursor):
        read_cursor(text, LIST, "number")
