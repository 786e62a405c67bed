"""Answers on indicators, cached for all viewers of the same rights who ask the same, until the city's data change."""

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.connections import service_url
from data.database.transactions import open_snapshot
from data.figures.scope import Nowhere, OutOfScope, explain_missing_area
from data.indicators.composite import find_state
from data.indicators.questions import IndicatorQuestion
from data.indicators.reports import fetch_indicators
from data.indicators.types import IndicatorAnswer
from data.live import changes

KEPT_VALUES = 50_000
"""Values that the cache holds at most: some 50 MB."""
KEPT_S = 60
"""Seconds for which an answer is kept: whether a deadline is over changes with the clock, which no version announces."""

_cache: PerLoop[AnswerCache[IndicatorAnswer]] = PerLoop(lambda: AnswerCache(KEPT_VALUES))


async def fetch_kept_indicators(question: IndicatorQuestion, viewer: Viewer) -> IndicatorAnswer:
    """The same as ``data.indicators.reports.fetch_indicators``, from memory where it was asked a moment ago and nothing has changed.

    Raises:
        GridwellError: see there.
    """
    question.check()
    asked = question.allowed(viewer)
    known = changes.known_versions()
    if known is None:
        return await fetch_indicators(asked, viewer)
    where = (str(service_url()), settings().city, tuple(sorted(known.items())), find_state())
    # What one may know of people is in the question by now, apart from the question itself being allowed.
    key = (*where, asked, viewer.rights, viewer.lang, viewer.may("person_figures"))

    async def make() -> CacheEntry[IndicatorAnswer]:
        made = await fetch_indicators(asked, viewer)
        return CacheEntry(made, 1 + sum(len(group["values"]) for group in made["groups"]), KEPT_S)

    try:
        return await _cache().get(key, make)
    except (OutOfScope, Nowhere) as error:  # the error may name another viewer with the same rights, who asked at the same time
        async with open_snapshot(viewer) as ask:
            raise await explain_missing_area(ask, question.area or viewer.scope_code, viewer) from error
