"""Deadlines follow the steps of a case: rules at report and filing, stages, pauses, undo, and published deadlines."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import DESK, WORKER, ask, ask_report, carry_out, outcomes, take
from databases import FreshDatabase
from rights_tools import load_people

from data.cases.writer import write_city
from data.deadlines.recomputing import find_touched
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import write_rules
from data.rollup import compare

Connection = psycopg.Connection[Any]
COLUMNS = "reported_at, due_at, stage_due_at, amber_at, very_late_at, rule_id, stage_at"
STEPS = {"filing": "2 h", "dispatching": "1 h", "handling": "20 h", "verifying": "1 h"}


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The small city with a rule of 24 calendar hours; in the end every stored deadline is what rules and steps give."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        write_rules(connection, city.CITY, [Rule(0, None, None, {step: parse_duration(time) for step, time in STEPS.items()})])  # type: ignore[misc]
        yield connection
        with connection.transaction(force_rollback=True):
            assert list(find_touched(connection, city.CITY, datetime.now().astimezone())) == []
            assert not list(compare(connection, city.CITY))


def stored(connection: Connection, number: str) -> dict[str, Any]:
    """What is stored of a deadline, by column."""
    row = connection.execute(f"SELECT {COLUMNS} FROM incident WHERE number = %s".encode(), [number]).fetchone()
    assert row
    return dict(zip(COLUMNS.split(", "), row, strict=True))


def hours(found: dict[str, Any], *names: str) -> list[float]:
    """Hours from the report to moments."""
    return [round((found[name] - found["reported_at"]) / timedelta(hours=1), 6) for name in names]


def test_a_case_has_its_deadline_from_the_report_on(owner: Connection) -> None:
    number = carry_out(owner, ask_report(WORKER, city.C1))[0]["number"]
    found = stored(owner, number)
    assert hours(found, "due_at", "amber_at", "very_late_at", "stage_due_at") == [24, 18, 72, 2]
    assert found["rule_id"] is not None
    for step, fields, allowed in (("file", {}, 1), ("dispatch", {"unit": "u1"}, 20)):
        assert take(owner, DESK, number, step, **fields)["ok"]
        later = stored(owner, number)
        assert later["stage_due_at"] - later["stage_at"] == timedelta(hours=allowed)
        assert later["due_at"] == found["due_at"]
    handling = stored(owner, number)["stage_due_at"]
    assert take(owner, WORKER, number, "accept")["ok"]
    assert stored(owner, number)["stage_due_at"] == handling, "accepting a case gives no time"


def test_a_case_keeps_its_rule_once_it_is_filed(owner: Connection) -> None:
    first, second = (carry_out(owner, ask_report(WORKER, city.C1))[0]["number"] for _ in range(2))
    assert take(owner, DESK, first, "file")["ok"]
    today = owner.execute("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date").fetchone()
    assert today
    new = write_rules(owner, city.CITY, [Rule(0, None, None, {"handling": parse_duration("5 h")}, today[0])])
    assert take(owner, DESK, first, "dispatch", unit="u1")["ok"] and take(owner, DESK, second, "file")["ok"]
    kept, changed = stored(owner, first), stored(owner, second)
    assert (hours(kept, "due_at"), kept["rule_id"] in new.ended) == ([24], True)
    assert (hours(changed, "due_at"), changed["rule_id"]) == ([5], new.added[0])


def act(connection: Connection, number: str, step: str, at: datetime, **fields: Any) -> None:
    """Take a step as the dispatcher, at a moment."""
    version = connection.execute("SELECT version FROM incident WHERE number = %s", [number]).fetchone()
    assert version
    asked = ask(DESK, number, step, version[0], **fields)
    write_city(connection, city.CITY, at)
    assert outcomes(connection, [asked])[0]["ok"]


def pause(connection: Connection, number: str, at: datetime) -> None:
    """Pause a case from a moment on."""
    act(connection, number, "pause", at, reason="parts", approver="chief", until=(at + timedelta(days=9)).isoformat())


def test_pauses_move_every_moment_and_an_undone_one_never_was(owner: Connection) -> None:
    number = carry_out(owner, ask_report(WORKER, city.C1))[0]["number"]
    before = stored(owner, number)
    start = before["reported_at"]
    act(owner, number, "file", start + timedelta(hours=1))
    act(owner, number, "dispatch", start + timedelta(hours=1), unit="u1")
    pause(owner, number, start + timedelta(hours=2))
    act(owner, number, "undo", start + timedelta(hours=2, seconds=20))
    assert hours(stored(owner, number), "due_at", "amber_at", "very_late_at") == [24, 18, 72]
    pause(owner, number, start + timedelta(hours=4))
    act(owner, number, "resume", start + timedelta(hours=10))
    assert hours(stored(owner, number), "due_at", "amber_at", "very_late_at") == [30, 24, 78]
    pause(owner, number, start + timedelta(hours=28))
    act(owner, number, "remark", start + timedelta(hours=28.5), remark="parts are ordered")
    assert hours(stored(owner, number), "due_at") == [30], "while it is paused, the deadline stands"
    act(owner, number, "resume", start + timedelta(hours=29))
    assert hours(stored(owner, number), "due_at", "amber_at", "very_late_at") == [31, 24, 79], "three quarters were over before"


def test_a_published_deadline_stays_and_moves_by_pauses_alone(owner: Connection) -> None:
    """i06 has a deadline of its feed."""
    before = stored(owner, "i06")
    start, allowed = before["reported_at"], hours(before, "due_at")[0]
    assert before["rule_id"] is None and allowed > 4
    act(owner, "i06", "dispatch", start + timedelta(hours=1), unit="u1")
    assert stored(owner, "i06")["due_at"] == before["due_at"]
    pause(owner, "i06", start + timedelta(hours=2))
    act(owner, "i06", "resume", start + timedelta(hours=4))
    after = stored(owner, "i06")
    assert after["rule_id"] is None
    assert hours(after, "due_at", "amber_at", "very_late_at") == [allowed + 2, allowed * 0.75 + 2, allowed * 3 + 2]


def test_a_case_that_ends_has_no_stage_to_be_late_in(owner: Connection) -> None:
    number = carry_out(owner, ask_report(WORKER, city.C1))[0]["number"]
    assert take(owner, DESK, number, "void", reason="nothing there")["ok"]
    found = stored(owner, number)
    assert found["stage_due_at"] is None and hours(found, "due_at") == [24]
