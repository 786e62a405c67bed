"""Who sends a request: from the value of a session or token to a viewer. The database is asked at most every few seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, Executable, RowMapping

from data.accounts import second_factor, sessions, tokens
from data.accounts.areas import fetch_reach, fetch_units
from data.accounts.secret_values import Kind, hash_value
from data.accounts.sessions import State
from data.accounts.transactions import Visitor, run_for_guard
from data.concurrency.cache import AnswerCache, CacheEntry
from data.core.roles import allowed_detail, may
from data.core.viewer import Lang, Viewer

Step = State | Literal["untold", "set_up"]
"""What somebody still has to do: the session's next step, or to read what was done to the account (``untold``), or to set up a required
second factor (``set_up``). The last two are determined for each request, so that they also apply to earlier sessions and tokens.
"""
KEPT_S = 10.0
"""How long an answer is cached, in seconds, while no change is announced."""
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Identity:
    """A person or device whose session or token is valid.

    Attributes:
        viewer: the viewer and their rights; without address and session, which belong to the request.
        step: the next step; ``full`` if nothing is left to do.
        kind: the token's kind; ``None`` for a session.
        lang: the account's language, if it has chosen one.
    """

    viewer: Viewer
    step: Step = "full"
    kind: Kind | None = None
    lang: Lang | None = None


@dataclass(frozen=True, slots=True)
class _Statements:
    """What builds the statements about one way to sign in. They are built when the database is asked, not for each request."""

    select_valid: Callable[[], Executable]
    mark_used: Callable[[], Executable]


Credential = Literal["session", "token"]
_STATEMENTS: dict[Credential, _Statements] = {
    "session": _Statements(sessions.select_valid, sessions.mark_used),
    "token": _Statements(tokens.select_valid, tokens.mark_used),
}
_cache: AnswerCache[Identity | None] = AnswerCache(_MOST)
"""By kind of credential and hash. A token that is sent as a session's cookie must not find what it finds as a token."""


def clear_cache() -> None:
    """Empty the cache, because accounts have changed."""
    global _cache
    _cache = AnswerCache(_MOST)


async def identify_session(value: str) -> Identity | None:
    """Find the identity of a session's value; ``None`` where the session has ended or never existed.

    Raises:
        NotReady, Busy, TooSlow: see ``run_for_guard``.
    """
    return await _look_up("session", hash_value(value))


async def identify_unused_session(value: str) -> Identity | None:
    """The same for what a page does by itself: the session is not in use because of it, and ends when nobody uses it.

    Raises:
        NotReady, Busy, TooSlow: see ``run_for_guard``.
    """
    return await _look_up("session", hash_value(value), uses=False)


async def identify_again(credential: Credential, value: str) -> Identity | None:
    """Whom a credential belongs to now, for an answer that goes on for long; it is not in use because of this.

    Raises:
        NotReady, Busy, TooSlow: see ``run_for_guard``.
    """
    return await _look_up(credential, hash_value(value), uses=False)


async def identify_token(value: str) -> Identity | None:
    """Find the identity of a token's value; ``None`` where the token is withdrawn, too old, or never existed.

    Raises:
        NotReady, Busy, TooSlow: see ``run_for_guard``.
    """
    return await _look_up("token", hash_value(value))


def peek_identity(credential: Credential, hashed: bytes) -> Identity | None:
    """The cached identity of a session's or token's hash; ``None`` where there is none, which says nothing about the credential.

    A cached identity ends after ``KEPT_S``, or when a change of accounts is announced.
    """
    return _cache.peek((credential, hashed))


async def _look_up(credential: Credential, hashed: bytes, uses: bool = True) -> Identity | None:
    """Whom a credential belongs to. What was found without using it is cached apart: otherwise a use after it would not be recorded."""
    if not uses and (known := peek_identity(credential, hashed)) is not None:
        return known

    async def make() -> CacheEntry[Identity | None]:
        found = await run_for_guard(Visitor(), _fetch_identity, hashed, _STATEMENTS[credential], uses)
        # Unknown values are not cached: made-up values must not fill our memory.
        return CacheEntry(found, 1, KEPT_S) if found else CacheEntry(None, _MOST)

    return await _cache.get((credential, hashed) if uses else (credential, hashed, "unused"), make)


def _fetch_identity(connection: Connection, hashed: bytes, statements: _Statements, uses: bool) -> Identity | None:
    row = connection.execute(statements.select_valid(), {"hash": hashed}).mappings().one_or_none()
    if row is None:
        return None
    detail = allowed_detail(row["role"], row["detail"])
    # The account's kind may have changed since: the token in a display's address must not give a person's rights.
    if row.get("kind") not in (None, *tokens.kinds_of(row["role"], detail)):
        return None
    if uses and row["unseen"]:
        connection.execute(statements.mark_used(), {"of": hashed})
    scope = fetch_reach(connection, row["scope"])
    figures = scope if row["figures"] is None else fetch_reach(connection, row["figures"])
    viewer = Viewer(
        name=row["name"],
        shown=row["shown"],
        account=row["id"],
        role=row["role"],
        detail=detail,
        scope=scope["scope"],
        figures=figures["figures"],
        zone=scope["zone"],
        scope_code=row["scope"],
        units=fetch_units(connection, row["name"]) if detail in ("cases", "people") or may(row["role"], detail, "deliver_feeds") else "",
    )
    return Identity(viewer, _next_step(row, viewer), row.get("kind"), cast(Lang | None, row["lang"]))


def _next_step(row: RowMapping, viewer: Viewer) -> Step:
    state: Step = row.get("state", "full")
    if state != "full":
        return state
    if row["untold"] and row.get("kind") is None:  # a program cannot read it
        return "untold"
    # Accounts without a password give their second factor at the identity provider.
    lacking = row["has_password_hash"] and not row["has_totp_secret"] and second_factor.is_required(viewer.role, viewer.detail)
    return "set_up" if lacking else "full"
