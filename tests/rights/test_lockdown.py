"""A session of the server's role leaves nothing behind for later sessions: no defaults, temporary tables or large objects."""

import os
from typing import Any

import psycopg
import pytest
from psycopg import sql
from rights_tools import as_service, refused
from sqlalchemy import make_url

from data.core.roles import SERVICE
from data.database import lockdown
from data.doctor import rights
from data.upkeep import service_role

Connection = psycopg.Connection[Any]
DENIED = "42501"


def mighty(connection: Connection) -> bool:
    """Whether the account is a superuser, which the tests' own is not."""
    return connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)


def defaults(connection: Connection) -> set[str]:
    return {one for (held,) in connection.execute("SELECT setconfig FROM pg_db_role_setting") for one in held}


def test_the_server_starts_without_what_an_earlier_session_left(database: str) -> None:
    """Defaults that make it somebody else, and that would keep it from taking them back, in all databases and in this one."""
    name = sql.Identifier(make_url(database).database or "")
    with as_service(autocommit=True) as session, psycopg.connect(database) as owner:
        session.execute("ALTER ROLE gridwell_service SET role = 'gridwell_people'")
        with as_service() as later:
            assert later.execute("SELECT current_user::text").fetchone() == ("gridwell_people",)
        session.execute("ALTER ROLE gridwell_service SET default_transaction_read_only = on")
        session.execute("ALTER ROLE gridwell_service SET statement_timeout = 1")
        session.execute(sql.SQL("ALTER ROLE gridwell_service IN DATABASE {} SET search_path = 'pg_temp, public'").format(name))
        assert len(defaults(owner)) == 4
    service_role.ensure_service()
    with as_service() as later, psycopg.connect(database) as owner:
        assert later.execute("SELECT current_user::text, current_setting('search_path')").fetchone() == (SERVICE, '"$user", public')
        assert defaults(owner) == set()


def test_nothing_is_put_down_beside_our_tables(database: str) -> None:
    with as_service() as session:
        assert refused(session, "CREATE TEMP TABLE here (n int)") == ""
    service_role.ensure_service()
    with as_service() as session:
        assert refused(session, "CREATE TEMP TABLE here (n int)") == DENIED
        for role in ("gridwell_people", "gridwell_door"):
            session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            assert refused(session, "CREATE TEMP TABLE here (n int)") == DENIED
    with psycopg.connect(database) as owner:
        owner.execute("CREATE TEMP TABLE here (n int)")  # imports and roll-ups live by them
        owner.rollback()


def test_the_embedded_cluster_takes_large_objects_away(database: str) -> None:
    if "GRIDWELL_TEST_DATABASE_URL" in os.environ:
        pytest.skip("the tests' server is not an embedded cluster")
    with as_service() as session:
        for statement in ("SELECT lo_from_bytea(0, 'x')", "SELECT lo_creat(-1)", "SELECT lo_open(1, 131072)", "SELECT lo_unlink(1)"):
            assert refused(session, statement) == DENIED, statement


def test_what_the_owner_may_not_do_is_left_with_a_clear_line(database: str) -> None:
    service_role.ensure_service()
    with psycopg.connect(database, autocommit=True) as owner:
        assert lockdown.list_pending_statements(owner) == [] and rights.confined(owner).total == 0
        if mighty(owner):
            pytest.skip("a superuser may do everything")
    with as_service(autocommit=True) as powerless, psycopg.connect(database, autocommit=True) as owner:
        name = make_url(database).database
        owner.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO PUBLIC").format(sql.Identifier(name or "")))
        line = f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC"
        assert lockdown.lock_down(powerless) == [line]
        told = rights.confined(owner)
        assert told.ok and told.offenders == (f"{line};",)


def test_a_server_s_large_objects_are_named_for_its_administrator(database: str) -> None:
    """As it is on a server that somebody else looks after: the owner may not take what the superuser gives to all."""
    with psycopg.connect(database) as owner:
        if mighty(owner):
            pytest.skip("a superuser may do everything")
    superuser = make_url(database).set(username="postgres").render_as_string(hide_password=False)
    with psycopg.connect(superuser, autocommit=True) as mightiest:
        mightiest.execute("GRANT EXECUTE ON FUNCTION lo_creat(integer), lowrite(integer, bytea) TO PUBLIC")
    service_role.ensure_service()
    with psycopg.connect(database) as owner:
        statement = "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lowrite(integer,bytea) FROM PUBLIC"
        assert lockdown.list_pending_statements(owner) == [statement]
