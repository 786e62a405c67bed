"""Deletes photos and papers that nobody may keep any longer: of cases that ended long ago, and those that were sent and never attached.
Describes what photos look like that were stored before anybody did.

A file goes when its last case goes. Files of the store that no row names, left by a stop between two steps, go after a day, as do those
that were written in part.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from data.attachments.errors import FileMissing
from data.attachments.looks import describe_looks
from data.attachments.store import THUMBNAIL, Store, bring_home, open_store, read_stored
from data.auditing.owner_entries import append_as_owner
from data.core.settings import settings
from data.database.connections import Connection
from data.database.locks import ATTACHING

_log = logging.getLogger(__name__)

ACTION = "attachments_deleted"
UPLOAD_HOURS = 24
"""A file that was sent can be attached to a case for so long."""
_PORTION = 1_000
# A case that ended otherwise than by closing has no moment of its end but that of its last step.
_ENDED = """
DELETE FROM attachment_case a USING incident i
WHERE i.district = a.district AND i.id = a.incident_id AND NOT i.is_open AND coalesce(i.closed_at, i.stage_at, i.reported_at) < %s
"""
_GONE = "DELETE FROM attachment_case a WHERE NOT EXISTS (SELECT FROM incident i WHERE i.district = a.district AND i.id = a.incident_id)"
_NEVER_ATTACHED = "DELETE FROM attachment_upload WHERE at < %s"
_UNNEEDED = """
SELECT hash FROM attachment a
WHERE NOT EXISTS (SELECT FROM attachment_case c WHERE c.hash = a.hash)
    AND NOT EXISTS (SELECT FROM attachment_upload u WHERE u.hash = a.hash)
ORDER BY hash LIMIT %s
"""
_UNDESCRIBED = "SELECT hash FROM attachment WHERE looks IS NULL AND width IS NOT NULL ORDER BY stored_at DESC, hash LIMIT %s"
_LOCK = f"SELECT pg_advisory_xact_lock({ATTACHING}, hashtext(%s))"
_STILL = f"DELETE FROM attachment WHERE hash IN ({_UNNEEDED.replace('ORDER BY hash LIMIT %s', 'AND a.hash = %s')}) RETURNING hash"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many cases lost their files, and how many files were deleted."""

    cases: int
    files: int


def delete_old(connection: Connection, now: datetime, by: str | None = None) -> Deleted:
    """Delete what is due. If there was anything of cases, the audit log gets the numbers.

    Args:
        connection: the owner's, in autocommit.
        now: the moment, with its zone.
        by: who does it, see ``data.auditing.owner_entries.append_as_owner``.

    Raises:
        StoreFailed: the store does not answer; what was not deleted is tried again the next time.
    """
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        cases = connection.execute(_ENDED, [now - timedelta(days=settings().attachments_days)]).rowcount
        cases += connection.execute(_GONE).rowcount
        connection.execute(_NEVER_ATTACHED, [now - timedelta(hours=UPLOAD_HOURS)])
    bring_home()
    store = open_store()
    deleted = Deleted(cases, _delete_unneeded(connection, store) + _delete_unnamed(connection, store, now))
    if deleted.cases:
        with connection.transaction():
            append_as_owner(connection, ACTION, "", {"cases": deleted.cases, "files": deleted.files}, by)
    return deleted


def describe_photos(connection: Connection, most: int = _PORTION) -> int:
    """Write what photos look like of which that is not known; returns how many. One whose small picture is gone or damaged says nothing.

    Args:
        connection: the owner's, in autocommit.
        most: so many at a time.

    Raises:
        StoreFailed: the store does not answer; the next time goes on.
    """
    found = connection.execute(_UNDESCRIBED, [most]).fetchall()
    for (of_hash,) in found:
        try:
            looks = describe_looks(read_stored(of_hash + THUMBNAIL))
        except (FileMissing, OSError):
            looks = 0
        connection.execute("UPDATE attachment SET looks = %s WHERE hash = %s", [looks, of_hash])
    return len(found)


def find_missing(connection: Connection) -> list[str]:
    """Hashes of files that a case has and the store does not; at most ten.

    Raises:
        StoreFailed: the store does not answer.
    """
    here = {file.name for file in open_store().list_files()}
    rows = connection.execute("SELECT DISTINCT hash FROM attachment_case ORDER BY hash")
    return [of_hash for (of_hash,) in rows if of_hash not in here][:10]


def _delete_unneeded(connection: Connection, store: Store) -> int:
    """Each in a transaction of its own, under its lock: the same content may come again at this very moment."""
    done = 0
    while True:
        found = connection.execute(_UNNEEDED, [_PORTION]).fetchall()
        for (of_hash,) in found:
            with connection.transaction():
                connection.execute(_LOCK, [of_hash])
                if connection.execute(_STILL, [of_hash]).fetchone() is not None:
                    store.delete(of_hash)
                    done += 1
        if len(found) < _PORTION:
            return done


def _delete_unnamed(connection: Connection, store: Store, now: datetime) -> int:
    """Files without a row that were written more than a day ago."""
    before = min(now, datetime.now(UTC)) - timedelta(hours=UPLOAD_HOURS)
    known = {of_hash for (of_hash,) in connection.execute("SELECT hash FROM attachment")}
    store.clear_unfinished(before)
    names = {file.name.removesuffix(THUMBNAIL) for file in store.list_files() if file.written_at is not None and file.written_at < before}
    done = 0
    for of_hash in sorted(names - known):
        with connection.transaction():
            connection.execute(_LOCK, [of_hash])
            if connection.execute("SELECT FROM attachment WHERE hash = %s", [of_hash]).fetchone() is None:
                store.delete(of_hash)
                done += 1
    return done
