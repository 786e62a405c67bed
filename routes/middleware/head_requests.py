"""HEAD on whatever answers GET: the same answer without its body, as HTTP has it; FastAPI alone would say 405."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Asks what is behind it as GET, under the same rights and limits; the server in front knows that it was HEAD, and sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


def install(app: FastAPI) -> None:
    """Put it in front of everything."""
    app.add_middleware(Heads)
