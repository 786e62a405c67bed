"""A table joined to the rows of a source, such as the storeys of parcels in a file of their own; several of its rows may belong to one."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.importing.common.columns import Values, make_column, map_values, to_list, to_numbers
from data.importing.common.sentences import FileProblem, Sentence
from data.importing.common.sheet import Sheet
from data.importing.profile.source import Source
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.reading import NumberReader, read_column, to_text
from data.importing.rows.rejects import Ledger

PREFIX = "join."
Ints = npt.NDArray[np.int64]


def make_table_source(source: Source) -> Source:
    """What the profile says about the joined table itself."""
    join = source.join
    assert join is not None  # noqa: S101  the caller has looked
    more = join.model_dump(include={"encoding", "delimiter", "sheet", "decimal"})
    return Source(file=join.file, key=f"{source.key} (join)", null=source.null, lon="-", lat="-", **more)


class JoinedTable:
    """The rows of the table, one for each key.

    Args:
        source: of the rows that it is joined to.
        sheets: of the table.
        zone: of the city.

    Raises:
        FileProblem: it cannot be read, lacks a column, or holds something else than numbers where they are to be added.
    """

    def __init__(self, source: Source, sheets: Iterator[Sheet], zone: ZoneInfo) -> None:
        assert source.join is not None  # noqa: S101  the caller has looked
        self._join, self._source = source.join, source
        self._rows: dict[str, int] = {}
        self._columns: dict[str, list[object]] = {}
        self._file = ""
        self._repeated = self._asked = self._missed = 0
        self._used: set[str] = set()
        batches = [Batch(make_table_source(source), sheet, Ledger(), zone) for sheet in sheets]
        self._collect(batches)

    def _collect(self, batches: list[Batch]) -> None:
        place: list[int] = []
        for batch in batches:
            self._file = self._file or batch.sheet.file
            for key in map_values(batch.column(self._join.on[-1]), to_text, pa.string())[0].to_pylist():
                place.append(-1 if not key else self._rows.setdefault(key, len(self._rows)))
        rows = np.array(place, dtype=np.int64)
        self._repeated = int((rows >= 0).sum()) - len(self._rows)
        named = [*self._join.sum, *self._join.max, *self._join.first]
        others = (
            [n for n in batches[0].sheet.columns if not n.startswith("file.") and n not in named] if batches and not self._repeated else []
        )
        for name in [*named, *others]:
            parts = [batch.column(name) for batch in batches]
            if name in self._join.sum or name in self._join.max:
                numbers = np.concatenate([self._read_numbers(b, name, part) for b, part in zip(batches, parts, strict=True)])
                self._columns[name] = _combine(numbers, rows, len(self._rows), add=name in self._join.sum)
            else:
                self._columns[name] = _take_first([value for part in parts for value in to_list(part)], rows, len(self._rows))

    def _read_numbers(self, batch: Batch, name: str, values: Values) -> npt.NDArray[np.float64]:
        reader = NumberReader(self._join.decimal or self._source.decimal).settle(values, batch.sheet.file, name)
        found, bad = read_column(reader, values, Spec(column=name))
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise FileProblem(
                "bad_number", file=batch.sheet.file, line=int(batch.sheet.lines[row]), column=name, value=str(to_list(values)[row])
            )
        return to_numbers(found)

    def add_columns(self, batch: Batch) -> None:
        """Give a batch's sheet the columns of the table, as ``join.NAME``, and as ``NAME`` where it has none of its own."""
        keys = map_values(batch.column(self._join.on[0]), to_text, pa.string())[0].to_pylist()
        rows = [self._rows.get(key, -1) if key else -1 for key in keys]
        self._used.update(key for key in keys if key in self._rows)
        self._asked, self._missed = self._asked + len(rows), self._missed + rows.count(-1)
        for name, values in self._columns.items():
            made = make_column([None if row < 0 else values[row] for row in rows])
            batch.sheet.columns[PREFIX + name] = made
            batch.sheet.columns.setdefault(name, made)

    def describe(self) -> Iterator[Sentence]:
        """What the report says: rows without a partner on either side, and keys that stood in several rows."""
        unused = len(self._rows) - len(self._used)
        if self._missed or unused:
            facts = {"source": self._source.key, "file": self._file, "missed": self._missed, "rows": self._asked, "unused": unused}
            yield Sentence("join_missed", facts)
        if self._repeated:
            yield Sentence("join_repeats", {"file": self._file, "count": self._repeated})


def _combine(numbers: npt.NDArray[np.float64], rows: Ints, count: int, add: bool) -> list[object]:
    """Sums or greatest numbers by row; nothing where there is no number."""
    known = (rows >= 0) & ~np.isnan(numbers)
    made = np.zeros(count) if add else np.full(count, -np.inf)
    (np.add if add else np.maximum).at(made, rows[known], numbers[known])
    there = np.zeros(count, dtype=bool)
    there[rows[known]] = True
    return [float(value) if has else None for value, has in zip(made, there, strict=True)]


def _take_first(values: list[object], rows: Ints, count: int) -> list[object]:
    made: list[object] = [None] * count
    for row, value in zip(rows.tolist(), values, strict=True):
        if row >= 0 and made[row] is None:
            made[row] = value
    return made
