"""Checks the audit log: every row's hash is computed here again, without relying on the database's own functions.

The owner of the database can switch triggers off and change functions. But they cannot change a row so that its own hash, the row after
it, and the anchors outside of the database (``data.auditing.anchors``) still fit.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from data.database.connections import Connection

RowValues = tuple[Any, ...]
"""The columns from which a row's hash is computed."""
MOST_NAMED = 20
_AT_ONCE = 5_000

# The moment in the form that audit_hash() uses; jsonb always has the same text.
_ROWS = """
SELECT no, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), account, role, address, action, subject, person, purpose,
    detail::text, prev, hash
FROM audit_log ORDER BY no
"""


@dataclass(slots=True)
class FaultList:
    """Rows with one kind of fault: how many, and the names of the first ones."""

    total: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, name: str, count: int = 1) -> None:
        """Add one, or several under one name."""
        self.total += count
        if len(self.first) < MOST_NAMED:
            self.first.append(name)


@dataclass(slots=True)
class Verdict:
    """What was found.

    Attributes:
        rows: number of rows.
        altered: rows whose own hash does not fit their content.
        removed: numbers that are missing.
        inserted: rows that do not follow the one before, or that the next one does not follow.
        cut_off: stored heads that are not in the log any more.
        head: number and hash of the last row; 0 and an empty hash for an empty log.
    """

    rows: int = 0
    altered: FaultList = field(default_factory=FaultList)
    removed: FaultList = field(default_factory=FaultList)
    inserted: FaultList = field(default_factory=FaultList)
    cut_off: FaultList = field(default_factory=FaultList)
    head: tuple[int, bytes] = (0, b"")

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not any(found.total for found in (self.altered, self.removed, self.inserted, self.cut_off))


def row_hash(values: RowValues) -> bytes:
    """SHA-256 of a row as ``audit_hash()`` computes it: over a JSON array of its columns.

    Args:
        values: number, moment (UTC, microseconds), account, role, address, action, subject, person, purpose, detail as text, prev.
    """
    no, *texts, detail, prev = values
    said = ", ".join("null" if text is None else json.dumps(text, ensure_ascii=False) for text in texts)
    return sha256(f'[{no}, {said}, {detail}, "{bytes(prev).hex()}"]'.encode()).digest()


def verify(connection: Connection, anchors: Mapping[int, bytes] | None = None) -> Verdict:
    """Check the whole log, with no more than a few thousand rows in memory.

    Args:
        connection: the owner's, inside a transaction.
        anchors: heads that were stored before: number and hash. Read them before the transaction begins.
    """
    verdict, wanted = Verdict(), dict(anchors or {})
    last, before = 0, b""
    for values, kept in _iterate_rows(connection):
        no, prev = values[0], bytes(values[-1])
        name = _name(values)
        if no > last + 1:
            gone = no - last - 1
            verdict.removed.add(f"{last + 1}" if gone == 1 else f"{last + 1}–{no - 1}", gone)
        elif no < 1:
            verdict.inserted.add(name)
        elif prev != before:
            verdict.inserted.add(f"{last} → {name}" if last else name)
        if row_hash(values) != kept:
            verdict.altered.add(name)
        if wanted.pop(no, kept) != kept:
            verdict.cut_off.add(name)
        last, before = no, kept
        verdict.rows += 1
    for no in sorted(no for no in wanted if no > last):
        verdict.cut_off.add(f"{last + 1}–{no}" if no > last + 1 else f"{no}")
    verdict.head = (last, before)
    return verdict


def _iterate_rows(connection: Connection) -> Iterator[tuple[RowValues, bytes]]:
    """The columns from which each row's hash is computed, and the stored hash; some rows at a time."""
    with connection.cursor(name="audit_chain") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(_ROWS)
        for *values, kept in cursor:
            yield tuple(values), bytes(kept)


def _name(values: RowValues) -> str:
    """A row's name in reports: its number, then when, who and what."""
    no, at, account, _, _, action, subject, *_ = values
    return " · ".join(filter(None, (f"{no}", at[:19] + "Z", account, action, subject)))
