"""Many dates at once: texts that are laid out by digits in fixed places, and local times turned into moments.

Only what is certain is read here; every other value goes to ``date_reader.DateReader``, whose result is the same.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Mask, to_mask

Micros = npt.NDArray[np.int64]
"""Microseconds since 1970-01-01 00:00, in UTC or by the clock on the wall."""

DAY = 86_400_000_000
_HOUR, _MINUTE, _SECOND = 3_600_000_000, 60_000_000, 1_000_000
_CODES = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "hh", "%I": "ii", "%M": "mm", "%S": "ss", "%p": "pp"}
_PART = re.compile(r"YYYY|MM|DD|hh|ii|mm|ss|pp|f+")
_YEARS = (1900, 2200)
_DATES = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD")
_TIMES = (" hh:mm:ss", " hh:mm")
ISO = (
    *("YYYY-MM-DD", "YYYYMMDD", "YYYYMMDDhhmm", "YYYYMMDDhhmmss"),
    *(f"YYYY-MM-DD{gap}hh:mm{more}{end}" for gap in " T" for more in ("", ":ss", ":ss.fff", ":ss.ffffff") for end in ("", "Z")),
)
"""Layouts that ISO 8601 knows, and digits without signs between; a ``Z`` at the end says UTC."""
PLAIN = (*ISO, *(f"{day}{time}" for day in _DATES[1:] for time in ("", *_TIMES)))
"""Layouts that are understood without being declared."""


@dataclass(frozen=True)
class DateColumn:
    """What a column of texts gave.

    Attributes:
        wall: by the clock that the text shows.
        zulu: rows whose text says that it is UTC.
        day: rows whose text says a day and no time.
        done: rows that could be read; the others hold nothing that means something.
    """

    wall: Micros
    zulu: Mask
    day: Mask
    done: Mask


def find_layout(date_format: str) -> str | None:
    """The layout that a ``strptime`` format asks for, or ``None`` where it allows for more than digits in fixed places."""
    made = date_format
    for code, part in _CODES.items():
        made = made.replace(code, part)
    twelve = "ii" in made
    whole = {"YYYY", "MM", "DD"} <= set(_PART.findall(made)) and twelve == ("pp" in made) and not (twelve and "hh" in made)
    return made if whole and "%" not in made and made.isascii() else None


def has_time(layout: str) -> bool:
    """Whether a layout says a time and not only a day."""
    return "hh" in layout or "ii" in layout


def read_layouts(texts: pa.Array, layouts: Iterable[str], declared: bool = False) -> DateColumn:
    """Read the texts that have one of the layouts.

    Args:
        texts: without blanks around.
        layouts: ``YYYY``, ``MM``, ``DD``, ``hh``, ``mm``, ``ss``, ``f``… for a fraction, ``ii`` and ``pp`` for twelve hours, anything else
            as it stands.
        declared: the layout is a person's own, in which a ``Z`` is only a letter.
    """
    count = len(texts)
    made = DateColumn(np.zeros(count, dtype=np.int64), *(np.zeros(count, dtype=bool) for _ in range(3)))
    sizes = pc.binary_length(texts)
    left = {n: [w for w in layouts if len(w) == n] for n in pc.unique(sizes.drop_null()).to_pylist()}
    for size, fitting in left.items():
        if not fitting:
            continue
        rows = np.flatnonzero(to_mask(pc.equal(sizes, size)))
        table = _bytes(texts.take(pa.array(rows)), size)
        for form in fitting:
            wall, good = _parsed(table, form)
            new = good & ~made.done[rows]
            made.wall[rows[new]] = wall[new]
            made.zulu[rows[new]] = form.endswith("Z") and not declared
            made.day[rows[new]] = not has_time(form)
            made.done[rows[new]] = True
            if made.done[rows].all():
                break
    return made


def _bytes(texts: pa.Array, size: int) -> npt.NDArray[np.uint8]:
    """Texts of one length as a table of bytes."""
    data = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    start = texts.offset * size
    return data[start : start + len(texts) * size].reshape(len(texts), size)


def _parsed(table: npt.NDArray[np.uint8], form: str) -> tuple[Micros, Mask]:
    """Wall clock of every row, and which rows have this layout and a date that exists."""
    parts, good = _parts(table, form)
    year, month, day = parts["YYYY"], parts["MM"], parts["DD"]
    hour, minute, second = (parts.get(part, np.zeros(len(table), dtype=np.int64)) for part in ("hh", "mm", "ss"))
    if "ii" in parts:
        good &= (parts["ii"] >= 1) & (parts["ii"] <= 12)
        hour = parts["ii"] % 12 + 12 * parts["pp"]
    good &= (year >= _YEARS[0]) & (year < _YEARS[1]) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= (hour < 24) & (minute < 60) & (second < 60)
    months = (np.where(good, year, 1970) - 1970) * 12 + np.where(good, month, 1) - 1
    first, after = (n.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) for n in (months, months + 1))
    good &= day <= after - first
    return (first + day - 1) * DAY + hour * _HOUR + minute * _MINUTE + second * _SECOND + parts.get("f", 0), good


def _parts(table: npt.NDArray[np.uint8], form: str) -> tuple[dict[str, Micros], Mask]:
    """The numbers in the places of a layout, a fraction in microseconds, and the rows that have digits there and its signs between."""
    good, parts, end = np.ones(len(table), dtype=bool), {}, 0
    for match in [*_PART.finditer(form), re.compile("$").search(form)]:
        assert match is not None  # noqa: S101  every text has an end
        for place in range(end, match.start()):
            good &= table[:, place] == ord(form[place])
        end, cells = match.end(), table[:, match.start() : match.end()]
        if match[0] == "pp":
            good &= np.isin(cells[:, 0], (65, 80)) & (cells[:, 1] == 77)  # AM or PM
            parts["pp"] = (cells[:, 0] == 80).astype(np.int64)
        elif match[0]:
            good &= ((cells >= 48) & (cells <= 57)).all(axis=1)
            fraction = match[0][0] == "f"
            tens = 10 ** np.arange(cells.shape[1] - 1, -1, -1, dtype=np.int64)
            number = (cells.astype(np.int64) - 48) @ tens
            parts["f" if fraction else match[0]] = number * 10 ** (6 - len(match[0])) if fraction else number
    return parts, good


def to_utc(wall: Micros, zone: ZoneInfo) -> Micros:
    """Times by the clock of a zone as moments; as Python does it, of an hour that comes twice the first.

    The offset is asked once a day; only on days on which it changes, of every time by itself.
    """
    days, place = np.unique(wall // DAY, return_inverse=True)
    offsets = np.array([[_offset(int(d) * DAY + at, zone) for at in (0, DAY // 2, DAY)] for d in days], dtype=np.int64).reshape(-1, 3)
    made = wall - offsets[:, 0][place]
    restless = (offsets != offsets[:, :1]).any(axis=1)
    for i in np.flatnonzero(restless[place]):
        made[i] = wall[i] - _offset(int(wall[i]), zone)
    return made


def _offset(wall: int, zone: ZoneInfo) -> int:
    """Microseconds by which a zone's clock is ahead of UTC when it shows a time."""
    ahead = (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=wall)).replace(tzinfo=zone).utcoffset()
    return 0 if ahead is None else ahead // dt.timedelta(microseconds=1)


def to_micros(moment: dt.datetime) -> int:
    """A moment with a time zone, in microseconds since 1970 in UTC."""
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def from_micros(moment: int) -> dt.datetime:
    """The opposite of ``to_micros``."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=moment)


def find_day_ends(starts: Micros, zone: ZoneInfo) -> Micros:
    """The last microseconds of the days of a zone that begin at these moments, or in which they lie."""
    each, place = np.unique(starts, return_inverse=True)
    made = []
    for start in each.tolist():
        after = from_micros(start).astimezone(zone).date() + dt.timedelta(days=1)
        made.append(to_micros(dt.datetime.combine(after, dt.time(), zone)) - 1)
    return np.array(made, dtype=np.int64)[place] if made else starts


def are_midnights(utc: Micros, zone: dt.tzinfo) -> bool:
    """Whether all moments are the beginning of a day by a zone's clock."""
    if not len(utc) or (utc % (15 * _MINUTE)).any():
        return False
    each = np.unique(utc).tolist()
    return all(from_micros(at).astimezone(zone).time() == dt.time() for at in each)


def pack_moments(utc: Micros, day: Mask, valid: Mask) -> pa.Array:
    """Moments and whether each is a whole day, in one column."""
    return pa.array(utc * 2 + day, pa.int64(), mask=~valid)


def unpack_moments(packed: pa.Array) -> tuple[pa.Array, Mask]:
    """The opposite of ``pack_moments``: moments as Arrow has them, and rows that are whole days."""
    raw: Micros = packed.fill_null(0).to_numpy(zero_copy_only=False)
    known: Mask = packed.is_valid().to_numpy(zero_copy_only=False)
    return to_column(raw >> 1, known), (raw & 1).astype(bool) & known


def to_column(utc: Micros, valid: Mask) -> pa.Array:
    """Moments as an Arrow column; nothing where they are not valid."""
    return pa.array(utc, pa.timestamp("us", tz="UTC"), mask=~valid)


def from_column(moments: pa.Array) -> Micros:
    """The opposite of ``to_column``; nothing is 0."""
    made: Micros = moments.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return made
