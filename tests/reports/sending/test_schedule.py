"""When reports are due: weekdays, working days, holidays, summer time, and which period is over then. By hand, with a printed calendar."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from data.deadlines.calendar import Calendar, Span, SpecialDay, office_week
from data.reports.schedule import EVERY, STEPS, Rhythm, days_before, due_between, next_due, period_before
from reports.periods import last_over, parse_period, write_period

WEEK = office_week(Span(540, 1020))
OFF, WORK = SpecialDay("off"), SpecialDay("work")
# 国庆节 2026: 1 to 7 October free, Saturday 10 October and Sunday 27 September worked; and a free Monday, 7 September.
DAYS = {date(2026, 10, n): OFF for n in range(1, 8)} | {date(2026, 10, 10): WORK, date(2026, 9, 27): WORK, date(2026, 9, 7): OFF}
SHANGHAI = Calendar("Asia/Shanghai", (WEEK,), DAYS)
BERLIN = Calendar("Europe/Berlin", (WEEK,))
EIGHT = 8 * 60


def moments(rhythm: Rhythm, first: str, last: str, calendar: Calendar = SHANGHAI) -> list[str]:
    """What is due on some days, as the city's clocks show it."""
    zone = ZoneInfo(calendar.timezone)
    after = datetime.fromisoformat(first).replace(tzinfo=zone) - timedelta(microseconds=1)
    until = datetime.fromisoformat(last).replace(tzinfo=zone) + timedelta(days=1, microseconds=-1)
    found = due_between(rhythm, after, until, calendar)
    assert found == sorted(set(found)) and all(one.tzinfo is UTC for one in found)
    return [one.astimezone(zone).strftime("%m-%d %H:%M") for one in found]


def test_every_monday_at_eight() -> None:
    monday = Rhythm("week", EIGHT, weekdays=(1,))
    assert moments(monday, "2026-11-01", "2026-11-30") == ["11-02 08:00", "11-09 08:00", "11-16 08:00", "11-23 08:00", "11-30 08:00"]
    both = Rhythm("week", EIGHT, weekdays=(1, 4))
    assert moments(both, "2026-11-02", "2026-11-08") == ["11-02 08:00", "11-05 08:00"]


def test_the_first_moment_does_not_count_and_the_second_does() -> None:
    monday, at = Rhythm("week", EIGHT, weekdays=(1,)), datetime(2026, 11, 2, 0, tzinfo=UTC)
    assert due_between(monday, at, at, SHANGHAI) == []
    assert due_between(monday, at - timedelta(microseconds=1), at, SHANGHAI) == [at]
    assert due_between(monday, at, at + timedelta(days=6), SHANGHAI) == []
    assert due_between(monday, at, at - timedelta(days=60), SHANGHAI) == []


def test_a_holiday_monday_stays_moves_or_is_left_out() -> None:
    """7 September is free: the next working day is Tuesday."""
    of = {holidays: Rhythm("week", EIGHT, weekdays=(1,), holidays=holidays) for holidays in ("as_is", "next_working", "leave_out")}
    assert moments(of["as_is"], "2026-09-07", "2026-09-13") == ["09-07 08:00"]
    assert moments(of["next_working"], "2026-09-07", "2026-09-13") == ["09-08 08:00"]
    assert moments(of["leave_out"], "2026-09-07", "2026-09-13") == []
    assert moments(of["next_working"], "2026-10-01", "2026-10-11") == ["10-08 08:00"], "Monday 5 October, moved behind the holidays"
    assert moments(of["next_working"], "2026-10-08", "2026-10-08") == ["10-08 08:00"], "found from the day to which it was moved, too"


def test_days_that_are_moved_to_the_same_day_are_one() -> None:
    daily = Rhythm("day", EIGHT, holidays="next_working")
    assert moments(daily, "2026-09-30", "2026-10-11") == ["09-30 08:00", "10-08 08:00", "10-09 08:00", "10-10 08:00"]
    assert len(moments(Rhythm("day", EIGHT), "2026-10-01", "2026-10-31")) == 31


def test_the_first_and_the_last_working_day() -> None:
    first, last = (Rhythm("month", EIGHT, place=place) for place in ("first_working", "last_working"))
    assert moments(first, "2026-10-01", "2026-11-30") == ["10-08 08:00", "11-02 08:00"]
    assert moments(last, "2026-09-01", "2026-10-31") == ["09-30 08:00", "10-30 08:00"]
    assert moments(Rhythm("week", EIGHT, place="first_working"), "2026-09-07", "2026-09-13") == ["09-08 08:00"]
    assert moments(Rhythm("week", EIGHT, place="last_working"), "2026-10-05", "2026-10-11") == ["10-10 08:00"], "the Saturday is worked"
    assert moments(Rhythm("week", EIGHT, place="last_working"), "2026-09-28", "2026-10-04") == ["09-30 08:00"]


def test_months_quarters_and_years() -> None:
    assert moments(Rhythm("month", 0, day=31), "2026-02-01", "2026-04-30") == ["02-28 00:00", "03-31 00:00", "04-30 00:00"]
    assert moments(Rhythm("month", 0, day=29), "2028-02-01", "2028-02-29") == ["02-29 00:00"]
    assert moments(Rhythm("quarter", EIGHT, day=5, month=1), "2026-01-01", "2026-12-31") == [
        *("01-05 08:00", "04-05 08:00", "07-05 08:00", "10-05 08:00")
    ]
    assert moments(Rhythm("quarter", EIGHT, place="last_working", month=3), "2026-07-01", "2026-12-31") == ["09-30 08:00", "12-31 08:00"]
    assert moments(Rhythm("year", EIGHT, place="first_working", month=1), "2026-01-01", "2027-12-31") == ["01-01 08:00", "01-01 08:00"]
    assert moments(Rhythm("year", EIGHT, day=31, month=12), "2026-01-01", "2026-12-31") == ["12-31 08:00"]


def test_clocks_jump_over_the_time_and_show_it_twice() -> None:
    """Berlin, 2026: 29 March 02:00 is 03:00; 25 October 03:00 is 02:00 again."""
    half_past_two = Rhythm("day", 150)
    spring = due_between(half_past_two, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC), BERLIN)
    assert spring == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)], "at the jump, then at half past two"
    autumn = due_between(half_past_two, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC), BERLIN)
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)], "the first of both, once"
    eight = Rhythm("week", EIGHT, weekdays=(1,))
    assert moments(eight, "2026-03-23", "2026-03-30", BERLIN) == ["03-23 08:00", "03-30 08:00"], "eight stays eight"


@pytest.mark.parametrize("every", EVERY)
def test_pieces_of_a_time_give_what_the_whole_gives(every: str) -> None:
    """However often the keeper looks, and however long it was away: nothing twice, nothing left out."""
    names = {"weekdays": (1, 6)} if every == "week" else {}
    rhythm = Rhythm(every, 615, holidays="next_working", **names)  # type: ignore[arg-type]
    start, end = datetime(2026, 8, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
    whole = due_between(rhythm, start, end, SHANGHAI)
    assert whole
    for hours in (7, 24, 24 * 31):
        borders, at = [start], start
        while at < end:
            at = min(end, at + timedelta(hours=hours))
            borders.append(at)
        pieces = [one for first, last in itertools.pairwise(borders) for one in due_between(rhythm, first, last, SHANGHAI)]
        assert pieces == whole


def test_the_next_moments_are_shown_before_saving() -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    assert next_due(Rhythm("year", EIGHT, day=29, month=2), now, SHANGHAI, 2) == [
        datetime(2027, 2, 28, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 0, tzinfo=UTC),
    ]
    for every in EVERY:
        rhythm = Rhythm(every, EIGHT, weekdays=(1,) if every == "week" else ())  # type: ignore[arg-type]
        found = next_due(rhythm, now, SHANGHAI)
        assert len(found) == 5 and found == due_between(rhythm, now, found[-1], SHANGHAI)
    never = Calendar("Asia/Shanghai", (office_week(),))
    assert next_due(Rhythm("month", EIGHT, place="first_working"), now, never) == []
    assert len(next_due(Rhythm("day", EIGHT, holidays="next_working"), now, never)) == 5, "without working days nothing is moved"


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "week", "at_min": 0},
        {"every": "week", "at_min": 0, "weekdays": (0,)},
        {"every": "week", "at_min": 0, "weekdays": (8,)},
        {"every": "week", "at_min": 0, "weekdays": (1,), "place": "first_working"},
        {"every": "day", "at_min": 0, "weekdays": (1,)},
        {"every": "day", "at_min": 0, "place": "first_working"},
        {"every": "day", "at_min": 1440},
        {"every": "month", "at_min": 0, "day": 0},
        {"every": "month", "at_min": 0, "day": 32},
        {"every": "month", "at_min": 0, "month": 2},
        {"every": "quarter", "at_min": 0, "month": 4},
        {"every": "year", "at_min": 0, "month": 13},
        {"every": "hour", "at_min": 0},
        {"every": "day", "at_min": 0, "holidays": "before"},
    ],
)
def test_what_is_no_rhythm_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Rhythm(**wrong)  # type: ignore[arg-type]


def test_the_period_that_is_over_is_that_of_the_reports() -> None:
    for step in STEPS:
        for n in range(0, 900, 1 if step in ("day", "week") else 7):
            day = date(2025, 12, 20) + timedelta(days=n)
            wanted = last_over(step, day - timedelta(days=1))
            text = period_before(step, day)
            assert text == write_period(step, wanted) and parse_period(text) == (step, wanted), (step, day)
            assert days_before(step, day) == (wanted.start, wanted.end)
