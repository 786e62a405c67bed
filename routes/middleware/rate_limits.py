"""How often one caller may ask: a bucket for each that fills up steadily and empties with each request.

Buckets live in the memory of each process, so that with several workers a caller gets up to as many times more: this keeps one careless
program or one guesser from slowing down everybody, and is no account of anything. What must hold over all workers is counted in the
database: failed sign-ins by account (``data/accounts/lockout.py``), looks at whole personal records (``reveal_person``). The guard
stands outside: what it refuses by itself costs one short question, and is not counted.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from data.core.errors import GridwellError
from data.core.settings import settings
from routes.errors import answer
from routes.shared.language import INSIDE

MOST_CALLERS = 20_000
"""Buckets kept; the one that was idle longest makes room. Memory must not follow whoever makes up addresses."""


class TooOften(GridwellError):
    status, code, sentence = 429, "too_often", "Too many requests in a short time. Try again in {seconds} s."

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, and so many a second in the long run."""

    at_once: float
    per_s: float

    def times(self, factor: float) -> "Rate":
        """The same for more or less."""
        return Rate(self.at_once * factor, self.per_s * factor)


STRANGER = Rate(60, 1)
"""By address: who is not signed in sees a form and its style sheet, and sends the form. A whole office may share an address."""
MAP = Rate(1_000, 100)
"""By account: tiles and shapes; a fast flight over a city fetches some hundred."""
OTHER = Rate(200, 20)
"""By account: looks, searches, the machine door."""
_MAP_ADDRESSES = ("/tiles/", "/shapes/", "/incidents/", "/facilities/", "/places/", "/assets/", "/vendor/", "/_dash-component-suites/")


class Buckets:
    """The buckets of one process.

    Args:
        now: a clock in seconds.
        most: buckets kept.
    """

    def __init__(self, now: Callable[[], float] = monotonic, most: int = MOST_CALLERS) -> None:
        self._now, self._most = now, most
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, kind: str, caller: str, rate: Rate) -> float:
        """Take one from a caller's bucket.

        Returns:
            0 when there was one, otherwise seconds until there will be.
        """
        now, key = self._now(), (kind, caller)
        left, seen = self._left.pop(key, (rate.at_once, now))
        left = min(rate.at_once, left + (now - seen) * rate.per_s)
        wait = 0.0 if left >= 1 else (1 - left) / rate.per_s
        self._left[key] = (left if wait else left - 1, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait


def install(app: FastAPI) -> None:
    """Count the requests of an app; the guard has to stand outside."""
    if settings().rate_factor:
        app.add_middleware(Rates, factor=settings().rate_factor)


class Rates:
    """ASGI middleware that refuses who asks too often."""

    def __init__(self, app: ASGIApp, factor: float = 1, buckets: Buckets | None = None) -> None:
        self.app = app
        self.factor = factor
        self.buckets = Buckets() if buckets is None else buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        wait = self.buckets.take(*self._of(scope)) if scope["type"] == "http" and scope["path"] != "/healthz" else 0
        if not wait:
            await self.app(scope, receive, send)
            return
        seconds = ceil(wait)
        await answer(TooOften(seconds), Request(scope), {"Retry-After": str(seconds)})(scope, receive, send)

    def _of(self, scope: Scope) -> tuple[str, str, Rate]:
        """Kind of request, who is counted, and what is theirs."""
        inside = scope.get(INSIDE)
        if inside is None:
            return "stranger", (scope.get("client") or ("",))[0], STRANGER.times(self.factor)
        if scope["path"].startswith(_MAP_ADDRESSES):
            return "map", inside.viewer.name, MAP.times(self.factor)
        return "other", inside.viewer.name, OTHER.times(self.factor)
