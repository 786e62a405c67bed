"""A database is dropped with whoever is connected, also while somebody is there whom its owner may not end, as autovacuum."""

import os
import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from data.cluster.server import SUPERUSER
from data.database.drop import drop_database

pytestmark = pytest.mark.skipif("GRIDWELL_TEST_DATABASE_URL" in os.environ, reason="a given server's superuser is not ours")
NAME = "gridwell_test_dropped"


@pytest.fixture
def owner(cluster: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(NAME)))
        yield connection
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))


def connect(cluster: str, user: str) -> psycopg.Connection:
    return psycopg.connect(make_url(cluster).set(database=NAME, username=user).render_as_string(hide_password=False), autocommit=True)


def exists(owner: psycopg.Connection) -> bool:
    return owner.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchone() is not None


def test_sessions_of_the_owner_are_ended(owner: psycopg.Connection, cluster: str) -> None:
    with connect(cluster, make_url(cluster).username or "") as other:
        drop_database(owner, NAME)
        assert not exists(owner)
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")
    drop_database(owner, NAME)  # what is not there need not be dropped


def test_who_may_not_be_ended_is_waited_for(owner: psycopg.Connection, cluster: str) -> None:
    other = connect(cluster, SUPERUSER)
    leaves = threading.Timer(1, other.close)
    leaves.start()
    drop_database(owner, NAME)
    leaves.join()
    assert not exists(owner)
