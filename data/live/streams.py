"""One listener's stream: what was missed, then what happens, and now and then that all is well."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from time import monotonic
from typing import Literal

from data.core.errors import Passing
from data.core.viewer import Viewer
from data.live.changes import known_versions
from data.live.event_pages import Position, read_events
from data.live.hub import RETRY_S, ROUND_S, Group, Hub

Confirm = Callable[[], Awaitable[bool]]
"""Whether the listener still has the rights that the stream began with."""
BEAT_S = 15.0
"""A listener hears at least so often that all is well; one that does not for twice as long should come back."""
CHECK_S = 15.0
"""A session may end by itself, so whoever listens is looked up this often even if no account changed."""
MOST_SILENT_S = 86_400.0
"""A process that has heard nothing since it began says so."""
MOST_REPLAYED = 50_000
"""Whoever missed more numbers than this starts anew: that is quicker."""
BACK_MS, BACK_SOON_MS = (1_000, 5_000), (100, 500)
"""When a listener comes back by itself after an interruption: not all at once, and soon where only the rights are to be looked up."""


class EventStream:
    """One listener.

    Args:
        hub: of this process.
        group: of the listener's rights.
        woken: set by the hub when there is something to look at.
        viewer: the listener.
        confirm: asks whether the rights are still the same.
    """

    def __init__(self, hub: Hub, group: Group, woken: asyncio.Event, viewer: Viewer, confirm: Confirm) -> None:
        self.reason: Literal["left", "rights", "ending", "done"] = "left"
        """Why the stream ended."""
        self._hub, self._group, self._woken, self._viewer, self._confirm = hub, group, woken, viewer, confirm
        self._position, self._cursor = group.position, group.through
        self._generation, self._check_at = -1, 0.0
        self._silence_told = False

    async def parts(self, last_id: str | None, wait: bool = True) -> AsyncGenerator[bytes]:
        """What is sent, part by part; each part holds whole events.

        Args:
            last_id: of the last event that the listener has; ``None`` begins now.
            wait: go on when everything is told; otherwise the stream ends then.

        Raises:
            NotReady, Busy, TooSlow: at the beginning; later the stream waits.
        """
        yield _retry(BACK_MS) + await self._begin(last_id)
        beat_at, confirmed = monotonic() + BEAT_S, True
        while not self._hub.ending:
            self._woken.clear()
            if self._is_in_doubt:
                checking = asyncio.ensure_future(self._is_confirmed())
                async with aclosing(self._silence_until(checking)) as silences:
                    async for silence in silences:
                        yield silence
                confirmed = checking.result()
            if not confirmed:
                self.reason = "rights"
                yield _retry(BACK_SOON_MS)
                return
            before = self._cursor
            if part := await self._next():
                yield part
                beat_at, self._silence_told = monotonic() + BEAT_S, False
            elif self._cursor != before:
                continue
            elif not wait:
                self.reason = "done"
                return
            elif self._hub.fresh and (self._silence_told or monotonic() >= beat_at):
                yield self._event("beat", {})
                beat_at, self._silence_told = monotonic() + BEAT_S, False
            elif silence := self._tell_silence():
                yield silence
            else:
                fresh_until = monotonic() + (BEAT_S if self._silence_told else self._hub.fresh_s)
                await self._rest(max(min(beat_at, self._check_at, fresh_until) - monotonic(), ROUND_S))
        self.reason = "ending"
        yield _retry(BACK_MS)

    async def _begin(self, last_id: str | None) -> bytes:
        if last_id is None:
            return self._ready()
        position = (await read_events(self._viewer, None)).position
        seq = position.decode(last_id)
        if seq is None or seq > position.last:
            return self._reset("unknown") + self._ready()
        if seq < position.pruned or position.last - seq > MOST_REPLAYED:
            return self._reset("too_old") + self._ready()
        self._cursor = seq
        return self._ready()

    @property
    def _is_in_doubt(self) -> bool:
        return self._generation != self._hub.generation or monotonic() >= self._check_at

    async def _is_confirmed(self) -> bool:
        """Whether the rights are the same; asks where they may have changed. Nothing is sent while nobody can say."""
        while self._is_in_doubt:
            generation = self._hub.generation
            try:
                if not await self._confirm():
                    return False
            except Passing:
                await asyncio.sleep(RETRY_S)
                continue
            self._generation, self._check_at = generation, monotonic() + CHECK_S
        return True

    async def _silence_until(self, checking: asyncio.Future[bool]) -> AsyncGenerator[bytes]:
        """What may be told while nobody can say whether the rights are the same: that nothing is heard."""
        try:
            while not checking.done():
                await asyncio.wait({checking}, timeout=max(self._hub.fresh_s, RETRY_S))
                if not checking.done() and (silence := self._tell_silence()):
                    yield silence
        finally:
            checking.cancel()

    def _tell_silence(self) -> bytes:
        """Once in each silence, that nothing is heard of the database; otherwise nothing."""
        if self._hub.fresh or self._silence_told:
            return b""
        self._silence_told = True
        return self._event("silence", {"seconds": round(min(self._hub.silent_s, MOST_SILENT_S), 1)})

    async def _next(self) -> bytes:
        """The next events; none where there are none yet, or where it has to be asked again."""
        if self._group.position.epoch != self._position.epoch:
            return self._reset("unknown")
        if self._cursor > self._group.through:
            return b""  # another process has told this listener more than this one has heard of
        chunk = self._group.take(self._cursor)
        if chunk is not None:
            self._cursor = chunk.through
            return chunk.encoded
        return await self._replay()

    async def _replay(self) -> bytes:
        try:
            page = await self._hub.replay(self._viewer, self._cursor, self._group.through)
        except Passing:
            await asyncio.sleep(RETRY_S)
            return b""
        if self._generation != self._hub.generation or page.position.epoch != self._position.epoch:
            await asyncio.sleep(ROUND_S)
            return b""
        if page.position.pruned > self._cursor:
            return self._reset("too_old")
        self._cursor = page.through
        return page.encoded

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _ready(self) -> bytes:
        return self._event("ready", {"versions": dict(known_versions() or {})})

    def _reset(self, reason: str) -> bytes:
        """Tells the listener to read everything anew, and goes on from now; ``oldest`` is the oldest id that can be replayed from."""
        self._position, self._cursor = self._group.position, self._group.through
        return self._event("reset", {"reason": reason, "oldest": self._position.encode(self._position.pruned)})

    def _event(self, kind: str, body: dict[str, object]) -> bytes:
        return encode_event(self._position, self._cursor, kind, body)


def encode_event(position: Position, seq: int, kind: str, body: dict[str, object]) -> bytes:
    """An event that is about the stream itself."""
    return f"id: {position.encode(seq)}\nevent: {kind}\ndata: {json.dumps(body)}\n\n".encode()


def _retry(between: tuple[int, int]) -> bytes:
    return f"retry: {random.randint(*between)}\n\n".encode()
