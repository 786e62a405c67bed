"""The functions of the language, in one table: what they take, what they give, their SQL, and what they are for in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, DateTime, Numeric, cast, extract, func, literal

from data.core.i18n import t
from data.packs.expressions import strict
from data.packs.expressions.given import Given
from data.packs.expressions.types import Base

Column = ColumnElement[Any]
MOST_ARGUMENTS = 20
MOST_PERIODS = 60

_FUNCTION_SENTENCES = {
    "abs": "The number without its sign.",
    "round": "The number with so many decimals, or none; halves away from 0. Below 0: rounded to tens, hundreds and so on.",
    "least": "The least of several numbers, dates, months or moments; missing if one of them is missing.",
    "greatest": "The greatest of several numbers, dates, months or moments; missing if one of them is missing.",
    "coalesce": "The first of several values that is not missing.",
    "length": "How many characters a text has.",
    "lower": "The text with its letters A to Z made small; other letters stay.",
    "starts_with": "Whether the first text begins with the second.",
    "contains": "Whether the second text stands anywhere in the first.",
    "date_of": "The day of a moment, by the city's clock.",
    "year": "The year of a date, month or moment, as a number.",
    "month_of": "The month of a date or moment.",
    "days_between": "Days from the first date to the second; below 0 if the second is earlier.",
    "today": "The day for which figures are counted.",
    "working_days_between": "Working days after the first date up to and with the second; below 0 if the second is earlier.",
    "working_day_after": "The working day that is so many working days after a date.",
    "previous": "The value that a field had so many periods before.",
    "falling": "Whether a field fell from each period to the next, so many times in succession up to now.",
    "rising": "Whether a field rose from each period to the next, so many times in succession up to now.",
    "count": "How many records there are, or of how many a condition is true.",
    "sum": "The sum of a number over all records that have it; 0 if none has.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes at a place.

    Attributes:
        accepts: kinds of values.
        form: ``value`` for any; ``day`` if a moment stands for its day; ``field`` for the name of a field; ``whole`` for a whole number
            from ``least`` to ``most`` that is written out.
    """

    accepts: frozenset[Base]
    form: Literal["value", "day", "field", "whole"] = "value"
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """A function.

    Attributes:
        parameters: what it takes; the last one again and again if ``repeats``.
        fewest: values that are needed; further parameters may be left out.
        gives: the kind of its value; ``None``: that of its values, which are of one kind.
        sql: its column from those of its values. ``None``: it has a node of its own in the tree.
    """

    name: str
    parameters: tuple[Parameter, ...]
    fewest: int
    gives: Base | None
    sql: Callable[[Sequence[Column], Base, Given], Column] | None
    repeats: bool = False

    @property
    def most(self) -> int:
        """Most values."""
        return MOST_ARGUMENTS if self.repeats else len(self.parameters)

    def tell(self, lang: str) -> str:
        """What it is for, in one sentence."""
        return t(lang, _FUNCTION_SENTENCES[self.name])


_NUMBER = Parameter(frozenset({Base.NUMBER}))
_TEXT = Parameter(frozenset({Base.TEXT}))
_DAY = Parameter(frozenset({Base.DATE, Base.MOMENT}), "day")
_CALENDAR = Parameter(frozenset({Base.DATE, Base.MONTH, Base.MOMENT}), "day")
_MOMENT = Parameter(frozenset({Base.MOMENT}), "day")
_SCALAR = Parameter(frozenset({Base.NUMBER, Base.DATE, Base.MONTH, Base.MOMENT}))
_ANY = Parameter(frozenset(Base))
_CONDITION = Parameter(frozenset({Base.YES_NO}))
_FIELD = Parameter(frozenset(Base), "field")
_SERIES = Parameter(frozenset({Base.NUMBER, Base.DATE, Base.MONTH, Base.MOMENT}), "field")
_PERIODS = Parameter(frozenset({Base.NUMBER}), "whole", 1, MOST_PERIODS)
_DECIMALS = Parameter(frozenset({Base.NUMBER}), "whole", -20, 20)


def _plain(text: Column) -> Column:
    """A text that is compared and changed by its characters alone, whatever the database's language."""
    return text.collate("C")


def _round(values: Sequence[Column], base: Base, given: Given) -> Column:
    return func.round(*values, type_=Numeric)


def _month_of(values: Sequence[Column], base: Base, given: Given) -> Column:
    return cast(func.date_trunc(literal("month"), cast(values[0], DateTime)), Date)


def _count_days(values: Sequence[Column], base: Base, given: Given) -> Column:
    start, end = values
    return cast(cast(end, Date) - cast(start, Date), Numeric)


_ALL = (
    Function("abs", (_NUMBER,), 1, Base.NUMBER, lambda v, b, g: func.abs(v[0], type_=Numeric)),
    Function("round", (_NUMBER, _DECIMALS), 1, Base.NUMBER, _round),
    Function("least", (_SCALAR, _SCALAR), 2, None, lambda v, b, g: strict.least(v, b), repeats=True),
    Function("greatest", (_SCALAR, _SCALAR), 2, None, lambda v, b, g: strict.greatest(v, b), repeats=True),
    Function("coalesce", (_ANY, _ANY), 2, None, lambda v, b, g: func.coalesce(*v, type_=v[0].type), repeats=True),
    Function("length", (_TEXT,), 1, Base.NUMBER, lambda v, b, g: cast(func.char_length(v[0]), Numeric)),
    Function("lower", (_TEXT,), 1, Base.TEXT, lambda v, b, g: func.lower(_plain(v[0]), type_=v[0].type)),
    Function("starts_with", (_TEXT, _TEXT), 2, Base.YES_NO, lambda v, b, g: func.starts_with(_plain(v[0]), v[1])),
    Function("contains", (_TEXT, _TEXT), 2, Base.YES_NO, lambda v, b, g: func.strpos(_plain(v[0]), v[1]) > literal(0)),
    Function("date_of", (_MOMENT,), 1, Base.DATE, lambda v, b, g: v[0]),
    Function("year", (_CALENDAR,), 1, Base.NUMBER, lambda v, b, g: cast(extract("year", v[0]), Numeric)),
    Function("month_of", (_DAY,), 1, Base.MONTH, _month_of),
    Function("days_between", (_DAY, _DAY), 2, Base.NUMBER, _count_days),
    Function("today", (), 0, Base.DATE, lambda v, b, g: g.get_today()),
    Function("working_days_between", (_DAY, _DAY), 2, Base.NUMBER, lambda v, b, g: g.get_working_days().count_between(v[0], v[1])),
    Function("working_day_after", (_DAY, _NUMBER), 2, Base.DATE, lambda v, b, g: g.get_working_days().after(v[0], v[1])),
    Function("previous", (_FIELD, _PERIODS), 2, None, None),
    Function("falling", (_SERIES, _PERIODS), 1, Base.YES_NO, None),
    Function("rising", (_SERIES, _PERIODS), 1, Base.YES_NO, None),
    Function("count", (_CONDITION,), 0, Base.NUMBER, None),
    Function("sum", (_NUMBER,), 1, Base.NUMBER, None),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _ALL}
"""Every function by its name."""
