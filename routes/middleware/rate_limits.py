"""How often one caller may ask: each caller has a bucket of tokens that fills up steadily and loses one with each request.

Buckets live in the memory of each process, so N workers allow a caller up to N times as many requests. They prevent one careless program or
one guesser from slowing down everybody; they record nothing. Limits that must hold over all workers are counted in the database:
failed sign-ins by account (``data/accounts/lockout.py``), looks at whole personal records (``reveal_person``).

The guard runs first. A request that it refuses without asking the database costs nothing and is not counted. A credential that it must
look up is first counted by address: see ``CredentialLookups``.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import TypeVar

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from data.core.addresses import caller_of
from data.core.errors import GridwellError
from routes.doors.style_sheet import STYLE
from routes.errors import answer_error
from routes.shared.language import INSIDE

T = TypeVar("T")
MOST_CALLERS = 20_000
"""How many buckets are kept; the one that was idle longest is dropped. Limited, because anybody can invent callers."""
MOST_CONFIRMED = 10_000
"""How many valid credentials are remembered."""
_COUNTED = "gridwell.counted"
"""Key in the scope of a request that has been counted already."""


class TooOften(GridwellError):
    status, code, sentence = 429, "too_often", "Too many requests in a short time. Try again in {seconds} s."

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = self.retry_s = seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests are allowed at once, and how many a second in the long run."""

    at_once: float
    per_s: float

    def times(self, factor: float) -> "Rate":
        """The rate times a factor. A bucket always holds at least one request, because otherwise nobody could ask."""
        return Rate(max(1.0, self.at_once * factor), self.per_s * factor)


OPEN_FILES = frozenset({"/assets/favicon.svg", STYLE})
"""Files that are open to everybody."""
STRANGER = Rate(60, 1)
"""By address: a visitor who is not signed in loads a form and its style sheet, and sends the form. A whole office may share an address."""
FILES = Rate(1_000, 100)
"""By address: the icon and the style sheet, for which nobody is looked up. Whoever is signed in loads them with each page outside the map,
so they must not use up what strangers may ask: a whole office could no longer sign in."""
MAP = Rate(1_000, 100)
"""By account: tiles and shapes; a fast flight over a city fetches some hundred."""
OTHER = Rate(200, 20)
"""By account: pages, searches, the programming interface."""
STEPS = "/api/cases"
"""Whatever is sent to this address, or to one below it, is counted apart: one account may be a program that feeds a whole city."""
EXPORT = "/api/cases/export"
EXPORTS = Rate(6, 1 / 20)
"""By account: files of cases, each of which reads up to a hundred thousand."""
STEPS_AT_ONCE_S = 4.0
"""A bucket of steps holds what may be sent in so many seconds."""
CASES_OF_ONE = 10
"""A step on many cases counts once for every so many of them, because together they cost less."""
_STEPS = "gridwell.steps"
"""Key in the scope of a request for the bucket of its account's steps."""
_MAP_ADDRESSES = (
    "/tiles/",
    "/shapes/",
    "/incidents/",
    "/facilities/",
    "/places/",
    "/assets/",
    "/vendor/",
    "/scripts/",
    "/_dash-component-suites/",
)


class Buckets:
    """The buckets of one process.

    Args:
        now: a clock in seconds.
        most: how many buckets are kept.
    """

    def __init__(self, now: Callable[[], float] = monotonic, most: int = MOST_CALLERS) -> None:
        self._now, self._most = now, most
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, kind: str, caller: str, rate: Rate, count: float = 1) -> float:
        """Take a token from a caller's bucket, or several.

        Returns:
            0 if there were so many, otherwise the seconds until there will be.
        """
        now, key = self._now(), (kind, caller)
        left, seen = self._left.pop(key, (rate.at_once, now))
        left = min(rate.at_once, left + (now - seen) * rate.per_s)
        wait = 0.0 if left >= count else (count - left) / rate.per_s
        self._left[key] = (left if wait else left - count, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait

    def give_back(self, kind: str, caller: str) -> None:
        """Put back one token that should not count; ``take`` prevents a bucket from holding too many."""
        if (found := self._left.get((kind, caller))) is not None:
            self._left[kind, caller] = (found[0] + 1, found[1])


class CredentialLookups:
    """Looks up credentials in the database, and limits for each address the look-ups that find nobody.

    A token is taken from the address's bucket before the look-up and given back if it finds somebody. A credential that was valid recently
    is looked up without counting, so that a guesser cannot empty the bucket for colleagues behind the same address.

    Args:
        buckets: count the requests of unknown callers.
        factor: multiplies the usual rate; 0 counts nothing.
    """

    def __init__(self, buckets: Buckets, factor: float = 1) -> None:
        self._buckets, self._factor = buckets, factor
        self._confirmed: OrderedDict[bytes, None] = OrderedDict()

    async def find(self, scope: Scope, value: str, look_up: Callable[[str], Awaitable[T | None]]) -> T | None:
        """The person or device that a request's credential belongs to; ``None`` if it belongs to nobody.

        Raises:
            TooOften: the address has caused too many look-ups that found nobody.
        """
        digest = hashlib.sha256(value.encode()).digest()
        counted = bool(self._factor) and digest not in self._confirmed
        if counted:
            self._take(scope)
        found = await look_up(value)
        if found is None:
            self._confirmed.pop(digest, None)
            return None
        if counted:
            self._buckets.give_back("stranger", _address(scope))
            scope[_COUNTED] = False
        self._confirmed[digest] = None
        self._confirmed.move_to_end(digest)
        if len(self._confirmed) > MOST_CONFIRMED:
            self._confirmed.popitem(last=False)
        return found

    def _take(self, scope: Scope) -> None:
        if wait := self._buckets.take("stranger", _address(scope), STRANGER.times(self._factor)):
            raise TooOften(ceil(wait))
        scope[_COUNTED] = True


class RateLimits:
    """ASGI middleware that refuses callers who ask too often. The guard must run before it, because the guard finds the account.

    Args:
        app: what answers.
        factor: multiplies the usual rates; 0 counts nothing.
        buckets: the same buckets as in the guard's ``CredentialLookups``.
        steps_per_s: how many steps of cases one account may send in the long run.
    """

    def __init__(self, app: ASGIApp, factor: float = 1, buckets: Buckets | None = None, steps_per_s: float = 300) -> None:
        self.app = app
        self.factor = factor
        self._steps = Rate(steps_per_s * STEPS_AT_ONCE_S, steps_per_s).times(factor)
        rates = (STRANGER, FILES, MAP, OTHER, EXPORTS)
        self._stranger, self._files, self._map, self._other, self._exports = (rate.times(factor) for rate in rates)
        self.buckets = Buckets() if buckets is None else buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        wait = self._take(scope) if scope["type"] == "http" and scope["path"] != "/healthz" and self.factor else 0
        if not wait:
            await self.app(scope, receive, send)
            return
        seconds = ceil(wait)
        await answer_error(TooOften(seconds), Request(scope), {"Retry-After": str(seconds)})(scope, receive, send)

    def _take(self, scope: Scope) -> float:
        inside = scope.get(INSIDE)
        if scope["path"] in OPEN_FILES:
            return self.buckets.take("file", _address(scope), self._files)
        if inside is None:
            return 0 if scope.get(_COUNTED) else self.buckets.take("stranger", _address(scope), self._stranger)
        if scope["path"].startswith(_MAP_ADDRESSES):
            return self.buckets.take("map", inside.viewer.name, self._map)
        if scope["path"] == EXPORT:
            return self.buckets.take("export", inside.viewer.name, self._exports)
        if scope["method"] == "POST" and scope["path"].startswith(STEPS):
            scope[_STEPS] = self.buckets, self._steps
            return self.buckets.take("steps", inside.viewer.name, self._steps)
        return self.buckets.take("other", inside.viewer.name, self._other)


def count_cases(scope: Scope, cases: int) -> None:
    """Count a step on many cases once for every ``CASES_OF_ONE`` of them; the request itself has been counted once already.

    Raises:
        TooOften: the account has sent too many steps.
    """
    counted: tuple[Buckets, Rate] | None = scope.get(_STEPS)
    if counted is not None:
        buckets, rate = counted
        more = min((cases - 1) // CASES_OF_ONE, rate.at_once - 1)  # a full bucket is enough for anything
        if wait := buckets.take("steps", scope[INSIDE].viewer.name, rate, more):
            raise TooOften(ceil(wait))


def _address(scope: Scope) -> str:
    return caller_of(str((scope.get("client") or ("",))[0]))
