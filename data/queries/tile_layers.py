"""Statements for vector tiles, one for each layer and zoom: ``(zoom, most) → statement``, to be given ``Tile.values``.

Objects that are drawn at low zooms have partial indexes that contain nothing else. Conditions for such an index are written into the
statement's text: PostgreSQL must see that they imply the condition of the index.
"""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    Subquery,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    text,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from data.queries.areas import is_unplaced
from data.queries.expressions import Expression, Rows
from data.queries.tile_encoding import (
    EXTENT,
    TileStatement,
    clipped_geometry,
    constant,
    encode_tile,
    text_constant,
    tile_geometry,
    tile_value,
    unclipped_geometry,
)
from data.schema import area, area_figure_seen, base_feature, building_seen, facility, incident, incident_kind, incident_open
from data.schema.objects import BASE_MAIN, BASE_SURFACES, BASE_WAYS, BULK_SEEN_FROM

STOREY_M = 3
UNKNOWN_HEIGHT_M = 6
ALL_BUILDINGS_FROM_ZOOM = 14
"""From this zoom on every building is drawn and can be opened; below it only the largest ones are drawn."""
SINGLES_FROM_ZOOM = 13
"""Below this zoom points are counted together."""
POINT_CELLS = 32
"""Points are counted in cells whose side is 1/32 of the tile's side."""
_MAIN_UNTIL_ZOOM = 12
_FIRST_RANK_UNTIL_ZOOM = 10
_WAYS_UNTIL_ZOOM = 13
_AREA_LEVELS = ((10, ("street",)), (12, ("community",)), (13, ("grid",)))


# ---- The base map ----


def ground_tile(zoom: int, most: int) -> TileStatement:
    """Land, fields and greens; at low zooms only the most important ones."""
    return _base("ground", most, [BASE_SURFACES, "kind <> 'flood'", *_important(zoom)])


def flood_tile(zoom: int, most: int) -> TileStatement:
    """Flood zones; at low zooms only the most important ones."""
    return _base("flood", most, [BASE_SURFACES, "kind = 'flood'", *_important(zoom)])


def base_tile(zoom: int, most: int) -> TileStatement:
    """Water, roads, tracks and trees: the most important ones first, finer ones at higher zooms."""
    if zoom > _WAYS_UNTIL_ZOOM:
        return _base("base", most, ["kind IN ('water', 'road', 'track', 'tree')"])
    main = "rank <= 3" if zoom > _MAIN_UNTIL_ZOOM else BASE_MAIN
    return _base("base", most, [BASE_WAYS, main, *_important(zoom)])


def _important(zoom: int) -> list[str]:
    return [BASE_MAIN, "rank <= 1"] if zoom <= _FIRST_RANK_UNTIL_ZOOM else []


def _base(name: str, most: int, kept: list[str]) -> TileStatement:
    shape = base_feature.c.geom_3857
    rows = (
        select(base_feature.c.kind, base_feature.c.rank, base_feature.c.width_m, base_feature.c.name, clipped_geometry(shape))
        .where(*map(text, kept), shape.op("&&")(tile_geometry("buffer")))
        .order_by(base_feature.c.rank, base_feature.c.id)
        .limit(constant(most))
        .subquery("feature")
    )
    return encode_tile(rows, name, "base")


# ---- Buildings ----


def buildings_tile(zoom: int, most: int) -> TileStatement:
    """Buildings whose middle lies in the tile, not clipped: so none is drawn twice, and there is no wall along a tile's edge.

    Properties: ``h`` metres, ``p`` path of its cell, ``use``, ``floors``, ``res`` residents; ``key`` where all are drawn.
    """
    near = zoom >= ALL_BUILDINGS_FROM_ZOOM
    found = (_standing_here(most) if near else _largest(zoom, most)).subquery("found")
    rows = (
        select(
            *([func.concat(found.c.source_id, text_constant(":"), found.c.source_key).label("key")] if near else []),
            cast(func.round(_height_m(found)), Integer).label("h"),
            cast(found.c.path, Text).label("p"),
            found.c.use,
            found.c.floors,
            found.c.residents.label("res"),
            unclipped_geometry(found.c.geom_3857),
        )
        .offset(constant(0))
        .subquery("feature")
    )
    return encode_tile(rows, "buildings", "buildings")


def _height_m(of: FromClause) -> ColumnElement[float]:
    return func.coalesce(of.c.height_m, of.c.floors * constant(STOREY_M), constant(UNKNOWN_HEIGHT_M))


def _standing_here(most: int, *kept: ColumnElement[bool]) -> Rows:
    shape = building_seen.c.geom_3857
    west, south, east, north = (getattr(func, f"ST_{end}")(shape, type_=Double) for end in ("XMin", "YMin", "XMax", "YMax"))
    middle_x, middle_y = (west + east) * constant(0.5), (south + north) * constant(0.5)
    edges = (middle_x >= tile_value("west"), middle_x < tile_value("east"), middle_y >= tile_value("south"), middle_y < tile_value("north"))
    named = ("source_id", "source_key", "height_m", "floors", "path", "use", "residents")
    return (
        select(*(building_seen.c[name] for name in named), type_coerce(shape, LargeBinary).label("geom_3857"))
        .where(*kept, shape.op("&&")(tile_geometry()), or_(shape.op("@")(tile_geometry("inside")), and_(*edges)))
        .order_by((building_seen.c.footprint_m2 * _height_m(building_seen)).desc(), building_seen.c.id)
        .limit(constant(most))
    )


def _largest(zoom: int, most: int) -> Rows:
    """The largest first, step by step: PostgreSQL reads the next smaller ones only while there is room.

    Where there are few large ones, those of the next zooms are shown too.
    """
    steps = [step for step in (*BULK_SEEN_FROM, ALL_BUILDINGS_FROM_ZOOM) if step <= max(zoom + 1, min(BULK_SEEN_FROM) + 1)]
    each = [select(_standing_here(most, building_seen.c.seen_from == constant(step)).subquery()) for step in steps]
    return select(union_all(*each).subquery()).limit(constant(most))


# ---- Areas and points ----


def areas_tile(zoom: int, most: int) -> TileStatement:
    """Area polygons of the levels that can be told apart at this zoom."""
    levels = ["city", "district", *(name for first, names in _AREA_LEVELS if zoom >= first for name in names)]
    rows = (
        select(area.c.code, area.c.level, area.c.name, area.c.name_en, clipped_geometry(area.c.geom_3857))
        .where(area.c.level.in_([text_constant(level) for level in levels]), area.c.geom_3857.op("&&")(tile_geometry("buffer")))
        .order_by(func.nlevel(area.c.path), area.c.code)
        .limit(constant(most))
        .subquery("feature")
    )
    return encode_tile(rows, "areas", "areas")


def incidents_tile(zoom: int, most: int) -> TileStatement:
    """Open cases with their deadline state; at low zooms only their number."""
    if zoom >= SINGLES_FROM_ZOOM:
        more = [incident.c.category, incident.c.deadline_state.label("state")]
        return _singles(incident, "incidents", most, incident.c.reported_at.desc(), more, incident.c.is_open)
    return incident_counts_tile(zoom, most)


def incident_counts_tile(_: int, most: int) -> TileStatement:
    """The number of open cases and how many are overdue, by leaf areas; at every zoom for viewers who may not see single cases."""
    leaf = _leaves()
    # Areas of the upper levels also hold sums over categories and channels.
    single = select(incident_kind.c.no).where(incident_kind.c.category.is_not(None), incident_kind.c.channel.is_not(None))
    overdue = func.sum(incident_open.c.n).filter(incident_open.c.state == text_constant("overdue"))
    lost = _unplaced_in_leaves(single)

    def less(n: Expression, name: str) -> Expression:
        found = select(lost.c[name]).where(lost.c.parent == leaf.c.code).correlate(leaf).scalar_subquery()
        return (n - func.coalesce(found, constant(0))).label(name)

    counted = (
        select(less(func.sum(incident_open.c.n), "n"), less(func.coalesce(overdue, constant(0)), "overdue"))
        .where(incident_open.c.area_no == leaf.c.no, incident_open.c.kind.in_(single))
        .lateral("counted")
    )
    return _counted("incidents", most, leaf, counted, [_sum(counted.c.n).label("n"), _sum(counted.c.overdue).label("overdue")])


def _unplaced_in_leaves(kinds: Any) -> CTE:
    """Open cases without a place that count for an area of ``_leaves`` itself: they are on no map. Nearly always there are none."""
    beside = area.alias("beside")
    overdue = func.sum(incident_open.c.n).filter(incident_open.c.state == text_constant("overdue"))
    divided = select(beside.c.code).where(beside.c.parent == area.c.parent, ~is_unplaced(beside)).exists()
    return (
        select(area.c.parent, func.sum(incident_open.c.n).label("n"), overdue.label("overdue"))
        .join_from(area, incident_open, incident_open.c.area_no == area.c.no)
        .where(is_unplaced(), ~divided, incident_open.c.kind.in_(kinds))
        .group_by(area.c.parent)
        .cte("lost")
    )


def facilities_tile(zoom: int, most: int) -> TileStatement:
    """Facilities with their kind; at low zooms their number by leaf areas."""
    if zoom >= SINGLES_FROM_ZOOM:
        return _singles(facility, "facilities", most, facility.c.id, [facility.c.kind, facility.c.name])
    leaf = _leaves()
    counted = select(func.sum(area_figure_seen.c.facilities).label("n")).where(area_figure_seen.c.area == leaf.c.code).lateral("counted")
    return _counted("facilities", most, leaf, counted, [_sum(counted.c.n).label("n")])


def _sum(column: Expression) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), constant(0)), Integer)


def _leaves() -> Subquery:
    """Areas without parts whose label point lies in the tile, with this point."""
    part = area.alias("part")
    at: Expression = func.ST_Transform(area.c.label_point, constant(3857), type_=Geometry)
    undivided = ~select(part.c.code).where(part.c.parent == area.c.code, ~is_unplaced(part)).exists()
    return (
        select(area.c.no, area.c.code, type_coerce(at, LargeBinary).label("at"))
        .where(area.c.geom_3857.op("&&")(tile_geometry()), at.op("&&")(tile_geometry()), area.c.level != text_constant("zone"), undivided)
        .subquery("leaf")
    )


def _counted(name: str, most: int, leaf: Subquery, figures: LateralFromClause, sums: list[Any]) -> TileStatement:
    """Leaf areas by cell of the tile: their sums, the first of which is above zero, at the middle of their labels.

    Figures are lateral, so that they are found by key for each leaf: PostgreSQL cannot estimate the number of leaves.
    """
    side_m = constant(float(EXTENT / POINT_CELLS)) / tile_value("per_m")
    rows = (
        select(*sums, clipped_geometry(func.ST_Centroid(func.ST_Collect(leaf.c.at)), 0))
        .join_from(leaf, figures, true())
        .group_by(func.ST_SnapToGrid(leaf.c.at, side_m))
        .having(sums[0].element > constant(0))
        .order_by(sums[0].element.desc())
        .limit(constant(most))
        .subquery("feature")
    )
    return encode_tile(rows, name, name)


def _singles(table: Any, name: str, most: int, order: Expression, more: list[Any], *kept: ColumnElement[bool]) -> TileStatement:
    """Points of a tile one by one, with their key."""
    rows = (
        select(
            func.concat(table.c.source_id, text_constant(":"), table.c.source_key).label("key"),
            *more,
            clipped_geometry(table.c.geom_3857, 0),
        )
        .where(table.c.geom_3857.op("&&")(tile_geometry()), *kept)
        .order_by(order)
        .limit(constant(most))
        .subquery("feature")
    )
    return encode_tile(rows, name, name)
