"""The months of ``incident``: one partition each, made when the first case of a month arrives.

Rows outside ``BEGIN`` … ``END`` go to one of the partitions ``OUTSIDE``: a wrong date must not make a table for the year 9999. There is no
default partition: to attach a month, PostgreSQL would have to search it, and would lock readers out meanwhile.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from psycopg import sql

from data.database.connections import Connection

BEGIN, END = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""The span of time that has a partition for each month."""
OUTSIDE = frozenset({"incident_before", "incident_after"})
NAMES = r"^incident_(\d{4}_\d{2}|before|after)$"
"""Regular expression for the names of partitions."""


def month_of(moment: date | datetime) -> date:
    """First day of a month. Give a moment in UTC, because the partitions are cut by months of UTC."""
    return date(moment.year, moment.month, 1)


def partition_name(month: date) -> str:
    """The partition of a month."""
    return f"incident_{month:%Y_%m}"


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def span_months(moments: Iterable[datetime]) -> tuple[datetime, datetime]:
    """The whole months (UTC) that hold some moments, at least one: their beginning and their end, which is outside."""
    known = [moment.astimezone(UTC) for moment in moments]
    first, last = month_of(min(known)), month_of(max(known))
    # Nothing ends after the last month that a date can be in.
    end = datetime.max.replace(tzinfo=UTC) if (last.year, last.month) == (9999, 12) else _begin(_after(last))
    return _begin(first), end


def within_months(row: str, moments: Iterable[datetime]) -> sql.Composed:
    """A condition for a row of ``incident`` to lie in the months of some moments, at least one.

    A statement with it is planned for their partitions alone, also where its plan is kept: months are no bound values.
    """
    first, end = span_months(moments)
    within = sql.SQL("{row}.reported_at >= {first} AND {row}.reported_at < {end}")
    return within.format(row=sql.Identifier(row), first=sql.Literal(first), end=sql.Literal(end))


def _begin(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def ensure_partitions(connection: Connection, months: Iterable[date]) -> None:
    """Create the missing partitions of these months, in the caller's transaction. Others can read and write meanwhile.

    Args:
        connection: the caller's transaction.
        months: any day of each month, UTC; those outside ``BEGIN`` … ``END`` always have a partition.
    """
    wanted = sorted({month_of(month) for month in months})
    known = list_partitions(connection)
    for month in wanted:
        if BEGIN.year <= month.year < END.year and partition_name(month) not in known:
            with create_partition(connection, month):
                pass


def list_partitions(connection: Connection) -> set[str]:
    """Names of all partitions."""
    rows = connection.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'incident'::regclass").fetchall()
    return {row[0] for row in rows}


@contextmanager
def create_partition(connection: Connection, month: date) -> Iterator[bool]:
    """Create a missing partition as a separate table and attach it, so that others can use the existing months meanwhile.

    Rows that are put into the table ``partition_name(month)`` inside the block go in without indexes, which are built at its end. Yields
    True, as ``set_indexes_aside`` does: the table was created in this transaction.
    """
    bounds = (f"{month}T00:00:00Z", f"{_after(month)}T00:00:00Z")
    name = sql.Identifier(partition_name(month))
    connection.execute(sql.SQL("CREATE TABLE {} (LIKE incident INCLUDING DEFAULTS INCLUDING GENERATED)").format(name))
    yield True
    attach = sql.SQL("ALTER TABLE incident ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    connection.execute(attach.format(name, *map(sql.Literal, bounds)))
