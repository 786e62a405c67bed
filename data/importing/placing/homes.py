"""Finds where people live: the building by key or full address, else the cell by its code."""

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import has_value, to_mask
from data.importing.placing.leaves import Ints, Leaves

_BUILDINGS = "SELECT id, source_key, address, grid FROM building WHERE city = %s"
_AT_ONCE = 50_000


class Homes:
    """The buildings and cells of a city.

    They are looked up in memory, not in the database: so no value of a person's row is sent in a query or written to the database log.
    """

    def __init__(self, connection: psycopg.Connection, city: str, leaves: Leaves) -> None:
        self._leaves = leaves
        parts: list[list[pa.Array]] = []
        with connection.cursor(name="homes") as cursor:
            cursor.execute(_BUILDINGS, [city])
            while rows := cursor.fetchmany(_AT_ONCE):
                kinds = (pa.int64(), pa.string(), pa.string(), pa.string())
                parts.append([pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)])
        ids, keys, addresses, grids = (pa.concat_arrays(column) for column in zip(*parts, strict=True)) if parts else _NONE
        self._ids, self._leaf = ids, leaves.find_numbers(grids)
        self._words, self._building = _unique(keys, addresses)

    def find(self, building: pa.Array, grid: pa.Array) -> tuple[pa.Array, Ints, int]:
        """Where the people of some rows live.

        Args:
            building: keys or addresses of buildings.
            grid: codes of cells.

        Returns:
            Ids of buildings, nothing where none is known; the leaf of each, -1 where neither says it; and how many of the others named a
            building or cell first that is not known.
        """
        at = pc.index_in(building, self._words).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        at[~has_value(building)] = -1
        known = at >= 0
        home = np.where(known, self._building[at], -1) if len(self._building) else np.full(len(at), -1, dtype=np.int64)
        standing = known & (self._leaf[home] >= 0) if len(self._leaf) else np.zeros(len(at), dtype=bool)
        by_code = self._leaves.find_numbers(grid)
        leaf = np.where(standing, self._leaf[home], by_code) if len(self._leaf) else by_code
        ids = self._ids.take(pa.array(np.where(standing, home, 0), mask=~standing))
        return ids, leaf, int((has_value(building) & ~standing & (leaf >= 0)).sum())


_NONE = (pa.array([], pa.int64()), *(pa.array([], pa.string()) for _ in range(3)))


def _unique(keys: pa.Array, addresses: pa.Array) -> tuple[pa.Array, Ints]:
    """Keys and addresses that belong to exactly one building, and that building. If a key equals an address, the key wins."""
    made, owner = [], []
    for words, rows in ((keys, has_value(keys)), (addresses, has_value(addresses) & ~to_mask(pc.is_in(addresses, keys)))):
        counted = pc.value_counts(words)
        once = counted.field("values").filter(pc.equal(counted.field("counts"), 1))
        single = rows & to_mask(pc.is_in(words, once))
        made.append(words.filter(pa.array(single)))
        owner.append(np.flatnonzero(single))
    return pa.concat_arrays(made), np.concatenate(owner).astype(np.int64)
