"""Reads dates as people write them, and gives moments with a time zone."""

import datetime as dt
import re
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Mask, Values, to_mask, to_numbers
from data.importing.common.sentences import FileProblem
from data.importing.rows import date_columns
from data.importing.rows.date_texts import colons_for_dots, read_iso, split_midnight
from data.importing.rows.numbers import parse_number

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
_A_NUMBER = r"^\s*[0-9]{5,16}(\.[0-9]*)?\s*$"
_LIKE_TWO_NUMBERS = r"^[\s\pZ]*\p{Nd}{1,2}[/.-]\p{Nd}{1,2}[/.-]\p{Nd}{4}"
_EPOCHS = {"epoch_s": 1.0, "epoch_ms": 1000.0}
_SERIALS = {"excel": dt.datetime(1899, 12, 30), "excel_1904": dt.datetime(1904, 1, 1)}
_FIRST_SERIAL = {"excel": 61, "excel_1904": 0}
"""Spreadsheets count a 29 February 1900 that never was: what comes before cannot be told."""
_LAST_SERIAL = 2_958_465
_LIKELY = (("excel", 10_000, 100_000), ("epoch_s", 6e8, 5e9), ("epoch_ms", 6e11, 5e12))
"""Of columns of numbers, the format that would make dates of our time of them."""
_A_DAY = 20_261_231
"""Numbers up to here may be days such as 20261231."""
_TIME_CODES = ("%H", "%I", "%M", "%S", "%f", "%X", "%c", "%T")


class DateReader:
    """Reads the dates of one column.

    Args:
        date_format: ``strptime`` format, or one of ``SPECIAL_FORMATS``; ``None`` finds it out from the values.
        zone: time zone of moments that do not name one.
        ignore_offset: take the wall-clock time and leave the written offset (a wrong ``Z``) aside.
        day_zone: time zone in which days without a time begin; without it, ``zone``.
        precision: ``"day"`` takes every value for its day, ``"time"`` a day for its first moment; ``None``: as each is written.
    """

    def __init__(
        self,
        date_format: str | None,
        zone: ZoneInfo,
        ignore_offset: bool = False,
        day_zone: ZoneInfo | None = None,
        precision: Literal["day", "time"] | None = None,
    ) -> None:
        self.format = date_format
        self.zone = zone
        self.day_zone = zone if day_zone is None or precision == "time" else day_zone
        self.ignore_offset = ignore_offset
        self.precision = precision
        self._forms: list[str] = [date_format] if date_format else list(_PLAIN)
        self._whole_serials = False

    def settle(self, columns: list[Values], file: str, column: str) -> None:
        """Look at all values of the columns: whether day or month comes first, and whether numbers are dates of a kind to be declared.

        Raises:
            FileProblem: both could come first, or all values are numbers that no format was declared for.
        """
        if self.format in _SERIALS:
            self._whole_serials = not any(_has_fraction(values) for values in columns)
        if not self.format:
            self._refuse_numbers(columns, file, column)
            self._decide_day_or_month(columns, file, column)

    def _refuse_numbers(self, columns: list[Values], file: str, column: str) -> None:
        numbers = [_numbers(values) for values in columns]
        if any(found is None for found in numbers):
            return
        every = np.concatenate([found for found in numbers if found is not None]) if numbers else np.zeros(0)
        if not len(every) or ((every <= _A_DAY) & (every >= 19_000_101)).all():
            return
        middle = float(np.median(every))
        likely = next((name for name, least, most in _LIKELY if least <= middle < most), None)
        if likely is not None:
            raise FileProblem("numbers_for_dates", file=file, column=column, value=f"{every[0]:.12g}", hint=f'date_format = "{likely}"')

    def _decide_day_or_month(self, columns: list[Values], file: str, column: str) -> None:
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

    def read_many(self, texts: pa.Array) -> tuple[date_columns.Micros, Mask, Mask]:
        """Many at once: moments, rows that are whole days, and rows that were read; the others are for ``read``."""
        if self.format:
            own = date_columns.find_layout(self.format)
            found = date_columns.read_layouts(texts, [own] if own else [], declared=True)
        else:
            tried = [w for form in self._forms if (w := date_columns.find_layout(form)) is not None]
            found = date_columns.read_layouts(texts, dict.fromkeys((*date_columns.PLAIN, *tried)))
        zulu = found.zulu & (not self.ignore_offset)
        day = found.day
        if self.precision == "day":
            day, zulu = found.done, np.zeros(len(texts), dtype=bool)
            found.wall[:] -= found.wall % date_columns.DAY
        at = np.where(zulu, found.wall, 0)
        for rows, zone in ((found.done & ~zulu & ~day, self.zone), (day, self.day_zone)):
            at[rows] = date_columns.to_utc(found.wall[rows], zone)
        return at, day & (self.precision != "time"), found.done

    def read(self, value: object) -> dt.datetime | None:
        """The moment, in the column's time zone; ``None`` when the value is not a date."""
        found = self.read_precisely(value)
        return None if found is None else found[0]

    def read_precisely(self, value: object) -> tuple[dt.datetime, bool] | None:
        """The moment and whether only its day is known: then it is the first of that day."""
        parsed = self._parse(value)
        if parsed is None:
            return None
        found, day = parsed
        if day or self.precision == "day":
            found, day = dt.datetime.combine(found.date(), dt.time(), self.day_zone), self.precision != "time"
        elif found.tzinfo is None or self.ignore_offset:
            found = found.replace(tzinfo=self.zone)
        return (found, day) if 1 < found.year < 9999 else None

    def _parse(self, value: object) -> tuple[dt.datetime, bool] | None:
        if isinstance(value, dt.datetime):
            return value, False
        if isinstance(value, dt.date):
            return dt.datetime.combine(value, dt.time()), True
        text = str(value).strip()
        if self.format in _EPOCHS:
            return _epoch(text, _EPOCHS[self.format])
        if self.format in _SERIALS:
            return self._serial(text)
        if self.format:
            return self._by_form(text) or read_iso(text)
        return read_iso(text) or self._by_form(text) or self._by_form(colons_for_dots(text))

    def _serial(self, text: str) -> tuple[dt.datetime, bool] | None:
        """A day of a spreadsheet, counted from its first, with the time as a fraction."""
        number = parse_number(text, ".")
        form = str(self.format)
        if number is None or not _FIRST_SERIAL[form] <= number < _LAST_SERIAL:
            return None
        millis = round(number * 86_400_000)
        return _SERIALS[form] + dt.timedelta(milliseconds=millis), self._whole_serials

    def _by_form(self, text: str) -> tuple[dt.datetime, bool] | None:
        """Read by the first format that fits; it is tried first from then on, since files rarely change their format."""
        text, later = split_midnight(text)
        for place, form in enumerate(self._forms):
            try:
                found = dt.datetime.strptime(text, form) + dt.timedelta(days=later)
            except (ValueError, OverflowError):
                continue
            if place:
                self._forms.insert(0, self._forms.pop(place))
            return found, not any(code in form for code in _TIME_CODES)
        return None


def _two_numbers(values: Values) -> list[tuple[str, int]]:
    """Texts that begin like 3/4/2026, each with how often it occurs."""
    if isinstance(values, list):
        return [(v, 1) for v in values if isinstance(v, str)]
    if not pa.types.is_string(values.type):
        return []
    counted = values.filter(pa.array(to_mask(pc.match_substring_regex(values, _LIKE_TWO_NUMBERS)))).value_counts()
    return list(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _numbers(values: Values) -> npt.NDArray[np.float64] | None:
    """The values of a column that holds nothing but numbers; ``None`` for any other."""
    if isinstance(values, list):
        if not all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values):
            return None
        return np.array([v for v in values if v is not None], dtype=np.float64)
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        return to_numbers(values.drop_null())
    if not pa.types.is_string(values.type):
        return None
    texts = values.drop_null()
    if not len(texts) or not to_mask(pc.match_substring_regex(texts.slice(0, 100), _A_NUMBER)).all():
        return None
    if not to_mask(pc.match_substring_regex(texts, _A_NUMBER)).all():
        return None
    return to_numbers(pc.utf8_trim_whitespace(texts))


def _has_fraction(values: Values) -> bool:
    """Whether one of the numbers of a column has decimals."""
    numbers = _numbers(values)
    return numbers is None or bool((numbers % 1 != 0).any())


def _epoch(text: str, scale: float) -> tuple[dt.datetime, bool] | None:
    try:
        return dt.datetime.fromtimestamp(float(text) / scale, dt.UTC), False
    except (ValueError, OverflowError, OSError):
        return None
