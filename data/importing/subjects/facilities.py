"""Facilities: schools, cameras, hydrants."""

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Values, map_values, repeat_value
from data.importing.landing.context import Context
from data.importing.landing.objects import Subject
from data.importing.profile.model import FacilitySource
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.schema import facility

COLUMNS = ("kind", "name", "address", "attributes")


def prepare(batch: Batch, source: FacilitySource, context: Context) -> None:
    """Fill the fields of one file's facilities."""
    columns = source.columns
    kind = columns.kind or Spec(value=source.kind or source.key)
    batch.read_key("kind", kind)
    batch.read_text("name", columns.name)
    batch.read_text("address", columns.address)
    for name, spec in source.attributes.items():
        batch.read_text(f"attributes.{name}", spec)
    book = context.books["facility"]
    if columns.kind is None and source.kind not in book.declared:
        book.add_undeclared(source.kind or source.key)
    book.resolve(batch, "kind", kind.column or kind.template or "kind", source.unknown_category)


def make_columns(batch: Batch) -> dict[str, Values]:
    """Values of ``COLUMNS``."""
    return {**{name: batch.fields[name] for name in COLUMNS[:-1]}, "attributes": make_attributes(batch)}


def make_attributes(batch: Batch) -> pa.Array:
    """Further attributes of every row as JSON text."""
    pairs = [_pairs(name.split(".", 1)[1], values) for name, values in batch.fields.items() if name.startswith("attributes.")]
    if not pairs:
        return repeat_value("{}", len(batch))
    # Not with null_handling="skip": rows of which nothing is left would be left out altogether.
    joined = pc.binary_join_element_wise(*[pair.fill_null("") for pair in pairs], "")
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")


def _pairs(name: str, values: pa.Array) -> pa.Array:
    """Name and value of one attribute as JSON knows them, after a comma; nothing where there is no value."""
    key = orjson.dumps(name).decode()
    return map_values(values, lambda value: f",{key}:{orjson.dumps(value).decode()}", pa.string())[0]


SUBJECT = Subject("facilities", facility, "point", COLUMNS, prepare, make_columns, {})
