"""Composites: one score of several indicators with weights, and its grade. Pure, apart from reading the file that a setting names.

Nothing is weighted unless a city says how (``GRIDWELL_COMPOSITES``): which indicator matters more is not ours to decide.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.core.errors import GridwellError
from data.core.settings import settings
from data.indicators.definitions import INDICATORS

GRADES = (("A", 90), ("B", 75), ("C", 60), ("D", 40), ("E", 0))
"""Grades with the lowest score of each."""
_MOST_BYTES = 100_000
_KNOWN = {"name", "name_en", "city", "valid_from", "valid_to", "part"}
_PART = {"indicator", "weight", "best", "worst"}


class BadComposites(GridwellError):
    status, code = 500, "bad_composites"
    sentence = "The file of composites {file} cannot be used: {reason}"


_REASONS = (
    "it cannot be read",
    "it is no TOML",
    "a composite has a name that is not known, or lacks one",
    "a day is no date",
    "the last day lies before the first",
    "two composites of a city are valid on the same day",
    "an indicator does not exist, or is named twice",
    "a weight is no number above 0",
    "best and worst are no different numbers",
    "an indicator in hours needs best and worst",
)
(*(_UNREADABLE, _NO_TOML, _UNKNOWN, _NO_DAY, _BACKWARDS, _OVERLAP, _NO_INDICATOR, _NO_WEIGHT, _NO_SCALE, _NEEDS_SCALE),) = _REASONS


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator of a composite.

    Attributes:
        indicator: its code.
        weight: above 0; weights need not add up to anything.
        best, worst: values that give 100 and 0 points; between them points are linear, beyond them they stay.
    """

    indicator: str
    weight: Fraction
    best: Fraction
    worst: Fraction

    def points(self, value: Fraction) -> Fraction:
        """Points of a value, 0–100."""
        share = (value - self.worst) / (self.best - self.worst)
        return min(max(share, Fraction(0)), Fraction(1)) * 100


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite: its name, where and when it holds, and its parts. Days are both included; ``None`` means no limit."""

    name: str
    name_en: str
    parts: tuple[Part, ...]
    city: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, city: str, day: date) -> bool:
        """Whether it is the composite of a city on a day."""
        return self.city in (None, city) and (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def score(self, values: Mapping[str, Fraction]) -> Fraction | None:
        """The weighted mean of the points, 0–100; ``None`` where the value of a part is missing: others do not stand in for it."""
        if self.missing(values):
            return None
        weighed = sum((part.weight * part.points(values[part.indicator]) for part in self.parts), Fraction(0))
        return weighed / sum(part.weight for part in self.parts)

    def missing(self, values: Mapping[str, Fraction]) -> list[str]:
        """Codes of the parts without a value."""
        return [part.indicator for part in self.parts if part.indicator not in values]


def find_grade(score: Fraction) -> str:
    """The grade of a score, which is not rounded before: A from 90, B from 75, C from 60, D from 40, otherwise E."""
    return next(grade for grade, least in GRADES if score >= least)


def find_composite(city: str, day: date) -> Composite | None:
    """The composite of a city on a day: one that names the city before one for every city.

    Raises:
        BadComposites: the file of the settings cannot be used.
    """
    state = find_state()
    if state is None:
        return None
    found = [one for one in _read_file(*state) if one.holds(city, day)]
    return next(iter(sorted(found, key=lambda one: one.city is None)), None)


def find_state() -> tuple[Path, int, int] | None:
    """The file of the settings with its moment of change and its size; ``None`` where the settings name none.

    Raises:
        BadComposites: it is not there.
    """
    path = settings().composites
    if path is None:
        return None
    try:
        told = path.stat()
    except OSError:
        raise BadComposites(file=path.name, reason=_UNREADABLE) from None
    return path, told.st_mtime_ns, told.st_size


@lru_cache(4)
def _read_file(path: Path, changed: int, size: int) -> tuple[Composite, ...]:
    """The file in this state: it is read again when it changes."""
    try:
        if size > _MOST_BYTES:
            raise BadComposites(file=path.name, reason=_UNREADABLE)
        return read_composites(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError):
        raise BadComposites(file=path.name, reason=_UNREADABLE) from None


def read_composites(text: str, file: str) -> tuple[Composite, ...]:
    """Composites of a TOML file; see docs/indicators.md.

    Raises:
        BadComposites: with the reason.
    """

    def refuse(reason: str) -> BadComposites:
        return BadComposites(file=file, reason=reason)

    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        raise refuse(_NO_TOML) from None
    entries = raw.get("composite")
    if set(raw) != {"composite"} or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise refuse(_UNKNOWN)
    try:
        found = tuple(_read_composite(one) for one in entries)
    except ValueError as error:
        raise refuse(str(error)) from None
    for n, one in enumerate(found):
        for other in found[:n]:
            days = max(one.valid_from or date.min, other.valid_from or date.min), min(one.valid_to or date.max, other.valid_to or date.max)
            if one.city == other.city and days[0] <= days[1]:
                raise refuse(_OVERLAP)
    return found


def _read_composite(raw: Mapping[str, Any]) -> Composite:
    parts = raw.get("part")
    named = [raw.get(name, "") for name in ("name", "name_en")]
    if not set(raw) <= _KNOWN or not named[0] or not all(isinstance(one, str) for one in (*named, raw.get("city", ""))):
        raise ValueError(_UNKNOWN)
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise ValueError(_UNKNOWN)
    first, last = (_read_day(raw.get(name)) for name in ("valid_from", "valid_to"))
    if first and last and last < first:
        raise ValueError(_BACKWARDS)
    read = tuple(_read_part(part) for part in parts)
    if len({part.indicator for part in read}) < len(read):
        raise ValueError(_NO_INDICATOR)
    return Composite(named[0], named[1] or named[0], read, raw.get("city"), first, last)


def _read_day(value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError(_NO_DAY)


def _read_part(raw: Mapping[str, Any]) -> Part:
    if not set(raw) <= _PART or not {"indicator", "weight"} <= set(raw):
        raise ValueError(_UNKNOWN)
    indicator = INDICATORS.get(raw["indicator"]) if isinstance(raw["indicator"], str) else None
    if indicator is None:
        raise ValueError(_NO_INDICATOR)
    weight, best, worst = (_read_number(raw.get(name)) for name in ("weight", "best", "worst"))
    if weight is None or weight <= 0:
        raise ValueError(_NO_WEIGHT)
    if indicator.unit == "hours" and (best is None or worst is None):
        raise ValueError(_NEEDS_SCALE)
    usual = (Fraction(1), Fraction(0)) if indicator.higher_is_better is not False else (Fraction(0), Fraction(1))
    best, worst = usual[0] if best is None else best, usual[1] if worst is None else worst
    if best == worst:
        raise ValueError(_NO_SCALE)
    return Part(indicator.code, weight, best, worst)


def _read_number(value: object) -> Fraction | None:
    """A finite number as it is written; ``None`` where there is none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise ValueError(_NO_WEIGHT)
    return Fraction(value)
