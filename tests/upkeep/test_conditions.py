"""What an operator must know: each reason appears when it should, at its limit, and says nothing secret."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from audit_tools import Connection, behind_its_back

from data.auditing.anchors import anchor_file, anchor_head
from data.auditing.owner_entries import append_as_owner
from data.core.settings import settings
from data.core.supervision import FIGURES, supervision
from data.privacy.keys import key_file
from data.upkeep import condition_checks, conditions
from data.upkeep.condition_checks import HEADS_S, SLOW_S, STANDS_S, look
from data.upkeep.conditions import SILENT_S, STUCK_FOR_S, Conditions, Reason, read_conditions, store
from data.upkeep.newest_backup import last_duration_s

HOUR_S = 3600.0


@pytest.fixture
def supervised() -> Iterator[None]:
    """The parent's numbers, put back afterwards."""
    before = {figure: supervision.get(figure) for figure in FIGURES}
    yield
    for figure, value in before.items():
        supervision.set(figure, value)


def codes(found: Conditions) -> set[str]:
    return {reason.code for reason in found.reasons} - {"disk_nearly_full"}  # the machine's own disk is nobody's matter here


def add_city(owner: Connection, demo: bool = False) -> None:
    owner.execute("INSERT INTO city (code, name, name_en, timezone, is_demo) VALUES ('1', '城', 'City', 'Asia/Shanghai', %s)", [demo])


def note(owner: Connection, action: str, subject: str = "", **detail: object) -> None:
    with owner.transaction():
        append_as_owner(owner, action, subject, detail)


def test_an_empty_installation_has_nothing_to_worry_about(owner: Connection, home: Path) -> None:
    found = look(time.time())
    assert codes(found) == set()
    assert found.zone == "UTC" and found.figures["database_up"] == 1 and found.figures["disk_free_bytes"] > 0


def test_real_data_need_a_verified_backup_that_is_not_too_old(owner: Connection, home: Path) -> None:
    add_city(owner)
    assert codes(look(time.time())) == {"backup_missing"} and look(time.time()).zone == "Asia/Shanghai"
    note(owner, "backup", "here", verified=False)
    assert codes(look(time.time())) == {"backup_missing"}, "one that was not verified is none"
    note(owner, "backup", "here", verified=True)
    anchor_head(owner)
    row = owner.execute("SELECT max(at) FROM audit_log").fetchone()
    assert row is not None
    made = row[0].timestamp()
    limit = made + settings().backup_hours * HOUR_S
    assert codes(look(limit)) == set()
    assert codes(look(limit + 1)) == {"backup_late"}
    assert look(limit).figures["backup_age_seconds"] == settings().backup_hours * HOUR_S


def test_nobody_is_told_of_backups_of_the_demo_city(owner: Connection, home: Path) -> None:
    add_city(owner, demo=True)
    assert codes(look(time.time())) == set()


def test_a_failed_or_held_retention_is_told_until_it_succeeds(owner: Connection, home: Path) -> None:
    add_city(owner, demo=True)
    note(owner, "retention_failed", "1", reason="x")
    found = look(time.time())
    assert [reason for reason in found.reasons if reason.code == "retention_failed"] == [Reason("retention_failed", {"city": "1"})]
    assert found.figures["retention_failed_cities"] == 1
    note(owner, "retention", "1")
    assert codes(look(time.time())) == set()


def test_heads_of_the_log_that_are_not_stored_any_more_are_told(owner: Connection, home: Path) -> None:
    note(owner, "retention", "1")
    row = owner.execute("SELECT max(at) FROM audit_log").fetchone()
    assert row is not None
    written = row[0].timestamp()
    assert codes(look(written + HEADS_S)) == set(), "there was time to store it"
    assert codes(look(written + HEADS_S + 1)) == {"audit_heads_stale"}
    anchor_head(owner)
    os.utime(anchor_file(), (written + 1, written + 1))
    assert codes(look(written + HEADS_S + 1)) == set()
    assert look(written + 61).figures["audit_head_age_seconds"] == pytest.approx(60)


def test_no_keys_are_needed_where_nothing_is_sealed(owner: Connection, home: Path) -> None:
    assert not key_file().exists() and codes(look(time.time())) == set()


def test_keys_that_cannot_be_used_are_told_without_their_content(owner: Connection, home: Path) -> None:
    key_file().write_text('{"secret": "abc"')
    key_file().chmod(0o600)
    (reason,) = [reason for reason in look(time.time()).reasons if reason.code == "keys_trouble"]
    assert str(key_file()) in str(reason.facts["reason"]) and "abc" not in str(reason.facts)


def test_a_disk_is_nearly_full_by_its_bytes_or_its_share(owner: Connection, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = look(time.time()).figures["disk_free_bytes"]
    monkeypatch.setattr(condition_checks, "LEAST_FREE", 0)
    monkeypatch.setattr(condition_checks, "LEAST_SHARE", 0.0)
    assert "disk_nearly_full" not in {reason.code for reason in look(time.time()).reasons}
    monkeypatch.setattr(condition_checks, "LEAST_FREE", free * 2)
    assert "disk_nearly_full" in {reason.code for reason in look(time.time()).reasons}
    monkeypatch.setattr(condition_checks, "LEAST_FREE", 0)
    monkeypatch.setattr(condition_checks, "LEAST_SHARE", 1.1)
    monkeypatch.setattr(condition_checks, "AMPLE_FREE", free * 2)
    assert "disk_nearly_full" in {reason.code for reason in look(time.time()).reasons}
    monkeypatch.setattr(condition_checks, "AMPLE_FREE", 0)
    assert "disk_nearly_full" not in {reason.code for reason in look(time.time()).reasons}, "so much is ample, whatever the share"


def test_a_database_that_does_not_answer_is_one_reason(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nothing?host=/nowhere")
    settings.cache_clear()
    found = look(time.time())
    assert codes(found) == {"database_away"} and found.figures["database_up"] == 0


def test_reports_that_wait_are_told_sooner_where_no_printer_works(owner: Connection, home: Path) -> None:
    assert codes(look(time.time())) == set() and look(time.time()).figures["report_wait_seconds"] == 0
    of_id, asked = ask_for_report(owner)
    found = look(asked + STANDS_S - 0.01)
    assert codes(found) == set() and found.figures["reports_waiting"] == 1
    assert found.figures["report_wait_seconds"] == pytest.approx(STANDS_S, abs=0.1)
    found = look(asked + STANDS_S + 0.01)
    assert [reason for reason in found.reasons if reason.code == "reports_waiting"] == [Reason("reports_waiting", {"minutes": 5})]
    other, _ = ask_for_report(owner)
    lease = "UPDATE report_request SET state = 'making', lease_until = to_timestamp(%s) WHERE id = %s"
    owner.execute(lease, [asked + SLOW_S + 2, other])
    assert codes(look(asked + SLOW_S - 0.01)) == set(), "the printer makes another one"
    assert codes(look(asked + SLOW_S + 1)) == {"reports_waiting"}
    owner.execute("DELETE FROM report_request WHERE id = %s", [of_id])
    assert codes(look(asked + SLOW_S + 1)) == set() and look(asked + SLOW_S + 1).figures["reports_waiting"] == 0
    assert codes(look(asked + SLOW_S + 3)) == {"reports_waiting"}, "whoever made it is gone"
    owner.execute("DELETE FROM report_request")
    owner.execute("INSERT INTO report_wish (id, form, wished_at) VALUES (%s, 'pdf', to_timestamp(%s))", [other, asked])
    assert codes(look(asked + STANDS_S + 0.01)) == {"reports_waiting"}, "a file that nobody writes"
    owner.execute("UPDATE report_wish SET problem = '{}'")
    assert codes(look(asked + STANDS_S + 0.01)) == set()


def ask_for_report(owner: Connection) -> tuple[object, float]:
    """A request, and when it was asked."""
    row = owner.execute(
        "INSERT INTO report_request (asker, city, area, kind, lang, detail, scope, figures)"
        " VALUES ('chen', '1', '1', 'weekly', 'zh', 'figures', 'a1', 'a1') RETURNING id, asked_at"
    ).fetchone()
    assert row is not None
    return row[0], row[1].timestamp()


def test_the_last_import_is_told(owner: Connection, home: Path) -> None:
    for outcome in ("loaded", "failed", "dry_run"):
        owner.execute("INSERT INTO import_run (city, profile, finished_at, outcome, report) VALUES ('1', 'p', now(), %s, '{}')", [outcome])
    assert look(time.time()).figures["import_last_succeeded"] == 0


def test_what_was_found_is_stored_for_the_processes_that_serve(home: Path) -> None:
    assert read_conditions() == Conditions()
    store(Conditions(12.0, (Reason("backup_late", {"hours": 50}),), {"database_up": 1.0}, "Asia/Shanghai"))
    assert read_conditions(20.0) == Conditions(12.0, (Reason("backup_late", {"hours": 50}),), {"database_up": 1.0}, "Asia/Shanghai")
    assert conditions.status_folder().stat().st_mode & 0o077 == 0
    (conditions.status_folder() / "conditions.json").write_text("{")
    assert read_conditions() == Conditions(), "half a file is no reason to fail"


def test_processes_that_hang_or_are_missing_and_a_silent_keeper_are_told(home: Path, supervised: None) -> None:
    began = 1_000_000
    for figure, value in (("started_at", began), ("workers", 3), ("workers_ready", 3), ("last_stuck_at", 0)):
        supervision.set(figure, value)  # type: ignore[arg-type]
    assert codes(read_conditions(began + SILENT_S)) == set()
    assert codes(read_conditions(began + SILENT_S + 1)) == {"keeper_silent"}
    store(Conditions(began + 100.0))
    assert codes(read_conditions(began + 100 + SILENT_S)) == set()
    supervision.set("workers_ready", 2)
    assert codes(read_conditions(began + SILENT_S)) == set(), "it may still be starting"
    assert codes(read_conditions(began + SILENT_S + 1)) == {"process_missing"}
    supervision.set("workers_ready", 3)
    supervision.set("last_stuck_at", began + 10)
    assert codes(read_conditions(began + 10 + STUCK_FOR_S - 1)) == {"process_stuck", "keeper_silent"}
    assert codes(read_conditions(began + 10 + STUCK_FOR_S)) == {"keeper_silent"}


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "1", "{", '{"at": 1}', '{"at": 1, "reasons": null, "figures": {}}', '{"at": 1, "reasons": [3], "figures": {}}'),
        '{"at": 1, "reasons": [{"code": "disk_nearly_full", "facts": {}}], "figures": {}}',
        '{"at": 1, "reasons": [{"code": "disk_nearly_full", "facts": 7}], "figures": {}}',
        '{"at": [], "reasons": [], "figures": {}}',
        '{"at": 1, "reasons": [], "figures": {"x": "y"}}',
    ],
)
def test_a_damaged_file_counts_as_if_nobody_had_looked(home: Path, text: str) -> None:
    store(Conditions(5.0))
    conditions._file().write_text(text, "utf-8")
    assert read_conditions(now=0.0).at == 0.0


def test_what_the_last_backup_took_is_known_from_its_name_and_its_row(owner: Connection) -> None:
    assert last_duration_s(owner) is None
    note(owner, "backup", "gridwell-20261129T040000Z-1a2b3c4d", verified=False)
    note(owner, "backup", "by another name", verified=True)
    assert last_duration_s(owner) is None
    note(owner, "backup", "gridwell-20261129T040000Z-1a2b3c4d", verified=True)
    with owner.transaction(), behind_its_back(owner):
        owner.execute("UPDATE audit_log SET at = '2026-11-29T04:07:30Z' WHERE no = 3")
    assert last_duration_s(owner) == 450
