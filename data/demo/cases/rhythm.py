"""When things are reported: by weekday, season, holiday, storm and hour."""

from datetime import date, timedelta

import numpy as np

from data.deadlines.gazette import read_gazette
from data.demo.common.frame import MORNING, Floats, Ints, make_dice
from data.demo.common.scale import Scale
from data.schema import CHANNELS

_STORMS = {
    2024: (date(2024, 6, 18), date(2024, 7, 2), date(2024, 8, 21)),
    2025: (date(2025, 6, 24), date(2025, 7, 12), date(2025, 8, 3)),
    2026: (date(2026, 6, 14), date(2026, 7, 9), date(2026, 7, 28)),
}
"""Days of heavy rain: the city calls that day and the next. In other years they fall as the dice say."""

_OFFICE = (1.10, 1.06, 1.04, 1.03, 1.06, 0.66, 0.58)
_PEOPLE = (1.08, 1.02, 1.00, 1.00, 1.03, 0.95, 0.92)
_ALWAYS = (1.00, 1.00, 1.00, 1.00, 1.02, 1.00, 0.98)
_WEEK = {
    "grid_worker": _OFFICE,
    "superior": _OFFICE,
    "business_system": _OFFICE,
    "database_mirror": _OFFICE,
    "video": _ALWAYS,
    "sensor": _ALWAYS,
}

_SEASON = {
    # amplitude, and the day of the year when it is most
    "env": (0.12, 200),
    "order": (0.20, 215),
    "utility": (0.10, 15),
    "construction": (0.14, 290),
    "advert": (0.10, 345),
    "greening": (0.42, 170),
    "dispute": (0.10, 30),
    "care": (0.08, 15),
    "emergency": (0.30, 195),
}
_STORM = {"env": 1.3, "utility": 2.6, "greening": 3.2, "emergency": 7.0, "construction": 1.2}
_HOLIDAY = {"construction": 0.35, "advert": 0.5, "dispute": 0.7, "emergency": 1.1, "order": 0.9}

_HOURS = {
    # peaks of the day: hour, spread, weight; and an even share
    "grid_worker": (((9.4, 1.3, 0.46), (15.4, 1.6, 0.40), (19.5, 1.2, 0.08)), 0.02),
    "video": (((9.0, 2.5, 0.3), (16.0, 3.0, 0.3), (21.0, 2.0, 0.15)), 0.25),
    "sensor": (((7.5, 2.0, 0.2), (18.0, 2.5, 0.2)), 0.6),
    "": (((10.2, 1.8, 0.38), (15.6, 2.0, 0.32), (19.8, 1.7, 0.22)), 0.05),
}


_BEFORE_TEN, _EARLY_SHARE = (420, 158), 0.24
"""A city that is made up to a given day stands for 09:40: what came in that morning, and its share of the day's cases."""


def storms_of(year: int) -> tuple[date, ...]:
    """Days of heavy rain: one each in June, July, and late in the summer."""
    if year in _STORMS:
        return _STORMS[year]
    after = make_dice(21, year).integers(0, 20, 3).tolist()
    return tuple(
        first + timedelta(days=n) for first, n in zip((date(year, 6, 10), date(year, 7, 1), date(year, 7, 26)), after, strict=True)
    )


def holidays_between(first: date, last: date) -> set[date]:
    """Public holidays, also of years whose notice has not come yet. The days before a New Year are like others."""
    known = read_gazette("CN", None, first.year, last.year).days
    return {day for day, special in known.items() if special.kind == "off" and day.month != 12 and first <= day <= last}


class Rhythm:
    """How cases are spread over the days of a city, up to the minute at which it ends."""

    def __init__(self, scale: Scale) -> None:
        calendar = scale.calendar()
        self._weekday = np.array([day.weekday() for day in calendar])
        self._day_of_year = np.array([day.timetuple().tm_yday for day in calendar])
        quiet = holidays_between(calendar[0], calendar[-1])
        self._holiday = np.array([day in quiet for day in calendar])
        years = range(calendar[0].year, calendar[-1].year + 1)
        self._storms = [(storm - calendar[0]).days for year in years for storm in storms_of(year) if calendar[0] <= storm <= calendar[-1]]
        self._minutes, self._is_morning = scale.minute_of_day, scale.until.time() == MORNING

    def share_of_days(self, category: str, channel: str) -> Floats:
        """Share of each day in the cases of one category and channel; adds up to 1. The last day is not over."""
        number = len(self._weekday)
        week = np.array(_WEEK.get(channel, _PEOPLE))[self._weekday]
        size, peak = _SEASON[category]
        season = 1 + size * np.cos(2 * np.pi * (self._day_of_year - peak) / 365.25)
        growth = 1 + 0.07 * np.arange(number) / 365
        quiet = np.ones(number)
        quiet[self._holiday] = _HOLIDAY.get(category, 0.72)
        for at in self._storms:
            quiet[at] *= _STORM.get(category, 0.9)
            quiet[at + 1 : at + 2] *= 1 + 0.5 * (_STORM.get(category, 0.9) - 1)
        weather = 1 + 0.06 * np.sin(np.arange(number) / 4.2) + 0.04 * np.sin(np.arange(number) / 1.7)
        share = week * season * growth * quiet * weather
        share[-1] *= _EARLY_SHARE if self._is_morning else _share_until(channel, self._minutes)
        return np.asarray(share / share.sum())

    def minutes_of_last_day(self, channel: Ints, drawn: Floats) -> Floats:
        """Minutes of the last day, all before the one at which it ends, in each channel's own hours.

        Args:
            channel: indices into ``CHANNELS``.
            drawn: a random number of 0 to 1 for each.
        """
        if self._is_morning:
            begin, long = _BEFORE_TEN
            return begin + drawn**0.6 * long
        minutes = np.zeros(len(drawn))
        for k, name in enumerate(CHANNELS):
            mine = channel == k
            shares = drawn[mine] * _share_until(name, self._minutes)
            minutes[mine] = np.interp(shares, np.append(0, np.cumsum(share_of_hours(name))), np.arange(25) * 60)
        return np.minimum(np.floor(minutes), max(self._minutes - 1, 0))


def _share_until(channel: str, minutes: int) -> float:
    """Share of a day's cases that come in before a minute of the day."""
    return float(np.interp(minutes / 60, np.arange(25), np.append(0, np.cumsum(share_of_hours(channel)))))


def share_of_weekdays(channel: str) -> Floats:
    """Share of each day of the week, from Monday, in the cases of one channel."""
    week = np.array(_WEEK.get(channel, _PEOPLE))
    return np.asarray(week / week.sum())


def share_of_hours(channel: str) -> Floats:
    """Share of each hour of the day in the cases of one channel."""
    peaks, even = _HOURS.get(channel, _HOURS[""])
    hour = np.arange(24) + 0.5
    share = np.full(24, even / 24)
    for at, spread, weight in peaks:
        bell = np.exp(-(((hour - at) / spread) ** 2) / 2)
        share += weight * bell / bell.sum()
    return np.asarray(share / share.sum())
