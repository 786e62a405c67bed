"""Requests that ask the database are answered a few at a time: some wait for a moment, and the rest is told at once to come again.

Tiles have a queue of their own where they are made (``data/places/tiles.py``), because a tile that is cached needs none.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.concurrency.queue import SlotQueue
from data.core.errors import Busy
from routes.doors.page import ADDRESS_PREFIXES
from routes.errors import answer_json
from routes.middleware.compressed_assets import STATIC

NEVER_QUEUED = (
    *STATIC,
    *ADDRESS_PREFIXES,
    "/healthz",
    "/tiles/",
    "/vendor/",
    "/scripts/",
    "/_dash-layout",
    "/_dash-dependencies",
    "/_favicon",
)
"""Beginnings of addresses that never wait: they cost little, or have a queue of their own."""
_FRAME = "/"


class QueuedRequests:
    """ASGI middleware that lets only so many requests at once to what asks the database.

    Args:
        app: what answers.
        queue: how many at once, and how many may wait.
    """

    def __init__(self, app: ASGIApp, queue: SlotQueue) -> None:
        self.app = app
        self.queue = queue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on when a slot is free, or refuse before anything is read or computed."""
        if scope["type"] != "http" or scope["path"] == _FRAME or scope["path"].startswith(NEVER_QUEUED):
            await self.app(scope, receive, send)
            return
        try:
            slot = await self.queue.acquire()
        except Busy as error:
            await answer_json(error, Request(scope))(scope, receive, send)
            return

        async def send_and_release(message: Message) -> None:
            # When an answer begins, the work for it is done: a slow connection must not hold the slot.
            slot.release()
            await send(message)

        with slot:
            await self.app(scope, receive, send_and_release)
