"""Deadlines worked by hand: holidays, make-up Saturdays, midnight, time zones, changes of clocks, pauses, hours of a city's own."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from working_calendars import AFTERNOON, EVERY_DAY, MORNING, OFFICE, at, china, plain

from data.deadlines.calendar import Calendar, Span, SpecialDay, Week, office_week
from data.deadlines.rules import parse_duration
from data.deadlines.working_time import Duration, NoWorkingTime, Pause, add_time, measure_time, merge_pauses

MOMENT = timedelta(microseconds=1)


def due(calendar: Calendar, start: datetime, time: str, *pauses: Pause) -> datetime:
    """The end of a time that is counted from a moment on."""
    return add_time(calendar, start, parse_duration(time), merge_pauses(pauses, start)).end


def end_of(day: str, timezone: str = "Asia/Shanghai") -> datetime:
    """The last microsecond of a day."""
    return at(f"{day} 23:59:59.999999", timezone)


@pytest.mark.parametrize(
    ("start", "time", "expected"),
    [
        # Friday, 13 February 2026, is followed by a make-up Saturday, nine free days, and Tuesday the 24th.
        ("2026-02-13 16:00", "1 wh", "2026-02-13 17:00"),
        ("2026-02-13 16:00", "1.5 wh", "2026-02-13 17:30"),
        ("2026-02-13 16:00", "4 wh", "2026-02-14 11:30"),
        ("2026-02-13 16:00", "8.5 wh", "2026-02-14 17:30"),
        ("2026-02-13 16:00", "9 wh", "2026-02-24 09:30"),
        ("2026-02-13 16:00", "16 wh", "2026-02-25 09:30"),
        ("2026-02-18 12:00", "1 wh", "2026-02-24 10:00"),
        # Saturday, 28 February, is worked; Sunday, 1 March, is free.
        ("2026-02-27 17:00", "8 wh", "2026-03-02 09:30"),
        # The National Day: Sunday, 20 September, and Saturday, 10 October, are worked; 1 to 7 October are free.
        ("2026-09-30 17:00", "1 wh", "2026-10-08 09:30"),
        ("2026-09-19 10:00", "3 wh", "2026-09-20 12:00"),
        ("2026-10-09 17:00", "4 wh", "2026-10-10 14:00"),
        ("2026-10-10 17:00", "1 wh", "2026-10-12 09:30"),
        # An ordinary weekend, lunch, before opening, and at closing time.
        ("2026-03-06 17:00", "1 wh", "2026-03-09 09:30"),
        ("2026-03-04 11:45", "1 wh", "2026-03-04 14:15"),
        ("2026-03-04 12:30", "1 wh", "2026-03-04 14:30"),
        ("2026-03-04 03:00", "1 wh", "2026-03-04 10:00"),
        ("2026-03-04 17:30", "1 wh", "2026-03-05 10:00"),
        # Calendar hours know no holidays.
        ("2026-02-13 16:00", "72 h", "2026-02-16 16:00"),
        ("2026-02-13 16:00", "5 days", "2026-02-18 16:00"),
    ],
)
def test_hours_are_counted_by_hand(start: str, time: str, expected: str) -> None:
    assert due(china(), at(start), time) == at(expected)


@pytest.mark.parametrize(
    ("start", "time", "expected"),
    [
        ("2026-02-13 16:00", "1 wd", "2026-02-14"),
        ("2026-02-13 16:00", "2 wd", "2026-02-24"),
        ("2026-02-13 00:00", "2 wd", "2026-02-24"),
        ("2026-02-12 23:59:59", "2 wd", "2026-02-14"),
        ("2026-02-20 10:00", "1 wd", "2026-02-24"),
        ("2026-02-26 10:00", "3 wd", "2026-03-02"),
        ("2026-09-30 10:00", "2 wd", "2026-10-09"),
        ("2026-09-30 10:00", "3 wd", "2026-10-10"),
        ("2026-09-18 10:00", "1 wd", "2026-09-20"),
        ("2026-09-24 10:00", "1 wd", "2026-09-28"),  # 25 to 27 September are the Mid-Autumn Festival
        ("2025-12-31 10:00", "1 wd", "2026-01-04"),  # a Sunday: 1 to 3 January are free
        ("2026-05-06 10:00", "3 wd", "2026-05-09"),
        ("2026-03-04 10:00", "20 wd", "2026-04-01"),
    ],
)
def test_days_last_until_their_end(start: str, time: str, expected: str) -> None:
    assert due(china(), at(start), time) == end_of(expected)


def test_a_moment_before_and_after_midnight_is_another_day() -> None:
    assert due(china(), at("2026-03-03 23:59:59.999999"), "1 wd") == end_of("2026-03-04")
    assert due(china(), at("2026-03-04 00:00"), "1 wd") == end_of("2026-03-05")


@pytest.mark.parametrize(
    ("start", "time", "expected"),
    [
        # India is 5:30 ahead of UTC: 20:00 UTC is 01:30 of the next day.
        ("2026-03-04T03:29:00+00:00", "1 wh", "2026-03-04 10:00"),  # 08:59, before opening
        ("2026-03-04T03:31:00+00:00", "1 wh", "2026-03-04 10:01"),
        ("2026-03-04T12:00:00+00:00", "1 wh", "2026-03-05 10:00"),  # 17:30, closed
        ("2026-03-06T11:30:00+00:00", "1 wh", "2026-03-09 09:30"),
    ],
)
def test_half_hour_zones(start: str, time: str, expected: str) -> None:
    assert due(plain("Asia/Kolkata"), datetime.fromisoformat(start), time) == at(expected, "Asia/Kolkata")


def test_a_day_of_a_half_hour_zone_ends_at_its_own_midnight() -> None:
    """18:29 UTC is still the 4th in India, 18:30 is the 5th."""
    calendar = plain("Asia/Kolkata")
    assert due(calendar, datetime(2026, 3, 4, 18, 29, tzinfo=UTC), "1 wd") == datetime(2026, 3, 5, 18, 30, tzinfo=UTC) - MOMENT
    assert due(calendar, datetime(2026, 3, 4, 18, 30, tzinfo=UTC), "1 wd") == datetime(2026, 3, 6, 18, 30, tzinfo=UTC) - MOMENT


BERLIN = "Europe/Berlin"
NIGHT = Week(((Span(22 * 60, 30 * 60),),) * 7 + ((),))
"""Every night from 22:00 to 06:00."""


def test_clocks_that_go_forward_take_an_hour_from_the_night() -> None:
    """On 29 March 2026, 02:00 becomes 03:00: the night has seven hours, and hours are counted as they pass."""
    night = plain(BERLIN, NIGHT)
    assert due(night, at("2026-03-28 22:00", BERLIN), "7 wh") == at("2026-03-29 06:00", BERLIN)
    assert due(night, at("2026-03-28 22:00", BERLIN), "8 wh") == at("2026-03-29 23:00", BERLIN)
    assert due(plain(BERLIN), at("2026-03-28 12:00", BERLIN), "24 h") == at("2026-03-29 13:00", BERLIN)
    assert due(plain(BERLIN), at("2026-03-27 17:00", BERLIN), "1 wh") == at("2026-03-30 09:30", BERLIN)


def test_clocks_that_go_back_give_the_night_an_hour() -> None:
    """On 25 October 2026, 03:00 becomes 02:00: the night has nine hours."""
    night = plain(BERLIN, NIGHT)
    assert due(night, at("2026-10-24 22:00", BERLIN), "9 wh") == at("2026-10-25 06:00", BERLIN)
    assert due(night, at("2026-10-24 22:00", BERLIN), "5 wh") == at("2026-10-25 02:00", BERLIN, fold=1)
    assert due(plain(BERLIN), at("2026-10-24 12:00", BERLIN), "24 h") == at("2026-10-25 11:00", BERLIN)


def test_hours_that_clocks_jump_over_begin_with_the_jump_and_doubled_ones_count_twice() -> None:
    early = plain(BERLIN, Week(((Span(2 * 60 + 30, 5 * 60),),) * 7 + ((),)))
    assert due(early, at("2026-03-28 12:00", BERLIN), "1 wh") == at("2026-03-29 04:00", BERLIN)
    short = plain(BERLIN, Week(((Span(2 * 60, 2 * 60 + 30),),) * 7 + ((),)))
    assert measure_time(short, at("2026-03-28 12:00", BERLIN), at("2026-03-29 12:00", BERLIN), "working_hours") == 0
    doubled = plain(BERLIN, Week(((Span(0, 2 * 60 + 30),),) * 7 + ((),)))
    assert measure_time(doubled, at("2026-10-24 12:00", BERLIN), at("2026-10-25 12:00", BERLIN), "working_hours") == Decimal("3.5")


def test_days_end_where_clocks_change_at_midnight() -> None:
    """In Havana, 00:00 becomes 01:00 on 8 March 2026 (Sunday), and 01:00 becomes 00:00 on 1 November (Sunday)."""
    havana = plain("America/Havana", EVERY_DAY)
    assert due(havana, at("2026-03-06 12:00", "America/Havana"), "1 wd") == datetime(2026, 3, 8, 5, tzinfo=UTC) - MOMENT
    assert due(havana, at("2026-03-07 12:00", "America/Havana"), "1 wd") == datetime(2026, 3, 9, 4, tzinfo=UTC) - MOMENT
    assert due(havana, at("2026-10-31 12:00", "America/Havana"), "1 wd") == datetime(2026, 11, 2, 5, tzinfo=UTC) - MOMENT


def pause(start: str, end: str | None) -> Pause:
    """A pause in Shanghai."""
    return Pause(at(start), at(end) if end else None)


@pytest.mark.parametrize(
    ("time", "pauses", "expected"),
    [
        # From Wednesday, 4 March 2026, 10:00.
        ("4 wh", [pause("2026-03-04 11:00", "2026-03-04 14:00")], "2026-03-04 17:00"),
        ("4 wh", [pause("2026-03-04 11:00", "2026-03-05 10:00")], "2026-03-05 14:30"),  # over a night: 1 h before, 3 h after
        ("4 wh", [pause("2026-03-04 18:00", "2026-03-05 08:00")], "2026-03-04 15:30"),  # nothing that would have counted
        ("4 wh", [pause("2026-03-06 10:00", "2026-03-09 10:00")], "2026-03-04 15:30"),  # after the end
        ("10 wh", [pause("2026-03-04 16:30", "2026-03-06 09:00")], "2026-03-06 15:30"),  # 5 h on Wednesday, 5 h on Friday
        ("4 wh", [pause("2026-03-04 09:00", "2026-03-04 10:30"), pause("2026-03-04 10:15", "2026-03-04 11:30")], "2026-03-04 17:00"),
        ("24 h", [pause("2026-03-04 12:00", "2026-03-04 18:00")], "2026-03-05 16:00"),
        ("24 h", [pause("2026-03-04 10:00", "2026-03-04 10:00")], "2026-03-05 10:00"),
    ],
)
def test_pauses_do_not_count(time: str, pauses: list[Pause], expected: str) -> None:
    assert due(china(), at("2026-03-04 10:00"), time, *pauses) == at(expected)


def test_a_pause_over_the_spring_festival_costs_only_working_time() -> None:
    """Saturday, 14 February (worked), from 10:00 until Wednesday, 25 February, 10:00: 6 h of Saturday, 7 of Tuesday, 1 of Wednesday."""
    start, over = at("2026-02-14 09:00"), pause("2026-02-14 10:00", "2026-02-25 10:00")
    assert due(china(), start, "4 wh", over) == at("2026-02-25 14:30")
    assert measure_time(china(), start, at("2026-02-25 10:00"), "working_hours", merge_pauses([over], start)) == 1
    assert measure_time(china(), start, at("2026-02-25 10:00"), "working_hours") == 15


def test_a_day_counts_unless_the_case_is_paused_at_its_end() -> None:
    start = at("2026-03-04 10:00")
    assert due(china(), start, "2 wd", pause("2026-03-05 09:00", "2026-03-05 18:00")) == end_of("2026-03-06")
    assert due(china(), start, "2 wd", pause("2026-03-05 09:00", "2026-03-06 10:00")) == end_of("2026-03-09")
    assert due(china(), start, "2 wd", pause("2026-03-06 09:00", "2026-03-08 10:00")) == end_of(
        "2026-03-09"
    )  # one of its three days is worked


def test_a_pause_that_goes_on_lasts_until_now() -> None:
    start, since = at("2026-03-04 09:00"), pause("2026-03-04 10:00", None)
    still = add_time(china(), start, parse_duration("2 wh"), merge_pauses([since], at("2026-03-04 11:00")))
    assert still.end == at("2026-03-04 12:00")
    assert merge_pauses([since], at("2026-03-04 09:30")) == ()


def test_a_city_has_its_own_hours() -> None:
    """Tuesday to Sunday, until two in the morning at the end of the week; the hours of a day that is free do not begin."""
    week = Week(((), *((Span(10 * 60, 19 * 60),),) * 4, (Span(20 * 60, 26 * 60),), (Span(10 * 60, 12 * 60), Span(14 * 60, 16 * 60)), ()))
    own = Calendar("Asia/Shanghai", (week,), {date(2026, 3, 14): SpecialDay("off")})
    assert due(own, at("2026-03-07 23:00"), "3 wh") == at("2026-03-08 02:00")
    assert due(own, at("2026-03-08 01:00"), "2 wh") == at("2026-03-08 11:00")
    assert due(own, at("2026-03-08 15:00"), "2 wh") == at("2026-03-10 11:00")
    assert due(own, at("2026-03-13 19:00"), "1 wh") == at("2026-03-15 11:00")
    assert due(own, at("2026-03-06 12:00"), "2 wd") == end_of("2026-03-08")


def test_hours_change_on_a_day() -> None:
    summer = office_week(Span(8 * 60, 12 * 60), valid_from=date(2026, 6, 1))
    both = china(OFFICE, summer)
    assert due(both, at("2026-05-29 17:00"), "1 wh") == at("2026-06-01 08:30")
    assert due(both, at("2026-06-01 11:00"), "2 wh") == at("2026-06-02 09:00")


def test_a_make_up_day_has_hours_of_its_own_or_those_of_a_weekday() -> None:
    short = Week((*OFFICE.spans[:7], (Span(9 * 60, 11 * 60),)))
    assert due(china(short), at("2026-02-14 08:00"), "3 wh") == at("2026-02-24 10:00")
    assert due(china(EVERY_DAY), at("2026-02-14 08:00"), "12 wh") == at("2026-02-14 20:00")
    assert due(china(EVERY_DAY), at("2026-02-14 08:00"), "13 wh") == at("2026-02-24 09:00"), "weekend days of a festival are free"


def test_a_city_that_never_closes() -> None:
    always = Calendar("Asia/Shanghai", (Week(((Span(0, 24 * 60),),) * 7 + ((),)),))
    run = add_time(always, at("2026-03-04 10:00"), parse_duration("1000 wh"))
    assert run.end == at("2026-03-04 10:00") + timedelta(hours=1000)
    assert run.length == timedelta(hours=1000)


def test_a_calendar_without_working_time_is_told() -> None:
    closed = Calendar("Asia/Shanghai", (Week(((),) * 8),))
    for time in ("1 wh", "1 wd"):
        with pytest.raises(NoWorkingTime, match="ten years after 2026-03-04"):
            due(closed, at("2026-03-04 10:00"), time)
    assert due(closed, at("2026-03-04 10:00"), "1 h") == at("2026-03-04 11:00")
    assert measure_time(closed, at("2026-03-04 10:00"), at("2040-03-04 10:00"), "working_hours") == 0


@pytest.mark.parametrize(("opens", "closes"), [(-1, 60), (60, 60), (61, 60), (1440, 1500), (0, 1441), (600, 2041)])
def test_spans_that_cannot_be(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="no span"):
        Span(opens, closes)


def test_spans_that_can_be() -> None:
    assert [str(span) for span in (Span(0, 1440), Span(600, 2040), MORNING, AFTERNOON)] == [
        "00:00-24:00",
        "10:00-34:00",
        "09:00-12:00",
        "13:30-17:30",
    ]


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("4 h", 4, "hours"),
        ("4小时", 4, "hours"),
        ("0.5 h", Decimal("0.5"), "hours"),
        ("5 days", 120, "hours"),
        ("5天", 120, "hours"),
        ("4 working hours", 4, "working_hours"),
        ("4个工作时", 4, "working_hours"),
        ("4WH", 4, "working_hours"),
        (" 2  working  days ", 2, "working_days"),
        ("2个工作日", 2, "working_days"),
        ("2 wd", 2, "working_days"),
    ],
)
def test_times_as_people_write_them(text: str, amount: Decimal, unit: str) -> None:
    assert parse_duration(text) == Duration(Decimal(amount), unit)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "4", "h", "-4 h", "0 h", "1.5 wd", "4 weeks", "100001 h", "1e3 h", "٤ h", "2001 wd"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)
