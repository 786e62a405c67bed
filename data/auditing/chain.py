"""Checks the audit log: every row's hash is computed here again, without relying on the database's own functions.

The owner of the database can switch triggers off and change functions. But they cannot change a row so that its own hash, the row after
it, and the anchors outside of the database (``data.auditing.anchors``) still fit.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from data.auditing.anchors import Anchor
from data.auditing.heads import HeadComparison
from data.auditing.identity import RESTORED, identity_of_first, is_identity
from data.database.connections import Connection

RowValues = tuple[Any, ...]
"""The columns from which a row's hash is computed."""
MOST_NAMED = 20
_ACTION, _DETAIL = 5, 9
"""Places of these columns."""
_AT_ONCE = 5_000

# The moment in the form that audit_hash() uses; jsonb always has the same text. What is empty, because the owner took the constraints
# away, must be found and not end the check.
_ROWS = """
SELECT coalesce(no, 0) AS no, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    account, role, address, action, subject, person, purpose, detail::text, coalesce(prev, ''), coalesce(hash, '')
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
        inserted: rows that do not follow the one before, that the next one does not follow, or that say that the database was restored and
            are not what a restore writes.
        cut_off: rows that a stored head of this log has with another hash, or that were there after its present end.
        missing: first and last of the rows after the present end; ``None`` where the log is as long as its heads say.
        foreign: stored heads of other logs that no logged restore explains: how many logs, and the newest head of each.
        identity: of the log; empty for an empty log.
        head: number and hash of the last row; 0 and an empty hash for an empty log.
    """

    rows: int = 0
    altered: FaultList = field(default_factory=FaultList)
    removed: FaultList = field(default_factory=FaultList)
    inserted: FaultList = field(default_factory=FaultList)
    cut_off: FaultList = field(default_factory=FaultList)
    missing: tuple[int, int] | None = None
    foreign: FaultList = field(default_factory=FaultList)
    identity: str = ""
    head: tuple[int, bytes] = (0, b"")

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not any(found.total for found in (self.altered, self.removed, self.inserted, self.cut_off, self.foreign))


def row_hash(values: RowValues) -> bytes:
    """SHA-256 of a row as ``audit_hash()`` computes it: over a JSON array of its columns.

    Args:
        values: number, moment (UTC, microseconds), account, role, address, action, subject, person, purpose, detail as text, prev.
    """
    no, *texts, detail, prev = values
    said = ", ".join("null" if text is None else json.dumps(text, ensure_ascii=False) for text in texts)
    return sha256(f'[{no}, {said}, {detail}, "{bytes(prev).hex()}"]'.encode()).digest()


def verify(connection: Connection, heads: Iterable[Anchor] = (), database: str = "") -> Verdict:
    """Check the whole log, with no more than a few thousand rows in memory.

    Args:
        connection: the owner's, inside a transaction.
        heads: all heads that were stored before, of whatever log. Read them before the transaction begins.
        database: how old heads name this database.
    """
    verdict, compared = Verdict(), HeadComparison.begin(heads, database)
    last, before = 0, b""
    for values, kept in _iterate_rows(connection):
        no, prev, name = values[0], bytes(values[-1]), _name(values)
        first = verdict.rows == 0
        if no > last + 1:
            gone = no - last - 1
            verdict.removed.add(f"{last + 1}" if gone == 1 else f"{last + 1}–{no - 1}", gone)
        elif no < 1:
            verdict.inserted.add(name)
        elif not (is_identity(prev) if first else prev == before):
            verdict.inserted.add(f"{last} → {name}" if last else name)
        if row_hash(values) != kept:
            verdict.altered.add(name)
        if first:
            compared.begin_identity(identity_of_first(prev, kept))
        if values[_ACTION] == RESTORED and not compared.pass_restore(_detail(values)):
            verdict.inserted.add(name)
        compared.pass_row(no, kept, name)
        last, before = no, kept
        verdict.rows += 1
    verdict.head, verdict.identity = (last, before), compared.in_force
    _judge_heads(verdict, compared)
    return verdict


def _judge_heads(verdict: Verdict, compared: HeadComparison) -> None:
    """What the stored heads say, after the last row."""
    compared.own.add(verdict.identity)
    for name in compared.rewritten():
        verdict.cut_off.add(name)
    verdict.missing = compared.missing()
    if verdict.missing:
        first, last = verdict.missing
        verdict.cut_off.add(f"{first}" if first == last else f"{first}–{last}", last - first + 1)
    for head in compared.foreign().values():
        verdict.foreign.add(" · ".join(filter(None, (head.log, f"{head.no}", head.at))))


def _iterate_rows(connection: Connection) -> Iterator[tuple[RowValues, bytes]]:
    """The columns from which each row's hash is computed, and the stored hash; some rows at a time."""
    with connection.cursor(name="audit_chain") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(_ROWS)
        for *values, kept in cursor:
            yield tuple(values), bytes(kept)


def _detail(values: RowValues) -> dict[str, Any]:
    said = json.loads(values[_DETAIL] or "null")
    return said if isinstance(said, dict) else {}


def _name(values: RowValues) -> str:
    """A row's name in reports: its number, then when, who and what."""
    no, at, account, _, _, action, subject, *_ = values
    return " · ".join(filter(None, (f"{no}", at and at[:19] + "Z", account, action, subject)))
