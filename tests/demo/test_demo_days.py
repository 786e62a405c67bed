"""The demo city on other days: made up to any minute, by the rhythms of its own season, and up to now unless a day is given."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from databases import FreshDatabase
from demo_tools import one
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import pictures
from data import rollup
from data.core.viewer import everything
from data.demo.cases.cases import Reports, make_reports
from data.demo.cases.history import make_history
from data.demo.cases.progress import Fates, find_deadline_states
from data.demo.cases.rhythm import Rhythm, holidays_between, share_of_hours, storms_of
from data.demo.common import names
from data.demo.common.catalogue import CATEGORIES
from data.demo.common.frame import AS_OF, MORNING, PINNED_DAY, TIMEZONE, make_dice, morning_of
from data.demo.common.planted import load_planted
from data.demo.common.scale import FIRST_DAY, SCALES, NoSuchDay, Scale, find_scale, read_day
from data.demo.land.addresses import make_places
from data.demo.land.areas import make_tree
from data.demo.land.buildings import make_buildings
from data.demo.land.land_use import plan_land
from data.demo.land.plan import make_plan
from data.demo.land.roads import make_roads, make_sites
from data.demo.load import load_demo
from data.demo.people.register import make_people
from data.figures.reports import fetch_report
from data.schema import CHANNELS, DEADLINE_STATES, OPEN_STAGES, STAGES

SMALL = SCALES["test"]
MOMENTS = [
    "2028-02-29T10:17",
    "2026-01-01T00:00",  # midnight: nothing of this day has come in
    "2026-01-01T00:01",
    "2026-02-17T13:00",  # Spring Festival
    "2026-10-03T23:59",  # a holiday that goes on
    "2026-06-14T18:00",  # a storm that goes on
    "2027-03-13T09:40",  # a Saturday of a year whose notice has not come
    "2027-10-02T16:30",
    "2019-08-01T12:00",
    "2026-11-23T09:40",
]


def until(moment: str) -> Scale:
    return replace(SMALL, until=datetime.fromisoformat(moment).replace(tzinfo=TIMEZONE))


# ---- Days ----


@pytest.mark.parametrize(
    ("moment", "years", "first"),
    [
        ("2026-11-23T09:40", 2, date(2024, 11, 23)),
        ("2028-02-29T10:17", 2, date(2026, 2, 28)),
        ("2028-02-29T10:17", 4, date(2024, 2, 28)),
        ("2027-03-01T10:17", 3, date(2024, 3, 1)),
    ],
)
def test_cases_begin_some_years_before_to_the_day(moment: str, years: int, first: date) -> None:
    scale = replace(until(moment), years=years)
    assert scale.first_day == scale.calendar()[0] == first
    assert scale.calendar()[-1] == scale.until.date()
    assert scale.utc(np.array([float(scale.now_min)]))[0] == np.datetime64(scale.until.astimezone(UTC).replace(tzinfo=None))


def test_what_is_planted_lies_as_long_ago_on_every_day() -> None:
    last = date(2028, 2, 29)
    for fact, moved in zip(load_planted(), load_planted(last), strict=True):
        assert last - moved.first == PINNED_DAY - fact.first and moved.last - moved.first == fact.last - fact.first
        assert moved.added_factors(until("2028-02-29T10:17")).sum() == pytest.approx(fact.added_factors(SMALL).sum())


def test_holidays_of_a_year_without_a_notice_are_those_of_the_law() -> None:
    days = holidays_between(date(2027, 1, 1), date(2027, 12, 31))
    assert {date(2027, 1, 1), date(2027, 2, 6), date(2027, 5, 1), date(2027, 10, 1)} <= days, "6 February 2027 is Chinese New Year"
    assert not any(day.month in (3, 7, 8, 11, 12) for day in days)
    spring = {date(2026, 2, 15) + timedelta(days=n) for n in range(9)}
    assert holidays_between(date(2026, 2, 10), date(2026, 2, 28)) == spring


def test_storms_fall_in_every_summer_and_on_the_same_days_each_time() -> None:
    for year in range(FIRST_DAY.year - 3, 2091):
        assert storms_of(year) == storms_of(year)
        assert [storm.month for storm in storms_of(year)] in ([6, 7, 7], [6, 7, 8]), year


@given(st.datetimes(datetime(2005, 1, 1), datetime(2090, 12, 31, 23, 59)), st.sampled_from(CATEGORIES), st.sampled_from(CHANNELS))
@settings(max_examples=40, deadline=None)
def test_every_day_has_a_share_and_the_last_one_only_what_came_in(moment: datetime, category: Any, channel: str) -> None:
    rhythm = Rhythm(replace(SMALL, until=moment.replace(second=0, microsecond=0, tzinfo=TIMEZONE)))
    share = rhythm.share_of_days(category.code, channel)
    assert share.sum() == pytest.approx(1) and (share[:-1] > 0).all() and share[-1] >= 0
    drawn = np.random.default_rng(1).random(500)
    minutes = rhythm.minutes_of_last_day(np.full(500, CHANNELS.index(channel)), drawn)
    assert (minutes >= 0).all() and (minutes < max(moment.hour * 60 + moment.minute, 1)).all()


@pytest.mark.parametrize("channel", ["grid_worker", "sensor", "hotline"])
def test_the_hours_of_today_are_those_of_the_channel_as_far_as_they_have_gone(channel: str) -> None:
    drawn = (np.arange(100_000) + 0.5) / 100_000
    minutes = Rhythm(until("2026-11-26T18:30")).minutes_of_last_day(np.full(len(drawn), CHANNELS.index(channel)), drawn)
    found = np.bincount((minutes // 60).astype(int), minlength=24) / len(minutes)
    expected = share_of_hours(channel)
    expected[18] /= 2
    expected[19:] = 0
    assert np.abs(found - expected / expected.sum()).max() < 1e-3
    whole = Rhythm(until("2026-11-26T23:59")).share_of_days("env", channel)
    part = Rhythm(until("2026-11-26T18:30")).share_of_days("env", channel)
    assert part[-1] / part[0] == pytest.approx(whole[-1] / whole[0] * expected.sum(), rel=1e-2)


@pytest.mark.parametrize("text", ["", "now", "2026-13-01", "2026-02-30", "2004-12-31", "2026-11-30", "23.11.2026", "9999-12-31"])
def test_a_day_to_which_no_city_can_be_made_is_refused_in_words(text: str) -> None:
    with pytest.raises(NoSuchDay, match="2026-11-23"):
        read_day(text, date(2026, 11, 29))
    assert read_day("2005-01-01", date(2026, 11, 29)) == FIRST_DAY
    assert read_day("2026-11-29", date(2026, 11, 29)) == date(2026, 11, 29)


# ---- Cases ----


@pytest.fixture(scope="module")
def ground() -> tuple[Any, ...]:
    """Everything that does not depend on the day."""
    plan = make_plan(SMALL)
    tree = make_tree(plan)
    sites = make_sites(plan, make_roads(plan))
    land = plan_land(plan, sites)
    built = make_buildings(plan, land, sites)
    return tree, make_places(plan, tree), sites, built, make_people(plan, land, built)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_cases_come_in_up_to_the_minute_and_stand_as_they_should(ground: tuple[Any, ...], moment: str) -> None:
    scale, tree = until(moment), ground[0]
    reports, _ = make_reports(scale, *ground)
    assert isinstance(reports, Reports) and len(reports.minute) == scale.incidents
    assert reports.minute.min() >= 0 and reports.minute.max() < scale.now_min
    assert scale.now_min - reports.minute.max() < 1440, "somebody reported something within a day"
    reports = reports.some(slice(None))
    progress = Fates(scale, tree).progress(reports)
    assert np.nanmax(progress.closed) <= scale.now_min and (progress.due > reports.minute).all()
    assert np.nanmax(make_history(scale, reports, progress, make_dice(9)).minute) <= scale.now_min
    is_open = progress.stage < len(OPEN_STAGES)
    states = find_deadline_states(reports, progress, scale)
    share = {state: np.mean(states[is_open] == k) for k, state in enumerate(DEADLINE_STATES)}
    assert 0.05 < share["overdue"] < 0.25 and 0.04 < share["amber"] < 0.30 and share["paused"] > 0, share
    assert 0.002 < is_open.mean() < 0.01, is_open.mean()
    closed = ~np.isnan(progress.closed)
    assert 0.90 < np.mean(progress.closed[closed] <= progress.due[closed]) < 0.95
    assert set(np.unique(progress.stage)) == set(range(len(STAGES)))


@pytest.mark.slow
async def test_without_a_day_the_city_is_made_up_to_now_and_lives(fresh_database: FreshDatabase) -> None:
    began = datetime.now(UTC)
    with fresh_database() as url, psycopg.connect(url) as connection:
        load_demo(connection, "test")
        as_of, states_at = connection.execute("SELECT as_of, states_at FROM city").fetchone() or (0, 0)
        assert as_of is None and began <= states_at
        minute = began.replace(second=0, microsecond=0)
        newest = one(connection, "SELECT max(reported_at) FROM incident")
        assert newest < datetime.now(UTC) and minute - newest < timedelta(days=1)
        assert one(connection, "SELECT max(greatest(reported_at, closed_at)) FROM incident") <= datetime.now(UTC)
        assert one(connection, "SELECT count(*) FROM incident_event WHERE at > now()") == 0
        assert rollup.compare(connection, names.CITY_CODE) == []
        connection.commit()
        told = (await fetch_report(names.CITY_CODE, None, everything()))["city"]
    assert told["current"] and datetime.fromisoformat(told["as_of"]) >= minute
    assert told["newest_case"] and date.fromisoformat(told["today"]) - date.fromisoformat(told["newest_case"]) <= timedelta(days=1)


def test_a_given_day_stands_for_its_morning() -> None:
    assert morning_of(PINNED_DAY) == AS_OF and AS_OF.time() == MORNING == time(9, 40)
    assert find_scale("test") == SMALL and find_scale("test", until=morning_of(date(2026, 5, 1))).first_day == date(2024, 5, 1)


def test_pictures_of_the_documents_are_of_the_pinned_city_alone(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        made = "INSERT INTO city (code, name, name_en, timezone, as_of) VALUES (%s, '', '', 'Asia/Shanghai', NULL)"
        owner.execute(made, [names.CITY_CODE])
        with pytest.raises(pictures.OtherCity, match="--until 2026-11-23"):
            pictures._check_city()
        owner.execute("UPDATE city SET as_of = %s", [AS_OF])
        pictures._check_city()
