"""Database roles where the account may not make them, and how the server's own account is set up."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import table_locks
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from data.cluster.server import SUPERUSER
from data.core.settings import settings
from data.database import connections, server_roles
from data.upkeep import service_role


@pytest.fixture
def powerless(database: str) -> Iterator[Connection]:
    """A connection of an account that may make no role and mark no function: the server's own."""
    engine = create_engine(connections.service_url())
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_where_all_is_there_no_right_is_needed(powerless: Connection) -> None:
    assert server_roles.list_missing_statements(powerless) == []
    server_roles.ensure_roles(powerless)
    server_roles.mark_leakproof(powerless)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """One role more than the server has, with a membership."""
    monkeypatch.setattr(server_roles, "ROLES", {**server_roles.ROLES, "gridwell_elsewhere": "NOLOGIN"})
    monkeypatch.setattr(server_roles, "MEMBERS", (*server_roles.MEMBERS, ("gridwell_elsewhere", "gridwell_service")))


def test_who_may_make_no_roles_is_told_what_to_ask_for(powerless: Connection, elsewhere: None) -> None:
    with pytest.raises(server_roles.NoRoles) as told:
        server_roles.ensure_roles(powerless)
    assert told.value.facts["statements"] == "CREATE ROLE gridwell_elsewhere NOLOGIN; GRANT gridwell_elsewhere TO gridwell_service"
    assert "permission denied" in str(told.value.facts["reason"])


@pytest.fixture
def mighty(database: str) -> Iterator[Engine]:
    """Connections of an account that may make roles: the superuser of the tests' own cluster, or the owner on another server."""
    for name in (SUPERUSER, make_url(database).username):
        engine = create_engine(connections.database_url().set(username=name), poolclass=NullPool)
        if _makes_roles(engine):
            yield engine
            return
    pytest.skip("nobody here may make roles")


def _makes_roles(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")))
    except OperationalError:
        return False


def test_who_may_make_the_missing_roles_makes_them(mighty: Engine, elsewhere: None) -> None:
    with mighty.connect() as owner:
        server_roles.ensure_roles(owner)
        assert server_roles.list_missing_statements(owner) == []
        wanted = "SELECT rolcanlogin, pg_has_role('gridwell_service', oid, 'MEMBER') FROM pg_roles WHERE rolname = 'gridwell_elsewhere'"
        assert tuple(owner.execute(text(wanted)).one()) == (False, True)
        owner.rollback()


def test_of_two_that_make_a_role_at_once_both_go_on(mighty: Engine, elsewhere: None) -> None:
    """Roles belong to the server, so another database's process may be the first: then only the rest is made."""
    with mighty.connect() as first, mighty.connect() as second:
        first.execute(text("CREATE ROLE gridwell_elsewhere NOLOGIN"))
        other = threading.Thread(target=server_roles.ensure_roles, args=[second])
        other.start()
        table_locks.until(lambda: _waits(first), "the second one waits for the first")
        first.commit()
        try:
            other.join()
            assert server_roles.list_missing_statements(second) == []
        finally:
            second.rollback()
            first.execute(text("DROP ROLE gridwell_elsewhere"))
            first.commit()


def _waits(connection: Connection) -> bool:
    """Whether another session waits for this connection's transaction."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")))


def test_who_may_not_trust_a_function_goes_on_without(powerless: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_roles, "LEAKPROOF", ("textlike(text, text)",))
    server_roles.mark_leakproof(powerless)
    assert server_roles.list_unmarked_functions(powerless) == ["textlike(text, text)"]


def test_the_server_s_password_is_made_once_where_one_is_asked_for(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests' own server asks for none: what it would answer is put in its place, for the first question alone."""
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path))
    settings.cache_clear()
    service_role.ensure_service()
    assert not connections.password_file().exists(), "it can sign in as it is"
    answers = iter(["no password supplied", None])
    monkeypatch.setattr(service_role, "_refusal", lambda: next(answers))
    with psycopg.connect(database) as owner:
        mighty = owner.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)
    if mighty:
        service_role.ensure_service()
        kept = connections.password_file()
        assert len(kept.read_text()) > 20 and kept.stat().st_mode & 0o777 == 0o600
        assert connections.service_url().password == kept.read_text().strip()
    else:
        with pytest.raises(service_role.ServiceRefused) as told:
            service_role.ensure_service()
        assert str(told.value.facts["reason"]).startswith("permission denied"), "what PostgreSQL says, without its details"
    settings.cache_clear()


def test_an_address_that_was_given_is_never_changed(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDWELL_SERVICE_URL", database.replace("gridwell@", "nobody_of_this_name@"))
    settings.cache_clear()
    with pytest.raises(service_role.ServiceRefused) as told:
        service_role.ensure_service()
    assert told.value.facts["role"] == "nobody_of_this_name"
    assert not connections.password_file().exists()
    monkeypatch.undo()
    settings.cache_clear()


def test_a_process_that_answers_people_forgets_the_owner_s_address(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_SERVICE_URL", "")
    before = connections.service_url()
    connections.drop_owner_access()
    try:
        assert connections.service_url() == before
        assert settings().database_url is None and "DATABASE_URL" not in connections.os.environ
    finally:
        monkeypatch.setenv("DATABASE_URL", database)
        settings.cache_clear()
