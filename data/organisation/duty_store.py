"""The duty roster in the database. A table replaces the shifts that begin on the days which it tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import uuid4

from data.core.errors import GridwellError
from data.database.connections import Connection
from data.organisation.duty import Shift

KEPT = timedelta(days=30)
"""Shifts that ended longer ago are deleted with the next table."""
_REPLACE = """
DELETE FROM duty_shift WHERE city = %(city)s
    AND (ends_at < %(old)s OR (begins_at AT TIME ZONE %(zone)s)::date = ANY(%(days)s))
"""
MOST_DAYS = 400
"""From the first to the last of a table: further away a year was mistyped."""


class RosterTooLong(GridwellError):
    status, code = 422, "roster_too_long"
    sentence = "Nothing was taken: the table tells of {first} to {last}, and may span {most} days. Check the years."


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a table did: its days, how many shifts it has, and how many went."""

    first: date
    last: date
    shifts: int
    gone: int


def replace_shifts(connection: Connection, city: str, shifts: Sequence[Shift], zone: tzinfo, now: datetime) -> Replaced | None:
    """Put shifts in the place of those that begin on the same days; ``None`` where there are none.

    Args:
        connection: the owner's, in a transaction.
        city: code.
        shifts: of one table. A person gets a random number: the same within the table, and another in every other.
        zone: of the city: its days count.
        now: the moment.

    Raises:
        RosterTooLong: see its sentence.
    """
    if not shifts:
        return None
    days = sorted({one.begins.astimezone(zone).date() for one in shifts})
    first, last = days[0], days[-1]
    if (last - first).days >= MOST_DAYS:
        raise RosterTooLong(first=first.isoformat(), last=last.isoformat(), most=MOST_DAYS)
    bound = {"city": city, "old": now - KEPT, "zone": str(zone), "days": days}
    gone = connection.execute(_REPLACE, bound).rowcount
    numbers = {person: uuid4() for person in {one.person for one in shifts} - {None}}
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY duty_shift (city, area, person, people, begins_at, ends_at) FROM STDIN") as copy,
    ):
        for one in shifts:
            copy.write_row((city, one.area, numbers.get(one.person), one.people, one.begins, one.ends))
    return Replaced(first, last, len(shifts), gone)
