"""Units that handle cases, for lists to choose from."""

from functools import lru_cache

from sqlalchemy import Date, Select, Text, and_, bindparam, cast, func, or_, select

from data.queries.expressions import Rows
from data.schema import city, unit, unit_member


def units_of(city: str | None) -> Rows:
    """Units of a city, or of every city, also those whose last day is over."""
    statement = select(*(column for column in unit.c if column.name != "phone")).order_by(unit.c.city, unit.c.code)
    return statement if city is None else statement.where(unit.c.city == city)


def is_of_own_unit(city: str, unit: str, path: str) -> str:
    """SQL for: a case is one of the units that the transaction's viewer is a member of. As in the policy of ``incident``, migration 0033.

    Args:
        city: SQL for the code of its city.
        unit: SQL for the code of its unit, which may be null.
        path: SQL for the path of its cell.
    """
    return f"(SELECT viewer_units()) @> (text2ltree('u' || md5({city} || ' ' || {unit})) || {path})"


def units_of_account(city: str, account: str) -> Select[str]:
    """Codes of the units of a city of which an account is, was or will be a member."""
    return select(unit_member.c.unit).where(unit_member.c.city == city, unit_member.c.account == account).distinct()


@lru_cache
def units_of_member() -> Rows:
    """Codes of the units in which an ``account`` works today, by the clock of their city."""
    today = cast(func.timezone(city.c.timezone, func.now()), Date)
    member = unit_member.c
    begun = or_(member.valid_from.is_(None), member.valid_from <= today)
    lasts = or_(member.valid_to.is_(None), member.valid_to >= today)
    return (
        select(member.unit)
        .distinct()
        .join_from(unit_member, city, city.c.code == member.city)
        .where(and_(member.account == bindparam("account", type_=Text), begun, lasts))
        .order_by(member.unit)
    )
