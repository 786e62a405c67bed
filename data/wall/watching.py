"""Notices screens that fall silent, and those that are back: somebody is told of each once. Forgets what was kept for long enough."""

from datetime import datetime, timedelta

from psycopg.rows import dict_row

from data.core.settings import settings
from data.core.timezones import iso
from data.database.connections import Connection
from data.notices.queueing import list_warned, queue_notice
from data.wall.plays import KEPT
from data.wall.statements import SILENT_S

SCREENS_KEPT = timedelta(days=90)
"""A screen that has told nothing for so long is gone."""
_TOLD = """
FROM (
    SELECT s.id, coalesce(t.alarm, '{}') AS alarm, c.timezone FROM wall_screen s JOIN city c ON c.code = s.city
    LEFT JOIN wall_tour t ON t.city = s.city AND t.wall = s.wall
) k
WHERE k.id = wall_screen.id
"""
_RETURNED = """
RETURNING wall_screen.city, wall_screen.wall, wall_screen.id, wall_screen.body ->> 'part' AS part, wall_screen.seen_at,
    wall_screen.settings ->> 'title' AS title, k.alarm, k.timezone
"""
_SILENT = f"""
UPDATE wall_screen SET told_at = %(now)s {_TOLD} AND told_at IS NULL AND seen_at < %(silent)s
    AND coalesce(settings -> 'watched', 'true') <> 'false' {_RETURNED}
"""  # noqa: S608 - ours
_BACK = f"UPDATE wall_screen SET told_at = NULL {_TOLD} AND told_at IS NOT NULL AND seen_at > told_at {_RETURNED}"  # noqa: S608 - ours
_FORGET = (
    ("DELETE FROM wall_play WHERE from_at < %s", KEPT),
    ("DELETE FROM wall_screen WHERE seen_at < %s", SCREENS_KEPT),
)

_FORGET_TURNS = """
DELETE FROM wall_turn USING wall_tour t
WHERE t.city = wall_turn.city AND t.wall = wall_turn.wall AND wall_turn.until_at <= t.set_at AND wall_turn.until_at < %s
"""
TURNS_KEPT = timedelta(days=2)
"""Turns before a tour was set count no more."""


def tell_silent(connection: Connection, now: datetime) -> tuple[int, int]:
    """Tell of screens that are silent and nobody was told of, and of those that are back; returns how many of each.

    Args:
        connection: the owner's, in autocommit.
        now: the moment.
    """
    with connection.transaction():
        return _tell(connection, _SILENT, "wall.silent", now), _tell(connection, _BACK, "wall.back", now)


def _tell(connection: Connection, statement: str, kind: str, now: datetime) -> int:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement.encode(), {"now": now, "silent": now - timedelta(seconds=SILENT_S)}).fetchall()
    for row in rows:
        body = {
            **{"type": kind, "city": row["city"], "wall": row["wall"], "screen": row["title"] or row["id"][:8], "part": row["part"] or ""},
            **{"at": iso(now, row["timezone"]), "seen_at": iso(row["seen_at"], row["timezone"]), "address": settings().public_url},
        }
        for target in row["alarm"] or list_warned(connection, row["city"]):
            queue_notice(connection, row["city"], target, body, now)
    return len(rows)


def forget_old(connection: Connection, now: datetime) -> int:
    """Delete what was shown longer ago than it is kept, and screens that are gone; returns how many of these rows."""
    connection.execute(_FORGET_TURNS, [now - TURNS_KEPT])
    return sum(connection.execute(statement.encode(), [now - kept]).rowcount for statement, kept in _FORGET)
