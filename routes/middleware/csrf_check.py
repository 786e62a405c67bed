"""Requests that change something, and all requests to Dash's endpoint, must come from one of our own pages (protection against CSRF).

Another site can make a browser send our cookies, but it can neither read the session's token in our page nor add a header to the
request. So our pages send the token in a header. Forms send it in a field instead, which ``routes/middleware/forms.py`` checks; programs
that send a Bearer token need none.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from routes.doors.page import ADDRESS_PREFIXES
from routes.errors import answer_json
from routes.middleware.forms import NotOurForm
from routes.shared.csrf import HEADER, SAFE_METHODS, fits
from routes.shared.language import INSIDE

_FORM = "application/x-www-form-urlencoded"


class CsrfCheck:
    """ASGI middleware that refuses requests which none of our own pages sent. The guard in front of it finds the session."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and _lacks_token(scope):
            await answer_json(NotOurForm(), Request(scope))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _lacks_token(scope: Scope) -> bool:
    """Whether a request must carry its session's token in a header, but does not carry the right one."""
    inside = scope.get(INSIDE)
    if inside is None or inside.way == "token" or scope["method"] in SAFE_METHODS:
        return False
    headers = Headers(scope=scope)
    # Only at the addresses of forms: other routes would read a form's body without checking the token in it.
    if scope["path"].startswith(ADDRESS_PREFIXES) and headers.get("content-type", "").split(";")[0].strip().lower() == _FORM:
        return False
    return not fits(inside.viewer.session, headers.get(HEADER, ""))
