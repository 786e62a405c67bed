"""``GET /api/events``: what happens, as server-sent events, for open pages and for programs."""

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from data.accounts.identity import identify_again
from data.accounts.secret_values import hash_value
from data.core import meters
from data.core.errors import SignInNeeded
from data.live.hub import current_hub
from data.live.streams import Confirm, EventStream
from routes.errors import DOCUMENTED
from routes.middleware.head_requests import HEAD_ONLY
from routes.middleware.identification import STREAM, Inside
from routes.shared.language import INSIDE

router = APIRouter(responses=DOCUMENTED)
SEND_S = 20.0
"""A listener that takes nothing for so long is cut off; it may come back and take what it missed."""
_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
"""A proxy that gathers answers, or compresses them, would hold events back."""
_EXAMPLE = {
    "id": "pXbM3oQ4kq0b3r6y7c0nZw",
    "event": "case",
    "data": '{"number": "2026-000123", "step": "dispatch", "stage": "dispatched", "version": 3}',
}
_SHAPE = {"type": "object", "properties": {name: {"type": "string"} for name in _EXAMPLE}}
"""Of one event, as OpenAPI describes streams."""
_DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events until one side closes; see docs/live.md",
        "content": {"text/event-stream": {"schema": _SHAPE, "example": _EXAMPLE}},
    },
    429: {"description": "This session or token has too many streams open"},
}


class EventAnswer(Response):
    """An answer that goes on until the listener leaves, or the server ends it."""

    media_type = "text/event-stream"

    def __init__(self, inside: Inside, last_id: str | None, wait: bool) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._inside, self._last_id, self._wait = inside, last_id, wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is to tell."""
        viewer, one = self._inside.viewer, hash_value(self._inside.value).hex()
        async with current_hub().join(viewer, one) as (group, woken):
            stream = EventStream(current_hub(), group, woken, viewer, _confirm(self._inside))
            try:
                await self._send(stream, send)
            except TimeoutError:
                meters.STREAMS_ENDED.labels("slow").inc()
            except asyncio.CancelledError:
                meters.STREAMS_ENDED.labels("left").inc()
                raise
            else:
                meters.STREAMS_ENDED.labels(stream.reason).inc()

    async def _send(self, stream: EventStream, send: Send) -> None:
        async with aclosing(stream.parts(self._last_id, self._wait)) as parts:
            first = await anext(parts)  # what cannot begin is answered as every other error
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for part in parts:
                async with asyncio.timeout(SEND_S):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _confirm(inside: Inside) -> Confirm:
    async def confirm() -> bool:
        known = await identify_again("session" if inside.way == "session" else "token", inside.value)
        return known is not None and known.step == "full" and known.viewer.rights == inside.viewer.rights

    return confirm


@router.get(
    STREAM, summary="What happens, as it happens", tags=["api"], response_class=Response, response_model=None, responses=_DOCUMENTED
)
async def get_events(
    request: Request,
    last_event_id: Annotated[str | None, Header(description="Id of the last event that you have; without it, from now on")] = None,
    after: Annotated[str | None, Query(description="The same for who cannot send that header")] = None,
    wait: Annotated[
        bool, Query(description="false: only what there is now, then the answer ends", openapi_examples={"now": {"value": "false"}})
    ] = True,
) -> Response:
    """Server-sent events: a case that you may see has changed, or figures have. They say what changed and where; read the rest anew."""
    inside: Inside | None = request.scope.get(INSIDE)
    if inside is None:
        raise SignInNeeded()
    if request.scope.get(HEAD_ONLY):
        return Response(media_type=EventAnswer.media_type, headers=_HEADERS)
    return EventAnswer(inside, last_event_id or after or None, wait)
