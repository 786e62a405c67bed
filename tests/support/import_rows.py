"""Batches of rows made in a test, for what an import does to rows before the database is asked."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from data.importing.common.columns import make_column
from data.importing.common.sheet import Sheet
from data.importing.files.shape_columns import add_shapes
from data.importing.profile.model import BuildingSource, IncidentSource
from data.importing.profile.source import Source
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

SHANGHAI, BERLIN, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
KOLKATA, LORD_HOWE = ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")


def incident_source(**more: Any) -> IncidentSource:
    """A source of cases; their columns are read one by one in the tests."""
    return IncidentSource(**{"file": ["x.csv"], "key": "x", "columns": {"reported_at": "at"}, **more})


def building_source(**more: Any) -> BuildingSource:
    """A source of buildings."""
    return BuildingSource(**{"file": ["x.csv"], "key": "x", **more})


def make_batch(
    columns: Mapping[str, Sequence[Any]],
    source: Source | None = None,
    zone: ZoneInfo = SHANGHAI,
    ledger: Ledger | None = None,
    file: str = "x.csv",
    shapes: Sequence[Any] | None = None,
) -> Batch:
    """Rows of one file, from line 2 on; ``shapes`` is what stands in ``batch.geometry``."""
    source, ledger = source or incident_source(), ledger or Ledger()
    count = len(next(iter(columns.values()))) if columns else len(shapes or ())
    sheet = Sheet(file, {name: make_column(list(values)) for name, values in columns.items()}, lines=np.arange(2, count + 2))
    add_shapes(sheet, source)
    ledger.tally(source, source.__class__.__name__, file).read += count
    batch = Batch(source, sheet, ledger, zone)
    if shapes is not None:
        batch.geometry = np.array(list(shapes), dtype=object)
    return batch


def rejected(batch: Batch) -> dict[int, str]:
    """Reason of every rejected row, by its line."""
    return {reject.line: reject.reason for reject in batch.ledger.rejects}


def repaired(batch: Batch) -> dict[str, int]:
    """How many rows were kept but changed, by what was done."""
    return {kind: count for (_, kind), count in batch.ledger.repairs.items()}
