"""A temporary account for as long as a command runs, for our own tools (pictures, benchmarks, tests)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import URL, delete

from data.accounts import sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.secret_values import random_value
from data.accounts.transactions import owner_transaction
from data.auditing import audit_log
from data.schema import account


@dataclass(frozen=True, slots=True)
class Guest:
    """Access to the server while the block lasts.

    Attributes:
        name: the account's name.
        session: the value for a browser's cookie.
        token: the value for ``Authorization: Bearer``.
    """

    name: str
    session: str = field(repr=False)
    token: str = field(repr=False)


@contextmanager
def guest(role: str = "steward", scope: str = "*", url: URL | None = None, **more: str) -> Iterator[Guest]:
    """Make a guest of a role who sees an area, and remove the account afterwards. The audit log keeps both.

    Args:
        role: one of ``data.core.roles.ROLES`` that signs in with a password.
        scope: code of the area, or ``*``.
        url: of the database, as its owner; otherwise as the settings say.
        more: further parts of the draft.
    """
    name = f"guest-{random_value()[:8].strip('-_')}x"
    with owner_transaction(url) as connection:
        made = store.add(connection, Draft(name, role=role, scope=scope, **more))
        found = Guest(made.name, sessions.begin(connection, made.id, "full", "", "guest"), tokens.make(connection, name, "guest", 1))
    try:
        yield found
    finally:
        with owner_transaction(url) as connection:
            connection.execute(delete(account).where(account.c.id == made.id))
            audit_log.append(connection, "account_removed", made.name)
            store.notify_processes(connection)
