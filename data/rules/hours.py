"""A city's working hours as they are written at the machine door: other hours from a day on, and what has not begun taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from data.database.connections import Connection
from data.deadlines import store
from data.deadlines.calendar import Span, Week
from data.deadlines.rows import WEEKDAYS, BadSpans, format_spans, parse_spans
from data.rules.faults import Fault, RulesRefused
from data.rules.known import Known, Reader


@dataclass(frozen=True, slots=True)
class HoursChange:
    """What is asked for.

    Attributes:
        week: hours from a day on.
        withdrawn: first day of hours that have not begun.
    """

    week: Week | None
    withdrawn: date | None

    @property
    def first(self) -> date:
        """The first day that may be others now."""
        days = (self.week.valid_from if self.week else None, self.withdrawn)
        return min(day for day in days if day is not None)


def read_hours(body: Mapping[str, object], known: Known, weeks: Sequence[Week]) -> HoursChange:
    """What a body asks for. Hours of the past stay: what was due then stays due.

    Args:
        body: ``hours`` with ``valid_from`` and a text for each of ``mon`` to ``sun`` and ``make_up``; or ``withdraw``, a day.
        known: for the day.
        weeks: the city's hours now.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    faults: list[Fault] = []
    week = _read_week(body["hours"], known, faults) if body.get("hours") is not None else None
    withdrawn = _read_withdrawn(body, known, weeks, faults) if body.get("withdraw") is not None else None
    if not faults and week is None and withdrawn is None:
        faults.append(Fault("hours", "needed"))
    if faults:
        raise RulesRefused(faults)
    return HoursChange(week, withdrawn)


def _read_week(given: object, known: Known, faults: list[Fault]) -> Week:
    reader = Reader(given, "hours", known)
    first = reader.day("valid_from")
    if first is None and not reader.faults:
        reader.fail("valid_from", "needed")
    elif first is not None and first < known.today:
        reader.fail("valid_from", "past", value=known.today.isoformat())
    spans = [_read_spans(reader, name) for name in WEEKDAYS]
    if not reader.faults and not any(spans):
        reader.fail(WEEKDAYS[0], "no_hours_at_all")
    faults += reader.faults
    return Week(tuple(spans), first)


def _read_spans(reader: Reader, name: str) -> tuple[Span, ...]:
    text = reader.text(name, 200) or ""
    try:
        return parse_spans(text)
    except BadSpans:
        reader.fail(name, "no_spans", value=text[:60])
        return ()


def _read_withdrawn(body: Mapping[str, object], known: Known, weeks: Sequence[Week], faults: list[Fault]) -> date | None:
    reader = Reader(dict(body), "", known)
    day = reader.day("withdraw")
    if day is None or day not in {week.valid_from for week in weeks}:
        faults.append(Fault("withdraw", "no_rule"))
    elif day <= known.today:
        faults.append(Fault("withdraw", "begun"))
    return day


def write_hours(connection: Connection, city: str, change: HoursChange) -> None:
    """Store a change. The first version of a city that had none of its own keeps the usual hours for the days before."""
    gone = {change.withdrawn, change.week.valid_from if change.week else None} - {None}
    kept = [week for week in store.read_calendar(connection, city).weeks if week.valid_from not in gone]
    store.write_hours(connection, city, [*kept, *([change.week] if change.week else [])])


def tell_week(week: Week) -> dict[str, object]:
    """Hours as they are written at the machine door."""
    texts = (format_spans(spans) for spans in week.spans)
    return {"valid_from": week.valid_from and week.valid_from.isoformat(), **dict(zip(WEEKDAYS, texts, strict=True))}
