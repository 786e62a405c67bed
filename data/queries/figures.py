"""Statements on the figures of areas: everything from roll-ups, except what depends on the hour, which reads the open cases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    TIMESTAMP,
    ColumnElement,
    Integer,
    Label,
    Select,
    Text,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from data.period import Period
from data.queries.areas import path_of, point_lonlat
from data.schema import AMBER_SHARE, DEADLINE_STATES, area, area_figure, incident, incident_daily, incident_kind, zone_member

Rows = Select[*tuple[Any, ...]]
COUNTS = ("reported", "due", "due_closed", "due_on_time")
"""Columns of the roll-up that a report adds up."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which incidents count: of these categories, and come through these channels; empty means all."""

    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counting:
    """Which incidents are counted, and as seen when.

    Attributes:
        period: days of reporting, and of deadlines.
        as_of, today: the moment the figures stand for, and its day in the city's time zone.
        timezone: the city's; days begin in it.
    """

    period: Period
    filters: Filters
    as_of: datetime
    today: date
    timezone: str


def _kept(table: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions that leave the filtered incidents of a table with ``category`` and ``channel``."""
    conditions = []
    if filters.categories:
        conditions.append(table.c.category.in_(filters.categories))
    if filters.channels:
        conditions.append(table.c.channel.in_(filters.channels))
    return conditions


def _kinds(filters: Filters) -> Select[int]:
    """Numbers of the pairs of category and channel that count."""
    crossed = and_(incident_kind.c.category.is_not(None), incident_kind.c.channel.is_not(None))
    return select(incident_kind.c.no).where(crossed, *_kept(incident_kind, filters))


def _number(code: str) -> Any:
    """The number of an area in the roll-ups, as a scalar subquery."""
    return select(area.c.no).where(area.c.code == code).scalar_subquery()


def deadline_state(as_of: Any) -> ColumnElement[str]:
    """Where an *open* case stands: paused, overdue, amber (three quarters of its time used) or on_time (also without a deadline)."""
    used = extract("epoch", as_of - incident.c.reported_at)
    given = extract("epoch", incident.c.due_at - incident.c.reported_at)
    return case(
        (incident.c.paused, "paused"),
        (incident.c.due_at < as_of, "overdue"),
        (used > given * AMBER_SHARE, "amber"),
        else_="on_time",
    )


def _midnight(day: date, timezone: str) -> ColumnElement[Any]:
    """The moment a day begins in a time zone; PostgreSQL knows them all, a bare machine may not."""
    return func.timezone(timezone, cast(literal(datetime(day.year, day.month, day.day)), TIMESTAMP))


def reported_in(period: Period, timezone: str) -> ColumnElement[bool]:
    """Whether an incident was reported in the period."""
    return and_(
        incident.c.reported_at >= _midnight(period.start, timezone),
        incident.c.reported_at < _midnight(period.end + timedelta(days=1), timezone),
    )


# ---- Which areas ----


def itself(code: str) -> ColumnElement[bool]:
    """Just the area."""
    return area.c.code == code


def children_of(code: str, level: str) -> ColumnElement[bool]:
    """The next areas below: children by the tree, or the cells of a zone."""
    if level == "zone":
        return area.c.code.in_(select(zone_member.c.grid).where(zone_member.c.zone == code))
    return and_(area.c.parent == code, area.c.level != "zone")


def siblings_of(code: str, level: str, parent: str | None) -> ColumnElement[bool]:
    """The area itself and those beside it: of the same parent, or the zones of the same city."""
    if parent is None:
        return area.c.code == code
    beside = area.c.level == "zone" if level == "zone" else area.c.level != "zone"
    return or_(area.c.code == code, and_(area.c.parent == parent, beside))


def zones_of(city: str) -> ColumnElement[bool]:
    """The functional zones of a city."""
    return and_(area.c.city == city, area.c.level == "zone")


def below(code: str, level: str) -> ColumnElement[bool]:
    """All areas of one level inside an area, at any depth."""
    return and_(area.c.path.op("<@")(path_of(code)), area.c.level == level)


# ---- Their figures ----


def under(code: str, level: str) -> ColumnElement[bool]:
    """Incidents that stand in an area; for a zone, in any zone of any city: what is counted is cut down to the units anyway."""
    if level == "zone":
        return incident.c.grid.in_(select(zone_member.c.grid))
    return incident.c.path.op("<@")(path_of(code))


def units(chosen: ColumnElement[bool], scope: ColumnElement[bool], counting: Counting) -> Rows:
    """The chosen areas, each with its figures: population, buildings, incidents of the period, deadlines, open cases.

    Args:
        chosen: which areas.
        scope: a condition on incidents that holds for all that stand in the chosen areas; it lets the index serve.
        counting: which incidents, as seen when.
    """
    unit = (
        select(
            *(area.c[name] for name in ("code", "no", "level", "name", "name_en", "parent", "path", "origin", "area_m2", "head_name")),
            area.c.geom.is_not(None).label("has_polygon"),
            point_lonlat(area.c.label_point).label("label_point"),
        )
        .where(chosen)
        .cte("unit")
    )
    counted, waiting = _counted(unit.c.no, counting), _waiting(unit, scope, counting)
    return (
        select(
            unit,
            *(area_figure.c[name] for name in ("population", "households", "population_as_of", "buildings", "facilities")),
            *(counted.c[name] for name in COUNTS),
            *(func.coalesce(waiting.c[name], 0).label(name) for name in ("open", *DEADLINE_STATES)),
        )
        .outerjoin_from(unit, area_figure, area_figure.c.area == unit.c.code)
        .join(counted, literal(True))
        .outerjoin(waiting, waiting.c.code == unit.c.code)
        .order_by(unit.c.code)
    )


def _counted(number: ColumnElement[int], counting: Counting) -> LateralFromClause:
    """Counts of the period for one unit, from the roll-up: exactly one row.

    Lateral, so that each unit's days are found by the index. As a plain join the planner misjudges how many units there are (for a zone,
    a hundredfold) and reads the roll-up of the whole city.
    """
    daily, period = incident_daily, counting.period
    return (
        select(*_sums("", period, counting))
        .where(daily.c.area_no == number, daily.c.day.between(period.start, period.end), daily.c.kind.in_(_kinds(counting.filters)))
        .lateral("counted")
    )


def _sums(prefix: str, period: Period, counting: Counting) -> list[Label[int]]:
    """The counts of a period, over rows of the roll-up; deadlines count once their day has come."""
    daily = incident_daily
    inside = daily.c.day.between(period.start, period.end)
    past = and_(inside, daily.c.day <= counting.today)
    return [
        cast(func.coalesce(func.sum(daily.c[name]).filter(inside if name == "reported" else past), 0), Integer).label(prefix + name)
        for name in COUNTS
    ]


def _waiting(unit: CTE, scope: ColumnElement[bool], counting: Counting) -> CTE:
    """Open cases of the period for each unit, by how they stand against their deadline.

    Open cases are few and have an index of their own. Each cell's are counted once and then added to every unit above it: the
    prefixes of its path are joined by hash, where comparing every cell with every unit would grow with the square.
    """
    state = deadline_state(literal(counting.as_of))
    cell = (
        select(incident.c.grid, incident.c.path, state.label("state"), func.count().label("n"))
        .where(incident.c.is_open, scope, reported_in(counting.period, counting.timezone), *_kept(incident, counting.filters))
        .group_by(incident.c.grid, incident.c.path, "state")
        .cte("cell")
    )
    depth = func.generate_series(1, func.nlevel(cell.c.path)).column_valued("depth", joins_implicitly=True)
    prefix = cast(func.subpath(cell.c.path, 0, depth), Text)
    tree = select(prefix.label("path"), cell.c.state, cell.c.n).subquery("tree")
    of_units = union_all(
        select(unit.c.code, tree.c.state, tree.c.n).join_from(tree, unit, cast(unit.c.path, Text) == tree.c.path),
        select(unit.c.code, cell.c.state, cell.c.n)
        .join_from(cell, zone_member, zone_member.c.grid == cell.c.grid)
        .join(unit, unit.c.code == zone_member.c.zone),
    ).subquery("of_units")
    n = of_units.c.n
    return (
        select(
            of_units.c.code,
            cast(func.sum(n), Integer).label("open"),
            *(cast(func.coalesce(func.sum(n).filter(of_units.c.state == name), 0), Integer).label(name) for name in DEADLINE_STATES),
        )
        .group_by(of_units.c.code)
        .cte("waiting")
    )


def breakdown(code: str, counting: Counting) -> Rows:
    """One area's incidents of the period by day, by category and by channel: rows with exactly one of the three set."""
    daily, period = incident_daily, counting.period
    return (
        select(
            daily.c.day,
            incident_kind.c.category,
            incident_kind.c.channel,
            cast(func.sum(daily.c.reported), Integer).label("reported"),
            cast(func.sum(daily.c.void), Integer).label("void"),
        )
        .join_from(daily, incident_kind, incident_kind.c.no == daily.c.kind)
        .where(daily.c.area_no == _number(code), daily.c.day.between(period.start, period.end))
        .where(incident_kind.c.category.is_not(None), incident_kind.c.channel.is_not(None), *_kept(incident_kind, counting.filters))
        .group_by(func.grouping_sets(daily.c.day, incident_kind.c.category, incident_kind.c.channel))
        .order_by(daily.c.day)
    )


def totals(code: str, periods: dict[str, Period], counting: Counting) -> Rows:
    """One area's reported, due, closed and on-time counts for several named periods: columns ``<name>_<count>`` of one row."""
    daily = incident_daily
    columns = [column for name, period in periods.items() for column in _sums(f"{name}_", period, counting)]
    # One range from the earliest to the latest day would read a whole year for the sake of two months.
    days = [daily.c.day.between(period.start, period.end) for period in periods.values()]
    return select(*columns).where(daily.c.area_no == _number(code), or_(*days), daily.c.kind.in_(_kinds(counting.filters)))
