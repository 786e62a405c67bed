"""Rows of a delivery in a table of their own, where PostgreSQL checks and places all of them at once."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.csv
from psycopg import sql
from sqlalchemy import ARRAY, BigInteger, Column, Integer, MetaData, SmallInteger, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from data.database.connections import Connection
from data.packs.declaration.model import Kind
from data.packs.tables.layout import OWN, make_table

STAGED = "landing_rows"
_NO_HEADER = pyarrow.csv.WriteOptions(include_header=False)


def make_staging(pack: str, kind: Kind) -> Table:
    """The table: every field of the kind, and what is found out about each row.

    ``gw_n`` tells rows apart, ``gw_fault`` is the number of the check that a row fails, ``gw_rules`` are the rules of quality that hold it
    back, and ``gw_marks`` those that only mark it.
    """
    like = make_table(pack, kind)
    kept = [Column(column.name, column.type) for column in like.c if column.name not in OWN or column.name in ("gw_area", "gw_geom")]
    own: list[Column[Any]] = [
        Column("gw_n", BigInteger, primary_key=True, autoincrement=False),
        Column("gw_row", BigInteger, nullable=False),
        Column("gw_delivery", BigInteger, nullable=False),
        Column("gw_fault", SmallInteger),
        Column("gw_first", Integer),
        Column("gw_rules", ARRAY(Text)),
        Column("gw_marks", ARRAY(Text)),
    ]
    return Table(STAGED, MetaData(), *own, *kept, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def create_staging(connection: Connection, pack: str, kind: Kind) -> None:
    """Make the table anew; it goes with the transaction."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(STAGED)))
    made = CreateTable(make_staging(pack, kind)).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    connection.execute(str(made).encode())


def stage(connection: Connection, rows: pa.Table) -> None:
    """Add rows, which have ``gw_n``, ``gw_row`` and ``gw_delivery``."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(rows, buffer, _NO_HEADER)
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    statement = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(STAGED), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(buffer.getbuffer())
