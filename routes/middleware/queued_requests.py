"""Looks in turn: so many are answered at once, some wait a moment, and the rest is told at once to come again.

Tiles have turns of their own where they are made (``data/places/tiles.py``): one that is kept in memory needs none.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.concurrency.queue import SlotQueue, make_query_queue
from data.core.errors import Busy
from data.core.settings import settings
from routes.doors.page import ADDRESS_PREFIXES
from routes.errors import answer
from routes.middleware.compressed_assets import STATIC

FREE = (*STATIC, *ADDRESS_PREFIXES, "/healthz", "/tiles/", "/vendor/", "/_dash-layout", "/_dash-dependencies", "/_favicon")
"""Beginnings of addresses that never wait: they cost nothing, or have turns of their own."""
_FRAME = "/"


def install(app: FastAPI) -> None:
    """Let an app's looks come in turn; ``app.state.looks`` says how many wait."""
    app.state.looks = make_query_queue(settings())
    app.add_middleware(InTurn, turns=app.state.looks)


class InTurn:
    """ASGI middleware in front of all that asks the database.

    Args:
        app: what answers.
        turns: how many at once.
    """

    def __init__(self, app: ASGIApp, turns: SlotQueue) -> None:
        self.app = app
        self.turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on in turn, or refuse before anything is read or computed."""
        if scope["type"] != "http" or scope["path"] == _FRAME or scope["path"].startswith(FREE):
            await self.app(scope, receive, send)
            return
        try:
            turn = await self.turns.acquire()
        except Busy as error:
            await answer(error, Request(scope))(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            # Once it begins, an answer is made: a slow line must not keep the turn.
            turn.release()
            await send(message)

        with turn:
            await self.app(scope, receive, sending)
