"""Forms and callbacks that only our own pages can send: a token bound to the session, and the browser's word on where it comes from.

The token is worked out from a key of the session that never leaves the server, so nothing is stored, and a new session has a new one.
Requests with an ``Authorization: Bearer`` header need none: no browser adds that header by itself.
"""

import hashlib
import hmac

from starlette.datastructures import Headers
from starlette.types import Scope

FIELD = "csrf"
"""Name of the form field that carries the token."""
HEADER = "x-gridwell-csrf"
"""Name of the header that carries it where there is no form."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token(key: str) -> str:
    """The token of a session.

    Args:
        key: secret of the session (``Viewer.session``), or of the visit where nobody is signed in yet.
    """
    return hmac.new(key.encode(), b"gridwell csrf v1", hashlib.sha256).hexdigest()


def fits(key: str, given: str) -> bool:
    """Whether a token is the one of this session; compared in a time that does not tell how much was right."""
    return bool(key) and hmac.compare_digest(token(key).encode(), given.encode())


def from_elsewhere(scope: Scope) -> bool:
    """Whether another site, or another port of this machine, makes the browser act in our person's name.

    SameSite=Lax does not tell ports apart; the browser's own word on where a request comes from does. Of browsers that do not give it,
    the ``Origin`` is compared with the host that was asked.
    """
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return False
    headers = Headers(scope=scope)
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in {"cross-site", "same-site"}
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")
