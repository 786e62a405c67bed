"""Rules and hours of the demo city."""

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from data.deadlines.rules import CaseFacts, plan
from data.deadlines.store import read_calendar, read_rules
from data.demo.common import names
from data.demo.common.catalogue import CATEGORIES
from data.demo.common.deadlines import HOURS, RULES
from data.demo.common.frame import AS_OF


def test_every_category_has_a_rule_and_calendar_hours_are_those_of_the_catalogue() -> None:
    whole = {rule.category: rule for rule in RULES if rule.condition is None}
    assert set(whole) == {category.code for category in CATEGORIES}
    units = {time.unit for rule in RULES for time in rule.times.values()}
    assert units == {"hours", "working_hours", "working_days"}
    for category in CATEGORIES:
        times = whole[category.code].times.values()
        if {time.unit for time in times} == {"hours"}:
            assert sum(time.amount for time in times) == Decimal(str(category.hours)), category.code


@pytest.mark.slow
def test_the_demo_city_counts_with_them(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        calendar, rules = read_calendar(connection, names.CITY_CODE), read_rules(connection, names.CITY_CODE)
    assert calendar.weeks == (HOURS,) and len(rules) == len(RULES)
    assert calendar.days[date(2026, 10, 10)].kind == "work" and calendar.gazetted_until is not None
    for category in CATEGORIES:
        found: Any = plan(CaseFacts(category.code, AS_OF), rules, calendar, AS_OF)
        assert AS_OF < found.amber_at < found.due_at < found.very_late_at
