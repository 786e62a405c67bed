"""Sums what incidents add to their cells over the areas above, zones and kinds, and stores it as roll-ups of a city.

The sums are made with numpy (see ``tree_sums``), which takes a quarter of the time that PostgreSQL needs for them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import sql

from data.database.binary_copy import Rows, layout, make_rows, read_columns, writing_rows
from data.database.connections import Connection
from data.rollup.incident_parts import COUNTS, KIND_SUM
from data.rollup.tree_sums import Areas, Counted, Ints, KindSums, sum_counts

_AREAS = """
SELECT no, coalesce(parent, 0), CASE level WHEN 'zone' THEN 0 ELSE depth END, sums, district FROM fresh_node ORDER BY no
"""
_ZONE_CELLS = """
SELECT g.no, z.no FROM fresh_above u JOIN fresh_node z ON z.code = u.area AND z.level = 'zone' JOIN fresh_node g ON g.code = u.below
WHERE g.no <> z.no
"""

# The numbers of a kind's sums, side by side. A kind without cases may have none since its category became sensitive, or is no longer.
_KINDS = f"""
WITH {KIND_SUM}
SELECT u.kind,
    coalesce(max(s.no) FILTER (WHERE s.category IS NOT NULL), 0),
    coalesce(max(s.no) FILTER (WHERE s.channel IS NOT NULL), 0),
    coalesce(max(s.no) FILTER (WHERE s.category IS NULL AND s.channel IS NULL), 0)
FROM kind_sum u JOIN incident_kind s ON s.no = u.counted
WHERE u.needs > 0
GROUP BY u.kind
"""  # noqa: S608 - it is ours

_DAY_COLUMNS = {"area_no": ">i4", "day": ">i4", "kind": ">i2", **dict.fromkeys(COUNTS, ">i4")}
# Days as PostgreSQL stores them, from 2000-01-01 on.
_DAY_NUMBERS = {"area_no": "area_no", "day": "day - date '2000-01-01'", "kind": "kind::int", **{name: name for name in COUNTS}}
_DAYS = "SELECT day, count(*) FROM fresh_part GROUP BY day ORDER BY day"
_OF_DAYS = sql.SQL("fresh_part WHERE day BETWEEN {first} AND {last}")
_AT_ONCE = 250_000
"""Parts that are summed up together, unless a single day has more: some 100 MB with what follows from them."""
_FEW_RUNS = 4
"""So often all parts are read rather than sorted into an index."""

_OPEN_COLUMNS = {"area_no": ">i4", "kind": ">i2", "n": ">i4"}
_STATES = "SELECT DISTINCT stage, state FROM fresh_open ORDER BY stage, state"
_STATE = sql.SQL("fresh_open o JOIN unnest({stages}::text[], {states}::text[]) WITH ORDINALITY s (stage, state, no) USING (stage, state)")
_OPEN_NUMBERS = {"area_no": "area_no", "kind": "kind::int", "state": "s.no::int", "n": "n"}


class AreaCounts:
    """Fills roll-ups of incidents from the parts that lie in temporary tables. Areas are positions in the order of their numbers.

    Needs ``fresh_node`` and ``fresh_above``, and the kinds of the city.
    """

    def __init__(self, connection: Connection, city: str) -> None:
        rows = connection.execute(_AREAS).fetchall()
        no, parent, depth, sums = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(4))
        pairs = np.array(connection.execute(_ZONE_CELLS).fetchall(), dtype=np.int64).reshape(-1, 2)
        above = np.where(np.isin(parent, no), np.searchsorted(no, parent), -1)
        self._connection, self._no = connection, no
        codes = [str(row[4]).encode() for row in rows]
        self._sizes = np.array([len(code) for code in codes], dtype=np.int64)
        self._districts = {size: np.array(codes, dtype=f"S{size}") for size in set(self._sizes.tolist())}
        self._areas = Areas(above, depth, sums, (np.searchsorted(no, pairs[:, 0]), np.searchsorted(no, pairs[:, 1])))
        numbers = np.zeros((3, 1 << 15), dtype=np.int64)
        for kind, *of in connection.execute(_KINDS, {"city": city}).fetchall():
            numbers[:, kind] = of
        self._kinds = KindSums(*numbers)

    def store_days(self, target: sql.Composable) -> None:
        """Fill a table that has the columns of ``incident_daily`` from ``fresh_part``, some days at a time."""
        for first, last in cut_days(self._connection):
            source = _OF_DAYS.format(first=sql.Literal(first), last=sql.Literal(last))
            read = read_columns(self._connection, source, _DAY_NUMBERS)
            parts = self._parts(read, "day", COUNTS)
            with writing_rows(self._connection, target, [*_DAY_COLUMNS, "district"]) as send:
                for counted in sum_counts(parts, self._areas, self._kinds):
                    self._send(send, counted, _DAY_COLUMNS, {"day": counted.label, **dict(zip(COUNTS, counted.counts, strict=True))})

    def store_open(self, target: sql.Composable) -> None:
        """Fill a table that has the columns of ``incident_open`` from ``fresh_open``."""
        states = self._connection.execute(_STATES).fetchall()
        named = {"stages": sql.Literal([stage for stage, _ in states]), "states": sql.Literal([state for _, state in states])}
        parts = self._parts(read_columns(self._connection, _STATE.format(**named), _OPEN_NUMBERS), "state", ["n"])
        with writing_rows(self._connection, target, [*_OPEN_COLUMNS, "stage", "state", "district"]) as send:
            for counted in sum_counts(parts, self._areas, self._kinds):
                for no, (stage, state) in enumerate(states, 1):
                    some = counted.select(counted.label == no)
                    texts = {"stage": stage.encode(), "state": state.encode()}
                    columns = _OPEN_COLUMNS | {name: f"S{len(text)}" for name, text in texts.items()}
                    self._send(send, some, columns, {"n": some.counts[0], **texts})

    def _parts(self, read: Mapping[str, Ints], label: str, counts: Sequence[str]) -> Counted:
        counted = np.array([read[name] for name in counts], dtype=np.int32)
        return Counted(np.searchsorted(self._no, read["area_no"]), read[label], read["kind"], counted)

    def _send(
        self, send: Callable[[Rows], None], counted: Counted, columns: Mapping[str, str], values: Mapping[str, npt.NDArray[Any] | bytes]
    ) -> None:
        """Send rows; those of which the codes of the districts have one length have one layout."""
        sizes = self._sizes[counted.area]
        for size in np.unique(sizes).tolist():
            rows = sizes == size
            told = {"area_no": self._no[counted.area[rows]], "kind": counted.kind[rows]}
            told |= {name: value if isinstance(value, bytes) else value[rows] for name, value in values.items()}
            told["district"] = self._districts[size][counted.area[rows]]
            send(make_rows(layout({**columns, "district": f"S{size}"}), told, int(rows.sum())))


def cut_days(connection: Connection) -> list[tuple[date, date]]:
    """The first and last day of runs of days with about as many parts as are summed up at once."""
    runs: list[tuple[date, date]] = []
    held = _AT_ONCE
    for day, count in connection.execute(_DAYS).fetchall():
        fits = held + count <= _AT_ONCE
        runs[-1:] = [(runs[-1][0], day)] if fits else [*runs[-1:], (day, day)]
        held = held + count if fits else count
    if len(runs) > _FEW_RUNS:
        connection.execute("CREATE INDEX ON fresh_part (day)")
    return runs
