"""Cases that a batch of steps is about, as they stand in the database, and as the batch leaves them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from data.cases.states import STATE_COLUMNS, CaseState, Event
from data.database.connections import Connection
from data.database.partitions import within_months

_OTHERS = (
    *("district", "id", "reported_at", "number", "category", "channel", "title", "description", "address", "grid", "grid_method"),
    *("due_at", "stage_due_at", "rule_id", "due_provisional", "due_is_day", "amber_at", "very_late_at"),
)
_COLUMNS = f"""
{", ".join(f"i.{name}" for name in (*_OTHERS, *STATE_COLUMNS))}, i.path::text AS path, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
    coalesce(i.attributes ->> 'place' = 'cell', false) AS at_label,
    CASE WHEN i.version = 0 THEN coalesce((
        SELECT max(e.seq) FROM incident_event e WHERE e.district = i.district AND e.incident_id = i.id), 0) ELSE i.version END AS last_seq
"""  # noqa: S608 - ours
_BY_KEY = f"""
SELECT {_COLUMNS}
FROM unnest(%(districts)s::text[], %(ids)s::bigint[], %(moments)s::timestamptz[]) k (district, id, reported_at)
JOIN incident i ON i.district = k.district AND i.id = k.id AND i.reported_at = k.reported_at
WHERE i.city = %(city)s AND {{months}}
"""  # noqa: S608 - ours
# Cases that moved to another district after somebody asked for a step.
_MOVED = f"""
SELECT {_COLUMNS} FROM incident i WHERE i.city = %(city)s AND i.id = ANY(%(ids)s) AND i.reported_at = ANY(%(moments)s::timestamptz[])
"""  # noqa: S608 - ours
_BY_NUMBER = f"SELECT {_COLUMNS} FROM incident i WHERE i.city = %(city)s AND i.number = %(number)s ORDER BY i.id LIMIT 1"  # noqa: S608
_EVENTS_OF_MANY = """
SELECT e.district, e.incident_id, e.seq, e.at, e.step, e.stage, e.account, e.unit, e.remark, e.details, ST_X(e.place) AS lon,
    ST_Y(e.place) AS lat, e.attachments
FROM unnest(%s::text[], %s::bigint[]) k (district, id)
JOIN incident_event e ON e.district = k.district AND e.incident_id = k.id
WHERE e.account IS NOT NULL ORDER BY e.seq
"""
_EVENTS = """
SELECT seq, at, step, stage, account, unit, remark, details, ST_X(place) AS lon, ST_Y(place) AS lat, attachments
FROM incident_event WHERE district = %s AND incident_id = %s AND account IS NOT NULL ORDER BY seq
"""

Key = tuple[str, int]
"""District and id of a case."""


@dataclass(slots=True)
class Deadlines:
    """Deadlines of a case: moments, the rule they follow, and what else ``data.deadlines.rules.Plan`` says."""

    due_at: datetime | None = None
    stage_due_at: datetime | None = None
    rule_id: int | None = None
    provisional: bool = False
    amber_at: datetime | None = None
    very_late_at: datetime | None = None


@dataclass(slots=True)
class Target:
    """A case in a batch.

    Attributes:
        row: its columns as they stand in the database, with ``path``, ``lon`` and ``lat``.
        state: its state after the steps of the batch so far.
        deadlines: likewise.
        added: events of the batch.
        stored: events made here before; ``None``: not read yet.
        left: where it stands in the database, and in which category, if a step of the batch moved it; ``None`` otherwise.
    """

    row: dict[str, Any]
    state: CaseState
    deadlines: Deadlines
    added: list[Event] = field(default_factory=list)
    stored: list[Event] | None = None
    left: dict[str, Any] | None = None

    @property
    def key(self) -> Key:
        """District and id, as they stand in the database."""
        return (self.left or self.row)["district"], self.row["id"]

    @property
    def new_key(self) -> Key:
        """District and id after the batch."""
        return self.row["district"], self.row["id"]

    def move(self, changed: dict[str, Any]) -> None:
        """Put it elsewhere, in memory."""
        if self.left is None:
            self.left = dict(self.row)
        self.row = {**self.row, **changed}

    @property
    def number(self) -> str:
        """The number that people quote."""
        return str(self.row["number"])


class Targets:
    """The cases of a batch; each is read once, and under the lock of its city."""

    def __init__(self, connection: Connection, city: str) -> None:
        self._connection, self._city = connection, city
        self._by_key: dict[Key, Target] = {}
        self._strayed: dict[Key, Target] = {}

    def load(self, keys: Sequence[tuple[str, int, datetime]]) -> None:
        """Read cases by district, id and moment of reporting; the district may be one that a case has left meanwhile."""
        if not keys:
            return
        districts, ids, moments = map(list, zip(*keys, strict=True))
        values = {"city": self._city, "districts": districts, "ids": ids, "moments": moments}
        statement = sql.SQL(_BY_KEY).format(months=within_months("i", moments)).as_bytes()
        for row in self._connection.cursor(row_factory=dict_row).execute(statement, values):
            self._add(row)
        missing = [key for key in keys if key[:2] not in self._by_key]
        if missing:
            values = {"city": self._city, "ids": [key[1] for key in missing], "moments": [key[2] for key in missing]}
            rows = self._connection.cursor(row_factory=dict_row).execute(_MOVED, values).fetchall()
            moved = {row["id"]: self._by_key.get((row["district"], row["id"])) or self._add(row) for row in rows}
            self._strayed |= {key[:2]: moved[key[1]] for key in missing if key[1] in moved}

    def get(self, key: Key) -> Target | None:
        """A case that was read; ``None`` where it is gone."""
        return self._by_key.get(key) or self._strayed.get(key)

    def has_moved(self, key: Key) -> bool:
        """Whether the case that somebody named by this key has left its place, in this batch or just before."""
        return key in self._strayed or self._by_key[key].left is not None

    def find_number(self, number: str) -> Target | None:
        """The case with this number, in the city of the batch."""
        row = self._connection.cursor(row_factory=dict_row).execute(_BY_NUMBER, {"city": self._city, "number": number}).fetchone()
        if row is None:
            return None
        return self._by_key.get((row["district"], row["id"])) or self._add(row)

    def changed(self) -> list[Target]:
        """Those on which the batch took a step."""
        return [target for target in self._by_key.values() if target.added]

    def history(self, target: Target) -> list[Event]:
        """Every event of a case that was made here, with those of the batch."""
        if target.stored is None:
            target.stored = read_events(self._connection, target.key)
        return [*target.stored, *target.added]

    def load_histories(self, keys: Sequence[Key]) -> None:
        """Read the events of several cases that were read before, in one go."""
        found = {key: target for key in keys if (target := self._by_key.get(key)) is not None and target.stored is None}
        if not found:
            return
        rows = self._connection.cursor(row_factory=dict_row).execute(_EVENTS_OF_MANY, list(map(list, zip(*found, strict=True)))).fetchall()
        for target in found.values():
            target.stored = []
        for row in rows:
            found[row["district"], row["incident_id"]].stored.append(make_event(row))  # type: ignore[union-attr]  # a list, see above

    def _add(self, row: dict[str, Any]) -> Target:
        state = CaseState(**{name: row[name] for name in STATE_COLUMNS})
        deadlines = Deadlines(*(row[name] for name in ("due_at", "stage_due_at", "rule_id", "due_provisional", "amber_at", "very_late_at")))
        made = self._by_key[row["district"], row["id"]] = Target(row, state, deadlines)
        return made


def read_events(connection: Connection, key: Key) -> list[Event]:
    """The events of a case that were made here, the oldest first."""
    rows = connection.cursor(row_factory=dict_row).execute(_EVENTS, key).fetchall()
    return [make_event(row) for row in rows]


def make_event(row: Any) -> Event:
    """An event from a row with its columns, and with ``lon`` and ``lat`` of its place."""
    place = None if row["lon"] is None else (row["lon"], row["lat"])
    plain = {name: row[name] for name in ("seq", "at", "step", "stage", "account", "unit", "remark", "details")}
    return Event(**plain, place=place, attachments=tuple(row["attachments"]))
