"""Where a tour stands, and which playlist the schedule wants: pure."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from data.deadlines.calendar import Calendar, Span, SpecialDay, office_week
from data.wall.model import ScheduleRule
from data.wall.playing import begin_of, elapsed_ms, stand
from data.wall.schedule import plan

MOMENTS = json.loads((Path(__file__).parent / "moments.json").read_text("utf-8"))["moments"]
OFFICE = Calendar("Asia/Shanghai", (office_week(Span(540, 1020)),), {date(2026, 12, 4): SpecialDay("off", "假日")})
BRIEFING = ScheduleRule("briefing", 8 * 60 + 30, 9 * 60, "working")
NIGHT = ScheduleRule("night", 22 * 60, 6 * 60)


def at(text: str) -> datetime:
    """A moment of December 2026 in the city: ``03 08:30``."""
    return datetime.strptime(f"2026-12-{text} +0800", "%Y-%m-%d %H:%M %z").astimezone(UTC)


@pytest.mark.parametrize("told", MOMENTS, ids=[one["why"] for one in MOMENTS])
def test_the_tour_stands_where_every_screen_shows_it(told: dict[str, Any]) -> None:
    turns = [(float(first), float(last)) for first, last in told["turns"]]
    found = stand(told["dwell_s"], elapsed_ms(told["changed"], told["epoch"], told["set"], turns, told["now"]))
    assert (found.index, found.passed_ms) == (told["index"], told["passed"])


def test_a_scene_begins_after_those_before_it() -> None:
    assert [begin_of([10, 20, 30], n) for n in range(3)] == [0, 10_000, 30_000]


def playlists(now: str, *rules: ScheduleRule) -> list[tuple[str, str]]:
    """From when on which playlist is shown within the next two days, in the city's time; the first since when it is."""
    found = plan(rules, OFFICE, at(now), timedelta(days=2))
    return [(one.at.astimezone(OFFICE.zone).strftime("%d %H:%M"), one.playlist) for one in found]


def test_a_briefing_is_shown_on_working_days_alone() -> None:
    assert playlists("03 08:29", BRIEFING) == [("02 09:00", "day"), ("03 08:30", "briefing"), ("03 09:00", "day")], "the 4th is a holiday"
    assert playlists("03 08:30", BRIEFING)[0] == ("03 08:30", "briefing")
    assert playlists("03 09:00", BRIEFING)[0] == ("03 09:00", "day")


def test_a_night_ends_on_the_next_day() -> None:
    assert playlists("03 05:59", NIGHT)[:2] == [("02 22:00", "night"), ("03 06:00", "day")]
    assert playlists("03 06:00", NIGHT)[:2] == [("03 06:00", "day"), ("03 22:00", "night")]


def test_the_first_rule_that_fits_wins() -> None:
    early = ScheduleRule("early", 5 * 60, 7 * 60)
    assert playlists("03 04:00", early, NIGHT)[:3] == [("02 22:00", "night"), ("03 05:00", "early"), ("03 07:00", "day")]
    assert playlists("03 04:00", NIGHT, early)[:3] == [("02 22:00", "night"), ("03 06:00", "early"), ("03 07:00", "day")]


def test_weekdays_and_days_off() -> None:
    friday = ScheduleRule("friday", 0, 24 * 60, "all", (5,))
    free = ScheduleRule("free", 10 * 60, 11 * 60, "off")
    assert playlists("03 12:00", friday)[1:] == [("04 00:00", "friday"), ("05 00:00", "day")]
    assert playlists("03 12:00", free)[1:] == [("04 10:00", "free"), ("04 11:00", "day"), ("05 10:00", "free"), ("05 11:00", "day")]


def test_of_many_rules_the_first_that_holds_is_shown_at_every_moment() -> None:
    """As the sentence says it, rule by rule and minute by minute, over nights, holidays and weekdays."""
    dice, days = random.Random(7), ("all", "working", "off")
    times = [(dice.randrange(1440), dice.randrange(1, 1441)) for _ in range(40)]
    rules = [
        ScheduleRule(f"p{no}", first, last, days[no % 3], tuple(sorted(dice.sample(range(1, 8), no % 4))))  # type: ignore[arg-type]
        for no, (first, last) in enumerate(times)
    ]
    rules.append(ScheduleRule("always", 0, 1440))
    now = at("03 08:17")
    found = plan(rules, OFFICE, now, timedelta(days=3))
    for minute in range(0, 3 * 1440, 7):
        moment = now + timedelta(minutes=minute)
        shown = [one.playlist for one in found if one.at <= moment][-1]
        assert shown == next(rule.playlist for rule in rules if holds(rule, moment)), moment
    assert all(one.playlist != other.playlist for one, other in pairwise(found)) and found[0].at <= now < found[1].at


def holds(rule: ScheduleRule, moment: datetime) -> bool:
    """Whether a rule holds at a moment: of this day, or of the day before where it goes on over midnight."""
    there = moment.astimezone(OFFICE.zone)
    minute = there.hour * 60 + there.minute
    end = rule.last_min if rule.last_min > rule.first_min else rule.last_min + 1440
    spans = ((there.date(), minute), (there.date() - timedelta(days=1), minute + 1440))
    return any(rule.first_min <= since < end and fits(rule, day) for day, since in spans)


def fits(rule: ScheduleRule, day: date) -> bool:
    if rule.weekdays and day.isoweekday() not in rule.weekdays:
        return False
    return rule.days == "all" or OFFICE.is_working_day(day) == (rule.days == "working")


def test_without_a_schedule_the_usual_playlist_has_no_begin() -> None:
    assert [(one.at.timestamp(), one.playlist) for one in plan([], OFFICE, at("03 12:00"))] == [(0, "day")]


def test_what_is_planned_does_not_depend_on_when_it_is_asked() -> None:
    """Two screens that asked at different moments agree on every moment that both know."""
    rules = [BRIEFING, NIGHT]
    early, late = plan(rules, OFFICE, at("02 12:00")), plan(rules, OFFICE, at("03 12:00"))
    known = [one for one in early if one.at > at("03 12:00")]
    assert [one for one in late if one.at > at("03 12:00")][: len(known)] == known
    assert late[0] in early
