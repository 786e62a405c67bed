"""Which table a kind of records has: pure, from the declaration alone.

Columns have the names of the fields; the product's own begin with ``gw_``, which no field's name may. A month is a date, its first day.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, DateTime, Index, Integer, MetaData, Numeric, Table, Text, func
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from data.packs.declaration.model import Field, FieldType, Kind
from data.schema.common import point

SCHEMA = "packs"
SEEN = "_seen"
"""Ending of the view that the server's roles read."""
OWN = ("gw_city", "gw_area", "gw_delivery", "gw_row", "gw_changed", "gw_geom")
"""Columns of every table beside its fields: city; number of the area (``area.no``), if any; delivery and line; when it came; its point."""

_TYPES: dict[FieldType, type[TypeEngine[Any]]] = {
    "text": Text,
    "integer": BigInteger,
    "decimal": Numeric,
    "yes_no": Boolean,
    "date": Date,
    "month": Date,
    "code": Text,
    "link": Text,
}


def table_name(pack: str, kind: str) -> str:
    """Name of the table of a kind, in ``SCHEMA``."""
    return f"{pack}_{kind}"


def month_check(field: str) -> str:
    """Name of the constraint that marks a date as a month."""
    return f"gw_month_{field}"


def make_table(pack: str, kind: Kind) -> Table:
    """The table of a kind. It stands in metadata of its own: two packs know nothing of each other."""
    fields = [_make_column(kind, field) for field in kind.fields.values()]
    checks = [
        CheckConstraint(f'EXTRACT(day FROM "{field.code}") = 1', name=month_check(field.code))
        for field in kind.fields.values()
        if field.type == "month"
    ]
    made = Table(table_name(pack, kind.code), MetaData(), *_own_columns(), *fields, *checks, schema=SCHEMA, comment=f"{pack}.{kind.code}")
    for columns in _indexed(kind):
        Index(_index_name(made.name, columns), *(made.c[name] for name in columns))
    if kind.place is not None and kind.place.by in ("point", "building"):
        Index(_index_name(made.name, ("gw_geom",)), made.c.gw_geom, postgresql_using="gist")
    return made


def make_seen(pack: str, kind: Kind) -> Table:
    """The view of a kind that the server's roles read, for statements: it has the same columns as the table."""
    table = make_table(pack, kind)
    columns = [Column(column.name, column.type) for column in table.c]
    return Table(table.name + SEEN, MetaData(), *columns, schema=SCHEMA)


def _own_columns() -> list[Column[Any]]:
    return [
        Column("gw_city", Text, primary_key=True),
        Column("gw_area", Integer, comment="number of the area where it is; null: it has no place"),
        Column("gw_delivery", BigInteger, comment="the delivery that brought it last"),
        Column("gw_row", BigInteger, comment="line of the delivery's file"),
        Column("gw_changed", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("gw_geom", point()),
    ]


def _make_column(kind: Kind, field: Field) -> Column[Any]:
    """A field's column. Only the key is never empty: what else is required is asked of every delivery, not of what is there already."""
    of_type: TypeEngine[Any] = DateTime(timezone=True) if field.type == "moment" else _TYPES[field.type]()
    is_key = field.code in kind.key
    return Column(quoted_name(field.code, quote=True), of_type, primary_key=is_key, nullable=not is_key)


def _indexed(kind: Kind) -> list[tuple[str, ...]]:
    """Columns by which records are looked up: their area, what they lead to, their day. The key has an index already."""
    named = [field.code for field in kind.fields.values() if field.type == "link" and field.code != kind.key[0]]
    if kind.day is not None and kind.day != kind.key[0] and kind.day not in named:
        named.append(kind.day)
    return [("gw_area",), *(("gw_city", name) for name in named)]


def _index_name(table: str, columns: tuple[str, ...]) -> str:
    """Names of three codes together may be longer than PostgreSQL keeps them."""
    return f"gw_{sha256(' '.join((table, *columns)).encode()).hexdigest()[:24]}"
