"""From a source's files to batches: filtered, split, with geometry in WGS 84. Every subject begins with this step."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import shapely

from data.importing.common.columns import Mask, map_values, to_mask
from data.importing.common.sentences import FileProblem, Sentence
from data.importing.common.sheet import Lines, Sheet
from data.importing.files.file_patterns import find_files, leaves_folder
from data.importing.profile.source import Source
from data.importing.reader.client import read_file
from data.importing.rows.batch import Batch
from data.importing.rows.geometry import Wanted, find_geometry, forget_default_points, settle_geometry, to_lonlat
from data.importing.rows.joining import JoinedTable, make_table_source
from data.importing.rows.rejects import Ledger, Tally


class Parts:
    """The files of a source that say that they hold only a part, and whether together they are everything."""

    def __init__(self) -> None:
        self._rows = self._files = 0
        self._cut: list[tuple[str, str, int]] = []

    def add(self, sheet: Sheet) -> None:
        """Count one more."""
        self._rows, self._files = self._rows + len(sheet), self._files + 1
        if sheet.cut is not None:
            self._cut.append((sheet.file, *sheet.cut))

    def check(self) -> None:
        """Refuse what is cut short. The last part of an answer in pages has no such sign, or all have together as many rows as there are.

        Raises:
            FileProblem: something is missing.
        """
        if not self._cut:
            return
        total = max(total for _, _, total in self._cut)
        if self._rows < total if total else len(self._cut) == self._files:
            raise FileProblem("cut_short", file=self._cut[0][0], sign=self._cut[0][1])


@dataclass
class Intake:
    """Where files are and how they are told apart."""

    folder: Path
    ledger: Ledger
    zone: ZoneInfo

    def find_missing(self, source: Source) -> list[Sentence]:
        """One sentence for each pattern of a source that means no file."""
        _, empty = find_files(self.folder, source.patterns)
        return [
            Sentence(
                "outside_folder" if leaves_folder(self.folder, pattern) else "missing_file",
                {"source": source.key, "file": pattern, "folder": str(self.folder)},
            )
            for pattern in empty
        ]

    def read_batches(self, source: Source, subject: str, wanted: Wanted | None) -> Iterator[Batch]:
        """Every file of a source as a batch, a large table as several; ``wanted=None`` for areas, which may do without geometry.

        Raises:
            FileProblem: a file cannot be used.
        """
        found, parts = find_files(self.folder, source.file)[0], Parts()
        joined = JoinedTable(source, self._read_joined(source), self.zone) if source.join else None
        for path, file in found:
            sheets = read_file(path, file, source, self.folder)
            while (sheet := _next(sheets)) is not None:
                parts.add(sheet)
                self.ledger.remarks += [(source.key, told) for told in sheet.remarks]
                if joined is not None:
                    joined.add_columns(Batch(source, sheet, Ledger(), self.zone))
                yield self._batch(source, subject, sheet, wanted)
        parts.check()
        if joined is not None:
            self.ledger.remarks += [(source.key, told) for told in joined.describe()]

    def _read_joined(self, source: Source) -> Iterator[Sheet]:
        """The sheets of the table that is joined to a source."""
        table, parts = make_table_source(source), Parts()
        for path, file in find_files(self.folder, table.file)[0]:
            for sheet in read_file(path, file, table, self.folder):
                parts.add(sheet)
                yield sheet
        parts.check()

    def _batch(self, source: Source, subject: str, sheet: Sheet, wanted: Wanted | None) -> Batch:
        batch = Batch(source, sheet, self.ledger, self.zone)
        chosen = _chosen(batch)
        tally = self.ledger.tally(source, subject, sheet.file)
        tally.left_out += len(sheet) - len(chosen)
        if len(chosen) < len(sheet):
            batch = Batch(source, sheet.take(chosen), self.ledger, self.zone)
        tally.read += len(batch)
        if source.reads_geometry():
            find_geometry(batch, needed=wanted is not None and not source.allows_no_place())
        if source.explode:
            batch = _exploded(batch, tally)
        to_lonlat(batch)
        if wanted is not None:
            forget_default_points(batch)
            settle_geometry(batch, wanted, needed=not (source.allows_no_place() or source.default_points()))
        return batch


def _next(sheets: Iterator[Sheet]) -> Sheet | None:
    with warnings.catch_warnings():
        # GDAL warns of problems that are counted and reported here anyway.
        warnings.simplefilter("ignore")
        return next(sheets, None)


def _chosen(batch: Batch) -> Lines:
    """Numbers of the rows that ``keep`` and ``drop`` of the source leave."""
    left = np.ones(len(batch), dtype=bool)
    for column, values in batch.source.keep.items():
        left &= _among(batch, column, set(values))
    for column, values in batch.source.drop.items():
        left &= ~_among(batch, column, set(values))
    return np.flatnonzero(left)


def _among(batch: Batch, column: str, wanted: set[str]) -> Mask:
    """Rows whose value, as text, is one of these; no value is the empty text."""
    found, _ = map_values(batch.column(column), lambda v: _text(v) in wanted, pa.bool_())
    return to_mask(found.fill_null("" in wanted))


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _exploded(batch: Batch, tally: Tally) -> Batch:
    """Every part of a multi-part shape as a separate row; ``read`` counts the parts."""
    shapes = batch.shapes
    several = shapely.get_num_geometries(shapes) > 1
    counts = np.where(several, shapely.get_num_geometries(shapes), 1)
    rows = np.repeat(np.arange(len(batch)), counts)
    parts = shapes[rows]
    parts[several[rows]] = shapely.get_parts(shapes[several])
    made = Batch(batch.source, batch.sheet.take(rows), batch.ledger, batch.zone)
    made.sheet.columns["file.part"] = pa.array(np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts) + 1)
    made.geometry = parts
    made.alive = batch.alive[rows]
    made.repair("exploded", len(rows) - len(batch))
    tally.read += len(rows) - len(batch)
    return made


def stop_at_problem(ledger: Ledger, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches up to the first file that cannot be used; the problem is noted, and the import is refused at its end."""
    try:
        yield from batches
    except FileProblem as problem:
        ledger.refusals.append(problem.told)
