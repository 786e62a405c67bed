"""Population as published, by polygons or by codes of areas; ``data.geo.apportion`` shares it out among the cells afterwards."""

from collections.abc import Iterator

import numpy as np
import orjson
import pyarrow.compute as pc
import shapely

from data.importing.common.sentences import FileProblem
from data.importing.landing.context import Context
from data.importing.landing.staging import delete_unstaged, stage_rows, to_ewkb, upsert_rows
from data.importing.profile.model import PopulationSource
from data.importing.rows.batch import Batch
from data.importing.rows.geometry import settle_geometry
from data.importing.rows.intake import stop_at_problem
from data.importing.rows.keys import Keys, make_line_keys
from data.schema import population_unit

COLUMNS = ("city", "source_id", "source_key", "area", "geom", "total", "households", "male", "female", "ages", "as_of", "method")


def land_population(source: PopulationSource, context: Context) -> None:
    """Read, check and store the units of one source; units that vanished from its files go."""
    found = stop_at_problem(context.ledger, context.intake.read_batches(source, "population", None))
    batches = list(stop_at_problem(context.ledger, _each(found, source, context)))
    Keys().make_unique(batches)
    rows = [(b, i) for b in batches for i in b.list_living()]
    staged = stage_rows(context.connection, population_unit, "staged_population_unit", COLUMNS, _rows(rows, source, context))
    changes = upsert_rows(context.connection, population_unit, staged, COLUMNS, ("source_id", "source_key"))
    changes += delete_unstaged(context.connection, population_unit, staged, "source_key", "source_id", context.source_ids[source.key])
    context.add_changes("population_unit", changes)


def _each(batches: Iterator[Batch], source: PopulationSource, context: Context) -> Iterator[Batch]:
    columns = source.columns
    for batch in batches:
        batch.read_number("total", columns.total, needed=True, whole=True)
        for field in ("households", "male", "female"):
            batch.read_number(field, getattr(columns, field), whole=True)
        for band, spec in source.ages.items():
            batch.read_number(f"ages.{band}", spec, whole=True)
        batch.read_key("area", columns.area, needed=columns.area is not None)
        batch.read_key("key", columns.key or columns.area)
        batch.fields["key"] = pc.coalesce(batch.fields["key"], make_line_keys(batch))
        if columns.area is not None:
            batch.geometry = None
            _known_areas(batch, context)
        else:
            if batch.geometry is None:
                raise FileProblem("no_geometry_column", file=batch.sheet.file)
            settle_geometry(batch, "polygon")
            _nearby(batch, context)
        yield batch


def _known_areas(batch: Batch, context: Context) -> None:
    codes = batch.list_values("area")
    for i in batch.list_living():
        if codes[i] not in context.tree.areas:
            batch.reject(i, "unknown_area", None, codes[i])


def _nearby(batch: Batch, context: Context) -> None:
    """Reject units that have nothing in common with the city, or only a border."""
    city = context.tree.areas[context.tree.root].geom
    shapely.prepare(city)
    shapes = batch.shapes
    met = shapely.intersects(city, shapes)
    edge = met & ~shapely.covers(city, shapes) & batch.alive
    met[edge] = shapely.relate_pattern(city, shapes[edge], "T********")
    for i in np.flatnonzero(~met & batch.alive):
        centre = shapes[i].centroid
        batch.reject(int(i), "outside", None, f"{centre.x:.6f}, {centre.y:.6f}", distance="> 0 m", tolerance="0 m")


def _rows(rows: list[tuple[Batch, int]], source: PopulationSource, context: Context) -> Iterator[tuple[object, ...]]:
    fields = {id(b): {field: b.list_values(field) for field in b.fields} for b in {id(b): b for b, _ in rows}.values()}
    for batch, i in context.progress.track(source.key, rows, len(rows)):
        value = {field: values[i] for field, values in fields[id(batch)].items()}
        ages = {k.split(".", 1)[1]: v for k, v in value.items() if k.startswith("ages.") and v is not None}
        shape = None if batch.geometry is None else to_ewkb(batch.geometry[i])
        yield (
            *(context.city, context.source_ids[source.key], value["key"], value["area"], shape, value["total"]),
            *(value["households"], value["male"], value["female"], orjson.dumps(ages).decode() if ages else None),
            *(source.as_of, source.method),
        )
