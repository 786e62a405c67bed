"""Rows of other tables that name a case by its district and id: they follow where the case gets another district."""

from collections.abc import Mapping
from typing import Any

from psycopg import sql

from data.database.connections import Connection

TABLES = ("incident_event", "incident_reporter", "attachment_case", "escalation")
"""Each has ``district`` and ``incident_id``. Who makes another one adds it here; ``tests/cases/test_moves.py`` holds the list complete."""

_FOLLOW = """
UPDATE {table} b SET district = m.district FROM {moved} m
WHERE b.district = m.old_district AND b.incident_id = m.id AND m.district <> m.old_district
"""
# Reporters are seen by where their case stands.
_PLACE_REPORTERS = """
UPDATE incident_reporter r SET grid = i.grid, path = i.path FROM {moved} m JOIN incident i ON i.district = m.district AND i.id = m.id
WHERE r.district = i.district AND r.incident_id = i.id AND (r.grid, r.path) IS DISTINCT FROM (i.grid, i.path)
"""


def follow_cases(connection: Connection, moved: sql.Composable, values: Mapping[str, Any] | None = None) -> None:
    """Give what belongs to cases their new district, and reporters the new cell; the cases themselves are written already.

    Args:
        connection: the owner's, in the transaction that moves the cases.
        moved: for a FROM clause, with columns ``old_district``, ``id`` and ``district``.
        values: what its placeholders stand for.
    """
    for table in TABLES:
        connection.execute(sql.SQL(_FOLLOW).format(table=sql.Identifier(table), moved=moved), values)
    connection.execute(sql.SQL(_PLACE_REPORTERS).format(moved=moved), values)
