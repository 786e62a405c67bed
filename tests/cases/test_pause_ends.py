"""Pauses end by themselves: the keeper resumes a case as a rule, and its deadline is as if a person had done it at that very moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import DESK, WORKER, ask, ask_report, outcomes
from databases import FreshDatabase
from rights_tools import load_people

from data.cases.life import replay
from data.cases.pause_ends import end_pauses, list_cities
from data.cases.states import BY_RULE, STATE_COLUMNS, CaseState
from data.cases.targets import read_events
from data.cases.writer import CaseWriter, write_city
from data.deadlines.recomputing import find_touched
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import write_rules
from data.rollup import compare, tick

Connection = psycopg.Connection[Any]
STEPS = {"filing": "2 h", "dispatching": "1 h", "handling": "20 h", "verifying": "1 h"}
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
UNTIL = START + timedelta(hours=5)
"""The end of every pause in these tests that is not of another length; it begins two hours after the report."""
ONE = timedelta(microseconds=1)
DEADLINES = (
    "due_at, stage_due_at, amber_at, very_late_at, rule_id, due_provisional,"
    " paused, paused_at, paused_until, paused_s, stage, version, deadline_state"
)


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The small city with a rule of 24 calendar hours; in the end roll-ups, deadlines and replayed histories equal what is stored."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        write_rules(connection, city.CITY, [Rule(0, None, None, {step: parse_duration(time) for step, time in STEPS.items()})])  # type: ignore[misc]
        yield connection
        with connection.transaction(force_rollback=True):
            assert list(find_touched(connection, city.CITY, datetime.now(UTC))) == []
            assert not list(compare(connection, city.CITY))
        columns = ", ".join(STATE_COLUMNS)
        for district, key, *state in connection.execute(f"SELECT district, id, {columns} FROM incident WHERE version > 0".encode()):
            assert replay(read_events(connection, (district, key))) == CaseState(*state)


def stored(connection: Connection, number: str, columns: str) -> tuple[Any, ...]:
    row = connection.execute(f"SELECT {columns} FROM incident WHERE number = %s".encode(), [number]).fetchone()
    assert row
    return tuple(row)


def act(connection: Connection, number: str, step: str, at: datetime, **fields: Any) -> dict[str, Any]:
    """Take a step as the dispatcher, so that it is dated with this moment."""
    asked = ask(DESK, number, step, stored(connection, number, "version")[0], **fields)
    write_city(connection, city.CITY, at - ONE)
    return outcomes(connection, [asked])[0]


def pause(connection: Connection, number: str, at: datetime, until: datetime) -> None:
    assert act(connection, number, "pause", at, reason="parts", approver="chief", until=until.isoformat())["ok"]


def make_paused(connection: Connection, until: datetime = UNTIL) -> str:
    """A case that was reported at START, filed after an hour, and paused after two."""
    asked = ask_report(WORKER, city.C1)
    write_city(connection, city.CITY, START - ONE)
    number = str(outcomes(connection, [asked])[0]["number"])
    assert act(connection, number, "file", START + timedelta(hours=1))["ok"]
    pause(connection, number, START + timedelta(hours=2), until)
    return number


def last_event(connection: Connection, number: str) -> tuple[Any, ...]:
    row = connection.execute(
        "SELECT e.step, e.account, e.at, e.stage, e.seq FROM incident_event e"
        " JOIN incident i ON (i.district, i.id) = (e.district, e.incident_id) WHERE i.number = %s ORDER BY e.seq DESC LIMIT 1",
        [number],
    ).fetchone()
    assert row
    return tuple(row)


def test_at_its_end_a_case_runs_again_as_if_a_person_had_resumed_it(owner: Connection) -> None:
    by_rule, by_person = make_paused(owner), make_paused(owner, UNTIL + timedelta(days=9))
    before = stored(owner, by_rule, DEADLINES)
    assert end_pauses(owner, city.CITY, UNTIL - ONE) == 0
    assert stored(owner, by_rule, DEADLINES) == before
    assert end_pauses(owner, city.CITY, UNTIL) == 1
    assert act(owner, by_person, "resume", UNTIL)["ok"]
    assert stored(owner, by_rule, DEADLINES) == stored(owner, by_person, DEADLINES)
    assert stored(owner, by_rule, "due_at - reported_at, paused, paused_s") == (timedelta(hours=27), False, 3 * 3_600)
    assert last_event(owner, by_rule) == ("resume", BY_RULE, UNTIL + ONE, "filed", 4)


def test_how_late_the_keeper_is_moves_no_deadline(owner: Connection) -> None:
    number = make_paused(owner)
    with owner.transaction():
        tick(owner, city.CITY, START + timedelta(hours=40))
    assert stored(owner, number, "deadline_state") == ("paused",)
    version = owner.execute("SELECT data_version FROM city").fetchone()
    assert end_pauses(owner, city.CITY, START + timedelta(hours=40)) == 1
    assert stored(owner, number, "due_at - reported_at, paused_s, deadline_state") == (timedelta(hours=27), 3 * 3_600, "overdue")
    assert last_event(owner, number)[2] == START + timedelta(hours=40) + ONE, "steps are dated when they are taken"
    assert version and owner.execute("SELECT data_version > %s FROM city", version).fetchone() == (True,)
    told = owner.execute("SELECT body ->> 'step', (body ->> 'version')::int FROM live_event WHERE kind = 'case' ORDER BY id DESC LIMIT 1")
    assert told.fetchone() == ("resume", 4)


def test_a_later_pause_counts_beside_one_that_a_rule_ended(owner: Connection) -> None:
    number = make_paused(owner)
    assert end_pauses(owner, city.CITY, UNTIL + timedelta(hours=2)) == 1
    pause(owner, number, START + timedelta(hours=10), START + timedelta(hours=14))
    assert act(owner, number, "resume", START + timedelta(hours=11))["ok"]
    assert stored(owner, number, "due_at - reported_at, paused_s") == (timedelta(hours=28), 4 * 3_600)


def test_nothing_is_done_twice_or_after_a_person(owner: Connection) -> None:
    ended, resumed, ended_otherwise = (make_paused(owner) for _ in range(3))
    assert act(owner, resumed, "resume", START + timedelta(hours=3))["ok"]
    assert act(owner, ended_otherwise, "void", START + timedelta(hours=3), reason="nothing there")["ok"]
    assert [end_pauses(owner, city.CITY, UNTIL) for _ in range(2)] == [1, 0]
    assert [stored(owner, number, "version, stage") for number in (ended, resumed, ended_otherwise)] == [
        (4, "filed"),
        (4, "filed"),
        (4, "void"),
    ]
    assert last_event(owner, resumed)[1] == DESK.name
    late = act(owner, ended, "resume", UNTIL + timedelta(seconds=1))
    assert [refusal["code"] for refusal in late["refusals"]] == ["not_paused"]


def test_undo_stays_a_person_s_own(owner: Connection) -> None:
    undone, ended = make_paused(owner), make_paused(owner)
    assert act(owner, undone, "undo", START + timedelta(hours=2, seconds=20))["ok"]
    assert end_pauses(owner, city.CITY, UNTIL) == 1
    assert stored(owner, undone, "paused, version, due_at - reported_at") == (False, 4, timedelta(hours=24))
    refused = act(owner, ended, "undo", UNTIL + timedelta(seconds=5))
    assert [refusal["code"] for refusal in refused["refusals"]] == ["not_yours"]


def test_a_resumed_case_that_is_paused_again_by_undo_ends_too(owner: Connection) -> None:
    number = make_paused(owner)
    assert act(owner, number, "resume", UNTIL - timedelta(seconds=30))["ok"]
    assert act(owner, number, "undo", UNTIL - timedelta(seconds=10))["ok"]
    assert end_pauses(owner, city.CITY, UNTIL) == 1
    assert stored(owner, number, "due_at - reported_at, paused_s, version") == (timedelta(hours=27), 3 * 3_600, 6)


def test_a_published_deadline_moves_by_the_granted_time(owner: Connection) -> None:
    """i06 has a deadline of its feed."""
    start, due = stored(owner, "i06", "reported_at, due_at")
    pause(owner, "i06", start + timedelta(hours=2), start + timedelta(hours=4))
    assert end_pauses(owner, city.CITY, start + timedelta(days=3)) == 1
    assert stored(owner, "i06", "due_at, rule_id, paused_s") == (due + timedelta(hours=2), None, 7_200)


def test_a_case_that_was_imported_as_paused_stays_so(owner: Connection) -> None:
    """i10 is paused by its source, which says no end; a step on it does not give it one."""
    asked = ask(DESK, "i10", "remark", 0, remark="still waiting")
    write_city(owner, city.CITY, START)
    assert outcomes(owner, [asked])[0]["ok"]
    assert list_cities(owner) == []
    assert end_pauses(owner, city.CITY, START + timedelta(days=900)) == 0
    assert stored(owner, "i10", "paused, paused_until") == (True, None)


def test_a_locked_city_waits_and_many_go_in_portions(owner: Connection) -> None:
    numbers = [make_paused(owner, UNTIL + timedelta(minutes=n)) for n in range(3)]
    late = UNTIL + timedelta(hours=1)
    with psycopg.connect(owner.info.dsn) as importing:
        importing.execute("SELECT FROM city FOR NO KEY UPDATE")
        assert end_pauses(owner, city.CITY, late) == 0
    assert [end_pauses(owner, city.CITY, late, most=2) for _ in range(3)] == [2, 1, 0]
    assert [stored(owner, number, "paused_s")[0] for number in numbers] == [10_800, 10_860, 10_920]


def test_the_writer_of_cases_ends_pauses(owner: Connection) -> None:
    over, going_on = make_paused(owner), make_paused(owner, datetime.now(UTC) + timedelta(days=1))
    assert list_cities(owner) == [city.CITY]
    CaseWriter().look(owner)
    assert [stored(owner, number, "paused")[0] for number in (over, going_on)] == [False, True]
    assert list_cities(owner) == []
