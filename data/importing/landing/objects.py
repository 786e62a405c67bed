"""Writes what lies in a grid cell: buildings, incidents and facilities."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from sqlalchemy import Table

from data import schema
from data.database import partitions
from data.importing.common.columns import Values, repeat_value
from data.importing.landing.context import Context
from data.importing.landing.rollups import make_tracker
from data.importing.landing.staging import Stage
from data.importing.landing.statistics import analyse_table
from data.importing.landing.unplaced import UNPLACED, place_unplaced
from data.importing.placing.coordinate_checks import find_located
from data.importing.placing.crowded_points import Crowds
from data.importing.placing.geometry_columns import EncodedShapes, encode_shapes
from data.importing.placing.leaves import Ints, Leaves, compute_anchors
from data.importing.profile.source import Source
from data.importing.rows.batch import Batch
from data.importing.rows.geometry import Wanted
from data.importing.rows.intake import stop_at_problem
from data.importing.rows.keys import Keys, make_line_keys

_PLACE = ("grid", "path", "district", "grid_method")
_SLICE = 50_000
"""Rows that are sent to the database together."""
_AT_ONCE = 500_000
"""Rows that are checked together and held in memory."""
MANY = 20_000
"""From so many rows on, making the indexes of an empty table afterwards is faster."""


@dataclass(frozen=True)
class Subject:
    """How the rows of one subject are written.

    Attributes:
        name: as in the profile.
        table: where its rows go.
        wanted: kind of geometry.
        columns: the subject's own columns.
        prepare: fills a batch's fields and rejects what cannot be used.
        values: values of ``columns`` of a prepared batch.
        made: columns made from the geometry.
        aside: keeps what checked batches say beyond the columns of the table.
        following: columns that follow from others, and are not compared.
    """

    name: str
    table: Table
    wanted: Wanted
    columns: tuple[str, ...]
    prepare: Callable[[Batch, Any, Context], None]
    values: Callable[[Batch], dict[str, Values]]
    made: dict[str, Callable[[EncodedShapes], Values]]
    aside: Callable[[Sequence[Batch], Any, Context], None] | None = None
    following: dict[str, Callable[[Batch, Context], Values]] = field(default_factory=dict)


def land_objects(subject: Subject, source: Source, context: Context) -> None:
    """Read, check, place and store one source; of a large one, only a part is held in memory at a time."""
    columns, made = ["city", "source_id", "source_key", *subject.columns, *_PLACE, "geom"], ["geom_3857", *subject.made, *subject.following]
    stage = Stage(context.connection, subject.table, columns, made, context.source_ids[source.key])
    keys, crowds = Keys(), Crowds()
    with stage:
        for batches in group_batches(_prepared(subject, source, context), whole=source.duplicates == "last"):
            crowds.add(batches)
            context.outline.check(batches, source, context.ledger)
            keys.make_unique(batches)
            if subject.aside is not None:
                subject.aside(batches, source, context)
            places = [_place(batch, source, context) for batch in batches]
            _send(subject, source, context, stage, list(zip(batches, places, strict=True)))
    if subject.table is schema.incident:
        crowds.tell(source, context.ledger)
    if stage.filled_anew:
        analyse_table(context, subject.table)  # before they are counted: PostgreSQL would take the table for nearly empty
    # Rows without a key are identified by file and line: a line that is not there any more is a row that is gone.
    whole = source.complete or getattr(source, "columns").key is None  # noqa: B009  every placed subject has it
    context.add_changes(subject.table.name, stage.land(make_tracker(subject.table, context), whole))


def group_batches(batches: Iterator[Batch], whole: bool = False) -> Iterator[list[Batch]]:
    """Batches together, as many as may be held in memory; ``whole``: all of them, because a later row may change what an earlier one is."""
    group: list[Batch] = []
    for batch in batches:
        group.append(batch)
        if not whole and sum(map(len, group)) >= _AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _send(subject: Subject, source: Source, context: Context, stage: Stage, placed: list[tuple[Batch, Ints]]) -> None:
    count = sum(len(batch.list_living()) for batch, _ in placed)
    advance = context.progress.begin(source.key, count)
    with stage.filling(many=count > MANY) as send:
        if subject.table is schema.incident:  # after the indexes were set aside, so that new months come without
            partitions.ensure_partitions(context.connection, _months([batch for batch, _ in placed]))
        for batch, place in placed:
            fields = _fields(subject, source, context, batch)
            for rows in split_rows(batch):
                send(_table(subject, fields, batch, context.leaves, place, rows))
                advance(len(rows))


def _months(batches: Sequence[Batch]) -> set[dt.date]:
    """First days of the months (UTC) in which cases were reported."""
    found = [pc.unique(pc.floor_temporal(b.fields["reported_at"].filter(pa.array(b.alive)), unit="month")) for b in batches]
    return {moment.date() for months in found for moment in months.drop_null().to_pylist()}


def _prepared(subject: Subject, source: Source, context: Context) -> Iterator[Batch]:
    found = stop_at_problem(context.ledger, context.intake.read_batches(source, subject.name, subject.wanted))
    return stop_at_problem(context.ledger, _each(found, subject, source, context))


def _each(batches: Iterator[Batch], subject: Subject, source: Source, context: Context) -> Iterator[Batch]:
    for batch in batches:
        key = getattr(source, "columns").key  # noqa: B009  every placed subject has it
        batch.read_key("key", key, needed=key is not None)
        if key is None:
            batch.fields["key"] = make_line_keys(batch)
        subject.prepare(batch, source, context)
        yield batch


def _place(batch: Batch, source: Source, context: Context) -> Ints:
    """Leaf of every row (-1 for rejected rows); rows too far from all leaves are rejected. Rows without geometry: see ``unplaced``."""
    place = np.full(len(batch), -1, dtype=np.int64)
    place_by_point(batch, find_located(batch), place, source, context)
    place_unplaced(batch, place, source, context)
    return place


def place_by_point(batch: Batch, rows: Ints, place: Ints, source: Source, context: Context) -> None:
    """Find the leaf of some rows, which have geometry; rows too far from all leaves are rejected."""
    if not len(rows) or batch.geometry is None:
        return
    anchors = compute_anchors(batch.geometry[rows])
    place[rows] = context.leaves.find_containing(anchors)
    lost = np.flatnonzero(place[rows] < 0)
    tolerance = context.profile.city.tolerance_m if source.tolerance_m is None else source.tolerance_m
    for k, (leaf, metres) in zip(lost.tolist(), context.leaves.find_nearest(anchors[lost], tolerance), strict=True):
        row = int(rows[k])
        place[row] = leaf
        batch.near[row] = True
        if leaf < 0:
            facts = {"distance": _metres(metres), "tolerance": _metres(tolerance)}
            batch.reject(row, "outside", None, f"{anchors[k].x:.6f}, {anchors[k].y:.6f}", **facts)
    context.ledger.repair(source, "nearest_cell", int((batch.near & batch.alive).sum()))


def _metres(metres: float | None) -> str:
    if metres is None:
        return "—"
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:,.0f} m"


def split_rows(batch: Batch) -> Iterator[Ints]:
    rows = np.array(batch.list_living(), dtype=np.int64)
    yield from (rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE))


def _fields(subject: Subject, source: Source, context: Context, batch: Batch) -> dict[str, Values]:
    """The columns of every row of a batch, without geometry and place."""
    count = len(batch)
    told = {"city": repeat_value(context.city, count), "source_id": repeat_value(context.source_ids[source.key], count)}
    following = {name: made(batch, context) for name, made in subject.following.items()}
    return {**told, "source_key": batch.fields["key"], **subject.values(batch), **following}


def _table(subject: Subject, fields: dict[str, Values], batch: Batch, leaves: Leaves, place: Ints, rows: Ints) -> pa.Table:
    """Some rows of a batch, with all columns of the table."""
    assert batch.geometry is not None  # noqa: S101  rows without any have been rejected
    order, located = pa.array(rows), ~shapely.is_missing(batch.geometry[rows])
    shapes = encode_shapes(batch.geometry[rows][located])
    columns = {name: values.take(order) if isinstance(values, pa.Array) else values[rows] for name, values in fields.items()}
    columns |= leaves.make_columns(place[rows])
    columns["grid_method"] = np.where(located, np.where(batch.near[rows], "nearest", "within"), UNPLACED)
    # A row without geometry has none of what is made from it.
    spread = pa.array(np.cumsum(located) - 1, mask=~located)
    columns |= {"geom": shapes.geom.take(spread), "geom_3857": shapes.geom_3857.take(spread)}
    columns |= {name: made(shapes) for name, made in subject.made.items()}
    return pa.table(columns)
