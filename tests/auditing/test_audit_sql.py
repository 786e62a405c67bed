"""The audit log from the server's database roles: they can have a row added, and nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
from audit_tools import Connection, become, behind_its_back, written
from rights_tools import as_service, refused

from data.core.roles import AUDIT, DB_ROLES, DOOR, SERVICE

DENIED, NO_OBJECT = "42501", "42704"
ROLES = (*DB_ROLES.values(), DOOR, AUDIT)
CHANGES = {
    "update": "UPDATE audit_log SET account = 'somebody else'",
    "delete": "DELETE FROM audit_log",
    "truncate": "TRUNCATE audit_log",
    "insert": "INSERT INTO audit_log SELECT no + 100, at, account, role, address, action, subject, person, purpose, detail, prev, hash"
    " FROM audit_log",
    "insert values": "INSERT INTO audit_log (no, at, account, role, address, action, subject, detail, prev, hash)"
    " VALUES (99, now(), '', '', '', '', '', '{}', '', '')",
    "copy": "COPY audit_log FROM STDIN",
    "merge its way in": "INSERT INTO audit_log (no) VALUES (1) ON CONFLICT (no) DO UPDATE SET account = 'x'",
    "lock": "LOCK TABLE audit_log IN ACCESS EXCLUSIVE MODE",
    "switch the trigger off": "ALTER TABLE audit_log DISABLE TRIGGER audit_stays",
    "drop the trigger": "DROP TRIGGER audit_stays ON audit_log",
    "drop it": "DROP TABLE audit_log",
    "rename it": "ALTER TABLE audit_log RENAME TO old_log",
    "another hash": "CREATE OR REPLACE FUNCTION audit_hash(of_row audit_log) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$",
    "a table in front of it": "CREATE TABLE public.audit_log2 (no bigint)",
    "a rule on it": "CREATE RULE quiet AS ON INSERT TO audit_log DO INSTEAD NOTHING",
    "replicate": "SET session_replication_role = replica",
    "become the owner": "SET ROLE gridwell",
}


@pytest.fixture(scope="module")
def logged(small: str) -> str:
    """Address of a database whose log has three rows, which stay."""
    with psycopg.connect(small) as connection:
        written(connection, 3)
    return small


@pytest.fixture
def server(logged: str) -> Iterator[Connection]:
    """A session of the server's own role, which is no superuser anywhere; what it does is taken back."""
    with as_service() as made:
        yield made


@pytest.fixture
def empty(database: str) -> Iterator[Connection]:
    """The same in a database of this test alone, whose log is empty."""
    with as_service() as made:
        yield made


@pytest.mark.parametrize("role", [*ROLES, SERVICE])
def test_no_role_of_the_server_changes_the_log(server: Connection, role: str) -> None:
    if role != SERVICE:
        become(server, role)
    states = {what: refused(server, change) for what, change in CHANGES.items()}
    assert not {what: state for what, state in states.items() if state not in (DENIED, NO_OBJECT)}


def test_auditors_give_nobody_leave(server: Connection) -> None:
    """PostgreSQL does not refuse whoever may at least read: it warns, and grants nothing."""
    become(server, AUDIT)
    server.execute("GRANT ALL ON audit_log TO PUBLIC")
    for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert server.execute("SELECT has_table_privilege(%s, 'audit_log', %s)", [DOOR, privilege]).fetchone() == (False,)


@pytest.mark.parametrize("role", [*ROLES, SERVICE])
def test_auditors_alone_read_it(server: Connection, role: str) -> None:
    if role != SERVICE:
        become(server, role)
    if role == AUDIT:
        assert server.execute("SELECT count(*) FROM audit_log").fetchone() == (3,)
    else:
        assert refused(server, "SELECT FROM audit_log") == DENIED


def test_auditors_read_nothing_else(server: Connection) -> None:
    become(server, AUDIT)
    for table in ("person", "incident_reporter", "incident", "account", "session", "token", "area", "rate_limit"):
        assert refused(server, f"SELECT FROM {table}") == DENIED, table


def test_every_role_has_rows_added_under_its_own_name(database: str, empty: Connection) -> None:
    for number, role in enumerate(ROLES, start=1):
        become(empty, role, account=f"account {number}")
        assert empty.execute("SELECT audit_append('export', 'x')").fetchone() == (number,)
        empty.commit()
    with psycopg.connect(database) as owner:
        found = owner.execute("SELECT account, action FROM audit_log ORDER BY no").fetchall()
    assert found == [(f"account {number}", "export") for number in range(1, len(ROLES) + 1)]


def test_the_service_by_itself_adds_nothing(server: Connection) -> None:
    assert refused(server, "SELECT audit_append('export', 'x')") == DENIED


@pytest.mark.parametrize("what", ["update", "delete", "truncate"])
def test_not_even_the_owner_changes_it_as_long_as_the_trigger_is_on(logged: str, connection: Connection, what: str) -> None:
    with pytest.raises(psycopg.Error, match="never changed or deleted"):
        connection.execute(CHANGES[what].encode())


def test_numbers_have_no_gap_where_something_was_taken_back(logged: str, connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError), connection.transaction():
        assert written(connection, 5)[0] == 4
        raise ZeroDivisionError
    assert written(connection, 2) == [4, 5]


def test_two_who_write_at_once_make_one_chain(database: str) -> None:
    """The second one waits for the first, and follows its row."""
    with psycopg.connect(database) as one, psycopg.connect(database) as other:
        written(one, 1)
        other.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable), other.transaction():
            written(other, 1)
        one.commit()
        assert written(other, 1) == [2]
        other.commit()
        rows = other.execute("SELECT encode(prev, 'hex'), encode(hash, 'hex') FROM audit_log ORDER BY no").fetchall()
        assert len(rows[0][0]) == 32 and rows[1][0] == rows[0][1]


# ---- Whom an access record is about ----

ASKED = "SELECT person, name_shown, home, cell FROM access_record_of(%s, %s, %s, %s, %s)"


def test_only_auditors_make_access_records(server: Connection) -> None:
    for role in (*DB_ROLES.values(), DOOR):
        become(server, role)
        assert refused(server, ASKED, "key", "1:p1", None, None, "asked by the person") == DENIED
        server.rollback()


def test_a_record_needs_a_purpose_and_is_written_down(empty: Connection) -> None:
    become(empty, AUDIT, account="auditor")
    with pytest.raises(psycopg.Error, match="a purpose is needed"), empty.transaction():
        empty.execute(ASKED, ["key", "1:p1", None, None, " "])
    assert empty.execute(ASKED, ["key", "reporter:1/2", None, None, "asked"]).fetchall() == [("reporter:1/2", None, None, None)]
    rows = empty.execute("SELECT account, action, person, purpose FROM audit_log").fetchall()
    assert rows == [("auditor", "access_record", "reporter:1/2", "asked")]


def test_a_number_that_nobody_has_is_written_down_too(empty: Connection) -> None:
    become(empty, AUDIT, account="auditor")
    assert empty.execute(ASKED, ["id", None, b"\x01" * 32, "3301************12", "asked"]).fetchall() == []
    assert empty.execute("SELECT subject, person, detail FROM audit_log").fetchall() == [
        ("id", None, {"found": 0, "wanted": "3301************12"})
    ]


def test_records_are_limited_in_rate(database: str, empty: Connection) -> None:
    with psycopg.connect(database) as owner:
        owner.execute("UPDATE rate_limit SET most = 2")
    become(empty, AUDIT, account="auditor")
    for _ in range(2):
        empty.execute(ASKED, ["key", "1:p1", None, None, "asked"])
    with pytest.raises(psycopg.Error, match="within an hour"):
        empty.execute(ASKED, ["key", "1:p1", None, None, "asked"])


def test_a_row_that_the_owner_changes_behind_its_back_is_changed(logged: str, connection: Connection) -> None:
    """What the tests of the chain rely on: that there is something to be found."""
    with behind_its_back(connection):
        assert connection.execute("UPDATE audit_log SET account = 'x'").rowcount == 3
