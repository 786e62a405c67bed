"""Proof of play: which scene a screen showed from when to when, with which version of tour and data; kept for 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from data.core.errors import NotOpen
from data.core.text import LARGEST_BIGINT
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.wall import statements as queries
from data.wall.model import Reader

KEPT = timedelta(days=30)
TAKEN = timedelta(days=7)
"""A screen that was alone for longer proves nothing of that time: otherwise whoever has its token could fill a month at once."""
MOST_PLAYS = 500
"""Of one heartbeat: what a screen shows in an hour and a half, at least."""
MOST_A_DAY = 20_000
"""Of one screen and one day (UTC): a scene stands for five seconds at least, which makes 17,280."""
KINDS = ("scene", "hold", "serious", "late_3")
_AHEAD = timedelta(minutes=1)
_LATEST_MS = 4_102_444_800_000


@dataclass(frozen=True, slots=True)
class Play:
    """One scene on one screen.

    Attributes:
        first, last: from when to when it was shown, by the server's clock.
        scene: its name at that time.
        kind: the tour's own, held by a presenter, or a case.
        tour_version, data_version: of what was shown.
    """

    first: datetime
    last: datetime
    scene: str
    kind: str
    tour_version: str
    data_version: int


def read_plays(given: Reader, now: datetime) -> tuple[Play, ...]:
    """What a heartbeat tells was shown. What is older than a week, or lies ahead, is left out: the screen must not tell it again.

    Raises:
        BadInput: with the place of the first fault.
    """
    found = [_read_play(Reader(one, f"plays.{no}")) for no, one in enumerate(given.items("plays", MOST_PLAYS), 1)]
    return tuple(one for one in found if now - TAKEN <= one.first <= one.last <= now + _AHEAD)


def _read_play(given: Reader) -> Play:
    given.refuse_others(("from_ms", "until_ms", "scene", "kind", "tour_version", "data_version"))
    kind = given.word("kind", "scene")
    if kind not in KINDS:
        raise given.fault("kind", "it is not known here")
    first, last = (datetime.fromtimestamp(given.number(name, 0, _LATEST_MS, 0) / 1000, UTC) for name in ("from_ms", "until_ms"))
    return Play(first, last, given.text("scene"), kind, given.text("tour_version"), given.whole("data_version", 0, LARGEST_BIGINT, 0))


async def write_plays(connection: AsyncConnection, screen: str, plays: Sequence[Play]) -> int:
    """Keep what a screen has shown; what was told before is not kept twice.

    Returns:
        How many were left out, because the screen has told of so many of that day: see ``MOST_A_DAY``.
    """
    if not plays:
        return 0
    columns: dict[str, list[Any]] = {
        "first": [one.first for one in plays],
        "last": [one.last for one in plays],
        "scene": [one.scene for one in plays],
        "kind": [one.kind for one in plays],
        "tour": [one.tour_version for one in plays],
        "data": [one.data_version for one in plays],
    }
    done = await connection.execute(queries.WRITE_PLAYS, {"screen": screen, "most": MOST_A_DAY, **columns})
    left_out = int(done.scalar_one())
    if left_out:
        await connection.execute(queries.LEFT_OUT, {"id": screen, "n": left_out})
    return left_out


async def fetch_plays(viewer: Viewer, city: str, wall: str | None, first: date, last: date, timezone: str) -> Sequence[RowMapping]:
    """What screens of a city have shown on some days, the oldest first.

    Args:
        viewer: who asks.
        city: its code.
        wall: name of one wall; ``None``: all.
        first, last: days in the city, both included.
        timezone: of the city.

    Raises:
        NotOpen: the viewer may not steer walls.
        TooManyRows: ask for fewer days.
    """
    if not viewer.may("steer_walls"):
        raise NotOpen
    return await fetch(queries.PLAYS, viewer, {"city": city, "wall": wall, "first": first, "last": last, "timezone": timezone})
