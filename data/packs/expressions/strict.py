"""Columns that are missing where PostgreSQL would give another value, or raise an error.

Each argument stands in them once, so that a statement does not grow by nesting.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, Numeric, cast, func, literal
from sqlalchemy.dialects.postgresql import array

from data.packs.expressions.types import Base

DECIMALS = 20
"""Decimals of a quotient; further ones are cut off."""
_DAYS = (date.max - date.min).days

Column = ColumnElement[Any]


def number(value: int | Decimal) -> Column:
    """A bound number."""
    return literal(Decimal(value), Numeric)


def negate(value: Column) -> Column:
    """A number with the other sign. Written as a difference, because two signs in a row would begin a comment of SQL."""
    return number(0) - value


def divide(left: Column, right: Column) -> Column:
    """A quotient with ``DECIMALS`` decimals, further ones cut off; missing for a division by 0."""
    whole: Column = func.div(left * number(10**DECIMALS), func.nullif(right, number(0)), type_=Numeric)
    return whole * number(Decimal(1).scaleb(-DECIMALS))


def within(value: Column, low: int, high: int) -> Column:
    """A whole number as an integer, or missing outside ``low`` to ``high``. A missing one becomes ``high + 1`` on the way."""
    above, below = number(high + 1), number(low - 1)
    held = func.greatest(func.least(value, above), below)
    return cast(func.nullif(func.nullif(held, above), below), Integer)


def shift(day: Column, days: Column) -> Column:
    """A date so many days later, decimals dropped; missing outside the years 1 to 9999."""
    first = literal(date.min, Date)
    place = cast(cast(day, Date) - first, Numeric) + func.trunc(days, type_=Numeric)
    return first + within(place, 0, _DAYS)


def greatest(values: Sequence[Column], base: Base) -> Column:
    """The greatest value; missing if one of them is: an array counts a missing element as greater than every other."""
    kind = values[0].type
    return func.greatest(*(array([value]) for value in values), type_=ARRAY(kind))[1]


def least(values: Sequence[Column], base: Base) -> Column:
    """The least value; missing if one of them is: a range that begins with a missing value has no lower bound."""
    if base is Base.NUMBER:
        return negate(greatest([negate(value) for value in values], base))
    make = func.tstzrange if base is Base.MOMENT else func.daterange
    merged = reduce(func.range_merge, (make(value, None) for value in values))
    return func.lower(merged, type_=values[0].type)
