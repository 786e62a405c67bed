"""When what is reported, and from where: by the demo city's own rhythms. The same seed and slot give the same reports.

The crew's time is cut into slots of ten minutes. What is reported in a slot follows from seed, speed and slot alone, so a crew that is
started again sends nothing twice: every report has a key of its own.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.demo.alive.people import SENSITIVE, Crew, Member
from data.demo.alive.timing import DAY_S, Pace
from data.demo.cases.rhythm import share_of_hours, share_of_weekdays
from data.demo.common import names
from data.demo.common.catalogue import CATEGORIES, CHANNEL_LEANINGS, CHANNEL_SHARES
from data.schema import CHANNELS

SLOT_S = 600.0
AGAIN, PHOTO, URGENT = 0.04, 0.25, 0.06
"""Of reports: made a second time by somebody else, sent with a photo, reported as urgent."""
_PAIRS = [(category, channel) for category in CATEGORIES for channel in CHANNELS]
_BY_DEVICE = frozenset({"video", "sensor", "superior", "business_system", "database_mirror"})
_BY_NAME = frozenset({"hotline", "public"})
"""Channels through which people give a name and a number."""
_ON_FOOT = frozenset({"grid_worker", "building_head"})
_SEEN = ("请尽快处理。", "已持续多日。", "影响居民通行。", "附近有学校，请优先处理。", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was reported before: degrees, code of the district, and the words of its address."""

    lon: float
    lat: float
    district: str
    near: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report to be made: at which moment (seconds since 1970, by the clock), by whom, under which key, and what it says."""

    at: float
    who: Member
    key: str
    body: dict[str, Any]
    photo: bool


class Rhythm:
    """Makes reports, slot by slot.

    Args:
        seed: of all that is decided.
        pace: how fast the crew's time runs.
        per_day: how many cases a usual day of the city has.
        places: where cases of each category are reported.
        crew: who reports them.
    """

    def __init__(self, seed: int, pace: Pace, per_day: float, places: dict[str, list[Place]], crew: Crew) -> None:
        self._seed, self._pace, self._crew, self._places = seed, pace, crew, places
        self._rates = per_day * make_shares(frozenset(code for code, known in places.items() if known)) * SLOT_S / DAY_S

    def slot_of(self, clock_s: float) -> int:
        """The slot of a moment of the clock."""
        return int(self._pace.crew_s(clock_s) // SLOT_S)

    def starts(self, slot: int) -> float:
        """When a slot begins, by the clock."""
        return slot * SLOT_S / self._pace.speed

    def make(self, slot: int) -> list[Report]:
        """The reports of a slot, the first one first."""
        weekday, hour = self._pace.weekday_hour(self.starts(slot))
        rates = self._rates[weekday * 24 + int(hour)]
        dice = np.random.default_rng([self._seed, slot])
        pairs = np.repeat(np.arange(len(_PAIRS)), dice.poisson(rates))
        return sorted(self._report(slot, dice.permutation(pairs).tolist()), key=lambda report: report.at)

    def _report(self, slot: int, pairs: list[int]) -> Iterator[Report]:
        for n, pair in enumerate(pairs):
            category, channel = _PAIRS[pair]
            dice = random.Random(f"{self._seed}|{self._pace.speed:g}|{slot}|{n}")
            place = dice.choice(self._places[category.code])
            what = category.events[int(dice.random() ** 1.4 * len(category.events))][0]
            at = self.starts(slot) + dice.random() * SLOT_S / self._pace.speed
            said = {"category": category.code, "title": f"{place.near}附近{what}", "lon": place.lon, "lat": place.lat}
            first = said | self._tell(channel, dice)
            key = f"{self._seed}:{self._pace.speed:g}:{slot}:{n}"
            yield Report(at, self._find_reporter(category.code, channel, place), key, first, dice.random() < PHOTO)
            if dice.random() < AGAIN:
                second = said | self._tell("hotline", dice)
                later = at + dice.random() * SLOT_S / self._pace.speed
                yield Report(later, self._find_reporter(category.code, "hotline", place), f"{key}:again", second, False)

    def _tell(self, channel: str, dice: random.Random) -> dict[str, Any]:
        """Channel, urgency, description, and who reports."""
        told: dict[str, Any] = {"channel": channel}
        if dice.random() < URGENT:
            told["severity"] = dice.choice([1, 2, 2, 4])
        if words := dice.choice(_SEEN):
            told["description"] = words
        if channel in _BY_NAME:
            name = dice.choice(names.SURNAMES).zh + dice.choice(names.GIVEN).zh
            told["reporter"] = {"name": name, "phone": names.make_phone(dice.randrange(10**6))}
        return told

    def _find_reporter(self, category: str, channel: str, place: Place) -> Member:
        if category in SENSITIVE:
            return self._crew.at("chief")
        if channel in _ON_FOOT:
            return self._crew.find_grid_worker(place.district, category)
        return self._crew.at("devices" if channel in _BY_DEVICE else "hotline")


def make_shares(categories: frozenset[str]) -> np.ndarray:
    """(168, pairs): by hour of the week, from Monday, how many times a day's cases would come if every hour were like it; mean 1."""
    rows = np.zeros((7, 24, len(_PAIRS)))
    for n, (category, channel) in enumerate(_PAIRS):
        if category.code in categories:
            of_channel = {c: CHANNEL_SHARES[c] * CHANNEL_LEANINGS.get((c, category.code), 1.0) for c in CHANNELS}
            share = category.share * of_channel[channel] / sum(of_channel.values())
            rows[:, :, n] = share * np.outer(share_of_weekdays(channel) * 7, share_of_hours(channel) * 24)
    return np.asarray(rows.reshape(168, -1) / rows.sum(axis=2).mean())
