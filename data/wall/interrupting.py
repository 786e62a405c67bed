"""Cases that break into tours: serious new ones, and those at three times their allowed time. Decided here, so that all screens agree.

Only accounts whose scope holds the cell hear of it: its category, its severity and its cell, no number, no text and no exact place. Cases
of sensitive categories never break in. While a presenter holds a wall, nothing breaks in.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from data.auditing.owner_entries import KEEPER
from data.database.connections import Connection
from data.deadlines.store import read_calendar
from data.wall.model import Interrupts, read_settings
from data.wall.playing import elapsed_ms
from data.wall.schedule import plan

LEAD_S = 1.5
"""A turn begins so much later than it is decided: by then every screen has heard of it."""
ALIVE = timedelta(minutes=10)
"""A wall whose screens have told nothing for so long is not interrupted."""
SERIOUS = 1
"""Severity of cases that break in when they are new: critical."""

_LAST = "SELECT last FROM live_state"
_EVENTS = """
SELECT e.seq, e.city, e.grid, e.incident_id, e.category, CASE WHEN e.body ->> 'step' = 'late_3' THEN 'late_3' ELSE 'serious' END AS kind,
    (e.body ->> 'severity')::int AS severity, c.name AS category_name, c.name_en AS category_name_en,
    ST_X(a.label_point) AS lon, ST_Y(a.label_point) AS lat
FROM live_event e
JOIN category c ON c.city = e.city AND c.subject = 'incident' AND c.code = e.category AND NOT c.sensitive
JOIN area a ON a.code = e.grid
WHERE e.seq > %(after)s AND e.seq <= %(upto)s AND e.kind = 'case' AND e.grid IS NOT NULL
    AND NOT coalesce((e.body ->> 'left')::boolean, false)
    AND (e.body ->> 'step' = 'late_3' OR e.body ->> 'step' IN ('report', 'file', 'set_severity') AND e.body ->> 'severity' = '1')
ORDER BY e.seq LIMIT 200
"""
# Of walls, those with a screen that may hear of the case: its account's scope holds the cell. Others keep their tour.
_WALLS = """
SELECT DISTINCT s.wall FROM wall_screen s JOIN account o ON o.name = s.account JOIN area cell ON cell.code = %(grid)s
LEFT JOIN area held ON held.code = o.scope
WHERE s.city = %(city)s AND s.seen_at > %(alive)s AND (o.scope = '*' OR held.level <> 'zone' AND cell.path <@ held.path
    OR held.level = 'zone' AND EXISTS (SELECT FROM zone_member m WHERE m.zone = o.scope AND m.grid = cell.code))
"""
_BEGIN = """
INSERT INTO wall_tour (city, wall, area, version, epoch_at, set_at)
SELECT %(city)s, %(wall)s, %(city)s, 0, to_timestamp(0), to_timestamp(0) ON CONFLICT DO NOTHING
"""
_TOUR = """
SELECT settings, extract(epoch FROM epoch_at)::float8 * 1000 AS epoch_ms, extract(epoch FROM set_at)::float8 * 1000 AS set_ms
FROM wall_tour WHERE city = %(city)s AND wall = %(wall)s FOR UPDATE
"""
_TURNS = """
SELECT kind, extract(epoch FROM from_at)::float8 * 1000 AS from_ms, extract(epoch FROM until_at)::float8 * 1000 AS until_ms
FROM wall_turn WHERE city = %(city)s AND wall = %(wall)s AND until_at > from_at AND until_at > %(since)s
"""
_TURN = """
INSERT INTO wall_turn (city, wall, kind, from_at, until_at, area, body) VALUES (%(city)s, %(wall)s, %(kind)s,
    to_timestamp(%(from_ms)s::float8 / 1000), to_timestamp(%(until_ms)s::float8 / 1000), %(grid)s, %(body)s)
"""
# Screens count the pauses themselves. The tour is set anew only where there are many: who was not told of a case did not pause.
_TOLD = "UPDATE wall_tour SET version = version + 1 WHERE city = %(city)s AND wall = %(wall)s"
_MOVE = """
UPDATE wall_tour SET version = version + 1, epoch_at = to_timestamp(%(epoch_ms)s::float8 / 1000),
    set_at = to_timestamp(%(from_ms)s::float8 / 1000), changed_at = now(), changed_by = %(by)s WHERE city = %(city)s AND wall = %(wall)s
"""
MOST_TURNS = 40
"""Turns that screens are told of; when there are more, the tour is set anew where it stands."""


def newest_event(connection: Connection) -> int:
    """Number of the newest live event: cases after it may break in."""
    row = connection.execute(_LAST).fetchone()
    return int(row[0]) if row else 0


def interrupt_walls(connection: Connection, after: int, now: datetime) -> tuple[int, int]:
    """Let cases of new live events break into the tours of walls that are alive.

    Args:
        connection: the owner's, in autocommit.
        after: number of the last event that was looked at.
        now: the moment.

    Returns:
        The number of the newest event, and how many turns were made.
    """
    newest = newest_event(connection)
    if newest <= after:
        return newest, 0  # nothing is new; or another database, whose numbers begin anew
    with connection.cursor(row_factory=dict_row) as cursor:
        events = cursor.execute(_EVENTS, {"after": after, "upto": newest}).fetchall()
    return newest, sum(_interrupt(connection, one, wall, now) for one in events for wall in _walls_of(connection, one, now))


def _walls_of(connection: Connection, event: Mapping[str, Any], now: datetime) -> Iterator[str]:
    bound = {"city": event["city"], "grid": event["grid"], "alive": now - ALIVE}
    for (wall,) in connection.execute(_WALLS, bound).fetchall():
        yield wall


def _interrupt(connection: Connection, event: Mapping[str, Any], wall: str, now: datetime) -> bool:
    """Make a turn of one wall, if its rules want one; returns whether they did."""
    bound: dict[str, Any] = {"city": event["city"], "wall": wall}
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        tour = cursor.execute(_TOUR, bound).fetchone()
        if tour is None:
            cursor.execute(_BEGIN, bound)
            tour = cursor.execute(_TOUR, bound).fetchone()
        assert tour is not None  # noqa: S101 - it was just made
        rules = read_settings(tour["settings"])
        first_ms = now.timestamp() * 1000 + LEAD_S * 1000
        gap = now - timedelta(seconds=rules.interrupt.gap_s) - timedelta(days=1)
        since = min(gap, datetime.fromtimestamp(tour["set_ms"] / 1000, UTC))
        turns = cursor.execute(_TURNS, {**bound, "since": since}).fetchall()
        if not _is_wanted(rules.interrupt, event["kind"], turns, first_ms):
            return False
        segment = plan(rules.schedule, read_calendar(connection, event["city"]), now)[0]
        spans = [(one["from_ms"], one["until_ms"]) for one in turns if one["until_ms"] > tour["set_ms"]]
        elapsed = elapsed_ms(segment.at.timestamp() * 1000, tour["epoch_ms"], tour["set_ms"], spans, first_ms)
        named = ("category", "category_name", "category_name_en", "severity", "lon", "lat")
        body = Jsonb({"case": {name: event[name] for name in named}})
        until_ms = first_ms + rules.interrupt.stays_s * 1000
        values = {**bound, "kind": event["kind"], "grid": event["grid"], "body": body, "from_ms": first_ms, "until_ms": until_ms}
        cursor.execute(_TURN, values)
        if len(spans) < MOST_TURNS:
            cursor.execute(_TOLD, bound)
        else:
            cursor.execute(_MOVE, {**values, "epoch_ms": first_ms - elapsed, "by": KEEPER})
    return True


def _is_wanted(rules: Interrupts, kind: str, turns: list[dict[str, Any]], first_ms: float) -> bool:
    if not (rules.serious if kind == "serious" else rules.late_3):
        return False
    ends = [one["until_ms"] + (0 if one["kind"] == "hold" else rules.gap_s * 1000) for one in turns]
    return all(end <= first_ms for end in ends)
