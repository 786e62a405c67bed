"""Facilities: schools, cameras, hydrants."""

from typing import Any

import orjson

from data.importing.batch import Batch
from data.importing.context import Context
from data.importing.model import FacilitySource
from data.importing.placed import Subject
from data.importing.spec import Spec
from data.schema import facility

COLUMNS = ("kind", "name", "address", "attributes")


def prepare(batch: Batch, source: FacilitySource, context: Context) -> None:
    """Fill the fields of one file's facilities."""
    columns = source.columns
    kind = columns.kind or Spec(value=source.kind or source.key)
    batch.key("kind", kind)
    batch.text("name", columns.name)
    batch.text("address", columns.address)
    for name, spec in source.attributes.items():
        batch.text(f"attributes.{name}", spec)
    book = context.books["facility"]
    if columns.kind is None and source.kind not in book.declared:
        book.announce(source.kind or source.key)
    book.resolve(batch, "kind", kind.column or kind.template or "kind", source.unknown_category)


def row(batch: Batch, i: int) -> tuple[Any, ...]:
    """Values of ``COLUMNS`` for one facility."""
    return (batch.fields["kind"][i], batch.fields["name"][i], batch.fields["address"][i], attributes(batch, i))


def attributes(batch: Batch, i: int) -> str:
    """Further attributes of a row as JSON text."""
    found = {name.split(".", 1)[1]: v[i] for name, v in batch.fields.items() if name.startswith("attributes.") and v[i] is not None}
    return orjson.dumps(found).decode()


SUBJECT = Subject("facilities", facility, "point", COLUMNS, prepare, row, {})
