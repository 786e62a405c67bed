"""Landing of what stands in a grid cell: buildings, incidents and facilities."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from sqlalchemy import Table

from data import land, partitions, schema
from data.importing.batch import Batch, shown
from data.importing.columns import constant
from data.importing.context import Context
from data.importing.counting import counting
from data.importing.intake import guarded
from data.importing.leaves import Leaves, anchors_of
from data.importing.shapes import Wanted
from data.importing.source import Source
from data.importing.staging import Changes, Stage
from data.importing.whereabouts import Whereabouts
from data.importing.wire import Wired, wired

_PLACE = ("grid", "path", "district", "grid_method")
_SLICE = 50_000
"""Rows that are made and sent at once."""
_MANY = 20_000
"""Above so many rows it pays to make the indexes of an empty table afterwards."""


@dataclass(frozen=True)
class Subject:
    """How one subject lands.

    Attributes:
        name: as in the profile.
        table: where its rows go.
        wanted: kind of geometry.
        columns: the subject's own columns.
        prepare: fills a batch's fields and rejects what cannot be used.
        values: values of ``columns`` of a prepared batch.
        made: columns made from the geometry.
    """

    name: str
    table: Table
    wanted: Wanted
    columns: tuple[str, ...]
    prepare: Callable[[Batch, Any, Context], None]
    values: Callable[[Batch], dict[str, Any]]
    made: dict[str, Callable[[Wired], Any]]


def land_source(subject: Subject, source: Source, context: Context, whereabouts: Whereabouts, leaves: Leaves) -> None:
    """Read, check, place and store one source."""
    batches = _prepared(subject, source, context)
    whereabouts.check(batches, source, context.ledger)
    unique_keys(batches)
    places = [_place(batch, leaves, source, context) for batch in batches]
    count = sum(len(batch.living()) for batch in batches)
    columns, made = ["city", "source_id", "source_key", *subject.columns, *_PLACE, "geom"], ["geom_3857", *subject.made]
    if subject.table is schema.incident:
        partitions.ensure(context.connection, _months(batches))
    stage = Stage(context.connection, subject.table, columns, made, context.source_ids[source.key], many=count > _MANY)
    advance = context.progress.begin(source.key, count)
    with stage.filling() as send:
        for batch, place in zip(batches, places, strict=True):
            fields = _fields(subject, source, context, batch)
            for rows in _slices(batch):
                send(_table(subject, fields, batch, leaves, place, rows))
                advance(len(rows))
    # Rows without a key of their own are known by their place in the file: what has no place there any more is gone.
    whole = source.complete or getattr(source, "columns").key is None  # noqa: B009  every placed subject has it
    context.changed(subject.table.name, stage.land(counting(subject.table, context), whole))


def _months(batches: Sequence[Batch]) -> set[dt.date]:
    """First days of the months (UTC) in which cases were reported."""
    found = [pc.unique(pc.floor_temporal(b.fields["reported_at"].filter(pa.array(b.alive)), unit="month")) for b in batches]
    return {moment.date() for months in found for moment in months.drop_null().to_pylist()}


def _prepared(subject: Subject, source: Source, context: Context) -> list[Batch]:
    found = guarded(context.ledger, context.intake.batches(source, subject.name, subject.wanted))
    return list(guarded(context.ledger, _each(found, subject, source, context)))


def _each(batches: Iterator[Batch], subject: Subject, source: Source, context: Context) -> Iterator[Batch]:
    for batch in batches:
        key = getattr(source, "columns").key  # noqa: B009  every placed subject has it
        batch.key("key", key, needed=key is not None)
        if key is None:
            batch.fields["key"] = line_keys(batch)
        subject.prepare(batch, source, context)
        yield batch


def line_keys(batch: Batch) -> pa.Array:
    """Keys of rows that have none of their own: file and line, and the part of an exploded shape."""
    lines, parts = pa.array(batch.sheet.lines).cast(pa.string()), batch.sheet.columns.get("file.part")
    more = [] if parts is None else [".", parts.cast(pa.string())]
    return pc.binary_join_element_wise(f"{batch.sheet.file}#", lines, *more, "")


def unique_keys(batches: Sequence[Batch]) -> None:
    """Reject rows whose key occurred before in the same source."""
    living = [batch.fields["key"].filter(pa.array(batch.alive)) for batch in batches]
    if not living or pc.count_distinct(pa.chunked_array(living), mode="all").as_py() == sum(map(len, living)):
        return
    seen: dict[str | None, str] = {}
    for batch in batches:
        keys = batch.python("key")
        for i in batch.living():
            first = seen.get(keys[i])
            if first is not None:
                batch.reject(i, "duplicate_key", _key_column(batch), keys[i], first=first)
            else:
                seen[keys[i]] = f"{batch.sheet.file}:{batch.sheet.lines[i]}"


def _key_column(batch: Batch) -> str:
    """The column that keys come from: its own, or for population the area's."""
    columns = getattr(batch.source, "columns")  # noqa: B009  every source but the base class has it
    spec = columns.key or getattr(columns, "area", None)
    return shown(spec) if spec else ""


def _place(batch: Batch, leaves: Leaves, source: Source, context: Context) -> Any:
    """Leaf of every row (-1 for rows that are out); those too far from all are rejected."""
    place = np.full(len(batch), -1, dtype=np.int64)
    rows = np.array(batch.living(), dtype=np.int64)
    if not len(rows) or batch.geometry is None:
        return place
    anchors = anchors_of(batch.geometry[rows])
    place[rows] = leaves.holding(anchors)
    lost = np.flatnonzero(place[rows] < 0)
    tolerance = context.profile.city.tolerance_m if source.tolerance_m is None else source.tolerance_m
    for k, (leaf, metres) in zip(lost.tolist(), leaves.nearest(anchors[lost], tolerance), strict=True):
        row = int(rows[k])
        place[row] = leaf
        batch.near[row] = True
        if leaf < 0:
            facts = {"distance": _metres(metres), "tolerance": _metres(tolerance)}
            batch.reject(row, "outside", None, f"{anchors[k].x:.6f}, {anchors[k].y:.6f}", **facts)
    context.ledger.repair(source, "nearest_cell", int((batch.near & batch.alive).sum()))
    return place


def _metres(metres: float | None) -> str:
    if metres is None:
        return "—"
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:,.0f} m"


def _slices(batch: Batch) -> Iterator[Any]:
    rows = np.array(batch.living(), dtype=np.int64)
    yield from (rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE))


def _fields(subject: Subject, source: Source, context: Context, batch: Batch) -> dict[str, Any]:
    """What every row of a batch says, geometry and place apart."""
    count = len(batch)
    told = {"city": constant(context.city, count), "source_id": constant(context.source_ids[source.key], count)}
    return {**told, "source_key": batch.fields["key"], **subject.values(batch)}


def _table(subject: Subject, fields: dict[str, Any], batch: Batch, leaves: Leaves, place: Any, rows: Any) -> pa.Table:
    """Some rows of a batch, with everything that the table holds of them."""
    assert batch.geometry is not None  # noqa: S101  rows without any have been rejected
    shapes, order = wired(batch.geometry[rows]), pa.array(rows)
    columns = {name: values.take(order) if isinstance(values, pa.Array) else values[rows] for name, values in fields.items()}
    columns |= leaves.columns(place[rows])
    columns["grid_method"] = np.where(batch.near[rows], "nearest", "within")
    columns |= {"geom": shapes.geom, "geom_3857": shapes.geom_3857}
    columns |= {name: made(shapes) for name, made in subject.made.items()}
    return pa.table(columns)


def rehome(context: Context, tables: Sequence[Table]) -> None:
    """After the areas changed: rows that this import did not bring, and that do not lie in their own leaf any more, get a new one."""
    for table in tables:
        context.changed(table.name, _rehome(context, table))


def _rehome(context: Context, table: Table) -> Changes:
    connection = context.connection
    connection.execute("DROP TABLE IF EXISTS pg_temp.staged_stray")
    target = sql.Identifier(table.name)
    connection.execute(
        sql.SQL(
            """
            CREATE TEMP TABLE staged_stray ON COMMIT DROP AS
            SELECT t.id, t.district AS old_district, t.geom, t.grid, t.path, t.district, t.grid_method FROM {} t
            WHERE t.city = %s AND NOT EXISTS (
                SELECT FROM leaf_piece l
                WHERE l.code = t.grid AND (t.grid_method = 'nearest' OR ST_Intersects(l.geom, ST_PointOnSurface(t.geom))))
            """
        ).format(target),
        [context.city],
    )
    connection.execute("UPDATE staged_stray SET grid = NULL, grid_method = NULL")
    stray = Table("staged_stray", table.metadata.__class__())
    land.place(connection, stray, context.city, context.profile.city.tolerance_m, prepared=True)
    moved = connection.execute(
        sql.SQL(
            """
            UPDATE {} t SET grid = s.grid, path = s.path, district = s.district, grid_method = s.grid_method
            FROM staged_stray s WHERE t.id = s.id AND t.district = s.old_district AND s.grid IS NOT NULL
            """
        ).format(target)
    ).rowcount
    gone = connection.execute(
        sql.SQL("DELETE FROM {} t USING staged_stray s WHERE t.id = s.id AND t.district = s.old_district AND s.grid IS NULL").format(target)
    ).rowcount
    return Changes(updated=moved, deleted=gone)
