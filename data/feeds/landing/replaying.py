"""Rows in quarantine that somebody put right, or let pass: they go the way of every row again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from psycopg import sql
from psycopg.types.json import Jsonb

from data.database.connections import Connection
from data.feeds.landing.checks import find_faults
from data.feeds.landing.job import Job, find_job
from data.feeds.landing.loading import load_rows
from data.feeds.landing.parsing import read_fields, to_rows
from data.feeds.landing.placing import place_rows
from data.feeds.landing.rules import apply_rules
from data.feeds.landing.staging import STAGED, create_staging, stage
from data.geo.datum import geometry_to_wgs84
from data.importing.common.columns import make_column
from data.importing.common.sheet import Sheet
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger
from data.packs.tables.layout import SCHEMA, table_name

_ROWS = """
SELECT q.id, q.delivery, q.row, q.held, d.city, d.feed FROM feed_quarantine q JOIN feed_delivery d ON d.id = q.delivery
WHERE q.id = ANY (%s) AND q.state = 'waiting' ORDER BY d.city, d.feed, q.id FOR UPDATE OF q
"""
_DONE = "UPDATE feed_quarantine SET state = 'replayed', repaired = %s, changed_at = now(), account = %s WHERE id = ANY (%s)"
_KEPT = "UPDATE feed_quarantine SET repaired = %s, rules = %s, changed_at = now(), account = %s WHERE id = %s"
_DROP = "UPDATE feed_quarantine SET state = 'dropped', changed_at = now(), account = %s WHERE id = ANY (%s) AND state = 'waiting'"
# What came later counts more than what was held back.
_NEWER = """
SELECT l.gw_n FROM {rows} l JOIN {table} r ON r.gw_city = {city} AND {same} WHERE r.gw_delivery > l.gw_delivery AND l.gw_fault IS NULL
"""


@dataclass
class Replayed:
    """What became of rows in quarantine, by their numbers.

    Attributes:
        done: they are records now.
        held: they still break these rules.
        faulty: they cannot be used, as (reason, facts); see ``words.tell_row``.
        newer: a later delivery has brought the same record.
    """

    done: list[int] = field(default_factory=list)
    held: dict[int, list[str]] = field(default_factory=dict)
    faulty: dict[int, tuple[str, dict[str, object]]] = field(default_factory=dict)
    newer: list[int] = field(default_factory=list)


def replay(
    connection: Connection, ids: Sequence[int], repaired: Mapping[str, object], account: str | None = None, heed_rules: bool = True
) -> Replayed:
    """Let rows that wait in quarantine in, with the fields that were put right; in one transaction.

    Args:
        connection: of the owner.
        ids: numbers of the rows; those that wait no longer are left out.
        repaired: values of fields, for all of these rows, as texts or as JSON has them; ``None`` empties a field.
        account: who does it.
        heed_rules: ask the rules again; otherwise somebody has said that these rows are right.
    """
    made = Replayed()
    with connection.transaction():
        by_feed: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for number, delivery, row, held, city, feed in connection.execute(_ROWS, [list(ids)]).fetchall():
            by_feed.setdefault((city, feed), []).append((number, delivery, row, held))
        for (city, feed), rows in by_feed.items():
            job = find_job(connection, city, feed)
            if job is None:
                made.faulty |= {number: ("feed_gone", {}) for number, *_ in rows}
            else:
                _replay(connection, job, rows, repaired, heed_rules, made)
        connection.execute(_DONE, [Jsonb(dict(repaired)), account, made.done])
        for number, rules in made.held.items():
            connection.execute(_KEPT, [Jsonb(dict(repaired)), rules, account, number])
    return made


def drop(connection: Connection, ids: Sequence[int], account: str | None = None) -> int:
    """Give rows in quarantine up; tells how many waited."""
    return connection.execute(_DROP, [account, list(ids)]).rowcount


def _replay(
    connection: Connection, job: Job, rows: list[tuple[Any, ...]], repaired: Mapping[str, object], heed_rules: bool, made: Replayed
) -> None:
    ledger = Ledger()
    batch = _make_batch(job, rows, repaired, ledger)
    specs = {one.code: Spec(column=one.code) for one in job.fields}
    read_fields(batch, job.fields, specs)
    numbers = {n: number for n, (number, *_) in enumerate(rows)}
    for reject in ledger.rejects:
        made.faulty[numbers[reject.line]] = (reject.reason, reject.sentence.plain_facts(("file", "line")))
    staged = to_rows(batch, job.fields)
    places = staged.column("gw_row").to_pylist()
    more = {"gw_n": [rows[n][0] for n in places], "gw_delivery": [rows[n][1] for n in places], "gw_row": [rows[n][2] for n in places]}
    staged = staged.drop_columns("gw_row")
    for name, values in more.items():
        staged = staged.append_column(name, pa.array(values, pa.int64()))
    create_staging(connection, job.pack.code, job.kind)
    stage(connection, staged)
    place_rows(connection, job)
    for fault in find_faults(connection, job).faults:
        made.faulty[fault.n] = (fault.reason, fault.facts)
    made.newer += _leave_newer(connection, job)
    if heed_rules:
        apply_rules(connection, job)
    held = sql.SQL("SELECT gw_n, gw_rules FROM {} WHERE gw_rules IS NOT NULL AND gw_fault IS NULL").format(sql.Identifier(STAGED))
    made.held |= dict(connection.execute(held).fetchall())
    load_rows(connection, job, None)
    gone = {*made.faulty, *made.held, *made.newer}
    made.done += [number for number in more["gw_n"] if number not in gone]


def _make_batch(job: Job, rows: list[tuple[Any, ...]], repaired: Mapping[str, object], ledger: Ledger) -> Batch:
    """The rows as a sheet whose columns are the fields; its lines are places in ``rows``."""
    known = {code: value for code, value in repaired.items() if code in job.specs}
    held = [{**row[3], **known} for row in rows]
    columns = {one.code: make_column([values.get(one.code) for values in held]) for one in job.fields}
    sheet = Sheet("", columns, lines=np.arange(len(rows), dtype=np.int64))
    closed = frozenset(one.code for one in job.fields if not one.is_open)
    source = job.make_source().model_construct(key=job.feed.code, closed=closed)
    ledger.tally(source, "feed", "")
    batch = Batch(source, sheet, ledger, job.zone)
    if job.wants_points:
        batch.geometry = np.array([_point(job, values, known) for values in held], dtype=object)
    return batch


def _point(job: Job, values: Mapping[str, Any], repaired: Mapping[str, object]) -> shapely.Point | None:
    """The point as it was read, or of the coordinates that were put right, which are of the datum of the feed's files."""
    place = job.kind.place
    if place is None or not {place.lon, place.lat} & repaired.keys():
        return shapely.Point(values["gw_point"]) if "gw_point" in values else None
    try:
        made = shapely.Point(float(values[place.lon or ""]), float(values[place.lat or ""]))
    except (KeyError, TypeError, ValueError):
        return None
    datum = job.feed.source.datum
    return geometry_to_wgs84(made, datum) if datum in ("gcj02", "bd09") else made


def _leave_newer(connection: Connection, job: Job) -> list[int]:
    """Take rows out whose record a later delivery has brought."""
    rows = sql.Identifier(STAGED)
    same = sql.SQL(" AND ").join(sql.SQL("r.{0} = l.{0}").format(sql.Identifier(name)) for name in job.kind.key)
    table = sql.Identifier(SCHEMA, table_name(job.pack.code, job.kind.code))
    found = [n for (n,) in connection.execute(sql.SQL(_NEWER).format(rows=rows, table=table, city=job.city, same=same))]
    connection.execute(sql.SQL("DELETE FROM {} WHERE gw_n = ANY ({})").format(rows, found))
    return found
