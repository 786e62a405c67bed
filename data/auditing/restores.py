"""Says in the audit log that the database was restored from a backup: heads of the lost end of the log then have an explanation."""

from data.auditing.anchors import Anchor, identify_database, read_anchors
from data.auditing.heads import HeadComparison
from data.auditing.identity import RESTORED, first_identity, identify_log
from data.auditing.owner_entries import append_as_owner
from data.core.errors import GridwellError
from data.database.connections import Connection
from data.database.locks import AUDITING

_ROWS = "SELECT no, hash FROM audit_log WHERE no = ANY(%s) ORDER BY no"
_RESTORES = "SELECT detail FROM audit_log WHERE action = %s ORDER BY no"
_LAST = "SELECT coalesce(max(no), 0) FROM audit_log"


class RestoreDoesNotFit(GridwellError):
    status, code = 409, "restore_does_not_fit"
    sentence = "The audit log of this database is not the one of the backup {backup}: row {no} is missing in it, or is another one."


def record_restore(connection: Connection, backup: str, head: tuple[int, bytes] | None = None, by: str | None = None) -> int:
    """Write the row that says that this database was restored, in the caller's transaction.

    From this row on the log has a new identity. The row names every stored head that does not fit the log: what was written after the
    backup, or a log that this one replaces. These heads are no faults any more, but they stay in the file, and the row says how far they
    went. Heads of these logs that come later, for example from an old server that still runs, are faults again.

    Call ``data.auditing.anchors.anchor_head`` after the commit.

    Args:
        connection: the owner's, inside a transaction that is read committed.
        backup: the name of the backup, as an operator knows it.
        head: number and hash of the newest row when the backup was made, if known. Later rows (from archived segments) may follow.
        by: who restored it; by default the person at the terminal.

    Returns:
        The row's number.

    Raises:
        RestoreDoesNotFit: the log does not contain that head.
        FolderRefused: the stored heads cannot be read.
    """
    stored = read_anchors()
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [AUDITING])
    if head is not None and connection.execute(_ROWS, [[head[0]]]).fetchall() != ([head] if head[0] else []):
        raise RestoreDoesNotFit(backup=backup, no=head[0])
    row = connection.execute("SELECT gen_random_uuid()::text").fetchone()
    identity = str(row[0]) if row else ""
    detail = {"identity": identity, "before": identify_log(connection), "head": _last(connection), "replaces": _unfit(connection, stored)}
    return append_as_owner(connection, RESTORED, backup, detail, by)


def _last(connection: Connection) -> int:
    row = connection.execute(_LAST).fetchone()
    return row[0] if row else 0


def _unfit(connection: Connection, stored: list[Anchor]) -> dict[str, int]:
    """For each log whose heads do not fit and have no explanation yet: the newest of its rows."""
    compared = HeadComparison.begin(stored, identify_database(connection))
    for no, hashed in connection.execute(_ROWS, [sorted({head.no for head in stored})]):
        compared.pass_row(no, bytes(hashed), str(no))
    if (first := first_identity(connection)) is not None:
        compared.begin_identity(first)
    for (detail,) in connection.execute(_RESTORES, [RESTORED]):
        compared.pass_restore(detail)
    newest: dict[str, int] = {}
    for head in compared.all_unfit():
        if head.no > compared.explained.get(head.log, 0):
            newest[head.log] = max(head.no, newest.get(head.log, 0))
    return newest
