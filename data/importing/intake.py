"""From a source's files to batches: filtered, split, with geometry in WGS 84. What every subject begins with."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from data.importing.batch import Batch
from data.importing.readers import find_files, read
from data.importing.rejects import Ledger
from data.importing.say import FileProblem, Sentence
from data.importing.shapes import Wanted, find_geometry, settle, to_lonlat
from data.importing.sheet import Sheet
from data.importing.source import Source


@dataclass
class Intake:
    """Where files are and how they are told apart."""

    folder: Path
    ledger: Ledger
    zone: ZoneInfo

    def missing(self, source: Source) -> list[Sentence]:
        """One sentence for each pattern of a source that means no file."""
        _, empty = find_files(self.folder, source.file)
        return [Sentence("missing_file", {"source": source.key, "file": p, "folder": str(self.folder)}) for p in empty]

    def batches(self, source: Source, subject: str, wanted: Wanted | None) -> Iterator[Batch]:
        """Every file of a source as a batch; ``wanted=None`` for areas, which may do without geometry.

        Raises:
            FileProblem: a file cannot be used.
        """
        for path, file in find_files(self.folder, source.file)[0]:
            with warnings.catch_warnings():
                # GDAL warns of what is counted and told here anyway.
                warnings.simplefilter("ignore")
                sheet = read(path, file, source)
            yield self._batch(source, subject, sheet, wanted)

    def _batch(self, source: Source, subject: str, sheet: Sheet, wanted: Wanted | None) -> Batch:
        batch = Batch(source, sheet, self.ledger, self.zone)
        chosen = _chosen(batch)
        tally = self.ledger.tally(source, subject, sheet.file)
        tally.left_out += len(sheet) - len(chosen)
        if len(chosen) < len(sheet):
            batch = Batch(source, sheet.take(chosen), self.ledger, self.zone)
        tally.read += len(batch)
        find_geometry(batch, needed=wanted is not None)
        if source.explode:
            batch = _exploded(batch, tally)
        to_lonlat(batch)
        if wanted is not None:
            settle(batch, wanted)
        return batch


def _chosen(batch: Batch) -> list[int]:
    """Rows that ``keep`` and ``drop`` of the source leave."""
    rows = range(len(batch))
    for column, values in batch.source.keep.items():
        texts, wanted = _texts(batch, column), set(values)
        rows = [i for i in rows if texts[i] in wanted]  # type: ignore[assignment]
    for column, values in batch.source.drop.items():
        texts, unwanted = _texts(batch, column), set(values)
        rows = [i for i in rows if texts[i] not in unwanted]  # type: ignore[assignment]
    return list(rows)


def _texts(batch: Batch, column: str) -> list[str]:
    return ["" if v is None else str(int(v)) if isinstance(v, float) and v.is_integer() else str(v).strip() for v in batch.column(column)]


def _exploded(batch: Batch, tally: Any) -> Batch:
    """Every part of a multi-part shape as a row of its own; ``read`` counts the parts."""
    assert batch.geometry is not None  # noqa: S101  the caller has found it
    rows: list[int] = []
    parts: list[Any] = []
    for i, shape in enumerate(batch.geometry):
        pieces = [shape] if shape is None or shapely.get_num_geometries(shape) < 2 else list(shapely.get_parts(shape))
        rows += [i] * len(pieces)
        parts += pieces
    made = Batch(batch.source, batch.sheet.take(rows), batch.ledger, batch.zone)
    made.sheet.columns["file.part"] = _parts(rows)
    made.geometry = np.array(parts, dtype=object)
    made.alive = batch.alive[rows]
    made.repair("exploded", len(rows) - len(batch))
    tally.read += len(rows) - len(batch)
    return made


def _parts(rows: list[int]) -> list[int]:
    """Number of each part within its row, from 1."""
    made: list[int] = []
    for i, row in enumerate(rows):
        made.append(made[-1] + 1 if i and rows[i - 1] == row else 1)
    return made


def guarded(ledger: Ledger, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches until a file cannot be used; that is noted, and the import will be refused at its end."""
    try:
        yield from batches
    except FileProblem as problem:
        ledger.refusals.append(problem.told)
