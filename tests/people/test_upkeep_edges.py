"""Retention and limits at their last day, second and row: rejected rows, chores, purposes, searches and keys."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audit_tools import Connection, written

from data.auditing.owner_entries import KEEPER
from data.people.register import (
    LONGEST_NAME,
    LONGEST_PURPOSE,
    NobodySought,
    PurposeNeeded,
    _parse_key,
    check_purpose,
    parse_search,
)
from data.upkeep import clock as clock_module
from data.upkeep import rejected_rows, retention
from data.upkeep.clock import Clock

pytestmark = pytest.mark.usefixtures("own_keys")

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EDGE = NOW - timedelta(days=180)
TICK = timedelta(microseconds=1)


# ---- Rejected rows ----


def ran(owner: Connection, city: str, started: datetime, finished: datetime | None) -> None:
    """An import with one rejected row."""
    row = owner.execute(
        "INSERT INTO import_run (city, profile, started_at, finished_at, outcome, report) VALUES (%s, 'p', %s, %s, %s, '{}') RETURNING id",
        [city, started, finished, "loaded" if finished else "running"],
    ).fetchone()
    assert row
    owner.execute(
        "INSERT INTO reject (run_id, source, file, line, value, reason, sentence) VALUES (%s, 's', 'f', 1, 'v', 'r', 't')", [row[0]]
    )


def test_rejected_rows_are_kept_180_days_to_the_moment(owner: Connection) -> None:
    long_ago = EDGE - timedelta(days=30)
    ran(owner, "at the edge", long_ago, EDGE)
    ran(owner, "just older", long_ago, EDGE - TICK)
    ran(owner, "never ended", EDGE - TICK, None)
    ran(owner, "begun at the edge", EDGE, None)
    assert rejected_rows.count_old(owner, NOW).rows == 2
    assert rejected_rows.delete_old(owner, NOW).rows == 2
    left = owner.execute("SELECT i.city FROM reject r JOIN import_run i ON i.id = r.run_id ORDER BY 1").fetchall()
    assert [city for (city,) in left] == ["at the edge", "begun at the edge"]


def test_files_of_rejected_rows_are_kept_180_days_to_the_second(owner: Connection, home: Path) -> None:
    (home / "rejects").mkdir()
    for name, at in (
        ("a-1.csv", EDGE),
        ("b-1.csv", EDGE - timedelta(seconds=1)),
        ("b.csv", EDGE - timedelta(days=9)),
        ("c-1.txt", EDGE - timedelta(days=9)),
    ):
        path = home / "rejects" / name
        path.write_text("x")
        os.utime(path, (at.timestamp(), at.timestamp()))
    report = rejected_rows.delete_old(owner, NOW, KEEPER)
    assert (report.files, report.before) == (1, EDGE)
    assert sorted(path.name for path in (home / "rejects").iterdir()) == ["a-1.csv", "b.csv", "c-1.txt"]


# ---- Once a day, once an hour ----


def noted(owner: Connection, at: datetime, action: str = "retention") -> None:
    no = written(owner, 1, action=action, subject="999")[0]
    owner.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_stays")
    owner.execute("UPDATE audit_log SET at = %s WHERE no = %s", [at, no])
    owner.execute("ALTER TABLE audit_log ENABLE TRIGGER audit_stays")


@pytest.mark.parametrize(("at", "again"), [
    (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), False),  # midnight in Shanghai
    (datetime(2026, 11, 22, 16, 0, tzinfo=UTC) - TICK, True),
])  # fmt: skip
def test_a_day_begins_with_the_citys_midnight(owner: Connection, at: datetime, again: bool) -> None:
    owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('999', '后城', 'Latter', 'Asia/Shanghai')")
    with owner.transaction():
        noted(owner, at)
    assert len(retention.delete_daily(owner, NOW, KEEPER)) == again


def test_of_another_city_and_another_action_nothing_counts(owner: Connection) -> None:
    owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('998', '前城', 'Former', 'Asia/Shanghai')")
    owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('999', '后城', 'Latter', 'Asia/Shanghai')")
    with owner.transaction():
        noted(owner, NOW)
    assert [one.city for one in retention.delete_daily(owner, NOW, KEEPER)] == ["998"]


def test_chores_are_done_once_an_hour(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('999', '后城', 'Latter', 'Asia/Shanghai')")

    def done() -> int:
        row = owner.execute("SELECT count(*) FROM audit_log WHERE action = 'retention'").fetchone()
        assert row
        return int(row[0])

    passed_s = 5.0
    monkeypatch.setattr(clock_module, "monotonic", lambda: passed_s)
    clock = Clock()
    try:
        now = datetime.now(UTC) + timedelta(days=1)  # beyond what is noted today: each time it is tried, it is done
        clock.chores(now)
        assert done() == 1
        passed_s = 5.0 + clock_module.CHORES_EVERY_S - 0.001
        clock.chores(now + timedelta(days=9))
        assert done() == 1
        passed_s = 5.0 + clock_module.CHORES_EVERY_S
        clock.chores(now)
        assert done() == 2
    finally:
        clock.close()
    passed_s = 99_999.0
    clock.chores(now)
    assert done() == 2, "a clock that ends does nothing more"


# ---- Purposes, searches, keys ----


@pytest.mark.parametrize(("given", "kept"), [
    ("走访", "走访"),
    (" a \n b ", "a b"),
    ("走", None),
    ("--走--", None),
    ("x" * LONGEST_PURPOSE, "x" * LONGEST_PURPOSE),
    ("x" * (LONGEST_PURPOSE + 1), None),
    ("走访\u202e", None),
])  # fmt: skip
def test_a_purpose_has_two_letters_and_two_hundred_characters_at_most(given: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(PurposeNeeded):
            check_purpose(given)
    else:
        assert check_purpose(given) == kept


@pytest.mark.parametrize(("typed", "by"), [
    ("张三", "name"),
    ("张", None),
    ("x" * LONGEST_NAME, "name"),
    ("x" * (LONGEST_NAME + 1), None),
    ("110", "phone"),
    ("11", "name"),  # too short for a telephone number
    ("13812345678", "phone"),
    ("11010519491231002X", "id"),
    ("110105491231002", "id"),  # a card of before 1999
    ("110105194912310021", "phone"),  # no card: its last place is wrong
    ("E12345678", "id"),
])  # fmt: skip
def test_what_is_typed_is_a_name_a_number_or_nothing(typed: str, by: str | None) -> None:
    if by is None:
        with pytest.raises(NobodySought):
            parse_search(typed)
        return
    search = parse_search(f" {typed} ")
    assert search.by == by
    assert (search.name == typed, search.hash is None) == ((True, True) if by == "name" else (False, False))
    assert search.shown != typed and "*" in search.shown


def test_an_old_card_and_todays_are_one_search() -> None:
    assert parse_search("110105491231002") == parse_search("11010519491231002X") == parse_search("11010519491231002x")


@pytest.mark.parametrize(("key", "number"), [
    ("990101:1", 1),
    (f"990101:{2**63 - 1}", 2**63 - 1),
    (f"990101:{2**63}", None),
    ("990101:00000000000000000001", None),
    (":1", None),
    ("990101:", None),
    ("990101:-1", None),
    ("990101:²", None),
    ("x" * 200 + ":1", 1),
    ("x" * 201 + ":1", None),
])  # fmt: skip
def test_a_key_is_a_district_and_a_number_that_postgresql_holds(key: str, number: int | None) -> None:
    found = _parse_key(key)
    assert (found and found["id"]) == number
