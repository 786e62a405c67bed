"""Texts from outside: whole numbers at the limits of a database column."""

import pytest

from data.core.text import LARGEST_BIGINT, LARGEST_INTEGER, parse_whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("0042", 42), ("9223372036854775807", LARGEST_BIGINT)])
def test_a_whole_number(text: str, number: int) -> None:
    assert parse_whole_number(text) == number


@pytest.mark.parametrize(
    "text", [None, "", "-1", "+1", " 1", "1 ", "1_0", "1.0", "1e3", "0x1", "²", "５", "9223372036854775808", "9" * 5_000, "0" * 5_000]
)
def test_no_whole_number(text: str | None) -> None:
    assert parse_whole_number(text) is None


def test_no_number_is_larger_than_its_column() -> None:
    assert parse_whole_number("2147483647", LARGEST_INTEGER) == LARGEST_INTEGER == 2**31 - 1
    assert parse_whole_number("2147483648", LARGEST_INTEGER) is None
