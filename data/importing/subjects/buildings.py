"""Buildings: footprints with floors, height and use."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Values, has_value, to_mask, value_at
from data.importing.landing.context import Context
from data.importing.landing.objects import Subject
from data.importing.profile.model import BuildingSource
from data.importing.rows.batch import Batch
from data.importing.rows.reading import blank_rows
from data.importing.subjects.facilities import make_attributes
from data.schema import building

COLUMNS = ("name", "address", "use", "floors", "height_m", "height_origin", "year_built", "attributes")
FLOOR_M = 3.0
_LAST_YEAR = 2200
_MOST_FLOORS = 300


def prepare(batch: Batch, source: BuildingSource, context: Context) -> None:
    """Fill the fields of one file's buildings."""
    columns = source.columns
    for field in ("name", "address", "use"):
        batch.read_text(field, getattr(columns, field))
    batch.read_number("floors", columns.floors, whole=True, rounded=True)
    batch.read_number("height", columns.height)
    batch.read_number("year_built", columns.year_built, whole=True, rounded=True)
    for name, spec in source.attributes.items():
        batch.read_text(f"attributes.{name}", spec)
    for field, most in (("floors", _MOST_FLOORS), ("year_built", _LAST_YEAR)):
        spec = getattr(columns, field)
        for i in batch.select_living(to_mask(pc.greater(batch.fields[field], most))):
            batch.reject(i, "bad_number", spec.column, value_at(batch.fields[field], i))
    shown = columns.use.column or "" if columns.use else ""
    context.books["building"].resolve(batch, "use", shown, source.unknown_category)


def make_columns(batch: Batch) -> dict[str, Values]:
    """Values of ``COLUMNS``; where only floors are known, the height is floors × 3 m."""
    floors, height, year = (_not_zero(batch.fields[field]) for field in ("floors", "height", "year_built"))
    origin = np.where(has_value(height), "published", np.where(has_value(floors), "floors", "none"))
    return {
        **{field: batch.fields[field] for field in ("name", "address", "use")},
        "floors": floors,
        "height_m": pc.coalesce(height, pc.multiply(floors, FLOOR_M)),
        "height_origin": origin,
        "year_built": year,
        "attributes": make_attributes(batch),
    }


def _not_zero(values: pa.Array) -> pa.Array:
    return blank_rows(values, to_mask(pc.equal(values, 0)))


SUBJECT = Subject("buildings", building, "footprint", COLUMNS, prepare, make_columns, {"footprint_m2": lambda shapes: shapes.area_m2})
