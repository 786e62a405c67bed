"""Units that handle cases, for lists to choose from."""

from sqlalchemy import Select, select

from data.queries.expressions import Rows
from data.schema import unit, unit_member


def units_of(city: str | None) -> Rows:
    """Units of a city, or of every city, also those whose last day is over."""
    statement = select(unit).order_by(unit.c.city, unit.c.code)
    return statement if city is None else statement.where(unit.c.city == city)


def units_of_account(city: str, account: str) -> Select[str]:
    """Codes of the units of a city of which an account is, was or will be a member."""
    return select(unit_member.c.unit).where(unit_member.c.city == city, unit_member.c.account == account).distinct()
