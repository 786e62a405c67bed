"""A restore puts a backup in the place of the data in one step, or leaves everything as it was."""

import json
import uuid
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import small_city
from audit_tools import written
from pack_tools import DEPARTMENTS, make_pack
from rights_tools import seeing
from sqlalchemy import make_url

from data.auditing import anchors
from data.backup import restore
from data.backup.create import create_backup
from data.backup.dump import FOLDER, load_dump
from data.backup.errors import FileAltered, Filled, ForeignBackup, KeysOfBackupMissing, NewerBackup, NewerServer, NotSound, OthersConnected
from data.backup.manifest import NAME
from data.backup.present import list_databases_aside
from data.backup.restore import Wishes, restore_dump
from data.backup.scratch import check_home, drop_database, scratch_cluster
from data.cluster.server import APP_ROLE, DATABASE, superuser
from data.core.settings import settings
from data.core.viewer import everything
from data.database.connections import connect
from data.database.server_roles import ROLES
from data.database.socket import paths
from data.doctor import audit
from data.doctor.examine import examine_city
from data.doctor.reports import issued_reports
from data.packs.tables.making import install
from data.privacy import keys
from data.privacy.sealing import seal, unseal
from data.reports.audience import Audience
from data.reports.issued import Made, issue_made
from data.reports.requests import Order
from reports.stored import to_json
from tests.reports.made import make_report

pytestmark = pytest.mark.slow


def quiet(_: str) -> None:
    """Nobody listens."""


def count_log() -> int:
    with connect() as connection:
        row = connection.execute("SELECT count(*) FROM audit_log").fetchone()
    assert row is not None
    return int(row[0])


def drop_aside() -> None:
    for name in list_databases_aside():
        drop_database(name)


def test_the_data_come_back_and_the_present_ones_are_kept(city: str, home: Path) -> None:
    (home / "rejects").mkdir()
    (home / "rejects" / "990000-1.csv").write_text("then")
    with connect() as connection:
        install(connection, make_pack(), small_city.CITY, DEPARTMENTS)
        connection.execute("INSERT INTO packs.labour_firm (gw_city, code, name) VALUES (%s, 'f1', '一号厂')", [small_city.CITY])
        connection.commit()
    made = create_backup(home.parent / "to", quiet)
    with connect() as connection:
        written(connection, 5)
        connection.execute("DELETE FROM packs.labour_firm")
        connection.execute("UPDATE area SET name = 'changed' WHERE code = '990101'")
        connection.commit()
        anchors.anchor_head(connection)
    (home / "rejects" / "990000-1.csv").write_text("now")
    with pytest.raises(Filled):
        restore_dump(made.folder, Wishes(), quiet)
    done = restore_dump(made.folder, Wishes(replace=True), quiet)
    try:
        with connect() as connection:
            assert connection.execute("SELECT name FROM area WHERE code = '990101'").fetchone() == ("西区",)
            with seeing(everything()) as viewer:
                assert viewer.execute("SELECT name FROM packs.labour_firm_seen").fetchall() == [("一号厂",)]
            assert install(connection, make_pack(), small_city.CITY) == []
            rows = connection.execute("SELECT no, action, subject FROM audit_log ORDER BY no DESC LIMIT 1").fetchall()
            assert rows == [(4, "log_restored", made.manifest.id)]
            assert [finding.code for finding in examine_city(connection, "990000") if not finding.outcome.ok] == []
            assert [finding.code for finding in audit.examine(connection) if not finding.outcome.ok] == []
        assert (home / "rejects" / "990000-1.csv").read_text() == "then"
        assert [path.read_text() for path in home.glob("rejects.before-*/*.csv")] == ["now"]
        assert [done.aside] == list_databases_aside()
        aside = make_url(city).set(database=done.aside).render_as_string(hide_password=False)
        with psycopg.connect(aside) as connection:
            assert connection.execute("SELECT name FROM area WHERE code = '990101'").fetchone() == ("changed",)
        assert sorted(path.name for path in home.iterdir() if "restor" in path.name) == []
    finally:
        drop_aside()


def test_an_issued_report_comes_back_byte_for_byte(city: str, home: Path) -> None:
    pdf = b"%PDF-1.7 as it was issued \x00\xff"
    of_id, no = issue_report(pdf)
    made = create_backup(home.parent / "to", quiet)
    assert made.verified, made.faults
    later, _ = issue_report(pdf)
    restore_dump(made.folder, Wishes(replace=True), quiet)
    try:
        with connect() as connection:
            kept = connection.execute("SELECT r.no, r.content, f.content FROM report r JOIN report_file f ON f.report = r.id").fetchall()
            assert kept == [(no, to_json(make_report("en")), pdf)], "what was issued since then is not there"
            hashed = connection.execute("SELECT r.sha256, f.sha256 FROM report r JOIN report_file f ON f.report = r.id").fetchone()
            assert hashed == (sha256(to_json(make_report("en"))).digest(), sha256(pdf).digest())
            assert issued_reports(connection).ok, "the audit log names the same hashes"
        for table in ("report", "report_file"):
            with connect() as connection, pytest.raises(psycopg.Error):
                connection.execute(f"UPDATE {table} SET content = ''".encode())
        again, number = issue_report(pdf)
        assert number > no and len({of_id, later, again}) == 3
    finally:
        drop_aside()


def issue_report(pdf: bytes) -> tuple[uuid.UUID, int]:
    """A report of the city with a file."""
    code, path = small_city.CITY, small_city.path_of(small_city.CITY)
    facts = {"code": "2026-W44", "first": "2026-10-26", "last": "2026-11-01"}
    order, audience = Order(code, "weekly", "2026-W44", lang="en"), Audience(code, code, "figures", path, path)
    with connect() as connection, connection.transaction():
        return issue_made(connection, Made(order, audience, to_json(make_report("en")), facts, {"pdf": pdf}), "chen")


def test_a_new_server_has_no_roles_and_gets_them(city: str, home: Path) -> None:
    made = create_backup(home.parent / "to", quiet)
    with scratch_cluster() as url:
        where = paths(check_home())
        with superuser(where) as connection, superuser(where, DATABASE) as inside:
            for role in ROLES:
                inside.execute(f"DROP OWNED BY {role}".encode())
                connection.execute(f"DROP ROLE {role}".encode())
            connection.execute(f"ALTER ROLE {APP_ROLE} CREATEROLE".encode())
        load_dump(made.folder / FOLDER, url)
        with superuser(where, DATABASE) as connection:
            assert connection.execute("SELECT has_table_privilege('gridwell_figures', 'area_figure_seen', 'SELECT')").fetchone() == (True,)
            assert connection.execute("SELECT pg_has_role('gridwell_service', 'gridwell_people', 'MEMBER')").fetchone() == (True,)


def test_an_empty_database_is_filled_without_asking(city: str, home: Path, fresh_database: object) -> None:
    made = create_backup(home.parent / "to", quiet)
    with fresh_database():  # type: ignore[operator]
        done = restore_dump(made.folder, Wishes(), quiet)
        assert done.aside is None and list_databases_aside() == []
        assert count_log() == 4


def test_another_installation_is_not_replaced_by_mistake(city: str, home: Path, fresh_database: object) -> None:
    made = create_backup(home.parent / "to", quiet)
    with fresh_database(small_city.load):  # type: ignore[operator]
        with connect() as connection:
            written(connection)
        with pytest.raises(ForeignBackup):
            restore_dump(made.folder, Wishes(replace=True), quiet)
        assert count_log() == 1
        restore_dump(made.folder, Wishes(replace=True, foreign=True), quiet)
        assert count_log() == 4
        drop_aside()


def test_whatever_is_wrong_leaves_everything_as_it_was(city: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = create_backup(home.parent / "to", quiet)
    before = (count_log(), sorted(path.name for path in home.iterdir()))
    wishes = Wishes(replace=True)
    with psycopg.connect(city), pytest.raises(OthersConnected):
        restore_dump(made.folder, wishes, quiet)
    with monkeypatch.context() as patch:
        patch.setattr(restore, "exchange_databases", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore_dump(made.folder, wishes, quiet)
    text = (made.folder / NAME).read_text()
    (made.folder / NAME).write_text(json.dumps(json.loads(text) | {"audit_hash": "00" * 32}))
    with pytest.raises(NotSound, match=r"audit\.head"):
        restore_dump(made.folder, wishes, quiet)
    (made.folder / NAME).write_text(json.dumps(json.loads(text) | {"revision": "9999"}))
    with pytest.raises(NewerBackup):
        restore_dump(made.folder, wishes, quiet)
    (made.folder / NAME).write_text(json.dumps(json.loads(text) | {"postgresql": "99.1"}))
    with pytest.raises(NewerServer):
        restore_dump(made.folder, wishes, quiet)
    (made.folder / NAME).write_text(text)
    toc = made.folder / "database" / "toc.dat"
    toc.write_bytes(toc.read_bytes()[:-1])
    with pytest.raises(FileAltered):
        restore_dump(made.folder, wishes, quiet)
    assert (count_log(), sorted(path.name for path in home.iterdir())) == before
    assert list_databases_aside() == []


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_restore_that_ends_right_after_the_exchange_is_finished_later(city: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.backup import pending

    (home / "rejects").mkdir()
    (home / "rejects" / "990000-1.csv").write_text("then")
    made = create_backup(home.parent / "to", quiet)
    (home / "rejects" / "990000-1.csv").write_text("now")
    with monkeypatch.context() as patch:
        patch.setattr(restore, "finish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore_dump(made.folder, Wishes(replace=True), quiet)
    assert count_log() == 4
    pending.finish_pending()
    assert (home / "rejects" / "990000-1.csv").read_text() == "then"
    assert not (home / "restore-pending.json").exists()
    drop_aside()


def test_a_missing_key_is_named_and_the_right_one_is_taken(city: str, home: Path) -> None:
    with connect() as connection:
        sealed = seal("12345", "account.totp_secret")
        connection.execute(
            "INSERT INTO account (name, shown, role, detail, figures, totp_secret) VALUES ('li', '', 'steward', 'people', '*', %s)",
            [sealed],
        )
    made = create_backup(home.parent / "to", quiet, keys=home.parent / "elsewhere")
    number = keys.keyring().newest
    assert made.manifest.sealed_with["account.totp_secret"] == [number]
    (home / "keys").unlink()
    with pytest.raises(KeysOfBackupMissing, match=rf"account\.totp_secret: {number}"):
        restore_dump(made.folder, Wishes(replace=True), quiet)
    assert not (home / "keys.given").exists() and not (home / "keys").exists()
    done = restore_dump(made.folder, Wishes(replace=True, keys=made.keys[0]), quiet)
    assert done.unreadable == ()
    assert (home / "keys").stat().st_mode & 0o077 == 0
    settings.cache_clear()
    assert unseal(sealed, "account.totp_secret") == "12345"
    (home / "keys").unlink()
    done = restore_dump(made.folder, Wishes(replace=True, without_keys=True), quiet)
    assert done.unreadable == (f"account.totp_secret: {number}",)
    drop_aside()
