"""Notices screens that fall silent, those that are not well, and those that are back: somebody is told of each once.

Forgets what was kept for long enough.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg.rows import dict_row

from data.core.settings import settings
from data.core.timezones import iso
from data.database.connections import Connection
from data.notices.addresses import is_address
from data.notices.queueing import list_warned, queue_notice
from data.wall.plays import KEPT
from data.wall.statements import SILENT_S, STALE_S

SCREENS_KEPT = timedelta(days=90)
"""A screen that has told nothing for so long is gone."""
_ILL = f"""
(CASE WHEN s.seen_at < %(silent)s OR coalesce(s.settings -> 'watched', 'true') = 'false' THEN NULL
    WHEN s.body ->> 'webgl' = 'false' THEN 'no_map'
    WHEN c.as_of IS NULL AND (s.body ->> 'data_age_s')::float8 > {STALE_S} THEN 'stale' END)
"""
_TOLD = """
FROM (
    SELECT s.id, coalesce(t.alarm, '{}') AS alarm, c.timezone, {ill} AS ill FROM wall_screen s JOIN city c ON c.code = s.city
    LEFT JOIN wall_tour t ON t.city = s.city AND t.wall = s.wall
) k
WHERE k.id = wall_screen.id
""".replace("{ill}", _ILL)
_RETURNED = """
RETURNING wall_screen.city, wall_screen.wall, wall_screen.id, wall_screen.body ->> 'part' AS part, wall_screen.seen_at,
    wall_screen.settings ->> 'title' AS title, k.alarm, k.timezone, k.ill
"""
_SILENT = f"""
UPDATE wall_screen SET told_at = %(now)s {_TOLD} AND told_at IS NULL AND seen_at < %(silent)s
    AND coalesce(settings -> 'watched', 'true') <> 'false' {_RETURNED}
"""  # noqa: S608 - ours
_BACK = f"UPDATE wall_screen SET told_at = NULL {_TOLD} AND told_at IS NOT NULL AND seen_at > told_at {_RETURNED}"  # noqa: S608 - ours
# Whoever was not told of an illness is not told of its end.
_SEEN_ILL = f"""
UPDATE wall_screen SET ill_at = CASE WHEN k.ill IS NOT NULL THEN %(now)s::timestamptz END {_TOLD}
    AND ill_told_at IS NULL AND (k.ill IS NULL) <> (ill_at IS NULL)
"""  # noqa: S608 - ours
_ILL_LONG = f"UPDATE wall_screen SET ill_told_at = %(now)s {_TOLD} AND ill_told_at IS NULL AND ill_at <= %(patience)s {_RETURNED}"  # noqa: S608
_WELL = f"""
UPDATE wall_screen SET ill_told_at = NULL, ill_at = NULL {_TOLD}
    AND ill_told_at IS NOT NULL AND k.ill IS NULL AND seen_at >= %(silent)s {_RETURNED}
"""  # noqa: S608 - ours
ILL_FOR = timedelta(minutes=2)
"""Somebody is told of a screen that is not well after so long: a graphics driver takes its context away, and gives it back."""
_FORGET = (
    ("DELETE FROM wall_play WHERE from_at < %s", KEPT),
    ("DELETE FROM wall_screen WHERE seen_at < %s", SCREENS_KEPT),
)

_FORGET_HAZARDS = """
DELETE FROM hazard_notice n WHERE n.sent_at < %(before)s
    AND NOT EXISTS (SELECT FROM hazard_part p WHERE p.notice = n.id AND p.ends_at > %(before)s)
"""
HAZARDS_KEPT = timedelta(days=90)
"""Notices of hazards, after their end."""
_FORGET_TURNS = """
DELETE FROM wall_turn USING wall_tour t
WHERE t.city = wall_turn.city AND t.wall = wall_turn.wall AND wall_turn.until_at <= t.set_at AND wall_turn.until_at < %s
"""
TURNS_KEPT = timedelta(days=2)
"""Turns before a tour was set count no more."""


def tell_ill(connection: Connection, now: datetime) -> tuple[int, int]:
    """Tell of screens that cannot draw the map or whose figures are old, and of those that are well again; returns how many of each.

    Args:
        connection: the owner's, in autocommit.
        now: the moment.
    """
    with connection.transaction():
        connection.execute(_SEEN_ILL.encode(), _bind(now))
        return _tell(connection, _ILL_LONG, "wall.ill", now), _tell(connection, _WELL, "wall.well", now)


def _bind(now: datetime) -> dict[str, datetime]:
    return {"now": now, "silent": now - timedelta(seconds=SILENT_S), "patience": now - ILL_FOR}


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
        rows = cursor.execute(statement.encode(), _bind(now)).fetchall()
    for row in rows:
        body = {
            **{"type": kind, "city": row["city"], "wall": row["wall"], "screen": row["title"] or row["id"][:8], "part": row["part"] or ""},
            **({"why": row["ill"]} if row["ill"] else {}),
            **{"at": iso(now, row["timezone"]), "seen_at": iso(row["seen_at"], row["timezone"]), "address": settings().public_url},
        }
        for target in _choose_targets(connection, row["city"], row["alarm"]):
            queue_notice(connection, row["city"], target, body, now)
    return len(rows)


def _choose_targets(connection: Connection, city: str, alarm: Sequence[str]) -> Sequence[str]:
    """The tour's own addresses that something can be sent to; where there is none, those who are told of late cases of the city."""
    return [one for one in alarm if is_address(one)] or list_warned(connection, city)


def forget_old(connection: Connection, now: datetime) -> int:
    """Delete what was shown longer ago than it is kept, and screens that are gone; returns how many of these rows.

    Turns that count no more, and notices of hazards long over, go as well.
    """
    connection.execute(_FORGET_TURNS, [now - TURNS_KEPT])
    connection.execute(_FORGET_HAZARDS, {"before": now - HAZARDS_KEPT})
    return sum(connection.execute(statement.encode(), [now - kept]).rowcount for statement, kept in _FORGET)
