"""Hours, calendars and rules in the database; what their changes do to open cases; provisional deadlines when the calendar comes."""

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from working_calendars import OFFICE, at

from data import rollup
from data.deadlines.calendar import Span, SpecialDay, Week
from data.deadlines.recomputing import find_touched, measure, recompute
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import (
    UnknownCity,
    read_calendar,
    read_reach,
    read_rules,
    refresh_library,
    set_region,
    upload_days,
    write_hours,
    write_rules,
)

Connection = psycopg.Connection[Any]
TODAY = date(2026, 10, 31)
NOW = datetime.fromisoformat(city.AS_OF)
STORED = "SELECT due_at, amber_at, very_late_at, due_provisional, rule_id, deadline_state FROM incident WHERE source_key = %s"


def rule(category: str | None, time: str, valid_from: date | None = None, number: int = 0) -> Rule:
    """A rule with a time for handling."""
    return Rule(number, category, None, {"handling": parse_duration(time)}, valid_from)


def make_worked(connection: Connection, *keys: str) -> None:
    """Let cases look as if they had been made here: without a published deadline."""
    connection.execute(
        "UPDATE incident SET version = 1, due_at = NULL, stage = 'filed', filed_at = reported_at WHERE source_key = ANY(%s)", [list(keys)]
    )
    rollup.rebuild(connection, city.CITY)


def row(connection: Connection, key: str) -> tuple[Any, ...]:
    """What is stored of a deadline."""
    found = connection.execute(STORED, [key]).fetchone()
    assert found
    return found


def test_hours_are_read_as_they_were_written(connection: Connection) -> None:
    weeks = [OFFICE, Week((*((Span(0, 1440),),) * 6, (), (Span(600, 1900),)), date(2026, 6, 1))]
    assert write_hours(connection, city.CITY, weeks)
    assert not write_hours(connection, city.CITY, weeks)
    calendar = read_calendar(connection, city.CITY)
    assert (calendar.timezone, calendar.weeks, calendar.gazetted_until) == ("Asia/Shanghai", tuple(weeks), None)
    assert write_hours(connection, city.CITY, [OFFICE])
    assert read_calendar(connection, city.CITY).weeks == (OFFICE,)


def test_a_city_without_hours_works_from_nine_to_five(connection: Connection) -> None:
    assert [str(span) for span in read_calendar(connection, city.CITY).spans(date(2026, 10, 30))] == ["09:00-17:00"]
    with pytest.raises(UnknownCity, match=f"nearest is “{city.CITY}”"):
        read_calendar(connection, "990001")


def test_a_region_brings_its_days_and_how_far_they_are_official(connection: Connection) -> None:
    assert date(2026, 10, 10) in set_region(connection, city.CITY, "cn", TODAY)
    calendar = read_calendar(connection, city.CITY)
    assert calendar.gazetted_until == date(2026, 12, 31)
    assert calendar.days[date(2026, 10, 10)].kind == "work"
    assert min(calendar.days) == date(2023, 1, 1) and max(calendar.days).year == 2028
    assert refresh_library(connection, city.CITY, TODAY) == []
    assert date(2029, 1, 1) in refresh_library(connection, city.CITY, date(2027, 1, 1)), "the next year"
    set_region(connection, city.CITY, "DE-BE", TODAY)
    assert read_calendar(connection, city.CITY).days[date(2026, 3, 8)].name == "Frauentag"
    assert date(2026, 10, 10) not in read_calendar(connection, city.CITY).days


def test_uploaded_days_count_before_the_librarys_and_a_whole_year_replaces_its_guess(connection: Connection) -> None:
    set_region(connection, city.CITY, "CN", TODAY)
    guess = read_calendar(connection, city.CITY).days
    assert guess[date(2027, 2, 6)].name == "春节" and date(2027, 2, 14) not in guess
    festival = {date(2027, 2, 5): SpecialDay("off", "除夕"), date(2027, 2, 14): SpecialDay("work", "补班")}
    assert upload_days(connection, city.CITY, festival, None, TODAY) == [date(2027, 2, 5), date(2027, 2, 14)]
    assert read_calendar(connection, city.CITY).gazetted_until == date(2026, 12, 31), "a few days are no calendar"
    changed = upload_days(connection, city.CITY, festival, date(2027, 12, 31), TODAY)
    calendar = read_calendar(connection, city.CITY)
    assert date(2027, 2, 6) in changed and date(2027, 2, 6) not in calendar.days, "what the notice does not name is no holiday"
    assert (calendar.gazetted_until, calendar.days[date(2027, 2, 5)].name) == (date(2027, 12, 31), "除夕")
    assert date(2028, 1, 1) in calendar.days
    assert refresh_library(connection, city.CITY, TODAY) == []
    reach = read_reach(connection, city.CITY)
    assert reach and (reach.official_until, reach.uploaded_until) == (date(2026, 12, 31), date(2027, 12, 31))


def test_rules_are_taken_over_once_and_end_where_their_successors_begin(connection: Connection) -> None:
    first = write_rules(connection, city.CITY, [rule("env", "4 wh"), rule(None, "5 days")])
    assert (len(first.added), first.changed, first.ended) == (2, (), ())
    assert write_rules(connection, city.CITY, [rule("env", "4 wh")]).ids == ()
    assert write_rules(connection, city.CITY, [rule("env", "5 wh")]).changed == (first.added[0],)
    later = write_rules(connection, city.CITY, [rule("env", "2 wh", date(2026, 11, 1))])
    assert later.ended == (first.added[0],)
    ends = {one.id: one.valid_to for one in read_rules(connection, city.CITY)}
    assert ends == {first.added[0]: date(2026, 10, 31), first.added[1]: None, later.added[0]: None}
    assert write_rules(connection, city.CITY, [rule("env", "2 wh", date(2026, 11, 1))]).ids == ()


def test_rules_give_deadlines_to_cases_that_are_worked_here_alone(connection: Connection) -> None:
    """i05 and i17 are worked here; what the feed published as a deadline of the others stays."""
    make_worked(connection, "i05", "i17")
    published = connection.execute("SELECT source_key, due_at FROM incident WHERE version = 0 ORDER BY 1").fetchall()
    rules = write_rules(connection, city.CITY, [rule(None, "24 h")])
    effect = recompute(connection, city.CITY, NOW, rules.ids)
    assert dict(effect.by_rule) == {rules.added[0]: 2}
    assert connection.execute("SELECT source_key, due_at FROM incident WHERE version = 0 ORDER BY 1").fetchall() == published
    reported = connection.execute("SELECT reported_at FROM incident WHERE source_key = 'i05'").fetchone()
    assert reported
    assert row(connection, "i05")[:4] == (*(reported[0] + timedelta(hours=hours) for hours in (24, 18, 72)), False)
    assert rollup.compare(connection, city.CITY) == []
    assert recompute(connection, city.CITY, NOW).touched == 0, "a second time changes nothing"


def test_a_rule_change_says_beforehand_what_it_touches(connection: Connection) -> None:
    make_worked(connection, "i05", "i17", "i22")
    first = write_rules(connection, city.CITY, [rule(None, "1000 h")])
    recompute(connection, city.CITY, NOW)
    with connection.transaction(force_rollback=True):
        changed = write_rules(connection, city.CITY, [rule(None, "1 h")])
        effect = measure(connection, city.CITY, NOW, changed.ids)
        assert (effect.touched, effect.earlier, effect.later, effect.overdue, dict(effect.by_rule)) == (3, 3, 0, 3, {first.added[0]: 3})
    assert row(connection, "i05")[4] == first.added[0] and recompute(connection, city.CITY, NOW).touched == 0
    later = write_rules(connection, city.CITY, [rule(None, "1 h", date(2026, 11, 1))])
    assert measure(connection, city.CITY, NOW, later.ids).touched == 0, "cases keep the rule they were filed under"


def test_a_rule_of_a_category_touches_the_cases_of_those_below(connection: Connection) -> None:
    """i05 is of a category below env, i22 of that one, too, but with a rule of its own."""
    connection.execute("INSERT INTO category (city, subject, code, parent, name, name_en) SELECT %s, 'incident', code, 'env', code, code"
                       " FROM unnest(ARRAY['bin', 'tree']) c (code)", [city.CITY])  # fmt: skip
    make_worked(connection, "i05", "i22")
    connection.execute("UPDATE incident SET category = CASE source_key WHEN 'i05' THEN 'bin' ELSE 'tree' END"
                       " WHERE source_key IN ('i05', 'i22')")  # fmt: skip
    rollup.rebuild(connection, city.CITY)
    rules = write_rules(connection, city.CITY, [rule("env", "1 h"), rule("tree", "1000 h"), rule(None, "2 h")])
    before = measure(connection, city.CITY, NOW, rules.ids)
    effect = recompute(connection, city.CITY, NOW, rules.ids)
    assert effect == before and dict(effect.by_rule) == {rules.added[0]: 1, rules.added[1]: 1}
    assert (row(connection, "i05")[4], row(connection, "i22")[4]) == rules.added[:2]
    assert row(connection, "i05")[5] == "overdue" and rollup.compare(connection, city.CITY) == []
    own = write_rules(connection, city.CITY, [rule("bin", "3 h")])
    assert measure(connection, city.CITY, NOW, own.ids).touched == 0, "filed cases keep their rule"


def test_a_provisional_deadline_is_worked_out_again_when_the_calendar_comes(connection: Connection) -> None:
    set_region(connection, city.CITY, "CN", TODAY)
    write_hours(connection, city.CITY, [OFFICE])
    make_worked(connection, "i05")
    with rollup.changing_incidents(
        connection, city.CITY, connection.execute("SELECT district, id FROM incident WHERE source_key = 'i05'").fetchall()
    ):
        connection.execute("UPDATE incident SET reported_at = %s, filed_at = %s WHERE source_key = 'i05'", [at("2026-10-30 16:00")] * 2)
    write_rules(connection, city.CITY, [rule(None, "45 wd")])
    assert recompute(connection, city.CITY, NOW).provisional == 1
    before = row(connection, "i05")
    assert (before[0], before[3]) == (at("2027-01-04 23:59:59.999999"), True), "44 workdays of 2026, and Monday, the 4th"
    notice = {date(2027, 1, day): SpecialDay("off", "元旦") for day in (1, 2, 3, 4)} | {date(2027, 1, 9): SpecialDay("work")}
    changed = upload_days(connection, city.CITY, notice, date(2027, 12, 31), TODAY)
    assert [one.plan.due_at for one in find_touched(connection, city.CITY, NOW, days=changed)] == [at("2027-01-05 23:59:59.999999")]
    assert recompute(connection, city.CITY, NOW, days=changed).later == 1
    after = row(connection, "i05")
    assert (after[0], after[3]) == (at("2027-01-05 23:59:59.999999"), False)
    assert list(find_touched(connection, city.CITY, NOW, days=[])) == []


def test_pauses_are_read_from_the_steps(connection: Connection) -> None:
    make_worked(connection, "i05")
    write_rules(connection, city.CITY, [rule(None, "24 h")])
    recompute(connection, city.CITY, NOW)
    due = row(connection, "i05")[0]
    case = connection.execute("SELECT district, id, reported_at FROM incident WHERE source_key = 'i05'").fetchone()
    assert case
    for number, (step, hours) in enumerate([("pause", 1), ("resume", 6)], start=20):
        connection.execute(
            "INSERT INTO incident_event (district, incident_id, seq, at, stage, step) VALUES (%s, %s, %s, %s, 'filed', %s)",
            [*case[:2], number, case[2] + timedelta(hours=hours), step],
        )
    connection.execute("UPDATE incident SET paused_s = 18000 WHERE source_key = 'i05'")
    assert recompute(connection, city.CITY, NOW).later == 1
    assert row(connection, "i05")[0] == due + timedelta(hours=5)
