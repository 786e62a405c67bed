"""Drops indexes while an empty table is filled: building them once is about twice as fast as updating them row by row."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql
from sqlalchemy import Table

from data.database.connections import Connection

_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %(table)s::regclass AND contype = 'p'
"""
# PostgreSQL writes the index of a partitioned table as one that its partitions do not have: "ON ONLY".
_INDEXES = """
    SELECT c.relname, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = %(table)s::regclass AND NOT i.indisprimary
"""

_SIZE = """
    SELECT pg_relation_size(%(table)s::regclass) + coalesce(sum(pg_relation_size(relid)), 0) FROM pg_partition_tree(%(table)s::regclass)
"""


@contextmanager
def set_indexes_aside(connection: Connection, table: Table) -> Iterator[bool]:
    """Drop the indexes and the primary key of an empty table, and of its partitions, for the block. Other tables stay as they are.

    Runs in the caller's transaction; a rollback restores them. Yields whether they were dropped: the table then counts as made in this
    transaction, so that ``COPY`` may freeze its rows, and writes no log where ``wal_level`` is minimal.
    """
    name = sql.Identifier(table.name)
    if not _begun_anew(connection, table):
        yield False
        return
    keys = connection.execute(_CONSTRAINTS, {"table": table.name}).fetchall()
    indexes = connection.execute(_INDEXES, {"table": table.name}).fetchall()
    for key, _ in keys:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, sql.Identifier(key)))
    for index, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
    yield True
    connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
    # The definitions are the ones that PostgreSQL gave for the dropped indexes.
    for key, definition in keys:
        connection.execute(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(name, sql.Identifier(key), sql.SQL(definition)))
    for _, definition in indexes:
        connection.execute(sql.SQL(definition))


def _begun_anew(connection: Connection, table: Table) -> bool:
    """Truncate a table that is empty; returns whether it was."""
    # Checked by its size, not by its rows: if this transaction has deleted the rows, others still read the table, and dropping an index
    # would lock them out.
    if _size(connection, table) > 0:
        return False
    name = sql.Identifier(table.name)
    connection.execute(sql.SQL("LOCK TABLE {}").format(name))
    if _size(connection, table) > 0:
        return False  # another transaction was faster
    connection.execute(sql.SQL("TRUNCATE {}").format(name))
    return True


def _size(connection: Connection, table: Table) -> int:
    row = connection.execute(_SIZE, {"table": table.name}).fetchone()
    return int(row[0]) if row else 0
