"""Lists of thousands of plain values as arrays of PostgreSQL, several times as fast as the driver writes them.

The driver's dumper looks at each value as if the next could be of any type. The writer of cases hands over a dozen columns of two thousand
values with each statement, and that took a fifth of its time. See "Array Input and Output Syntax" in PostgreSQL's manual.
"""

from collections.abc import Callable
from datetime import date, datetime
from types import NoneType
from typing import Any
from uuid import UUID

import psycopg
from psycopg.abc import Buffer, DumperKey, PyFormat
from psycopg.types.array import BaseListDumper, ListDumper

_QUOTED = str.maketrans({"\\": r"\\", '"': r"\""})


def write_text(text: str) -> str:
    """An element of an array of texts, always in quotes.

    Raises:
        psycopg.DataError: it holds a NUL, which PostgreSQL cannot store.
    """
    if "\0" in text:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return f'"{text.translate(_QUOTED)}"'


_WRITE: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "NULL",
    bool: lambda truth: "t" if truth else "f",
    int: str,
    float: repr,
    str: write_text,
    UUID: str,
    date: date.isoformat,
    datetime: lambda moment: f'"{moment.isoformat()}"',
}


class PlainListDumper(ListDumper):
    """Lists of plain values as text of which the statement names the type, as in ``%s::text[]``; all others as the driver does it."""

    def get_key(self, obj: list[Any], format: PyFormat) -> DumperKey:
        """See ``psycopg.adapt.Dumper``."""
        return self.cls if _is_plain(obj) else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:
        """See ``psycopg.adapt.Dumper``."""
        return self if _is_plain(obj) else super().upgrade(obj, format)

    def dump(self, obj: list[Any]) -> Buffer | None:
        """The array as text."""
        if self.sub_dumper is not None or not _is_plain(obj):
            return super().dump(obj)
        return f"{{{','.join([_WRITE[type(value)](value) for value in obj])}}}".encode()


def _is_plain(values: list[Any]) -> bool:
    return set(map(type, values)) <= _WRITE.keys()


def write_lists_quickly(connection: "psycopg.Connection[Any]") -> None:
    """Let a connection hand over lists in this way; its statements must name the types of their arrays."""
    connection.adapters.register_dumper(list, PlainListDumper)
