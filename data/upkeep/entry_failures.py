"""Brings counted failures (``data.accounts.failures``) into the audit log: one row for each minute that had any."""

from collections import Counter
from collections.abc import Mapping

from data.auditing.owner_entries import append_as_owner
from data.database.connections import Connection

ACTION = "entry_failures"
MOST_NAMED = 20
"""Most accounts and networks that one row names; the others are counted."""
_TAKE = """
DELETE FROM entry_failure WHERE minute < date_trunc('minute', now()) AND minute = (SELECT min(minute) FROM entry_failure)
RETURNING minute, way, account, network, count
"""


def log_failures(connection: Connection, by: str) -> int:
    """Write one row for each minute that is over, and forget its counts; returns how many rows.

    Args:
        connection: the owner's, in autocommit.
        by: who writes, see ``data.auditing.owner_entries.append_as_owner``.
    """
    written = 0
    while True:
        with connection.transaction():
            rows = connection.execute(_TAKE).fetchall()
            if not rows:
                return written
            ways, accounts, networks = Counter[str](), Counter[str](), Counter[str]()
            for _, way, account, network, count in rows:
                ways[way] += count
                accounts[account] += count
                networks[network] += count
            unknown = accounts.pop("", 0)
            told = {"since": rows[0][0].isoformat(), "failures": ways.total(), "unknown": unknown, "ways": dict(ways)}
            told |= {"accounts": _largest(accounts), "networks": _largest(networks)}
            append_as_owner(connection, ACTION, "", told, by)
            written += 1


def _largest(counted: Counter[str]) -> Mapping[str, int]:
    """The largest counts by name; of the others the sum, under ``…``."""
    named = dict(counted.most_common(MOST_NAMED))
    rest = counted.total() - sum(named.values())
    return {**named, "…": rest} if rest else named
