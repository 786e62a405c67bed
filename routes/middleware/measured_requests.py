"""Counts answers by route and status, and measures how long each took to begin, for ``/metrics``.

The route's template is counted and never the address: addresses hold codes of areas and would be a new series each.
"""

from functools import lru_cache
from time import monotonic

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.concurrency.queue import SlotQueue
from data.core import meters
from data.core.settings import settings
from data.database.connections import engine

_TILES, _TILE = "/tiles/", "/tiles/{layer}/{z}/{x}/{y}.mvt"
"""Tiles from memory are answered before any route is chosen."""
NO_ROUTE = "(none)"
"""Where a middleware answered before any route was chosen: refusals, mostly."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class MeasuredRequests:
    """ASGI middleware around everything.

    Args:
        app: what answers.
        queue: the requests' queue, whose length is told.
    """

    def __init__(self, app: ASGIApp, queue: SlotQueue) -> None:
        self.app = app
        self.queue = queue
        self._measured: tuple[int, int, int] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when its answer begins."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, method = monotonic(), scope["method"] if scope["method"] in _METHODS else "other"

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                answers, seconds = _series(method, _route(scope), message["status"])
                answers.inc()
                seconds.observe(monotonic() - began)
            await send(message)

        try:
            await self.app(scope, receive, send_and_count)
        finally:
            self._measure_load()

    def _measure_load(self) -> None:
        used = engine().pool.checkedout()  # type: ignore[attr-defined]  # every queue pool has it
        measured = (self.queue.waiting, settings().pool_size, used)
        if measured != self._measured:
            self._measured = measured
            for meter, value in zip((meters.WAITING, meters.POOL_SIZE, meters.POOL_USED), measured, strict=True):
                meter.set(value)


@lru_cache(4096)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The two series that an answer is counted in. To find them by their labels costs more than to count."""
    return meters.REQUESTS.labels(method, route, status), meters.SECONDS.labels(route)


def _route(scope: Scope) -> str:
    if (route := scope.get("route")) is not None:
        return str(route.path)
    return _TILE if scope["path"].startswith(_TILES) else NO_ROUTE
