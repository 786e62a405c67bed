"""Statements for vector tiles.

Tile squares are EPSG:3857, like the stored geometry they are compared with: the literal is transformed, never the column.
Every statement answers one row with one column ``tile`` (bytes of a Mapbox Vector Tile).
"""

from dataclasses import dataclass
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, Integer, LargeBinary, Select, Subquery, Text, and_, cast, func, or_, select, type_coerce

from data.queries.areas import as_of
from data.queries.figures import deadline_state
from data.schema import area, base_feature, building, city, facility, incident

HALF_WORLD_M = 20037508.342789244
EXTENT = 4096
"""Units along a tile's side."""
BUFFER = 64
"""Units that lines and surfaces reach over a tile's edge, so that neighbours join without a seam."""
NO_CUT = 1 << 20

STOREY_M = 3.0
UNKNOWN_HEIGHT_M = 6.0

SINGLES_FROM_ZOOM = 13
"""Below this zoom points are counted together, and only the largest buildings are drawn."""
POINT_CELLS = 32
"""Counted points share cells of a 32nd of the tile's side."""
TREES_FROM_ZOOM = 14
_RANKS = {9: 1, 10: 1, 11: 2, 12: 2, 13: 3}
_SURFACES_FROM_ZOOM = 11
_AREA_LEVELS = ((10, ("street",)), (12, ("community",)), (13, ("grid",)))


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

    def bounds(self, buffer: int = 0) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:3857, reaching ``buffer`` units over the edge."""
        over = self.side_m * buffer / EXTENT
        west, north = -HALF_WORLD_M + self.x * self.side_m, HALF_WORLD_M - self.y * self.side_m
        return west - over, north - self.side_m - over, west + self.side_m + over, north + over

    def square(self, buffer: int = 0) -> ColumnElement[Any]:
        """The tile as a geometry."""
        return func.ST_MakeEnvelope(*self.bounds(buffer), 3857, type_=Geometry)


def _encoded(rows: Subquery, name: str) -> Select[Any]:
    encoded = func.ST_AsMVT(rows.table_valued(), name, EXTENT, "geom", type_=LargeBinary)
    return select(encoded.label("tile")).select_from(rows).where(rows.c.geom.is_not(None))


def _drawn(geometry: ColumnElement[Any], tile: Tile, buffer: int = BUFFER, clip: bool = True) -> ColumnElement[Any]:
    box = func.box2d(tile.square())
    # The type is said because GeoAlchemy would wrap the function for reading otherwise.
    return type_coerce(func.ST_AsMVTGeom(geometry, box, EXTENT, buffer, clip), LargeBinary).label("geom")


def base(tile: Tile, kinds: tuple[str, ...], name: str, most: int) -> Select[Any]:
    """Features of the base map: the most important ones first, finer ones from closer by."""
    kept: list[ColumnElement[bool]] = [base_feature.c.kind.in_(kinds), base_feature.c.geom_3857.op("&&")(tile.square(BUFFER))]
    if tile.z < max(_RANKS) + 1:
        important = base_feature.c.rank <= _RANKS.get(tile.z, 1)
        surfaces = base_feature.c.kind.in_(("field", "green", "flood"))
        kept.append(or_(important, surfaces) if tile.z >= _SURFACES_FROM_ZOOM else important)
    if tile.z < TREES_FROM_ZOOM:
        kept.append(base_feature.c.kind != "tree")
    rows = (
        select(
            base_feature.c.kind,
            base_feature.c.rank,
            base_feature.c.width_m,
            base_feature.c.name,
            _drawn(base_feature.c.geom_3857, tile),
        )
        .where(*kept)
        .order_by(base_feature.c.rank, base_feature.c.id)
        .limit(most)
        .subquery("feature")
    )
    return _encoded(rows, name)


def buildings(tile: Tile, most: int) -> Select[Any]:
    """Buildings whose middle lies in the tile, each whole: so none is drawn twice, and no wall stands along a tile's edge.

    Properties: ``key``, ``h`` metres, ``p`` path of its cell, ``use``, ``floors``, ``res`` residents.
    """
    shape = building.c.geom_3857
    west, south, east, north = tile.bounds()
    middle_x, middle_y = (func.ST_XMin(shape) + func.ST_XMax(shape)) / 2, (func.ST_YMin(shape) + func.ST_YMax(shape)) / 2
    height = func.coalesce(building.c.height_m, building.c.floors * STOREY_M, UNKNOWN_HEIGHT_M)
    rows = (
        select(
            func.concat(building.c.source_id, ":", building.c.source_key).label("key"),
            cast(func.round(height), Integer).label("h"),
            cast(building.c.path, Text).label("p"),
            building.c.use,
            building.c.floors,
            building.c.residents.label("res"),
            _drawn(shape, tile, NO_CUT, clip=False),
        )
        .where(shape.op("&&")(tile.square()), middle_x >= west, middle_x < east, middle_y >= south, middle_y < north)
        .order_by((building.c.footprint_m2 * height).desc(), building.c.id)
        .limit(most)
        .subquery("feature")
    )
    return _encoded(rows, "buildings")


def areas(tile: Tile, most: int) -> Select[Any]:
    """Area polygons of the levels that can be told apart at this zoom."""
    levels = ["city", "district", *(name for zoom, names in _AREA_LEVELS if tile.z >= zoom for name in names)]
    rows = (
        select(area.c.code, area.c.level, area.c.name, area.c.name_en, _drawn(area.c.geom_3857, tile))
        .where(area.c.level.in_(levels), area.c.geom_3857.op("&&")(tile.square(BUFFER)))
        .order_by(func.nlevel(area.c.path), area.c.code)
        .limit(most)
        .subquery("feature")
    )
    return _encoded(rows, "areas")


def incidents(tile: Tile, most: int) -> Select[Any]:
    """Open cases with their deadline state; from far away their number and how many are overdue."""
    state = deadline_state(as_of())
    here = and_(incident.c.is_open, incident.c.geom_3857.op("&&")(tile.square()))
    if tile.z < SINGLES_FROM_ZOOM:
        return _counted(incident, tile, here, "incidents", most, func.count().filter(state == "overdue").label("overdue"))
    rows = (
        select(
            func.concat(incident.c.source_id, ":", incident.c.source_key).label("key"),
            incident.c.category,
            state.label("state"),
            _drawn(incident.c.geom_3857, tile, 0),
        )
        .join_from(incident, city, city.c.code == incident.c.city)
        .where(here)
        .order_by(incident.c.reported_at.desc())
        .limit(most)
        .subquery("feature")
    )
    return _encoded(rows, "incidents")


def facilities(tile: Tile, most: int) -> Select[Any]:
    """Facilities with their kind; from far away their number."""
    here = facility.c.geom_3857.op("&&")(tile.square())
    if tile.z < SINGLES_FROM_ZOOM:
        return _counted(facility, tile, here, "facilities", most)
    rows = (
        select(
            func.concat(facility.c.source_id, ":", facility.c.source_key).label("key"),
            facility.c.kind,
            facility.c.name,
            _drawn(facility.c.geom_3857, tile, 0),
        )
        .where(here)
        .order_by(facility.c.id)
        .limit(most)
        .subquery("feature")
    )
    return _encoded(rows, "facilities")


def _counted(table: Any, tile: Tile, here: ColumnElement[bool], name: str, most: int, *more: ColumnElement[Any]) -> Select[Any]:
    """Points of a tile by cell: their number ``n`` at the middle of those that lie in it."""
    size_m = tile.side_m / POINT_CELLS
    cell = func.ST_SnapToGrid(table.c.geom_3857, size_m)
    middle = func.ST_Centroid(func.ST_Collect(table.c.geom_3857))
    rows = (
        select(func.count().label("n"), *more, _drawn(middle, tile, 0))
        .select_from(table.join(city, city.c.code == table.c.city))
        .where(here)
        .group_by(cell)
        .order_by(func.count().desc())
        .limit(most)
        .subquery("feature")
    )
    return _encoded(rows, name)


def versions() -> Select[Any]:
    """The data version of every city, and whether its figures stand for now; the versions together name the state of all tiles."""
    return select(city.c.code, city.c.data_version, city.c.as_of.is_(None).label("live")).order_by(city.c.code)
