"""How large a request's body may be, and how long it may take to arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.attachments.files import MOST_BYTES
from data.core.errors import GridwellError
from data.core.settings import settings
from data.core.text import parse_whole_number
from routes.errors import answer_json

LONGEST_BODY = 1_000_000
"""In bytes; our pages send a few thousand. Files are imported at the terminal, never through the web."""
LONGEST_SHEET = 16_000_000
LONGEST_BODIES = {"/api/attachments": MOST_BYTES, "/map/sheet": LONGEST_SHEET}
"""Of the addresses that take files, in bytes."""
DELIVERIES = "/api/feeds/"
"""What is sent below it is a delivery of a feed, whose length is a setting."""
LONGEST_WAIT_S, LONGEST_WAIT_FOR_FILE_S = 20.0, 120.0
"""For the whole body, so that a client that sends one byte a second cannot keep a slot."""
LONGEST_ADDRESS = 16_000
"""Characters of path and query; a view with every filter takes two thousand."""


class TooLarge(GridwellError):
    status, code, sentence = 413, "too_large", "The request is larger than {most} bytes."


class TooLong(GridwellError):
    status, code, sentence = 414, "too_long", "The address is longer than {most} characters."


class TooLate(GridwellError):
    status, code, sentence = 408, "too_late", "The request took longer than {most} seconds to arrive."


class RequestLimits:
    """ASGI middleware that stops reading a body that is too large or too slow, whichever code behind it reads the body."""

    def __init__(self, app: ASGIApp, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self.app = app
        self.longest_wait_s = longest_wait_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_ADDRESS:
            await _refuse(TooLong(most=LONGEST_ADDRESS), scope, receive, send)
            return
        names = {name for name, _ in scope["headers"]}
        if b"content-length" not in names and b"transfer-encoding" not in names:
            await self.app(scope, receive, send)
            return
        most = _longest(scope)
        wait_s = self.longest_wait_s if most == LONGEST_BODY else max(self.longest_wait_s, LONGEST_WAIT_FOR_FILE_S)
        if parse_whole_number(Headers(scope=scope).get("content-length", "0"), most) is None:
            await _refuse(TooLarge(most=most), scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(_whole(receive, most), wait_s)
        except TimeoutError:
            await _refuse(TooLate(most=wait_s), scope, receive, send)
        except TooLarge as error:
            await _refuse(error, scope, receive, send)
        else:
            if body["type"] == "http.request":  # otherwise the sender has disconnected, and nobody waits for an answer
                await self.app(scope, _given(body, receive), send)


def _longest(scope: Scope) -> int:
    if scope["method"] == "POST" and scope["path"].startswith(DELIVERIES):
        return settings().feed_most_mb * 1_000_000
    return LONGEST_BODIES.get(scope["path"], LONGEST_BODY)


async def _whole(receive: Receive, most: int) -> Message:
    """The body in one message, or the message that the sender has disconnected."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge(most=most)
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}


def _given(first: Message, receive: Receive) -> Receive:
    """Hand on the body once, then every message that follows."""
    waiting = [first]

    async def receiving() -> Message:
        return waiting.pop() if waiting else await receive()

    return receiving


async def _refuse(error: GridwellError, scope: Scope, receive: Receive, send: Send) -> None:
    # The rest of the data on this connection belongs to the body that nobody reads.
    await answer_json(error, Request(scope), {"Connection": "close"})(scope, receive, send)
