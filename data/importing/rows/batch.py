"""One file's rows on their way into the schema: values by field, geometry, and which rows are still in the running."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.core.nearest import find_nearest_word
from data.importing.common import columns as col
from data.importing.common.clean_text import clean_column
from data.importing.common.columns import BAD, Mask, Values
from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.profile.source import Source
from data.importing.profile.spec import Spec
from data.importing.profile.template import Template, is_template
from data.importing.rows import date_columns
from data.importing.rows.date_reader import DateReader
from data.importing.rows.reading import (
    MomentReader,
    NumberReader,
    Reader,
    TextReader,
    apply_map,
    blank_rows,
    is_rounded,
    read_column,
    to_text,
)
from data.importing.rows.rejects import Ledger

NULL_WORDS = frozenset({"", "null", "none", "nan", "n/a", "\\n", "<null>", "#n/a", "nat"})
_LONGEST_NULL = 20
_NOISE = 1e-6
"""Share by which a whole number may be off after arithmetic with doubles."""
_LONGEST = 20_000
_LONGEST_KEY = 500


class Batch:
    """The rows of one file.

    A row is rejected at most once, for the first reason found. ``alive`` marks the rows that are left, ``near`` the rows that lie outside
    every leaf area but close to one; ``days`` marks, for each field of moments, those of which only the day is known.
    """

    def __init__(self, source: Source, sheet: Sheet, ledger: Ledger, zone: ZoneInfo) -> None:
        self.source = source
        self.sheet = sheet
        self.ledger = ledger
        self.zone = ZoneInfo(source.timezone) if source.timezone else zone
        self.city_zone = zone
        self.nulls = NULL_WORDS | {word.strip().casefold() for word in source.null}
        self.alive = np.ones(len(sheet), dtype=bool)
        self.fields: dict[str, pa.Array] = {}
        self.days: dict[str, Mask] = {}
        self.geometry: npt.NDArray[np.object_] | None = None
        self.near = np.zeros(len(sheet), dtype=bool)
        self._columns: dict[str, Values] = {}
        self._readers: dict[str, tuple[DateReader, Spec]] = {}

    def __len__(self) -> int:
        return len(self.sheet)

    @property
    def shapes(self) -> npt.NDArray[np.object_]:
        """``geometry`` of a batch that has some."""
        assert self.geometry is not None  # noqa: S101  the caller has looked
        return self.geometry

    def reject(self, row: int, reason: str, column: str | None = None, value: object = None, wording: str = "", **facts: object) -> None:
        """Reject one row; ``wording`` is the key of the sentence, where the reason has several."""
        if self.alive[row]:
            self.alive[row] = False
            self.ledger.reject(self.source, self.sheet.file, int(self.sheet.lines[row]), reason, column, value, wording, **facts)

    def repair(self, reason: str, count: int = 1) -> None:
        """Count rows that are kept but changed."""
        self.ledger.repair(self.source, reason, count)

    def list_living(self) -> list[int]:
        """Numbers of the rows that are left."""
        found: list[int] = np.flatnonzero(self.alive).tolist()
        return found

    def select_living(self, rows: Mask) -> list[int]:
        """Numbers of the rows that are left among these."""
        found: list[int] = np.flatnonzero(rows & self.alive).tolist()
        return found

    def list_values(self, name: str) -> list[Any]:
        """A field's values as Python's own: for the few rows of areas."""
        return col.to_list(self.fields[name])

    # -- fields ------------------------------------------------------------------------------------------------------

    def read_text(self, name: str, spec: Spec | None, needed: bool = False, longest: int = _LONGEST) -> None:
        """Fill a field with texts of at most ``longest`` characters."""
        self._fill(name, spec, TextReader(longest), needed)

    def read_key(self, name: str, spec: Spec | None, needed: bool = False) -> None:
        """Fill a field with texts that an index has to hold, and that tell rows apart."""
        self._fill(name, spec, TextReader(_LONGEST_KEY, exact=True), needed)

    def read_number(
        self, name: str, spec: Spec | None, needed: bool = False, whole: bool = False, least: float | None = 0.0, rounded: bool = False
    ) -> None:
        """Fill a field with numbers; values below ``least`` are rejected.

        Args:
            name: of the field.
            spec: where its values come from.
            needed: whether rows without a value are rejected.
            whole: fill it with integers; a number with decimals is rejected.
            least: the smallest that makes sense.
            rounded: whether numbers with decimals are rounded to whole ones, and counted.
        """
        if spec is not None:
            self._refuse_merged(spec)
        only_whole = whole and not rounded
        self._fill(name, spec, self._number_reader(spec, only_whole), needed)
        values, known = col.to_numbers(self.fields[name]).copy(), col.has_value(self.fields[name])
        for column, sign in [*[(c, 1) for c in spec.plus], *[(c, -1) for c in ([spec.minus] if spec.minus else [])]] if spec else []:
            part, there = self._summand(column, spec or Spec(value="0"), only_whole)
            for i in self.select_living(known & ~there) if needed else []:
                self.reject(i, "no_value", column, None)
            self.repair("part_missing", len(self.select_living(known & ~there)))
            values, known = values + sign * part, known & there
        below = known & (values < least) if least is not None else np.zeros(len(self), dtype=bool)
        for i in self.select_living(below):
            self._bad(i, spec, "negative_number", float(values[i]))
        known &= ~below
        if whole:
            known &= ~self._uneven(values, known, spec, rounded or bool(spec and spec.round))
        kept = np.where(known, np.rint(values) if whole else values, 0)
        self.fields[name] = pa.array(kept.astype(np.int64) if whole else kept, mask=~known)

    def _refuse_merged(self, spec: Spec) -> None:
        """Merged cells give every row the same value: right for a name, wrong for a number that is then counted several times.

        Raises:
            FileProblem: numbers were to be read from such a column.
        """
        for name in [*([spec.column] if spec.column else []), *(spec.first or []), *spec.plus, *([spec.minus] if spec.minus else [])]:
            if name in self.sheet.merged:
                raise FileProblem("merged_number", file=self.sheet.file, column=name, cell=self.sheet.merged[name])

    def _number_reader(self, spec: Spec | None, whole: bool) -> NumberReader:
        sign = (spec.decimal if spec else None) or self.source.decimal
        if spec is not None and spec.value is not None:
            sign = "."  # profiles write numbers as TOML does
        return NumberReader(sign, (spec.multiply or 1.0) if spec else 1.0, whole and not (spec and spec.round))

    def _summand(self, column: str, spec: Spec, whole: bool) -> tuple[npt.NDArray[np.float64], Mask]:
        """A column of numbers to be added, and rows in which it has one. What is no number rejects its row, as in the first column."""
        part = Spec(column=column, **spec.model_dump(include={"null", "default", "bad"}))
        values = self._more(col.empty_column(len(self), pa.float64()), self._column(column), part, self._number_reader(spec, whole), column)
        stand_in = None if part.default is None else self._number_reader(spec, whole).read_own(part.default)
        if stand_in is not None and stand_in is not BAD:
            values = values.fill_null(pa.scalar(stand_in, pa.float64()))
        return np.nan_to_num(col.to_numbers(values)), col.has_value(values)

    def _uneven(self, values: npt.NDArray[np.float64], known: Mask, spec: Spec | None, rounded: bool) -> Mask:
        """Rows whose number has decimals, though only whole ones make sense; they are rejected, or rounded and counted."""
        uneven: Mask = known & (np.abs(values - np.rint(values)) > _NOISE * np.maximum(1.0, np.abs(values)))
        if rounded:
            self.repair("rounded", len(self.select_living(uneven)))
            return np.zeros(len(self), dtype=bool)
        for i in self.select_living(uneven):
            self._bad(i, spec, "not_whole", f"{values[i]:.12g}")
        return uneven

    def read_moment(self, name: str, spec: Spec | None, needed: bool = False) -> None:
        """Fill a field with moments; a day is its first one, in the city's time zone, and marked in ``days``.

        Declared null dates, and dates outside ``earliest``…``latest``, count as missing; with ``first`` the next column is asked.
        """
        if spec is None:
            self.fields[name] = col.empty_column(len(self), pa.timestamp("us", tz="UTC"))
            self.days[name] = np.zeros(len(self), dtype=bool)
            return
        given = spec.date_format or self.source.date_format
        reader = DateReader(given, self.zone, self.source.ignore_offset, self.city_zone, spec.precision)
        reader.settle(self._origins(spec), self.sheet.file, spec.describe())
        self._readers[name] = reader, spec
        self._fill(name, spec, MomentReader(reader), needed)
        self.fields[name], self.days[name] = date_columns.unpack_moments(self.fields[name])

    def read_as_written(self, name: str, row: int) -> dt.datetime:
        """A moment as written in the file, with the time zone given there."""
        reader, spec = self._readers[name]
        for column in self._origins(spec):
            value = col.value_at(column, row)
            found = None if value is None else reader.read(apply_map(value, spec))
            if found is not None and self._no_date(found, spec) is None:
                return found
        return date_columns.from_micros(int(date_columns.from_column(self.fields[name])[row])).astimezone(self.zone)

    def read_day(self, name: str, spec: Spec | None) -> None:
        """Fill a field with days."""
        self.read_moment(name, spec)
        days: list[dt.date | None] = [None] * len(self)
        if spec is not None:
            columns, read = [col.to_list(column) for column in self._origins(spec)], dict[tuple[object, ...], dt.date]()
            for i in np.flatnonzero(col.has_value(self.fields[name])).tolist():
                given = tuple(column[i] for column in columns)
                if given not in read:
                    read[given] = self.read_as_written(name, i).date()
                days[i] = read[given]
        self.fields[name] = pa.array(days, pa.date32())

    def _no_date(self, found: dt.datetime, spec: Spec) -> str | None:
        if found.date() in self.source.null_dates:
            return "null_date"
        if (spec.earliest and found.date() < spec.earliest) or (spec.latest and found.date() > spec.latest):
            return "date_out_of_range"
        return None

    def _fill(self, name: str, spec: Spec | None, reader: Reader, needed: bool) -> None:
        """Read a field: the first origin that gives a value wins; what cannot be read is rejected, or dropped if declared so."""
        values = col.empty_column(len(self), reader.kind)
        if spec is not None:
            for column in self._origins(spec):
                values = self._more(values, column, spec, reader, spec.describe())
            if spec.default is not None and values.null_count:
                stand_in = reader.read_own(spec.default)
                values = values if stand_in is BAD else values.fill_null(pa.scalar(stand_in, reader.kind))
        if needed:
            for i in self.select_living(~col.has_value(values)):
                self.reject(i, "no_value", spec.describe() if spec else name, None)
        self.fields[name] = values

    def _more(self, values: pa.Array, column: Values, spec: Spec, reader: Reader, told: str) -> pa.Array:
        """Values of a further origin, where there were none."""
        if spec.value is None:
            reader = reader.settle(column, self.sheet.file, told)
        made, bad = read_column(reader, column, spec)
        asked = self.alive & ~col.has_value(values) if values.null_count else np.zeros(len(self), dtype=bool)
        if isinstance(reader, MomentReader):
            made = self._without_no_dates(made, asked, column, spec, reader)
        wrong = np.flatnonzero(bad & asked).tolist()
        if spec.bad == "null":
            self.repair("bad_value_dropped", len(wrong))
        else:
            for i in wrong:
                value = apply_map(col.value_at(column, i), spec)
                reason = "rounded_number" if reader.kind == pa.string() and is_rounded(value) else reader.reason
                self.reject(i, reason, told, value)
        return made if values.null_count == len(values) and asked.all() else pc.if_else(pa.array(asked), made, values)

    def _without_no_dates(self, made: pa.Array, asked: Mask, column: Values, spec: Spec, reader: MomentReader) -> pa.Array:
        """Take out what is declared to be no date. Days are those of the zone a date is written in, so whatever is near is read again."""
        near = np.zeros(len(self), dtype=bool)
        at, known = date_columns.from_column(date_columns.unpack_moments(made)[0]), col.has_value(made)
        for day in self.source.null_dates:
            near |= np.abs(at - _midnight(day)) <= 2 * date_columns.DAY
        near |= at < _midnight(spec.earliest) + 2 * date_columns.DAY if spec.earliest else False
        near |= at > _midnight(spec.latest) - 2 * date_columns.DAY if spec.latest else False
        gone = np.zeros(len(self), dtype=bool)
        seen: dict[object, str | None] = {}
        for i in np.flatnonzero(near & known & asked).tolist():
            value = col.value_at(column, i)
            if value not in seen:
                found = reader.dates.read(apply_map(value, spec))
                seen[value] = None if found is None else self._no_date(found, spec)
            reason = seen[value]
            if reason is not None:
                gone[i] = True
                self.repair(reason)
        return blank_rows(made, gone)

    def _bad(self, row: int, spec: Spec | None, reason: str, value: object) -> None:
        if spec is not None and spec.bad == "null":
            self.repair("bad_value_dropped")
        else:
            self.reject(row, reason, spec.describe() if spec else None, value)

    # -- where values come from --------------------------------------------------------------------------------------

    def _origins(self, spec: Spec) -> list[Values]:
        if spec.value is not None:
            return [col.repeat_value(spec.value, len(self))]
        if spec.template is not None:
            return [self._templated(spec.template)]
        if spec.first is not None:
            there = [c for c in spec.first if self._has(c) or (is_template(c) and not spec.optional)]
            if not there and not spec.optional:
                self._column(spec.first[0])
            return [self._templated(c) if is_template(c) else self._column(c) for c in there]
        assert spec.column is not None  # noqa: S101  the model demands exactly one origin
        if spec.optional and spec.column not in self.sheet.columns:
            return []
        return [self._column(spec.column)]

    def _has(self, name: str) -> bool:
        """Whether the file has a column, or all columns of a template."""
        return all(column in self.sheet.columns for column in (Template(name).columns if is_template(name) else [name]))

    def _column(self, name: str) -> Values:
        """A column's values, null words as nothing.

        Raises:
            FileProblem: there is none; the nearest existing one is named.
        """
        if name in self._columns:
            return self._columns[name]
        values = self.sheet.columns.get(name)
        if values is None:
            names = self.source.headings([c for c in self.sheet.columns if not c.startswith("file.")])
            raise FileProblem(
                "missing_column", file=self.sheet.file, column=name, nearest=find_nearest_word(name, names), columns=", ".join(names[:40])
            )
        if name in self.sheet.hollow:
            raise FileProblem("hollow_formula", file=self.sheet.file, column=name, cell=self.sheet.hollow[name])
        clean, changed = clean_column(values)
        self.repair("invisible_left_out", int(changed.sum()))
        self._columns[name] = self._without_nulls(clean)
        return self._columns[name]

    def _without_nulls(self, values: Values) -> Values:
        if self.source.null:
            return _emptied(values, lambda v: to_text(v).casefold() in self.nulls)
        if isinstance(values, list):
            return _emptied(values, self._is_null)
        if not pa.types.is_string(values.type):
            return values
        # Only short texts are worth a closer look.
        short = col.to_mask(pc.less(pc.binary_length(values), 4 * _LONGEST_NULL))
        words = pc.utf8_lower(pc.utf8_trim_whitespace(values if short.all() else values.filter(pa.array(short))))
        gone = np.zeros(len(values), dtype=bool)
        gone[short] = col.to_mask(pc.is_in(words, pa.array(sorted(self.nulls))))
        return blank_rows(values, gone)

    def _is_null(self, value: object) -> bool:
        return isinstance(value, str) and len(s := value.strip()) < _LONGEST_NULL and s.casefold() in self.nulls

    def _templated(self, text: str) -> Values:
        if text in self._columns:
            return self._columns[text]
        template = Template(text)
        for name in template.columns:
            self._reject_rounded(name)
        needed = [col.map_values(self._column(name), to_text, pa.string())[0] for name in template.columns]
        self._columns[text] = template.fill_columns(needed, len(self))
        return self._columns[text]

    def _reject_rounded(self, name: str) -> None:
        """Reject rows whose number is too long for how the file keeps it: its last digits are lost."""
        values = self._column(name)
        if isinstance(values, list) or pa.types.is_floating(values.type):
            rounded, _ = col.map_values(values, is_rounded, pa.bool_())
            for i in self.select_living(col.to_mask(rounded)):
                self.reject(i, "rounded_number", name, f"{col.value_at(values, i):.17g}")

    def column(self, name: str) -> Values:
        """A column by its name, or what a template makes, for geometry and filters (see ``_column``)."""
        return self._templated(name) if is_template(name) else self._column(name)


def _emptied(values: Values, is_null: Callable[[Any], bool]) -> Values:
    """A column with nothing where ``is_null`` says so."""
    if isinstance(values, list):
        return [None if v is None or is_null(v) else v for v in values]
    gone, _ = col.map_values(values, is_null, pa.bool_())
    return blank_rows(values, col.to_mask(gone))


def _midnight(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days * date_columns.DAY
