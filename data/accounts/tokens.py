"""Tokens: for programs (personal, no more rights than their owner), for a calendar of one's deadlines, which opens nothing else, and for
wall displays (device). Shown once, kept as a hash.
"""

from datetime import timedelta
from typing import cast

from sqlalchemy import Connection, Select, Update, bindparam, func, insert, select, update

from data.accounts import secret_values
from data.accounts.model import BadAccount
from data.accounts.secret_values import Kind
from data.accounts.store import Rows, fetch_named, list_columns, notify_processes
from data.auditing import audit_log
from data.core.roles import Detail, may
from data.schema import account, token

LONGEST_DAYS = 366
LONGEST_NAME = 100
WARNED_DAYS = 30
"""Administrators are told of tokens of displays so many days before they end."""
_USED_EVERY = timedelta(minutes=1)


def kind_of(role: str, detail: Detail | None) -> Kind:
    """What kind of token an account has: accounts that sign in with a password are people, others are displays."""
    return "personal" if may(role, detail, "password") else "device"


def kinds_of(role: str, detail: Detail | None) -> tuple[Kind, ...]:
    """What kinds of tokens an account may have at all."""
    kind = kind_of(role, detail)
    return (kind, "calendar") if kind == "personal" else (kind,)


def make(connection: Connection, account_name: str, name: str, days: int, calendar: bool = False) -> str:
    """Make a new token of an account and return its value, which is shown only once.

    An account that signs in with a password gets a personal token, a wall display one for its device.

    Args:
        connection: of the owner or the door.
        account_name: name of the account.
        name: what it is for, to recognise it later.
        days: how long it is valid, 1 to 366.
        calendar: whether it is for the calendar of the account's deadlines, and for nothing else.

    Raises:
        UnknownAccount: there is no such account.
        BadAccount: the account is closed, or name or days are not valid.
    """
    owner = fetch_named(connection, account_name)
    kind = kind_of(owner.role, owner.detail)
    if calendar and kind == "personal":
        kind = "calendar"
    name = name.strip()
    if not owner.enabled:
        raise BadAccount(field="token_name", reason=_REASONS["closed"])
    if not 1 <= days <= LONGEST_DAYS:
        raise BadAccount(field="days", reason=_REASONS["days"])
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadAccount(field="token_name", reason=_REASONS["name"])
    value = secret_values.make_token(kind)
    row = {"hash": secret_values.hash_value(value), "account_id": owner.id, "name": name, "kind": kind}
    connection.execute(insert(token).values(**row, expires_at=func.now() + timedelta(days=days)))
    audit_log.append(connection, "token_made", owner.name, {"token": name, "kind": kind, "days": days})
    return value


_REASONS = {
    "closed": "it is closed.",
    "days": "a token lasts 1 to 366 days.",
    "name": "a token needs a name of at most 100 characters.",
}


def list_tokens(connection: Connection, account_id: int) -> Rows:
    """All tokens of an account except withdrawn ones, the newest first."""
    wanted = select(token).where(token.c.account_id == account_id, token.c.withdrawn_at.is_(None))
    return cast(Rows, connection.execute(wanted.order_by(token.c.created_at.desc(), token.c.id.desc())).mappings().all())


def list_ending(connection: Connection) -> Rows:
    """Device tokens of open accounts that end within ``WARNED_DAYS``, the next first: nobody sits at a display to see it end."""
    wanted = select(account.c.id.label("account_id"), account.c.shown, token.c.name, token.c.expires_at).join_from(token, account)
    lasting = (token.c.kind == "device", token.c.withdrawn_at.is_(None), account.c.disabled_at.is_(None))
    soon = token.c.expires_at.between(func.now(), func.now() + timedelta(days=WARNED_DAYS))
    return cast(Rows, connection.execute(wanted.where(*lasting, soon).order_by(token.c.expires_at, token.c.id)).mappings().all())


def withdraw(connection: Connection, number: int, account_id: int) -> bool:
    """Withdraw a token of an account; returns whether there was one."""
    mine = (token.c.id == number, token.c.account_id == account_id, token.c.withdrawn_at.is_(None))
    row = connection.execute(update(token).where(*mine).values(withdrawn_at=func.now()).returning(token.c.name)).one_or_none()
    if row is None:
        return False
    owner = connection.execute(select(account.c.name).where(account.c.id == account_id)).scalar_one()
    audit_log.append(connection, "token_withdrawn", owner, {"token": row.name})
    notify_processes(connection)
    return True


def withdraw_all(connection: Connection, account_id: int) -> int:
    """Withdraw all tokens of an account; returns how many there were."""
    return sum(withdraw(connection, one["id"], account_id) for one in list_tokens(connection, account_id))


def select_valid() -> Select[tuple[object, ...]]:
    """Select the account of a token's hash (``:hash``), if both may still be used."""
    unused = func.coalesce(func.now() - token.c.used_at > _USED_EVERY, True).label("unseen")
    return (
        select(*list_columns(), token.c.kind, unused)
        .join_from(token, account)
        .where(token.c.hash == bindparam("hash"), account.c.disabled_at.is_(None))
        .where(token.c.withdrawn_at.is_(None), token.c.expires_at > func.now())
        .where(token.c.expires_at <= func.now() + timedelta(days=LONGEST_DAYS))  # longer: it was made while the clock was ahead
    )


def mark_used() -> Update:
    """Record that the token of a hash (``:of``) is in use."""
    return update(token).where(token.c.hash == bindparam("of")).values(used_at=func.now())
