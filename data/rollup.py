"""Roll-ups: the figures of every area, kept by statements, so that no drill touches raw rows.

``rebuild`` counts everything afresh and puts it in place; ``compare`` only tells where what is stored differs. Leaves are expanded
to their ancestors through one small table, so an incident is read once, whatever the depth of the tree.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

from data.rollup_sql import COMPUTE, DIFFERENCES, FRESH_DAILY, FRESH_TABLES, RESIDENTS, STORE, TOUCH


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored figure that is not what a fresh count gives.

    Attributes:
        table: roll-up table.
        key: area (and day, category, channel) of the row.
        column: which figure.
        stored, fresh: both values; ``None`` where the row is missing.
    """

    table: str
    key: str
    column: str
    stored: float | None
    fresh: float | None


def compute(connection: psycopg.Connection[Any], city: str) -> None:
    """Count everything but the days afresh into the temporary tables ``fresh_*`` of this transaction.

    Population of the areas that hold their own (leaves) is taken as stored; everything above them is summed up.
    """
    for name in FRESH_TABLES:
        connection.execute(psycopg.sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(psycopg.sql.Identifier(name)))
    for statement in COMPUTE:
        connection.execute(statement, {"city": city})


def rebuild(connection: psycopg.Connection[Any], city: str) -> None:
    """Bring zone members, area figures, residents of buildings and daily counts of one city up to its raw rows.

    Runs in the caller's transaction and ends with a new data version, so that no reader ever sees a half of it.
    """
    compute(connection, city)
    for statement in (*RESIDENTS, *STORE, *TOUCH):
        connection.execute(statement, {"city": city})


def compare(connection: psycopg.Connection[Any], city: str, limit: int = 1000) -> list[Difference]:
    """Where the stored roll-ups of one city differ from a fresh count; at most ``limit`` differences of each table."""
    compute(connection, city)
    connection.execute("SET LOCAL work_mem = '256MB'")
    connection.execute(FRESH_DAILY, {"city": city})
    found: list[Difference] = []
    for table, statement in DIFFERENCES.items():
        rows = connection.execute(statement, {"city": city, "limit": limit}).fetchall()
        found.extend(Difference(table, *row) for row in rows)
    connection.execute("SET LOCAL work_mem TO DEFAULT")
    return found
