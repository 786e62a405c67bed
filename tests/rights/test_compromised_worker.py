"""SECURITY.md on a compromised worker: it may claim to be anybody, and these protections still hold."""

import grp
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import as_service, become, load_people, refused, seeing, viewer_of
from sqlalchemy import make_url

from data.cluster.account import server_account
from data.core.roles import SERVICE
from data.core.state_folder import serving_account
from data.core.viewer import everything
from data.database.server_roles import ROLES
from data.database.socket import PORT

DENIED = "42501"
TOO_MANY = "GW002"
TAKEN = tuple(role for role in ROLES if role != SERVICE)


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city with people in it."""
    with fresh_database(city.load, load_people) as url:
        yield url


def test_whoever_can_send_statements_of_their_own_says_who_they_are() -> None:
    """A limit, not a promise: policies hold a wrong condition, but believe what the transaction says of itself."""
    widened = "SELECT count(*) FROM (SELECT set_config('gridwell.scope', '*', true) OFFSET 0) said, incident"
    with seeing(viewer_of(city.C8)) as connection, seeing() as beside:
        everywhere = beside.execute("SELECT count(*) FROM incident").fetchone()
        assert connection.execute("SELECT count(*) FROM incident WHERE true OR true").fetchone() != everywhere
        assert connection.execute(widened).fetchone() == everywhere


@pytest.mark.parametrize("role", TAKEN)
def test_no_role_it_can_take_changes_the_log_or_what_keeps_it(role: str) -> None:
    with as_service() as connection:
        connection.execute(f"SET ROLE {role}".encode())
        for statement in (
            *("UPDATE audit_log SET account = 'other'", "DELETE FROM audit_log", "TRUNCATE audit_log", "DROP TABLE audit_log"),
            *("INSERT INTO audit_log (no) VALUES (1)", "ALTER TABLE audit_log DISABLE TRIGGER audit_stays", "DROP FUNCTION audit_stays()"),
            *("UPDATE rate_limit SET most = 1000", "DELETE FROM person", "ALTER TABLE person DISABLE ROW LEVEL SECURITY"),
        ):
            assert refused(connection, statement) == DENIED, statement
        assert refused(connection, "SET ROLE gridwell") in {DENIED, "22023"}


def test_records_in_full_are_counted_for_each_account_it_claims_to_be() -> None:
    with as_service(autocommit=True) as connection, connection.transaction(force_rollback=True):
        become(connection, replace(everything(), name="one"))
        reveal = "SELECT reveal_person(district, id, 'looking around') FROM person LIMIT 1"
        most = 30
        for _ in range(most):
            assert refused(connection, reveal) == ""
        assert refused(connection, reveal) == TOO_MANY
        become(connection, replace(everything(), name="two"))
        assert refused(connection, reveal) == "", "the limit is an account's, not the process's"
        become(connection, everything(), "gridwell_audit")
        counted = connection.execute("SELECT account, count(*) FROM audit_log GROUP BY account ORDER BY account").fetchall()
        assert counted == [("one", most), ("two", 1)]


def test_numbers_come_sealed_out_of_the_database() -> None:
    with seeing() as connection:
        row = connection.execute("SELECT (reveal_person(district, id, 'looking around')).* FROM person LIMIT 1").fetchone()
        assert row and all(cell is None or isinstance(cell, bytes) for cell in row[3:])


def test_nobody_but_the_server_s_account_reaches_the_socket(cluster: str) -> None:
    """Whoever can is anybody to the embedded cluster, which asks for no password; so the folder is closed, and there is no port."""
    if "GRIDWELL_TEST_DATABASE_URL" in os.environ:
        pytest.skip("the tests' server is not an embedded cluster")
    folder = Path(str(make_url(cluster).query["host"]))
    state, socket = folder.stat(), folder / f".s.PGSQL.{PORT}"
    serving = serving_account()  # where root serves under another account, that account may pass the folder, and no other
    assert state.st_uid == server_account().pw_uid
    if serving is None:
        assert stat.S_IMODE(state.st_mode) == 0o700
    else:
        assert (stat.S_IMODE(state.st_mode), state.st_gid) == (0o710, serving.pw_gid)
        assert set(grp.getgrgid(serving.pw_gid).gr_mem) <= {serving.pw_name}
    assert socket.is_socket()
    with psycopg.connect(cluster) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
