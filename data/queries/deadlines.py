"""Statements on a city's hours, calendar, rules of deadlines, and weights."""

from functools import lru_cache

from sqlalchemy import Text, bindparam, select

from data.queries.expressions import Rows
from data.schema import calendar_day, category, city_calendar, composite, deadline_rule, working_hours


@lru_cache
def hours() -> Rows:
    """Working hours of ``city``."""
    held = working_hours
    return select(held.c.valid_from, held.c.weekday, held.c.spans).where(held.c.city == bindparam("city", type_=Text))


@lru_cache
def reach() -> Rows:
    """How far the calendar of ``city`` reaches; at most one row."""
    held = city_calendar
    return select(held.c.region, held.c.official_until, held.c.uploaded_until).where(held.c.city == bindparam("city", type_=Text))


@lru_cache
def days() -> Rows:
    """Holidays and make-up workdays of ``city``."""
    held = calendar_day
    return select(held.c.day, held.c.kind, held.c.name, held.c.name_en).where(held.c.city == bindparam("city", type_=Text))


@lru_cache
def rules() -> Rows:
    """Rules of ``city``, old ones too."""
    return select(*(one for one in deadline_rule.c if one.name != "city")).where(deadline_rule.c.city == bindparam("city", type_=Text))


@lru_cache
def composites_of_city() -> Rows:
    """Weights of ``city`` with their days, old ones too."""
    return select(*(one for one in composite.c if one.name != "city")).where(composite.c.city == bindparam("city", type_=Text))


@lru_cache
def categories_above() -> Rows:
    """Categories of cases of ``city``, each with the one above it."""
    held = category
    return select(held.c.code, held.c.parent).where(held.c.city == bindparam("city", type_=Text), held.c.subject == "incident")
