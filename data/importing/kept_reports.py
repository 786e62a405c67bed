"""Kept imports for the owner of the database: what ``./gridwell report-of-import`` shows and writes."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from data.auditing.owner_entries import append_as_owner
from data.core.spreadsheets import Cell, as_csv
from data.database.connections import Connection
from data.database.locks import IMPORTING
from data.importing.common.account import tell_row
from data.importing.report import COLUMNS
from data.queries.imports import REJECTED

_RUN = """
SELECT r.id, r.city, r.profile, r.started_at, r.finished_at, r.outcome, r.report, EXISTS (
    SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %(lock)s AND l.objid = r.id
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) AS alive
FROM import_run r
"""
_REJECTED = f"SELECT {', '.join(REJECTED)} FROM reject WHERE run_id = %(number)s ORDER BY id"  # noqa: S608 - ours


def find_run(connection: Connection, number: int | None) -> dict[str, Any] | None:
    """An import with its whole report, or the last one; ``None`` if there is none."""
    wanted = "WHERE r.id = %(number)s" if number is not None else "ORDER BY r.id DESC LIMIT 1"
    found: dict[str, Any] | None = _ask(connection, _RUN + wanted, number=number).fetchone()
    return found


def list_runs(connection: Connection, most: int) -> list[dict[str, Any]]:
    """The last imports, the newest first."""
    found: list[dict[str, Any]] = _ask(connection, f"{_RUN} ORDER BY r.id DESC LIMIT %(most)s", most=most).fetchall()
    return found


def write_rejected(connection: Connection, number: int, path: Path, lang: str) -> int:
    """Write the rejected rows of an import to a new file that only its owner can read; the audit log says who took them.

    Returns:
        The number of rows.

    Raises:
        FileExistsError: there is such a file already.
        OSError: it cannot be written.
    """
    rows = _ask(connection, _REJECTED, number=number).fetchall()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(as_csv(COLUMNS, _cells(rows, lang)))
        append_as_owner(connection, "export", f"import {number}", {"format": "csv"})
        connection.commit()
    return len(rows)


def _cells(rows: list[dict[str, Any]], lang: str) -> Iterator[list[Cell]]:
    for row in rows:
        yield [row["source"], row["file"], row["line"], row["column_name"], row["value"], row["reason"], tell_row(lang, row)]


def _ask(connection: Connection, statement: str, **values: object) -> Any:
    return connection.cursor(row_factory=dict_row).execute(statement.encode(), {"lock": IMPORTING, **values})
