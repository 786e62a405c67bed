"""Dates as people write them, to moments with a time zone."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from data.importing.say import FileProblem

_LOOKED_AT = 2_000
_PLAIN = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%Y%m%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S.%f",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M:%S %p", " %I:%M %p")
_MONTH_FIRST = tuple(f"{day}{time}" for day in ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y") for time in _TIMES)
_DAY_FIRST = tuple(f"{day}{time}" for day in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y") for time in _TIMES)
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

    def settle(self, values: Sequence[Any], file: str, column: str) -> None:
        """Find out the format where none was declared.

        Raises:
            FileProblem: day and month could both come first.
        """
        texts = [v for v in values if isinstance(v, str)][:_LOOKED_AT]
        if self.format or not texts or any(_iso(text) for text in texts):
            return
        plain = _best(_PLAIN, texts)
        month, day = _best(_MONTH_FIRST, texts), _best(_DAY_FIRST, texts)
        if max(month[0], day[0]) > plain[0]:
            if month[0] == day[0]:
                raise FileProblem("ambiguous_date", file=file, column=column, value=texts[0])
            plain = max(month, day)
        self.format = plain[1] if plain[0] else None

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
        if self.format:
            try:
                return dt.datetime.strptime(text, self.format)
            except ValueError:
                pass
        return _iso(text)


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


def _best(formats: Sequence[str], texts: Sequence[str]) -> tuple[int, str]:
    """How many texts the best format reads, and that format."""
    return max(((sum(_reads(f, t) for t in texts), f) for f in formats), key=lambda found: found[0])


def _reads(form: str, text: str) -> bool:
    try:
        dt.datetime.strptime(text.strip(), form)
    except ValueError:
        return False
    return True
