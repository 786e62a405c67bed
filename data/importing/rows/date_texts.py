"""One date as people write it: strictly by its form, so that nothing is read that means something else.

``datetime.fromisoformat`` takes any sign between day and time: it reads the day ``2016-12-03+08:00`` as eight o'clock and ``08.30`` as
eight o'clock and a fraction of a second.
"""

import datetime as dt
import re

_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
    r"(?:(?:[Tt]|[ ]+)(?P<hour>\d\d)(?:(?P<gap>[:.]?)(?P<minute>\d\d)(?:(?P=gap)(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,12}))?)?)?)?"
    r"[ ]*(?P<offset>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_DIGITS = re.compile(r"(\d{8})(\d{4})(\d{2})?", re.ASCII)
_DOTTED_TIME = re.compile(r"(.*\S[ ]+)(\d{1,2})\.([0-5]\d)(?:\.([0-5]\d))?", re.ASCII)
_MIDNIGHT = re.compile(r"(?<!\d)24(?=(?::00|时00分|时)(?::00(?:\.0+)?|00秒)?(?![\d:.]))", re.ASCII)


def read_iso(text: str) -> tuple[dt.datetime, bool] | None:
    """A date by ISO 8601, with or without a time and an offset; whether it is a day alone. ``24:00`` is the midnight after."""
    packed = _DIGITS.fullmatch(text)
    if packed:
        text = f"{packed[1]}T{packed[2]}{packed[3] or ''}"
    found = _ISO.fullmatch(text)
    if found is None or (found["gap"] == "" and found["minute"] and found["dash"]):
        return None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    late = hour == 24 and minute == second == 0 and not int(found["fraction"] or 0)
    try:
        day = dt.date(int(found["year"]), int(found["month"]), int(found["day"])) + dt.timedelta(days=late)
        made = dt.datetime.combine(day, dt.time(0 if late else hour, minute, second, _micros(found["fraction"])))
        return made.replace(tzinfo=_offset(found["offset"])) if found["hour"] else made, found["hour"] is None
    except (ValueError, OverflowError):
        return None


def colons_for_dots(text: str) -> str:
    """``5.10.2026 08.30`` with its time as ``08:30``."""
    found = _DOTTED_TIME.fullmatch(text)
    return text if found is None else f"{found[1]}{found[2]}:{found[3]}" + (f":{found[4]}" if found[4] else "")


def split_midnight(text: str) -> tuple[str, int]:
    """A text with ``24:00`` as ``00:00``, and the days that this is later."""
    made, count = _MIDNIGHT.subn("00", text)
    return (made, 1) if count == 1 else (text, 0)


def _micros(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0


def _offset(text: str | None) -> dt.timezone | None:
    """Raises ValueError for an offset of a day or more."""
    if text is None:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-ahead if text[0] == "-" else ahead)
