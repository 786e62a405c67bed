"""Statements of a wall's figures that no other page asks: hours of single days, the newest cases, overdue cases by cell, areas by level,
and notices of hazards.
"""

from datetime import date
from functools import lru_cache

from sqlalchemy import ARRAY, Date, DateTime, Integer, Text, bindparam, case, cast, func, literal, literal_column, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.queries.areas import CODE, inside_area, is_unplaced
from data.queries.case_filters import CaseFilters, Days, Place, clock_part, list_conditions
from data.queries.expressions import Rows
from data.queries.families.area_figures import first_day
from data.schema import area, category, incident

SERIOUS = 2
"""Critical (1) and urgent (2) cases are serious."""
ID_KEY = text("SELECT id_key FROM live_state")
"""The database's own, which no page gets: ids of what is shown are hashed with it."""


def reports_by_hour(place: Place, first: date, last: date) -> Rows:
    """Cases by day and hour of their report, by the city's clock: ``day``, ``hour`` (null where only the day is known), ``n``."""
    day = cast(func.timezone(literal(place.timezone, Text), incident.c.reported_at), Date)
    hour = case((~incident.c.reported_is_day, clock_part("hour", place)))
    found = select(day.label("day"), hour.label("hour"), func.count().label("n"))
    kept = list_conditions(CaseFilters(reported=Days(first, last)), place, few=False)
    return found.where(*kept).group_by(literal_column("1"), literal_column("2"))


@lru_cache
def first_day_of_cases() -> Rows:
    """``first``: the day of the first case of the ``city``; of the area ``code`` where the viewer does not see the city's figures."""
    return select(func.coalesce(first_day(bindparam("city", type_=Text)), first_day(CODE)).label("first"))


def newest_cases(place: Place, first: date, last: date, most: int) -> Rows:
    """The newest cases of some days, without any text of theirs: what a ticker may say. The place is that of the cell's name."""
    cell, above, kind = area.alias("cell"), area.alias("above"), category.alias("kind")
    told = above.c.level.in_(("street", "community"))

    def names(column: str) -> Rows:
        each = func.coalesce(func.nullif(above.c[column], literal_column("''")), above.c.name)
        text = func.array_agg(aggregate_order_by(each, func.nlevel(above.c.path)), type_=ARRAY(Text))
        return select(text).where(above.c.path.op("@>")(cell.c.path), told, above.c.city == cell.c.city)

    kept = list_conditions(CaseFilters(reported=Days(first, last)), place, few=False)
    found = select(
        incident.c.number,
        incident.c.reported_at,
        incident.c.reported_is_day,
        kind.c.name.label("category"),
        kind.c.name_en.label("category_en"),
        *(incident.c[name] for name in ("channel", "stage", "severity")),
        case((incident.c.is_open, incident.c.deadline_state)).label("state"),
        names("name").scalar_subquery().label("area"),
        names("name_en").scalar_subquery().label("area_en"),
        cell.c.name.label("cell"),
        cell.c.name_en.label("cell_en"),
        func.ST_X(cell.c.label_point).label("lon"),
        func.ST_Y(cell.c.label_point).label("lat"),
    )
    of_kind = (kind.c.city == incident.c.city) & (kind.c.code == incident.c.category) & (kind.c.subject == literal_column("'incident'"))
    rows = incident.join(cell, cell.c.code == incident.c.grid).outerjoin(kind, of_kind)
    return found.select_from(rows).where(*kept).order_by(incident.c.reported_at.desc(), incident.c.number.desc()).limit(most)


def overdue_by_cell(place: Place, most: int) -> Rows:
    """Open cases beyond their deadline by cell, at the place of its name: ``lon``, ``lat``, ``n``, ``serious``; the most serious first."""
    n, serious = func.count(), func.count().filter(incident.c.severity <= literal_column(str(SERIOUS)))
    kept = list_conditions(CaseFilters(states=("overdue",)), place, few=True)
    counted = select(incident.c.grid, n.label("n"), serious.label("serious")).where(*kept).group_by(incident.c.grid).subquery("counted")
    found = select(
        func.ST_X(area.c.label_point).label("lon"), func.ST_Y(area.c.label_point).label("lat"), counted.c.n, counted.c.serious
    ).join_from(counted, area, area.c.code == counted.c.grid)
    placed = found.where(area.c.label_point.is_not(None), ~is_unplaced())
    return placed.order_by(counted.c.serious.desc(), counted.c.n.desc(), area.c.code).limit(most)


@lru_cache
def workers_on_duty() -> Rows:
    """How many are on duty in the area ``code`` at the moment ``at``: ``people``, ``grids``, ``of_grids``; no row without a roster."""
    found = func.duty_now(CODE, bindparam("at", type_=DateTime(timezone=True)))
    return select(found.table_valued("people", "grids", "of_grids"))


def count_levels(level: str) -> Rows:
    """How many areas of each level lie inside the area ``code`` of this level: ``level``, ``n``. Parameters: ``code``, ``path``."""
    found = select(area.c.level, cast(func.count(), Integer).label("n"))
    kept = found.where(inside_area(level), area.c.level != literal_column("'zone'"), area.c.code != CODE, ~is_unplaced())
    return kept.group_by(area.c.level)


HAZARDS_IN_FORCE = text(
    "SELECT count(*), coalesce(sum(ST_NPoints(p.geom)), 0) FROM hazard_part p JOIN hazard_notice n ON n.id = p.notice"
    " WHERE p.city = :city AND n.ended_at IS NULL AND p.ends_at > now()"
)
HOLD_VERSIONS = text("SELECT pg_advisory_xact_lock(:lock)")
LIMIT_STATEMENTS = text("SELECT set_config('statement_timeout', :ms, true)")
TELL_HAZARDS = text("SELECT hazard_tell(:city, CAST(:notice AS jsonb))")
HAZARDS_NEAR = text(
    """
    WITH own AS (SELECT a.code, a.city, a.path, a.level, a.geom FROM area a WHERE a.code = :code)
    SELECT p.notice, p.no, p.level, p.told, p.starts_at, p.ends_at, count(*) OVER () AS n
    FROM own JOIN hazard_part p ON p.city = own.city JOIN hazard_notice n ON n.id = p.notice
    WHERE n.ended_at IS NULL AND p.ends_at > now() AND p.starts_at < now() + interval '1 day' AND (
        p.geom && own.geom AND ST_Relate(p.geom, own.geom, 'T********')
        OR EXISTS (SELECT FROM area g WHERE g.code = ANY(p.areas) AND CASE
            WHEN own.level <> 'zone' THEN g.path @> own.path OR g.path <@ own.path
            ELSE EXISTS (
                SELECT FROM zone_member m JOIN area c ON c.code = m.grid
                WHERE m.zone = own.code AND (g.path @> c.path OR g.path <@ c.path)) END))
    ORDER BY p.level, p.starts_at, p.notice, p.no LIMIT :most
    """
)
"""Those of an area, the most serious first: ``level``, ``told``, ``starts_at``, ``ends_at``, and how many there are."""
