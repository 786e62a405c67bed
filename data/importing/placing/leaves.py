"""Finds the leaf areas of many points in memory, before rows are sent; ``data.geo.leaf_join.place_rows`` does the same in the database."""

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from psycopg import sql

from data.importing.common.columns import has_value

Shapes = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]

_POINT = 0

# As in ``data.geo.leaf_join``: the index orders by degrees; of the eight nearest by degrees the nearest by metres counts.
_NEAREST = """
SELECT a.no, n.leaf, n.metres
FROM unnest(%(numbers)s::int[], %(lon)s::float8[], %(lat)s::float8[]) AS a (no, lon, lat)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326) AS anchor) p
LEFT JOIN LATERAL (
    SELECT near.code AS leaf, ST_Distance(near.geom::geography, p.anchor::geography) AS metres
    FROM (SELECT l.* FROM leaf_piece l ORDER BY l.geom <-> p.anchor LIMIT 8) near
    ORDER BY metres, near.code LIMIT 1
) n ON true
ORDER BY a.no
"""


class Leaves:
    """The leaves of ``leaf_piece`` (see ``data.geo.leaf_join.prepare_leaves``), numbered by their codes' order."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        found = connection.execute("SELECT DISTINCT code, path::text, district FROM leaf_piece ORDER BY code").fetchall()
        self._codes, self._paths, self._districts = (pa.array([row[k] for row in found], pa.string()) for k in range(3))
        self._number = {row[0]: n for n, row in enumerate(found)}
        pieces = connection.execute("SELECT code, ST_AsBinary(geom) FROM leaf_piece ORDER BY code").fetchall()
        self._leaf = np.array([self._number[code] for code, _ in pieces], dtype=np.int64)
        self._pieces = np.asarray(shapely.from_wkb([bytes(shape) for _, shape in pieces]), dtype=object)
        shapely.prepare(self._pieces)
        self._with_polygon = len(found)
        self.unplaced: dict[str, int] = {}
        """Numbers of the leaves for cases without a place, which have no polygon."""

    def add(self, code: str, path: str, district: str) -> None:
        """Add a leaf without polygon: points never lie in it, and people cannot live in it."""
        self.unplaced[code] = len(self._codes)
        more = ((self._codes, code), (self._paths, path), (self._districts, district))
        self._codes, self._paths, self._districts = (pa.concat_arrays([known, pa.array([new], pa.string())]) for known, new in more)

    def find_containing(self, anchors: Shapes) -> Ints:
        """The leaf that contains each point, -1 for none; on a shared border the leaf with the lower code."""
        made = np.full(len(anchors), self._with_polygon, dtype=np.int64)
        # The points go into the tree, so that each piece is prepared once for all points that it may hold.
        piece, point = shapely.STRtree(anchors).query(self._pieces, predicate="intersects")
        np.minimum.at(made, point, self._leaf[piece])
        made[made == self._with_polygon] = -1
        return made

    def find_nearest(self, anchors: Shapes, tolerance_m: float) -> list[tuple[int, float | None]]:
        """The nearest leaf of each point, -1 if it is farther than ``tolerance_m``, and how far it is, metres."""
        if not len(anchors):
            return []
        xy = shapely.get_coordinates(anchors)
        asked = {"numbers": list(range(len(xy))), "lon": xy[:, 0].tolist(), "lat": xy[:, 1].tolist()}
        found = self._connection.execute(sql.SQL(_NEAREST), asked).fetchall()
        return [(self._number[code] if code is not None and metres <= tolerance_m else -1, metres) for _, code, metres in found]

    def find_numbers(self, codes: pa.Array) -> Ints:
        """The leaf with a polygon with each code, -1 for none."""
        made: Ints = pc.index_in(codes, self._codes).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        made[~has_value(codes) | (made >= self._with_polygon)] = -1
        return made

    def make_columns(self, leaves: Ints) -> dict[str, pa.Array]:
        """Columns ``grid``, ``path`` and ``district`` of rows in these leaves."""
        order = pa.array(leaves)
        return {"grid": self._codes.take(order), "path": self._paths.take(order), "district": self._districts.take(order)}


def compute_anchors(shapes: Shapes) -> Shapes:
    """The point that decides about the leaf: a point itself, or an inner point of a polygon (its centroid may lie outside)."""
    if (shapely.get_type_id(shapes) == _POINT).all():
        return shapes
    made: Shapes = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    return made
