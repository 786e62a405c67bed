"""Alembic's entry: runs on the connection that ``data.database.migrate`` hands over, or offline to print SQL."""

import re
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers

from data.database.partitions import NAMES as PARTITIONS
from data.schema import metadata


def _ours(object_: object, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    """Leave out PostGIS's own tables, and partitions, which follow their table."""
    return not (type_ == "table" and name and (name == "spatial_ref_sys" or re.match(PARTITIONS, name)))


def run() -> None:
    options: dict[str, Any] = {
        "target_metadata": metadata,
        "include_object": _ours,
        "render_item": alembic_helpers.render_item,
        "compare_type": True,
    }
    connection = context.config.attributes.get("connection")
    if connection is None:
        context.configure(dialect_name="postgresql", as_sql=True, **options)
    else:
        context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()


run()
