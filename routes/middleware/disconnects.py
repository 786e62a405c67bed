"""When a browser closes its connection, the work on its answer is cancelled.

psycopg then cancels the statement in the database, and the connection goes back to the pool.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_S = 0.05
"""Answers that take less time than this are not watched. These are most answers, and they cost nothing here."""


class CancelOnDisconnect:
    """ASGI middleware that cancels the work on an answer once the client has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and watch the connection meanwhile."""
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self.app(scope, receive, send)
            return
        watch = _ConnectionWatch(Headers(scope=scope), receive, send, task)
        timer = asyncio.get_running_loop().call_later(PATIENCE_S, watch.begin)
        try:
            await self.app(scope, watch.receive, watch.send)
        except asyncio.CancelledError:
            # Stop only the cancellation that we started. A cancellation by a server that shuts down must go on.
            if not watch.disconnected.is_set() or task.uncancel() > 0:
                raise
        finally:
            timer.cancel()
            watch.end()


class _ConnectionWatch:
    """Watches the connection of one request.

    ASGI reports a closed connection only to code that waits for the next part of the request. So the application first reads the body,
    as it arrives and within its own limits; after that only the watch waits for the next part.
    """

    def __init__(self, headers: Headers, receive: Receive, send: Send, task: "asyncio.Task[object]") -> None:
        self.disconnected = asyncio.Event()
        self._receive, self._send, self._task = receive, send, task
        self._body_read = asyncio.Event()
        self._empty_body_due = "content-length" not in headers and "transfer-encoding" not in headers
        if self._empty_body_due:
            self._body_read.set()
        self._answered = False
        self._watching: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """Give the application the next message of the request."""
        if not self._body_read.is_set():
            message = await self._receive()
            if not message.get("more_body", False):
                self._body_read.set()
            return message
        if self._empty_body_due:
            self._empty_body_due = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send a message of the application's answer."""
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._answered = True
        await self._send(message)

    def begin(self) -> None:
        """Start to watch."""
        self._watching = asyncio.create_task(self._watch())

    def end(self) -> None:
        """Stop watching, because the answer is complete."""
        if self._watching:
            self._watching.cancel()

    async def _watch(self) -> None:
        await self._body_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.disconnected.set()
        if not self._answered:
            self._task.cancel()
