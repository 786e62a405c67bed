"""The deadline state of an open case, asserted at the moments at which it changes, to the microsecond."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city

from data import rollup
from data.rollup.incident_parts import AMBER, STATE
from data.schema import AMBER_SHARE

Connection = psycopg.Connection[Any]
REPORTED = datetime(2026, 10, 30, 8, tzinfo=UTC)
DUE = REPORTED + timedelta(hours=8)
AMBER_FROM = REPORTED + timedelta(hours=6)
MOMENT = timedelta(microseconds=1)


def state(
    connection: Connection,
    now: datetime,
    due: datetime | None = DUE,
    paused: bool = False,
    is_open: bool = True,
    amber: datetime | None = None,
) -> str | None:
    """The state of a case that was reported at ``REPORTED``, as it stands at ``now``; ``amber``: the stored moment, if there is one."""
    row = connection.execute(
        f"SELECT {STATE} FROM (SELECT %(open)s::bool AS is_open, %(paused)s::bool AS paused, %(due)s::timestamptz AS due_at,"
        " %(reported)s::timestamptz AS reported_at, %(amber_at)s::timestamptz AS amber_at) i, (SELECT %(now)s::timestamptz AS states_at) c",
        {"open": is_open, "paused": paused, "due": due, "reported": REPORTED, "now": now, "amber": AMBER, "amber_at": amber},
    ).fetchone()
    assert row
    return row[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (REPORTED - timedelta(days=1), "on_time"),
        (REPORTED, "on_time"),
        (AMBER_FROM - MOMENT, "on_time"),
        (AMBER_FROM, "on_time"),
        (AMBER_FROM + MOMENT, "amber"),
        (DUE - MOMENT, "amber"),
        (DUE, "amber"),
        (DUE + MOMENT, "overdue"),
        (DUE + timedelta(days=900), "overdue"),
    ],
)
def test_a_state_begins_just_after_its_moment(connection: Connection, now: datetime, expected: str) -> None:
    """Three quarters of the time may be used, and the deadline itself is in time."""
    assert AMBER_SHARE == 0.75
    assert state(connection, now) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (AMBER_FROM + MOMENT, "on_time"),
        (DUE - timedelta(hours=1), "on_time"),
        (DUE - timedelta(hours=1) + MOMENT, "amber"),
        (DUE, "amber"),
        (DUE + MOMENT, "overdue"),
    ],
)
def test_a_stored_moment_of_amber_counts_before_three_quarters(connection: Connection, now: datetime, expected: str) -> None:
    """Of working time, three quarters are over when a rule says so: here an hour before the deadline."""
    assert state(connection, now, amber=DUE - timedelta(hours=1)) == expected
    assert state(connection, now, amber=DUE - timedelta(hours=1), paused=True) == "paused"


@pytest.mark.parametrize("now", [REPORTED, AMBER_FROM + MOMENT, DUE + MOMENT])
def test_paused_and_closed_cases_have_no_deadline_to_miss(connection: Connection, now: datetime) -> None:
    assert state(connection, now, paused=True) == "paused"
    assert state(connection, now, due=None) == "on_time"
    assert state(connection, now, due=None, paused=True) == "paused"
    assert state(connection, now, is_open=False) is None
    assert state(connection, now, paused=True, is_open=False) is None


def test_a_deadline_at_or_before_the_report_is_overdue_just_after_it(connection: Connection) -> None:
    assert state(connection, REPORTED, due=REPORTED) == "on_time"
    assert state(connection, REPORTED + MOMENT, due=REPORTED) == "overdue"
    assert state(connection, REPORTED, due=REPORTED - MOMENT) == "overdue"


# ---- The same by the clock ----


@pytest.fixture
def waiting(connection: Connection) -> Connection:
    """The small city with one case that waits, and a clock that goes on."""
    with rollup.changing_incidents(connection, city.CITY, connection.execute("SELECT district, id FROM incident").fetchall()):
        connection.execute("DELETE FROM incident WHERE source_key <> 'i04'")
        connection.execute("UPDATE incident SET reported_at = %s, due_at = %s WHERE source_key = 'i04'", [REPORTED, DUE])
    connection.execute("UPDATE city SET as_of = NULL, states_at = %s", [REPORTED])
    with rollup.changing_incidents(connection, city.CITY, connection.execute("SELECT district, id FROM incident").fetchall()):
        pass
    return connection


def stands(connection: Connection) -> tuple[str, datetime]:
    row = connection.execute("SELECT deadline_state, states_at FROM incident, city").fetchone()
    assert row
    return row[0], row[1]


def test_the_clock_moves_a_case_when_its_moment_is_over_and_only_then(waiting: Connection) -> None:
    for now, moved, expected in (
        (AMBER_FROM, False, "on_time"),
        (AMBER_FROM + MOMENT, True, "amber"),
        (DUE, False, "amber"),
        (DUE + MOMENT, True, "overdue"),
        (DUE + timedelta(days=1), False, "overdue"),
    ):
        assert rollup.tick(waiting, city.CITY, now) is moved, now
        assert stands(waiting) == (expected, now)
        counted = waiting.execute("SELECT DISTINCT state FROM incident_open o JOIN area a ON a.no = o.area_no").fetchall()
        assert counted == [(expected,)]
    assert rollup.compare(waiting, city.CITY) == []


def test_a_clock_that_goes_back_takes_nothing_back(waiting: Connection) -> None:
    assert rollup.tick(waiting, city.CITY, DUE + MOMENT)
    assert not rollup.tick(waiting, city.CITY, REPORTED)
    assert stands(waiting) == ("overdue", DUE + MOMENT)
    # A case that is reported now is judged by the later moment, too.
    with rollup.changing_incidents(waiting, city.CITY, waiting.execute("SELECT district, id FROM incident").fetchall()):
        waiting.execute("UPDATE incident SET due_at = %s", [DUE - MOMENT])
    assert stands(waiting) == ("overdue", DUE + MOMENT)
    assert rollup.compare(waiting, city.CITY) == []


# ---- What is counted as on time ----


def counted(connection: Connection, **changes: Any) -> dict[str, int]:
    """The city's counts over all days when a single case, due on 30 October, is changed like this."""
    with rollup.changing_incidents(connection, city.CITY, connection.execute("SELECT district, id FROM incident").fetchall()):
        connection.execute("DELETE FROM incident WHERE source_key <> 'i04'")
        sets = ", ".join(f"{name} = %({name})s" for name in changes)
        connection.execute(f"UPDATE incident SET {sets} WHERE source_key = 'i04'", changes)
    row = connection.execute(
        "SELECT sum(reported), sum(void), sum(closed), sum(due), sum(due_closed), sum(due_on_time) FROM incident_daily d"
        " JOIN area a ON a.no = d.area_no JOIN incident_kind k ON k.no = d.kind"
        " WHERE a.code = %s AND k.category IS NOT NULL AND k.channel IS NOT NULL",
        [city.C1],
    ).fetchone()
    assert row
    return dict(zip(("reported", "void", "closed", "due", "due_closed", "due_on_time"), row, strict=True))


@pytest.mark.parametrize(
    ("closed_at", "on_time"), [(DUE - MOMENT, 1), (DUE, 1), (DUE + MOMENT, 0), (REPORTED, 1), (DUE + timedelta(days=40), 0)]
)
@pytest.mark.parametrize("stage", ["closed", "evaluated"])
def test_closed_at_the_deadline_is_on_time(connection: Connection, stage: str, closed_at: datetime, on_time: int) -> None:
    found = counted(connection, stage=stage, reported_at=REPORTED, due_at=DUE, closed_at=closed_at)
    assert found == {"reported": 1, "void": 0, "closed": 1, "due": 1, "due_closed": 1, "due_on_time": on_time}


@pytest.mark.parametrize("stage", ["void", "duplicate", "not_responsible", "referred"])
def test_what_ended_otherwise_is_reported_and_void_and_never_due(connection: Connection, stage: str) -> None:
    found = counted(connection, stage=stage, reported_at=REPORTED, due_at=DUE)
    assert found == {"reported": 1, "void": 1, "closed": 0, "due": 0, "due_closed": 0, "due_on_time": 0}


@pytest.mark.parametrize("stage", ["reported", "filed", "dispatched", "in_progress", "feedback"])
def test_open_cases_are_due_unless_they_are_paused_or_have_no_deadline(connection: Connection, stage: str) -> None:
    plain = {"reported": 1, "void": 0, "closed": 0, "due": 1, "due_closed": 0, "due_on_time": 0}
    assert counted(connection, stage=stage, reported_at=REPORTED, due_at=DUE) == plain
    assert counted(connection, stage=stage, paused=True) == {**plain, "due": 0}
    assert counted(connection, stage=stage, paused=False, due_at=None) == {**plain, "due": 0}


def test_a_closed_case_without_a_deadline_is_closed_but_never_due(connection: Connection) -> None:
    found = counted(connection, stage="closed", reported_at=REPORTED, due_at=None, closed_at=DUE)
    assert found == {"reported": 1, "void": 0, "closed": 1, "due": 0, "due_closed": 0, "due_on_time": 0}


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2026, 10, 30, 15, 59, 59, 999999, tzinfo=UTC), "2026-10-30"),
        (datetime(2026, 10, 30, 16, tzinfo=UTC), "2026-10-31"),
    ],
)
@pytest.mark.parametrize("which", ["reported", "closed", "due"])
def test_a_day_ends_at_midnight_in_the_city(connection: Connection, which: str, utc: datetime, day: str) -> None:
    """In Shanghai, eight hours before Greenwich."""
    moments: dict[str, Any] = {"reported_at": REPORTED, "closed_at": DUE, "due_at": DUE, "stage": "closed", f"{which}_at": utc}
    counted(connection, **moments)
    days = connection.execute(
        f"SELECT DISTINCT day::text FROM incident_daily d JOIN area a ON a.no = d.area_no WHERE a.city = %s AND {which} > 0", [city.CITY]
    ).fetchall()
    assert days == [(day,)]
