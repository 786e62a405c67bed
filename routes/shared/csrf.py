"""Checks that only our own pages can send forms and callbacks: a token bound to the session, and headers about the request's origin.

The token is computed from a key of the session that never leaves the server. So nothing is stored, and a new session has a new token.
Requests with an ``Authorization: Bearer`` header need none: no browser adds that header by itself.
"""

import hashlib
import hmac

from starlette.datastructures import Headers
from starlette.types import Scope

FIELD = "csrf"
"""Name of the form field that carries the token."""
HEADER = "x-gridwell-csrf"
"""Name of the header that carries it if there is no form."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token(key: str) -> str:
    """Compute the token of a session.

    Args:
        key: secret of the session (``Viewer.session``), or of the visit if nobody is signed in yet.
    """
    return hmac.new(key.encode(), b"gridwell csrf v1", hashlib.sha256).hexdigest()


def fits(key: str, given: str) -> bool:
    """Whether a token belongs to this session; the time of the comparison does not reveal how much of it was right."""
    return bool(key) and hmac.compare_digest(token(key).encode(), given.encode())


def from_elsewhere(scope: Scope) -> bool:
    """Whether another site, or another port of this machine, makes the browser act in our person's name.

    SameSite=Lax does not distinguish ports, but the header ``Sec-Fetch-Site`` does. If a browser does not send it, the ``Origin`` is
    compared with the host that was asked.
    """
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return False
    headers = Headers(scope=scope)
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in {"cross-site", "same-site"}
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")
