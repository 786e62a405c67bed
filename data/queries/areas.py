"""Statements on cities and single areas. Each is built once; values are bound when it is run."""

from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from data.queries import scope
from data.queries.expressions import Expression, Rows
from data.queries.versions import newest, newest_by_subject
from data.schema import Ltree, area, area_figure_seen, category, city, facility, incident_kind

CODE = bindparam("code", type_=Text)
HALF_ROUND_DEG = 180
"""Nothing that a city's map shows is wider: what seems to be lies across the 180th meridian."""


def city_moment() -> Expression:
    """The moment that a city's figures are of."""
    return func.coalesce(city.c.as_of, func.now())


def city_day() -> Expression:
    """The day of that moment, in the city's time zone."""
    return cast(func.timezone(city.c.timezone, city_moment()), Date)


OLD_AFTER_DAYS = 3
"""Where the newest case is older than this, the data are old: nobody reported anything for so long in no city that works."""


def has_old_cases() -> ColumnElement[bool]:
    """Whether a city's newest case is days older than the moment of its figures."""
    return func.coalesce(city.c.newest_case_day < city_day() - literal_column(str(OLD_AFTER_DAYS)), literal_column("false"))


def shown_day() -> Expression:
    """The day with which periods end if nobody says otherwise: that of the moment, or of the newest case where that is days old."""
    return case((has_old_cases(), city.c.newest_case_day), else_=city_day())


def is_current() -> ColumnElement[bool]:
    """Whether that day is the present one: the moment of the figures moves with the clock, and cases keep coming."""
    return and_(city.c.as_of.is_(None), ~has_old_cases())


def bbox_lonlat(geometry: Expression) -> Expression:
    """West, south, east, north in degrees; four nulls where there is no polygon.

    A box across the 180th meridian ends west of where it begins, as in RFC 7946, section 5.2.
    """
    west, south, east, north = (corner(geometry) for corner in (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax))
    shifted = func.ST_ShiftLongitude(geometry)
    across = func.json_build_array(_west_of_180(func.ST_XMin(shifted)), south, _west_of_180(func.ST_XMax(shifted)), north)
    return case((east - west > HALF_ROUND_DEG, across), else_=func.json_build_array(west, south, east, north))


def _west_of_180(lon: Expression) -> Expression:
    """A longitude of 0 to 360 degrees as one of -180 to 180."""
    return case((lon > HALF_ROUND_DEG, lon - 2 * HALF_ROUND_DEG), else_=lon)


def point_lonlat(point: Expression) -> Expression:
    """Longitude and latitude in degrees; two nulls where there is no point."""
    return func.json_build_array(func.ST_X(point), func.ST_Y(point))


def has_cases() -> ColumnElement[bool]:
    """Whether a city has any case that the viewer may know of, in any period and place.

    Everybody may know of ordinary kinds of cases. Kinds of sensitive categories are visible only to who may see the register.
    """
    return select(literal(1)).where(incident_kind.c.city == city.c.code).exists()


def figures_of(code: ColumnElement[str]) -> LateralFromClause:
    """The figures of one area, as the viewer may see them.

    Lateral and with an offset: otherwise PostgreSQL reads the whole view, because it does not look inside a view with a security barrier.
    """
    return select(area_figure_seen).where(area_figure_seen.c.area == code).offset(literal_column("0")).lateral("figure")


@lru_cache
def cities() -> Rows:
    """Every city: real ones before demo cities, the newest first."""
    return (
        select(
            *(city.c[name] for name in ("code", "name", "name_en", "timezone", "is_demo", "level_names", "notes")),
            newest().label("data_version"),
            newest_by_subject().label("versions"),
            city_moment().label("as_of"),
            shown_day().label("today"),
            is_current().label("current"),
            city.c.newest_case_day,
            city.c.worked_since,
            has_cases().label("has_cases"),
            bbox_lonlat(area.c.geom).label("bbox"),
        )
        .join_from(city, area, area.c.code == city.c.code)
        .order_by(city.c.is_demo, city.c.changed_at.desc(), city.c.code)
    )


@lru_cache
def area_with_city() -> Rows:
    """The area ``code`` with its city, its own figures, its ancestors from the root down, and what its viewer may see.

    Parameters: ``code`` and those of ``data.figures.scope.scope_parameters``.
    """
    above = area.alias("above")
    ancestors = (
        select(func.jsonb_agg(aggregate_order_by(scope.area_json(above, seen=scope.figures_seen(above)), func.nlevel(above.c.path))))
        .where(above.c.path.op("@>")(area.c.path), above.c.code != area.c.code)
        .scalar_subquery()
    )
    figure = figures_of(area.c.code)
    return (
        select(
            *(area.c[name] for name in ("no", "code", "level", "name", "name_en", "parent", "origin", "area_m2")),
            cast(area.c.path, Text).label("path"),
            *(area.c[name] for name in ("head_name", "head_title", "head_phone_shown", "responsible_body")),
            *(area.c.attributes[name].astext.label(name) for name in ("head_name_en", "head_title_en", "responsible_body_en")),
            *(column for column in figure.c if column.name != "area"),
            area.c.geom.is_not(None).label("has_polygon"),
            bbox_lonlat(func.coalesce(area.c.geom, _around())).label("bbox"),
            func.ST_X(area.c.label_point).label("lon"),
            func.ST_Y(area.c.label_point).label("lat"),
            func.coalesce(ancestors, func.jsonb_build_array()).label("ancestors"),
            *(city.c[name].label(f"city_{name}") for name in ("code", "name", "name_en", "timezone", "is_demo", "level_names", "notes")),
            newest().label("city_data_version"),
            newest_by_subject().label("city_versions"),
            city_moment().label("city_as_of"),
            city.c.as_of.is_(None).label("city_live"),
            city_day().label("city_day"),
            shown_day().label("city_today"),
            is_current().label("city_current"),
            city.c.newest_case_day.label("city_newest_case_day"),
            city.c.worked_since.label("city_worked_since"),
            has_cases().label("city_has_cases"),
            scope.figures_seen().label("figures_seen"),
            scope.cases_seen().label("cases_seen"),
            scope.area_name_json("scope_code").label("scope_ends"),
            scope.area_name_json("figures_code").label("figures_end"),
        )
        .join_from(area, city, city.c.code == area.c.city)
        .outerjoin(figure, true())
        .where(area.c.code == CODE)
    )


@lru_cache
def path_to_root() -> Select[str, bool]:
    """Codes of the areas from the root down to the area ``code``, each with ``seen``: whether the viewer may see its figures."""
    goal = area.alias("goal")
    above = (
        select(area.c.code, scope.figures_seen().label("seen"))
        .join_from(goal, area, area.c.path.op("@>")(goal.c.path))
        .where(goal.c.code == CODE)
    )
    return above.order_by(func.nlevel(area.c.path))


def _around() -> Expression:
    """For an area without a polygon: the polygon of the nearest area above that has one, so that the map can show some place."""
    outer = area.alias("outer")
    return (
        select(outer.c.geom)
        .where(area.c.label_point.is_(None), outer.c.path.op("@>")(area.c.path), outer.c.geom.is_not(None))
        .order_by(func.nlevel(outer.c.path).desc())
        .limit(1)
        .scalar_subquery()
    )


def inside_area(level: str) -> ColumnElement[bool]:
    """Areas inside the area ``code`` with the path ``path`` and this level; the areas of a whole city are found by the city's code."""
    if level == "city":
        return area.c.city == CODE
    return area.c.path.op("<@")(cast(bindparam("path", type_=Text), Ltree))


def is_unplaced(of: FromClause = area) -> ColumnElement[bool]:
    """Whether an area is the leaf of the cases without a place of the area above it; it has no polygon, and is on no map."""
    found: ColumnElement[bool] = of.c.origin == literal_column("'unplaced'", Text)
    return found


def unplaced_inside() -> ColumnElement[bool]:
    """Leaves for cases without a place, inside the area with the path ``path``. They are few, and have an index of their own."""
    return and_(is_unplaced(), area.c.path.op("<@")(cast(bindparam("path", type_=Text), Ltree)))


@lru_cache
def has_more_than(level: str, most: int) -> Select[bool]:
    """Whether more than this number of areas of the level ``coloured`` lie inside the area ``code``; counting stops there."""
    found = select(literal(1)).where(inside_area(level), area.c.level == bindparam("coloured", type_=Text)).offset(most).limit(1)
    return select(found.exists().label("more"))


@lru_cache
def categories() -> Rows:
    """Names of all categories of the city ``city``, of every subject, in their order."""
    return (
        select(*(category.c[name] for name in ("subject", "code", "name", "name_en", "symbol", "ordinal", "sensitive")))
        .where(category.c.city == bindparam("city", type_=Text))
        .order_by(category.c.subject, category.c.ordinal, category.c.code)
    )


def stands_in_zone(table: FromClause, code: Expression = CODE) -> ColumnElement[bool]:
    """Whether a row with a point stands in the polygon of the zone ``code``, as zones count: cells may lie on both sides of its border."""
    zone = area.alias("zone")
    near = zone.c.geom_3857.op("&&")(table.c.geom_3857)
    return (
        select(zone.c.code)
        .where(zone.c.code == code, zone.c.city == table.c.city, near, func.ST_Intersects(zone.c.geom, table.c.geom))
        .correlate(table)
        .exists()
    )


@lru_cache
def incident_categories() -> Rows:
    """Codes of the city ``city``'s categories of incidents: those that it names, and those of its cases."""
    here = bindparam("city", type_=Text)
    named = select(category.c.code).where(category.c.city == here, category.c.subject == "incident")
    return select(
        union(named, select(incident_kind.c.category).where(incident_kind.c.city == here, incident_kind.c.category.is_not(None))).subquery()
    )


@lru_cache
def facilities_by_kind(level: str) -> Rows:
    """Number of facilities of each kind in the area ``code`` of this level.

    Those of a zone stand in its polygon, and are the same for everybody, also where they stand in a cell of which the viewer sees no row.
    """
    if level == "zone":
        told = func.zone_facilities(CODE).table_valued(column("kind", Text), column("n", BigInteger), name="told")
        return select(told.c.kind, told.c.n).order_by(told.c.n.desc(), told.c.kind)
    counted = select(facility.c.kind, func.count().label("n")).group_by(facility.c.kind).order_by(func.count().desc(), facility.c.kind)
    return counted.where(facility.c.path.op("<@")(cast(bindparam("path", type_=Text), Ltree)))
