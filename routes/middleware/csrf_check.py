"""What changes something, or asks Dash's endpoint, comes from a page of ours: it carries the token of its session in a header.

Another site can make a browser send its cookies, but it can neither read our page, where the token stands, nor add a header of its own.
Forms carry the token in a field instead (``routes/middleware/forms.py``); programs that send a Bearer token need none.
"""

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from routes.doors.page import ADDRESS_PREFIXES
from routes.errors import answer
from routes.middleware.forms import NotOurForm
from routes.shared.csrf import HEADER, SAFE_METHODS, fits
from routes.shared.language import INSIDE

_FORM = "application/x-www-form-urlencoded"


def install(app: FastAPI) -> None:
    """Ask for the token; the guard has to stand outside."""
    app.add_middleware(Bound)


class Bound:
    """ASGI middleware that refuses what one of our own pages did not send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "http" and _unbound(scope):
            await answer(NotOurForm(), Request(scope))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _unbound(scope: Scope) -> bool:
    inside = scope.get(INSIDE)
    if inside is None or inside.way == "token" or scope["method"] in SAFE_METHODS:
        return False
    headers = Headers(scope=scope)
    # Of the forms' own addresses alone: whoever else reads such a body does not look for the token in it.
    if scope["path"].startswith(ADDRESS_PREFIXES) and headers.get("content-type", "").split(";")[0].strip().lower() == _FORM:
        return False
    return not fits(inside.viewer.session, headers.get(HEADER, ""))
