"""Buildings: footprints with floors, height and use."""

from typing import Any

from data.importing.batch import Batch
from data.importing.context import Context
from data.importing.model import BuildingSource
from data.importing.placed import Subject
from data.importing.subjects.facilities import attributes
from data.schema import building

COLUMNS = ("name", "address", "use", "floors", "height_m", "height_origin", "year_built", "attributes")
FLOOR_M = 3.0
_LAST_YEAR = 2200
_MOST_FLOORS = 300


def prepare(batch: Batch, source: BuildingSource, context: Context) -> None:
    """Fill the fields of one file's buildings."""
    columns = source.columns
    for field in ("name", "address", "use"):
        batch.text(field, getattr(columns, field))
    batch.number("floors", columns.floors, whole=True)
    batch.number("height", columns.height)
    batch.number("year_built", columns.year_built, whole=True)
    for name, spec in source.attributes.items():
        batch.text(f"attributes.{name}", spec)
    for field, most in (("floors", _MOST_FLOORS), ("year_built", _LAST_YEAR)):
        spec = getattr(columns, field)
        for i in batch.living():
            if batch.fields[field][i] is not None and batch.fields[field][i] > most:
                batch.reject(i, "bad_number", spec.column, batch.fields[field][i])
    shown = columns.use.column or "" if columns.use else ""
    context.books["building"].resolve(batch, "use", shown, source.unknown_category)


def row(batch: Batch, i: int) -> tuple[Any, ...]:
    """Values of ``COLUMNS`` for one building; where only floors are known, the height is floors × 3 m."""
    value = {field: values[i] for field, values in batch.fields.items()}
    height, floors = value["height"] or None, value["floors"] or None
    origin = "published" if height else "floors" if floors else "none"
    height = height or (floors * FLOOR_M if floors else None)
    return (value["name"], value["address"], value["use"], floors, height, origin, value["year_built"] or None, attributes(batch, i))


SUBJECT = Subject("buildings", building, "polygon", COLUMNS, prepare, row, {"footprint_m2": "ST_Area(geom::geography)"})
