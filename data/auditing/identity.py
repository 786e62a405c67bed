"""The identity of an audit log: it is inside the log, so that a copy under another name is the same log.

The first row follows 16 random bytes, which its hash covers, and with it every later hash. In a log that was begun before these bytes
existed, the hash of the first row takes their place. A restore from a backup begins a new identity: rows that are written from then on are
not the rows that the lost end of the log had.
"""

from typing import Any
from uuid import UUID

from data.database.connections import Connection

RESTORED = "log_restored"
"""Action of the row that says: this database was restored from a backup."""

_FIRST = "SELECT coalesce(prev, ''), coalesce(hash, '') FROM audit_log ORDER BY no LIMIT 1"
_NEWEST_RESTORE = """
SELECT detail FROM audit_log WHERE action = %s AND jsonb_typeof(detail -> 'identity') = 'string' AND detail ->> 'identity' <> ''
ORDER BY no DESC LIMIT 1
"""
_BYTES = 16


def identify_log(connection: Connection) -> str | None:
    """The identity that new rows and heads have; ``None`` for an empty log."""
    restored = connection.execute(_NEWEST_RESTORE, [RESTORED]).fetchone()
    if restored is not None and (identity := identity_of_restore(restored[0])):
        return identity
    return first_identity(connection)


def first_identity(connection: Connection) -> str | None:
    """The identity that a log began with; ``None`` for an empty log."""
    first = connection.execute(_FIRST).fetchone()
    return None if first is None else identity_of_first(bytes(first[0]), bytes(first[1]))


def identity_of_first(prev: bytes, hashed: bytes) -> str:
    """The identity of a log, from the first row's columns ``prev`` and ``hash``."""
    return str(UUID(bytes=prev if len(prev) == _BYTES else hashed.ljust(_BYTES, b"\0")[:_BYTES]))


def is_identity(prev: bytes) -> bool:
    """Whether the first row may follow these bytes: an identity, or nothing in a log from before identities existed."""
    return len(prev) in {0, _BYTES}


def identity_of_restore(detail: dict[str, Any]) -> str | None:
    """The identity that begins with a restore; ``None`` for a row without one."""
    found = detail.get("identity")
    return found if isinstance(found, str) and found else None
