"""Weekly reports of a street and of the city at the terminal; and ten that people ask the server for at once, while viewers browse."""

import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.client import Connection
from bench.databases import connect
from bench.model import Row, Unmeasured, percentile
from bench.order import Order
from bench.serving import Server, environment, gridwell
from bench.viewers import Ground, Person, Tally, ground, introduction
from data.core.settings import ROOT

WORKERS = 2
AT_ONCE, QUICK_AT_ONCE = 10, 2
VIEWERS_SHARE = 0.5
"""Of the viewers of ``mixed-load``."""
_LOOK_S, _PATIENCE_S = 0.5, 300.0
_PRINTER = "gridwell-print"
_MB = 1024.0
_STREETS = "SELECT code FROM area WHERE city = %(city)s AND level = 'street' AND origin <> 'unplaced' ORDER BY code LIMIT %(count)s"


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made by a process of its own: seconds, its largest resident memory, and the bytes of the PDF."""

    seconds: float
    rss_mb: float
    size: int


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    there, counts = ground(order.database), order.counts
    with connect(order.database) as connection:
        streets = [code for (code,) in connection.execute(_STREETS, {"city": there.city, "count": AT_ONCE}).fetchall()]
    if not streets:
        raise Unmeasured("the city has no street")
    with tempfile.TemporaryDirectory(prefix="gridwell-bench-") as folder:
        for what, area in (("weekly report of a street", streets[0]), ("weekly report of the city", there.city)):
            made = [asyncio.run(_make(order, area, Path(folder))) for _ in range(counts.rounds)]
            row.add(what, "s", [one.seconds for one in made])
            row.add(f"{what}, largest memory", "MB", [one.rss_mb for one in made], max(one.rss_mb for one in made))
            row.add(f"{what}, size of the PDF", "MB", [one.size / 1e6 for one in made])
            row.compare(f"{what}, size of the PDF", max(one.size for one in made) / 1e6, "≤ 3 MB", "MB")
            row.compare(what, min(one.seconds for one in made), "≤ 3 s", "s")
        with gridwell(order.database, WORKERS) as server:
            quiet, busy, waits_s = asyncio.run(_browse(server, there, order, streets))
            printer = _find_printer(server)
    row.add("ten reports at once, until the last", "s", [max(waits_s)])
    row.add("ten reports at once, until the first", "s", [min(waits_s)])
    if printer is not None:
        row.add("ten reports at once, largest memory", "MB", [printer])
    for when, tally in (("while no report is made", quiet), ("while ten are made", busy)):
        waits = [wait for of_kind in tally.waits_ms.values() for wait in of_kind]
        if not waits:
            raise Unmeasured(f"nothing was answered {when}: {dict(tally.errors)}")
        row.percentiles(f"all requests, {when}", "ms", waits, 50, 95)
        row.compare(f"all requests, {when}, p95", percentile(waits, 95), "≤ 500 ms", "ms")
    row.compare("errors", sum((quiet.errors + busy.errors).values()), "0", "")
    number = _count_viewers(order)
    row.notes.append(
        f"A single report is made by ./gridwell report in a process of its own, from its start to the PDF on disk. {number} viewers, "
        f"{WORKERS} workers: first {counts.mixed_s / 2:g} s without a report, then {AT_ONCE} of streets are asked for at once by POST "
        "/api/reports, and the viewers go on until the last PDF is fetched; the printer makes one after the other, and its memory is "
        "told. Reports, server, database and viewers share the machine."
    )


def _count_viewers(order: Order) -> int:
    return max(2, int(order.counts.viewers * VIEWERS_SHARE))


async def _make(order: Order, area: str, folder: Path) -> Made:
    """Make a report of an area.

    Raises:
        Unmeasured: the command fails; the text holds what it said.
    """
    out = folder / f"{area}.pdf"
    own = {**os.environ, **environment(order.database, str(folder))}
    command = [sys.executable, "-m", "cli", "report", area, "--kind", "weekly", "--out", str(out)]
    begin = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=own, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    watching = asyncio.create_task(_watch(process.pid))
    said, _ = await process.communicate()
    seconds, rss = time.monotonic() - begin, await watching
    if process.returncode:
        raise Unmeasured(f"no report of {area}: {said.decode('utf-8', 'replace')[-300:]}")
    return Made(seconds, rss, out.stat().st_size)


async def _watch(process: int) -> float:
    """The largest resident memory of a process until it ends, in MB."""
    found = 0.0
    while (peak := _read_peak(process)) is not None:
        found = peak
        await asyncio.sleep(0.05)
    return found


def _read_peak(process: int) -> float | None:
    """As the system keeps it; ``None``: the process has ended."""
    try:
        text = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / _MB if found else None


def _find_printer(server: Server) -> float | None:
    """The largest resident memory of the server's printer until now, in MB."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, parent = (folder / "comm").read_text("utf-8").strip(), (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
        except OSError:  # the process has ended meanwhile
            continue
        if name == _PRINTER and int(parent) == server.process:
            return _read_peak(int(folder.name))
    return None


async def _fetch(server: Server, area: str) -> float:
    """Ask the server for a report and fetch its PDF; returns the seconds until it is there.

    Raises:
        Unmeasured: the report is refused, fails, or takes too long.
    """
    begin = time.monotonic()
    async with Connection(server.url, server.headers) as http:
        asked = await http.post("/api/reports", json.dumps({"area": area, "kind": "weekly"}).encode())
        if asked.status != 202:
            raise Unmeasured(f"no report of {area}: status {asked.status}")
        address = json.loads(asked.text)["address"]
        while time.monotonic() < begin + _PATIENCE_S:
            told = json.loads((await http.get(address)).text)
            if told["state"] == "failed":
                raise Unmeasured(f"no report of {area}: {told['problem']['sentence']}")
            if told["state"] == "done" and (await http.get(f"{address}/files/pdf")).status == 200:
                return time.monotonic() - begin
            await asyncio.sleep(_LOOK_S)
    raise Unmeasured(f"no report of {area} after {_PATIENCE_S:g} s")


async def _browse(server: Server, there: Ground, order: Order, streets: list[str]) -> tuple[Tally, Tally, list[float]]:
    """Answers while no report is made, and while ten are; and the seconds after which each of these is there."""
    arriving, quiet, busy, counts = Tally(), Tally(), Tally(), order.counts
    known, done = await introduction(server), asyncio.Event()
    people = [Person(server, known, there, arriving, random.Random(one)) for one in range(_count_viewers(order))]

    async def arrive(person: Person, dice: random.Random) -> None:
        await asyncio.sleep(dice.uniform(0, counts.arriving_s))
        await person.open()

    async def view(person: Person, dice: random.Random, going: Callable[[], bool]) -> None:
        """At least one action."""
        while True:
            await asyncio.sleep(dice.uniform(*counts.think_s))
            await person.act()
            if not going():
                return

    def all_view(seed: int, tally: Tally, going: Callable[[], bool]) -> "asyncio.Future[list[None]]":
        for person in people:
            person.tally = tally
        return asyncio.gather(*(view(person, random.Random(seed + one), going) for one, person in enumerate(people)))

    await asyncio.gather(*(arrive(person, random.Random(1000 + one)) for one, person in enumerate(people)))
    end = time.monotonic() + counts.mixed_s / 2
    await all_view(2000, quiet, lambda: time.monotonic() < end)
    viewing, number = all_view(3000, busy, lambda: not done.is_set()), QUICK_AT_ONCE if order.quick else AT_ONCE
    try:
        waits_s = await asyncio.gather(*(_fetch(server, streets[one % len(streets)]) for one in range(number)))
    finally:
        done.set()
        await viewing
        for person in people:
            person.close()
    return quiet, busy, waits_s
