"""Three pages side by side as one picture: how far apart they begin each scene, in real time."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from playwright.sync_api import Browser

from bench.model import Row, Unmeasured
from bench.order import Order
from bench.rows.page import open_browser
from bench.rows.soak import SIZE, open_wall
from bench.rows.wall_city import DWELL_S, Hand, Town, make_chief, make_town, write_tour
from bench.serving import Server, gridwell
from data.accounts.guest import Guest

SCREENS, AIM_MS = 3, 100.0
LASTS_S, SHORT_S = float(os.environ.get("GRIDWELL_SKEW_SECONDS", "600")), 4.0 * DWELL_S
"""Ten minutes; ``GRIDWELL_SKEW_SECONDS`` looks for a shorter time."""

Begins = Sequence[tuple[str, float]]
"""Keys of scenes, and when each was drawn, by the clock of the machine in ms."""


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    lasts_s = SHORT_S if order.quick else LASTS_S
    with make_town(order) as town, gridwell(town.address, 2) as server, make_chief(town) as chief, open_browser() as browser:
        begins = watch(town, server, chief, browser, lasts_s)
    skews = find_skews(begins)
    if not skews:
        raise Unmeasured("no scene began on all screens")
    p95 = row.percentiles("skew of a scene's begin", "ms", skews, 50, 95, 99)[1]
    row.compare("skew of a scene's begin, p95", p95, f"≤ {AIM_MS:g} ms", "ms")
    row.add("scene changes", "", [len(skews)])
    row.notes.append(
        f"{SCREENS} windows of one Chromium, {SIZE['width']} × {SIZE['height']} each, {lasts_s:g} s, a scene every {DWELL_S} s. A scene "
        "begins with the first picture after the page has changed to it, by the clock of the machine, which is the server's; the pages "
        "know that clock only from the server's answers. The skew is the time between the first and the last of the screens. All draw "
        "without a graphics card on the same cores as the server."
    )


def watch(town: Town, server: Server, chief: Guest, browser: Browser, lasts_s: float) -> list[Begins]:
    """When each screen began each scene."""
    hand = Hand(time.time() * 1000, time.time() * 1000, 1.0)
    town.set_clock(hand)
    write_tour(server, chief, town)
    with ExitStack() as stack:
        search = [f"?screen={no}/{SCREENS}&lang=zh" for no in range(1, SCREENS + 1)]
        pages = [stack.enter_context(open_wall(browser, server, chief, hand, one)) for one in search]
        pages[0].wait_for_timeout(2 * DWELL_S * 1000)  # all are there, and know the server's clock
        for page in pages:
            page.evaluate("bench.begins()")
        pages[0].wait_for_timeout(lasts_s * 1000)
        return [[(key, at) for key, at in page.evaluate("bench.begins()")] for page in pages]


def find_skews(screens: Iterable[Begins]) -> list[float]:
    """Milliseconds between the first and the last screen, for each scene that began on all of them."""
    known: dict[str, list[float]] = defaultdict(list)
    count = 0
    for begins in screens:
        count += 1
        for key, at in dict(reversed(begins)).items():  # of a scene that was drawn anew, its begin
            known[key].append(at)
    return [max(times) - min(times) for times in known.values() if len(times) == count]
