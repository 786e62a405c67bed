"""Statements on single objects: a building, an incident, a facility."""

from typing import Any

from sqlalchemy import Table, and_, case, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.queries import scope
from data.queries.expressions import Rows
from data.schema import CLOSED_STAGES, area, building_seen, category, city, facility, incident, incident_event, source


def _placed(table: Table, point: Any, kind: Any, subject: str, columns: tuple[str, ...]) -> Rows:
    """The columns of every card: place, names of the category, source, and some columns of the object's own table."""
    named = and_(category.c.city == table.c.city, category.c.subject == subject, category.c.code == kind)
    return (
        select(
            *(table.c[name] for name in ("source_id", "source_key", "grid", "grid_method", "attributes", *columns)),
            func.ST_X(point).label("lon"),
            func.ST_Y(point).label("lat"),
            _areas_above(table).label("areas"),
            kind.label("category"),
            func.coalesce(category.c.name, kind).label("category_name"),
            func.coalesce(category.c.name_en, kind).label("category_name_en"),
            func.coalesce(category.c.symbol, "dot").label("category_symbol"),
            city.c.timezone,
            *(source.c[name].label(f"source_{name}") for name in ("name", "department", "licence", "refreshed_at")),
        )
        .join_from(table, city, city.c.code == table.c.city)
        .outerjoin(category, named)
        .outerjoin(source, source.c.id == table.c.source_id)
    )


def _areas_above(table: Table) -> Any:
    """The areas that an object stands in, from the root down to its leaf."""
    above = area.alias("above")
    one = scope.area_json(above, seen=scope.figures_seen(above))
    chain = select(func.jsonb_agg(aggregate_order_by(one, func.nlevel(above.c.path)))).where(above.c.path.op("@>")(table.c.path))
    return func.coalesce(chain.scalar_subquery(), func.jsonb_build_array())


def _keyed(statement: Rows, table: Table, source_id: int, source_key: str) -> Rows:
    return statement.where(table.c.source_id == source_id, table.c.source_key == source_key)


def one_building(source_id: int, source_key: str) -> Rows:
    """All columns of a building's card."""
    columns = ("name", "address", "floors", "height_m", "height_origin", "residents", "year_built", "footprint_m2")
    placed = _placed(building_seen, func.ST_PointOnSurface(building_seen.c.geom), building_seen.c.use, "building", columns)
    return _keyed(placed, building_seen, source_id, source_key)


def one_facility(source_id: int, source_key: str) -> Rows:
    """All columns of a facility's card."""
    placed = _placed(facility, facility.c.geom, facility.c.kind, "facility", ("name", "address"))
    return _keyed(placed, facility, source_id, source_key)


def one_incident(source_id: int, source_key: str) -> Rows:
    """All columns of an incident's card, with its present state: a deadline state while it is open, then closed or ended."""
    columns = (
        "district",
        "id",
        "number",
        "channel",
        "stage",
        "paused",
        "reported_at",
        "due_at",
        "closed_at",
        "reported_is_day",
        "due_is_day",
        "closed_is_day",
        "title",
        "address",
        "handler",
    )
    state = case(
        (incident.c.is_open, incident.c.deadline_state),
        (incident.c.stage.in_(CLOSED_STAGES), "closed"),
        else_=literal("ended"),
    )
    placed = _placed(incident, incident.c.geom, incident.c.category, "incident", columns).add_columns(state.label("state"))
    return _keyed(placed, incident, source_id, source_key)


def events_of(district: str, incident_id: int) -> Rows:
    """The history of an incident, the oldest step first."""
    return (
        select(*(incident_event.c[name] for name in ("at", "step", "stage", "actor", "remark")))
        .where(incident_event.c.district == district, incident_event.c.incident_id == incident_id)
        .order_by(incident_event.c.seq)
    )
