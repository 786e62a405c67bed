"""The log's identity: a copy, a renamed database and a restore are told apart by what is inside the log."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from audit_tools import Connection, become, behind_its_back, written
from databases import FreshDatabase, create_database, use_database
from sqlalchemy import create_engine, make_url

from data.auditing import anchors
from data.auditing.anchors import Anchor
from data.auditing.chain import Verdict, verify
from data.auditing.identity import identify_log
from data.auditing.restores import RestoreDoesNotFit, record_restore
from data.core.settings import ROOT
from data.database.migrate import make_config
from data.doctor import audit as doctor

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def rows(connection: Connection, count: int) -> None:
    """Write some rows and store the head, as the server does."""
    with connection.transaction():
        written(connection, count)
    anchors.anchor_head(connection)


def verified(connection: Connection, heads: Iterable[Anchor] = ()) -> Verdict:
    """What the check finds."""
    with connection.transaction():
        return verify(connection, heads)


def wrong(url: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    """What the doctor finds wrong: how many, and which."""
    with psycopg.connect(url) as connection:
        return {f.code: (f.outcome.total, f.outcome.offenders) for f in doctor.examine(connection) if not f.outcome.ok}


def rename(server: str, old: str, new: str) -> None:
    """Give the database of one address the name of the other one, which must be free."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{make_url(old).database}" RENAME TO "{make_url(new).database}"')


def test_a_copy_with_the_name_of_the_original_hides_no_row(cluster: str, fresh_database: FreshDatabase, home: Path) -> None:
    """Copied after two rows, renamed after thirteen: the copy is a database of its own, but the same log, and too short."""
    with fresh_database() as original:
        away = make_url(original).set(database=f"{make_url(original).database}_away").render_as_string(hide_password=False)
        with psycopg.connect(original, autocommit=True) as connection:
            rows(connection, 2)
        with create_database(cluster, original) as copy:
            with psycopg.connect(original, autocommit=True) as connection:
                rows(connection, 11)
            assert wrong(original) == {}
            rename(cluster, original, away)
            rename(cluster, copy, original)
            assert wrong(original) == {"audit.cut_off": (11, ("3–13",))}
            rename(cluster, original, copy)
            rename(cluster, away, original)


def test_a_new_database_in_the_place_of_the_old_one_hides_no_row(fresh_database: FreshDatabase) -> None:
    with fresh_database() as original, psycopg.connect(original, autocommit=True) as connection:
        rows(connection, 13)
        old = identify_log(connection)
    with fresh_database() as other, use_database(other):
        assert [code for code, _ in wrong(other).items()] == ["audit.foreign"], "empty"
        with psycopg.connect(other, autocommit=True) as connection:
            rows(connection, 20)
        total, offenders = wrong(other)["audit.foreign"]
        assert total == 1 and offenders[0].startswith(f"{old} · 13 · 20")


def test_each_log_has_an_identity_and_it_is_in_every_hash(owner: Connection) -> None:
    assert identify_log(owner) is None
    with owner.transaction(), owner.transaction(force_rollback=True):
        written(owner, 1)
        other = identify_log(owner)
    rows(owner, 2)
    identity = identify_log(owner)
    assert identity and other and identity != other and verified(owner).identity == identity
    with owner.transaction(), behind_its_back(owner):
        owner.execute("UPDATE audit_log SET prev = uuid_send(gen_random_uuid()) WHERE no = 1")
    assert verified(owner).altered.total == 1
    with owner.transaction(), behind_its_back(owner):
        owner.execute("UPDATE audit_log a SET hash = audit_hash(a) WHERE no = 1")
    found = verified(owner)
    assert (found.altered.total, found.inserted.total) == (0, 1), "the second row follows another first one"


def test_a_log_that_was_begun_before_goes_on_without_a_break(database: str, home: Path) -> None:
    """Its heads name the database, and count as before; those of another database need an explanation now."""
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        config = make_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
    with psycopg.connect(database) as old:
        written(old, 3)
        assert old.execute("SELECT prev FROM audit_log WHERE no = 1").fetchone() == (b"",)
        head = old.execute("SELECT hash FROM audit_log WHERE no = 3").fetchone()
        assert head
        line = {"database": anchors.identify_database(old), "no": 3, "hash": head[0].hex(), "at": "2026-11-01T00:00:00+00:00"}
    (home / "audit-anchors").write_text(json.dumps(line) + "\n")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    with psycopg.connect(database, autocommit=True) as new:
        rows(new, 2)
        first = new.execute("SELECT hash FROM audit_log WHERE no = 1").fetchone()
        assert first and str(identify_log(new)).replace("-", "") == first[0].hex()[:32]
        assert wrong(database) == {}
        with new.transaction(), behind_its_back(new):
            new.execute("DELETE FROM audit_log WHERE no > 2")
    assert wrong(database) == {"audit.cut_off": (4, ("3–6",))}, "with the row that the upgrade wrote"
    (home / "audit-anchors").write_text(json.dumps({**line, "database": "1/2", "no": 9}) + "\n")
    assert list(wrong(database)) == ["audit.foreign"]


# ---- Restores ----


@pytest.fixture
def restored(owner: Connection) -> int:
    """A log that lost rows 6 to 9, and says that it was restored: the number of that row."""
    rows(owner, 5)
    backup = verified(owner).head
    rows(owner, 4)
    with owner.transaction(), behind_its_back(owner):
        owner.execute("DELETE FROM audit_log WHERE no > 5")
    with owner.transaction():
        return record_restore(owner, "backup of Sunday", backup, by="cli:root")


def test_a_restore_explains_the_rows_that_it_lost(owner: Connection, database: str, restored: int) -> None:
    row = owner.execute("SELECT no, account, action, subject, detail FROM audit_log ORDER BY no DESC LIMIT 1").fetchone()
    assert row and row[:4] == (6, "cli:root", "log_restored", "backup of Sunday") and row[4]["replaces"] == {row[4]["before"]: 9}
    assert restored == 6 and identify_log(owner) == row[4]["identity"] != row[4]["before"]
    anchors.anchor_head(owner)
    assert wrong(database) == {}
    rows(owner, 6)
    assert wrong(database) == {}, "also after the new rows have the numbers of the lost ones"


def test_what_the_old_server_writes_after_the_restore_is_a_fault(owner: Connection, database: str, restored: int) -> None:
    old = anchors.read_anchors()[0].log
    anchors.append_anchor(old, 10, b"later")
    assert list(wrong(database)) == ["audit.foreign"]
    with owner.transaction():
        record_restore(owner, "the old server is off")
    assert wrong(database) == {}


def test_after_a_restore_the_new_rows_are_held_to_their_heads(owner: Connection, database: str, restored: int) -> None:
    rows(owner, 6)
    with owner.transaction(), behind_its_back(owner):
        owner.execute("DELETE FROM audit_log WHERE no > 8")
    assert wrong(database) == {"audit.cut_off": (4, ("9–12",))}


def test_a_backup_of_another_log_is_no_explanation(owner: Connection) -> None:
    rows(owner, 2)
    for head in ((2, b"other"), (3, b"later")):
        with pytest.raises(RestoreDoesNotFit), owner.transaction():
            record_restore(owner, "b", head)
    assert verified(owner).rows == 2


HUGE = 10**9


def say_restored(owner: Connection, identity: str | None, replaces: dict[str, int]) -> None:
    """A row that the owner writes to hide what comes later."""
    with owner.transaction():
        written(owner, 1, action="log_restored", detail={"identity": identity, "replaces": replaces})


def cut_to(owner: Connection, no: int) -> None:
    with owner.transaction(), behind_its_back(owner):
        owner.execute("DELETE FROM audit_log WHERE no > %s", [no])


def test_a_restore_explains_nothing_of_the_log_that_it_begins(owner: Connection) -> None:
    rows(owner, 2)
    say_restored(owner, "new", {"new": HUGE})
    rows(owner, 5)
    heads = anchors.read_anchors()
    assert verified(owner, heads).inserted.total == 1, "no restore says this"
    cut_to(owner, 4)
    found = verified(owner, heads)
    assert (found.identity, found.missing, found.cut_off.total) == ("new", (5, 8), 4)


def test_a_restore_that_begins_nothing_is_a_fault_and_explains_nothing(owner: Connection) -> None:
    rows(owner, 2)
    own = identify_log(owner)
    assert own is not None
    say_restored(owner, None, {own: HUGE, "another": HUGE})
    say_restored(owner, own, {own: HUGE})
    anchors.append_anchor("another", 13, b"x")
    rows(owner, 5)
    heads = anchors.read_anchors()
    assert identify_log(owner) == own
    cut_to(owner, 5)
    found = verified(owner, heads)
    assert (found.inserted.total, found.missing, found.foreign.total) == (2, (6, 9), 1)


def test_no_earlier_restore_explains_heads_of_a_log_that_begins_later(owner: Connection) -> None:
    rows(owner, 2)
    say_restored(owner, "first", {"second": HUGE})
    say_restored(owner, "second", {"first": 3})
    rows(owner, 5)
    heads = anchors.read_anchors()
    assert verified(owner, heads).inserted.total == 1, "nobody knows the identity of a later restore"
    cut_to(owner, 6)
    assert verified(owner, heads).missing == (7, 9)


def test_the_servers_role_cannot_say_that_it_was_restored(database: str) -> None:
    url = make_url(database).set(username="gridwell_service").render_as_string(hide_password=False)
    with psycopg.connect(url) as service:
        become(service, "gridwell_door")
        with pytest.raises(psycopg.errors.DatabaseError, match="only the owner"), service.transaction():
            written(service, 1, action="log_restored")
        assert written(service, 1) == [1]


def test_the_command_writes_the_row_and_names_what_it_explains(database: str, owner: Connection, home: Path) -> None:
    rows(owner, 1)
    anchors.append_anchor("another", 13, b"x")
    told = subprocess.run(
        [sys.executable, "-m", "cli", "audit", "restored", "moved here"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.splitlines() == [
        "Explained: heads of another up to row 13",
        "Row 2 of the audit log says that the database was restored: moved here",
    ]
    assert wrong(database) == {}
    assert Anchor(str(identify_log(owner)), *verified(owner).head) in [Anchor(a.log, a.no, a.hash) for a in anchors.read_anchors()]
