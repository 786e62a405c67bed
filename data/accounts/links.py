"""One-time links: for the first administrator, and for choosing a new password."""

from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from data.accounts import second_factor, secret_values, store
from data.accounts.model import Account, Draft
from data.auditing import audit_log
from data.schema import one_time_link

GOOD_FOR = timedelta(hours=24)
Purpose = Literal["first", "password"]
Chosen = Literal["taken", "old", "unproven"]
"""The result of using a link: the password was stored; the link is not valid any more; the second factor was wrong."""


def make(connection: Connection, purpose: Purpose, account: Account | None = None) -> str:
    """Make a new key for a link; earlier links for the same purpose and account stop working."""
    key = secret_values.random_value()
    mine = one_time_link.c.account_id.is_(None) if account is None else one_time_link.c.account_id == account.id
    connection.execute(delete(one_time_link).where(one_time_link.c.purpose == purpose, mine))
    row = {"hash": secret_values.hash_value(key), "purpose": purpose, "account_id": account.id if account else None}
    connection.execute(insert(one_time_link).values(**row, ends_at=func.now() + GOOD_FOR))
    audit_log.append(connection, "link_made", account.name if account else "", {"link": purpose})
    return key


def find_owner(connection: Connection, key: str) -> Account | None:
    """The account whose password can be chosen with a link; ``None`` where the link is used, too old, or never existed."""
    number = connection.execute(select(one_time_link.c.account_id).where(_is_valid(key, "password"))).scalar_one_or_none()
    found = None if number is None else store.find_by_id(connection, number)
    return found if found is not None and found.enabled else None


def is_first(connection: Connection, key: str) -> bool:
    """Whether a link may create the first administrator: only while there is none."""
    found = connection.execute(select(one_time_link.c.hash).where(_is_valid(key, "first"))).one_or_none()
    return found is not None and not store.has_administrator(connection)


def become_first(connection: Connection, key: str, draft: Draft, kept: str) -> Account | None:
    """Make the first administrator; ``None`` where the link is not valid any more.

    Raises:
        BadAccount, NameTaken: see ``store.add``.
    """
    if not _use_up(connection, key, "first") or store.has_administrator(connection):
        return None
    made = store.add(connection, draft)
    store.set_password(connection, made.id, kept)
    return made


def choose_password(connection: Connection, key: str, kept: str, code: str = "") -> Chosen:
    """Store the password that was chosen with a link.

    Where the account has a second factor, it is checked here too: the administrator who made the link must not be able to sign in with the
    link alone.

    Args:
        connection: of the door.
        key: of the link.
        kept: hash of the password.
        code: of the authenticator app, or a recovery code; checked where the account has a second factor.
    """
    found = find_owner(connection, key)
    if found is None:
        return "old"
    found = store.lock_account(connection, found.id)
    if found is not None and found.totp_secret and second_factor.verify(connection, found, code) is None:
        return "unproven"
    if found is None or not _use_up(connection, key, "password"):
        return "old"
    store.set_password(connection, found.id, kept, by_other=True)
    return "taken"


def _is_valid(key: str, purpose: Purpose) -> ColumnElement[bool]:
    link = one_time_link.c
    lasts = (link.ends_at > func.now(), link.ends_at <= func.now() + GOOD_FOR)  # longer: it was made while the clock was ahead
    return and_(link.hash == secret_values.hash_value(key), link.purpose == purpose, link.used_at.is_(None), *lasts)


def _use_up(connection: Connection, key: str, purpose: Purpose) -> bool:
    """Use a link up; if two requests try at the same time, only one succeeds."""
    return connection.execute(update(one_time_link).where(_is_valid(key, purpose)).values(used_at=func.now())).rowcount == 1
