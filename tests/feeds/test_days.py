"""Days of feeds in the database: the same rows whichever way they were written; and the keeper's rounds."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted_feeds import PACK
from psycopg.types.json import Jsonb
from working_calendars import at

from data.feeds.days import after_delivery, recount, write_days
from data.feeds.keeping import bring_up

Connection = psycopg.Connection[Any]
FEED = "labour.clues"
BEGIN = date(2026, 9, 28)


def plant(connection: Connection, line: str, grace: int = 0) -> None:
    """A feed without any delivery."""
    connection.execute("INSERT INTO pack (code, version, declared, hash) VALUES ('labour', 1, %s, '\\x00')", [Jsonb(PACK)])
    connection.execute(
        "INSERT INTO feed (city, code, pack, kind, name, name_en, department, level, via, contract, valid_from) VALUES"
        " (%s, %s, 'labour', 'clue', 'a', 'a', 'hrss', 'street', 'push', 1, %s)",
        [city.CITY, FEED, BEGIN],
    )
    declared = {"feed": {"cadence": line, "grace_hours": grace}}
    connection.execute("INSERT INTO feed_contract VALUES (%s, %s, 1, %s, %s)", [city.CITY, FEED, BEGIN, Jsonb(declared)])


def deliver(connection: Connection, when: datetime, outcome: str = "landed", records: int = 10, landed: bool = True) -> int:
    """What came at a moment, and what became of it at once."""
    row = connection.execute(
        "INSERT INTO feed_delivery (city, feed, department, contract, received_at, via, name, size, hash) VALUES"
        " (%s, %s, 'hrss', 1, %s, 'push', 'a.csv', 1, '\\x00') RETURNING id",
        [city.CITY, FEED, when],
    ).fetchone()
    assert row
    if landed:
        land(connection, row[0], when, outcome, records)
    return int(row[0])


def land(connection: Connection, delivery: int, when: datetime, outcome: str, records: int) -> None:
    report = {"records": records, "filled": records, "fields": 4 * records} if outcome == "landed" else None
    connection.execute(
        "UPDATE feed_delivery SET state = %s, report = %s WHERE id = %s", [outcome, Jsonb(report) if report else None, delivery]
    )
    after_delivery(connection, delivery, when)


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    found = "SELECT day, state, late_days, due_at, arrived_at, records, completeness, is_due, level FROM feed_day ORDER BY day"
    return connection.execute(found).fetchall()


def told(connection: Connection) -> dict[str, tuple[str, int, int]]:
    return {str(day)[5:]: (state, late, records) for day, state, late, _, _, records, *_ in rows(connection)}


MOMENTS = st.integers(0, 40 * 24 * 12).map(lambda n: at("2026-09-28 00:00") + timedelta(minutes=5 * n))
EVENTS = st.lists(st.tuples(MOMENTS, st.sampled_from(["landed", "landed", "empty", "failed", "tick"]), st.integers(0, 99)), max_size=14)


@given(line=st.sampled_from(["daily 09:00", "working_days 17:30", "weekly wed 18:00"]), events=EVENTS, grace=st.sampled_from([0, 30]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_day_by_day_and_all_at_once_are_the_same(connection: Connection, line: str, events: list[tuple[Any, str, int]], grace: int) -> None:
    connection.rollback()
    plant(connection, line, grace)
    waiting: dict[tuple[str, str], tuple[str, datetime]] = {}
    end = at("2026-11-08 12:00")
    connection.execute("UPDATE city SET as_of = NULL WHERE code = %s", [city.CITY])
    for when, what, records in sorted(events, key=lambda event: event[0]):
        if what == "tick":
            bring_up(connection, when, waiting)
        else:
            deliver(connection, when, what, records)
    bring_up(connection, end, {})
    step_by_step = rows(connection)
    connection.execute("DELETE FROM feed_day")
    connection.execute("UPDATE feed_delivery SET due_at = NULL")
    assert recount(connection, city.CITY, BEGIN, end) == 1
    assert rows(connection) == step_by_step
    assert [row[0] for row in step_by_step] == [BEGIN + timedelta(days=n) for n in range(42)]


def test_a_week_by_hand(connection: Connection) -> None:
    plant(connection, "weekly wed 18:00")
    connection.execute("UPDATE feed SET valid_from = '2026-11-16' WHERE code = %s", [FEED])
    deliver(connection, at("2026-11-18 17:00"), records=100)
    deliver(connection, at("2026-11-27 09:00"), "failed")
    deliver(connection, at("2026-11-30 09:00"), records=150)
    assert told(connection) == {
        **dict.fromkeys(("11-16", "11-17"), ("not_due", 0, 0)),
        "11-18": ("on_time", 0, 100),
        **{f"11-{day}": ("on_time", 0, 100) for day in range(19, 25)},
        "11-25": ("late", 0, 100),
        "11-26": ("late", 1, 100),
        "11-27": ("failed", 2, 100),
        "11-28": ("failed", 2, 100),
        "11-29": ("failed", 2, 100),
        "11-30": ("late", 3, 150),
    }
    assert connection.execute("SELECT to_char(due_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD') FROM feed_delivery ORDER BY id").fetchall() == [
        ("11-18",),
        ("11-25",),
        ("11-25",),
    ]
    recount(connection, city.CITY, date(2026, 1, 1), at("2026-11-30 09:00"))
    assert len(told(connection)) == 15
    assert connection.execute("SELECT count(*), sum(completeness) FROM feed_day WHERE records > 0").fetchone() == (13, 13 * 0.25)
    assert [str(row[0]) for row in rows(connection) if row[7]] == ["2026-11-18", "2026-11-25"]


def test_what_waits_is_settled_when_it_was_landed(connection: Connection) -> None:
    plant(connection, "daily 09:00")
    first = deliver(connection, at("2026-09-28 08:00"), landed=False)
    second = deliver(connection, at("2026-09-28 08:30"))
    settled = "SELECT due_at FROM feed_delivery WHERE id = ANY (%s) ORDER BY id"
    assert connection.execute(settled, [[first, second]]).fetchall() == [(None,), (None,)], "what becomes of the first decides"
    land(connection, first, at("2026-09-28 08:45"), "failed", 0)
    assert connection.execute(settled, [[first, second]]).fetchall() == [(at("2026-09-28 09:00"),), (at("2026-09-28 09:00"),)]
    assert told(connection) == {"09-28": ("on_time", 0, 10)}


def test_the_keeper_looks_again_when_something_may_have_changed(connection: Connection) -> None:
    plant(connection, "daily 09:00")
    connection.execute("UPDATE city SET as_of = NULL WHERE code = %s", [city.CITY])
    waiting: dict[tuple[str, str], tuple[str, datetime]] = {}
    assert bring_up(connection, at("2026-09-28 08:00"), waiting) == 1
    assert bring_up(connection, at("2026-09-28 08:59"), waiting) == 0
    assert bring_up(connection, at("2026-09-28 09:01"), waiting) == 1
    assert told(connection) == {"09-28": ("never", 0, 0)}
    assert bring_up(connection, at("2026-09-28 23:59"), waiting) == 0
    connection.execute("UPDATE feed SET paused_until = '2026-09-28' WHERE code = %s", [FEED])
    assert bring_up(connection, at("2026-09-28 23:59"), waiting) == 1
    assert told(connection) == {"09-28": ("not_due", 0, 0)}
    assert bring_up(connection, at("2026-09-30 00:00"), waiting) == 1
    assert told(connection) == {"09-28": ("not_due", 0, 0), "09-29": ("never", 0, 0), "09-30": ("never", 1, 0)}


def test_days_end_with_the_agreement_and_nothing_is_written_of_what_is_not_there(connection: Connection) -> None:
    plant(connection, "daily 09:00")
    connection.execute("UPDATE feed SET valid_to = '2026-09-29' WHERE code = %s", [FEED])
    write_days(connection, city.CITY, FEED, BEGIN, at("2026-10-05 12:00"))
    assert list(told(connection)) == ["09-28", "09-29"]
    assert write_days(connection, city.CITY, "labour.nothing", BEGIN, datetime.now(UTC)) is None
    after_delivery(connection, 0, datetime.now(UTC))


def test_what_is_held_is_counted_when_it_is_landed_and_stays(connection: Connection) -> None:
    plant(connection, "daily 09:00")
    field = {"name": {"zh": "a", "en": "a"}, "type": "text"}
    declared = {"feed": {"cadence": "daily 09:00"}, "fields": {"code": field, "firm": {**field, "type": "link"}, "gone": field}}
    connection.execute("UPDATE feed_contract SET declared = %s", [Jsonb(declared)])
    connection.execute("CREATE TABLE packs.labour_clue (gw_city text, gw_delivery bigint, code text, firm text)")
    delivery = deliver(connection, at("2026-09-28 08:00"), landed=False)
    connection.execute("INSERT INTO packs.labour_clue VALUES (%s, %s, 'a', 'f'), (%s, %s, 'b', NULL)", [city.CITY, delivery] * 2)
    connection.execute("INSERT INTO packs.labour_clue VALUES ('other', %s, 'c', 'f')", [delivery])
    kept = {"rejects": {"unknown_record": 1}}
    connection.execute(
        "UPDATE feed_delivery SET state = 'landed', rows = 3, loaded = 2, rejected = 1, report = %s WHERE id = %s", [Jsonb(kept), delivery]
    )
    after_delivery(connection, delivery, at("2026-09-28 08:01"))
    report = {**kept, "records": 2, "filled": 3, "fields": 4, "compared": 3, "consistent": 2}
    assert connection.execute("SELECT report FROM feed_delivery").fetchone() == (report,)
    connection.execute("DELETE FROM packs.labour_clue")
    after_delivery(connection, delivery, at("2026-09-28 09:30"))
    assert connection.execute("SELECT records, completeness FROM feed_day").fetchall() == [(2, 0.75)], "of the moment when it was landed"


@pytest.mark.parametrize("wrong", [{}, {"feed": 3}, {"feed": {"cadence": "sometimes"}}, {"feed": {"cadence": 3}}])
def test_a_cadence_that_nobody_understands_expects_nothing(connection: Connection, wrong: dict[str, Any]) -> None:
    plant(connection, "daily 09:00")
    connection.execute("UPDATE feed_contract SET declared = %s", [Jsonb(wrong)])
    write_days(connection, city.CITY, FEED, BEGIN, at("2026-09-30 12:00"))
    assert {state for state, _, _ in told(connection).values()} == {"not_due"}
