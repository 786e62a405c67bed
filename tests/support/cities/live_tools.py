"""Events for tests: what a small city's case did, and what a listener hears."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import small_city as city

from data.database.connections import connect
from data.live import changes
from data.live.hub import run_hub
from data.live.outbox import CaseChange, append_events
from data.live.sequencer import run_sequencer


def case(number: str, cell: str = city.C1, category: str = "env") -> CaseChange:
    """A case of the small city that was filed."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return CaseChange(city.CITY, cell[:6], 1, number, cell, city.path_of(cell), category, 3, "filed", "on_time", 1, "file", at)


def write(*numbers: str, cell: str = city.C1) -> None:
    """One transaction in which these cases change."""
    with connect() as connection:
        append_events(connection, [case(number, cell) for number in numbers])


@dataclass
class Heard:
    """What one listener has heard so far."""

    ids: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    bodies: list[dict[str, object]] = field(default_factory=list)
    retries: list[int] = field(default_factory=list)

    def take(self, block: str) -> None:
        """One block of a stream, without the empty line after it."""
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if "retry" in lines:
            self.retries.append(int(lines["retry"]))
        if "event" in lines:
            body = json.loads(lines["data"])
            self.ids.append(lines["id"])
            self.kinds.append(lines["event"])
            self.bodies.append(body)
            self.cases += [body["number"]] if lines["event"] == "case" else []


async def hear(parts: AsyncIterable[bytes | str], heard: Heard | None = None) -> AsyncIterator[Heard]:
    """What a listener has heard, after each part of a stream."""
    heard, rest = heard or Heard(), ""
    async for part in parts:
        rest += part if isinstance(part, str) else part.decode()
        *blocks, rest = rest.split("\n\n")
        for block in blocks:
            heard.take(block)
        yield heard


def running() -> AbstractAsyncContextManager[None]:
    """Everything that carries events from the outbox to listeners of this process."""

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        async with run_sequencer(), run_hub(), changes.listen_for_changes():
            yield

    return run()


def without_figures(kinds: Iterable[str]) -> list[str]:
    """The kinds of events but those that any loading of a city makes."""
    return [kind for kind in kinds if kind != "figures"]
