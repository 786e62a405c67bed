"""Statements for what the map draws besides tiles: area polygons, cases, facilities, names on water. Coordinates are degrees."""

from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Numeric, Select, Text, and_, case, cast, func, select

from data.queries.areas import as_of, path_of, point_lonlat, today
from data.queries.figures import Counting, Filters, deadline_state, reported_in
from data.schema import area, base_feature, category, city, facility, incident, zone_member

CLUSTERS_ACROSS = 28
"""Clusters share cells of a 28th of the area's width."""


def one(code: str) -> Select[Any]:
    """Level, city, time zone, moment and day of an area; ``live`` where its figures stand for now."""
    return (
        select(
            area.c.code,
            area.c.level,
            area.c.city,
            city.c.timezone,
            as_of().label("as_of"),
            city.c.as_of.is_(None).label("live"),
            today().label("today"),
        )
        .join_from(area, city, city.c.code == area.c.city)
        .where(area.c.code == code)
    )


def inside(code: str, level: str) -> ColumnElement[bool]:
    """Areas inside an area, of any level; for a zone, its cells."""
    if level == "zone":
        return area.c.code.in_(select(zone_member.c.grid).where(zone_member.c.zone == code))
    return area.c.path.op("<@")(path_of(code))


def polygons(code: str, own_level: str, level: str) -> Select[Any]:
    """Areas of one level inside an area, with the child of that area to which each belongs (``drill``).

    ``level`` is ``self`` for the area's own polygon.
    """
    shown = area.c.code == code if level == "self" else and_(inside(code, own_level), area.c.level == level)
    parent = area.alias("holder")
    step = area.alias("step")
    drill = (
        select(step.c.code)
        .join_from(step, parent, step.c.parent == parent.c.code)
        .where(parent.c.code == code, step.c.path.op("@>")(area.c.path), step.c.level != "zone")
        .scalar_subquery()
    )
    return (
        select(
            area.c.code,
            area.c.name,
            area.c.name_en,
            area.c.level,
            area.c.origin,
            cast(area.c.path, Text).label("path"),
            func.coalesce(drill, area.c.code).label("drill"),
            point_lonlat(area.c.label_point).label("at"),
            func.ST_AsBinary(area.c.geom, type_=LargeBinary).label("wkb"),
        )
        .where(shown, area.c.geom.is_not(None))
        .order_by(area.c.code)
    )


def _chosen(table: Any, code: str, level: str) -> ColumnElement[bool]:
    if level == "zone":
        chosen: ColumnElement[bool] = table.c.grid.in_(select(zone_member.c.grid).where(zone_member.c.zone == code))
        return chosen
    below: ColumnElement[bool] = table.c.path.op("<@")(path_of(code))
    return below


def _cases(code: str, level: str, counting: Counting, closed: bool) -> list[ColumnElement[bool]]:
    kept = [_chosen(incident, code, level), reported_in(counting.period, counting.timezone)]
    filters: Filters = counting.filters
    if filters.categories:
        kept.append(incident.c.category.in_(filters.categories))
    if filters.channels:
        kept.append(incident.c.channel.in_(filters.channels))
    if not closed:
        kept.append(incident.c.is_open)
    return kept


def cases(code: str, level: str, counting: Counting, closed: bool, most: int) -> Select[Any]:
    """Cases reported in a period, urgent ones first, at most ``most``; open ones only unless ``closed``."""
    state = case((incident.c.is_open, deadline_state(counting.as_of)), else_="closed")
    order = case({"overdue": 0, "amber": 1, "on_time": 2, "paused": 3}, value=state, else_=4)
    cell, above = area.alias("cell"), area.alias("above")
    return (
        select(
            func.concat(incident.c.source_id, ":", incident.c.source_key).label("key"),
            func.round(cast(func.ST_X(incident.c.geom), Numeric), 6).label("lon"),
            func.round(cast(func.ST_Y(incident.c.geom), Numeric), 6).label("lat"),
            incident.c.category,
            incident.c.channel,
            incident.c.reported_at,
            incident.c.due_at,
            state.label("state"),
            cell.c.name.label("cell"),
            cell.c.name_en.label("cell_en"),
            above.c.name.label("community"),
            above.c.name_en.label("community_en"),
        )
        .select_from(incident)
        .join(cell, cell.c.code == incident.c.grid, isouter=True)
        .join(above, above.c.code == cell.c.parent, isouter=True)
        .where(*_cases(code, level, counting, closed))
        .order_by(order, incident.c.reported_at, incident.c.id)
        .limit(most)
    )


def clusters(code: str, level: str, counting: Counting, closed: bool) -> Select[Any]:
    """The same cases, counted in square cells: number, number of overdue ones, and their middle."""
    box = select(func.ST_XMax(area.c.geom_3857) - func.ST_XMin(area.c.geom_3857)).where(area.c.code == code).scalar_subquery()
    size_m = func.coalesce(box, 20_000.0) / CLUSTERS_ACROSS
    middle = func.ST_Transform(func.ST_Centroid(func.ST_Collect(incident.c.geom_3857)), 4326)
    overdue = and_(incident.c.is_open, deadline_state(counting.as_of) == "overdue")
    return (
        select(
            func.count().label("n"),
            func.count().filter(overdue).label("overdue"),
            func.ST_X(middle).label("lon"),
            func.ST_Y(middle).label("lat"),
        )
        .where(*_cases(code, level, counting, closed))
        .group_by(func.ST_SnapToGrid(incident.c.geom_3857, size_m))
        .order_by(func.count().desc())
    )


def facilities(code: str, level: str, most: int) -> Select[Any]:
    """Facilities in an area, with the symbol of their kind."""
    kind = category.alias("kind")
    return (
        select(
            func.concat(facility.c.source_id, ":", facility.c.source_key).label("key"),
            func.round(cast(func.ST_X(facility.c.geom), Numeric), 6).label("lon"),
            func.round(cast(func.ST_Y(facility.c.geom), Numeric), 6).label("lat"),
            func.coalesce(facility.c.name, kind.c.name, facility.c.kind).label("name"),
            func.coalesce(kind.c.name, facility.c.kind).label("kind"),
            func.coalesce(kind.c.name_en, facility.c.kind).label("kind_en"),
            func.coalesce(kind.c.symbol, "dot").label("symbol"),
        )
        .join_from(
            facility,
            kind,
            and_(kind.c.city == facility.c.city, kind.c.subject == "facility", kind.c.code == facility.c.kind),
            isouter=True,
        )
        .where(_chosen(facility, code, level))
        # Rare kinds first: hospitals are not to be left out for cameras.
        .order_by(func.count().over(partition_by=facility.c.kind), facility.c.id)
        .limit(most)
    )


def waters(city_code: str) -> Select[Any]:
    """Named surfaces and lines of water, in EPSG:3857, the most important first."""
    return (
        select(base_feature.c.name, func.ST_AsBinary(base_feature.c.geom_3857, type_=LargeBinary).label("wkb"))
        .where(base_feature.c.city == city_code, base_feature.c.kind == "water", base_feature.c.name.is_not(None))
        .order_by(base_feature.c.rank, func.ST_Area(base_feature.c.geom_3857).desc())
        .limit(200)
    )
