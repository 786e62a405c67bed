"""A city for walls that are watched over a long time: a database of its own with a clock that can be moved, and a tour."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import make_url

from bench.databases import beside, connect, fill, scratch
from bench.model import Json, Unmeasured
from bench.order import Order
from bench.serving import Server
from data.accounts.guest import Guest, guest

SCALE = "test"
DWELL_S = 5
"""The shortest time for which a scene may stand."""
_SCENES = """
SELECT code, name FROM area WHERE level = 'city'
UNION ALL (SELECT code, name FROM area WHERE level IN ('district', 'street') ORDER BY nlevel(path), code LIMIT 4)
"""
_COUNTS = """
SELECT a.name, d.day, sum(d.reported) FROM area a JOIN area g ON g.path <@ a.path AND g.level = 'grid'
JOIN incident_daily d ON d.area_no = g.no WHERE a.code = ANY(%(codes)s) AND d.day BETWEEN %(first)s AND %(last)s GROUP BY a.name, d.day
"""
# The product's statements say now() without a schema: one that stands before pg_catalog in the search path is the clock of this database.
_CLOCK = """
CREATE SCHEMA bench_clock;
CREATE TABLE bench_clock.hand (real timestamptz NOT NULL, shown timestamptz NOT NULL, rate double precision NOT NULL);
INSERT INTO bench_clock.hand VALUES (pg_catalog.now(), pg_catalog.now(), 1);
CREATE FUNCTION bench_clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT shown + (pg_catalog.now() - real) * rate FROM bench_clock.hand';
GRANT USAGE ON SCHEMA bench_clock TO PUBLIC;
GRANT SELECT ON bench_clock.hand TO PUBLIC;
"""
_STAY_IN = "UPDATE session SET seen_at = bench_clock.now() + interval '4 hours', ends_at = bench_clock.now() + interval '6 hours'"
"""Nobody's session ends because a day passes in a minute."""
_PATH = "ALTER DATABASE {name} SET search_path = bench_clock, pg_catalog, public"


@dataclass(frozen=True, slots=True)
class Hand:
    """A clock that shows ``shown_ms`` at the real moment ``real_ms`` (both since 1970) and then runs ``rate`` times as fast."""

    real_ms: float
    shown_ms: float
    rate: float

    def at(self, real_ms: float) -> float:
        """What it shows at a real moment."""
        return self.shown_ms + (real_ms - self.real_ms) * self.rate

    def leap(self, ms: float) -> "Hand":
        """The same clock, moved on by so much now."""
        now = time.time() * 1000
        return Hand(now, self.at(now) + ms, self.rate)


@dataclass(frozen=True, slots=True)
class Town:
    """A city with its scenes: ``areas`` are names by code, ``timezone`` is the city's."""

    address: str
    city: str
    areas: dict[str, str]
    timezone: ZoneInfo

    def set_clock(self, hand: Hand) -> None:
        """Let the database's clock stand so."""
        with connect(self.address) as connection:
            values = [hand.real_ms / 1000, hand.shown_ms / 1000, hand.rate]
            connection.execute("UPDATE bench_clock.hand SET real = to_timestamp(%s), shown = to_timestamp(%s), rate = %s", values)
            connection.execute(_STAY_IN)

    def count_days(self, first: date, last: date) -> dict[tuple[str, date], int]:
        """Reported cases of each scene's area, by its name, on each day; days without any are left out."""
        with connect(self.address) as connection:
            rows = connection.execute(_COUNTS, {"codes": list(self.areas), "first": first, "last": last}).fetchall()
        return {(name, day): int(n) for name, day, n in rows}

    def day_at(self, shown_ms: float) -> date:
        """The city's day at a moment."""
        return datetime.fromtimestamp(shown_ms / 1000, self.timezone).date()


@contextmanager
def make_town(order: Order) -> Iterator[Town]:
    """A small city in a database of its own, until the block ends."""
    with scratch(beside(order.server, order.embedded)) as address:
        fill(address, SCALE)
        yield prepare_town(address)


def prepare_town(address: str) -> Town:
    """Let a demo city's figures follow the clock, and make that clock one that can be moved."""
    name = make_url(address).database or ""
    with connect(address) as connection:
        connection.execute("UPDATE city SET as_of = NULL")
        connection.execute(_CLOCK)
        connection.execute(_PATH.format(name=f'"{name}"').encode())
        areas: dict[str, str] = dict(connection.execute(_SCENES).fetchall())
        row = connection.execute("SELECT code, timezone FROM city ORDER BY code LIMIT 1").fetchone()
    if row is None:
        raise Unmeasured("the database holds no city")
    return Town(address, row[0], areas, ZoneInfo(row[1]))


@contextmanager
def make_chief(town: Town) -> Iterator[Guest]:
    """Somebody who may steer walls: whose browser is a screen, too, and hears of every case."""
    with guest("supervisor", scope=town.city, url=make_url(town.address).set(drivername="postgresql+psycopg")) as chief:
        yield chief


def write_tour(server: Server, chief: Guest, town: Town) -> None:
    """A tour of one scene for each area, each for the shortest time, that nothing interrupts.

    Raises:
        Unmeasured: the server does not take it.
    """
    scenes: list[Json] = [{"name": name, "area": code, "dwell_s": DWELL_S} for code, name in town.areas.items()]
    body: Json = {"wall": "main", "city": town.city, "scenes": scenes, "settings": {"interrupt": {"serious": False, "late_3": False}}}
    answer = requests.post(f"{server.url}/api/wall/tour", json=body, headers={"Authorization": f"Bearer {chief.token}"}, timeout=60)
    if not answer.ok:
        raise Unmeasured(f"the tour was not taken: {answer.text[:200]}")
