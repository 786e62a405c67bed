"""Rules that are never reached or overlap, and what is wrong with rules that somebody wrote."""

from datetime import date

import pytest

from data.organisation.model import GRID_HEAD, RoutingRule, parse_hours
from data.rules.deadline_rules import read_deadlines
from data.rules.faults import RulesRefused
from data.rules.known import MOST_RULES, Known
from data.rules.routing_rules import find_remarks, read_routing, write_routing

TODAY = date(2026, 11, 29)
KNOWN = Known(
    {"env": frozenset({"env"}), "bin": frozenset({"bin", "env"}), "order": frozenset({"order"})},
    {"d1": frozenset({"d1", "city"}), "s1": frozenset({"s1", "d1", "city"}), "s2": frozenset({"s2", "d2", "city"})},
    frozenset({"a", "b"}),
    TODAY,
)


def rule(unit: str, hours: str | None = None, **facts: object) -> RoutingRule:
    return RoutingRule(0, 0, unit, hours=parse_hours(hours) if hours else None, **facts)  # type: ignore[arg-type]


def remarks(*rules: RoutingRule) -> list[tuple[int, str]]:
    return [(one["rule"], one["code"]) for one in find_remarks(rules, KNOWN, "en")]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (rule("a"), rule("b", category="env"), "never_reached"),
        (rule("a", category="env"), rule("b", category="bin"), "never_reached"),
        (rule("a", category="env"), rule("b", category="bin", area="s1"), "never_reached"),
        (rule("a", area="d1"), rule("b", area="s1"), "never_reached"),
        (rule("a", hours="18:00-08:00"), rule("b", hours="20:00-02:00"), "never_reached"),
        (rule("a", channel="hotline"), rule("b", channel="hotline"), "never_reached"),
        (rule("a", valid_from=date(2026, 1, 1)), rule("b"), "never_reached"),  # whatever it was before today
        (rule("a", category="bin"), rule("b", category="env"), None),  # the special one first: as it should be
        (rule("a", area="s1"), rule("b", area="s2"), None),
        (rule("a", category="env", area="s1"), rule("b", category="bin", area="d1"), "overlap"),
        (rule("a", hours="18:00-08:00"), rule("b", hours="06:00-20:00"), "overlap"),
        (rule("a", hours="18:00-08:00"), rule("b", hours="08:00-18:00"), None),  # the end is outside
        (rule("a", hours="18:00-08:00"), rule("a", hours="06:00-20:00"), None),  # the same unit: the order does not matter
        (rule("a", valid_to=TODAY), rule("b", category="env"), None),
        (rule("a", valid_to=date(2026, 11, 28)), rule("b", valid_from=TODAY), None),
        (rule(GRID_HEAD), rule("b"), None),  # where an area has no head, the next is tried
    ],
)
def test_what_is_odd_about_the_order_is_told(first: RoutingRule, second: RoutingRule, code: str | None) -> None:
    assert remarks(first, second) == ([(1, code)] if code else [])


def test_a_rule_that_has_ended_is_no_longer_spoken_of() -> None:
    assert remarks(rule("a"), rule("b", valid_to=date(2026, 11, 28))) == []
    told = find_remarks([rule("a"), rule("b")], KNOWN, "zh")
    assert told[0]["sentence"].startswith("规则 2") and "规则 1" in told[0]["sentence"]


def faults(body: dict[str, object]) -> dict[str, str]:
    with pytest.raises(RulesRefused) as refused:
        read_routing(body, KNOWN)
    return {one.field: one.code for one in refused.value.faults}


def test_every_fault_of_every_rule_is_told() -> None:
    wrong = {"category": "enw", "area": "s9", "channel": "hotlin", "hours": "8-18", "valid_from": "tomorrow", "unit": "c"}
    assert faults({"rules": [{"unit": "a"}, wrong, {"unit": "b", "valid_from": "2026-02-01", "valid_to": "2026-01-31"}, "no rule"]}) == {
        "rules.1.category": "no_category",
        "rules.1.area": "no_area",
        "rules.1.channel": "no_channel",
        "rules.1.hours": "no_hours",
        "rules.1.valid_from": "no_day",
        "rules.1.unit": "no_unit",
        "rules.2.valid_to": "backwards",
        "rules.3.unit": "needed",
    }
    assert faults({"rules": [{}] * (MOST_RULES + 1)}) == {"rules": "bad_list"} and faults({"rules": "x"}) == {"rules": "bad_list"}
    assert faults({"rules": [{"unit": "a", "category": "x\x00"}]}) == {"rules.0.category": "bad_text"}


def test_rules_are_read_as_they_are_written() -> None:
    written = {"id": 5, "unit": "a", "category": "bin", "area": "s1", "channel": "hotline", "hours": "18:00-08:00"}
    days = {"valid_from": "2026-12-01", "valid_to": None}
    assert write_routing(read_routing({"rules": [{**written, **days}]}, KNOWN)[0]) == {**written, **days}
    assert read_routing({"rules": []}, KNOWN) == []


def test_rules_of_deadlines_begin_today_or_later() -> None:
    from data.deadlines.rules import Rule

    stored = [Rule(1, "env", None, {}), Rule(2, "env", None, {}, date(2026, 12, 24))]
    body = {
        "rules": [
            {"category": "bin", "handling": "4 wh", "valid_from": "2026-11-28"},
            {"category": "bin", "handling": "soon", "valid_from": "2026-11-29"},
            {"category": "bin", "valid_from": "2026-12-01"},
            {"category": "bin", "handling": "4 working_hours"},
            {"category": "bin", "handling": "1 d", "valid_from": "2026-11-29"},
        ],
        "ends": [{"id": 1, "valid_to": "2026-11-28"}, {"id": 2, "valid_to": "2026-12-01"}, {"id": 9, "valid_to": "2026-12-01"}],
        "withdraw": [1, "x"],
    }
    with pytest.raises(RulesRefused) as refused:
        read_deadlines(body, KNOWN, stored)
    assert {one.field: one.code for one in refused.value.faults} == {
        "rules.0.valid_from": "past",
        "rules.1.handling": "no_time",
        "rules.2.handling": "no_times",
        "rules.3.valid_from": "needed",
        "rules.4.category": "twice",
        "ends.0.valid_to": "past_end",
        "ends.1.valid_to": "backwards",
        "ends.2.id": "no_rule",
        "withdraw.0": "begun",
        "withdraw.1": "no_rule",
    }
    with pytest.raises(RulesRefused):
        read_deadlines({}, KNOWN, stored)
    change = read_deadlines({"ends": [{"id": 1, "valid_to": "2026-11-29"}], "withdraw": [2]}, KNOWN, stored)
    assert (change.ends, change.withdrawn) == ({1: TODAY}, (2,))
