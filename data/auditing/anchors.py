"""Anchors: heads of the audit log (number and hash of its newest row), kept outside of the database.

A log whose last rows were removed, or whose chain was rewritten, does not fit its anchors. The file is in the state folder, with one line
of JSON for each anchor. A copy on another machine cannot be changed by anybody on this one.

Each line names the log by its identity (``data.auditing.identity``). Lines from before identities existed name the database instead.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from data.auditing.identity import identify_log
from data.cluster.account import make_folder_error
from data.core import state_folder
from data.core.settings import settings
from data.database.connections import Connection

_DATABASE = "SELECT system_identifier::text || '/' || d.oid FROM pg_control_system(), pg_database d WHERE d.datname = current_database()"
_HEAD = "SELECT no, coalesce(hash, '') FROM audit_log ORDER BY no DESC LIMIT 1"

_LAST_NO = 2**63 - 1
"""The largest number that a row can have."""
_LONGEST_LINE = 1_000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stored head.

    Attributes:
        log: the log's identity; in old lines the database, as ``identify_database`` names it.
        no: the number of the row that was the newest.
        hash: its hash.
        at: when it was stored, as the line says.
    """

    log: str
    no: int
    hash: bytes
    at: str = ""


def anchor_file() -> Path:
    """The file."""
    return settings().home / "audit-anchors"


def identify_database(connection: Connection) -> str:
    """How lines from before identities existed name this database: a text that no other database has."""
    row = connection.execute(_DATABASE).fetchone()
    assert row is not None  # noqa: S101 - we are connected to it
    return str(row[0])


def read_anchors() -> list[Anchor]:
    """Read all anchors, of every log, in the order in which they were stored. Unreadable lines are skipped.

    Raises:
        FolderRefused: the file is there and cannot be read.
    """
    return list(_parsed_lines())


def _parsed_lines() -> Iterator[Anchor]:
    for line in _lines():
        try:
            said = json.loads(line)
            log = said.get("log") or said["database"]
            no = int(said["no"])
            held = Anchor(str(log), no, bytes.fromhex(said["hash"]), str(said.get("at", "")))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            continue
        if 0 < no <= _LAST_NO:
            yield held


def _lines() -> Iterator[bytes]:
    """Lines of the file. It belongs to the account that serves: one without an end must not fill the memory of whoever reads it."""
    try:
        with anchor_file().open("rb") as handle:
            while line := handle.readline(_LONGEST_LINE):
                yield line
    except FileNotFoundError:
        return
    except OSError as error:
        raise make_folder_error(anchor_file(), error) from error


def append_anchor(log: str, no: int, hashed: bytes) -> bool:
    """Append an anchor, unless the same one is there already; returns whether it was written.

    Raises:
        FolderRefused, DiskFull: the file cannot be written.
    """
    if no < 1 or any((held.log, held.no, held.hash) == (log, no, hashed) for held in _parsed_lines()):
        return False
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"log": log, "no": no, "hash": hashed.hex(), "at": at}) + "\n"
    try:
        state_folder.make_private_folder(anchor_file().parent)
        opened = os.open(anchor_file(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as handle:
            size = os.fstat(opened).st_size
            torn = size > 0 and os.pread(opened, 1, size - 1) != b"\n"  # a write that a full disk broke off
            handle.write("\n" + line if torn else line)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise make_folder_error(anchor_file(), error) from error
    return True


def anchor_head(connection: Connection) -> bool:
    """Append the newest row as an anchor, without checking the rest of the log; returns whether it was written.

    Raises:
        FolderRefused, DiskFull: see ``append_anchor``.
    """
    row, log = connection.execute(_HEAD).fetchone(), identify_log(connection)
    return row is not None and log is not None and append_anchor(log, row[0], bytes(row[1]))
