"""Reads dates as people write them, and gives moments with a time zone."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Mask, Values, to_mask
from data.importing.common.sentences import FileProblem
from data.importing.rows import date_columns

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
_LIKE_TWO_NUMBERS = r"^[\s\pZ]*\p{Nd}{1,2}[/.-]\p{Nd}{1,2}[/.-]\p{Nd}{4}"
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

    def decide_day_or_month(self, columns: list[Values], file: str, column: str) -> None:
        """Find out, where no format was declared, whether day or month comes first: all values of the columns are asked.

        Raises:
            FileProblem: both could.
        """
        if self.format:
            return
        day_first = month_first = 0
        example: str | None = None
        for values in columns:
            for text, count in _two_numbers(values):
                found = _TWO_NUMBERS.match(text)
                if found is None:
                    continue
                example = example or text
                day_first += count * (int(found[1]) > 12)
                month_first += count * (int(found[2]) > 12)
        if example is None:
            return
        if day_first == month_first:
            raise FileProblem("ambiguous_date", file=file, column=column, value=example)
        self._forms += _DAY_FIRST if day_first > month_first else _MONTH_FIRST

    def read_many(self, texts: pa.Array) -> tuple[date_columns.Micros, Mask]:
        """Many at once: moments, and rows that were read; the others are for ``read``."""
        if self.format:
            own = date_columns.find_layout(self.format)
            found = date_columns.read_layouts(texts, [own] if own else [], declared=True)
        else:
            tried = [w for form in self._forms if (w := date_columns.find_layout(form)) is not None]
            found = date_columns.read_layouts(texts, dict.fromkeys((*date_columns.PLAIN, *tried)))
        zulu = found.zulu & (not self.ignore_offset)
        at = np.where(zulu, found.wall, 0)
        local = found.done & ~zulu
        at[local] = date_columns.to_utc(found.wall[local], self.zone)
        return at, found.done

    def read(self, value: object) -> dt.datetime | None:
        """The moment, in the column's time zone; ``None`` when the value is not a date."""
        found = self._parse(value)
        if found is None:
            return None
        if found.tzinfo is None or self.ignore_offset:
            found = found.replace(tzinfo=self.zone)
        return found if 1 < found.year < 9999 else None

    def _parse(self, value: object) -> dt.datetime | None:
        if isinstance(value, dt.datetime):
            return value
        if isinstance(value, dt.date):
            return dt.datetime.combine(value, dt.time())
        text = str(value).strip()
        if self.format in _EPOCHS:
            return _epoch(text, _EPOCHS[self.format])
        return self._by_form(text) or _iso(text) if self.format else _iso(text) or self._by_form(text)

    def _by_form(self, text: str) -> dt.datetime | None:
        """Read by the first format that fits; it is tried first from then on, since files rarely change their format."""
        for place, form in enumerate(self._forms):
            try:
                found = dt.datetime.strptime(text, form)
            except ValueError:
                continue
            if place:
                self._forms.insert(0, self._forms.pop(place))
            return found
        return None


def _two_numbers(values: Values) -> list[tuple[str, int]]:
    """Texts that begin like 3/4/2026, each with how often it occurs."""
    if isinstance(values, list):
        return [(v, 1) for v in values if isinstance(v, str)]
    if not pa.types.is_string(values.type):
        return []
    counted = values.filter(pa.array(to_mask(pc.match_substring_regex(values, _LIKE_TWO_NUMBERS)))).value_counts()
    return list(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


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
