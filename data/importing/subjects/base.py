"""The base map: roads, water, green."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.importing.common.columns import to_mask, value_at
from data.importing.landing.context import Context
from data.importing.landing.staging import TO_3857, delete_unstaged, stage_rows, upsert_rows
from data.importing.placing.geometry_columns import encode_ewkb
from data.importing.profile.model import BASE_KINDS, BaseSource
from data.importing.rows.batch import Batch
from data.importing.rows.intake import stop_at_problem
from data.importing.rows.keys import Keys, make_line_keys
from data.schema import base_feature

COLUMNS = ("city", "source_id", "source_key", "kind", "rank", "width_m", "name")
_AROUND = 0.5
"""The base map may reach beyond the city by this share of its width and height."""


def land_base(source: BaseSource, context: Context) -> None:
    """Read, check and store one source of the base map."""
    found = stop_at_problem(context.ledger, context.intake.read_batches(source, "base", "any"))
    batches = list(stop_at_problem(context.ledger, _each(found, source, context)))
    Keys().make_unique(batches)
    rows = [(b, i) for b in batches for i in b.list_living()]
    staged = stage_rows(
        context.connection, base_feature, "staged_base_feature", COLUMNS, _rows(rows, source, context), geom="geometry(Geometry, 4326)"
    )
    changes = upsert_rows(context.connection, base_feature, staged, COLUMNS, ("source_id", "source_key"), {"geom_3857": TO_3857})
    if source.complete or source.columns.key is None:
        changes += delete_unstaged(context.connection, base_feature, staged, "source_key", "source_id", context.source_ids[source.key])
    context.add_changes("base_feature", changes)


def _each(batches: Iterator[Batch], source: BaseSource, context: Context) -> Iterator[Batch]:
    columns = source.columns
    for batch in batches:
        batch.read_key("key", columns.key, needed=columns.key is not None)
        if columns.key is None:
            batch.fields["key"] = make_line_keys(batch)
        batch.read_text("name", columns.name)
        batch.read_key("kind", columns.kind)
        batch.read_number("rank", columns.rank, whole=True, rounded=True)
        batch.read_number("width_m", columns.width_m)
        _kinds(batch, source)
        _nearby(batch, context)
        yield batch


def _kinds(batch: Batch, source: BaseSource) -> None:
    kinds = batch.fields["kind"] if source.kind is None else batch.fields["kind"].fill_null(source.kind)
    batch.fields["kind"] = kinds
    for i in batch.select_living(~to_mask(pc.is_in(kinds, pa.array(BASE_KINDS)))):
        batch.reject(i, "unknown_category", source.columns.kind.column if source.columns.kind else "kind", value_at(kinds, i))


def _nearby(batch: Batch, context: Context) -> None:
    """Reject what lies nowhere near the city."""
    west, south, east, north = context.tree.areas[context.tree.root].geom.bounds
    x, y = _AROUND * (east - west), _AROUND * (north - south)
    around = shapely.box(west - x, south - y, east + x, north + y)
    shapes = batch.shapes
    far = ~shapely.intersects(shapes, around) & batch.alive
    for i in np.flatnonzero(far):
        centre = shapes[i].centroid
        facts = {"distance": f"> {_AROUND:.0%}", "tolerance": f"{_AROUND:.0%}"}
        batch.reject(int(i), "outside", None, f"{centre.x:.6f}, {centre.y:.6f}", **facts)


def _rows(rows: list[tuple[Batch, int]], source: BaseSource, context: Context) -> Iterator[tuple[object, ...]]:
    each = {id(b): b for b, _ in rows}
    fields = {key: {name: b.list_values(name) for name in ("key", "kind", "rank", "width_m", "name")} for key, b in each.items()}
    shapes = {key: encode_ewkb(b.geometry, 4326).to_pylist() for key, b in each.items() if b.geometry is not None}
    for batch, i in context.progress.track(source.key, rows, len(rows)):
        value = {name: values[i] for name, values in fields[id(batch)].items()}
        rank, width = value["rank"], value["width_m"]
        yield (
            *(context.city, context.source_ids[source.key], value["key"], value["kind"]),
            *(min(max(rank, 1), 9) if rank is not None else source.rank, width if width is not None else source.width_m),
            *(value["name"], shapes[id(batch)][i]),
        )
