"""The counts of incidents. To add a figure of incidents, add a row to this table (see docs/figures.md).

A count has a name, a meaning, the day it is counted on, and a condition. From this table come the columns of ``incident_daily`` and
their index, the statements that keep the roll-ups, the sums of reports, the doctor's checks, and the descriptions in the API document.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CountingDay:
    """A day on which an incident can be counted.

    Attributes:
        sql: the day, in the city's time zone; null where the incident has no such day. It may name a column of ``LOCAL_DAYS`` as ``s.…``,
            and whatever ``Count.condition`` may name.
        only_past: whether reports leave out days that have not come yet. A deadline may lie in the future; a report cannot.
    """

    sql: str
    only_past: bool


LOCAL_DAYS = {
    "reported_day": "(i.reported_at AT TIME ZONE c.timezone)::date",
    "due_day": "(i.due_at AT TIME ZONE c.timezone)::date",
    "closed_day": "CASE WHEN s.closed THEN (greatest(i.closed_at, i.reported_at) AT TIME ZONE c.timezone)::date END",
}
"""The moments of an incident as days of its city; a closing that is dated before the report is one on the day of the report."""

DAYS = {
    "reported": CountingDay("s.reported_day", only_past=False),
    "closed": CountingDay("s.closed_day", only_past=False),
    "due": CountingDay("CASE WHEN NOT s.void AND NOT i.paused THEN s.due_day END", only_past=True),
}
"""The days by name. ``due`` leaves out what has no deadline to keep: OTHER_ENDS and paused."""


@dataclass(frozen=True, slots=True)
class Count:
    """A count of incidents by day.

    Attributes:
        name: column of ``incident_daily``.
        meaning: what it counts, in English; the comment of the column.
        day: name of one of ``DAYS``: the day an incident is counted on.
        condition: which of the incidents with such a day count. An SQL condition that may name ``i`` (the incident), ``c`` (its city),
            ``s.closed`` (ended as one of CLOSED_STAGES), ``s.void`` (ended as one of OTHER_ENDS) and ``LOCAL_DAYS``; where it is null, it
            does not hold.
        in_reports: whether reports add it up over their period.
        field: description of the field of this name in ``incidents`` of a report, for the API document; ``None`` where the count is not a
            separate field.
        elsewhere: for a count that is the change of a stock: what an incident adds on other days, each the name of one of ``DAYS`` with an
            SQL whole number, which is 0 where it is null.

    Raises:
        ValueError: ``DAYS`` has no such day, or the count is a field of reports but not added up by them.
    """

    name: str
    meaning: str
    day: str
    condition: str = "true"
    in_reports: bool = True
    field: str | None = None
    elsewhere: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for day in (self.day, *dict(self.elsewhere)):
            if day not in DAYS:
                raise ValueError(f"the count {self.name!r} is counted on the day {day!r}, but there are only {', '.join(DAYS)}")
        if self.field is not None and not self.in_reports:
            raise ValueError(f"the count {self.name!r} is a field of reports, but reports do not add it up")

    @property
    def only_past(self) -> bool:
        """Whether reports leave out days that have not come yet."""
        return DAYS[self.day].only_past

    def adds_on(self, day: str) -> str:
        """What an incident adds on one of its ``DAYS``, an SQL whole number."""
        if day == self.day:
            return f"coalesce({self.condition}, false)::int"
        adds = dict(self.elsewhere).get(day)
        return f"coalesce({adds}, 0)" if adds else "0"


# Overdue when a day ended: now overdue, or closed only on a later day than that of the deadline, or of the report if that is later.
_LATE = """(i.deadline_state = 'overdue'
    OR s.closed AND NOT i.paused AND i.due_at IS NOT NULL AND s.closed_day > greatest(s.due_day, s.reported_day))"""

INCIDENT_COUNTS = (
    Count("reported", "reported on this day, whatever became of it", day="reported"),
    Count(
        "void",
        "of reported: ended as one of OTHER_ENDS",
        day="reported",
        condition="s.void",
        field="of total: void, duplicate, not responsible or referred up",
    ),
    Count(
        "closed",
        "closed on this day; on that of the report where the closing is dated before it",
        day="closed",
        field="closed in the period, whenever reported",
    ),
    Count("due", "deadline on this day; without OTHER_ENDS and paused", day="due"),
    Count("due_closed", "of due: closed by now", day="due", condition="s.closed"),
    Count("due_on_time", "of due: closed at or before the deadline", day="due", condition="s.closed AND i.closed_at <= i.due_at"),
    Count(
        "overdue_change",
        "by how many more cases were overdue at the end of this day than at the end of the day before",
        day="due",
        condition=f"s.due_day >= s.reported_day AND {_LATE}",
        elsewhere=(("reported", f"(s.due_day < s.reported_day AND {_LATE})::int"), ("closed", f"-{_LATE}::int")),
        in_reports=False,
    ),
    Count("now_overdue", "of reported: overdue as it stands", day="reported", condition="i.deadline_state = 'overdue'", in_reports=False),
)
"""In the order of the columns; a new one comes last, where a migration adds it."""

REPORTED_COUNTS = tuple(count for count in INCIDENT_COUNTS if count.in_reports)
"""Those that reports add up over their period."""

REPORT_FIELDS = {count.name: count.field for count in REPORTED_COUNTS if count.field is not None}
"""Fields of a report's ``incidents`` that are a count as it stands, with their descriptions."""
