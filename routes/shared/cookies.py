"""Our cookies: sent only to this server, not readable by scripts, and over https only if the request came over https."""

from typing import Literal

from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from routes.shared.headers import find_header

What = Literal["session", "device", "visit", "provider"]
"""A session; a wall display's token; a visit without signing in, to which forms are bound; a sign-in at the identity provider."""
_LASTS_S: dict[What, int | None] = {"session": None, "device": 366 * 86400, "visit": None, "provider": 600}
"""Seconds that browsers keep each; ``None`` means until the browser is closed. The database decides when they really end."""


def value(scope: Scope, what: What) -> str:
    """The value of a cookie, or an empty text.

    Other servers on this host share its cookies. A malformed cookie of theirs must not hide ours, as it would with ``http.cookies``.
    """
    header, name = find_header(scope, b"cookie"), _name(scope, what)
    return cookie_parser(header).get(name, "") if name in header else ""


def give(answer: Response, scope: Scope, what: What, value: str) -> None:
    """Set a cookie with an answer."""
    secure = _secure(scope)
    answer.set_cookie(_name(scope, what), value, max_age=_LASTS_S[what], path="/", httponly=True, samesite="lax", secure=secure)


def take(answer: Response, scope: Scope, what: What) -> None:
    """Delete a cookie with an answer."""
    answer.delete_cookie(_name(scope, what), path="/", httponly=True, samesite="lax", secure=_secure(scope))


def _secure(scope: Scope) -> bool:
    return scope.get("scheme") in {"https", "wss"}


def _name(scope: Scope, what: What) -> str:
    """The cookie's name. Browsers let only this host set a name that begins with ``__Host-``, and only over https.

    Over http, the port is part of the name: cookies are shared between ports, and two Gridwells on one host must not sign each other out.
    """
    if _secure(scope):
        return f"__Host-gridwell-{what}"
    server = scope.get("server") or ("", 0)
    return f"gridwell-{what}-{server[1]}"
