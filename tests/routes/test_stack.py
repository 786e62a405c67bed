"""The middleware of the whole app: its order, and that the reasons given for it are true."""

from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from starlette.types import Message

from app import create_app
from callbacks.dash_internals import DashMiddleware
from routes.middleware.compressed_assets import CompressedAssets
from routes.middleware.csrf_check import CsrfCheck
from routes.middleware.disconnects import CancelOnDisconnect
from routes.middleware.guard import Guard
from routes.middleware.head_requests import HeadRequests
from routes.middleware.measured_requests import MeasuredRequests
from routes.middleware.queued_requests import QueuedRequests
from routes.middleware.rate_limits import STRANGER, RateLimits
from routes.middleware.request_limits import RequestLimits
from routes.middleware.security_headers import SecurityHeaders
from routes.middleware.stack import STACK, dashs_own
from routes.middleware.warm_tiles import WarmTiles


@pytest.fixture
def app() -> FastAPI:
    return create_app()


def before(outer: type, inner: type) -> bool:
    order = [place.middleware for place in STACK]
    return order.index(outer) < order.index(inner)


def test_the_app_has_this_stack_and_nothing_else(app: FastAPI) -> None:
    expected = [DashMiddleware if place.middleware is dashs_own else place.middleware for place in STACK]
    assert [one.cls for one in app.user_middleware] == expected
    assert all(place.reason.endswith(".") for place in STACK)


def test_who_needs_to_know_stands_inside_of_the_guard() -> None:
    assert [place.middleware for place in STACK][:4] == [MeasuredRequests, HeadRequests, SecurityHeaders, Guard]
    assert all(before(Guard, one) for one in (RateLimits, RequestLimits, CsrfCheck, WarmTiles, QueuedRequests))
    assert before(RateLimits, RequestLimits) and before(RequestLimits, CsrfCheck) and before(CsrfCheck, WarmTiles)
    assert before(CompressedAssets, CancelOnDisconnect) and before(CancelOnDisconnect, QueuedRequests)


async def ask(app: FastAPI, method: str, path: str, length: int = 0) -> tuple[int, dict[bytes, bytes], bytes, int]:
    """Status, headers and body of the answer to a stranger, and how often the app asked for the request's body."""
    read, sent = 0, []

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"", "more_body": True} if read < 3 else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "client": ("10.0.0.1", 1),
        "server": ("test", 80),
        "headers": [(b"host", b"test"), (b"content-length", str(length).encode())] if length else [(b"host", b"test")],
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body, read


def code(body: bytes) -> str:
    return str(orjson.loads(body)["error"]["code"])


async def test_the_guard_refuses_before_a_body_is_read_or_measured(app: FastAPI) -> None:
    for length in (10, 10_000_000):
        status, headers, body, read = await ask(app, "POST", "/api/areas", length)
        assert (status, code(body), read) == (401, "sign_in_needed", 0)
        assert b"content-security-policy" in headers, "the headers stand outside"


async def test_a_body_that_is_too_large_is_refused_before_any_route_sees_it(app: FastAPI) -> None:
    status, headers, body, read = await ask(app, "POST", "/signin", 10_000_000)
    assert (status, code(body), read) == (413, "too_large", 0)
    assert b"content-security-policy" in headers


async def test_who_asks_too_often_is_refused_before_a_body_is_read(app: FastAPI) -> None:
    for _ in range(int(STRANGER.at_once)):
        assert (await ask(app, "POST", "/signin", 10_000_000))[0] == 413
    status, headers, body, read = await ask(app, "POST", "/signin", 10_000_000)
    assert (status, code(body), read) == (429, "too_often", 0)
    assert b"content-security-policy" in headers and b"retry-after" in headers


async def test_head_is_refused_like_get_and_sends_no_body(app: FastAPI) -> None:
    get, head = await ask(app, "GET", "/api/areas"), await ask(app, "HEAD", "/api/areas")
    assert head[0] == get[0] == 401
    assert get[2] and not head[2]


async def test_strangers_with_made_up_cookies_are_counted_before_the_database_is_asked(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, counted = [], []

    async def look_up(value: str) -> None:
        asked.append(value)

    monkeypatch.setattr("routes.middleware.identification.identity.identify_session", look_up)
    monkeypatch.setattr("routes.middleware.identification.identity.identify_token", look_up)
    monkeypatch.setattr("routes.middleware.identification.count_unknown_token", counted.append)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test:8050") as browser:
        statuses = []
        for n in range(30):
            statuses.append((await browser.get("/api/areas", headers={"cookie": f"gridwell-session-8050=made-up-{n}"})).status_code)
            statuses.append((await browser.get("/api/areas", headers={"authorization": f"Bearer gwp_made-up-{n}"})).status_code)
            last = await browser.get(f"/?token=gwd_made-up-{n}")
            statuses.append(last.status_code)
    assert len(asked) == STRANGER.at_once and len(counted) == 40, "cookies may have ended; tokens that nobody has are counted"
    assert statuses == [401] * 60 + [429] * 30
    assert (last.headers["retry-after"], last.json()["error"]["code"]) == ("1", "too_often")
