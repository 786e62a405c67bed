"""Points that hold an unusual share of a source's rows: files put a default point in where no place is known."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely

from data.importing.common.sentences import Sentence, format_share
from data.importing.placing.coordinate_checks import compute_centroids, find_located
from data.importing.profile.source import Source
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

_FEWEST = 20
"""Fewer rows on one point are told of nowhere."""
_TIMES = 5
"""A point is told of if it holds this many times the rows of the tenth most frequent one."""
_TENTH = 9
_MOST_TOLD = 5
_MOST_KEPT = 10_000
_DECIMALS = 6
_WIDE = 1 << 31
"""More than there are different latitudes of that many decimals."""


class Crowds:
    """How many rows of one source stand on each point; of many points only the most frequent are remembered."""

    def __init__(self) -> None:
        self._points: Counter[tuple[float, float]] = Counter()
        self._rows = 0

    def add(self, batches: Sequence[Batch]) -> None:
        """Count the points of some batches."""
        for batch in batches:
            rows = find_located(batch)
            if batch.geometry is None or not len(rows):
                continue
            shapes = batch.geometry[rows]
            xy = compute_centroids(shapes[shapely.get_type_id(shapes) == 0])
            self._rows += len(rows)
            x, y = np.rint(xy * 10**_DECIMALS).astype(np.int64).T
            points, counts = np.unique(
                x * _WIDE + y + _WIDE // 2, return_counts=True
            )  # one number for each point is sorted faster than two
            kept = np.argsort(-counts, kind="stable")[:_MOST_KEPT]
            found = np.stack([points[kept] // _WIDE, points[kept] % _WIDE - _WIDE // 2], axis=1) / 10**_DECIMALS
            self._points.update({(x, y): n for (x, y), n in zip(found.tolist(), counts[kept].tolist(), strict=True)})

    def tell(self, source: Source, ledger: Ledger) -> None:
        """Remark on each point that holds at least 20 rows, and five times those of the tenth most frequent point.

        Of fewer than twenty points, the one in the middle takes the place of the tenth.
        """
        often = self._points.most_common()
        usual = often[min(_TENTH, len(often) // 2)][1] if len(often) > 1 else 0
        for (lon, lat), count in [one for one in often if one[1] >= max(_FEWEST, _TIMES * usual)][:_MOST_TOLD]:
            facts = {"count": f"{count:,}", "total": f"{self._rows:,}", "share": format_share(count / self._rows)}
            place = {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}
            ledger.remarks.append((source.key, Sentence("crowded_point", {"source": source.key, **facts, **place})))
