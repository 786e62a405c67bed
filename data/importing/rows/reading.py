"""How texts, numbers and moments are read from the values of a column: many at once where that is certain, each by itself otherwise."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import BAD, Mask, Values, find_longer, has_control, has_value, map_values, to_mask
from data.importing.profile.spec import Spec
from data.importing.rows import date_columns
from data.importing.rows.date_reader import DateReader
from data.importing.rows.numbers import decide_sign, parse_number, parse_numbers

_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])
_LARGEST = 2_000_000_000
_FIRST_ROUNDED = 2.0**53
"""Doubles tell whole numbers apart only up to here."""
_ROUNDED = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}$"
"""How spreadsheets write long numbers into text files."""


class Reader(Protocol):
    """Reads the values of one field."""

    @property
    def kind(self) -> pa.DataType:
        """Arrow type of what it gives."""

    @property
    def reason(self) -> str:
        """Why a row is rejected whose value it cannot read."""

    def settle(self, values: Values, file: str, column: str) -> "Reader":
        """The reader for a column, after a look at all its values."""

    def read(self, value: object) -> object:
        """What one value means: Python's own value, nothing, or ``BAD``."""

    def read_own(self, value: object) -> object:
        """The same of a value that the profile itself gives."""

    def read_many(self, values: pa.Array) -> tuple[pa.Array, Mask] | None:
        """A whole column, and the rows that are left to ``read``; ``None``: all of them are."""


def read_column(reader: Reader, values: Values, spec: Spec) -> tuple[pa.Array, Mask]:
    """Read a column: what was found, and rows whose value cannot be read."""
    if spec.map is None and not spec.null and not isinstance(values, list):
        quick = reader.read_many(values)
        if quick is not None:
            return _finished(reader, values, *quick)
    words = {w.strip().casefold() for w in spec.null}

    def read(value: object) -> object:
        if words and str(value).strip().casefold() in words:
            return None
        given = apply_map(value, spec)
        return reader.read(given) if given is value else reader.read_own(given)

    return _each(reader, values, read)


def _finished(reader: Reader, values: pa.Array, made: pa.Array, left: Mask) -> tuple[pa.Array, Mask]:
    """Read the values one by one that could not be read together with the others."""
    bad = np.zeros(len(values), dtype=bool)
    if not left.any():
        return made, bad
    rows = pa.array(left)
    rest, wrong = _each(reader, values.filter(rows), reader.read)
    bad[left] = wrong
    return pc.replace_with_mask(made, rows, rest), bad


def _each(reader: Reader, values: Values, read: Callable[[Any], object]) -> tuple[pa.Array, Mask]:
    return map_values(values, read, reader.kind)


def apply_map(value: object, spec: Spec) -> object:
    """A value after the ``map`` of the profile."""
    if spec.map is None:
        return value
    return spec.map.get(str(value).strip(), spec.default if spec.default is not None else value)


@dataclass(frozen=True)
class TextReader:
    """Texts of at most ``longest`` characters, without blanks around; ``exact``: a number such as 4.4E+17 has lost digits that matter."""

    longest: int
    exact: bool = False
    kind: pa.DataType = field(default=pa.string(), init=False)
    reason: str = field(default="bad_text", init=False)

    def settle(self, values: Values, file: str, column: str) -> "TextReader":
        """See ``Reader``."""
        return self

    def read(self, value: object) -> object:
        """See ``Reader``."""
        found = to_text(value)
        if len(found) > self.longest or (is_rounded(value) and (self.exact or isinstance(value, float))):
            return BAD
        return found or None

    def read_own(self, value: object) -> object:
        """See ``Reader``."""
        return self.read(value)

    def read_many(self, values: pa.Array) -> tuple[pa.Array, Mask] | None:
        """See ``Reader``."""
        if not pa.types.is_string(values.type) or has_control(values):
            return None
        made = pc.utf8_trim_whitespace(values)
        left = find_longer(made, self.longest)
        if self.exact:
            left |= to_mask(pc.match_substring_regex(made, _ROUNDED))
        return blank_rows(made, to_mask(pc.equal(pc.binary_length(made), 0))), left


@dataclass(frozen=True)
class NumberReader:
    """Numbers, separators of thousands left aside; multiplied where the profile says so.

    Attributes:
        sign: what stands before decimals; ``None``: all values of a column tell.
        multiply: factor.
        whole: whether only whole numbers make sense.
    """

    sign: str | None
    multiply: float = 1.0
    whole: bool = False
    kind: pa.DataType = field(default=pa.float64(), init=False)
    reason: str = field(default="bad_number", init=False)

    def settle(self, values: Values, file: str, column: str) -> "NumberReader":
        """See ``Reader``."""
        if self.sign is not None:
            return self
        return replace(self, sign=decide_sign(values, file, column, self.whole and self.multiply == 1))

    def read(self, value: object) -> object:
        """See ``Reader``."""
        return self._scaled(parse_number(value, self.sign or "."))

    def read_own(self, value: object) -> object:
        """See ``Reader``. Profiles write numbers as TOML does."""
        return self._scaled(parse_number(value, "."))

    def read_many(self, values: pa.Array) -> tuple[pa.Array, Mask] | None:
        """See ``Reader``."""
        made, left = parse_numbers(values, self.sign or ".")
        numbers = made.to_numpy(zero_copy_only=False)
        left |= np.abs(numbers) > _LARGEST
        return pa.array(numbers * self.multiply, self.kind, mask=np.isnan(numbers)), left

    def _scaled(self, found: float | None) -> object:
        return BAD if found is None or abs(found) > _LARGEST else found * self.multiply


@dataclass(frozen=True)
class CoordinateReader:
    """Degrees or metres as a file writes them. Where no decimal comma was declared, a comma is none between thousands either."""

    sign: str
    kind: pa.DataType = field(default=pa.float64(), init=False)
    reason: str = field(default="bad_coordinates", init=False)

    def settle(self, values: Values, file: str, column: str) -> "CoordinateReader":
        """See ``Reader``."""
        return self

    def read(self, value: object) -> object:
        """See ``Reader``."""
        if self.sign == "." and isinstance(value, str) and ("," in value or "，" in value):
            return BAD
        found = parse_number(value, self.sign)
        return BAD if found is None else found

    def read_own(self, value: object) -> object:
        """See ``Reader``."""
        return self.read(value)

    def read_many(self, values: pa.Array) -> tuple[pa.Array, Mask] | None:
        """See ``Reader``."""
        return parse_numbers(values, self.sign)


@dataclass(frozen=True)
class MomentReader:
    """Moments in UTC and whether each is a whole day, packed (see ``date_columns.pack_moments``)."""

    dates: DateReader
    kind: pa.DataType = field(default=pa.int64(), init=False)
    reason: str = field(default="bad_date", init=False)

    def settle(self, values: Values, file: str, column: str) -> "MomentReader":
        """See ``Reader``."""
        return self

    def read(self, value: object) -> object:
        """See ``Reader``."""
        found = self.dates.read_precisely(value)
        return BAD if found is None else date_columns.to_micros(found[0]) * 2 + found[1]

    def read_own(self, value: object) -> object:
        """See ``Reader``."""
        return self.read(value)

    def read_many(self, values: pa.Array) -> tuple[pa.Array, Mask] | None:
        """See ``Reader``."""
        if not pa.types.is_string(values.type):
            return None
        at, day, done = self.dates.read_many(pc.utf8_trim_whitespace(values))
        return date_columns.pack_moments(at, day, done), has_value(values) & ~done


def blank_rows(values: pa.Array, rows: Mask) -> pa.Array:
    """A column with nothing in some rows."""
    return pc.if_else(pa.array(rows), pa.scalar(None, values.type), values) if rows.any() else values


def is_rounded(value: object) -> bool:
    """Whether a value was a long number, whose last digits are lost."""
    if isinstance(value, float):
        return abs(value) >= _FIRST_ROUNDED
    return isinstance(value, str) and re.match(_ROUNDED, value.strip()) is not None


def to_text(value: object) -> str:
    """A value as text: whole floats without ``.0``, no control characters, no blanks around."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    return str(value).translate(_CONTROL).strip()
