"""Which rule a case has, until when, from when on it is amber, and what is provisional."""

from datetime import date

import pytest
from working_calendars import OFFICE, at, china

from data.deadlines.calendar import SpecialDay
from data.deadlines.rules import CaseFacts, Plan, Rule, find_rule, parse_duration, plan, spread_rules
from data.deadlines.working_time import Pause

NOW = at("2026-11-29 12:00")


def rule(number: int = 1, category: str | None = None, condition: str | None = None, **facts: object) -> Rule:
    """A rule; times are given as texts by step."""
    times = {step: parse_duration(str(facts.pop(step))) for step in ("filing", "dispatching", "handling", "verifying") if step in facts}
    return Rule(number, category, condition, times, **facts)  # type: ignore[arg-type]


def test_the_closest_rule_counts() -> None:
    every, env, main = rule(1), rule(2, "env"), rule(3, "env", "main road")
    older = rule(4, "env", valid_to=date(2025, 12, 31))
    rules = [main, every, older, env]
    day = date(2026, 3, 4)
    assert find_rule(rules, "env", "main road", day) is main
    assert find_rule(rules, "env", "lane", day) is env
    assert find_rule(rules, "env", None, day) is env
    assert find_rule(rules, "order", "main road", day) is every
    assert find_rule([env, main], "order", None, day) is None
    assert find_rule([main], "env", None, day) is None


PARENTS = {"env": None, "waste": "env", "bin": "waste", "order": None, "left": "right", "right": "left"}


def test_a_rule_holds_for_the_categories_below_that_have_none_of_their_own() -> None:
    every, env, main, waste = rule(1), rule(2, "env"), rule(3, "env", "main road"), rule(4, "waste", valid_to=date(2026, 6, 30))
    rules = spread_rules([every, env, main, waste], PARENTS)
    found = {(code, day): find_rule(rules, code, "main road", day) for code in PARENTS for day in (date(2026, 6, 30), date(2026, 7, 1))}
    assert {key: one and one.id for key, one in found.items()} == {
        **{(code, day): 3 for code in ("env", "waste", "bin") for day in (date(2026, 6, 30), date(2026, 7, 1))},
        ("waste", date(2026, 6, 30)): 4,  # the own rule of a category comes before the condition of one above
        ("bin", date(2026, 6, 30)): 4,  # the nearest
        **{(code, day): 1 for code in ("order", "left", "right") for day in (date(2026, 6, 30), date(2026, 7, 1))},
    }
    assert find_rule(rules, "bin", None, date(2026, 7, 1)) == env and find_rule(rules, "unknown", None, date(2026, 7, 1)) == every
    ring = spread_rules([rule(1, "left")], PARENTS)
    assert find_rule(ring, "right", None, date(2026, 7, 1)) == ring[0], "a ring of categories ends where it closes"


def test_rules_are_valid_from_their_first_day_to_their_last() -> None:
    old, new = rule(1, "env", valid_to=date(2026, 6, 30)), rule(2, "env", valid_from=date(2026, 7, 1))
    assert [find_rule([new, old], "env", None, day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [old, new]
    gap = rule(2, "env", valid_from=date(2026, 7, 3))
    assert find_rule([gap, old], "env", None, date(2026, 7, 2)) is None
    both = rule(3, "env")
    assert find_rule([both, new], "env", None, date(2026, 7, 1)) is new, "the one that is valid since the later day"


def test_a_case_keeps_the_rule_it_was_filed_under() -> None:
    """Reported on 30 June under the old rule; the new rule holds from 1 July for cases that are filed then."""
    old = rule(1, "env", handling="4 wh", valid_to=date(2026, 6, 30))
    new = rule(2, "env", handling="2 wh", valid_from=date(2026, 7, 1))
    rules, reported = [old, new], at("2026-06-30 17:00")
    assert plan(CaseFacts("env", reported), rules, china(), NOW).rule_id == 1
    filed = CaseFacts("env", reported, "filed", filed_at=at("2026-07-01 09:10"))
    assert plan(filed, rules, china(), NOW).rule_id == 2
    assert plan(filed, rules, china(), NOW).due_at == at("2026-07-01 10:30")
    kept = CaseFacts("env", reported, "in_progress", filed_at=at("2026-06-30 17:20"), rule_id=1)
    assert plan(kept, rules, china(), NOW).due_at == at("2026-07-01 14:00")
    assert plan(CaseFacts("env", reported, rule_id=99), rules, china(), NOW).rule_id == 1, "its rule is gone: it gets one again"


def test_the_day_of_a_rule_is_the_citys() -> None:
    """16:30 UTC on 30 June is half past midnight on 1 July in Shanghai."""
    new = rule(2, "env", handling="2 h", valid_from=date(2026, 7, 1))
    assert plan(CaseFacts("env", at("2026-07-01 00:30")), [new], china(), NOW).rule_id == 2
    assert plan(CaseFacts("env", at("2026-06-30 23:59:59")), [new], china(), NOW) == Plan()


def test_steps_follow_each_other() -> None:
    """Filing until the end of Wednesday, dispatching until 10:00 on Thursday, handling 6 working hours, verifying 24 hours."""
    four = rule(filing="1 wd", dispatching="1 wh", handling="6 wh", verifying="24 h")
    found = plan(CaseFacts("env", at("2026-03-03 15:00")), [four], china(), NOW)
    assert found.due_at == at("2026-03-06 17:30")
    assert found.stage_due_at == at("2026-03-04 23:59:59.999999")


@pytest.mark.parametrize(
    ("stage", "since", "dispatched", "expected"),
    [
        ("reported", "2026-03-04 10:00", None, "2026-03-04 11:00"),
        ("filed", "2026-03-04 10:30", None, "2026-03-04 11:30"),
        ("dispatched", "2026-03-04 11:00", "2026-03-04 11:00", "2026-03-04 14:30"),
        ("in_progress", "2026-03-04 14:00", "2026-03-04 11:00", "2026-03-04 14:30"),  # accepting a case gives no time
        ("in_progress", "2026-03-04 14:00", None, "2026-03-04 16:00"),
        ("feedback", "2026-03-04 17:00", None, "2026-03-05 09:30"),
        ("closed", "2026-03-04 17:00", None, None),
    ],
)
def test_each_stage_has_its_own_deadline(stage: str, since: str, dispatched: str | None, expected: str | None) -> None:
    four = rule(filing="1 wh", dispatching="1 h", handling="2 wh", verifying="1 wh")
    case = CaseFacts("env", at("2026-03-04 10:00"), stage, stage_at=at(since), dispatched_at=at(dispatched) if dispatched else None)
    assert plan(case, [four], china(), NOW).stage_due_at == (at(expected) if expected else None)


def test_a_step_without_a_time_has_no_deadline_of_its_own() -> None:
    found = plan(CaseFacts("env", at("2026-03-04 10:00")), [rule(handling="2 wh")], china(), NOW)
    assert found.stage_due_at is None
    assert found.due_at == at("2026-03-04 12:00")
    assert plan(CaseFacts("env", at("2026-03-04 10:00")), [rule()], china(), NOW) == Plan()


@pytest.mark.parametrize(
    ("time", "amber", "due", "very_late"),
    [
        ("8 h", "2026-03-06 22:00", "2026-03-07 00:00", "2026-03-07 16:00"),
        # Friday, 16:00: an hour and a half on Friday, the rest on Monday (not three quarters of the weekend).
        ("4 wh", "2026-03-09 10:30", "2026-03-09 11:30", "2026-03-10 14:00"),
        ("1 wh", "2026-03-06 16:45", "2026-03-06 17:00", "2026-03-09 10:30"),
        # Of days, whole ones count: Monday and Tuesday; three quarters are over at noon on Tuesday.
        ("2 wd", "2026-03-10 12:00", "2026-03-10 23:59:59.999999", "2026-03-16 23:59:59.999999"),
        ("1 wd", "2026-03-09 18:00", "2026-03-09 23:59:59.999999", "2026-03-11 23:59:59.999999"),
    ],
)
def test_amber_and_very_late_by_the_time_that_counts(time: str, amber: str, due: str, very_late: str) -> None:
    found = plan(CaseFacts("env", at("2026-03-06 16:00")), [rule(handling=time)], china(), NOW)
    assert (found.amber_at, found.due_at, found.very_late_at) == (at(amber), at(due), at(very_late))


def test_pauses_move_amber_too() -> None:
    """Four hours from 10:00 on Wednesday, paused from 11:00 to 15:00: three hours are used at 17:00."""
    case = CaseFacts("env", at("2026-03-04 10:00"), pauses=(Pause(at("2026-03-04 11:00"), at("2026-03-04 15:00")),))
    found = plan(case, [rule(handling="4 h")], china(), NOW)
    assert (found.amber_at, found.due_at) == (at("2026-03-04 17:00"), at("2026-03-04 18:00"))


@pytest.mark.parametrize(
    ("time", "provisional"),
    [("1 wh", False), ("8.5 wh", False), ("8.6 wh", True), ("1 wd", False), ("2 wd", True), ("500 h", False)],
)
def test_working_time_beyond_the_gazette_is_provisional(time: str, provisional: bool) -> None:
    """The year 2026 ends with a Thursday; nothing is known of 2027 but its weekdays."""
    found = plan(CaseFacts("env", at("2026-12-30 16:00")), [rule(handling=time)], china(), NOW)
    assert found.provisional is provisional


def test_a_provisional_deadline_is_another_when_the_calendar_comes() -> None:
    """Before the notice, 1 January 2027 is a Friday as any other; with it the day is free, and Sunday, the 3rd, is worked."""
    case, rules = CaseFacts("env", at("2026-12-30 16:00")), [rule(handling="2 wd")]
    before = plan(case, rules, china(), NOW)
    assert (before.due_at, before.provisional) == (at("2027-01-01 23:59:59.999999"), True)
    notice = {date(2027, 1, 1): SpecialDay("off", "元旦"), date(2027, 1, 3): SpecialDay("work", "调休上班")}
    after = plan(case, rules, china(OFFICE, until=date(2027, 12, 31), days=notice), NOW)
    assert (after.due_at, after.provisional) == (at("2027-01-03 23:59:59.999999"), False)
