"""Rows of the audit log that are written as the owner of the database: imports, settings, the retention job."""

import getpass
import os
from collections.abc import Mapping

from psycopg.types.json import Jsonb

from data.database.connections import Connection

KEEPER = "gridwell"
"""The name in the log for actions of the server itself."""


def operator_name() -> str:
    """The person at the terminal, as the log names them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user number that has no name
        name = str(os.getuid())
    return f"cli:{name}"


def append_as_owner(
    connection: Connection, action: str, subject: str, detail: Mapping[str, object] | None = None, by: str | None = None
) -> int:
    """Write one row in the caller's transaction: see ``data.auditing.audit_log.append``.

    Args:
        connection: the owner's, inside a transaction.
        action: what was done.
        subject: what was concerned.
        detail: further facts. Never a secret, never personal data.
        by: who did it; by default the person at the terminal.

    Returns:
        The row's number.
    """
    connection.execute("SELECT set_config('gridwell.account', %s, true)", [by or operator_name()])
    row = connection.execute("SELECT audit_append(%s, %s, NULL, NULL, %s)", [action, subject, Jsonb(dict(detail or {}))]).fetchone()
    assert row is not None  # noqa: S101 - a function gives a row
    return int(row[0])
