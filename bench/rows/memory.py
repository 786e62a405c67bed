"""Memory of each worker, idle and after many mixed requests."""

import asyncio
import random
import re
from dataclasses import dataclass
from pathlib import Path

from bench.model import Row, Unmeasured
from bench.order import Order
from bench.serving import Server, gridwell
from bench.viewers import Ground, Person, Tally, ground, introduction
from data.places.tiles import CACHE_BYTES

WORKERS = 2
PEOPLE = 8
STAY = 12
"""Actions after which a viewer leaves and another one with an empty browser cache comes."""
_MB = 1024.0


@dataclass(frozen=True, slots=True)
class Use:
    """Memory of one process in MB: everything, and with only its share of memory that several processes use."""

    rss: float
    pss: float


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    there = ground(order.database)
    marks = sorted({order.counts.requests // 4, order.counts.requests // 2, order.counts.requests})
    with gridwell(order.database, WORKERS) as server:
        asyncio.run(_warmed(server))
        uses = {0: _uses(server)}
        _add(row, "idle", uses[0])
        tally = Tally()
        for mark in marks:
            print(f"  {mark:,} requests", flush=True)
            asyncio.run(_asked(server, there, tally, mark))
            uses[mark] = _uses(server)
            _add(row, f"after {mark:,} requests", uses[mark])
    half, full = uses[marks[-2]], uses[marks[-1]]
    row.compare("largest worker after all requests, RSS", max(one.rss for one in full), "≤ 250 MB", "MB")
    row.compare(
        f"growth of the largest from {marks[-2]:,} to {marks[-1]:,} requests",
        (max(one.rss for one in full) / max(one.rss for one in half) - 1) * 100,
        "flat",
        "%",
    )
    mix = ", ".join(f"{len(waits):,} {kind}" for kind, waits in tally.waits_ms.items())
    row.notes.append(
        f"{len(full)} workers, {PEOPLE} viewers without pauses: {mix}; busy {tally.busy}, errors {sum(tally.errors.values())}."
    )
    row.notes.append(
        f"They fetched {len(tally.tiles):,} different tiles of {sum(tally.tiles.values()) / 1e6:.1f} MB together. A worker keeps "
        f"those it made, up to {CACHE_BYTES / 1e6:.0f} MB: until then it grows with what it was asked for."
    )


def _add(row: Row, when: str, uses: list[Use]) -> None:
    row.add(f"largest worker {when}, RSS", "MB", [one.rss for one in uses], max(one.rss for one in uses))
    row.add(f"largest worker {when}, PSS", "MB", [one.pss for one in uses], max(one.pss for one in uses))


def _uses(server: Server) -> list[Use]:
    """Memory of every worker.

    Raises:
        Unmeasured: the system does not report it.
    """
    return [_use(process) for process in server.workers]


def _use(process: int) -> Use:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
    except OSError as error:
        raise Unmeasured(f"the memory of a process is not told here ({error.strerror})") from error
    found = {name: int(size) for name, size in re.findall(r"^(Rss|Pss):\s+(\d+) kB", text, re.MULTILINE)}
    return Use(found["Rss"] / _MB, found["Pss"] / _MB)


async def _warmed(server: Server) -> None:
    """Make every worker answer something, so that it is idle but has been used."""
    for _ in range(WORKERS * 8):
        await introduction(server)


async def _asked(server: Server, there: Ground, tally: Tally, until: int) -> None:
    known = await introduction(server)

    async def come_and_go(number: int) -> None:
        dice = random.Random(until * 100 + number)
        while tally.requests < until:
            person = Person(server, known, there, tally, dice)
            await person.open()
            for _ in range(STAY):
                if tally.requests >= until:
                    break
                await person.act()
            person.close()

    await asyncio.gather(*(come_and_go(number) for number in range(PEOPLE)))
