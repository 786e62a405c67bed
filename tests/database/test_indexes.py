"""Indexes that are set aside come back as they were, for the partitions of a table too."""

from datetime import date

import psycopg
import pytest

from data import schema
from data.database.indexes import set_indexes_aside
from data.database.partitions import ensure_partitions

_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid
    FROM pg_partition_tree(%s::regclass) t JOIN pg_index i ON i.indrelid = t.relid
"""


def indexes(connection: psycopg.Connection, table: str) -> dict[str, tuple[str, bool]]:
    """Definition and validity of every index of a table (an ordinary one, too) and of its partitions, by name."""
    rows = connection.execute(
        _INDEXES + " UNION SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid FROM pg_index "
        "WHERE indrelid = %s::regclass",
        [table, table],
    ).fetchall()
    return {name: (definition, valid) for name, definition, valid in rows}


@pytest.mark.parametrize("name", ["building", "incident", "incident_daily", "incident_event"])
def test_indexes_come_back_as_they_were(database: str, name: str) -> None:
    with psycopg.connect(database) as connection:
        ensure_partitions(connection, [date(2026, 3, 1), date(2026, 4, 1)])
        before = indexes(connection, name)
        with set_indexes_aside(connection, schema.metadata.tables[name]) as aside:
            assert aside
            assert indexes(connection, name) == {}
        assert indexes(connection, name) == before
        assert all(valid for _, valid in before.values())
    if name == "incident":
        assert len(before) == (len(schema.incident.indexes) + 1) * (1 + 2 + 2), "the table, two months, before and after"
