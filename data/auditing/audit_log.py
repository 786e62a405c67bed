"""The audit log: what was done, by whom, from where and why. PostgreSQL writes it; no code here can change a row of it."""

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
    """Write one row in the caller's transaction: the action and its row are then committed together, or not at all.

    The account and the address come from the transaction's settings (``gridwell.account``, ``gridwell.address``).

    Args:
        connection: inside a transaction.
        action: what was done: ``sign_in``, ``account_changed``, …
        subject: what or who was concerned: the name of an account, the code of an area, …
        detail: further facts. Never a secret, never personal data.
        person: ``source_id:source_key`` of the person of the register that it is about.
        purpose: the reason, in the words of the person who did it.

    Returns:
        The row's number.
    """
    row = connection.execute(select(func.audit_append(action, subject, person, purpose, cast(dict(detail or {}), JSONB))))
    return int(row.scalar_one())
