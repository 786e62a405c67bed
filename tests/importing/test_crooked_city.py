"""The irregular city is imported as drawn: areas, people, heights, cases and deadlines, worked out by hand."""

from typing import Any

import crooked_city as city
import psycopg
import pytest

from data.doctor.examine import examine_city

Connection = psycopg.Connection[Any]


def rows(connection: Connection, statement: str) -> dict[Any, Any]:
    """The result's first column with what stands beside it."""
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in connection.execute(statement.encode()).fetchall()}


def test_an_area_across_a_border_belongs_where_most_of_it_lies(crooked: Connection) -> None:
    parents = rows(crooked, "SELECT code, parent FROM area WHERE level = 'community'")
    assert parents == {"N101": "N1", "N102": "N2", "N201": "N2"}


def test_people_are_shared_by_what_a_unit_cuts(crooked: Connection) -> None:
    assert rows(crooked, "SELECT area, population FROM area_figure WHERE population IS NOT NULL") == city.POPULATION


def test_heights_and_floors_are_kept_apart(crooked: Connection) -> None:
    assert rows(crooked, "SELECT source_key, height_m FROM building") == city.HEIGHTS_M
    footprints = "SELECT area, round(floor_area_m2 / (SELECT max(footprint_m2) FROM building)::float8)::int FROM area_figure"
    floors = rows(crooked, footprints)
    assert {code: floors[code] for code in city.FLOORS} == city.FLOORS


def test_cases_of_two_sources_keep_their_keys_apart(crooked: Connection) -> None:
    statement = "SELECT s.key, i.source_key, i.grid FROM incident i JOIN source s ON s.id = i.source_id WHERE i.city = %s"
    found = crooked.execute(statement, (city.BENT,)).fetchall()
    assert {(source.removeprefix("incidents-"), key): grid for source, key, grid in found} == city.HOMES_OF_CASES


def test_facilities_of_two_sources_may_have_the_same_key(crooked: Connection) -> None:
    found = crooked.execute("SELECT kind, source_key, grid FROM facility ORDER BY 1, 2").fetchall()
    assert found == [("camera", "s1", city.B), ("school", "s1", city.F), ("school", "s2", city.A)]


@pytest.mark.parametrize("code", city.DUE)
def test_deadlines_are_counted_to_the_minute(crooked: Connection, code: str) -> None:
    row = crooked.execute(
        "SELECT sum(due)::int, sum(due_closed)::int, sum(due_on_time)::int FROM incident_daily d JOIN area a ON a.no = d.area_no"
        " JOIN incident_kind k ON k.no = d.kind WHERE a.code = %s AND k.category IS NULL AND k.channel IS NULL",
        (code,),
    ).fetchone()
    assert row == city.DUE[code]


@pytest.mark.parametrize("code", city.STATES)
def test_states_change_at_the_deadline_itself(crooked: Connection, code: str) -> None:
    states = rows(crooked, "SELECT deadline_state, count(*)::int FROM incident WHERE is_open AND city = '" + code + "' GROUP BY 1")
    assert states == city.STATES[code]


@pytest.mark.parametrize("code", city.REPORTED_BY_DAY)
def test_days_are_those_of_the_citys_clock(crooked: Connection, code: str) -> None:
    days = rows(
        crooked,
        "SELECT d.day::text, sum(reported)::int FROM incident_daily d JOIN area a ON a.no = d.area_no JOIN incident_kind k ON k.no = d.kind"
        f" WHERE a.code = '{code}' AND reported > 0 AND k.category IS NULL AND k.channel IS NULL GROUP BY 1",
    )
    assert days == city.REPORTED_BY_DAY[code]


@pytest.mark.parametrize("code", [city.BENT, city.NEW])
def test_the_doctor_finds_nothing_wrong(crooked: Connection, code: str) -> None:
    assert [(one.code, one.outcome.offenders) for one in examine_city(crooked, code) if not one.outcome.ok] == []
