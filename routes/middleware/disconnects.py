"""Who goes away is not worked for: when a browser closes its connection, the answer that is being made for it is given up.

The task that makes it is cancelled; psycopg then cancels the statement in the database, and the connection goes back to the pool.
"""

import asyncio

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_S = 0.05
"""Nobody looks out for answers that take less; most do, and pay nothing for this."""


def install(app: FastAPI) -> None:
    """Give up what nobody waits for any more."""
    app.add_middleware(Gone)


class Gone:
    """ASGI middleware that cancels what a request started once the one who sent it has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and look out."""
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self.app(scope, receive, send)
            return
        lookout = _Lookout(Headers(scope=scope), receive, send, task)
        timer = asyncio.get_running_loop().call_later(PATIENCE_S, lookout.begin)
        try:
            await self.app(scope, lookout.receive, lookout.send)
        except asyncio.CancelledError:
            # Only our own cancelling ends here; the server's, at its end, goes on.
            if not lookout.left.is_set() or task.uncancel() > 0:
                raise
        finally:
            timer.cancel()
            lookout.end()


class _Lookout:
    """One request and its answer.

    ASGI tells of a closed connection only to whoever asks for the next part of the request. So the application reads its body first,
    as it comes and within its own limits; from then on the lookout is the only one who asks.
    """

    def __init__(self, headers: Headers, receive: Receive, send: Send, task: "asyncio.Task[object]") -> None:
        self.left = asyncio.Event()
        self._receive, self._send, self._task = receive, send, task
        self._read = asyncio.Event()
        self._empty = "content-length" not in headers and "transfer-encoding" not in headers
        if self._empty:
            self._read.set()
        self._answered = False
        self._watching: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """What the application receives."""
        if not self._read.is_set():
            message = await self._receive()
            if not message.get("more_body", False):
                self._read.set()
            return message
        if self._empty:
            self._empty = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """What the application sends."""
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._answered = True
        await self._send(message)

    def begin(self) -> None:
        """Look out from now on."""
        self._watching = asyncio.create_task(self._watch())

    def end(self) -> None:
        """Nothing is left to give up."""
        if self._watching:
            self._watching.cancel()

    async def _watch(self) -> None:
        await self._read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left.set()
        if not self._answered:
            self._task.cancel()
