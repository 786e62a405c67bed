"""Sessions: stored in the database, so that they can be ended from anywhere. The browser holds a random value and nothing else."""

from datetime import timedelta
from typing import Literal, cast

from sqlalchemy import ColumnElement, Connection, Select, Update, and_, bindparam, delete, func, insert, select, update

from data.accounts.secret_values import hash_value, random_value
from data.accounts.store import Rows, list_columns, notify_processes
from data.auditing import audit_log
from data.core.settings import settings
from data.schema import account, session

State = Literal["full", "second_factor", "must_change"]
HALFWAY = timedelta(minutes=10)
"""How long somebody may take between the password and the next step."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is recorded: a smaller value would write at every request."""
_LONGEST_AGENT = 300


def begin(connection: Connection, account_id: int, state: State, address: str, agent: str) -> str:
    """Start a session; returns the cookie's value, which is stored nowhere."""
    value = random_value()
    lasts = timedelta(hours=settings().session_hours) if state == "full" else HALFWAY
    connection.execute(delete(session).where(session.c.ends_at < func.now()))
    row = {"hash": hash_value(value), "account_id": account_id, "state": state, "address": address, "agent": agent[:_LONGEST_AGENT]}
    connection.execute(insert(session).values(**row, ends_at=func.now() + lasts))
    return value


def select_valid() -> Select[tuple[object, ...]]:
    """Select the session of a hash (``:hash``) and its account, if both may still be used."""
    idle = timedelta(minutes=settings().session_idle_min)
    mine = [session.c.state, session.c.created_at.label("begun_at"), (func.now() - session.c.seen_at > SEEN_EVERY).label("unseen")]
    return (
        select(*list_columns(), *mine)
        .join_from(session, account)
        .where(session.c.hash == bindparam("hash"), account.c.disabled_at.is_(None))
        .where(_is_open(), session.c.seen_at > func.now() - idle)
    )


def _is_open() -> ColumnElement[bool]:
    """Whether a session has not ended. One that lasts longer than any may was begun while the clock was ahead."""
    return and_(session.c.ends_at > func.now(), session.c.ends_at <= func.now() + timedelta(hours=settings().session_hours))


def mark_used() -> Update:
    """Record that the session of a hash (``:of``) is in use."""
    return update(session).where(session.c.hash == bindparam("of")).values(seen_at=func.now())


def list_open(connection: Connection, account_id: int) -> Rows:
    """The open sessions of an account, the most recently used first."""
    wanted = select(session).where(session.c.account_id == account_id, _is_open())
    return cast(Rows, connection.execute(wanted.order_by(session.c.seen_at.desc())).mappings().all())


def end(connection: Connection, hashed: bytes, account_id: int) -> bool:
    """End one session of an account; returns whether there was one."""
    ended = connection.execute(delete(session).where(session.c.hash == hashed, session.c.account_id == account_id))
    notify_processes(connection)
    return bool(ended.rowcount)


def end_all(connection: Connection, account_id: int, name: str, but: bytes | None = None) -> int:
    """“Sign out everywhere”; ``but`` is the hash of a session that stays. Returns how many ended."""
    gone = delete(session).where(session.c.account_id == account_id)
    count = connection.execute(gone if but is None else gone.where(session.c.hash != but)).rowcount
    audit_log.append(connection, "sign_out_everywhere", name, {"sessions": count})
    notify_processes(connection)
    return count
