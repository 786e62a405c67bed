"""Dates as people write them, to moments with a time zone."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from data.importing.say import FileProblem

_PLAIN = (
    *(f"%Y{a}%m{a}%d{time}" for a in "/-." for time in (" %H:%M:%S", " %H:%M", "", " %H:%M:%S.%f")),
    *(f"%Y年%m月%d日{gap}{time}" for gap in (" ", "") for time in ("%H:%M:%S", "%H:%M", "%H时%M分", "%H时%M分%S秒")),
    "%Y年%m月%d日",
    *("%d %b %Y", "%d-%b-%Y", "%Y%m%d %H:%M:%S"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M:%S %p", " %I:%M %p")
_MONTH_FIRST = tuple(f"{day}{time}" for day in ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y") for time in _TIMES)
_DAY_FIRST = tuple(f"{day}{time}" for day in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y") for time in _TIMES)
_TWO_NUMBERS = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}(?!\d)")
_EPOCHS = {"epoch_s": 1.0, "epoch_ms": 1000.0}


class DateReader:
    """Reads the dates of one column.

    Args:
        date_format: ``strptime`` format, ``"epoch_s"`` or ``"epoch_ms"``; ``None`` finds it out from the values.
        zone: time zone of moments that do not name one.
        ignore_offset: take the wall-clock time and leave the written offset (a wrong ``Z``) aside.
    """

    def __init__(self, date_format: str | None, zone: ZoneInfo, ignore_offset: bool = False) -> None:
        self.format = date_format
        self.zone = zone
        self.ignore_offset = ignore_offset
        self._forms: list[str] = [date_format] if date_format else list(_PLAIN)

    def settle(self, values: Sequence[Any], file: str, column: str) -> None:
        """Find out, where no format was declared, whether day or month comes first: all values of the column are asked.

        Raises:
            FileProblem: both could.
        """
        if self.format:
            return
        found = [(m, v) for v in values if isinstance(v, str) and (m := _TWO_NUMBERS.match(v))]
        if not found:
            return
        day_first = sum(int(m[1]) > 12 for m, _ in found)
        month_first = sum(int(m[2]) > 12 for m, _ in found)
        if day_first == month_first:
            raise FileProblem("ambiguous_date", file=file, column=column, value=found[0][1])
        self._forms += _DAY_FIRST if day_first > month_first else _MONTH_FIRST

    def read(self, value: Any) -> dt.datetime | None:
        """The moment, in the column's time zone; ``None`` when the value is not a date."""
        found = self._parse(value)
        if found is None:
            return None
        if found.tzinfo is None or self.ignore_offset:
            found = found.replace(tzinfo=self.zone)
        return found if 1 < found.year < 9999 else None

    def _parse(self, value: Any) -> dt.datetime | None:
        if isinstance(value, dt.datetime):
            return value
        if isinstance(value, dt.date):
            return dt.datetime.combine(value, dt.time())
        text = str(value).strip()
        if self.format in _EPOCHS:
            return _epoch(text, _EPOCHS[self.format])
        return self._by_form(text) or _iso(text) if self.format else _iso(text) or self._by_form(text)

    def _by_form(self, text: str) -> dt.datetime | None:
        """Read by the first format that fits; it is asked first from then on, since files rarely change their mind."""
        for place, form in enumerate(self._forms):
            try:
                found = dt.datetime.strptime(text, form)
            except ValueError:
                continue
            if place:
                self._forms.insert(0, self._forms.pop(place))
            return found
        return None


def _iso(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _epoch(text: str, scale: float) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(float(text) / scale, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
