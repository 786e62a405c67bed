"""The hub: hands the events of a process to its open streams.

Streams whose viewers have the same rights are one group. For each group PostgreSQL is asked once what there is to tell, as these viewers'
database role; the answer is encoded once and handed to all. A group keeps what it handed out lately. Each stream takes from there at its
own pace; one that is too slow, or comes back after an interruption, reads what it lacks from the database. So nobody waits for anybody,
and nothing piles up in memory.

Nothing is told without PostgreSQL's word that it is new, on the connection on which a change of rights is announced too
(``data.live.changes``). Whoever lost a right is therefore checked before the next event, never after it.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from time import monotonic
from typing import NoReturn

from data.concurrency.per_loop import PerLoop
from data.concurrency.tasks import run_in_background
from data.core import meters
from data.core.errors import GridwellError, Passing
from data.core.viewer import Viewer
from data.live.event_pages import PAGE, EventPage, Position, read_events

_log = logging.getLogger(__name__)

MOST_STREAMS = 2_000
"""Streams of one process."""
MOST_OF_ONE = 12
"""Streams of one session or token. The pages of one browser share one."""
ROUND_S = 0.05
"""The database is asked at most so often: many changes are then one answer."""
RETRY_S = 1.0
HEARD_S = 6.0
"""While nothing was heard of the numbering for so long, nobody is told that all is well: who listens hears that it stands still."""
_KEPT_CHUNKS, _KEPT_BYTES = 600, 4_000_000
"""What a group keeps of what it handed out: half a minute of a busy city."""
MOST_AT_ONCE = 256_000
"""Bytes that one stream is handed at once."""
MOST_REPLAYS = 4
"""Streams that read from the database at once."""


class TooManyStreams(GridwellError):
    status, code, retry_s = 429, "too_many_streams", 30
    sentence = "Too many streams of events are open: at most {most} for one session or token. Close others first."


class NoRoomForStreams(Passing):
    status, code, retry_s = 503, "no_room_for_streams", 10
    sentence = "This server has as many streams of events open as it can. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a group was told of the numbers after ``after`` up to ``through``."""

    after: int
    through: int
    encoded: bytes


class Group:
    """Open streams of viewers with the same rights.

    Args:
        viewer: any of them.
        position: how far the numbering is.
    """

    def __init__(self, viewer: Viewer, position: Position) -> None:
        self.viewer = replace(viewer, name="", shown="", account=None, address="", session="")
        self.position, self.through = position, position.last
        self.streams: set[asyncio.Event] = set()
        self._chunks: deque[Chunk] = deque()
        self._weight = 0

    async def advance(self) -> None:
        """Read what is new, and wake the streams."""
        while True:
            page = await read_events(self.viewer, self.through)
            if page.position.epoch != self.position.epoch:
                self._chunks.clear()
                self._weight, self.through = 0, page.position.last
            elif page.through > self.through:
                self._keep(Chunk(self.through, page.through, page.encoded))
            self.position = page.position
            for stream in self.streams:
                stream.set()
            if page.count < PAGE:
                return

    def take(self, cursor: int) -> Chunk | None:
        """What was told after a number, in one piece; ``None`` where that is not kept any more."""
        if cursor == self.through:
            return Chunk(cursor, cursor, b"")
        behind: list[Chunk] = []
        for chunk in reversed(self._chunks):
            behind.append(chunk)
            if chunk.after <= cursor:
                break
        return _join(behind[::-1]) if behind and behind[-1].after == cursor else None

    def _keep(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self._weight += len(chunk.encoded)
        self.through = chunk.through
        while self._chunks and (len(self._chunks) > _KEPT_CHUNKS or self._weight > _KEPT_BYTES):
            self._weight -= len(self._chunks.popleft().encoded)


def _join(chunks: list[Chunk]) -> Chunk:
    """Chunks that follow each other in one piece, as many as one answer should hold, but at least the first."""
    weights = accumulate(len(chunk.encoded) for chunk in chunks)
    taken = chunks[: max(1, sum(weight <= MOST_AT_ONCE for weight in weights))]
    return Chunk(taken[0].after, taken[-1].through, b"".join(chunk.encoded for chunk in taken))


class Hub:
    """The streams of one process (one event loop)."""

    def __init__(self) -> None:
        self.generation = 0
        """Rises when accounts may have changed: each stream is then checked before it is told anything more."""
        self.ending = False
        self._groups: dict[str, Group] = {}
        self._of_one: Counter[str] = Counter()
        self._woken = asyncio.Event()
        self._heard_at = float("-inf")
        self._replays = asyncio.Semaphore(MOST_REPLAYS)

    @property
    def fresh(self) -> bool:
        """Whether the numbering was heard of lately: then whoever heard of no event missed none."""
        return self.silent_s < HEARD_S

    @property
    def silent_s(self) -> float:
        """For how long nothing was heard of the numbering, in seconds."""
        return monotonic() - self._heard_at

    @property
    def fresh_s(self) -> float:
        """In how many seconds this will not be fresh any more, if nothing is heard until then."""
        return max(0.0, HEARD_S - self.silent_s)

    def hear(self) -> None:
        """Something was numbered, or nothing is new and all is well."""
        self._heard_at = monotonic()
        self._woken.set()

    def doubt(self) -> None:
        """Accounts, sessions or tokens may have changed."""
        self.generation += 1
        self._wake_streams()

    def end(self) -> None:
        """The process ends: streams are closed, and their listeners come back later."""
        self.ending = True
        self._wake_streams()

    @asynccontextmanager
    async def join(self, viewer: Viewer, one: str) -> AsyncIterator[tuple[Group, asyncio.Event]]:
        """A place in the group of a viewer's rights for as long as the block lasts; the event is set when there is something to look at.

        Args:
            viewer: whose rights count.
            one: tells sessions and tokens apart.

        Raises:
            TooManyStreams, NoRoomForStreams: there is no place.
            NotReady, Busy, TooSlow: see ``read_events``.
        """
        if self._of_one[one] >= MOST_OF_ONE:
            raise TooManyStreams(most=MOST_OF_ONE)
        if self._of_one.total() >= MOST_STREAMS or self.ending:
            raise NoRoomForStreams()
        self._of_one[one] += 1
        woken = asyncio.Event()
        try:
            meters.STREAMS.set(self._of_one.total())
            group = await self._group_of(viewer)
            group.streams.add(woken)
            yield group, woken
        finally:
            self._leave(viewer.rights, woken)
            self._of_one[one] -= 1
            self._of_one += Counter()  # without those that have none left
            meters.STREAMS.set(self._of_one.total())

    async def replay(self, viewer: Viewer, after: int, upto: int) -> EventPage:
        """What a single stream lacks of what its group was told.

        Raises:
            NotReady, Busy, TooSlow: see ``read_events``.
        """
        async with self._replays:
            return await read_events(viewer, after, upto)

    async def run(self) -> NoReturn:
        """Tell the groups what is new, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            for group in list(self._groups.values()):
                try:
                    await group.advance()
                except Exception as error:  # whatever is wrong with one group, the others go on
                    _log.warning(
                        "events cannot be read, trying again in %.0f s: %s", RETRY_S, error, exc_info=not isinstance(error, Passing)
                    )
                    self._woken.set()
                    await asyncio.sleep(RETRY_S)
            await asyncio.sleep(ROUND_S)

    async def _group_of(self, viewer: Viewer) -> Group:
        if viewer.rights not in self._groups:
            position = (await read_events(viewer, None)).position
            self._groups.setdefault(viewer.rights, Group(viewer, position))
        return self._groups[viewer.rights]

    def _leave(self, rights: str, woken: asyncio.Event) -> None:
        group = self._groups.get(rights)
        if group is not None:
            group.streams.discard(woken)
            if not group.streams:
                del self._groups[rights]

    def _wake_streams(self) -> None:
        for group in self._groups.values():
            for stream in group.streams:
                stream.set()


current_hub = PerLoop(Hub)
"""The hub of the running event loop."""


@asynccontextmanager
async def run_hub() -> AsyncIterator[None]:
    """Let the hub of this event loop work for as long as the block lasts."""
    hub = current_hub()
    hub.ending = False
    async with run_in_background(hub.run()):
        try:
            yield
        finally:
            hub.end()
