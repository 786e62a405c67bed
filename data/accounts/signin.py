"""Signing in: with a password and perhaps a code, or through the city's identity provider.

All failures give the same answer after the same time, so that nobody learns which names exist.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, update

from data.accounts import failures, passwords, second_factor, sessions, store
from data.accounts.model import Account, normalize_name
from data.accounts.secret_values import hash_value
from data.accounts.sessions import State
from data.accounts.transactions import Visitor, run_for_visitor
from data.auditing import audit_log
from data.schema import account, session


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just started.

    Attributes:
        value: the cookie's value.
        state: what this person still has to do before anything is shown.
    """

    value: str
    state: State


async def sign_in_with_password(name: str, password: str, visitor: Visitor) -> NewSession | None:
    """Sign in with name and password; ``None`` where they do not fit, or it is too early for another try.

    Raises:
        Busy, NotReady, TooSlow: see ``run_for_visitor``.
    """
    found = await run_for_visitor(visitor, count_try, name)
    # Without an account, or while it has to wait, the hash is computed anyway, so that the answer takes the same time.
    right = await passwords.run_in_queue(passwords.verify_password, found.password_hash if found else None, password)
    if found is None or not right:
        await run_for_visitor(visitor, _log_refusal, name, found is not None)
        return None
    assert found.password_hash is not None  # noqa: S101 - it has just been compared
    better = await passwords.run_in_queue(passwords.hash_password, password) if passwords.needs_rehash(found.password_hash) else None
    return await run_for_visitor(replace(visitor, name=found.name), _begin_if_unchanged, found, visitor, better)


async def sign_in_with_code(value: str, code: str, visitor: Visitor) -> NewSession | None:
    """Continue a session that waits for the second factor, with a code of the app or a recovery code.

    A new session replaces it; ``None`` where the code does not fit, or it is too early for another try.

    Raises:
        Busy, NotReady, TooSlow: see ``run_for_visitor``.
    """
    return await run_for_visitor(visitor, _begin_with_code, hash_value(value), code, visitor)


async def sign_in_with_subject(issuer: str, subject: str, visitor: Visitor) -> NewSession | None:
    """Sign in a person whom the identity provider has identified; ``None`` where no account is linked to that person.

    Raises:
        Busy, NotReady, TooSlow: see ``run_for_visitor``.
    """
    return await run_for_visitor(visitor, _begin_for_subject, issuer, subject, visitor)


def change_password(connection: Connection, found: Account, hashed: str, visitor: Visitor) -> NewSession:
    """Store a new password, end every session, and start a new one for the person who changed it."""
    store.set_password(connection, found.id, hashed)
    return NewSession(sessions.begin(connection, found.id, "full", visitor.address, visitor.agent), "full")


def confirm_notice(connection: Connection, number: int, value: str, visitor: Visitor) -> NewSession:
    """Note that somebody has read what was done to their account, and replace their session with a full one."""
    store.set_notice_due(connection, number, False)
    sessions.end(connection, hash_value(value), number)
    return NewSession(sessions.begin(connection, number, "full", visitor.address, visitor.agent), "full")


def count_try(connection: Connection, name: str) -> Account | None:
    """Count a try and return the account.

    ``None`` where no try may be made now. Tries are counted before the password is checked, so that a hundred at the same time count as a
    hundred.
    """
    # Do not wait for the disk: a name without an account writes nothing, and its answer would otherwise come sooner.
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    row = connection.execute(select(account).where(account.c.name == normalize_name(name)).with_for_update()).mappings().one_or_none()
    found = None if row is None else Account.of(row)
    if found is None or not found.by_password:
        return None
    return found if store.count_try(connection, found) else None


def _log_refusal(connection: Connection, name: str, checked: bool) -> None:
    """Log a failed try that was checked. Others are counted: a name that nobody has, and tries while an account has to wait."""
    found = store.find_by_name(connection, name)
    if checked and found:
        audit_log.append(connection, "sign_in_failed", found.name, {"way": "password", "known": True})
    else:
        failures.count(connection, "password", found.name if found else "")


def _begin_if_unchanged(connection: Connection, found: Account, visitor: Visitor, better: str | None) -> NewSession | None:
    """Start a session if the password is still the one that was compared: somebody may have changed it meanwhile."""
    now = store.lock_account(connection, found.id)
    if now is None or not now.enabled or now.password_hash != found.password_hash:
        return None
    return _begin(connection, now, "password", visitor, better)


def _begin(connection: Connection, found: Account, way: str, visitor: Visitor, better: str | None = None) -> NewSession:
    state: State = "second_factor" if found.totp_secret else "must_change" if found.must_change and way == "password" else "full"
    if better:
        connection.execute(update(account).where(account.c.id == found.id).values(password_hash=better))
    if state == "second_factor":
        audit_log.append(connection, "sign_in_half", found.name, {"way": way})
    else:
        _log_success(connection, found, way)
    return NewSession(sessions.begin(connection, found.id, state, visitor.address, visitor.agent), state)


def reset_failures(connection: Connection, number: int) -> None:
    """Set the count of failed tries back to zero, after somebody has proven who they are."""
    connection.execute(update(account).where(account.c.id == number).values(failed=0, failed_at=None))


def _log_success(connection: Connection, found: Account, way: str) -> None:
    """Log a sign-in and reset the failed tries.

    Not earlier: somebody who knows the password must not get an unlimited number of tries for the code.
    """
    reset_failures(connection, found.id)
    audit_log.append(connection, "sign_in", found.name, {"way": way})


def _begin_for_subject(connection: Connection, issuer: str, subject: str, visitor: Visitor) -> NewSession | None:
    found = store.find_by_subject(connection, issuer, subject)
    if found is None or not found.enabled:
        failures.count(connection, "oidc", found.name if found else "")
        return None
    return _begin(connection, found, "oidc", visitor)


def _begin_with_code(connection: Connection, hashed: bytes, code: str, visitor: Visitor) -> NewSession | None:
    wanted = select(session.c.account_id).where(
        session.c.hash == hashed, session.c.state == "second_factor", session.c.ends_at > func.now()
    )
    number = connection.execute(wanted.with_for_update()).scalar_one_or_none()
    found = store.lock_account(connection, number)
    if found is None or not found.enabled or found.totp_secret is None:
        return None
    proof = second_factor.verify(connection, found, code)
    if proof is None:
        return None
    sessions.end(connection, hashed, found.id)
    _log_success(connection, found, proof)
    state: State = "must_change" if found.must_change else "full"
    return NewSession(sessions.begin(connection, found.id, state, visitor.address, visitor.agent), state)
