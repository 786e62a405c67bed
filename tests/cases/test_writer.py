"""The writer with a real database: states, events, roll-ups, outcomes and news are of one transaction."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, ask, ask_report, carry_out, middle_of, outcomes, person, take
from databases import FreshDatabase
from rights_tools import load_people

from data.cases.life import replay
from data.cases.states import STATE_COLUMNS, CaseState
from data.cases.targets import read_events
from data.cases.writer import write_city, write_singly
from data.rollup import compare

Connection = psycopg.Connection[Any]


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The owner of the small city, with people and reporters; in the end roll-ups equal the raw rows, and replay equals every state."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        yield connection
        assert_sound(connection)


def assert_sound(connection: Connection) -> None:
    """Roll-ups equal the raw rows, and the events of each case replayed equal its state."""
    with connection.transaction(force_rollback=True):
        assert not list(compare(connection, city.CITY))
    columns = ", ".join(STATE_COLUMNS)
    for district, case_id, *state in connection.execute(f"SELECT district, id, {columns} FROM incident WHERE version > 0".encode()):
        assert replay(read_events(connection, (district, case_id))) == CaseState(*state)


def one(connection: Connection, statement: str, *values: Any) -> Any:
    row = connection.execute(statement.encode(), values).fetchone()
    return row and row[0] if row and len(row) == 1 else row


def test_a_case_goes_from_report_to_evaluation(owner: Connection) -> None:
    made = carry_out(owner, ask_report(WORKER, city.C1, title=" Rubbish ", severity=2))[0]
    number = made["number"]
    assert made["ok"] and made["version"] == 1 and number.startswith("GW")
    for step, who, fields in (
        ("file", DESK, {}),
        ("dispatch", DESK, {"unit": "u1"}),
        ("accept", WORKER, {}),
        ("handle", WORKER, {"remark": "swept", "place": [120.0051, 30.011]}),
        ("verify_fail", WORKER, {"reason": "not clean"}),
        ("accept", WORKER, {}),
        ("handle", WORKER, {"remark": "clean now"}),
        ("verify_pass", DESK, {}),
        ("evaluate", CHIEF, {}),
    ):
        outcome = take(owner, who, number, step, **fields)
        assert outcome["ok"], outcome
    stored = one(owner, "SELECT stage, version, reworked, severity, unit, assignee, grid, district FROM incident WHERE number = %s", number)
    assert stored == ("evaluated", 10, 1, 2, "u1", "worker", city.C1, city.D1)
    events = owner.execute(
        "SELECT seq, step, account, ST_X(place) FROM incident_event WHERE account IS NOT NULL AND seq IN (1, 5) ORDER BY seq"
    ).fetchall()
    assert events == [(1, "report", "worker", None), (5, "handle", "worker", 120.0051)]
    assert one(owner, "SELECT abs(ST_X(geom) - %s) < 1e-9 FROM incident WHERE number = %s", middle_of(city.C1)[0], number)


def test_many_steps_of_one_batch_are_in_order_and_count_once(owner: Connection) -> None:
    before = one(owner, "SELECT data_version FROM city")
    asked = [ask(DESK, "i06", "dispatch", 0, unit="u1"), ask(DESK, "i06", "hand_over", 2, unit="u2"), ask(WORKER, "i06", "accept", 3)]
    made = carry_out(owner, *asked)
    assert [outcome["ok"] for outcome in made] == [True, True, True], made
    assert [outcome["version"] for outcome in made] == [2, 3, 4]
    moments = [row[0] for row in owner.execute("SELECT at FROM incident_event WHERE account IS NOT NULL ORDER BY seq")]
    assert moments == sorted(set(moments))
    assert one(owner, "SELECT data_version FROM city") > before
    assert owner.execute(
        "SELECT body ->> 'step', (body ->> 'version')::int, units FROM live_event WHERE kind = 'case' ORDER BY id"
    ).fetchall() == [
        ("dispatch", 2, ["u1"]),
        ("hand_over", 3, ["u1", "u2"]),
        ("accept", 4, ["u2"]),
    ]


def test_reminders_of_many_cases_read_their_histories_in_one_go(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    found = owner.execute("SELECT number FROM incident WHERE stage IN ('dispatched', 'in_progress') AND NOT paused ORDER BY 1").fetchall()
    numbers = [number for (number,) in found]
    assert len(numbers) > 1
    read_singly: list[Any] = []

    def heard(connection: Connection, key: Any) -> Any:
        read_singly.append(key)
        return read_events(connection, key)

    monkeypatch.setattr("data.cases.targets.read_events", heard)
    for expected in (True, False):
        made = carry_out(owner, *(ask(DESK, number, "remind") for number in numbers))
        assert [outcome["ok"] for outcome in made] == [expected] * len(numbers), made
    assert read_singly == []
    assert {refusal["code"] for outcome in made for refusal in outcome["refusals"]} == {"reminded_lately"}


def test_the_second_of_two_is_told_what_happened(owner: Connection) -> None:
    first, second = carry_out(owner, ask(DESK, "i06", "dispatch", 0, unit="u1"), ask(CHIEF, "i06", "dispatch", 0, unit="u2"))
    assert first["ok"] and not second["ok"]
    assert {refusal["code"] for refusal in second["refusals"]} == {"changed", "stage"}
    assert [(event["step"], event["account"]) for event in second["since"]] == [("dispatch", "desk")]
    assert (second["version"], second["stage"]) == (2, "dispatched")
    assert one(owner, "SELECT unit FROM incident WHERE number = 'i06'") == "u1"


def test_an_idempotency_key_makes_nothing_twice(owner: Connection) -> None:
    first, again = carry_out(owner, ask_report(WORKER, city.C1, key="a"), ask_report(WORKER, city.C1, key="a"))
    later = carry_out(owner, ask_report(WORKER, city.C1, key="a"))[0]
    assert first["number"] == again["number"] == later["number"] and again["again"] and later["again"]
    other = carry_out(owner, ask_report(WORKER, city.C1, key="a", title="Another"))[0]
    assert [refusal["code"] for refusal in other["refusals"]] == ["key_reused"]
    foreign = carry_out(owner, ask_report(DESK, city.C1, key="a"))[0]
    assert foreign["number"] != first["number"], "keys are an account's own"
    assert one(owner, "SELECT count(*) FROM incident WHERE number LIKE 'GW%%'") == 2


def test_a_merged_case_keeps_all_reporters_until_it_is_released(owner: Connection) -> None:
    assert take(owner, DESK, "i05", "mark_duplicate", into="i04")["ok"]
    key = one(owner, "SELECT district, id FROM incident WHERE number = 'i04'")
    reporters = "SELECT seq, merged_from FROM incident_reporter WHERE (district, incident_id) = (%s, %s) ORDER BY seq"
    assert owner.execute(reporters, key).fetchall() == [(1, None), (2, "i05")]
    steps = "SELECT e.step FROM incident_event e WHERE (district, incident_id) = (%s, %s) AND account IS NOT NULL ORDER BY seq"
    assert owner.execute(steps, key).fetchall() == [("absorb",)]
    assert take(owner, DESK, "i05", "undo")["ok"]
    assert owner.execute(reporters, key).fetchall() == [(1, None)]
    assert owner.execute(steps, key).fetchall() == [("absorb",), ("release",)]
    assert one(owner, "SELECT stage, duplicate_of FROM incident WHERE number = 'i05'") == ("dispatched", None)


def test_a_case_is_merged_only_into_one_that_goes_on_and_may_be_seen(owner: Connection) -> None:
    def codes(viewer: Any, number: str, into: str) -> list[str]:
        return [refusal["code"] for refusal in take(owner, viewer, number, "mark_duplicate", into=into)["refusals"]]

    assert codes(DESK, "i05", "i05") == ["into_itself"]
    assert codes(DESK, "i05", "i07") == ["into_ended"]
    assert codes(DESK, "i05", "nothing") == ["into_unknown"]
    west = person("west", "dispatcher", city.D1)
    assert codes(west, "i05", "i21") == ["into_unknown"], "it stands in the other district"
    owner.execute("UPDATE category SET sensitive = true WHERE code = 'utility'")
    assert codes(DESK, "i05", "i04") == ["into_unknown"], "a sensitive case is none for who sees cases alone"
    assert take(owner, CHIEF, "i05", "mark_duplicate", into="i04")["ok"]
    owner.execute("UPDATE category SET sensitive = false WHERE code = 'utility'")


def test_a_split_makes_cases_at_the_same_place(owner: Connection) -> None:
    outcome = take(owner, DESK, "i06", "split", parts=[{"title": "A lamp", "category": "utility"}, {"title": "The rest"}])
    assert outcome["ok"] and len(outcome["parts"]) == 2
    made = owner.execute(
        "SELECT number, category, title, grid, stage, ST_Equals(geom, (SELECT geom FROM incident WHERE number = 'i06')) FROM incident"
        " WHERE number LIKE 'GW%%' ORDER BY number"
    ).fetchall()
    assert made == [
        (outcome["parts"][0], "utility", "A lamp", city.C1, "reported", True),
        (outcome["parts"][1], "env", "The rest", city.C1, "reported", True),
    ]
    named = (
        "SELECT details -> 'made' FROM incident_event WHERE step = 'split' AND incident_id = (SELECT id FROM incident WHERE number = 'i06')"
    )
    assert one(owner, named) == outcome["parts"], "the history says which"
    wrong = take(owner, DESK, "i06", "split", parts=[{"title": "a", "category": "nothing"}])
    assert [refusal["code"] for refusal in wrong["refusals"]] == ["unknown_category"]
    assert one(owner, "SELECT count(*) FROM incident WHERE number LIKE 'GW%%'") == 2
    assert one(owner, "SELECT stage, version FROM incident WHERE number = 'i06'") == ("filed", 2)


def test_pauses_move_the_deadline(owner: Connection) -> None:
    due = one(owner, "SELECT due_at FROM incident WHERE number = 'i06'")
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert take(owner, DESK, "i06", "pause", reason="rain", approver="chief", until=until)["ok"]
    assert one(owner, "SELECT deadline_state FROM incident WHERE number = 'i06'") == "paused"
    ask(DESK, "i06", "resume", 2)
    write_city(owner, city.CITY, datetime.now(UTC) + timedelta(hours=3))
    moved, passed = one(owner, "SELECT due_at, paused_s FROM incident WHERE number = 'i06'")
    assert moved - due == timedelta(seconds=passed) and 10_790 < passed < 14_400
    assert one(owner, "SELECT due_is_day FROM incident WHERE number = 'i06'") is False


def test_a_request_that_waited_too_long_is_not_carried_out(owner: Connection) -> None:
    asked = ask(DESK, "i06", "dispatch", 0, unit="u1")
    owner.execute("UPDATE case_request SET asked_at = asked_at - interval '61 seconds'")
    assert carry_out(owner, asked) == [{"ok": False, "expired": True}]
    assert one(owner, "SELECT version FROM incident WHERE number = 'i06'") == 0


def test_a_case_that_is_gone_is_told(owner: Connection) -> None:
    asked = ask(DESK, "i06", "dispatch", 0, unit="u1")
    owner.execute("UPDATE case_request SET incident_id = 999999")
    assert [refusal["code"] for refusal in carry_out(owner, asked)[0]["refusals"]] == ["unknown_case"]


def test_a_locked_city_waits(owner: Connection) -> None:
    asked = ask(DESK, "i06", "dispatch", 0, unit="u1")
    with psycopg.connect(owner.info.dsn) as importing:
        importing.execute("SELECT FROM city FOR NO KEY UPDATE")
        owner.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            write_city(owner, city.CITY)
    owner.execute("RESET lock_timeout")
    assert carry_out(owner, asked)[0]["ok"]


def test_a_request_that_cannot_be_written_stops_no_other(owner: Connection) -> None:
    asked = [ask(DESK, "i06", "dispatch", 0, unit="u1"), ask_report(WORKER, city.C1, lon=1e308, lat=1e308), ask_report(WORKER, city.C1)]
    with pytest.raises(psycopg.Error):
        write_city(owner, city.CITY)
    assert write_singly(owner, city.CITY) == 3
    first, broken, last = outcomes(owner, asked)
    assert first["ok"] and last["ok"] and [refusal["code"] for refusal in broken["refusals"]] == ["failed"]
