"""Answers that many walls share: each is made once for a state of the data, and at most once in a while, however many ask."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
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
newer ones waits for the next, or asks again."""
HELD_S = 4.0
"""Whoever waits for the next answer waits at most so long before it is begun: a wall calls its figures old after 15 seconds."""
MOST_SHARE, LONGEST_REST_S = 0.2, 10.0
"""An answer that takes long to make is made less often still: for at most this share of the time, but not less often than this."""
_AFTER_S = 0.002
"""Timers may be early by less than this."""

Made = tuple[bytes, float]
"""An answer, and for how many seconds it is good while the data do not change."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer. ``good_until``, ``rests_until``: moments of this process's clock; before the latter it is not made anew.

    ``version``: the newest of the data when it was begun; 0 where this process does not hear of changes.
    """

    body: bytes
    good_until: float
    rests_until: float
    version: int


_cache: PerLoop[AnswerCache[_Kept]] = PerLoop(lambda: AnswerCache(KEPT_BYTES))

MOST_MADE, MOST_WAITING, LONGEST_WAIT_S = 2, 64, 15.0
"""So many answers are made at once, and so many wait for that, so long. Whoever asks waits for them without a place in the queue of
requests, so they need limits here. Who asks what is being made already takes no place: 200 walls of one area are one."""
_making: PerLoop[SlotQueue] = PerLoop(lambda: SlotQueue(MOST_MADE, MOST_WAITING, LONGEST_WAIT_S))


async def share_answer(asked: Hashable, viewer: Viewer, make: Callable[[], Awaitable[Made]], heard: int = 0) -> bytes:
    """The answer to what was asked, from memory where somebody with the same rights has just asked the same.

    Args:
        asked: everything that the answer depends on, apart from the data and the viewer's rights.
        viewer: who asks.
        make: makes the answer.
        heard: newest version of the data that the viewer has heard of and does not show yet. Where the answer in memory is older, the next
            one is waited for, unless that is far off.

    Raises:
        Busy: too many different answers wait to be made.
        GridwellError: what ``make`` raises; it is not kept.
    """
    place = (str(service_url()), settings().city, asked, viewer.rights, viewer.role == "wall")

    async def fetch(version: int) -> CacheEntry[_Kept]:
        with await _making().acquire():
            began = monotonic()
            body, good_for_s = await make()
        # It is of the moment at which it was begun: however long it was made, nobody gets it after its day has ended.
        ended = monotonic()
        rest_s = max(LEAST_S, min(LONGEST_REST_S, (ended - began) / MOST_SHARE))
        kept = _Kept(body, began + good_for_s, ended + rest_s, version)
        return CacheEntry(kept, len(body) + ENTRY_BYTES, kept.good_until - ended)

    async def of_versions() -> CacheEntry[_Kept]:
        known = changes.known_versions()
        if known is None:  # a process that does not hear of changes keeps nothing for longer than it must
            kept = (await fetch(0)).answer
        else:
            kept = await _cache().get((place, tuple(sorted(known.items()))), lambda: fetch(_newest(known)))
        return CacheEntry(kept, ENTRY_BYTES, min(kept.rests_until, kept.good_until) - monotonic())

    asked_at = monotonic()
    await _wait_for_newer(_cache().peek(place), heard)
    kept = await _cache().get(place, of_versions)
    if kept.good_until <= asked_at:  # it was being made when its day ended, and whoever asks afterwards does not want it
        kept = await _cache().get(place, of_versions)
    return kept.body


async def _wait_for_newer(kept: _Kept | None, heard: int) -> None:
    """Let an answer rest to its end where it is older than what was heard, and this process knows of something newer, too."""
    known = changes.known_versions()
    if kept is not None and known is not None and kept.version < min(heard, _newest(known)):
        await asyncio.sleep(min(HELD_S, kept.rests_until + _AFTER_S - monotonic()))


def _newest(versions: Mapping[str, int]) -> int:
    return max(versions.values(), default=0)
