"""The audit log: what was done, by whom, from where and why. PostgreSQL writes it down; nothing here could change a row of it."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import cast


def append(
    connection: Connection,
    action: str,
    subject: str = "",
    detail: Mapping[str, object] | None = None,
    *,
    person: str | None = None,
    purpose: str | None = None,
) -> int:
    """Write one row in the caller's transaction, so that nothing is done without it, and nothing is written that was not done.

    Who does it and from where is what the transaction was begun for (``gridwell.account``, ``gridwell.address``).

    Args:
        connection: inside a transaction.
        action: what was done: ``sign_in``, ``account_changed``, …
        subject: to what or whom: the name of an account, the code of an area, …
        detail: further facts. Never a secret, never personal data.
        person: ``source_id:source_key`` of whoever of the register it is about.
        purpose: why, in the words of whoever did it.

    Returns:
        The row's number.
    """
    row = connection.execute(select(func.audit_append(action, subject, person, purpose, cast(dict(detail or {}), JSONB))))
    return int(row.scalar_one())
