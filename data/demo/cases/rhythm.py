"""When things are reported: by weekday, season, holiday, storm and hour."""

from datetime import date

import numpy as np

from data.demo.common.frame import Floats

HOLIDAYS = (
    (date(2024, 1, 1), date(2024, 1, 1)),
    (date(2024, 2, 10), date(2024, 2, 17)),
    (date(2024, 4, 4), date(2024, 4, 6)),
    (date(2024, 5, 1), date(2024, 5, 5)),
    (date(2024, 6, 8), date(2024, 6, 10)),
    (date(2024, 9, 15), date(2024, 9, 17)),
    (date(2024, 10, 1), date(2024, 10, 7)),
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
"""Public holidays: first and last day."""

STORMS = (
    *(date(2024, 6, 18), date(2024, 7, 2), date(2024, 8, 21)),
    *(date(2025, 6, 24), date(2025, 7, 12), date(2025, 8, 3)),
    *(date(2026, 6, 14), date(2026, 7, 9), date(2026, 7, 28)),
)
"""Days of heavy rain: the city calls that day and the next."""

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


def share_of_days(category: str, channel: str, calendar: list[date]) -> Floats:
    """Share of each day of the calendar in the cases of one category and channel; adds up to 1. The last day ends at ``AS_OF``."""
    number, of_day = len(calendar), {day: i for i, day in enumerate(calendar)}
    week = np.array(_WEEK.get(channel, _PEOPLE))[[day.weekday() for day in calendar]]
    size, peak = _SEASON[category]
    season = 1 + size * np.cos(2 * np.pi * (np.array([day.timetuple().tm_yday for day in calendar]) - peak) / 365.25)
    growth = 1 + 0.07 * np.arange(number) / 365
    quiet = np.ones(number)
    for first, last in HOLIDAYS:
        if first in of_day:
            quiet[of_day[first] : of_day[last] + 1] = _HOLIDAY.get(category, 0.72)
    for storm in STORMS:
        if storm not in of_day:
            continue
        at = of_day[storm]
        quiet[at] *= _STORM.get(category, 0.9)
        quiet[at + 1] *= 1 + 0.5 * (_STORM.get(category, 0.9) - 1)
    weather = 1 + 0.06 * np.sin(np.arange(number) / 4.2) + 0.04 * np.sin(np.arange(number) / 1.7)
    share = week * season * growth * quiet * weather
    share[-1] *= 0.24  # the part of a day's cases that comes in before 09:40
    return np.asarray(share / share.sum())


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
