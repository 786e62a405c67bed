"""The ways in: with a password, then perhaps a code; or from the city's identity provider.

Whatever is wrong, the answer is the same and takes as long, so that nobody learns which names there are.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, update

from data.accounts import passwords, second_factor, sessions, store
from data.accounts.model import Account, plain_name
from data.accounts.secret_values import kept
from data.accounts.sessions import State
from data.accounts.transactions import Visitor, at_door
from data.auditing import audit_log
from data.schema import account, session


@dataclass(frozen=True, slots=True)
class Entered:
    """A session that has begun.

    Attributes:
        value: what the browser is given.
        state: what is still wanted of this person before anything is shown.
    """

    value: str
    state: State


async def with_password(name: str, password: str, visitor: Visitor) -> Entered | None:
    """Sign in with name and password; ``None`` where they do not fit, or it is too early for another try.

    Raises:
        Busy, NotReady, TooSlow: see ``at_door``.
    """
    found = await at_door(visitor, try_now, name)
    # Without an account, or while it has to wait, the work is the same and in vain.
    right = await passwords.in_turn(passwords.fits, found.password_hash if found else None, password)
    if found is None or not right:
        await at_door(visitor, _refused, name, "password")
        return None
    assert found.password_hash is not None  # noqa: S101 - it has just been compared
    better = await passwords.in_turn(passwords.hashed, password) if passwords.outdated(found.password_hash) else None
    return await at_door(replace(visitor, name=found.name), _proven, found, visitor, better)


async def with_code(value: str, code: str, visitor: Visitor) -> Entered | None:
    """Go on from a session that waits for the second factor, with a code of the app or a recovery code.

    The session is another one afterwards; ``None`` where the code does not fit, or it is too early for another try.

    Raises:
        Busy, NotReady, TooSlow: see ``at_door``.
    """
    return await at_door(visitor, _code, kept(value), code, visitor)


async def with_subject(issuer: str, subject: str, visitor: Visitor) -> Entered | None:
    """Sign in whom the identity provider vouches for; ``None`` where no account is linked to that person.

    Raises:
        Busy, NotReady, TooSlow: see ``at_door``.
    """
    return await at_door(visitor, _vouched, issuer, subject, visitor)


def changed_password(connection: Connection, found: Account, hashed: str, visitor: Visitor) -> Entered:
    """Take a new password, end every session, and begin a new one for whoever changed it."""
    store.set_password(connection, found.id, hashed)
    return Entered(sessions.begin(connection, found.id, "full", visitor.address, visitor.agent), "full")


def told(connection: Connection, number: int, value: str, visitor: Visitor) -> Entered:
    """Somebody has read what was done to their account: a new session instead of the one that had to be told."""
    store.set_untold(connection, number, False)
    sessions.end(connection, kept(value), number)
    return Entered(sessions.begin(connection, number, "full", visitor.address, visitor.agent), "full")


def try_now(connection: Connection, name: str) -> Account | None:
    """The account, where a try may be made now. It is counted before it is looked at: a hundred at once are a hundred."""
    # The one who has no account waits for no disk either.
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    row = connection.execute(select(account).where(account.c.name == plain_name(name)).with_for_update()).mappings().one_or_none()
    found = None if row is None else Account.of(row)
    if found is None or not found.by_password:
        return None
    return found if store.counts_try(connection, found) else None


def _refused(connection: Connection, name: str, way: str) -> None:
    """Names that belong to nobody are not written down: people type passwords there."""
    found = store.by_name(connection, name)
    audit_log.append(connection, "sign_in_failed", found.name if found else "", {"way": way, "known": found is not None})


def _proven(connection: Connection, found: Account, visitor: Visitor, better: str | None) -> Entered | None:
    """Begin where the password is still the one that was compared: that took a while, in which somebody may have changed it."""
    now = store.locked(connection, found.id)
    if now is None or not now.enabled or now.password_hash != found.password_hash:
        return None
    return _begin(connection, now, "password", visitor, better)


def _begin(connection: Connection, found: Account, way: str, visitor: Visitor, better: str | None = None) -> Entered:
    state: State = "second_factor" if found.totp_secret else "must_change" if found.must_change and way == "password" else "full"
    if better:
        connection.execute(update(account).where(account.c.id == found.id).values(password_hash=better))
    if state == "second_factor":
        audit_log.append(connection, "sign_in_half", found.name, {"way": way})
    else:
        _welcome(connection, found, way)
    return Entered(sessions.begin(connection, found.id, state, visitor.address, visitor.agent), state)


def forget_failures(connection: Connection, number: int) -> None:
    """Somebody has shown who they are."""
    connection.execute(update(account).where(account.c.id == number).values(failed=0, failed_at=None))


def _welcome(connection: Connection, found: Account, way: str) -> None:
    """Only now are the failures forgotten: whoever knows the password must not get endless tries at the code."""
    forget_failures(connection, found.id)
    audit_log.append(connection, "sign_in", found.name, {"way": way})


def _vouched(connection: Connection, issuer: str, subject: str, visitor: Visitor) -> Entered | None:
    found = store.by_subject(connection, issuer, subject)
    if found is None or not found.enabled:
        audit_log.append(connection, "sign_in_failed", found.name if found else "", {"way": "oidc", "known": found is not None})
        return None
    return _begin(connection, found, "oidc", visitor)


def _code(connection: Connection, hashed: bytes, code: str, visitor: Visitor) -> Entered | None:
    wanted = select(session.c.account_id).where(
        session.c.hash == hashed, session.c.state == "second_factor", session.c.ends_at > func.now()
    )
    number = connection.execute(wanted.with_for_update()).scalar_one_or_none()
    found = store.locked(connection, number)
    if found is None or not found.enabled or found.totp_secret is None:
        return None
    proof = second_factor.proven(connection, found, code)
    if proof is None:
        return None
    sessions.end(connection, hashed, found.id)
    _welcome(connection, found, proof)
    state: State = "must_change" if found.must_change else "full"
    return Entered(sessions.begin(connection, found.id, state, visitor.address, visitor.agent), state)
