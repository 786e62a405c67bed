"""Deletes old rejected rows of imports, from the table ``reject`` and from files: they contain personal data too."""

import logging
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from data.auditing.owner_entries import append_as_owner
from data.core.settings import settings
from data.database.connections import Connection

_log = logging.getLogger(__name__)

ACTION = "rejects_deleted"
_OURS = re.compile(r".+-[0-9]+\.csv")
_OLD = "r.run_id IN (SELECT id FROM import_run WHERE coalesce(finished_at, started_at) < %s)"
_COUNT, _DELETE = f"SELECT count(*) FROM reject r WHERE {_OLD}", f"DELETE FROM reject r WHERE {_OLD}"  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Report:
    """What was or would be deleted.

    Attributes:
        before: the limit: rows of imports that ended before it, and files that were written before it, are too old.
        rows: number of rows of the table.
        files: number of files.
        left: sentences on files that should have been deleted and could not be.
    """

    before: datetime
    rows: int
    files: int
    left: tuple[str, ...] = ()


def rejects_folder() -> Path:
    """Where an import writes its file of rejects, ``CITY-RUN.csv``."""
    return settings().home / "rejects"


def count_old(connection: Connection, now: datetime) -> Report:
    """What would be deleted, without deleting it."""
    before = _before(now)
    row = connection.execute(_COUNT, [before]).fetchone()
    assert row is not None  # noqa: S101 - a count gives a row
    return Report(before, row[0], len(list(_files(before))))


def delete_old(connection: Connection, now: datetime, by: str | None = None) -> Report:
    """Delete everything older than the setting ``rejects_days``. If there was anything, the audit log gets the numbers.

    An import's report keeps its counts: only the content of rejected rows is deleted.

    Args:
        connection: the owner's, in autocommit.
        now: the moment, with its zone.
        by: who does it, see ``data.auditing.owner_entries.append_as_owner``.
    """
    before = _before(now)
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        rows = connection.execute(_DELETE, [before]).rowcount
        tried = [_delete_file(path) for path in _files(before)]
        left = tuple(told for told in tried if told)
        report = Report(before, rows, len(tried) - len(left), left)
        if report.rows or report.files:
            append_as_owner(connection, ACTION, "", {"rows": report.rows, "files": report.files, "until": before.date().isoformat()}, by)
    for told in left:
        _log.warning("a file of rejected rows could not be deleted: %s", told)
    return report


def _before(now: datetime) -> datetime:
    return now - timedelta(days=settings().rejects_days)


def _files(before: datetime) -> Iterator[Path]:
    """Gridwell's own files that were written before a moment. Other files in the folder are left alone."""
    for path in sorted(rejects_folder().glob("*.csv")):
        with suppress(FileNotFoundError):  # another process has deleted it
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and found.st_mtime < before.timestamp() and _OURS.fullmatch(path.name):
                yield path


def _delete_file(path: Path) -> str | None:
    """Delete a file; returns the reason where that failed."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None
