"""Finds out who sent a request, from its token or its cookies.

Most requests of a page are for tiles, a hundred within a second, and all with the same credential. So what follows from a credential is
made once, for as long as its identity is cached: a request of somebody who is known builds no statement and asks nobody.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import Literal

from starlette.types import Scope

from data.accounts import identity
from data.accounts.identity import Identity
from data.accounts.secret_values import could_be_token, hash_value
from data.accounts.unknown_tokens import count_unknown_token
from data.core.viewer import Viewer
from routes.middleware.rate_limits import CredentialLookups
from routes.shared import cookies
from routes.shared.csrf import from_elsewhere
from routes.shared.headers import find_header

BY_ITSELF = b"x-gridwell-by-itself"
"""Header of what a page asks without anybody touching it: it does not keep a session in use."""
CALENDAR, CALENDAR_ENDING = "/api/calendar/", ".ics"
"""Begin and end of addresses that are themselves the credential: programs of calendars can send no header. They open nothing else."""
STREAM = "/api/events"
"""Likewise the stream of events, which a browser opens again by itself."""
MOST_VIEWERS = 10_000
"""How many viewers are remembered: one for each credential and address."""

Way = Literal["session", "device", "token", "calendar"]


@dataclass(frozen=True, slots=True)
class Inside:
    """Who is signed in, and how.

    Attributes:
        viewer: what they may see, their address, and the key of their session.
        known: the same person as the database describes them.
        way: which kind of credential was used.
        value: the credential itself. It must never be written anywhere.
    """

    viewer: Viewer
    known: Identity
    way: Way
    value: str


def session_key(value: str) -> str:
    """The secret that forms are bound to. It is derived from a credential and does not reveal it."""
    return hmac.new(value.encode(), b"gridwell session key v1", hashlib.sha256).hexdigest()


class Identification:
    """Finds out who sent a request.

    Args:
        lookups: looks up credentials in the database, and limits how often one address may cause this.
    """

    def __init__(self, lookups: CredentialLookups) -> None:
        self._lookups = lookups
        self._viewers: dict[tuple[Way, bytes, str], tuple[Identity, Viewer]] = {}

    async def identify(self, scope: Scope) -> Inside | None:
        """Who sent the request, or ``None``. A bearer token takes precedence over all cookies, even if it is wrong.

        Raises:
            TooOften: the address has caused too many look-ups that found nobody.
            NotReady, Busy, TooSlow: the database does not answer.
        """
        if scope["path"].startswith(CALENDAR):
            value = scope["path"].removeprefix(CALENDAR).removesuffix(CALENDAR_ENDING)
            return await self._find(scope, "calendar", value) if could_be_token(value, "calendar") else None
        scheme, _, bearer = find_header(scope, b"authorization").partition(" ")
        if scheme.lower() == "bearer":
            value = bearer.strip()
            possible = could_be_token(value, "personal") or could_be_token(value, "device")
            return await self._find(scope, "token", value) if possible else None
        if from_elsewhere(scope):
            return None
        if (value := cookies.value(scope, "session")) and (inside := await self._find(scope, "session", value)):
            return inside
        value = cookies.value(scope, "device")
        return await self._find(scope, "device", value) if could_be_token(value, "device") else None

    async def find_token(self, scope: Scope, value: str) -> Identity | None:
        """The identity of a token; one that belongs to nobody is counted, for auditors.

        Raises:
            TooOften, NotReady, Busy, TooSlow: see ``identify``.
        """
        known = await self._lookups.find(scope, value, identity.identify_token)
        if known is None:
            count_unknown_token(_address(scope))
        return known

    async def _find(self, scope: Scope, way: Way, value: str) -> Inside | None:
        hashed = hash_value(value)
        known = identity.peek_identity("session" if way == "session" else "token", hashed)
        if known is None:
            known = await (self._find_session(scope, value) if way == "session" else self.find_token(scope, value))
        return None if known is None else Inside(self._viewer(known, way, value, hashed, _address(scope)), known, way, value)

    async def _find_session(self, scope: Scope, value: str) -> Identity | None:
        used = scope["path"] != STREAM and not find_header(scope, BY_ITSELF)
        return await self._lookups.find(scope, value, identity.identify_session if used else identity.identify_unused_session)

    def _viewer(self, known: Identity, way: Way, value: str, hashed: bytes, address: str) -> Viewer:
        """The viewer with their address and the key of their session.

        It is made once for each identity: one that was read again, after seconds or after a change of accounts, is another object.
        """
        key = (way, hashed, address)
        kept = self._viewers.get(key)
        if kept is not None and kept[0] is known:
            return kept[1]
        # No other site can make a browser send a bearer token, so such requests need no session key for forms.
        made = replace(known.viewer, address=address, session="" if way == "token" else session_key(value))
        if len(self._viewers) >= MOST_VIEWERS:
            self._viewers.clear()
        self._viewers[key] = known, made
        return made


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
