"""Three pages side by side as one picture: how far apart they begin each scene, in real time."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

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
"""Keys of scenes, and when each began, by the clock of the machine in ms."""
_CLOCK = "[gridwell.wall.clock.now() - Date.now(), gridwell.wall.city.flying.frameMs]"
LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What three screens did.

    Attributes:
        changed: when each screen changed to each scene, before anything of it was drawn.
        drawn: when each drew its first picture of it.
        clocks: how far each page's idea of the server's clock was off, in ms, at several moments, screen by screen.
        frame_ms: between two pictures, the same way.
    """

    changed: list[Begins]
    drawn: list[Begins]
    clocks: list[list[float]]
    frame_ms: list[list[float]]


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    lasts_s = SHORT_S if order.quick else LASTS_S
    with make_town(order) as town, gridwell(town.address, 2) as server, make_chief(town) as chief, open_browser() as browser:
        watched = watch(town, server, chief, browser, lasts_s)
    changed, drawn = find_skews(watched.changed), find_skews(watched.drawn)
    if not changed or not drawn:
        raise Unmeasured("no scene began on all screens")
    aim = f"≤ {AIM_MS:g} ms"
    for what, skews in (("skew of a scene's change", changed), ("skew of a scene's first picture", drawn)):
        row.compare(f"{what}, p95", row.percentiles(what, "ms", skews, 50, 95, 99)[1], aim, "ms")
    apart = [max(at) - min(at) for at in zip(*watched.clocks, strict=True)]
    row.compare("clocks of the screens apart", max(apart), aim, "ms")
    row.percentiles("clock of a screen beside the server's", "ms", [abs(one) for clock in watched.clocks for one in clock], 50, 95)
    row.percentiles("between two pictures of a screen", "ms", [one for screen in watched.frame_ms for one in screen], 50, 95)
    row.add("scene changes", "", [len(drawn)])
    row.notes.append(
        f"{SCREENS} windows of one Chromium that throttles none of them, {SIZE['width']} × {SIZE['height']} each, {lasts_s:g} s, a scene "
        f"every {DWELL_S} s, after one whole round. A page changes by its own idea of the server's clock, which it knows only from the "
        "server's answers; the first picture is the next that the browser draws. Times are those of the machine's clock, which is the "
        "server's. The skew is the time between the first and the last of the screens. All draw without a graphics card on the same cores "
        "as the server, so that a picture takes as long as the row says; a screen with a card of its own draws sixty a second."
    )


def watch(town: Town, server: Server, chief: Guest, browser: Browser, lasts_s: float) -> Watched:
    """Let the screens show some scenes."""
    hand = Hand(time.time() * 1000, time.time() * 1000, 1.0)
    town.set_clock(hand)
    write_tour(server, chief, town)
    with ExitStack() as stack:
        search = [f"?screen={no}/{SCREENS}&lang=zh" for no in range(1, SCREENS + 1)]
        pages = [stack.enter_context(open_wall(browser, server, chief, hand, one)) for one in search]
        pages[0].wait_for_timeout((len(town.areas) + 1) * DWELL_S * 1000)  # all know the server's clock, and have shown each scene
        for page in pages:
            page.evaluate("bench.begins()")
        looks, until = [], time.monotonic() + lasts_s
        while (left := until - time.monotonic()) > 0:
            pages[0].wait_for_timeout(min(LOOK_S, left) * 1000)
            looks.append([page.evaluate(_CLOCK) for page in pages])
        begins = [page.evaluate("bench.begins()") for page in pages]
    return Watched(
        [[(key, changed) for key, changed, _ in screen] for screen in begins],
        [[(key, drawn) for key, _, drawn in screen] for screen in begins],
        [[look[no][0] for look in looks] for no in range(SCREENS)],
        [[look[no][1] for look in looks] for no in range(SCREENS)],
    )


def find_skews(screens: Iterable[Begins]) -> list[float]:
    """Milliseconds between the first and the last screen, for each scene that began on all of them."""
    known: dict[str, list[float]] = defaultdict(list)
    count = 0
    for begins in screens:
        count += 1
        for key, at in dict(reversed(begins)).items():  # of a scene that was drawn anew, its begin
            known[key].append(at)
    return [max(times) - min(times) for times in known.values() if len(times) == count]
