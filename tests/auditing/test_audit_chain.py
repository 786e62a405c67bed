"""The chain of the audit log: rows that are altered, removed, inserted or cut off are found."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from audit_tools import Connection, behind_its_back, forged, put_in, written
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from data.auditing import anchors, guard
from data.auditing.anchors import Anchor
from data.auditing.chain import Verdict, row_hash, verify
from data.auditing.restores import record_restore
from data.core.settings import ROOT
from data.doctor import audit as doctor

pytestmark = pytest.mark.usefixtures("home")

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def log(small: str) -> Iterator[Connection]:
    """A log of ten rows whose changes are taken back."""
    with psycopg.connect(small) as connection:
        written(connection, 10)
        yield connection
        connection.rollback()


def faults(verdict: Verdict) -> dict[str, list[str]]:
    """What was found, by kind: the beginnings of the rows' names."""
    kinds = {"altered": verdict.altered, "removed": verdict.removed, "inserted": verdict.inserted}
    kinds |= {"cut_off": verdict.cut_off, "foreign": verdict.foreign}
    return {kind: [name.split(" · ")[0] for name in found.first] for kind, found in kinds.items() if found.total}


def test_an_untouched_log_is_sound(log: Connection) -> None:
    verdict = verify(log)
    assert verdict.sound and verdict.rows == 10 and verdict.head[0] == 10


def test_a_log_of_nothing_is_sound(small: str) -> None:
    with psycopg.connect(small) as connection:
        assert verify(connection).sound and verify(connection).head == (0, b"")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *((name, "x") for name in ("account", "role", "address", "action", "subject", "person", "purpose")),
        ("at", "2020-01-01T00:00:00Z"),
        ("detail", '{"n": 5}'),
    ],
)
def test_an_altered_row_is_named(log: Connection, column: str, value: str) -> None:
    with behind_its_back(log):
        log.execute(f"UPDATE audit_log SET {column} = %s WHERE no = 4", [value])
    assert faults(verify(log)) == {"altered": ["4"]}


def test_the_name_says_when_who_and_what(log: Connection) -> None:
    with behind_its_back(log):
        log.execute("UPDATE audit_log SET account = 'wang' WHERE no = 4")
    when, who, what, whom = verify(log).altered.first[0].split(" · ")[1:]
    assert when.endswith("Z") and (who, what, whom) == ("wang", "sign_in", "s3")


def test_an_altered_row_with_a_new_hash_does_not_fit_the_next_one(log: Connection) -> None:
    with behind_its_back(log):
        log.execute("UPDATE audit_log SET account = 'wang' WHERE no = 4")
        forged(log, 4)
    assert faults(verify(log)) == {"inserted": ["4 → 5"]}


def test_a_removed_row_is_named(log: Connection) -> None:
    with behind_its_back(log):
        log.execute("DELETE FROM audit_log WHERE no IN (1, 4, 5, 6)")
    verdict = verify(log)
    assert faults(verdict) == {"removed": ["1", "4–6"]} and verdict.removed.total == 4


def test_a_row_that_was_put_in_is_named(log: Connection) -> None:
    with behind_its_back(log):
        log.execute("UPDATE audit_log SET no = -no WHERE no > 4")
        put_in(log, 5, after=4)
        log.execute("UPDATE audit_log SET no = 1 - no WHERE no < 0")
    found = faults(verify(log))
    assert found["inserted"] == ["5 → 6"] and found["altered"] == ["6", "7", "8", "9", "10", "11"]


def test_a_row_before_the_first_was_put_in(log: Connection) -> None:
    with behind_its_back(log):
        put_in(log, 0, after=1)
    assert faults(verify(log))["inserted"] == ["0", "1"]


def test_a_tail_that_was_cut_off_does_not_reach_the_heads_that_were_kept(log: Connection) -> None:
    held = [Anchor(verify(log).identity, *verify(log).head)]
    with behind_its_back(log):
        log.execute("DELETE FROM audit_log WHERE no > 7")
    assert verify(log).sound, "by itself it looks like a shorter log"
    assert faults(verify(log, held)) == {"cut_off": ["8–10"]}


def test_a_chain_that_was_written_anew_does_not_fit_the_heads_that_were_kept(log: Connection) -> None:
    held = [Anchor(verify(log).identity, *verify(log).head)]
    with behind_its_back(log):
        log.execute("UPDATE audit_log SET account = 'wang' WHERE no = 4")
        for no in range(4, 11):
            log.execute("UPDATE audit_log SET prev = (SELECT hash FROM audit_log WHERE no = %s) WHERE no = %s", [no - 1, no])
            forged(log, no)
    assert verify(log).sound, "by itself it looks like the log of another day"
    assert faults(verify(log, held)) == {"cut_off": ["10"]}


def test_a_log_longer_than_one_portion_is_read_in_several(log: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.auditing.chain._AT_ONCE", 3)
    assert verify(log).sound and verify(log).rows == 10


@trying(max_examples=60)
@given(texts=st.lists(_TEXT, min_size=4, max_size=4), detail=st.dictionaries(_TEXT, _TEXT | st.integers() | st.none() | st.booleans()))
def test_the_hash_is_the_one_that_the_database_works_out(small: str, texts: list[str], detail: dict[str, Any]) -> None:
    subject, person, purpose, account = texts
    with psycopg.connect(small) as connection:
        written(connection, 2, subject=subject, person=person or None, purpose=purpose or None, detail=detail, account=account or "-")
        assert verify(connection).sound
        connection.rollback()


def test_the_form_of_a_row_stays_what_it_was() -> None:
    """Whoever changes it makes every log that was ever written look altered."""
    values = (7, "2026-11-23T21:00:00.000001Z", "李", "auditor", "10.0.0.1", "export", "audit_log", None, 'a "b"\n', '{"n": 1}', b"\x01")
    assert row_hash(values).hex() == "6bfd18d43f4bcd28f18e2b73ad9a4da9a69f7e0cde2c43095739d6310a9180a5"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("at = 'infinity'", "altered"),
        ("hash = NULL", "altered"),
        ("prev = NULL", "inserted"),
        ("action = 'log_restored', detail = NULL", "inserted"),
        ("action = 'log_restored', detail = '[1]'", "inserted"),
    ],
)
def test_what_no_row_can_hold_ends_no_check(log: Connection, change: str, kind: str) -> None:
    """The owner can take the constraints away; the check must then tell the row, and not break."""
    with behind_its_back(log):
        for column in ("hash", "prev", "detail"):
            log.execute(f"ALTER TABLE audit_log ALTER {column} DROP NOT NULL")  # type: ignore[arg-type]
        log.execute(f"UPDATE audit_log SET {change} WHERE no = 5")  # type: ignore[arg-type]
    found = faults(verify(log))
    assert "5" in found["altered"] and kind in found


# ---- Heads kept outside ----


def test_a_head_is_kept_once(log: Connection, home: Path) -> None:
    assert anchors.anchor_head(log) and not anchors.anchor_head(log)
    written(log)
    assert anchors.anchor_head(log)
    lines = [json.loads(line) for line in (home / "audit-anchors").read_text().splitlines()]
    assert [line["no"] for line in lines] == [10, 11]
    assert (home / "audit-anchors").stat().st_mode & 0o777 == 0o600
    assert [(held.no, held.hash) for held in anchors.read_anchors()] == [(line["no"], bytes.fromhex(line["hash"])) for line in lines]
    assert {held.log for held in anchors.read_anchors()} == {verify(log).identity}


def test_broken_lines_are_left_alone(log: Connection, home: Path) -> None:
    (home / "audit-anchors").write_text('nonsense\n[]\n{"no": 3}\n{"log": "a", "no": "x", "hash": "00"}\n')
    assert anchors.read_anchors() == []
    assert anchors.anchor_head(log) and [held.no for held in anchors.read_anchors()] == [10]


@pytest.mark.parametrize("number", ["1e999", "99999999999999999999999", "-1", "0", '"Infinity"', "[" * 5_000])
def test_numbers_that_no_row_has_are_left_alone(log: Connection, home: Path, number: str) -> None:
    """The file belongs to the account that serves: what stands there must end neither a check nor a restore."""
    (home / "audit-anchors").write_text(f'{{"log": "a", "no": {number}, "hash": "00"}}\n')
    assert anchors.read_anchors() == []
    assert record_restore(log, "some backup") == 11


def test_a_line_that_was_broken_off_spoils_only_itself(log: Connection, home: Path) -> None:
    (home / "audit-anchors").write_text('{"log": "a", "no"')
    assert anchors.anchor_head(log) and [held.no for held in anchors.read_anchors()] == [10]


def test_of_an_empty_log_nothing_is_kept(small: str, home: Path) -> None:
    with psycopg.connect(small) as connection:
        assert not anchors.anchor_head(connection)
    assert not (home / "audit-anchors").exists()


# ---- The doctor ----


def test_the_doctor_keeps_the_head_of_a_sound_log_and_finds_it_cut_off_afterwards(database: str) -> None:
    with psycopg.connect(database) as connection:
        written(connection, 5)
        connection.commit()
        assert all(finding.outcome.ok for finding in doctor.examine(connection))
        with behind_its_back(connection):
            connection.execute("DELETE FROM audit_log WHERE no = 5")
        connection.commit()
        wrong = {finding.code: finding.outcome.offenders for finding in doctor.examine(connection) if not finding.outcome.ok}
    assert wrong == {"audit.cut_off": ("5",)}


def test_the_doctor_sees_whoever_could_change_the_log(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("GRANT UPDATE, DELETE ON audit_log TO gridwell_door")
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_stays")
        connection.commit()
        wrong = {finding.code: finding.outcome.offenders for finding in doctor.examine(connection) if not finding.outcome.ok}
    assert wrong == {"audit.guard": ("gridwell_door: DELETE, UPDATE", "audit_stays")}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("GRANT UPDATE (account) ON audit_log TO gridwell_service", "gridwell_service: UPDATE"),
        ("GRANT INSERT ON audit_log TO PUBLIC", "PUBLIC: INSERT"),
        ("CREATE RULE hide AS ON INSERT TO audit_log WHERE new.account = 'x' DO INSTEAD NOTHING", "rule hide"),
        ("CREATE POLICY hide ON audit_log USING (account <> 'x')", "policy hide"),
        (
            "CREATE TRIGGER hide BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger hide",
        ),
        ("CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "function audit_stays()"),
        ("ALTER FUNCTION audit_append SECURITY INVOKER", "function audit_append(text,text,text,text,jsonb)"),
        ("ALTER FUNCTION audit_append SET search_path = pg_temp", "function audit_append(text,text,text,text,jsonb)"),
        (
            "DROP TRIGGER audit_stays ON audit_log; CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "audit_stays",
        ),
    ],
)
def test_the_doctor_sees_what_could_hide_rows_to_come(small: str, change: str, told: str) -> None:
    """None of these breaks the chain: a row that was never written is not missing."""
    with psycopg.connect(small) as connection:
        assert guard.list_breaches(connection) == ()
        connection.execute(change)  # type: ignore[arg-type]
        assert guard.list_breaches(connection) == (told,)
        connection.rollback()


@pytest.mark.slow
def test_the_door_tells_it(database: str) -> None:
    def asked(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", "doctor", "--audit", *more], cwd=ROOT, capture_output=True, text=True, timeout=60
        )

    with psycopg.connect(database) as connection:
        written(connection, 3)
    sound = asked()
    assert sound.returncode == 0 and "All is well." in sound.stdout, sound.stderr
    with psycopg.connect(database) as connection, behind_its_back(connection):
        connection.execute("UPDATE audit_log SET subject = 'nobody' WHERE no = 2")
    broken = json.loads(asked("--json").stdout)
    assert not broken["ok"] and [one["code"] for one in broken["installation"] if not one["ok"]] == ["audit.altered"]
