"""A hundred viewers who pan, drill and filter, with the pauses of people who read."""

import asyncio
import random
import resource
import time

from bench.model import Row, Unmeasured, percentile
from bench.order import Order
from bench.serving import Server, gridwell
from bench.viewers import Ground, Person, Tally, ground, introduction

WORKERS = 2
KINDS = ("tile", "layer", "drill", "filter")
AIM = "≤ 500 ms"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    there, counts = ground(order.database), order.counts
    with gridwell(order.database, WORKERS) as server:
        arriving, tally, busy_share = asyncio.run(_crowd(server, there, order))
    everything = _all(tally)
    if not everything:
        raise Unmeasured(f"nothing was answered: {dict(tally.errors)}")
    for kind in KINDS:
        row.percentiles(kind, "ms", tally.waits_ms[kind], 50, 95, 99)
    row.percentiles("all requests", "ms", everything, 50, 95, 99)
    row.add("requests answered", "1/s", [len(everything) / counts.mixed_s])
    row.percentiles("while they arrive: all requests", "ms", _all(arriving), 50, 95)
    for what, waits in (("all requests", everything), *((kind, tally.waits_ms[kind]) for kind in KINDS)):
        if waits:
            row.compare(f"{what}, p95", percentile(waits, 95), AIM, "ms")
    row.compare("errors", sum(tally.errors.values()) + sum(arriving.errors.values()), "0", "")
    row.compare("answered “busy” (503)", tally.busy, "0", "")
    row.compare("answered “busy” (503) while they arrive", arriving.busy, "–", "")
    low, high = counts.think_s
    row.notes.append(
        f"{counts.viewers} viewers, {WORKERS} workers. They open the page within {counts.arriving_s:g} s, of a server that holds nothing "
        f"in memory; then they are measured for {counts.mixed_s:g} s: each pans (60 %), drills (25 %) or filters (15 %), with {low:g} to "
        f"{high:g} s of thought after each answer. A pan fetches the tiles of all layers of the page that its browser does not hold; a "
        "drill and a filter are the page's callbacks; “layer” are the files that the map then asks for."
    )
    row.notes.append(f"The client itself took {busy_share:.0%} of one core of the same machine.")
    errors = tally.errors + arriving.errors
    if errors:
        row.notes.append("Errors: " + ", ".join(f"{what} × {count}" for what, count in errors.most_common(6)))


def _all(tally: Tally) -> list[float]:
    return [wait for waits in tally.waits_ms.values() for wait in waits]


async def _crowd(server: Server, there: Ground, order: Order) -> tuple[Tally, Tally, float]:
    """The answers while the viewers arrived and after that, and the share of a core that this process used then."""
    arriving, tally, known, counts = Tally(), Tally(), await introduction(server), order.counts
    begin = time.monotonic() + counts.arriving_s
    end = begin + counts.mixed_s
    people = [Person(server, known, there, arriving, random.Random(number)) for number in range(counts.viewers)]

    async def view(person: Person, dice: random.Random) -> None:
        await asyncio.sleep(dice.uniform(0, counts.arriving_s))
        await person.open()
        while True:
            pause = dice.uniform(*counts.think_s)
            if time.monotonic() + pause > end:
                break
            await asyncio.sleep(pause)
            await person.act()
        person.close()

    async def watch() -> float:
        await asyncio.sleep(counts.arriving_s)
        for person in people:
            person.tally = tally
        before = _cpu_s()
        await asyncio.sleep(counts.mixed_s)
        return (_cpu_s() - before) / counts.mixed_s

    viewing = asyncio.gather(*(view(person, random.Random(1000 + number)) for number, person in enumerate(people)))
    share = await watch()
    await viewing
    return arriving, tally, share


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
