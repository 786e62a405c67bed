"""One file's rows on their way into the schema: values by field, geometry, and which rows are still in the running."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from data.importing.dates import DateReader
from data.importing.nearest import nearest
from data.importing.rejects import Ledger
from data.importing.say import FileProblem
from data.importing.sheet import Sheet, Values
from data.importing.source import Source
from data.importing.spec import Spec
from data.importing.template import Template, is_template

NULL_WORDS = frozenset({"", "null", "none", "nan", "n/a", "\\n", "<null>", "#n/a", "nat"})
_LONGEST_NULL = 20
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])
_Read = Callable[[Any], Any]
BAD = object()
_LONGEST = 20_000
_LONGEST_KEY = 500
_LARGEST = 2_000_000_000


class Batch:
    """The rows of one file.

    A row is rejected at most once, for the first reason found; ``alive`` says which are left.
    """

    def __init__(self, source: Source, sheet: Sheet, ledger: Ledger, zone: ZoneInfo) -> None:
        self.source = source
        self.sheet = sheet
        self.ledger = ledger
        self.zone = ZoneInfo(source.timezone) if source.timezone else zone
        self.nulls = NULL_WORDS | {word.strip().casefold() for word in source.null}
        self.alive = np.ones(len(sheet), dtype=bool)
        self.fields: dict[str, Values] = {}
        self.geometry: np.ndarray[Any, Any] | None = None

    def __len__(self) -> int:
        return len(self.sheet)

    def reject(self, row: int, reason: str, column: str | None = None, value: object = None, **facts: object) -> None:
        """Take one row out."""
        if self.alive[row]:
            self.alive[row] = False
            self.ledger.reject(self.source, self.sheet.file, self.sheet.lines[row], reason, column, value, **facts)

    def repair(self, reason: str, count: int = 1) -> None:
        """Count rows that are kept, but changed."""
        self.ledger.repair(self.source, reason, count)

    def living(self) -> list[int]:
        """Numbers of the rows that are left."""
        return [int(i) for i in np.flatnonzero(self.alive)]

    # -- fields ------------------------------------------------------------------------------------------------------

    def text(self, name: str, spec: Spec | None, needed: bool = False, longest: int = _LONGEST) -> Values:
        """Fill a field with texts of at most ``longest`` characters."""

        def read(value: Any) -> Any:
            found = _clean(value)
            return found or None if len(found) <= longest else BAD

        return self._fill(name, spec, read, "bad_text", needed)

    def key(self, name: str, spec: Spec | None, needed: bool = False) -> Values:
        """Fill a field with texts that an index has to hold."""
        return self.text(name, spec, needed, longest=_LONGEST_KEY)

    def number(self, name: str, spec: Spec | None, needed: bool = False, whole: bool = False, least: float | None = 0.0) -> Values:
        """Fill a field with numbers, whole ones as ``int``; values below ``least`` are rejected."""
        other = None if spec is None or spec.minus is None else self._column(spec.minus)
        more = [] if spec is None else [self._column(name) for name in spec.plus]

        decimal = (spec.decimal if spec else None) or self.source.decimal

        def read(value: Any) -> Any:
            found = number_of(value, decimal)
            return BAD if found is None or abs(found) > _LARGEST else found * (spec.multiply or 1.0 if spec else 1.0)

        values = self._fill(name, spec, read, "bad_number", needed)
        for i, value in enumerate(values):
            if value is None:
                continue
            value += sum(number_of(column[i], decimal) or 0.0 for column in more)
            if other is not None:
                value -= number_of(other[i], decimal) or 0.0
            if least is not None and value < least and self.alive[i]:
                self._bad(i, spec, "negative_number", value)
                value = None
            values[i] = value if value is None or not whole else round(value)
        return values

    def moment(self, name: str, spec: Spec | None, needed: bool = False) -> Values:
        """Fill a field with moments that know their time zone.

        Declared null dates, and dates outside ``earliest``…``latest``, count as missing; with ``first`` the next column is asked.
        """
        if spec is None:
            self.fields[name] = [None] * len(self)
            return self.fields[name]
        reader = DateReader(spec.date_format or self.source.date_format, self.zone, self.source.ignore_offset)
        sample = [v for column in self._origins(spec) for v in column if v is not None]
        reader.settle(sample, self.sheet.file, shown(spec))
        counts = {"null_date": 0, "date_out_of_range": 0}

        def read(value: Any) -> Any:
            found = reader.read(value)
            if found is None:
                return BAD
            reason = self._no_date(found, spec)
            if reason:
                counts[reason] += 1
                return None
            return found

        values = self._fill(name, spec, read, "bad_date", needed)
        for reason, count in counts.items():
            self.repair(reason, count)
        return values

    def day(self, name: str, spec: Spec | None) -> Values:
        """Fill a field with days."""
        moments = self.moment(name, spec)
        self.fields[name] = [m.date() if isinstance(m, dt.datetime) else None for m in moments]
        return self.fields[name]

    def _no_date(self, found: dt.datetime, spec: Spec) -> str | None:
        if found.date() in self.source.null_dates:
            return "null_date"
        if (spec.earliest and found.date() < spec.earliest) or (spec.latest and found.date() > spec.latest):
            return "date_out_of_range"
        return None

    def _fill(self, name: str, spec: Spec | None, read: _Read, reason: str, needed: bool) -> Values:
        """Read a field: the first origin that gives a value wins; what cannot be read is rejected, or dropped if declared so."""
        values: Values = [None] * len(self)
        if spec is not None:
            for column in self._origins(spec):
                self._read_column(values, column, spec, read, reason)
            if spec.default is not None:
                values = [spec.default if v is None else v for v in values]
        if needed:
            for i in self.living():
                if values[i] is None:
                    self.reject(i, "no_value", shown(spec) if spec else name, None)
        self.fields[name] = values
        return values

    def _read_column(self, values: Values, column: Values, spec: Spec, read: _Read, reason: str) -> None:
        words = {w.strip().casefold() for w in spec.null}
        dropped = 0
        for i, raw in enumerate(column):
            if raw is None or values[i] is not None or not self.alive[i] or (words and str(raw).strip().casefold() in words):
                continue
            if spec.map is not None:
                raw = spec.map.get(str(raw).strip(), spec.default if spec.default is not None else raw)
            found = read(raw)
            if found is not BAD:
                values[i] = found
            elif spec.bad == "null":
                dropped += 1
            else:
                self.reject(i, reason, shown(spec), raw)
        self.repair("bad_value_dropped", dropped)

    def _bad(self, row: int, spec: Spec | None, reason: str, value: object) -> None:
        if spec is not None and spec.bad == "null":
            self.repair("bad_value_dropped")
        else:
            self.reject(row, reason, shown(spec) if spec else None, value)

    # -- where values come from --------------------------------------------------------------------------------------

    def _origins(self, spec: Spec) -> list[Values]:
        if spec.value is not None:
            return [[spec.value] * len(self)]
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
        """A column's values, null words as ``None``.

        Raises:
            FileProblem: there is none; the nearest existing one is named.
        """
        values = self.sheet.columns.get(name)
        if values is None:
            names = [c for c in self.sheet.columns if not c.startswith("file.")]
            raise FileProblem(
                "missing_column", file=self.sheet.file, column=name, nearest=nearest(name, names), columns=", ".join(names[:40])
            )
        if not self.source.null:
            return [
                None if isinstance(v, str) and len(s := v.strip()) < _LONGEST_NULL and s.casefold() in self.nulls else v for v in values
            ]
        return [None if v is None or _clean(v).casefold() in self.nulls else v for v in values]

    def _templated(self, text: str) -> Values:
        template = Template(text)
        needed = {name: [None if v is None else _clean(v) for v in self._column(name)] for name in template.columns}
        return [template.fill({name: values[i] for name, values in needed.items()}) for i in range(len(self))]

    def column(self, name: str) -> Values:
        """A column by its name, for geometry and filters (see ``_column``)."""
        return self._column(name)


def shown(spec: Spec) -> str:
    """A column as people know it: by its name, or as the profile writes it."""
    return spec.column or spec.template or " / ".join(spec.first or []) or f"“{spec.value}”"


def _clean(value: Any) -> str:
    """A value as text: whole floats without ``.0``, no control characters, no blanks around."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    return str(value).translate(_CONTROL).strip()


def number_of(value: Any, decimal: str) -> float | None:
    """A number, thousands separators left aside; ``None`` when it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if value == value and abs(value) != float("inf") else None
    if value is None:
        return None
    text = str(value).strip().replace(" ", "").replace("\u00a0", "").replace("_", "?")
    text = text.replace(".", "").replace(",", ".") if decimal == "," else text.replace(",", "").replace("，", "")
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None
