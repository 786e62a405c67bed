"""Units that handle cases, for lists to choose from."""

from sqlalchemy import select

from data.queries.expressions import Rows
from data.schema import unit


def units_of(city: str | None) -> Rows:
    """Units of a city, or of every city, also those whose last day is over."""
    statement = select(unit).order_by(unit.c.city, unit.c.code)
    return statement if city is None else statement.where(unit.c.city == city)
