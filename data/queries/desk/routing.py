"""Statements for where cases go: units, members and rules of a city, and the areas in which cells lie."""

from functools import lru_cache

from sqlalchemy import ARRAY, Text, and_, bindparam, func, literal_column, select

from data.queries.expressions import Expression, Rows
from data.schema import OPEN_STAGES, area, category, city, incident, routing_rule, unit, unit_member, zone_member

_CITY = bindparam("city", type_=Text)


@lru_cache
def units_of_city() -> Rows:
    """Every unit of a ``city``."""
    names = ("code", "name", "name_en", "department", "department_en", "valid_from", "valid_to")
    return select(*(unit.c[name] for name in names)).where(unit.c.city == _CITY).order_by(unit.c.code)


@lru_cache
def members_of_city() -> Rows:
    """Every member of a ``city``."""
    names = ("unit", "account", "area", "post", "valid_from", "valid_to")
    return select(*(unit_member.c[name] for name in names)).where(unit_member.c.city == _CITY).order_by(unit_member.c.id)


@lru_cache
def rules_of_city() -> Rows:
    """The rules of a ``city`` in their order."""
    names = ("id", "ordinal", "unit", "category", "area", "channel", "hours", "valid_from", "valid_to")
    rule = routing_rule.c
    return select(*(rule[name] for name in names)).where(rule.city == _CITY).order_by(rule.ordinal, rule.id)


@lru_cache
def any_rule() -> Rows:
    """One row where there is any rule."""
    return select(routing_rule.c.id).limit(literal_column("1"))


@lru_cache
def timezone_of() -> Rows:
    """The ``timezone`` of a ``city``."""
    return select(city.c.timezone).where(city.c.code == _CITY)


@lru_cache
def parents_of_categories() -> Rows:
    """Each category of cases of a ``city``, with the one above it."""
    return select(category.c.code, category.c.parent).where(category.c.city == _CITY, category.c.subject == "incident")


@lru_cache
def areas_around() -> Rows:
    """For each of the cells ``grids`` the areas in which it lies, the smallest first, then zones."""
    grid, around = area.alias("grid"), area.alias("around")
    zones = select(zone_member.c.zone).where(zone_member.c.grid == grid.c.code).order_by(zone_member.c.zone).scalar_subquery()
    inside = and_(around.c.path.op("@>")(grid.c.path), around.c.city == grid.c.city)
    listed: Expression = func.array_agg(literal_column("around.code ORDER BY nlevel(around.path) DESC"))
    return (
        select(grid.c.code, listed.label("areas"), func.array(zones).label("zones"))
        .join_from(grid, around, inside)
        .where(grid.c.code == func.any(bindparam("grids", type_=ARRAY(Text))))
        .group_by(grid.c.code)
    )


@lru_cache
def open_of_units(most: int) -> Rows:
    """How many open cases (``n``) each of some ``units`` of a ``city`` has, counting at most ``most`` in all."""
    of_units = incident.c.unit == func.any(bindparam("units", type_=ARRAY(Text)))
    kept = (incident.c.city == _CITY, incident.c.is_open, incident.c.stage.in_(OPEN_STAGES), of_units)
    some = select(incident.c.unit).where(*kept).limit(literal_column(str(most))).subquery("some")
    return select(some.c.unit, func.count().label("n")).group_by(some.c.unit)
