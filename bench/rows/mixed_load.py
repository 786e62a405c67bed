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
KINDS = ("tile", "layer", "drill", "filter", "open")
AIM = "≤ 500 ms"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    there, counts = ground(order.database), order.counts
    with gridwell(order.database, WORKERS) as server:
        tally, busy_share = asyncio.run(_crowd(server, there, order))
    everything = [wait for kind in KINDS for wait in tally.waits_ms[kind]]
    if not everything:
        raise Unmeasured(f"nothing was answered: {dict(tally.errors)}")
    for kind in KINDS:
        row.percentiles(kind, "ms", tally.waits_ms[kind], 50, 95, 99)
    row.percentiles("all requests", "ms", everything, 50, 95, 99)
    row.add("requests answered", "1/s", [len(everything) / counts.mixed_s])
    row.compare("all requests, p95", percentile(everything, 95), AIM, "ms")
    for kind in ("drill", "filter", "tile"):
        if tally.waits_ms[kind]:
            row.compare(f"{kind}, p95", percentile(tally.waits_ms[kind], 95), AIM, "ms")
    row.compare("errors", sum(tally.errors.values()), "0", "")
    row.compare("answered “busy” (503)", tally.busy, "0", "")
    low, high = counts.think_s
    row.notes.append(
        f"{counts.viewers} viewers for {counts.mixed_s:g} s, {WORKERS} workers. Each opens the page within the first {high:g} s, then pans "
        f"(60 %), drills (25 %) or filters (15 %), with {low:g} to {high:g} s of thought after each answer. A pan fetches the tiles of all "
        "layers of the page that its browser does not hold. The server begins with nothing in memory."
    )
    row.notes.append(f"The client itself took {busy_share:.0%} of one core of the same machine.")
    if tally.errors:
        row.notes.append("Errors: " + ", ".join(f"{what} × {count}" for what, count in tally.errors.most_common(6)))


async def _crowd(server: Server, there: Ground, order: Order) -> tuple[Tally, float]:
    """What was answered, and how much of a core this process took meanwhile."""
    tally, known, counts = Tally(), await introduction(server), order.counts
    end = time.monotonic() + counts.mixed_s
    before, begin = _cpu_s(), time.monotonic()

    async def view(number: int) -> None:
        dice = random.Random(number)
        await asyncio.sleep(dice.uniform(0, counts.think_s[1]))
        person = Person(server, known, there, tally, dice)
        await person.open()
        while True:
            pause = dice.uniform(*counts.think_s)
            if time.monotonic() + pause > end:
                break
            await asyncio.sleep(pause)
            await person.act()
        person.close()

    await asyncio.gather(*(view(number) for number in range(counts.viewers)))
    return tally, (_cpu_s() - before) / (time.monotonic() - begin)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
