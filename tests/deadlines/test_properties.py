"""What holds for any calendar: adding and measuring agree, more time is never earlier, and nothing ends while the city is closed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st
from working_calendars import china

from data.deadlines.calendar import Calendar, Interval, Span, SpecialDay, Week
from data.deadlines.rules import CaseFacts, Rule, plan
from data.deadlines.working_time import Duration, Pause, add_time, find_share, measure_time, merge_pauses

ZONES = ("Asia/Shanghai", "Asia/Kolkata", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Pacific/Chatham", "UTC")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_MIN = 366 * 24 * 60

moments = st.integers(0, YEAR_MIN).map(lambda minute: FIRST + timedelta(minutes=minute))
spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
weeks = st.lists(st.lists(spans, max_size=3).map(tuple), min_size=8, max_size=8).map(lambda days: Week(tuple(days)))
days = st.dictionaries(
    st.integers(0, 365).map(lambda n: date(2026, 1, 1) + timedelta(days=n)),
    st.sampled_from([SpecialDay("off"), SpecialDay("work")]),
    max_size=40,
)
pauses = st.lists(st.tuples(moments, st.integers(0, 30_000)), max_size=4).map(
    lambda pairs: merge_pauses([Pause(start, start + timedelta(minutes=length)) for start, length in pairs], FIRST)
)
hours = st.integers(1, 30_000).map(lambda minutes: Duration(Decimal(minutes) / 60, "hours"))
working = st.integers(1, 12_000).map(lambda quarters: Duration(Decimal(quarters) / 4 / 15, "working_hours"))
working_days = st.integers(0, 40).map(lambda count: Duration(Decimal(count), "working_days"))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A city that works at some time of the week."""
    week = draw(weeks)
    assume(any(week.spans[:7]))
    return Calendar(draw(st.sampled_from(ZONES)), (week,), draw(days))


@given(calendars(), moments, st.one_of(hours, working), pauses)
def test_what_was_added_is_measured(calendar: Calendar, start: datetime, time: Duration, paused: tuple[Interval, ...]) -> None:
    run = add_time(calendar, start, time, paused)
    assert run.length == time.length
    measured = measure_time(calendar, start, run.end, time.unit, paused)
    assert measured == Decimal(time.length // timedelta(microseconds=1)) / Decimal(3_600_000_000)


@given(calendars(), moments, working_days, pauses)
def test_days_that_were_added_are_measured(calendar: Calendar, start: datetime, time: Duration, paused: tuple[Interval, ...]) -> None:
    run = add_time(calendar, start, time, paused)
    assert measure_time(calendar, start, run.end, "working_days", paused) == time.amount
    assert not time.amount or calendar.is_working_day(calendar.local_day(run.end))
    assert calendar.local_day(run.end + timedelta(microseconds=1)) == calendar.local_day(run.end) + timedelta(days=1)


@given(calendars(), moments, st.integers(0, 2_000), st.one_of(hours, working, working_days), pauses)
def test_more_is_never_earlier(calendar: Calendar, start: datetime, minutes: int, time: Duration, paused: tuple[Interval, ...]) -> None:
    end = add_time(calendar, start, time, paused).end
    assert add_time(calendar, start + timedelta(minutes=minutes), time, paused).end >= end, "a later start"
    assert add_time(calendar, start, Duration(time.amount + 1, time.unit), paused).end >= end, "a longer time"
    assert add_time(calendar, start, time).end <= end, "a pause"


@given(calendars(), moments, working, pauses)
def test_nothing_ends_while_the_city_is_closed(calendar: Calendar, start: datetime, time: Duration, paused: tuple[Interval, ...]) -> None:
    """The end lies in the hours of its day or of the day before, or at their close; so does each interval that counts."""
    run = add_time(calendar, start, time, paused)
    for opens, closes in (*run.counted, (run.end, run.end)):
        day = calendar.local_day(opens)
        around = [one for n in (-1, 0, 1) for one in calendar.openings(day + timedelta(days=n))]
        assert any(first <= opens and opens <= last for first, last in around)
        assert not any(first < closes and opens < last for first, last in paused)
    assert all(end <= start for (_, end), (start, _) in zip(run.counted, run.counted[1:], strict=False))


@given(calendars(), moments, st.one_of(hours, working), st.integers(0, 100), pauses)
def test_a_share_of_the_time_is_that_share(
    calendar: Calendar, start: datetime, time: Duration, percent: int, paused: tuple[Interval, ...]
) -> None:
    run = add_time(calendar, start, time, paused)
    moment = find_share([run], Decimal(percent) / 100)
    used = round(measure_time(calendar, start, moment, time.unit, paused) * 3_600_000_000)
    assert 0 <= Decimal(time.length // timedelta(microseconds=1)) * percent / 100 - used < 1


@given(moments, st.sampled_from(["env", "order"]), st.one_of(hours, working, working_days), pauses)
def test_a_plan_is_in_order(start: datetime, category: str, time: Duration, paused: tuple[Interval, ...]) -> None:
    case = CaseFacts(category, start, pauses=tuple(Pause(*one) for one in paused))
    found = plan(case, [Rule(1, "env", None, {"handling": time})], china(), start)
    if category == "order":
        assert found.due_at is None
    else:
        assert found.amber_at and found.due_at and found.very_late_at
        assert start <= found.amber_at <= found.due_at <= found.very_late_at or time.amount == 0
