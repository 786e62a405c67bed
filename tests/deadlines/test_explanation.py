"""Why a deadline is what it is: every line, in both languages, for deadlines worked by hand."""

from datetime import timedelta

import pytest
from working_calendars import at, china

from data.deadlines.explanation import explain
from data.deadlines.rules import CaseFacts, Rule, parse_duration, plan
from data.deadlines.working_time import Pause

NOW = at("2026-11-29 12:00")


def told(case: CaseFacts, rule: Rule, lang: str) -> list[str]:
    """The sentences."""
    return [line.text for line in explain(case, [rule], china(), NOW, lang)]


def test_the_spring_festival_line_by_line() -> None:
    """Reported on Friday, 13 February 2026, at 16:00; eight and a half hours are used up on the make-up Saturday."""
    rule = Rule(7, "env", None, {"handling": parse_duration("9 wh")}, closing="现场清理干净", closing_en="the place is clean")
    case = CaseFacts("env", at("2026-02-13 16:00"))
    assert told(case, rule, "en") == [
        "Reported at 13 Feb (Fri) 16:00.",
        "Handling, time allowed in working hours: 9.",
        "Nights and breaks outside the city's hours do not count.",
        "13 Feb (Fri): 16:00-17:30, 1.5 h; 1.5 of 9 h.",
        "14 Feb (Sat), a make-up workday: 09:00-12:00, 13:30-17:30, 7 h; 8.5 of 9 h.",
        "15 Feb (Sun) to 16 Feb (Mon): Chinese New Year's Eve, does not count.",
        "17 Feb (Tue) to 23 Feb (Mon): Chinese New Year (Spring Festival), does not count.",
        "24 Feb (Tue): 09:00-09:30, 0.5 h; 9 of 9 h.",
        "Due at 24 Feb (Tue) 09:30.",
        "Counts as solved when: the place is clean",
    ]
    assert told(case, rule, "zh") == [
        "上报时间：02-13（周五）16:00。",
        "处置时限：9个工作时。",
        "夜间和工作时间以外的时段不计入。",
        "02-13（周五）：16:00-17:30，计1.5小时；累计1.5／9小时。",
        "02-14（周六）（调休上班）：09:00-12:00，13:30-17:30，计7小时；累计8.5／9小时。",
        "02-15（周日）至02-16（周一）：农历除夕，不计入。",
        "02-17（周二）至02-23（周一）：春节，不计入。",
        "02-24（周二）：09:00-09:30，计0.5小时；累计9／9小时。",
        "截止时间：02-24（周二）09:30。",
        "结案标准：现场清理干净",
    ]


def test_days_weekends_pauses_and_what_is_provisional() -> None:
    rule = Rule(7, None, None, {"filing": parse_duration("2 h"), "handling": parse_duration("3 wd")})
    pause = Pause(at("2026-12-28 10:00"), at("2026-12-29 10:00"), "等待配件")
    case = CaseFacts("env", at("2026-12-25 23:00"), pauses=(pause,))
    assert told(case, rule, "en") == [
        "Reported at 25 Dec (Fri) 23:00.",
        "Filing, time allowed in hours, day and night: 2.",
        "25 Dec (Fri) 23:00 to 26 Dec (Sat) 01:00, day and night: 2 h.",
        "Handling, time allowed in working days: 3.",
        "The day on which counting begins does not count; the last day lasts until its end.",
        "27 Dec (Sun): free by the city's hours, does not count.",
        "28 Dec (Mon): paused, does not count.",
        "29 Dec (Tue): working day 1 of 3.",
        "30 Dec (Wed): working day 2 of 3.",
        "31 Dec (Thu): working day 3 of 3.",
        "Paused from 28 Dec (Mon) 10:00 to 29 Dec (Tue) 10:00: no time counted. 等待配件",
        "Due at 31 Dec (Thu) 23:59.",
    ]
    later = Rule(7, None, None, {"handling": parse_duration("5 wd")})
    assert told(case, later, "en")[-2] == (
        "Provisional: holidays are gazetted until 31 Dec only. The deadline is worked out again when the next calendar is there."
    )
    assert told(case, later, "zh")[-2] == "暂定：目前只公布到12-31的放假安排，新的安排公布后将重新计算截止时间。"


def test_closed_hours_midnight_and_a_pause_that_goes_on() -> None:
    rule = Rule(7, None, None, {"dispatching": parse_duration("1 wh"), "verifying": parse_duration("1 wd")})
    case = CaseFacts("env", at("2026-03-04 18:00"), pauses=(Pause(at("2026-03-05 11:00")),))
    lines = told(case, rule, "zh")
    assert "03-04（周三）：非工作时间，不计入。" in lines
    assert "自03-05（周四）11:00起挂账，恢复前不计时。" in lines


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_rule_no_deadline(lang: str) -> None:
    case = CaseFacts("env", at("2026-03-04 10:00"))
    assert [line.kind for line in explain(case, [], china(), NOW, lang)] == ["none"]
    assert [line.kind for line in explain(case, [Rule(1, "env", None, {})], china(), NOW, lang)] == ["none"]


@pytest.mark.parametrize("time", ["1 wh", "9 wh", "40 wh", "1 wd", "20 wd", "72 h"])
def test_the_last_line_is_the_plan(time: str) -> None:
    """Explanation and plan count with the same code; what is told is what is stored."""
    case, rules = CaseFacts("env", at("2026-02-11 16:20")), [Rule(1, None, None, {"handling": parse_duration(time)})]
    lines, found = explain(case, rules, china(), NOW, "en"), plan(case, rules, china(), NOW)
    assert found.due_at
    due = found.due_at + timedelta(hours=8)
    assert next(line for line in lines if line.kind == "due").text.endswith(f"{due:%H:%M}.")
    assert f"{due:%-d %b} (" in lines[-1].text
