"""Answers that many walls share: each is made once for a state of the data, and at most once in a while, however many ask."""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.connections import service_url
from data.live import changes

KEPT_BYTES = 16_000_000
"""Memory of the cache."""
ENTRY_BYTES = 1_000
LEAST_S = 2.0
"""At most so often an answer is made anew, also where the data change faster. It names the versions that it is of: whoever has heard of
newer ones asks again."""

Made = tuple[bytes, float]
"""An answer, and for how many seconds it is good while the data do not change."""
_Kept = tuple[bytes, float]
"""An answer, and the moment of this process's clock until which it is good."""

_cache: PerLoop[AnswerCache[_Kept]] = PerLoop(lambda: AnswerCache(KEPT_BYTES))


async def share_answer(asked: Hashable, viewer: Viewer, make: Callable[[], Awaitable[Made]]) -> bytes:
    """The answer to what was asked, from memory where somebody with the same rights has just asked the same.

    Args:
        asked: everything that the answer depends on, apart from the data and the viewer's rights.
        viewer: who asks.
        make: makes the answer.

    Raises:
        GridwellError: what ``make`` raises; it is not kept.
    """
    place = (str(service_url()), settings().city, asked, viewer.rights, viewer.role == "wall")

    async def fetch() -> CacheEntry[_Kept]:
        body, good_for_s = await make()
        return CacheEntry((body, monotonic() + good_for_s), len(body) + ENTRY_BYTES, good_for_s)

    async def of_versions() -> CacheEntry[_Kept]:
        known = changes.known_versions()
        if known is None:  # a process that does not hear of changes keeps nothing for longer than it must
            kept = (await fetch()).answer
        else:
            kept = await _cache().get((place, tuple(sorted(known.items()))), fetch)
        return CacheEntry(kept, ENTRY_BYTES, min(LEAST_S, kept[1] - monotonic()))

    return (await _cache().get(place, of_versions))[0]
