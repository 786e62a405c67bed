"""The middleware of the whole app, in one place and in order."""

from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from data.concurrency.queue import make_query_queue
from data.core.settings import settings
from routes.errors import UnforeseenErrors
from routes.middleware.compressed_assets import CompressedAssets
from routes.middleware.csrf_check import CsrfCheck
from routes.middleware.disconnects import CancelOnDisconnect
from routes.middleware.guard import Guard
from routes.middleware.head_requests import HeadRequests
from routes.middleware.measured_requests import MeasuredRequests
from routes.middleware.queued_requests import QueuedRequests
from routes.middleware.rate_limits import Buckets, CredentialLookups, RateLimits
from routes.middleware.request_limits import RequestLimits
from routes.middleware.security_headers import SecurityHeaders
from routes.middleware.warm_tiles import WarmTiles


def dashs_own(app: ASGIApp) -> ASGIApp:
    """Marks in ``STACK`` the place of the middleware that Dash itself adds to the app."""
    return app


class Place(NamedTuple):
    """A middleware, and the reason for its place in the order."""

    middleware: Callable[..., ASGIApp]
    reason: str


STACK = (
    Place(MeasuredRequests, "Outermost: whatever is answered is counted, by whomever."),
    Place(
        HeadRequests,
        "Outside of all that looks at the method: everything further in sees a GET, so HEAD is under the same rights, limits and caches.",
    ),
    Place(SecurityHeaders, "Outside of all that may refuse: refusals carry the headers too."),
    Place(Guard, "Before a body is read or an account's requests are counted: only the guard knows whose request it is."),
    Place(RateLimits, "Inside the guard, which tells it the account; outside of all that costs something, such as reading a body."),
    Place(RequestLimits, "Outside of all that reads a body or parses an address."),
    Place(CsrfCheck, "Inside the guard, which tells it the session; outside of all that acts."),
    Place(
        WarmTiles, "Inside of all checks, because tiles are not for everybody; outside of the rest, which a tile in memory does not need."
    ),
    Place(GZipMiddleware, "Outside of CompressedAssets: it leaves alone what is compressed already."),
    Place(CompressedAssets, "Outside of CancelOnDisconnect: one client that leaves must not cancel a compression that others wait for."),
    Place(CancelOnDisconnect, "Outside of QueuedRequests: a client that leaves while it waits gives up its place in the queue."),
    Place(QueuedRequests, "Right before what asks the database."),
    Place(dashs_own, "Dash adds it by itself; inside of all ours, so that callbacks are checked and queued like everything else."),
    Place(UnforeseenErrors, "Innermost: Dash's own would swallow an error without a word, and answer in a form of its own."),
)
"""Outermost first."""


def install(server: FastAPI) -> None:
    """Put the stack in front of an app to which nobody but Dash has added middleware; ``server.state.query_queue`` is its queue."""
    server.state.query_queue = make_query_queue(settings())
    options = _options(server)
    added_by_dash = list(server.user_middleware)
    server.user_middleware.clear()
    for place in STACK:
        ours = [Middleware(place.middleware, **options.get(place.middleware, {}))]
        server.user_middleware += added_by_dash if place.middleware is dashs_own else ours


def _options(server: FastAPI) -> dict[Callable[..., ASGIApp], dict[str, Any]]:
    """The arguments of each middleware, except the app behind it."""
    factor, buckets = settings().rate_factor, Buckets()
    return {
        Guard: {"lookups": CredentialLookups(buckets, factor)},
        RateLimits: {"factor": factor, "buckets": buckets, "steps_per_s": settings().steps_per_s},
        GZipMiddleware: {"minimum_size": 500, "compresslevel": 5},
        QueuedRequests: {"queue": server.state.query_queue},
        MeasuredRequests: {"queue": server.state.query_queue},
    }
