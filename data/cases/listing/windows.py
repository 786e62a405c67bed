"""Spans of time in which a list is read newest first, because cases are kept month by month.

To plan a statement over all months takes longer than to read a page from one of them. So the newest months are read first, and others only
where these do not hold enough.
"""

from datetime import UTC, datetime, timedelta

LEAST = timedelta(days=10)
"""The first span is at least so long: a month has only begun on its first days."""
_MORE = 1.5
"""How much longer than expected the second span is, so that it most often is the last."""


_EARLIEST = datetime.min.replace(tzinfo=UTC)


def first_span(newest: datetime) -> datetime:
    """Where the first span begins: with a month (UTC), at least ``LEAST`` before the moment from which the list is read."""
    return _begin_before(newest, LEAST)


def next_span(newest: datetime, since: datetime, found: int, lacking: int) -> datetime:
    """Where a span must begin that holds ``lacking`` cases, after one from ``newest`` back to ``since`` held ``found``, of which some."""
    try:
        return _begin_before(since, (newest - since) * (_MORE * lacking / found))
    except OverflowError:
        return _EARLIEST


def _begin_before(moment: datetime, earlier: timedelta) -> datetime:
    """The first moment of a month; where that lies outside of all time, its beginning: cursors may name any moment."""
    try:
        return begin_month(moment - earlier)
    except OverflowError:
        return _EARLIEST


def begin_month(moment: datetime) -> datetime:
    """The first moment of its month, UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
