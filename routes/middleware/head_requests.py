"""HEAD on every route that answers GET: the same answer without its body, as HTTP requires. FastAPI alone would answer 405."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_ONLY = "gridwell.head_only"
"""Key in the scope of a request whose answer is not read: an answer without an end must not begin."""


class HeadRequests:
    """ASGI middleware that passes a HEAD request on as GET and removes the body of the answer.

    So the same rights and limits apply as to a GET. The server in front of the app still knows that it was a HEAD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a HEAD becomes a GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET", HEAD_ONLY: True}, receive, send_without_body)
