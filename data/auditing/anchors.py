"""Anchors: number and hash of the audit log's newest row, kept outside of the database.

A log whose last rows were removed, or whose chain was rewritten, does not fit its anchors. The file is in the state folder, with one line
of JSON for each anchor. A copy on another machine cannot be changed by anybody on this one.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from data.cluster.account import make_folder_error
from data.core import state_folder
from data.core.settings import settings
from data.database.connections import Connection

# A database that was restored elsewhere counts as another one: its log may be shorter.
_WHICH = "SELECT system_identifier::text || '/' || d.oid FROM pg_control_system(), pg_database d WHERE d.datname = current_database()"
_HEAD = "SELECT no, hash FROM audit_log ORDER BY no DESC LIMIT 1"


def anchor_file() -> Path:
    """The file."""
    return settings().home / "audit-anchors"


def identify_database(connection: Connection) -> str:
    """A text that no other database has."""
    row = connection.execute(_WHICH).fetchone()
    assert row is not None  # noqa: S101 - we are connected to it
    return str(row[0])


def read_anchors(database: str) -> Mapping[int, bytes]:
    """Read the anchors of a database: number and hash. Of two for the same number the first one counts. Unreadable lines are skipped.

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
        raise make_folder_error(anchor_file(), error) from error


def append_anchor(database: str, no: int, hashed: bytes) -> bool:
    """Append an anchor, unless the same one is there already; returns whether it was written.

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
        raise make_folder_error(anchor_file(), error) from error
    return True


def anchor_head(connection: Connection) -> bool:
    """Append the newest row as an anchor, without checking the rest of the log.

    Raises:
        FolderRefused, DiskFull: see ``append_anchor``.
    """
    row = connection.execute(_HEAD).fetchone()
    return row is not None and append_anchor(identify_database(connection), row[0], bytes(row[1]))
