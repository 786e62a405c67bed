"""Periods, roles and viewers at their limits."""

from datetime import date, timedelta

import pytest

from data.core.errors import BadPeriod
from data.core.period import DEFAULT_DAYS, LONGEST_DAYS, Period
from data.core.roles import DETAILS, ROLES, allowed_detail, may
from data.core.viewer import Viewer, everything

DAY = date(2026, 10, 31)

# ---- Periods ----


def test_the_longest_period_has_twenty_years() -> None:
    assert Period(DAY - timedelta(LONGEST_DAYS - 1), DAY).days == LONGEST_DAYS == 7320
    with pytest.raises(BadPeriod):
        Period(DAY - timedelta(LONGEST_DAYS), DAY)


def test_the_shortest_period_is_one_day() -> None:
    assert Period(DAY, DAY).days == 1 and Period(DAY, DAY).dates() == [DAY]
    with pytest.raises(BadPeriod):
        Period(DAY, DAY - timedelta(1))


@pytest.mark.parametrize(("day", "good"), [("1900-01-01", True), ("1899-12-31", False), ("2200-12-31", True), ("2201-01-01", False)])
def test_the_first_and_the_last_year_that_can_be_asked_for(day: str, good: bool) -> None:
    if good:
        assert Period.parse(day, day).start.isoformat() == day
    else:
        with pytest.raises(BadPeriod):
            Period.parse(day, day)


@pytest.mark.parametrize(("start", "end"), [("1899-12-31", "1900-01-01"), ("2200-12-31", "2201-01-01"), ("2201-01-01", "2200-12-31")])
def test_both_days_lie_in_years_that_can_be_asked_for(start: str, end: str) -> None:
    with pytest.raises(BadPeriod) as told:
        Period.parse(start, end)
    assert told.value.facts["reason"] == "only the years 1900 to 2200 can be asked for"


@pytest.mark.parametrize(
    ("start", "end", "touches"), [(-9, -6, False), (-9, -5, True), (-5, 0, True), (0, 9, True), (1, 9, False), (-3, -2, True)]
)
def test_periods_touch_where_they_share_a_day(start: int, end: int, touches: bool) -> None:
    own, other = Period(DAY - timedelta(5), DAY), Period(DAY + timedelta(start), DAY + timedelta(end))
    assert own.touches(other) == other.touches(own) == touches


def test_periods_before() -> None:
    month = Period.last_days(DEFAULT_DAYS, DAY)
    assert (month.start, month.days) == (date(2026, 10, 2), 30)
    assert month.previous() == Period(date(2026, 9, 2), date(2026, 10, 1))
    assert month.year_before() == Period(date(2025, 10, 2), date(2025, 10, 31))
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).year_before() == Period(date(2023, 2, 28), date(2023, 3, 1))
    assert Period(date(2025, 2, 28), date(2025, 2, 28)).year_before().end == date(2024, 2, 28)


# ---- Roles ----

HIGHEST = {
    **{"wall": "figures", "hazard_feed": "figures", "data_feed": "figures", "auditor": "figures"},
    **{"dispatcher": "cases", "leader": "cases", "administrator": "cases"},
    **{"grid_worker": "people", "supervisor": "people", "steward": "people"},
}
ABLE = {
    "password": set(HIGHEST) - {"wall", "hazard_feed", "data_feed"},
    "reveal": {"grid_worker", "supervisor", "steward"},
    "find_people": {"grid_worker", "supervisor", "steward"},
    "imports": {"steward"},
    "audit": {"auditor"},
    "accounts": {"administrator"},
    **{ability: {"grid_worker", "dispatcher", "supervisor"} for ability in ("report_cases", "verify_cases")},
    **{ability: {"dispatcher", "supervisor"} for ability in ("dispatch_cases", "answer_cases")},
    "remind_cases": {"dispatcher", "supervisor", "leader"},
    "handle_cases": {"grid_worker", "supervisor"},
    "remark_cases": {"grid_worker", "dispatcher", "supervisor", "leader"},
    "person_figures": {"supervisor", "leader"},
    "call": {"grid_worker", "dispatcher", "supervisor", "leader", "steward"},
    "manage_rules": {"supervisor", "administrator"},
    "steer_walls": {"dispatcher", "supervisor", "leader", "administrator"},
    "manage_walls": {"supervisor", "administrator"},
    "schedule_reports": {"supervisor", "administrator"},
    "tell_hazards": {"hazard_feed", "supervisor", "administrator"},
    "deliver_feeds": {"data_feed", "steward"},
}


def test_what_each_role_sees_at_most_and_may_do() -> None:
    assert {role: its.highest for role, its in ROLES.items()} == HIGHEST
    assert {ability: {role for role in ROLES if may(role, ROLES[role].highest, ability)} for ability in ABLE} == ABLE  # type: ignore[arg-type]


def test_detail_is_lowered_and_never_raised() -> None:
    for role, highest in HIGHEST.items():
        order = {detail: DETAILS.index(detail) for detail in DETAILS}
        for wanted in DETAILS:
            assert allowed_detail(role, wanted) == min(wanted, highest, key=order.__getitem__)
        assert allowed_detail(role, None) == highest
    assert allowed_detail("king", "figures") is None and allowed_detail("", None) is None


@pytest.mark.parametrize("ability", ABLE)
def test_less_detail_takes_away_what_is_about_people_alone(ability: str) -> None:
    for detail in ("figures", "cases", None):
        able = {role for role in ROLES if may(role, detail, ability)}  # type: ignore[arg-type]
        lost = ability in ("reveal", "find_people", "imports") or (
            ability.endswith(("_cases", "person_figures", "call", "manage_rules", "_walls", "schedule_reports")) and detail != "cases"
        )
        assert able == (set() if lost else ABLE[ability])


# ---- Viewers ----


def test_rights_are_the_same_exactly_where_the_same_is_seen() -> None:
    base = {"detail": "cases", "scope": "a", "figures": "b", "zone": ""}
    others = [{}, {"detail": "people"}, {"detail": None}, {"scope": "b"}, {"scope": "*"}, {"figures": "a"}, {"zone": "z"}]
    digests = [Viewer(**{**base, **other}).rights for other in others]  # type: ignore[arg-type]
    assert len(set(digests)) == len(others)
    assert Viewer(scope="a", figures="bc").rights != Viewer(scope="ab", figures="c").rights
    same = Viewer("li", "Li", "en", 7, "leader", "cases", "a", "b", "", "code", "192.0.2.7", "s")  # type: ignore[arg-type]
    assert same.rights == digests[0]


@pytest.mark.parametrize(
    ("viewer", "everywhere"), [(everything(), True), (Viewer(scope="*", zone="Q"), False), (Viewer(scope="a"), False), (Viewer(), False)]
)
def test_who_sees_everywhere(viewer: Viewer, everywhere: bool) -> None:
    assert viewer.everywhere == everywhere


@pytest.mark.parametrize(
    ("detail", "role"),
    [(None, "gridwell_figures"), ("figures", "gridwell_figures"), ("cases", "gridwell_cases"), ("people", "gridwell_people")],
)
def test_the_database_role_follows_the_detail(detail: str | None, role: str) -> None:
    assert Viewer(detail=detail).db_role == role  # type: ignore[arg-type]
