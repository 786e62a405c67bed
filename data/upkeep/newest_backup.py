"""When the newest proved backup was made, for whoever watches an installation."""

from datetime import datetime

from data.database.connections import Connection

_NEWEST = "SELECT max(at) FROM audit_log WHERE action = 'backup' AND (detail->>'verified')::boolean"


def newest_verified(connection: Connection) -> datetime | None:
    """The moment, as the audit log knows it; ``None`` if there never was one."""
    row = connection.execute(_NEWEST).fetchone()
    return row[0] if row else None
