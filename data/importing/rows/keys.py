"""Keys that identify the rows of a source: their own, or file and line. A key may occur once."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Mask, to_mask
from data.importing.rows.batch import Batch


def make_line_keys(batch: Batch) -> pa.Array:
    """Keys of rows that have none of their own: file and line, and the part of an exploded shape."""
    lines, parts = pa.array(batch.sheet.lines).cast(pa.string()), batch.sheet.columns.get("file.part")
    more = [] if parts is None else [".", parts.cast(pa.string())]
    return pc.binary_join_element_wise(f"{batch.sheet.file}#", lines, *more, "")


class Keys:
    """The keys that have occurred so far in one source."""

    def __init__(self) -> None:
        self._seen: list[tuple[pa.Array, str, pa.Array]] = []

    def make_unique(self, batches: Sequence[Batch]) -> None:
        """Reject rows whose key occurred before; where the source says that the last one counts, rows whose key occurs again.

        In the second case ``batches`` are all rows of the source.
        """
        for batch in reversed(batches) if batches and _last_counts(batches[0]) else batches:
            self._reject_known(batch)
            rows = pa.array(batch.alive)
            self._seen.append((batch.fields["key"].filter(rows), batch.sheet.file, pa.array(batch.sheet.lines).filter(rows)))

    def _reject_known(self, batch: Batch) -> None:
        keys = batch.fields["key"]
        suspects = _repeated(keys)
        for known, _, _ in self._seen:
            suspects |= to_mask(pc.is_in(keys, known))
        values, here = keys.to_pylist(), dict[str | None, str]()
        last = _last_counts(batch)
        rows = batch.select_living(suspects)
        for i in reversed(rows) if last else rows:
            first = self._first(values[i]) or here.get(values[i])
            if first is None:
                here[values[i]] = f"{batch.sheet.file}:{batch.sheet.lines[i]}"
            else:
                batch.reject(i, "superseded" if last else "duplicate_key", _column(batch), values[i], first=first)

    def _first(self, key: str | None) -> str | None:
        """File and line where a key occurred in an earlier batch."""
        for known, file, lines in self._seen:
            at = pc.index(known, pa.scalar(key, pa.string())).as_py()
            if at >= 0:
                return f"{file}:{lines[at]}"
        return None


def _last_counts(batch: Batch) -> bool:
    return batch.source.duplicates == "last"


def _repeated(keys: pa.Array) -> Mask:
    """Rows whose key occurs more than once."""
    counted = pc.value_counts(keys)
    return to_mask(pc.is_in(keys, counted.field("values").filter(pc.greater(counted.field("counts"), 1))))


def _column(batch: Batch) -> str:
    """The column that keys come from: its own, or for population the area's."""
    columns = getattr(batch.source, "columns")  # noqa: B009  every source but the base class has it
    spec = columns.key or getattr(columns, "area", None)
    return spec.describe() if spec else ""
