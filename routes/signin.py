"""Sign-in by token: an ASGI guard in front of everything but ``/healthz``.

The token comes in the address (once; it is answered by a cookie and the same address without it), from the sign-in page's form,
or as ``Authorization: Bearer``. The cookie holds a value derived from the token, never the token itself, and is good for as long
as the token is the same.
"""

import hashlib
import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from data.errors import SignInNeeded
from data.token import token as kept_token
from routes.errors import answer
from routes.language import language
from routes.signin_page import signin_page

FORM = "/signin"
OPEN = frozenset({"/healthz"})
_COOKIE_DAYS = 30
_LONGEST_FORM = 8192
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT_IN_ADDRESS = "/%:@!$&'()*+,;=-._~?"


def install(app: FastAPI) -> None:
    """Put the guard in front of an app."""
    app.add_middleware(Guard, token=kept_token())


def derived(token: str, purpose: str) -> str:
    """A value that only who knows the token can work out, and that does not give the token away."""
    return hmac.new(token.encode(), f"gridwell {purpose} v1".encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in a time that does not tell how much was right."""
    return hmac.compare_digest(one.encode(), other.encode())


def own_address(path: str, query: str = "") -> str:
    """An address that always stays on this server (``//elsewhere`` and ``/\\elsewhere`` would not), without the token."""
    kept = "&".join(part for part in query.split("&") if part and unquote_plus(part.split("=", 1)[0]) != "token")
    address = "/" + path.lstrip("/\\") + (f"?{kept}" if kept else "")
    return quote(address, safe=_KEPT_IN_ADDRESS)


class Guard:
    """ASGI middleware that lets only signed-in requests and WebSockets through.

    Args:
        app: what is guarded.
        token: what opens it.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token
        self.session = derived(token, "session")
        # Cookies do not tell ports apart: two Gridwells on one machine must not sign each other out.
        self.cookie = f"gridwell_{derived(token, 'cookie')[:8]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is open or signed in, and answer everything else."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in OPEN:
            await self.app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        if answer is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """The guard's own answer, or None where the request may pass."""
        reading = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if scope["path"] == FORM and not reading and scope["type"] == "http":
            return await self._form(scope, receive)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
        right, signed_in = bool(given) and same(given, self.token), self._signed_in(scope)
        if reading and (right or (signed_in and (given or scope["path"] == FORM))):
            return self._welcome(scope, _without_token(scope))
        if right or signed_in:
            return None
        return _refusal(scope, wrong=bool(given))

    def _signed_in(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and same(bearer.strip(), self.token):
            return True
        return same(_cookies(headers).get(self.cookie, ""), self.session) and not _from_elsewhere(scope, headers)

    async def _form(self, scope: Scope, receive: Receive) -> Response:
        """Answer the sign-in page's form."""
        fields = await _form_fields(Request(scope, receive))
        target = _wanted(fields.get("next", "/"))
        if same(fields.get("token", "").strip(), self.token):
            return self._welcome(scope, target)
        return _page(Request(scope), target, wrong=True)

    def _welcome(self, scope: Scope, target: str) -> Response:
        answer = RedirectResponse("/" if target.split("?")[0] == FORM else target, status_code=303, headers=_UNKEPT)
        secure = scope.get("scheme") == "https"
        answer.set_cookie(self.cookie, self.session, max_age=_COOKIE_DAYS * 86400, httponly=True, samesite="lax", secure=secure)
        return answer


_UNKEPT = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def _without_token(scope: Scope) -> str:
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    return own_address(path, scope["query_string"].decode("latin-1"))


def _cookies(headers: Headers) -> Mapping[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _from_elsewhere(scope: Scope, headers: Headers) -> bool:
    """Whether another site, or another port of this machine, makes the browser act in our person's name.

    SameSite=Lax does not tell ports apart; the browser's own word on where a request comes from does.
    """
    acts = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
    return acts and headers.get("sec-fetch-site", "same-origin") in {"cross-site", "same-site"}


def _wanted(address: str) -> str:
    """Where the form goes on to; the page itself where that is no address at all."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return own_address(parts.path, parts.query)


async def _form_fields(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return {}
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _refusal(scope: Scope, wrong: bool) -> Response:
    if scope["type"] == "websocket":
        return Response(status_code=401)
    request = Request(scope)
    if "text/html" in request.headers.get("accept", "") and scope["method"] in {"GET", "HEAD"}:
        return _page(request, _without_token(scope), wrong)
    return answer(SignInNeeded(), request, {**_UNKEPT, "WWW-Authenticate": "Bearer"})


def _page(request: Request, target: str, wrong: bool) -> Response:
    return HTMLResponse(signin_page(language(request), FORM, target, wrong), status_code=401, headers=_UNKEPT)
