"""The counts of incidents. To add a figure of incidents, add a row to this table (see docs/figures.md).

A count has a name, a meaning, the day it is counted on, and a condition. From this table come the columns of ``incident_daily`` and
their index, the statements that keep the roll-ups, the sums of reports, the doctor's checks, and the descriptions in the API document.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CountingDay:
    """A day on which an incident can be counted.

    Attributes:
        sql: the day, in the city's time zone; null where the incident has no such day. See ``Count.condition`` for what it may name.
        only_past: whether reports leave out days that have not come yet. A deadline may lie in the future; a report cannot.
    """

    sql: str
    only_past: bool


DAYS = {
    "reported": CountingDay("(i.reported_at AT TIME ZONE c.timezone)::date", only_past=False),
    "closed": CountingDay("CASE WHEN s.closed THEN (i.closed_at AT TIME ZONE c.timezone)::date END", only_past=False),
    "due": CountingDay("CASE WHEN NOT s.void AND NOT i.paused THEN (i.due_at AT TIME ZONE c.timezone)::date END", only_past=True),
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
            ``s.closed`` (ended as one of CLOSED_STAGES) and ``s.void`` (ended as one of OTHER_ENDS); where it is null, it does not hold.
        in_reports: whether reports add it up.
        field: description of the field of this name in ``incidents`` of a report, for the API document; ``None`` where the count is not a
            separate field.

    Raises:
        ValueError: ``DAYS`` has no such day, or the count is a field of reports but not added up by them.
    """

    name: str
    meaning: str
    day: str
    condition: str = "true"
    in_reports: bool = True
    field: str | None = None

    def __post_init__(self) -> None:
        if self.day not in DAYS:
            raise ValueError(f"the count {self.name!r} is counted on the day {self.day!r}, but there are only {', '.join(DAYS)}")
        if self.field is not None and not self.in_reports:
            raise ValueError(f"the count {self.name!r} is a field of reports, but reports do not add it up")

    @property
    def only_past(self) -> bool:
        """Whether reports leave out days that have not come yet."""
        return DAYS[self.day].only_past


INCIDENT_COUNTS = (
    Count("reported", "reported on this day, whatever became of it", day="reported"),
    Count(
        "void",
        "of reported: ended as one of OTHER_ENDS",
        day="reported",
        condition="s.void",
        field="of total: void, duplicate, not responsible or referred up",
    ),
    Count("closed", "closed on this day", day="closed", in_reports=False),
    Count("due", "deadline on this day; without OTHER_ENDS and paused", day="due"),
    Count("due_closed", "of due: closed by now", day="due", condition="s.closed"),
    Count("due_on_time", "of due: closed at or before the deadline", day="due", condition="s.closed AND i.closed_at <= i.due_at"),
)
"""In the order of the columns; a new one comes last, where a migration adds it."""

REPORTED_COUNTS = tuple(count for count in INCIDENT_COUNTS if count.in_reports)
"""Those that reports add up. The index of the sums holds them, so that a report reads nothing else."""

REPORT_FIELDS = {count.name: count.field for count in REPORTED_COUNTS if count.field is not None}
"""Fields of a report's ``incidents`` that are a count as it stands, with their descriptions."""
