"""Finds identity numbers that occur under several keys and lists their lines; nothing is merged. Only hashes are compared."""

from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.sentences import Sentence
from data.importing.common.sheet import Lines

_SHOWN = 20


class DuplicateNumbers:
    """The hashes of the rows of one source, and the lines of these rows."""

    def __init__(self) -> None:
        self._parts: list[tuple[pa.ChunkedArray, str, Lines]] = []

    def add(self, hashes: pa.ChunkedArray, file: str, lines: Lines) -> None:
        """Add stored rows; a row without number has no hash."""
        self._parts.append((hashes, file, lines))

    def describe(self, source: str) -> Iterator[Sentence]:
        """One sentence, if any number occurs twice."""
        if not self._parts:
            return
        counted = pc.value_counts(pa.chunked_array([chunk for hashes, _, _ in self._parts for chunk in hashes.chunks]).drop_null())
        several = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
        if not len(several):
            return
        yield Sentence("same_number", {"source": source, "count": len(several), "lines": self._lines(several)})

    def _lines(self, several: pa.Array) -> str:
        """Lines of the first numbers; the lines of one number stand together."""
        places: dict[str, list[str]] = defaultdict(list)
        files = len({file for _, file, _ in self._parts})
        for hashes, file, lines in self._parts:
            for row in pc.indices_nonzero(pc.is_in(hashes, several)).to_pylist():
                places[hashes[row].as_py()].append(f"{file}:{lines[row]}" if files > 1 else str(lines[row]))
        told = [" = ".join(lines) for lines in list(places.values())[:_SHOWN]]
        return "; ".join([*told, *(["…"] if len(places) > _SHOWN else [])])
