"""One page of a wall over a long time, compressed: fifty thousand pushed changes, five thousand scenes and forty midnights.

What is real: the server, PostgreSQL, Chromium, every event (written by transactions, numbered, streamed, shared by the browser's worker),
every question and answer, every scene with its map and figures, every fiftieth change with all its roll-ups. Today's number at each
midnight is counted by the database for the day that its clock shows.

What is compressed: the clocks. The database's ``now()`` and the page's (``performance.now``, ``Date``, timers) run ``rate`` times as fast
as the real one and leap together from the middle of a day to two minutes before its end; what the server's own clock says at
``/api/wall/time`` is turned into that time inside the page, and proofs of play get moments that the server takes. The stream of events,
the server's caches and all limits of waiting keep real time. Of the other changes only the events are written, without changes of cases.
"""

import os
import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page

from bench.databases import connect
from bench.model import Json, Row, Unmeasured
from bench.order import Order
from bench.rows.page import PATIENCE_MS, name_cookie, open_browser, sign_in
from bench.rows.quiet_page import QuietPage, open_quiet_page
from bench.rows.wall_city import Hand, Town, make_chief, make_town, write_tour
from bench.rows.walls import find_cases, move_case
from bench.serving import Server, gridwell
from data.accounts.guest import Guest
from data.demo.common.frame import PINNED_DAY
from data.live.outbox import CaseChange, append_events
from data.live.versions import touch

SCRIPT = Path(__file__).with_name("wall_page.js")
SIZE = {"width": 640, "height": 360}
AIM = "< 10 %"
LOOKS = 5
"""Scenes at which memory is read at each mark; the median counts."""
BEFORE_MIDNIGHT_S = 120
SHOWN_S = 60.0
"""Today's number has to be shown so soon after a midnight, in real time."""
OF_A_CASE, OF_FIGURES = 50, 5
"""Every so many pushed changes one is a real change of a case, or tells new figures."""
_MEMORY = (
    ("JS heap", "heap_mb", "MB"),
    ("DOM nodes", "nodes", ""),
    ("WebGL contexts", "contexts", ""),
    ("RSS of the page's process", "rss_mb", "MB"),
)
_DATE = re.compile(r"(\d+)月(\d+)日")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is compressed into the page, at ``rate`` times the real speed; a mark after each of ``marks`` parts.

    It ends after ``lasts_s`` real seconds at the latest, and then says how far it came.
    """

    changes: int = 50_000
    scenes: int = 5_000
    midnights: int = 40
    rate: float = 20.0
    marks: int = 10
    lasts_s: float = 5_000.0


PART = float(os.environ.get("GRIDWELL_SOAK_PART", "1"))
"""``GRIDWELL_SOAK_PART=0.2`` soaks a fifth of the whole length."""
FULL = Plan(round(50_000 * PART), round(5_000 * PART), round(40 * PART))
SHORT = Plan(300, 40, 2, 20.0, 2)


@dataclass(slots=True)
class Mark:
    """Memory at one moment, after everything was collected that can be."""

    heap_mb: float
    nodes: float
    contexts: float
    rss_mb: float


@dataclass(slots=True)
class Watched:
    """What a soak saw."""

    marks: list[Mark] = field(default_factory=list)
    stale: list[list[str]] = field(default_factory=list)
    missed: int = 0
    midnights: int = 0
    scenes: int = 0
    pushed: int = 0
    heard: int = 0
    seconds: float = 0.0


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    plan = SHORT if order.quick else FULL
    with make_town(order) as town, gridwell(town.address, 2) as server, make_chief(town) as chief, open_browser() as browser:
        watched = soak(town, server, chief, browser, plan)
    describe(watched, plan, row)


def describe(watched: Watched, plan: Plan, row: Row) -> None:
    """Put what was seen into the row."""
    if len(watched.marks) < 2:
        raise Unmeasured("the page did not live long enough")
    first, last = watched.marks[0], watched.marks[-1]
    for what, name, unit in _MEMORY:
        before, after = getattr(first, name), getattr(last, name)
        row.add(f"{what}, after a tenth", unit, [before])
        row.add(f"{what}, at the end", unit, [getattr(one, name) for one in watched.marks], after)
        row.compare(f"{what}: growth", 100 * (after / before - 1), AIM, "%")
    row.compare("moments with a stale “today”", len(watched.stale), "0", "")
    row.compare("midnights after which today's number was not shown", watched.missed, "0", "")
    for what, count in (("changes pushed", watched.pushed), ("events heard by the page", watched.heard), ("scene changes", watched.scenes)):
        row.add(what, "", [count])
    row.add("midnights", "", [watched.midnights])
    row.notes.append(
        f"One page of {SIZE['width']} × {SIZE['height']}; its clock and the database's run {plan.rate:g} times as fast as the real one "
        f"and leap before each midnight; {watched.seconds:,.0f} real seconds. Every {OF_A_CASE}th change is one of a case, every "
        f"{OF_FIGURES}th tells new figures; of the others only the events are written. bench/rows/soak.py says what is real and what is "
        "compressed."
    )


def soak(town: Town, server: Server, chief: Guest, browser: Browser, plan: Plan) -> Watched:
    """Let one page live through the plan."""
    watched, began = Watched(), time.monotonic()
    first = PINNED_DAY - timedelta(days=plan.midnights + 1)
    hand = Hand(time.time() * 1000, _moment(town, first, 12), plan.rate)
    town.set_clock(hand)
    write_tour(server, chief, town)
    counts = town.count_days(first, PINNED_DAY)
    with _pushing(town, plan, watched), _open_quiet_wall(browser, server, chief, hand, "?screen=1/1&lang=zh") as page:
        watching = _Watching(page, browser.new_browser_cdp_session(), town, counts, watched)
        for midnight in range(plan.midnights):
            hand = watching.pass_midnight(hand)
            while watched.scenes < plan.scenes * (midnight + 1) / plan.midnights and time.monotonic() < began + plan.lasts_s:
                page.wait_for_timeout(250)
                watched.scenes = int(page.evaluate("bench.scenes()"))
            if (midnight + 1) * plan.marks % plan.midnights < plan.marks:
                watched.marks.append(watching.mark())
                print(f"  {midnight + 1} midnights, {watched.scenes:,} scenes, {watched.pushed:,} changes: {watched.marks[-1]}", flush=True)
            if time.monotonic() >= began + plan.lasts_s:
                break
        while watched.scenes >= plan.scenes and watched.pushed < plan.changes:
            page.wait_for_timeout(100)
        watched.marks.append(watching.mark())
        watched.scenes = int(page.evaluate("bench.scenes()"))
        watching.look()
        watched.heard = int(page.evaluate("bench.told().cases"))
    watched.seconds = time.monotonic() - began
    return watched


@contextmanager
def open_wall(browser: Browser, server: Server, chief: Guest, hand: Hand, search: str) -> Iterator[Page]:
    """An open wall in a window of its own, with the bench's script in it."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=True)  # type: ignore[arg-type]
    try:
        sign_in(context, server, chief.session)
        context.add_init_script(_make_script(hand))
        page = context.new_page()
        page.goto(f"{server.url}/wall{search}", timeout=PATIENCE_MS)
        _wait_for_figures(page)
        yield page
    finally:
        context.close()


def _make_script(hand: Hand) -> str:
    given = f"{{ real_ms: {hand.real_ms}, shown_ms: {hand.shown_ms}, rate: {hand.rate} }}"
    return f"({_without_comments(SCRIPT.read_text('utf-8'))})({given})"


@contextmanager
def _open_quiet_wall(browser: Browser, server: Server, chief: Guest, hand: Hand, search: str) -> Iterator[QuietPage]:
    """The same, without a watcher of its network, who would keep every answer in the page's memory."""
    with open_quiet_page(browser, SIZE, name_cookie(server, chief.session), _make_script(hand), "Asia/Shanghai") as page:
        page.send("Page.navigate", {"url": f"{server.url}/wall{search}"})
        _wait_for_figures(page)
        yield page


def _wait_for_figures(page: Page | QuietPage) -> None:
    """Asked from here, because the page's own clock and timers are not the real ones.

    Raises:
        Unmeasured: the wall shows nothing; the text says what it shows.
    """
    until = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate("!!window.bench && /\\d/.test(bench.now()[2]) && bench.scenes() > 0"):
        if time.monotonic() > until:
            raise Unmeasured(f"the wall shows nothing: {page.evaluate('JSON.stringify([bench.now(), bench.scenes(), bench.errors])')}")
        page.wait_for_timeout(100)


class _Watching:
    """The bench's eyes on the page."""

    def __init__(self, page: QuietPage, browser: CDPSession, town: Town, counts: dict[tuple[str, date], int], watched: Watched) -> None:
        self._page, self._browser, self._town, self._counts, self._watched = page, browser, town, counts, watched
        for domain in ("Performance", "HeapProfiler"):
            page.send(f"{domain}.enable")

    def pass_midnight(self, hand: Hand) -> Hand:
        """Leap to shortly before the end of the day, and wait until the next day's number is shown."""
        today = self._town.day_at(hand.at(time.time() * 1000))
        goal = _moment(self._town, today + timedelta(days=1), 0) - BEFORE_MIDNIGHT_S * 1000
        ms = goal - hand.at(time.time() * 1000)
        if ms > 0:
            hand = hand.leap(ms)
            self._town.set_clock(hand)
            self._page.evaluate("([next, ms]) => bench.leap(next, ms)", [{"real_ms": hand.real_ms, "shown_ms": hand.shown_ms}, ms])
        until = time.monotonic() + BEFORE_MIDNIGHT_S / hand.rate + SHOWN_S
        while not (shown := self._shows(today + timedelta(days=1))) and time.monotonic() < until:
            self._page.wait_for_timeout(100)
        self._watched.missed += not shown
        self._watched.midnights += 1
        self.look()
        return hand

    def _shows(self, day: date) -> bool:
        title, shown, number = self._page.evaluate("bench.now()")
        return self._find_day(shown) == day and number != "–" and self._is_true(title, shown, number)

    def look(self) -> None:
        """Judge what has been seen since the last time."""
        self._watched.stale += [one for one in self._page.evaluate("bench.seen()") if not self._is_true(*one)]

    def _is_true(self, title: str, shown: str, number: str) -> bool:
        """Whether a number is that of the day and area beside it; a dash says that it is not known yet."""
        if number == "–":
            return True
        name = max((one for one in self._town.areas.values() if one in title), key=len, default="")
        day = self._find_day(shown)
        return day is not None and number.replace(",", "") == str(self._counts.get((name, day), 0))

    @staticmethod
    def _find_day(shown: str) -> date | None:
        found = _DATE.search(shown)
        # Days from this month on would be those of the year before.
        return date(PINNED_DAY.year - (int(found[1]) > PINNED_DAY.month), int(found[1]), int(found[2])) if found else None

    def mark(self) -> Mark:
        """Memory at some scenes one after the other."""
        looks = []
        for _ in range(LOOKS):
            scene, until = self._page.evaluate("bench.scenes()"), time.monotonic() + SHOWN_S
            while self._page.evaluate("bench.scenes()") == scene:
                if time.monotonic() > until:
                    raise Unmeasured(f"the tour stands still: {self._page.evaluate('JSON.stringify([bench.now(), bench.errors])')}")
                self._page.wait_for_timeout(50)
            for _ in range(2):
                self._page.send("HeapProfiler.collectGarbage")
            told = {one["name"]: one["value"] for one in self._page.send("Performance.getMetrics")["metrics"]}
            rss = max(_rss_mb(one["id"]) for one in self._processes() if one["type"] == "renderer")
            looks.append(Mark(told["JSHeapUsedSize"] / 1e6, told["Nodes"], self._page.evaluate("bench.contexts()"), rss))
        self.look()
        return Mark(*(statistics.median(getattr(one, name) for one in looks) for name in ("heap_mb", "nodes", "contexts", "rss_mb")))

    def _processes(self) -> list[Json]:
        found: list[Json] = self._browser.send("SystemInfo.getProcessInfo")["processInfo"]
        return found


@contextmanager
def _pushing(town: Town, plan: Plan, watched: Watched) -> Iterator[None]:
    """Changes are pushed in step with the scenes, and all of them before the block is left."""
    ending = threading.Event()

    def push() -> None:
        cases = find_cases(town.address)
        with connect(town.address) as connection:
            cells = connection.execute("SELECT code, path::text, split_part(path::text, '.', 2) FROM area WHERE level = 'grid'").fetchall()
            while watched.pushed < plan.changes and not (ending.is_set() and watched.scenes < plan.scenes):
                if watched.pushed > plan.changes * (watched.scenes + 1) / plan.scenes:
                    time.sleep(0.02)
                    continue
                number = watched.pushed
                code, path, district = cells[number % len(cells)]
                moment = datetime.now(UTC)
                change = CaseChange(town.city, district, number, f"soak-{number}", code, path, "bench", 3, "filed", None, 1, "file", moment)
                append_events(connection, [change])
                if number % OF_A_CASE == 0:
                    turn = number // OF_A_CASE
                    move_case(connection, cases[turn % len(cases)], turn // len(cases) % 2 == 0)
                elif number % OF_FIGURES == 0:
                    touch(connection, town.city, ["incidents"])
                connection.commit()
                watched.pushed += 1

    worker = threading.Thread(target=push, daemon=True)
    worker.start()
    try:
        yield
    finally:
        ending.set()
        worker.join()


def _moment(town: Town, day: date, hour: int) -> float:
    return datetime(day.year, day.month, day.day, hour, tzinfo=town.timezone).timestamp() * 1000


def _rss_mb(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * 4096 / 1e6
    except OSError:  # it has ended meanwhile
        return 0.0


def _without_comments(script: str) -> str:
    return "\n".join(line for line in script.splitlines() if not line.startswith("//")).strip()
