"""Statements for what the map draws besides tiles: area polygons, cases, facilities, names on water. Coordinates are degrees.

Each statement is built once for each form; values are bound when it runs.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from data.queries import scope
from data.queries.areas import CODE, city_day, city_moment, inside_area, point_lonlat, shown_day, stands_in_zone
from data.queries.case_circles import cell_side_m, middle_lonlat
from data.queries.expressions import Expression, Rows
from data.queries.figures import in_states
from data.queries.versions import newest_by_subject
from data.schema import Ltree, area, base_feature, building_seen, category, city, facility, incident, zone_member


@lru_cache
def area_state() -> Rows:
    """The area ``code`` and its city: ``live`` says whether figures are of the present moment, ``versions`` are those of this snapshot."""
    return (
        select(
            *(area.c[name] for name in ("no", "code", "name", "name_en", "level", "city")),
            cast(area.c.path, Text).label("path"),
            area.c.district,
            city.c.timezone,
            city_moment().label("as_of"),
            city.c.as_of.is_(None).label("live"),
            city_day().label("day"),
            shown_day().label("today"),
            newest_by_subject().label("versions"),
            city.c.level_names,
            scope.figures_seen().label("figures_seen"),
            scope.cases_seen().label("cases_seen"),
        )
        .join_from(area, city, city.c.code == area.c.city)
        .where(area.c.code == CODE)
    )


@lru_cache
def polygons(own_level: str, level: str) -> Rows:
    """Areas of one level inside the area ``code`` with the path ``path``, whose own level is given.

    ``level`` is ``self`` for the area's own polygon.
    """
    if level == "self":
        shown = area.c.code == CODE
    elif own_level == "zone":
        shown = and_(area.c.code.in_(select(zone_member.c.grid).where(zone_member.c.zone == CODE)), area.c.level == level)
    else:
        shown = and_(inside_area(own_level), area.c.level == level)
    return (
        select(
            *(area.c[name] for name in ("code", "name", "name_en", "level", "origin")),
            cast(area.c.path, Text).label("path"),
            point_lonlat(area.c.label_point).label("at"),
            func.ST_AsBinary(area.c.geom, type_=LargeBinary).label("wkb"),
        )
        .where(shown, area.c.geom.is_not(None))
        .order_by(area.c.code)
    )


def _chosen(table: FromClause, level: str) -> ColumnElement[bool]:
    """Condition: the row lies in the area ``code`` of this level."""
    if level == "zone":
        return stands_in_zone(table)
    below: ColumnElement[bool] = table.c.path.op("<@")(cast(bindparam("path", type_=Text), Ltree))
    return below


def _midnight(day: Any) -> Expression:
    """The moment a day begins in the city's time zone. PostgreSQL contains all time zones; the machine may have none installed."""
    return func.timezone(bindparam("timezone", type_=Text), cast(day, TIMESTAMP))


def _cases(level: str, form: tuple[bool, bool], closed: bool, only: tuple[bool, bool]) -> list[ColumnElement[bool]]:
    """Conditions on incidents that have a place: open ones, whenever reported; with ``closed`` all that were reported in the period.

    ``only`` is the form of an ``OpenFilters``.

    The period is compared with ``reported_at`` itself, so that months outside it are not touched.
    """
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    within = (incident.c.reported_at >= _midnight(first), incident.c.reported_at < _midnight(last + literal_column("1")))
    kept = [_chosen(incident, level), incident.c.geom.is_not(None), *(within if closed else (incident.c.is_open,)), *_filtered(form)]
    by_state, by_severity = only
    if by_state:
        kept += [incident.c.is_open, in_states(incident.c.deadline_state)]
    if by_severity:
        kept.append(incident.c.severity == func.any(bindparam("severities", type_=ARRAY(Integer))))
    return kept


def _filtered(form: tuple[bool, bool]) -> list[ColumnElement[bool]]:
    """Conditions on category and channel."""
    columns = (incident.c.category, incident.c.channel)
    return [
        column == func.any(bindparam(values, type_=ARRAY(Text)))
        for filtered, column, values in zip(form, columns, ("categories", "channels"), strict=True)
        if filtered
    ]


@lru_cache
def cases(level: str, form: tuple[bool, bool], closed: bool, most: int, only: tuple[bool, bool] = (False, False)) -> Rows:
    """Open cases as they stand, or with ``closed`` all that were reported in a period: urgent ones first, at most ``most``.

    Parameters: ``code``, ``path``, ``timezone``, those of ``figures.Counting``, and those of an ``OpenFilters`` of the form ``only``.
    """
    state = case((incident.c.is_open, incident.c.deadline_state), else_="closed")
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
            incident.c.reported_is_day,
            incident.c.due_is_day,
            state.label("state"),
            cell.c.name.label("cell"),
            cell.c.name_en.label("cell_en"),
            above.c.name.label("community"),
            above.c.name_en.label("community_en"),
        )
        .select_from(incident)
        .join(cell, cell.c.code == incident.c.grid, isouter=True)
        .join(above, above.c.code == cell.c.parent, isouter=True)
        .where(*_cases(level, form, closed, only))
        .order_by(order, incident.c.reported_at, incident.c.id)
        .limit(literal_column(str(most)))
    )


UNTIL_HOUR = ("now", "previous", "year_before")
"""The days of which the same hours are compared."""


@lru_cache
def reported_until(level: str, form: tuple[bool, bool]) -> Rows:
    """Cases of an area reported on each day of ``UNTIL_HOUR`` until the same time of day: exactly one row.

    Of cases of which only the day is known, all count. It reads cases, so only who may see these gets numbers.

    Parameters: ``code``, ``path``, ``timezone``, those of ``figures.Counting``, ``until`` (an interval), and the days ``<name>_day``.
    """

    def within(name: str) -> ColumnElement[bool]:
        day = bindparam(f"{name}_day", type_=Date)
        until = func.timezone(bindparam("timezone", type_=Text), cast(day, TIMESTAMP) + bindparam("until", type_=Interval))
        return and_(incident.c.reported_at >= _midnight(day), incident.c.reported_at < until)

    days = {name: within(name) for name in UNTIL_HOUR}
    kept = [incident.c.city == bindparam("city", type_=Text), _chosen(incident, level), *_filtered(form), or_(*days.values())]
    return select(*(func.count().filter(one).label(name) for name, one in days.items())).where(*kept)


@lru_cache
def case_clusters(level: str, form: tuple[bool, bool], closed: bool, only: tuple[bool, bool] = (False, False)) -> Rows:
    """The same cases, counted in square cells: number, number of overdue ones, and their middle."""
    size_m = cell_side_m()
    x, y = func.ST_X(incident.c.geom_3857), func.ST_Y(incident.c.geom_3857)
    overdue = func.count().filter(incident.c.deadline_state == "overdue")
    return (
        select(func.count().label("n"), overdue.label("overdue"), *middle_lonlat(func.avg(x), func.avg(y)))
        .where(*_cases(level, form, closed, only))
        .group_by(func.floor(x / size_m), func.floor(y / size_m))
        .order_by(func.count().desc())
    )


@lru_cache
def facilities(level: str, most: int) -> Rows:
    """Facilities in the area ``code`` of this level, rare kinds first, at most ``most``, with the ``total`` of all.

    Where there are more, the first facility of each kind is taken, then the second of each, and so on, up to ``most``. So rare kinds are
    complete and common ones are thinned. Inside a kind a hash gives the order, so that it is thinned evenly over the area, and the same
    facilities are shown each time.
    """
    kind = category.alias("kind")
    ranked = (
        select(
            facility.c.id,
            facility.c.district,
            func.count().over().label("total"),
            func.count().over(partition_by=facility.c.kind).label("of_kind"),
            func.row_number().over(partition_by=facility.c.kind, order_by=(func.hashint8(facility.c.id), facility.c.id)).label("turn"),
        )
        .where(_chosen(facility, level))
        .subquery("ranked")
    )
    kept = select(ranked).order_by(ranked.c.turn, ranked.c.of_kind, ranked.c.id).limit(literal_column(str(most))).subquery("kept")
    return (
        select(
            func.concat(facility.c.source_id, ":", facility.c.source_key).label("key"),
            func.round(cast(func.ST_X(facility.c.geom), Numeric), 6).label("lon"),
            func.round(cast(func.ST_Y(facility.c.geom), Numeric), 6).label("lat"),
            func.coalesce(facility.c.name, kind.c.name, facility.c.kind).label("name"),
            func.coalesce(kind.c.name, facility.c.kind).label("kind"),
            func.coalesce(kind.c.name_en, facility.c.kind).label("kind_en"),
            func.coalesce(kind.c.symbol, "dot").label("symbol"),
            kept.c.total,
        )
        .join_from(kept, facility, and_(facility.c.district == kept.c.district, facility.c.id == kept.c.id))
        .join(
            kind,
            and_(kind.c.city == facility.c.city, kind.c.subject == "facility", kind.c.code == facility.c.kind),
            isouter=True,
        )
        # On the map the first names get the room.
        .order_by(kept.c.of_kind, facility.c.kind, facility.c.id)
    )


def named_waters(city_code: str) -> Rows:
    """Named surfaces and lines of water, in EPSG:3857, the most important first."""
    return (
        select(base_feature.c.name, func.ST_AsBinary(base_feature.c.geom_3857, type_=LargeBinary).label("wkb"))
        .where(base_feature.c.city == city_code, base_feature.c.kind == "water", base_feature.c.name.is_not(None))
        .order_by(base_feature.c.rank, func.ST_Area(base_feature.c.geom_3857).desc())
        .limit(200)
    )


@lru_cache
def base_in_box() -> Rows:
    """Surfaces of water and roads of the city ``city`` in a box, in degrees, cut there: the most important first.

    Parameters: ``city``; ``west``, ``south``, ``east``, ``north`` in degrees; ``rank``, the least important roads that are wanted.
    """
    ends = [bindparam(end, type_=Double) for end in ("west", "south", "east", "north")]
    box = func.ST_Transform(func.ST_MakeEnvelope(*ends, literal_column("4326")), literal_column("3857"))
    shape = base_feature.c.geom_3857
    cut = func.ST_Transform(func.ST_ClipByBox2D(shape, box), literal_column("4326"))
    is_water = and_(base_feature.c.kind == literal_column("'water'"), func.ST_Dimension(shape) == literal_column("2"))
    is_road = and_(base_feature.c.kind == literal_column("'road'"), base_feature.c.rank <= bindparam("rank", type_=Integer))
    return (
        select(base_feature.c.kind, base_feature.c.width_m, func.ST_AsBinary(cut, type_=LargeBinary).label("wkb"))
        .where(base_feature.c.city == bindparam("city", type_=Text), shape.op("&&")(box), or_(is_water, is_road))
        .order_by(base_feature.c.rank, base_feature.c.id)
        .limit(literal_column("6000"))
    )


@lru_cache
def largest_buildings(level: str, most: int) -> Rows:
    """The largest buildings of the area ``code`` by footprint × height, with their height and the path of their cell."""
    height_m = func.coalesce(building_seen.c.height_m, building_seen.c.floors * literal_column("3"), literal_column("6"))
    return (
        select(
            cast(building_seen.c.path, Text).label("path"),
            height_m.label("height_m"),
            func.count().over().label("total"),
            func.ST_AsBinary(building_seen.c.geom, type_=LargeBinary).label("wkb"),
        )
        .where(_chosen(building_seen, level))
        .order_by((building_seen.c.footprint_m2 * height_m).desc(), building_seen.c.id)
        .limit(literal_column(str(most)))
    )
