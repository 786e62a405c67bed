"""The guard: an ASGI middleware that finds out who sent a request, and lets only signed-in people, displays and programs in.

People come with a session's cookie, wall displays with their device's, programs with ``Authorization: Bearer``. Which data they
may *see* is decided by the code behind it and by PostgreSQL.
"""

from typing import cast
from urllib.parse import parse_qs, quote, unquote_plus, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from data.accounts.secret_values import could_be_token
from data.core.errors import GridwellError, NotOpen, SignInNeeded
from pages.wall_links import WALL
from routes.doors.page import NO_STORE, wants_html
from routes.doors.style_sheet import STYLE
from routes.errors import answer_error, answer_json
from routes.middleware.identification import CALENDAR, Identification, Inside
from routes.middleware.rate_limits import OPEN_FILES, Buckets, CredentialLookups, TooOften
from routes.shared import cookies
from routes.shared.language import INSIDE

SIGN_IN = "/signin"
SEEN = "/report/seen/"
"""Beginning of links that confirm a report, whoever opens them: the key in them is enough."""
STEPS = {
    "second_factor": f"{SIGN_IN}/code",
    "must_change": f"{SIGN_IN}/password",
    "untold": f"{SIGN_IN}/news",
    "set_up": f"{SIGN_IN}/second-factor",
}
"""For each missing step of signing in, the page where it is done; no other page opens before."""
SIGN_OUT = "/signout"
OPEN = frozenset(
    {"/healthz", "/metrics", "/assets/favicon.svg", STYLE, SIGN_IN, "/first", "/reset", f"{SIGN_IN}/provider", f"{SIGN_IN}/provider/back"}
)
"""Addresses open to everybody: what signing in needs, without data of any city."""
ACCOUNT_PAGES = ("/account", "/accounts", "/status", "/audit", "/imports", "/report/schedules", SIGN_IN, SIGN_OUT)
"""Addresses only for people: a token cannot manage accounts, read the audit log or imports, make other tokens, or sign out."""
_KEPT_IN_ADDRESS = "/%:@!$&'()*+,;=-._~?"


def own_address(path: str, query: str = "") -> str:
    """An address that always stays on this server (``//elsewhere`` and ``/\\elsewhere`` would not), without a token."""
    kept = "&".join(part for part in query.split("&") if part and unquote_plus(part.split("=", 1)[0]) != "token")
    address = "/" + path.lstrip("/\\") + (f"?{kept}" if kept else "")
    return quote(address, safe=_KEPT_IN_ADDRESS)


def target_of(wanted: str) -> str:
    """Address to open after signing in, from a form or an address: always a page of this server, never the sign-in page again."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    address = own_address(parts.path, parts.query)
    return "/" if address.split("?")[0].rstrip("/").startswith((SIGN_IN, SIGN_OUT)) else address


class Guard:
    """ASGI middleware that lets only signed-in requests and WebSockets through.

    Args:
        app: what answers.
        lookups: looks up credentials in the database, and limits how often one address may cause this.
    """

    def __init__(self, app: ASGIApp, lookups: CredentialLookups | None = None) -> None:
        self.app = app
        self.identification = Identification(CredentialLookups(Buckets()) if lookups is None else lookups)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who sent the request; pass it on if it is open to them, otherwise refuse it."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] == "/healthz":
            await self.app(scope, receive, send)
            return
        try:
            # Nobody is looked up for files, so that a page that reports a missing database has its icon and styles.
            inside = None if scope["path"] in OPEN_FILES else await self.identification.identify(scope)
            scope[INSIDE] = inside
            refusal = await _refusal(scope, inside, self.identification)
        except GridwellError as error:
            refusal = _error_answer(scope, error)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await refusal(scope, receive, send)


async def _refusal(scope: Scope, inside: Inside | None, identification: Identification) -> Response | None:
    """The guard's own answer, or ``None`` if the request may pass."""
    path, reading = scope["path"], scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
    if reading and (given := _find_token(scope["query_string"])):
        return await _with_token(scope, inside, given, identification)
    if path in OPEN or path.startswith(SEEN):
        return None
    if inside is None:
        return _error_answer(scope, NoSuchCalendar()) if path.startswith(CALENDAR) else _answer_stranger(scope)
    if inside.way != "session" and _is_account_page(path):
        return _error_answer(scope, NotOpen())
    if reading and inside.way == "device" and path == "/":
        return RedirectResponse(_wall_address(scope), 303, NO_STORE)
    step = STEPS.get(inside.known.step)
    if step is None:
        return None
    if inside.way != "session":
        return _error_answer(scope, SecondFactorNeeded())
    if path in {step, SIGN_OUT}:
        return None
    if reading and wants_html(Request(scope)):
        return RedirectResponse(f"{step}?next={quote(_address_of(scope), safe='')}", 303, NO_STORE)
    return _error_answer(scope, SignInNeeded())


def _find_token(query: bytes) -> str:
    """The token in a query, or an empty text. Most queries cannot name one, and need not be parsed."""
    if b"token" not in query and b"%" not in query:
        return ""
    return parse_qs(query.decode("latin-1")).get("token", [""])[-1]


async def _with_token(scope: Scope, inside: Inside | None, given: str, identification: Identification) -> Response:
    """Store the token of a display, which comes once in the address, in a cookie, and redirect to the address without it."""
    to_wall = scope["path"] == "/" and (inside is None or inside.way == "device")
    onwards = RedirectResponse(_wall_address(scope) if to_wall else _address_of(scope), status_code=303, headers=NO_STORE)
    if inside is not None and inside.way != "device":
        return onwards  # a link that somebody sent must not replace the reader's own session
    if not could_be_token(given, "device") or await identification.find_token(scope, given) is None:
        return _error_answer(scope, DeviceWithdrawn())
    cookies.give(onwards, scope, "device", given)
    return onwards


def _answer_stranger(scope: Scope) -> Response:
    if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and wants_html(Request(scope)):
        if "authorization" in Headers(scope=scope):
            return answer_json(SignInNeeded(), Request(scope), {**NO_STORE, "WWW-Authenticate": "Bearer"})  # a program, whatever it accepts
        # A wall display whose token was withdrawn says so. It must not ask for a password, because displays have none.
        if cookies.value(scope, "device"):
            return _error_answer(scope, DeviceWithdrawn())
        here = _address_of(scope)
        return RedirectResponse(SIGN_IN if here == "/" else f"{SIGN_IN}?next={quote(here, safe='')}", 303, NO_STORE)
    return _error_answer(scope, SignInNeeded())


class DeviceWithdrawn(GridwellError):
    status, code = 401, "device_withdrawn"
    sentence = "This display may not show anything any more. Ask the administrator for a new address, or sign in."
    retry_s = 60
    """Nobody stands at a display: where its token is good again, it goes on by itself."""


class NoSuchCalendar(GridwellError):
    status, code = 404, "no_such_calendar"
    sentence = "This calendar does not exist, or not any more. Make a new address on the page of your account."


class SecondFactorNeeded(GridwellError):
    status, code = 403, "second_factor_needed"
    sentence = "The owner of this token has to set up a second factor first: sign in at the page."


def _error_answer(scope: Scope, error: GridwellError) -> Response:
    """The answer to an error that the guard found: a page for a browser that loads one, JSON for programs."""
    if scope["type"] == "websocket":
        return Response(status_code=error.status)
    request = Request(scope)
    bearer = {"WWW-Authenticate": "Bearer"} if error.status == 401 and not wants_html(request) else {}
    retry = {"Retry-After": str(error.seconds)} if isinstance(error, TooOften) else {}
    return answer_error(error, request, {**NO_STORE, **bearer, **retry})


def _address_of(scope: Scope) -> str:
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    return own_address(path.split("?")[0], scope["query_string"].decode("latin-1"))


def _wall_address(scope: Scope) -> str:
    """Address of the wall for a display that opens the map's, as addresses of earlier versions do: with its area and its language."""
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    kept = {name: asked[name][-1] for name in ("area", "lang") if name in asked}
    return own_address(WALL, urlencode(kept))


def _is_account_page(path: str) -> bool:
    return any(path == page or path.startswith(f"{page}/") for page in ACCOUNT_PAGES)


def inside(request: Request) -> Inside:
    """Who is signed in, for pages that require signing in.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    found = request.scope.get(INSIDE)
    if found is None:
        raise SignInNeeded()
    return cast(Inside, found)
