"""Common parts of the statements for vector tiles: the tile's place, the encoding of its rows, and their version.

A statement is built once for a layer and a zoom. The tile's place is given as values (``Tile.values``) in EPSG:3857, like the stored
geometry, so that columns never have to be transformed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import pack

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    LargeBinary,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from data.queries.expressions import Expression
from data.queries.versions import newest

HALF_WORLD_M = 20037508.342789244
EXTENT = 4096
"""Units along a tile's side."""
BUFFER = 64
"""Lines and surfaces reach this number of units over a tile's edge, so that neighbouring tiles join without a seam."""
WELL_INSIDE_M = 2.0
"""A shape whose box lies this far inside a tile is certainly inside it; boxes in the index are rounded by up to a metre."""


TileStatement = Select[bytes, int]
"""One row: ``tile`` (bytes) and ``version``."""
SIDES = ("west", "south", "east", "north")


@dataclass(frozen=True, slots=True)
class Tile:
    """Address of a tile in Web Mercator, y from the north."""

    z: int
    x: int
    y: int

    @property
    def side_m(self) -> float:
        """Length of its side in metres of EPSG:3857."""
        return 2 * HALF_WORLD_M / (1 << self.z)

    def bounds(self, over_m: float = 0) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:3857, reaching ``over_m`` over the edge."""
        west, north = -HALF_WORLD_M + self.x * self.side_m, HALF_WORLD_M - self.y * self.side_m
        return west - over_m, north - self.side_m - over_m, west + self.side_m + over_m, north + over_m

    def values(self) -> dict[str, float | str]:
        """Values for statements of its zoom: squares, bounds in metres, factors from metres to units (× ``per_m`` + ``from``)."""
        reaches = {"edge": 0.0, "buffer": self.side_m * BUFFER / EXTENT, "inside": -WELL_INSIDE_M}
        west, south, east, north = self.bounds()
        per_m = EXTENT / self.side_m
        return {
            **{reach: _ewkb(*self.bounds(over_m)) for reach, over_m in reaches.items()},
            "box": f"BOX({west!r} {south!r},{east!r} {north!r})",
            **dict(zip(SIDES, (west, south, east, north), strict=True)),
            "per_m": per_m,
            "from_x": -west * per_m,
            "from_y": north * per_m,
        }


def _ewkb(west: float, south: float, east: float, north: float) -> str:
    """A rectangle in EPSG:3857 as PostGIS reads it: little endian, a polygon with SRID, of one ring of five points."""
    return pack("<BIIII10d", 1, 0x20000003, 3857, 1, 5, west, south, west, north, east, north, east, south, west, south).hex()


class _Given(UserDefinedType[str]):
    """A parameter that PostgreSQL parses once as one of its types. A function would be evaluated for each row."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name

    def literal_processor(self, dialect: Dialect) -> Callable[[str], str]:
        return lambda value: f"'{value}'"


def tile_value(name: str) -> ColumnElement[float]:
    """One of ``Tile.values``."""
    return bindparam(name, type_=Double)


def tile_geometry(reach: str = "edge") -> Expression:
    """The tile as a geometry (``edge``), what reaches over its edge (``buffer``), or what lies well inside (``inside``)."""
    return cast(bindparam(reach, type_=_Given("geometry")), _Given("geometry"))


def constant(value: int | float) -> Expression:
    """One of our own numbers in the text of the statement, so that PostgreSQL uses it for the plan."""
    return literal_column(repr(value), Integer if isinstance(value, int) else Double)


def text_constant(name: str) -> ColumnElement[str]:
    """One of our own names in the text of the statement."""
    return literal_column(f"'{name}'", Text)


def encode_tile(rows: Subquery, name: str, subject: str) -> TileStatement:
    """One row: ``tile`` (bytes of a Mapbox Vector Tile) of the rows with their ``geom``, and the ``version`` they are of.

    Both are of one snapshot, so the version always fits the tile. Shapes that vanish at this zoom are left out.
    The rows must have a limit or an offset: otherwise PostgreSQL would compute each geometry twice.
    """
    tile = func.ST_AsMVT(rows.table_valued(), text_constant(name), constant(EXTENT), text_constant("geom"), type_=LargeBinary)
    made = select(tile.label("tile"), newest(subject).label("version"))
    return made.select_from(rows).where(~func.ST_IsEmpty(rows.c.geom)).limit(constant(1))


def clipped_geometry(geometry: Expression, buffer: int = BUFFER) -> Expression:
    """A geometry in the tile's units, cut at its edge."""
    box = cast(bindparam("box", type_=_Given("box2d")), _Given("box2d"))
    # The type is given because GeoAlchemy would otherwise wrap the function for reading.
    return type_coerce(func.ST_AsMVTGeom(geometry, box, constant(EXTENT), constant(buffer)), LargeBinary).label("geom")


def unclipped_geometry(shape: Expression) -> Expression:
    """A polygon in the tile's units, not clipped.

    It takes a quarter of the time of ST_AsMVTGeom, which repairs shapes that are already valid.

    At low zooms a ring may touch itself after rounding; it is only a pixel or two wide there.
    """
    per_m, zero = tile_value("per_m"), constant(0)
    # Outer rings run clockwise on the map, as the format requires: its y axis points down.
    turned = func.ST_ForcePolygonCW(shape)
    moved = func.ST_Affine(turned, per_m, zero, zero, -per_m, tile_value("from_x"), tile_value("from_y"))
    return type_coerce(func.ST_SnapToGrid(moved, constant(1)), LargeBinary).label("geom")
