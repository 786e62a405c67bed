"""Listeners in a process of their own: what each heard of changes of cases, and when."""

import asyncio
import multiprocessing
import re
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from urllib.parse import urlsplit

from bench.model import Unmeasured

_STEP = re.compile(rb'"number": "([^"]+)", "version": (\d+)')
_SETTLE_S, _PATIENCE_S = 15.0, 120.0

Step = tuple[bytes, bytes]
"""Number of a case, and its version after the step."""


@dataclass(frozen=True, slots=True)
class Told:
    """A step of which listeners should hear.

    Attributes:
        district: of its case.
        begin: the moment from which waits are counted, by ``time.monotonic``.
        late: whether its waits are counted apart.
    """

    district: str
    begin: float
    late: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What all listeners heard together.

    Attributes:
        waits_ms: until each listener heard of each step.
        late_ms: of those that are counted apart.
        lost: steps that listeners should have heard of and did not.
        twice: steps that they heard of more than once, or should not have heard of.
    """

    waits_ms: list[float]
    late_ms: list[float]
    lost: int
    twice: int


@dataclass(slots=True)
class Listener:
    """What one listener heard: numbers of steps, and when."""

    district: str | None
    steps: "array[int]" = field(default_factory=lambda: array("l"))
    at: "array[float]" = field(default_factory=lambda: array("d"))


class Listening:
    """The other end of the listeners' process."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def judge(self, taken: Mapping[Step, Told]) -> Heard:
        """Wait until everything is heard, and say what was."""
        self._pipe.send(dict(taken))
        if not self._pipe.poll(_PATIENCE_S):
            raise Unmeasured("the listeners say nothing")
        found: Heard = self._pipe.recv()
        return found


@contextmanager
def listening(url: str, known: Sequence[tuple[str, str | None]]) -> Iterator[Listening]:
    """Listeners until the block ends.

    Args:
        url: of the server.
        known: a token for each listener, with the district that it is for.
    """
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(url, list(known), theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_PATIENCE_S) or ours.recv() != "ready":
            raise Unmeasured("the listeners do not listen")
        yield Listening(ours)
    finally:
        process.terminate()
        process.join()


def _run(url: str, known: list[tuple[str, str | None]], pipe: Pipe) -> None:
    asyncio.run(_listen(url, known, pipe))


async def _listen(url: str, known: list[tuple[str, str | None]], pipe: Pipe) -> None:
    listeners, numbers, begun = [Listener(district) for _, district in known], dict[Step, int](), asyncio.Semaphore(0)
    tasks = [asyncio.create_task(_hear(url, token, one, numbers, begun)) for (token, _), one in zip(known, listeners, strict=True)]
    for _ in tasks:
        await begun.acquire()
    pipe.send("ready")
    taken: dict[Step, Told] = await asyncio.to_thread(pipe.recv)
    until = time.monotonic() + _SETTLE_S
    while time.monotonic() < until and count_missing(listeners, numbers, taken)[0]:  # noqa: ASYNC110 -- it is heard by other tasks
        await asyncio.sleep(0.5)
    await asyncio.sleep(0.5)  # whatever is told twice may still come
    lost, twice = count_missing(listeners, numbers, taken)
    waits, late = sort_waits(listeners, numbers, taken)
    pipe.send(Heard(waits, late, lost, twice))
    await asyncio.sleep(_PATIENCE_S)  # until this process is ended, so that what was sent is read


async def _hear(url: str, token: str, one: Listener, numbers: dict[Step, int], begun: asyncio.Semaphore) -> None:
    """Keep what is heard, with as little work as possible: the machine is the server's."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(f"GET /api/events HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    rest = b""
    while part := await reader.read(262_144):
        now = time.monotonic()
        if b"event: ready" in part:
            begun.release()
        # What is in the middle of an event waits for its end, which is a line break.
        text, _, rest = (rest + part).rpartition(b"\n")
        found = [numbers.setdefault(step, len(numbers)) for step in _STEP.findall(text)]
        one.steps.extend(found)
        one.at.extend([now] * len(found))


def sort_waits(listeners: Sequence[Listener], numbers: Mapping[Step, int], taken: Mapping[Step, Told]) -> tuple[list[float], list[float]]:
    """Waits in ms, and those that are counted apart, of whatever was heard and is known."""
    known_as = {numbers[step]: told for step, told in taken.items() if step in numbers}
    waits: tuple[list[float], list[float]] = [], []
    for one in listeners:
        for n, at in zip(one.steps, one.at, strict=True):
            if (told := known_as.get(n)) is not None:
                waits[told.late].append((at - told.begin) * 1000)
    return waits


def count_missing(listeners: Sequence[Listener], numbers: Mapping[Step, int], taken: Mapping[Step, Told]) -> tuple[int, int]:
    """How many steps listeners lack, and how many they heard of more than once or should not have heard of."""
    lost = twice = 0
    for one in listeners:
        wanted = {numbers.get(step, -1 - n) for n, (step, told) in enumerate(taken.items()) if one.district in (None, told.district)}
        heard = Counter(one.steps)
        lost += len(wanted - heard.keys())
        twice += sum(heard.values()) - len(wanted & heard.keys())
    return lost, twice
