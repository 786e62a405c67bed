"""Heads of the audit log that are kept outside of the database: rows cut off at its end, or a chain written anew, do not fit them.

One line of JSON for each, in the state folder. Whoever copies the file to another machine holds what no one on this one can change.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from data.cluster.account import refused
from data.core import state_folder
from data.core.settings import settings

Connection = psycopg.Connection[Any]

# A database that was restored elsewhere is another one: its log may well be shorter.
_WHICH = "SELECT system_identifier::text || '/' || d.oid FROM pg_control_system(), pg_database d WHERE d.datname = current_database()"
_HEAD = "SELECT no, hash FROM audit_log ORDER BY no DESC LIMIT 1"


def anchor_file() -> Path:
    """The file."""
    return settings().home / "audit-anchors"


def identify_database(connection: Connection) -> str:
    """What tells one database from all others."""
    row = connection.execute(_WHICH).fetchone()
    assert row is not None  # noqa: S101 - we are connected to it
    return str(row[0])


def read_anchors(database: str) -> Mapping[int, bytes]:
    """The heads that were kept of a database: number and hash. What cannot be read in the file is none.

    Raises:
        FolderRefused: the file is there and cannot be read.
    """
    found: dict[int, bytes] = {}
    for line in _lines():
        try:
            said = json.loads(line)
            if said["database"] == database:
                found.setdefault(int(said["no"]), bytes.fromhex(said["hash"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _lines() -> list[str]:
    try:
        return anchor_file().read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise refused(anchor_file(), error) from error


def append_anchor(database: str, no: int, hashed: bytes) -> bool:
    """Keep a head, unless the newest one that is kept is the same; says whether it was written down.

    Raises:
        FolderRefused, DiskFull: the file cannot be written.
    """
    if no < 1 or read_anchors(database).get(no) == hashed:
        return False
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"database": database, "no": no, "hash": hashed.hex(), "at": at}) + "\n"
    try:
        state_folder.make_private_folder(anchor_file().parent)
        with os.fdopen(os.open(anchor_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="ascii") as handle:
            handle.write(line)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise refused(anchor_file(), error) from error
    return True


def anchor_head(connection: Connection) -> bool:
    """Keep the head as it is now, without looking at the rest of the log.

    Raises:
        FolderRefused, DiskFull: see ``append_anchor``.
    """
    row = connection.execute(_HEAD).fetchone()
    return row is not None and append_anchor(identify_database(connection), row[0], bytes(row[1]))
