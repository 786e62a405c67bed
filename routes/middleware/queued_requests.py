"""Requests that use the database are answered a few at a time; some wait for a moment, and the others are told at once to try again.

Tiles have another queue, in ``data/places/tiles.py`` where they are made, because a cached tile does not need to wait.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.concurrency.queue import SlotQueue
from data.core.errors import Busy
from routes.doors.page import ADDRESS_PREFIXES
from routes.errors import answer_error
from routes.middleware.compressed_assets import STATIC

NEVER_QUEUED = (
    *STATIC,
    *ADDRESS_PREFIXES,
    "/healthz",
    "/metrics",
    "/tiles/",
    "/vendor/",
    "/scripts/",
    "/_dash-layout",
    "/_dash-dependencies",
    "/_favicon",
)
"""Beginnings of addresses that never wait: they cost little, or have a queue of their own."""
_FRAME = "/"
_SLOT = "gridwell.slot"
"""Key in the scope of a request for the slot that it holds."""


def leave_queue(request: Request) -> None:
    """Give the slot of a request to the next one: from here on it only waits, and uses no connection."""
    slot = request.scope.get(_SLOT)
    if slot is not None:
        slot.release()


class QueuedRequests:
    """ASGI middleware that limits how many requests use the database at the same time.

    Args:
        app: what answers.
        queue: holds how many requests run at once and how many may wait.
    """

    def __init__(self, app: ASGIApp, queue: SlotQueue) -> None:
        self.app = app
        self.queue = queue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when a slot is free, or refuse it before anything is read or computed."""
        if scope["type"] != "http" or scope["path"] == _FRAME or scope["path"].startswith(NEVER_QUEUED):
            await self.app(scope, receive, send)
            return
        try:
            slot = await self.queue.acquire()
        except Busy as error:
            await answer_error(error, Request(scope))(scope, receive, send)
            return

        async def send_and_release(message: Message) -> None:
            # When the answer begins, the work for it is done. A slow connection must not keep the slot.
            slot.release()
            await send(message)

        scope[_SLOT] = slot
        with slot:
            await self.app(scope, receive, send_and_release)
