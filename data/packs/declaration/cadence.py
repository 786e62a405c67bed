"""When deliveries are due: one line of a pack, such as ``monthly 10 18:00``, as a frozen value."""

import datetime as dt
import re
from typing import Literal

from pydantic_core import PydanticCustomError

from data.importing.profile.spec import Strict

Every = Literal["daily", "working_days", "weekly", "monthly", "quarterly", "yearly", "on_demand"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST_DAY = -1
"""``Cadence.day`` of “monthly last” and “quarterly last”: the last day of the month, or of the quarter."""

FORMS = (
    "daily HH:MM",
    "working_days HH:MM",
    "weekly mon HH:MM",
    "monthly 10 HH:MM",
    "monthly last HH:MM",
    "quarterly 15 HH:MM",
    "yearly 03-31 HH:MM",
    "on_demand",
)
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_TIME = r"(?P<time>\d\d:\d\d)"
_DAY = r"(?P<day>\d{1,2}|last)"
_PATTERNS: dict[Every, str] = {
    "daily": _TIME,
    "working_days": _TIME,
    "weekly": rf"(?P<weekday>{'|'.join(WEEKDAYS)}) {_TIME}",
    "monthly": rf"{_DAY} {_TIME}",
    "quarterly": rf"{_DAY} {_TIME}",
    "yearly": rf"(?P<month>\d\d)-(?P<day>\d\d) {_TIME}",
    "on_demand": "",
}


class Cadence(Strict):
    """When a delivery is due.

    ``weekday`` counts from Monday (0). ``day`` is a day of the month (29 to 31: the last one of a shorter month), or ``LAST_DAY``;
    quarterly it is a day of the quarter's first month, or the quarter's last day. ``time`` is the city's; it is missing on demand.
    """

    every: Every
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    time: dt.time | None = None


def parse_cadence(value: object) -> object:
    """The cadence that a line says.

    Raises:
        PydanticCustomError: it says none.
    """
    if isinstance(value, Cadence):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("cadence_form", "cadence")
    every, _, rest = " ".join(value.split()).partition(" ")
    pattern = _PATTERNS.get(every)  # type: ignore[call-overload]
    found = re.fullmatch(pattern, rest, re.ASCII) if pattern is not None else None
    if found is None:
        raise PydanticCustomError("cadence_form", "cadence")
    parts = found.groupdict()
    day, month = _read_day(parts.get("day")), int(parts["month"]) if "month" in parts else None
    return {
        "every": every,
        "weekday": WEEKDAYS.index(parts["weekday"]) if "weekday" in parts else None,
        "day": _checked(day, month),
        "month": month,
        "time": _read_time(parts["time"]) if "time" in parts else None,
    }


def _read_day(text: str | None) -> int | None:
    return None if text is None else LAST_DAY if text == "last" else int(text)


def _checked(day: int | None, month: int | None) -> int | None:
    if month is not None and not 1 <= month <= len(_DAYS_OF_MONTH):
        raise PydanticCustomError("cadence_form", "cadence")
    longest = _DAYS_OF_MONTH[month - 1] if month else max(_DAYS_OF_MONTH)
    if day is not None and day != LAST_DAY and not 1 <= day <= longest:
        raise PydanticCustomError("cadence_form", "cadence")
    return day


def _read_time(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("cadence_form", "cadence") from None
