"""The second factor of an account: who must have one, and how it is checked, turned on and removed."""

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, update

from data.accounts import failures, recovery, sessions, store, totp
from data.accounts.model import TOTP_KIND, Account
from data.accounts.transactions import Visitor
from data.auditing import audit_log
from data.core.roles import Detail, may
from data.core.settings import ALL_ROLES, NO_ROLES, settings
from data.privacy.sealing import seal, unseal
from data.schema import account

Proof = Literal["code", "recovery"]


def is_required(role: str, detail: Detail | None) -> bool:
    """Whether an account that signs in with a password must have a second factor.

    As ``GRIDWELL_SECOND_FACTOR_ROLES`` says. Without that setting: nobody while the server can be reached from its own machine only;
    otherwise everybody who may see personal data, manage accounts, or read the audit log.
    """
    if not may(role, detail, "password"):
        return False
    roles = settings().second_factor_roles
    if roles is None:
        return not settings().alone and (detail == "people" or may(role, detail, "accounts") or may(role, detail, "audit"))
    return roles != NO_ROLES and (roles == ALL_ROLES or role in {one.strip() for one in roles.split(",")})


def is_missing(one: Account) -> bool:
    """Whether an account must have a second factor and has none. Accounts without a password give theirs at the identity provider."""
    return one.password_hash is not None and one.totp_secret is None and is_required(one.role, one.detail)


def verify(connection: Connection, found: Account, typed: str) -> Proof | None:
    """Check a code for the second factor and return what kind it was; ``None`` where it is wrong, or it is too early for another try.

    The try is counted before the code is checked. The caller locked the account's row (``store.lock_account``), so each code works once.
    """
    if not store.count_try(connection, found):
        failures.count(connection, "code", found.name)
        return None
    proof = _find_proof(connection, found, typed)
    if proof is None:
        audit_log.append(connection, "sign_in_failed", found.name, {"way": "code", "known": True})
    return proof


def _find_proof(connection: Connection, found: Account, typed: str) -> Proof | None:
    if found.totp_secret is None:
        return None
    step = totp.step_of(unseal(found.totp_secret, TOTP_KIND), typed, datetime.now(UTC), found.totp_step)
    if step is not None:
        connection.execute(update(account).where(account.c.id == found.id).values(totp_step=step))
        return "code"
    if not recovery.use_code(connection, found, typed):
        return None
    store.set_notice_due(connection, found.id, True)
    return "recovery"


def turn_on(connection: Connection, found: Account, secret: str, step: int, visitor: Visitor) -> tuple[str, list[str]]:
    """Give an account its second factor; returns the value of a new session, and ten recovery codes.

    All sessions end, because they began without the factor, perhaps with a password that somebody else knows.

    Args:
        connection: as the role ``gridwell_door``.
        found: the account.
        secret: of the authenticator app, base32.
        step: of the code that confirmed it; that code cannot be used again.
        visitor: who gets the new session.
    """
    store.set_totp(connection, found.id, seal(secret, TOTP_KIND), step)
    codes = recovery.make_codes(connection, found)
    store.end_sessions(connection, found.id)
    return sessions.begin(connection, found.id, "full", visitor.address, visitor.agent), codes


def turn_off(connection: Connection, number: int) -> None:
    """Remove the visitor's own second factor, with all recovery codes."""
    store.set_totp(connection, number, None)
    recovery.delete_codes(connection, number)


def take_away(connection: Connection, number: int) -> None:
    """The same by an administrator or the owner of the machine, for somebody who lost the telephone.

    All sessions end, and the person reads about it at the next sign-in.
    """
    turn_off(connection, number)
    store.end_sessions(connection, number)
    store.set_notice_due(connection, number, True)
