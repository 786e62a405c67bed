"""Walls in a process of their own, without browsers: each does what the page does, and keeps what it showed, and when.

A wall hears events, asks for figures when newer ones are told (at most once in ``LEAST_S``, as ``assets/scripts/wall/asking.js``), and
tells how it is every half minute.
"""

import asyncio
import json
import multiprocessing
import re
import secrets
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from urllib.parse import urlsplit

from bench.client import Connection
from bench.model import Json, Unmeasured

LEAST_S, QUIET_S, BEAT_S = 2.0, 60.0, 30.0
_FIGURES, _BEAT = "/api/wall/figures?lang=zh", "/api/wall/screens/heartbeat"
_BEGIN = ("/wall/map?lang=zh", "/api/wall/tour?wall=main", *("/api/wall/time",) * 8)
_VERSION = re.compile(rb'"incidents": ?(\d+)')
_OPEN = re.compile(rb'"open":\{"n":(\d+)')
_HEAD_BYTES = 4_000
_SETTLE_S, _PATIENCE_S = 20.0, 120.0

Moments = list[tuple[int, float]]
"""Versions of the cases, and when, by ``time.monotonic``, each was heard of or shown."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What all walls saw together.

    Attributes:
        heard_ms, shown_ms: from each change until each wall heard of it, and until it showed figures that hold it.
        lost: changes that a wall never showed, over all walls.
        opened: open cases that each wall shows at the end.
        asked, failed: questions for figures, and those without an answer.
        answer_ms: how long the answers took.
    """

    heard_ms: list[float]
    shown_ms: list[float]
    lost: int
    opened: list[int]
    asked: int
    failed: int
    answer_ms: list[float]


@dataclass(slots=True)
class Wall:
    """One wall: what it heard of and showed."""

    token: str
    heard: Moments = field(default_factory=list)
    shown: Moments = field(default_factory=list)
    opened: int = -1
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    failed: int = 0
    answer_ms: list[float] = field(default_factory=list)

    @property
    def newest(self) -> int:
        """The newest version that it heard of."""
        return self.heard[-1][0] if self.heard else 0

    def hear(self, version: int) -> None:
        """An event tells a version."""
        if version > self.newest:
            self.heard.append((version, time.monotonic()))
            self.news.set()


class Walls:
    """The other end of the walls' process."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def judge(self, changes: Moments) -> Seen:
        """Wait until everything is shown, and say what was."""
        self._pipe.send(changes)
        if not self._pipe.poll(_PATIENCE_S):
            raise Unmeasured("the walls say nothing")
        found: Seen = self._pipe.recv()
        return found


@contextmanager
def hanging(url: str, known: Sequence[str]) -> Iterator[Walls]:
    """Walls until the block ends.

    Args:
        url: of the server.
        known: a token for each.
    """
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(url, list(known), theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_PATIENCE_S) or ours.recv() != "ready":
            raise Unmeasured("the walls show nothing")
        yield Walls(ours)
    finally:
        process.terminate()
        process.join()


def _run(url: str, known: list[str], pipe: Pipe) -> None:
    asyncio.run(_show(url, known, pipe))


async def _show(url: str, known: list[str], pipe: Pipe) -> None:
    walls = [Wall(token) for token in known]
    tasks = [asyncio.create_task(work(url, one)) for one in walls for work in (_hear, _renew, _tell)]
    for one in walls:
        await one.ready.wait()
    pipe.send("ready")
    changes: Moments = await asyncio.to_thread(pipe.recv)
    last, until = changes[-1][0], time.monotonic() + _SETTLE_S
    while time.monotonic() < until and any(one.shown[-1][0] < last for one in walls):  # noqa: ASYNC110 -- other tasks show it
        await asyncio.sleep(0.2)
    pipe.send(judge(walls, changes))
    await asyncio.sleep(_PATIENCE_S)  # until this process is ended, so that what was sent is read
    del tasks


def judge(walls: Sequence[Wall], changes: Moments) -> Seen:
    """What walls saw of changes: one is seen with the first figures that are of its version or a newer one."""
    heard, shown = [find_waits(one.heard, changes) for one in walls], [find_waits(one.shown, changes) for one in walls]
    return Seen(
        [wait for waits in heard for wait in waits],
        [wait for waits in shown for wait in waits],
        sum(len(changes) - len(waits) for waits in shown),
        [one.opened for one in walls],
        sum(one.asked for one in walls),
        sum(one.failed for one in walls),
        [wait for one in walls for wait in one.answer_ms],
    )


def find_waits(moments: Moments, changes: Moments) -> list[float]:
    """Milliseconds from each change until the first moment of its version or a newer one; without those that never came."""
    waits, place = [], 0
    for version, at in changes:
        while place < len(moments) and moments[place][0] < version:
            place += 1
        if place < len(moments):
            waits.append((moments[place][1] - at) * 1000)
    return waits


async def _hear(url: str, one: Wall) -> None:
    """The stream of events; it is opened again where it breaks."""
    where = urlsplit(url)
    while True:
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(f"GET /api/events HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {one.token}\r\n\r\n".encode())
        rest = b""
        while part := await reader.read(65_536):
            text, _, rest = (rest + part).rpartition(b"\n")
            for version in _VERSION.findall(text):
                one.hear(int(version))
        await asyncio.sleep(1)


async def _renew(url: str, one: Wall) -> None:
    """Figures whenever newer ones are told, and once a minute."""
    async with Connection(url, _headers(one)) as http:
        for path in _BEGIN:
            await http.get(path)
        while True:
            begin = time.monotonic()
            one.news.clear()
            one.asked += 1
            try:
                waits = one.shown and one.newest > one.shown[-1][0]
                reply = await http.get(f"{_FIGURES}&heard={one.newest}" if waits else _FIGURES)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                reply = None
            if reply is None or reply.status != 200:
                one.failed += 1
            else:
                one.answer_ms.append(reply.seconds * 1000)
                _take(one, reply.body)
                one.ready.set()
            await asyncio.sleep(max(0.0, begin + LEAST_S - time.monotonic()))
            if not one.shown or one.shown[-1][0] >= one.newest:
                await _rest(one)


async def _rest(one: Wall) -> None:
    try:
        async with asyncio.timeout(QUIET_S):
            await one.news.wait()
    except TimeoutError:
        return


def _take(one: Wall, body: bytes) -> None:
    """The version stands at the beginning; the rest is not unpacked, because the machine is the server's."""
    head = zlib.decompressobj(31).decompress(body, _HEAD_BYTES) if body[:2] == b"\x1f\x8b" else body[:_HEAD_BYTES]
    version, opened = _VERSION.search(head), _OPEN.search(head)
    if version is None or opened is None:
        raise ValueError(f"these are no figures: {head[:200]!r}")
    one.shown.append((int(version[1]), time.monotonic()))
    one.opened = int(opened[1])


async def _tell(url: str, one: Wall) -> None:
    screen, told = secrets.token_hex(16), {"wall": "main", "scene": "bench", "fps": 30, "heap_mb": 60, "size": "1920x1080"}
    async with Connection(url, _headers(one)) as http:
        await asyncio.sleep(BEAT_S * secrets.randbelow(1000) / 1000)
        while True:
            beat: Json = {"screen": screen, **told, "plays": []}
            await http.post(_BEAT, json.dumps(beat).encode())
            await asyncio.sleep(BEAT_S)


def _headers(one: Wall) -> dict[str, str]:
    return {"Authorization": f"Bearer {one.token}", "Accept-Encoding": "gzip"}
