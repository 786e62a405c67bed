"""Holidays beside figures: free days of a city's calendar in a row, because a week with a holiday is no week like another."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import RowMapping

from data.indicators.types import Holiday

_ONE_DAY = timedelta(days=1)


def list_holidays(days: Sequence[RowMapping], first: date, last: date) -> list[Holiday]:
    """Holidays that touch a span, each from its first free day to its last.

    Free days of one name are one holiday where only Saturdays and Sundays lie between them; those without a name are told one by one.

    Args:
        days: of the calendar: ``day``, ``kind``, ``name``, ``name_en``; in any order.
        first, last: of the span, both included.
    """
    made: list[Holiday] = []
    end = date.min
    for row in sorted((row for row in days if row["kind"] == "off" and first <= row["day"] <= last), key=lambda row: row["day"]):
        if made and row["name"] and made[-1]["name"] == row["name"] and _joins(end, row["day"]):
            made[-1]["last"] = row["day"].isoformat()
        else:
            told = row["day"].isoformat()
            made.append({"first": told, "last": told, "name": row["name"], "name_en": row["name_en"]})
        end = row["day"]
    return made


def _joins(end: date, day: date) -> bool:
    """Whether there are only Saturdays and Sundays between two days."""
    between = (end + n * _ONE_DAY for n in range(1, (day - end).days))
    return (day - end).days <= 3 and all(one.isoweekday() > 5 for one in between)
