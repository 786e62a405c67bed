"""What rules of routing look at, read as somebody who may see single cases: units, members, rules, categories, and areas around a cell."""

from functools import lru_cache
from typing import Any

from sqlalchemy import FromClause, Text, and_, bindparam, func, select

from data.queries.expressions import Rows
from data.schema import area, category, city, routing_rule, unit, unit_member, zone_member

_CITY = bindparam("city", type_=Text)


def _of_city(table: FromClause, *without: str) -> Any:
    return select(*(one for one in table.c if one.name not in ("city", *without))).where(table.c.city == _CITY)


@lru_cache
def units() -> Rows:
    """Units of ``city``."""
    # Without telephones: those are read by their own right.
    named = ("code", "name", "name_en", "department", "department_en", "valid_from", "valid_to")
    return select(*(unit.c[name] for name in named)).where(unit.c.city == _CITY).order_by(unit.c.code)


@lru_cache
def members() -> Rows:
    """Who works in the units of ``city``, in the order in which they were named."""
    return _of_city(unit_member, "id").order_by(unit_member.c.id)  # type: ignore[no-any-return]


@lru_cache
def rules() -> Rows:
    """Rules of ``city``, in the order in which they are tried."""
    named = ("id", "ordinal", "unit", "category", "area", "channel", "hours", "valid_from", "valid_to")
    rule = routing_rule.c
    return select(*(rule[name] for name in named)).where(rule.city == _CITY).order_by(rule.ordinal, rule.id)


@lru_cache
def categories() -> Rows:
    """Categories of cases of ``city``, each with the one above it, in their order."""
    return _of_city(category).where(category.c.subject == "incident").order_by(category.c.ordinal, category.c.code)  # type: ignore[no-any-return]


@lru_cache
def timezone() -> Rows:
    """The time zone of ``city``."""
    return select(city.c.timezone).where(city.c.code == _CITY)


@lru_cache
def areas_around() -> Rows:
    """Areas around the cell ``grid``, itself first, with their names."""
    cell, around = area.alias("cell"), area.alias("around")
    above = and_(around.c.path.op("@>")(cell.c.path), around.c.city == cell.c.city)
    return (
        select(around.c.code, around.c.name, around.c.name_en, around.c.level)
        .join_from(cell, around, above)
        .where(cell.c.code == bindparam("grid", type_=Text))
        .order_by(func.nlevel(around.c.path).desc())
    )


@lru_cache
def zones_around() -> Rows:
    """Codes of the functional zones in which the cell ``grid`` lies."""
    return select(zone_member.c.zone).where(zone_member.c.grid == bindparam("grid", type_=Text)).order_by(zone_member.c.zone)
