"""The demo city in other sizes: made month by month like a metropolis, and counted in the database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from databases import FreshDatabase
from demo_tools import fingerprint, one

from data import rollup
from data.database import partitions
from data.demo.cases.cases import Reports, group_by_month
from data.demo.cases.history import select_with_history
from data.demo.cases.progress import Progress
from data.demo.common import names
from data.demo.common.frame import PINNED_DAY
from data.demo.common.names import Name
from data.demo.common.planted import find_place, load_planted
from data.demo.common.scale import FEWEST_CASES, SCALES, CasesOutOfRange, find_scale
from data.demo.disk_space import NoRoom, check_room, estimate_bytes, find_data_folder
from data.demo.load import load_demo
from data.demo.registry import remove_city
from data.schema import STAGES

pytestmark = pytest.mark.slow

TOWN = SCALES["town"]


@pytest.fixture(scope="module")
def town_template(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        with psycopg.connect(url) as connection:
            load_demo(connection, "town", until=PINNED_DAY)
        yield url


@pytest.fixture
def town(town_template: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(town_template) as connection:
        yield connection
        connection.rollback()


def test_the_metropolis_has_the_size_that_was_asked_for() -> None:
    large = SCALES["metropolis"]
    assert (large.cells, large.buildings, large.people, large.incidents) == (20_000, 1_000_000, 5_000_000, 10_000_000)
    assert SCALES["city"].incidents == 1_000_000
    for scale in (large, SCALES["city"], TOWN):
        assert len({day.replace(day=1) for day in scale.calendar()}) == 37  # three years to the day


def test_a_town_has_exactly_what_was_asked_for(town: psycopg.Connection[Any]) -> None:
    levels = {"city": 1, "district": 6, "street": TOWN.streets, "community": TOWN.communities, "grid": TOWN.cells, "zone": 3}
    assert dict(town.execute("SELECT level, count(*) FROM area GROUP BY 1").fetchall()) == levels
    counts = {table: one(town, f"SELECT count(*) FROM {table}") for table in ("building", "person", "incident")}
    assert counts == {"building": TOWN.buildings, "person": TOWN.people, "incident": TOWN.incidents}


def test_fewer_cases_happen_in_the_very_same_city(town: psycopg.Connection[Any], fresh_database: FreshDatabase) -> None:
    with fresh_database() as url, psycopg.connect(url) as connection:
        counts = load_demo(connection, "town", cases=4000, until=PINNED_DAY)
        assert counts["incident"] == one(connection, "SELECT count(*) FROM incident") == 4000
        fewer, all_of_them = fingerprint(connection), fingerprint(town)
        assert {table for table in fewer if fewer[table] != all_of_them[table]} == {"incident", "incident_event"}


@pytest.mark.parametrize("cases", [0, FEWEST_CASES - 1, TOWN.incidents + 1])
def test_a_number_of_cases_that_a_city_cannot_have_changes_nothing(town: psycopg.Connection[Any], cases: int) -> None:
    with pytest.raises(CasesOutOfRange):
        load_demo(town, "town", cases=cases, until=PINNED_DAY)
    assert one(town, "SELECT count(*) FROM incident") == TOWN.incidents


def test_the_fewest_cases_a_city_can_have_leave_room_for_what_is_planted() -> None:
    assert find_scale("metropolis", FEWEST_CASES).incidents == FEWEST_CASES > 8 * len(load_planted())


def test_each_month_lies_in_its_own_partition_with_every_index(town: psycopg.Connection[Any]) -> None:
    first = "min(reported_at AT TIME ZONE 'UTC')::date"
    held = dict(town.execute(f"SELECT tableoid::regclass::text, {first} FROM incident GROUP BY 1").fetchall())
    assert len(held) == 37
    assert all(table == partitions.partition_name(day) for table, day in held.items())
    indexes = town.execute("SELECT inhrelid, count(*) FROM pg_inherits JOIN pg_index ON indrelid = inhrelid GROUP BY 1").fetchall()
    assert len({number for _, number in indexes}) == 1


def test_numbers_and_keys_run_on_from_month_to_month(town: psycopg.Connection[Any]) -> None:
    for column in ("id", "number", "source_key"):
        assert one(town, f"SELECT count(DISTINCT {column}) FROM incident") == TOWN.incidents
    assert one(town, "SELECT count(*) FROM (SELECT number < lag(number) OVER (ORDER BY id) AS fell FROM incident) q WHERE fell") == 0
    gaps = """SELECT count(*) FROM (SELECT left(number, 10) AS day, max(right(number, 5))::int AS last, count(*) AS n
              FROM incident GROUP BY 1) q WHERE last <> n"""
    assert one(town, gaps) == 0


def test_roll_ups_and_deadline_states_are_what_a_fresh_count_gives(town: psycopg.Connection[Any]) -> None:
    assert rollup.compare(town, names.CITY_CODE) == []


def test_deadline_states_are_written_by_the_maker_as_the_roll_ups_settle_them(town: psycopg.Connection[Any]) -> None:
    untouched = "SELECT count(*) FROM incident WHERE is_open AND xmin <> (SELECT xmin FROM area WHERE level = 'city')"
    assert one(town, untouched) == 0
    states = {row[0] for row in town.execute("SELECT DISTINCT deadline_state FROM incident")}
    assert states == {"overdue", "amber", "paused", "on_time", None}


@pytest.mark.parametrize("fact", load_planted(), ids=lambda fact: f"{fact.kind}-{fact.category}")
def test_planted_facts_can_be_counted_in_a_town_too(town: psycopg.Connection[Any], fact: Any) -> None:
    area = find_place(fact, [row[0] for row in town.execute("SELECT code FROM area WHERE level = 'street'")])
    first = fact.last - timedelta(days=45) if fact.kind == "trend" else fact.first
    inside, before = town.execute(
        """SELECT count(*) FILTER (WHERE day BETWEEN %(first)s AND %(last)s)::float / (%(last)s::date - %(first)s::date + 1),
                  count(*) FILTER (WHERE day < %(start)s)::float / (%(start)s::date - %(born)s::date)
           FROM (SELECT (reported_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM incident
                 WHERE grid LIKE %(area)s || '%%' AND category = %(category)s) q""",
        {"first": first, "start": fact.first, "last": fact.last, "area": area, "category": fact.category, "born": TOWN.first_day},
    ).fetchone() or (0, 0)
    assert inside > 0.45 * fact.factor * before


def test_the_same_town_comes_again_also_when_the_older_one_goes_at_once(town_template: str, fresh_database: FreshDatabase) -> None:
    with psycopg.connect(town_template) as connection:
        before = fingerprint(connection)
    with fresh_database(template=town_template) as url, psycopg.connect(url) as connection:
        remove_city(connection, many=0)
        assert one(connection, "SELECT (SELECT count(*) FROM incident) + (SELECT count(*) FROM incident_event)") == 0
        assert partitions.list_partitions(connection) == partitions.OUTSIDE
        connection.commit()
        load_demo(connection, "town", until=PINNED_DAY)
        assert fingerprint(connection) == before


def test_what_cannot_fit_on_the_disk_is_told_before_anything_is_made(town: psycopg.Connection[Any]) -> None:
    if find_data_folder(town) is None:
        pytest.skip("where the server keeps its data is not told")
    with pytest.raises(NoRoom, match="free"):
        check_room(town, replace(TOWN, incidents=10**12))
    check_room(town, SCALES["test"])
    assert estimate_bytes(SCALES["city"]) < estimate_bytes(SCALES["metropolis"]) < 60e9


@pytest.mark.parametrize("pool", [names.list_street_names(), names.list_community_names(town=False), names.list_community_names(town=True)])
def test_there_are_names_enough_for_a_metropolis_and_none_twice(pool: list[Name]) -> None:
    assert len(pool) >= 160
    assert len({name.zh for name in pool}) == len({name.en for name in pool}) == len(pool)
    assert all(len(name.zh) == 2 and name.en[0].isupper() for name in pool)


def test_telephone_numbers_stay_of_one_form_and_unique_in_a_metropolis() -> None:
    numbers = names.make_phones(21_780, np.random.default_rng(1))
    assert len(set(numbers)) == 21_780
    assert {(len(number), number[:5]) for number in numbers} == {(11, "19901")}


def test_months_are_those_of_utc() -> None:
    eight = 8 * 1440 + 480  # in Shanghai on the first of December, when that begins in UTC
    found = group_by_month(TOWN, np.array([0, eight - 1, eight, eight + 1]))
    assert [(month, span.start, span.stop) for month, span in found] == [(date(2023, 11, 1), 0, 2), (date(2023, 12, 1), 2, 4)]


def test_a_large_city_remembers_open_and_recent_cases() -> None:
    large = SCALES["metropolis"]
    late = large.now_min - 59 * 1440
    minute = np.array([0, 0, late])
    nothing = np.zeros(3, int)
    stage = np.array([STAGES.index(s) for s in ("closed", "in_progress", "closed")])
    progress = Progress(stage, nothing > 0, minute + 60.0, np.array([30.0, np.nan, late + 30.0]))
    reports = Reports(nothing, nothing, nothing, minute, nothing + 1)
    assert select_with_history(large, reports, progress).tolist() == [1, 2]
    assert select_with_history(TOWN, reports, progress).tolist() == [0, 1, 2]


def test_planted_facts_move_to_a_street_that_is_there() -> None:
    fact = next(fact for fact in load_planted() if fact.area == "990104006")
    assert find_place(fact, ["990104001", "990104003", "990104101", "990105001"]) == "990104003"
    with pytest.raises(ValueError, match="990104006"):
        find_place(fact, ["990105001"])


def test_districts_of_large_cities_have_names_of_their_own() -> None:
    assert len(names.DISTRICTS) >= max(scale.districts for scale in SCALES.values())
    assert max(Counter(name.zh for name in names.DISTRICTS).values()) == 1
