"""Statements on single objects: a building, an incident, a facility."""

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Integer, Table, Text, and_, bindparam, case, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.queries import scope
from data.queries.expressions import Expression, Rows
from data.schema import CLOSED_STAGES, area, building_seen, category, city, facility, incident, incident_event, source, unit


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


BESIDE_M = 20
"""A case at most so far from a building is one of its cases: it is reported from the street or the yard before it."""
_NEAR_DEG = 0.001
"""More than that distance in degrees, up to 75° from the equator."""


@lru_cache
def cases_beside() -> Rows:
    """Cases at a building or at most ``BESIDE_M`` from it, open ones first by deadline, then the newest; with how many there are in all.

    Parameters: ``source_id``, ``source_key`` and ``most``.
    """
    here = and_(
        building_seen.c.source_id == bindparam("source_id", type_=BigInteger),
        building_seen.c.source_key == bindparam("source_key", type_=Text),
    )
    of = select(building_seen.c.geom).where(here).cte("of")
    # Only open cases have an index of where they stand; cells are found by place, and cases by their cell.
    cells = select(area.c.code).join_from(area, of, area.c.geom.op("&&")(func.ST_Expand(of.c.geom, literal_column(str(_NEAR_DEG)))))
    distance = func.ST_DWithin(func.geography(incident.c.geom), func.geography(of.c.geom), literal_column(str(BESIDE_M)))
    named = and_(category.c.city == incident.c.city, category.c.subject == "incident", category.c.code == incident.c.category)
    return (
        select(
            func.concat(incident.c.source_id, ":", incident.c.source_key).label("key"),
            *(incident.c[name] for name in ("number", "title", "category", "is_open", "reported_at", "due_at", "due_is_day")),
            func.coalesce(category.c.name, incident.c.category).label("category_name"),
            func.coalesce(category.c.name_en, incident.c.category).label("category_name_en"),
            state_of().label("state"),
            city.c.timezone,
            func.count().over().label("total"),
            func.count().filter(incident.c.is_open).over().label("total_open"),
        )
        .select_from(incident)
        .join(of, distance)
        .join(city, city.c.code == incident.c.city)
        .outerjoin(category, named)
        .where(incident.c.grid == func.any(func.array(cells.scalar_subquery())))
        .order_by(incident.c.is_open.desc(), case((incident.c.is_open, incident.c.due_at)), incident.c.reported_at.desc(), incident.c.id)
        .limit(bindparam("most", type_=Integer))
    )


def state_of() -> Expression:
    """The present state of a case: a deadline state while it is open, then closed or ended."""
    return case(
        (incident.c.is_open, incident.c.deadline_state),
        (incident.c.stage.in_(CLOSED_STAGES), "closed"),
        else_=literal("ended"),
    )


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
    of_unit = select(unit.c.name_en).where(unit.c.city == incident.c.city, unit.c.code == incident.c.unit, unit.c.name_en != "")
    more = (state_of().label("state"), of_unit.scalar_subquery().label("handler_en"))
    placed = _placed(incident, incident.c.geom, incident.c.category, "incident", columns).add_columns(*more)
    return _keyed(placed, incident, source_id, source_key)


def events_of(district: str, incident_id: int) -> Rows:
    """The history of an incident, the oldest step first."""
    return (
        select(*(incident_event.c[name] for name in ("at", "step", "stage", "actor", "remark", "details")))
        .where(incident_event.c.district == district, incident_event.c.incident_id == incident_id)
        .order_by(incident_event.c.seq)
    )
