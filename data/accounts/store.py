"""Reads, creates and changes accounts in the database. Every change is written to the audit log and announced to all processes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.accounts import lockout
from data.accounts.model import Account, Draft, LastAdministrator, NameTaken, UnknownAccount, check_draft, normalize_name
from data.auditing import audit_log
from data.database.locks import ADMINISTERING
from data.schema import account, one_time_link, session, token

Rows = Sequence[Mapping[str, Any]]
_NUMBERS = 2**63
CHANNEL = "gridwell_accounts"
"""The channel on which changes of accounts, sessions and tokens are announced; processes then empty their caches."""


def notify_processes(connection: Connection) -> None:
    """Make every process empty its cache of accounts once this transaction is committed."""
    connection.execute(select(func.pg_notify(CHANNEL, "")))


def list_columns() -> list[ColumnElement[Any]]:
    """Columns that each request reads. Of the secrets they show only whether they are set."""
    secret = {"password_hash", "totp_secret"}
    return [column.is_not(None).label(f"has_{column.name}") if column.name in secret else column for column in account.c]


def find_by_name(connection: Connection, name: str) -> Account | None:
    """The account of a name as typed."""
    return _one(connection, account.c.name == normalize_name(name))


def find_by_id(connection: Connection, number: int) -> Account | None:
    """The account of a number; ``None`` also for a number that PostgreSQL could not hold."""
    return _one(connection, account.c.id == number) if number < _NUMBERS else None


def fetch_account(connection: Connection, number: int) -> Account:
    """The account of a number.

    Raises:
        UnknownAccount: there is none.
    """
    found = find_by_id(connection, number)
    if found is None:
        raise UnknownAccount(name=number)
    return found


def find_by_subject(connection: Connection, issuer: str, subject: str) -> Account | None:
    """The account that is linked to a person at an identity provider."""
    return _one(connection, (account.c.oidc_issuer == issuer) & (account.c.oidc_subject == subject))


def fetch_named(connection: Connection, name: str) -> Account:
    """The account of a name.

    Raises:
        UnknownAccount: there is none.
    """
    found = find_by_name(connection, name)
    if found is None:
        raise UnknownAccount(name=name)
    return found


def list_accounts(connection: Connection) -> Sequence[Account]:
    """All accounts by name, those in use first."""
    rows = connection.execute(select(account).order_by(account.c.disabled_at.is_not(None), account.c.name))
    return [Account.of(row) for row in rows.mappings()]


def lock_account(connection: Connection, number: int | None) -> Account | None:
    """The account of a number, locked against other changes until this transaction ends."""
    row = connection.execute(select(account).where(account.c.id == number).with_for_update()).mappings().one_or_none()
    return None if row is None else Account.of(row)


def has_administrator(connection: Connection) -> bool:
    """Whether anybody who may manage accounts can sign in."""
    return bool(_administrators(connection))


def has_accounts(connection: Connection) -> bool:
    """Whether there is any account."""
    return connection.execute(select(account.c.id).limit(1)).one_or_none() is not None


def add(connection: Connection, draft: Draft, issuer: str | None = None) -> Account:
    """Create an account. It has no password yet.

    Args:
        connection: of the owner or the door.
        draft: the new account.
        issuer: the identity provider, if the draft links the account to a person there.

    Raises:
        BadAccount: see ``check_draft``.
        NameTaken: there is an account with this name, or with the same person at the provider.
    """
    values = check_draft(draft) | _linked(draft, issuer)
    try:
        with connection.begin_nested():
            row = connection.execute(insert(account).values(values).returning(account)).mappings().one()
    except IntegrityError as error:
        raise _name_taken_error(error, draft) from error
    made = Account.of(row)
    audit_log.append(connection, "account_added", made.name, _rights(made))
    notify_processes(connection)
    return made


def change(connection: Connection, number: int, draft: Draft, issuer: str | None = None) -> Account:
    """Change an account's shown name, its rights, or its link to a person at the provider; its sign-in name stays.

    Raises:
        BadAccount, NameTaken: see ``add``.
        UnknownAccount: it does not exist any more.
        LastAdministrator: nobody would be left to manage accounts.
    """
    _lock_account_changes(connection)
    before = fetch_account(connection, number)
    values = check_draft(draft) | _linked(draft, issuer)
    del values["name"]
    try:
        with connection.begin_nested():
            row = connection.execute(update(account).where(account.c.id == number).values(values).returning(account)).mappings().one()
    except IntegrityError as error:
        raise _name_taken_error(error, draft) from error
    after = Account.of(row)
    _keep_one_administrator(connection, before, after)
    if before.oidc_subject != after.oidc_subject and (before.password_hash or before.oidc_subject):
        set_notice_due(connection, number, True)  # another person at the provider may get the account
    was, now = _rights(before), _rights(after)
    audit_log.append(connection, "account_changed", after.name, {name: [was[name], now[name]] for name in now if was[name] != now[name]})
    notify_processes(connection)
    return after


def disable(connection: Connection, number: int) -> None:
    """Close an account: its sessions end, its tokens stop working. Nothing is deleted.

    Raises:
        UnknownAccount, LastAdministrator: see ``change``.
    """
    _lock_account_changes(connection)
    before = _set(connection, number, disabled_at=func.now())
    _shut_out(connection, number)
    _keep_one_administrator(connection, before, find_by_id(connection, number))
    audit_log.append(connection, "account_disabled", before.name)


def enable(connection: Connection, number: int) -> None:
    """Open a closed account again; tokens stay withdrawn.

    Raises:
        UnknownAccount: there is none.
    """
    audit_log.append(connection, "account_enabled", _set(connection, number, disabled_at=None, failed=0, failed_at=None).name)


def set_password(connection: Connection, number: int, kept: str, must_change: bool = False, by_other: bool = False) -> None:
    """Give an account a password; its sessions end, its tokens and unused links stop working.

    Somebody who knew the old password loses access, also with tokens made with it.

    Args:
        connection: of the owner or the door.
        number: of the account.
        kept: the password's hash.
        must_change: whether its owner has to choose another one at the next sign-in.
        by_other: whether somebody else set it. If there was a password before, the next person who signs in reads about it.
    """
    before = _set(connection, number, password_hash=kept, password_at=func.now(), must_change=must_change, failed=0, failed_at=None)
    if by_other and before.password_hash:
        set_notice_due(connection, number, True)
    _shut_out(connection, number)
    connection.execute(delete(one_time_link).where(one_time_link.c.account_id == number, one_time_link.c.used_at.is_(None)))
    audit_log.append(connection, "password_changed", before.name, {"must_change": must_change})


def _shut_out(connection: Connection, number: int) -> None:
    """End all sessions of an account, and withdraw all its tokens."""
    end_sessions(connection, number)
    connection.execute(update(token).where(token.c.account_id == number, token.c.withdrawn_at.is_(None)).values(withdrawn_at=func.now()))


def set_totp(connection: Connection, number: int, sealed: bytes | None, step: int | None = None) -> None:
    """Give an account a second factor, or remove it.

    Args:
        connection: of the owner or the door.
        number: of the account.
        sealed: the encrypted secret; ``None`` for none.
        step: of the code that confirmed it; that code cannot be used again.
    """
    before = _set(connection, number, totp_secret=sealed, totp_step=step)
    audit_log.append(connection, "second_factor_on" if sealed else "second_factor_off", before.name)


def set_notice_due(connection: Connection, number: int, untold: bool) -> None:
    """Note whether the account's owner still has to read what was done to its password or second factor."""
    _set(connection, number, untold=untold)


def end_sessions(connection: Connection, number: int) -> None:
    """End all sessions of an account, because its password or second factor changes."""
    connection.execute(delete(session).where(session.c.account_id == number))


def count_try(connection: Connection, found: Account) -> bool:
    """Count a try if it may be made now; returns whether it may."""
    now = datetime.now(UTC)
    if lockout.must_wait(found.failed, found.failed_at, now):
        return False
    count = lockout.count_failure(found.failed, found.failed_at, now)
    connection.execute(update(account).where(account.c.id == found.id).values(failed=count, failed_at=now))
    return True


def _set(connection: Connection, number: int, **values: object) -> Account:
    before = fetch_account(connection, number)
    connection.execute(update(account).where(account.c.id == number).values(values))
    notify_processes(connection)
    return before


def _one(connection: Connection, condition: ColumnElement[bool]) -> Account | None:
    row = connection.execute(select(account).where(condition)).mappings().one_or_none()
    return None if row is None else Account.of(row)


def _name_taken_error(error: IntegrityError, draft: Draft) -> NameTaken:
    """Which name is taken: the one to sign in with, or the one at the identity provider."""
    at_provider = getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "uq_account_oidc"
    return NameTaken(name=draft.oidc_subject, field="subject") if at_provider else NameTaken(name=draft.name, field="name")


def _linked(draft: Draft, issuer: str | None) -> dict[str, object]:
    return {"oidc_issuer": issuer if draft.oidc_subject else None, "oidc_subject": draft.oidc_subject if issuer else None}


def _rights(one: Account) -> dict[str, object]:
    return {
        **{"shown": one.shown, "role": one.role, "detail": one.detail, "scope": one.scope, "figures": one.figures, "lang": one.lang},
        "identity": one.oidc_subject,
    }


def _is_active_administrator(one: Account) -> bool:
    """Whether this is an administrator who can sign in."""
    return one.role == "administrator" and one.enabled and (one.by_password or one.oidc_subject is not None)


def _administrators(connection: Connection) -> list[Account]:
    rows = connection.execute(select(account).where(account.c.role == "administrator", account.c.disabled_at.is_(None))).mappings()
    return [one for one in map(Account.of, rows) if _is_active_administrator(one)]


def _lock_account_changes(connection: Connection) -> None:
    """Let only one transaction change accounts at a time: otherwise two administrators could close each other at the same moment."""
    connection.execute(select(func.pg_advisory_xact_lock(ADMINISTERING)))


def _keep_one_administrator(connection: Connection, before: Account, after: Account | None) -> None:
    goes = _is_active_administrator(before) and (after is None or not _is_active_administrator(after))
    if goes and not _administrators(connection):
        raise LastAdministrator()
