"""Writes a batch of steps into the database: one statement for each table, however many steps there are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import sql

from data.attachments.records import attach
from data.cases.batch import Batch, NewCase
from data.cases.photos.blurring import replace_photos
from data.cases.states import STATE_COLUMNS, CaseState, Event
from data.cases.targets import Deadlines, Target
from data.cases.telling import Written
from data.cases.where.belongings import follow_cases
from data.core.timezones import zone
from data.database import partitions
from data.database.connections import Connection
from data.rollup import DatedIncidents
from data.rollup.incident_parts import AMBER, STATE
from data.schema import OPEN_STAGES, OWN_SOURCE

_KINDS = {
    **dict.fromkeys(("severity", "version", "paused_s", "reworked", "reopened"), "int"),
    **dict.fromkeys(("paused", "answered", "solved", "satisfied"), "boolean"),
    **dict.fromkeys(("stage_at", "closed_at", "filed_at", "dispatched_at", "paused_at", "paused_until"), "timestamptz"),
}
_STATE = ", ".join(STATE_COLUMNS)
_STATE_ARRAYS = ", ".join(f"%({name})s::{_KINDS.get(name, 'text')}[]" for name in STATE_COLUMNS)
_DEADLINES = "due_at, stage_due_at, rule_id, due_provisional, amber_at, very_late_at"
_DEADLINE_ARRAYS = (
    "%(due_at)s::timestamptz[], %(stage_due_at)s::timestamptz[], %(rule_id)s::int[], %(due_provisional)s::boolean[],"
    " %(amber_at)s::timestamptz[], %(very_late_at)s::timestamptz[]"
)

# Where only the day of a closing was known, it is a moment now. A unit is shown by its name; published names stay where the city has no
# such unit. The deadline state is written with the rest, so that a row is not written twice: changed roll-ups settle it all the same.
_UPDATE = f"""
UPDATE incident i SET ({_STATE}, {_DEADLINES}) = ROW ({", ".join(f"n.{name}" for name in (*STATE_COLUMNS, *_DEADLINES.split(", ")))}),
    closed_is_day = i.closed_is_day AND i.closed_at IS NOT DISTINCT FROM n.closed_at,
    due_is_day = i.due_is_day AND i.due_at IS NOT DISTINCT FROM n.due_at,
    handler = coalesce((SELECT u.name FROM unit u WHERE u.city = i.city AND u.code = n.unit), i.handler),
    deadline_state = n.deadline_state
FROM (
    SELECT i.*, {STATE} AS deadline_state
    FROM (
        SELECT *, stage = ANY(%(open)s::text[]) AS is_open
        FROM unnest(%(district)s::text[], %(id)s::bigint[], %(reported_at)s::timestamptz[], {_STATE_ARRAYS}, {_DEADLINE_ARRAYS})
            u (district, id, reported_at, {_STATE}, {_DEADLINES})
    ) i JOIN city c ON c.code = %(city)s
) n
WHERE i.district = n.district AND i.id = n.id AND i.reported_at = n.reported_at
    AND {{months}}
"""  # noqa: S608 - ours
# An unplaced case has no coordinates, and so no point.
_MOVE = """
UPDATE incident i SET district = n.new_district, grid = n.grid, path = n.path::ltree, grid_method = n.grid_method,
    geom = ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326), geom_3857 = ST_Transform(ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326), 3857),
    category = n.category, address = n.address,
    attributes = i.attributes - 'place' || CASE WHEN n.at_label THEN '{"place": "cell"}'::jsonb ELSE '{}' END
FROM unnest(%(district)s::text[], %(id)s::bigint[], %(reported_at)s::timestamptz[], %(new_district)s::text[], %(grid)s::text[],
    %(path)s::text[], %(grid_method)s::text[], %(lon)s::float8[], %(lat)s::float8[], %(category)s::text[], %(address)s::text[],
    %(at_label)s::boolean[])
    n (district, id, reported_at, new_district, grid, path, grid_method, lon, lat, category, address, at_label)
WHERE i.district = n.district AND i.id = n.id AND i.reported_at = n.reported_at
"""
_MOVED_PAIRS = "unnest(%(district)s::text[], %(id)s::bigint[], %(new_district)s::text[])"
_EVENTS = """
INSERT INTO incident_event (district, incident_id, seq, at, stage, actor, remark, step, account, unit, details, place, attachments)
SELECT n.district, n.id, n.seq, n.at, n.stage, coalesce(a.shown, n.account), n.remark, n.step, n.account, n.unit, n.details::jsonb,
    ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326), ARRAY(SELECT jsonb_array_elements_text(n.attachments::jsonb))
FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %b::text[],
    %s::float8[], %s::float8[], %b::text[])
    n (district, id, seq, at, stage, remark, step, account, unit, details, lon, lat, attachments)
LEFT JOIN account a ON a.name = n.account
"""
_INSERT = f"""
INSERT INTO incident (district, id, city, source_id, source_key, grid, path, grid_method, geom, geom_3857, number, category, channel,
    reported_at, title, description, address, attributes, {_DEADLINES}, {_STATE})
SELECT coalesce(n.district, a.district, a.city), n.id, %(city)s, %(source)s, n.number, a.code, a.path, n.method, n.geom,
    ST_Transform(n.geom, 3857), n.number, n.category, n.channel, n.reported_at, n.title, n.description, n.address, n.attributes::jsonb, {
    ", ".join(f"n.{name}" for name in (*_DEADLINES.split(", "), *STATE_COLUMNS))
}
FROM (
    SELECT *, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom
    FROM unnest(%(district)s::text[], %(id)s::bigint[], %(grid)s::text[], %(method)s::text[], %(lon)s::float8[], %(lat)s::float8[],
        %(number)s::text[], %(category)s::text[], %(channel)s::text[], %(reported_at)s::timestamptz[], %(title)s::text[],
        %(description)s::text[], %(address)s::text[], %(attributes)s::text[], {_DEADLINE_ARRAYS}, {_STATE_ARRAYS})
        u (district, id, grid, method, lon, lat, number, category, channel, reported_at, title, description, address, attributes,
            {_DEADLINES}, {_STATE})
) n JOIN area a ON a.code = n.grid
RETURNING district, id
"""  # noqa: S608 - ours
_IDS = "SELECT nextval(pg_get_serial_sequence('incident', 'id')) FROM generate_series(1, %s)"
_NUMBERS = """
INSERT INTO case_counter AS c (city, day, last) VALUES (%(city)s, %(day)s, %(count)s)
ON CONFLICT (city, day) DO UPDATE SET last = c.last + %(count)s RETURNING last
"""
_SOURCE = """
WITH made AS (
    INSERT INTO source (city, key, subject, name) VALUES (%(city)s, %(key)s, 'incidents', '本平台上报 Reported here')
    ON CONFLICT (city, key) DO NOTHING RETURNING id
)
SELECT id FROM made UNION ALL SELECT id FROM source WHERE city = %(city)s AND key = %(key)s LIMIT 1
"""
_REPORTER = """
INSERT INTO incident_reporter (district, incident_id, city, grid, path, name, phone_cipher, phone_hash, phone_shown)
SELECT i.district, i.id, i.city, i.grid, i.path, %(name)s, decode(%(cipher)s, 'hex'), decode(%(hash)s, 'hex'), %(shown)s
FROM incident i WHERE i.district = %(district)s AND i.id = %(id)s AND i.reported_at = %(reported_at)s
"""
_MERGE = """
INSERT INTO incident_reporter (district, incident_id, seq, city, grid, path, name, phone_cipher, phone_hash, phone_shown, retain_until,
    merged_from)
SELECT i.district, i.id, coalesce((SELECT max(o.seq) FROM incident_reporter o WHERE o.district = i.district AND o.incident_id = i.id), 0)
        + row_number() OVER (ORDER BY r.seq),
    i.city, i.grid, i.path, r.name, r.phone_cipher, r.phone_hash, r.phone_shown, r.retain_until, %(from_number)s
FROM incident_reporter r, incident i
WHERE r.district = %(from_district)s AND r.incident_id = %(from_id)s
    AND i.district = %(district)s AND i.id = %(id)s AND i.reported_at = %(reported_at)s
"""
_RELEASE = "DELETE FROM incident_reporter WHERE district = %(district)s AND incident_id = %(id)s AND merged_from = %(from_number)s"


def number_cases(batch: Batch, timezone: str) -> None:
    """Give new cases their numbers: the day of reporting in the city's time zone, then a count."""
    if not batch.made:
        return
    day = batch.at.astimezone(zone(timezone)).date()
    row = batch.connection.execute(_NUMBERS, {"city": batch.city, "day": day, "count": len(batch.made)}).fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives the row
    for n, made in enumerate(batch.made, start=row[0] - len(batch.made) + 1):
        made.number = f"GW{day:%Y%m%d}-{n:05}"
    for numbers, parts in batch.split:
        numbers += [made.number for made in parts]


def write_batch(batch: Batch, touched: DatedIncidents) -> list[Written]:
    """Write states, events and new cases; the caller has entered ``changing_dated_incidents`` for the changed cases.

    Returns:
        Each case that was written, with its new events.
    """
    connection, changed = batch.connection, batch.targets.changed()
    if changed:
        months = partitions.within_months("i", (target.row["reported_at"] for target in changed))
        bound = {"city": batch.city, "open": list(OPEN_STAGES), "amber": AMBER}
        connection.execute(sql.SQL(_UPDATE).format(months=months).as_bytes(), {**_update_values(changed), **bound})
    _move_cases(batch, touched)
    written: list[Written] = [((*target.new_key, target.row["reported_at"]), target.added) for target in changed]
    if batch.made:
        keys = _insert_cases(batch)
        touched.add((*key, one.event.at) for key, one in zip(keys, batch.made, strict=True))
        written += [((*key, made.event.at), [made.event]) for key, made in zip(keys, batch.made, strict=True)]
    events = [(key[:2], event) for key, made in written for event in made]
    _insert_events(connection, events)
    attach(connection, [(key, event.account, event.attachments) for key, event in events if event.account is not None])
    replace_photos(connection, [(key, event) for key, event in events if event.step == "blur"])
    _move_reporters(batch)
    return written


def _move_cases(batch: Batch, touched: DatedIncidents) -> None:
    """Put cases, and what belongs to them, where steps of the batch moved them."""
    moved = [target for target in batch.targets.changed() if target.left is not None]
    if not moved:
        return
    names = ("id", "reported_at", "grid", "path", "grid_method", "lon", "lat", "category", "address", "at_label")
    values = {name: [target.row[name] for target in moved] for name in names}
    values |= {"district": [target.key[0] for target in moved], "new_district": [target.new_key[0] for target in moved]}
    batch.connection.execute(_MOVE, values)
    pairs = sql.SQL("(SELECT * FROM {} u (old_district, id, district))").format(sql.SQL(_MOVED_PAIRS))
    follow_cases(batch.connection, pairs, {name: values[name] for name in ("district", "id", "new_district")})
    touched.add((*target.new_key, target.row["reported_at"]) for target in moved)


def _update_values(changed: Sequence[Target]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {name: [target.row[name] for target in changed] for name in ("id", "reported_at")}
    values["district"] = [target.key[0] for target in changed]
    return values | _deadline_values([target.deadlines for target in changed]) | _state_values([target.state for target in changed])


def _deadline_values(deadlines: Sequence[Deadlines]) -> dict[str, list[Any]]:
    names = {name: "provisional" if name == "due_provisional" else name for name in _DEADLINES.split(", ")}
    return {column: [getattr(one, name) for one in deadlines] for column, name in names.items()}


def _state_values(states: Sequence[CaseState]) -> dict[str, list[Any]]:
    return {name: [getattr(state, name) for state in states] for name in STATE_COLUMNS}


def _insert_events(connection: Connection, events: Iterable[tuple[tuple[str, int], Event]]) -> None:
    rows = [
        (
            *(*key, event.seq, event.at, event.stage, event.remark, event.step, event.account, event.unit),
            *(json.dumps(dict(event.details)), *(event.place or (None, None)), json.dumps(event.attachments)),
        )
        for key, event in events
    ]
    if rows:
        connection.execute(_EVENTS, [list(column) for column in zip(*rows, strict=True)])


def _insert_cases(batch: Batch) -> list[tuple[str, int]]:
    """Insert new cases, with their reporters; returns district and id of each, in order."""
    connection, made = batch.connection, batch.made
    partitions.ensure_partitions(connection, {batch.at.astimezone(UTC).date()})
    source = connection.execute(_SOURCE, {"city": batch.city, "key": OWN_SOURCE}).fetchone()
    ids = [row[0] for row in connection.execute(_IDS, [len(made)]).fetchall()]
    places = [_place(one) for one in made]
    values: dict[str, Any] = {
        name: [place[name] for place in places] for name in ("district", "grid", "method", "lon", "lat", "attributes")
    }
    for name in ("category", "channel", "title", "description", "address"):
        values[name] = [one.said.get(name) for one in made]
    values |= {"id": ids, "number": [one.number for one in made], "reported_at": [one.event.at for one in made]}
    values |= _deadline_values([one.deadlines for one in made]) | _state_values([one.state for one in made])
    rows = connection.execute(_INSERT, {**values, "city": batch.city, "source": source and source[0]}).fetchall()
    districts = {case_id: district for district, case_id in rows}
    keys = [(districts[case_id], case_id) for case_id in ids]
    for key, one in zip(keys, made, strict=True):
        if one.reporter is not None:
            connection.execute(_REPORTER, {**one.reporter, "district": key[0], "id": key[1], "reported_at": one.event.at})
    return keys


def _place(made: NewCase) -> dict[str, Any]:
    like: Mapping[str, Any] | None = made.said.get("like")
    if like is not None:
        told = {name: like[name] for name in ("district", "grid", "lon", "lat")}
        return {**told, "method": like["grid_method"], "attributes": _mark(like["at_label"])}
    said = made.said
    attributes = _mark(said.get("in_cell"))
    told = {name: said.get(name) for name in ("grid", "lon", "lat")}
    return {**told, "district": None, "method": said.get("method", "within"), "attributes": attributes}


def _mark(at_label: bool | None) -> str:
    """Attributes of a new case: whether only its cell is known, whose label point it has."""
    return json.dumps({"place": "cell"} if at_label else {})


def _move_reporters(batch: Batch) -> None:
    for statement, pairs in ((_MERGE, batch.merged), (_RELEASE, batch.released)):
        for of, into in pairs:
            told = {name: into.row[name] for name in ("district", "id", "reported_at")}
            told |= {"from_district": of.row["district"], "from_id": of.row["id"], "from_number": of.number}
            batch.connection.execute(statement, told)


def now_of(connection: Connection) -> datetime:
    """The database's clock: a step is never dated before an earlier one."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None and isinstance(row[0], datetime)  # noqa: S101 - a select without from gives one row
    return row[0]
