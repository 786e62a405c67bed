"""Answers that many walls share: each is made once for a state of the data, and at most once in a while, however many ask."""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.concurrency.queue import SlotQueue
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
MOST_SHARE, LONGEST_REST_S = 0.2, 10.0
"""An answer that takes long to make is made less often still: for at most this share of the time, but not less often than this."""

Made = tuple[bytes, float]
"""An answer, and for how many seconds it is good while the data do not change."""
_Kept = tuple[bytes, float, float]
"""An answer, the moment of this process's clock until which it is good, and for how many seconds it is not made anew."""

_cache: PerLoop[AnswerCache[_Kept]] = PerLoop(lambda: AnswerCache(KEPT_BYTES))

MOST_MADE, MOST_WAITING, LONGEST_WAIT_S = 2, 64, 15.0
"""So many answers are made at once, and so many wait for that, so long. Whoever asks waits for them without a place in the queue of
requests, so they need limits here. Who asks what is being made already takes no place: 200 walls of one area are one."""
_making: PerLoop[SlotQueue] = PerLoop(lambda: SlotQueue(MOST_MADE, MOST_WAITING, LONGEST_WAIT_S))


async def share_answer(asked: Hashable, viewer: Viewer, make: Callable[[], Awaitable[Made]]) -> bytes:
    """The answer to what was asked, from memory where somebody with the same rights has just asked the same.

    Args:
        asked: everything that the answer depends on, apart from the data and the viewer's rights.
        viewer: who asks.
        make: makes the answer.

    Raises:
        Busy: too many different answers wait to be made.
        GridwellError: what ``make`` raises; it is not kept.
    """
    place = (str(service_url()), settings().city, asked, viewer.rights, viewer.role == "wall")

    async def fetch() -> CacheEntry[_Kept]:
        with await _making().acquire():
            began = monotonic()
            body, good_for_s = await make()
        # It is of the moment at which it was begun: however long it was made, nobody gets it after its day has ended.
        took_s = monotonic() - began
        rest_s = max(LEAST_S, min(LONGEST_REST_S, took_s / MOST_SHARE))
        return CacheEntry((body, began + good_for_s, rest_s), len(body) + ENTRY_BYTES, good_for_s - took_s)

    async def of_versions() -> CacheEntry[_Kept]:
        known = changes.known_versions()
        if known is None:  # a process that does not hear of changes keeps nothing for longer than it must
            kept = (await fetch()).answer
        else:
            kept = await _cache().get((place, tuple(sorted(known.items()))), fetch)
        return CacheEntry(kept, ENTRY_BYTES, min(kept[2], kept[1] - monotonic()))

    asked_at = monotonic()
    body, good_until, _ = await _cache().get(place, of_versions)
    if good_until <= asked_at:  # it was being made when its day ended, and whoever asks afterwards does not want it
        body, *_ = await _cache().get(place, of_versions)
    return body
