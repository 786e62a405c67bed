"""Answers on indicators, cached for all viewers of the same rights who ask the same, until the city's data change."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.connections import service_url
from data.database.transactions import open_snapshot
from data.figures.scope import Nowhere, OutOfScope, explain_missing_area
from data.indicators.composite import find_state
from data.indicators.hours import fetch_hours
from data.indicators.questions import IndicatorQuestion
from data.indicators.reports import fetch_indicators
from data.indicators.trends import TrendQuestion, fetch_trend
from data.indicators.types import HoursAnswer, IndicatorAnswer, TrendAnswer
from data.live import changes

KEPT_VALUES = 50_000
"""Values that the cache holds at most: some 50 MB."""
KEPT_S = 60
"""Seconds for which an answer is kept: whether a deadline is over changes with the clock, which no version announces."""

T = TypeVar("T")
_cache: PerLoop[AnswerCache[Any]] = PerLoop(lambda: AnswerCache(KEPT_VALUES))


async def fetch_kept_indicators(question: IndicatorQuestion, viewer: Viewer) -> IndicatorAnswer:
    """The same as ``data.indicators.reports.fetch_indicators``, from memory where it was asked a moment ago and nothing has changed.

    Raises:
        GridwellError: see there.
    """
    question.check()
    asked = question.allowed(viewer)

    def weigh(made: IndicatorAnswer) -> int:
        return sum(len(group["values"]) for group in made["groups"])

    return await _keep(("indicators", asked), asked.area, viewer, lambda: fetch_indicators(asked, viewer), weigh)


async def fetch_kept_trend(question: TrendQuestion, viewer: Viewer) -> TrendAnswer:
    """Likewise ``data.indicators.trends.fetch_trend``.

    Raises:
        GridwellError: see there.
    """
    question.check()
    asked = question.allowed(viewer)

    def weigh(made: TrendAnswer) -> int:
        return sum(len(group["points"]) + len(group["year_before"]) for group in made["groups"])

    return await _keep(("trend", asked), asked.area, viewer, lambda: fetch_trend(asked, viewer), weigh)


async def fetch_kept_hours(question: IndicatorQuestion, viewer: Viewer) -> HoursAnswer:
    """Likewise ``data.indicators.hours.fetch_hours``.

    Raises:
        GridwellError: see there.
    """
    asked = question.allowed(viewer)
    return await _keep(("hours", asked), asked.area, viewer, lambda: fetch_hours(asked, viewer), lambda made: len(made["hours"]))


async def _keep(asked: Hashable, area: str | None, viewer: Viewer, fetch: Callable[[], Awaitable[T]], weigh: Callable[[T], int]) -> T:
    """An answer from memory. What is asked tells by now what one may know of people, apart from whether it may be asked."""
    known = changes.known_versions()
    if known is None:
        return await fetch()
    where = (str(service_url()), settings().city, tuple(sorted(known.items())), find_state())
    key = (*where, asked, viewer.rights, viewer.lang, viewer.may("person_figures"))

    async def make() -> CacheEntry[T]:
        made = await fetch()
        return CacheEntry(made, 1 + weigh(made), KEPT_S)

    try:
        kept: T = await _cache().get(key, make)
        return kept
    except (OutOfScope, Nowhere) as error:  # the error may name another viewer with the same rights, who asked at the same time
        async with open_snapshot(viewer) as ask:
            raise await explain_missing_area(ask, area or viewer.scope_code, viewer) from error
