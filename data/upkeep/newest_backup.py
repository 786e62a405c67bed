"""When the newest proved backup was made and how long it took, for whoever watches or upgrades an installation."""

import re
from datetime import UTC, datetime

from data.database.connections import Connection

_NEWEST = "SELECT max(at) FROM audit_log WHERE action = 'backup' AND (detail->>'verified')::boolean"
_LAST = "SELECT subject, at FROM audit_log WHERE action = 'backup' AND (detail->>'verified')::boolean ORDER BY no DESC LIMIT 1"
_BEGAN = re.compile(r"gridwell-(\d{8}T\d{6})Z-")


def newest_verified(connection: Connection) -> datetime | None:
    """The moment, as the audit log knows it; ``None`` if there never was one."""
    row = connection.execute(_NEWEST).fetchone()
    return row[0] if row else None


def last_duration_s(connection: Connection) -> float | None:
    """Seconds that the newest one took with its proof: its name says when it began, its row when it was done. ``None`` if nobody knows."""
    if connection.execute("SELECT to_regclass('audit_log')").fetchone() == (None,):
        return None
    subject, done = connection.execute(_LAST).fetchone() or ("", None)
    began = _BEGAN.match(subject)
    if began is None or done is None:
        return None
    took = (done - datetime.strptime(began[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)).total_seconds()
    return took if took > 0 else None
