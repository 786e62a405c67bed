"""Failures of strangers are counted by minute and network; what an auditor needs of them is in the log, and a flood stays small."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from audit_tools import Connection, become
from databases import FreshDatabase
from sqlalchemy import make_url
from table_locks import held, until, waiting

from data.accounts import identity, signin, store, unknown_tokens
from data.accounts.lockout import FREE_TRIES
from data.accounts.model import Draft
from data.accounts.passwords import hash_password
from data.accounts.transactions import Visitor, owner_transaction
from data.database import connections
from data.migrations.failures_0013 import MOST_ROWS
from data.upkeep.clock import Clock
from data.upkeep.entry_failures import MOST_NAMED, log_failures

PASSWORD = "correct horse battery"
PATIENCE_S = 60


def add_chen(connection: psycopg.Connection[Any]) -> None:
    """One account."""
    url = make_url(f"postgresql+psycopg:///{connection.info.dbname}").set(
        username=connection.info.user, query={"host": connection.info.host}
    )
    with owner_transaction(url) as own:
        store.set_password(own, store.add(own, Draft("chen", role="leader")).id, hash_password(PASSWORD))


@pytest.fixture
def url(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(add_chen) as made:
        yield made


@pytest.fixture
def owner(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest_asyncio.fixture(autouse=True)
async def pools():  # type: ignore[no-untyped-def]
    yield
    await connections.close_pools()


def counted(connection: Connection) -> list[tuple[str, str, str, int]]:
    return connection.execute(
        "SELECT way, account, network, sum(count)::int FROM entry_failure GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ).fetchall()


def logged(connection: Connection, action: str) -> list[tuple[str, dict[str, Any]]]:
    return connection.execute("SELECT subject, detail FROM audit_log WHERE action = %s ORDER BY no", [action]).fetchall()


async def fail(name: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        assert await signin.sign_in_with_password(name, "wrong", Visitor(address=address)) is None


async def test_a_name_that_nobody_has_is_counted_and_not_stored(owner: Connection) -> None:
    await fail("my-secret-password", "203.0.113.7", 3)
    await fail("root", "203.0.113.200")
    await fail("root", "198.51.100.1")
    await fail("root", "2001:db8:1:2::3")
    await fail("root", "2001:db8:1:ffff::4")
    await fail("root", "::ffff:203.0.113.9")
    await fail("root", "nowhere")
    assert counted(owner) == [
        ("password", "", "-", 1),
        ("password", "", "198.51.100.0/24", 1),
        ("password", "", "2001:db8:1::/48", 2),
        ("password", "", "203.0.113.0/24", 5),
    ]
    assert logged(owner, "sign_in_failed") == []


async def test_tries_that_were_checked_have_their_rows_and_tries_in_a_wait_are_counted(owner: Connection) -> None:
    await fail("chen", "203.0.113.7", FREE_TRIES + 1 + 7)
    assert logged(owner, "sign_in_failed") == [("chen", {"way": "password", "known": True})] * (FREE_TRIES + 1)
    assert counted(owner) == [("password", "chen", "203.0.113.0/24", 7)]


async def test_tokens_and_subjects_that_nobody_has_are_counted(owner: Connection) -> None:
    unknown_tokens.count_unknown_token("203.0.113.7")
    await unknown_tokens.finish_counting(PATIENCE_S)
    assert await signin.sign_in_with_subject("https://id.example", "x", Visitor(address="203.0.113.7")) is None
    assert counted(owner) == [("oidc", "", "203.0.113.0/24", 1), ("token", "", "203.0.113.0/24", 1)]


async def test_a_flood_of_tokens_takes_one_connection_at_a_time_and_never_the_guards(owner: Connection, url: str) -> None:
    """Also the guard's single connection stays free, with which every request begins: it is asked while the counting is held up."""
    with held(url, "entry_failure"):
        for n in range(300):
            unknown_tokens.count_unknown_token(f"203.0.{n % 3}.7")
        await asyncio.to_thread(until, lambda: waiting(url), "the counting")
        assert await identity.identify_token("gwp_made-up") is None
        assert waiting(url) == 1
    await unknown_tokens.finish_counting(PATIENCE_S)
    assert counted(owner) == [("token", "", f"203.0.{n}.0/24", 100) for n in range(3)]


async def test_tokens_wait_until_they_can_be_counted(owner: Connection, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_tokens, "PAUSE_S", 0.01)
    monkeypatch.setattr(unknown_tokens, "MOST_ADDRESSES", 1)
    monkeypatch.setattr(unknown_tokens, "MOST_AT_ONCE", 2)
    owner.execute("ALTER TABLE entry_failure RENAME TO entry_failure_gone")
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.7", "198.51.100.1"):
        unknown_tokens.count_unknown_token(address)
    await asyncio.sleep(0.05)
    owner.execute("ALTER TABLE entry_failure_gone RENAME TO entry_failure")
    await unknown_tokens.finish_counting(PATIENCE_S)
    assert counted(owner) == [("token", "", "-", 1), ("token", "", "203.0.113.0/24", 3)]


async def test_a_process_that_ends_does_not_wait_for_a_database_that_is_away(owner: Connection) -> None:
    owner.execute("ALTER TABLE entry_failure RENAME TO entry_failure_gone")
    unknown_tokens.count_unknown_token("203.0.113.7")
    await asyncio.wait_for(unknown_tokens.finish_counting(0.1), PATIENCE_S)
    owner.execute("ALTER TABLE entry_failure_gone RENAME TO entry_failure")
    assert counted(owner) == []


def make_old(connection: Connection) -> None:
    connection.execute("UPDATE entry_failure SET minute = minute - interval '1 minute'")


async def test_the_clock_brings_what_is_over_into_the_log(owner: Connection) -> None:
    await fail("root", "203.0.113.7", 3)
    await fail("chen", "198.51.100.1", FREE_TRIES + 1 + 2)
    assert log_failures(owner, "gridwell") == 0 or counted(owner) == [], "a minute that goes on is not closed"
    make_old(owner)
    clock = Clock()
    try:
        await asyncio.to_thread(clock.step, owner.execute("SELECT now()").fetchone()[0])  # type: ignore[index]
    finally:
        clock.close()
    rows = logged(owner, "entry_failures")
    assert sum(row["failures"] for _, row in rows) == 5 and sum(row["unknown"] for _, row in rows) == 3
    total = {key: value for _, row in rows for key, value in {**row["accounts"], **row["networks"]}.items()}
    assert total["chen"] == 2 and set(total) == {"chen", "203.0.113.0/24", "198.51.100.0/24"}
    assert counted(owner) == []


def test_a_flood_from_many_networks_takes_few_rows(owner: Connection) -> None:
    """Whoever has ten thousand networks fills neither this table nor the log."""
    with owner.transaction():
        for number in range(1_000):
            owner.execute("SELECT set_config('gridwell.address', %s, true)", [f"10.{number // 250}.{number % 250}.1"])
            owner.execute("SELECT count_entry_failure('password', '')")
    rows = counted(owner)
    assert len(rows) == MOST_ROWS + 1 and ("password", "", "*", 1_000 - MOST_ROWS) in rows
    make_old(owner)
    assert log_failures(owner, "gridwell") == 1
    ((_, told),) = logged(owner, "entry_failures")
    assert told["failures"] == told["unknown"] == 1_000 and len(told["networks"]) == MOST_NAMED + 1
    assert sum(told["networks"].values()) == 1_000


def test_the_servers_role_may_only_count(owner: Connection, fresh_database: FreshDatabase) -> None:
    url = make_url("postgresql://").set(
        username="gridwell_service", database=owner.info.dbname, query={"host": owner.info.host, "port": str(owner.info.port)}
    )
    with psycopg.connect(url.render_as_string(hide_password=False)) as service:
        become(service, "gridwell_door")
        service.execute("SELECT count_entry_failure('password', 'chen')")
        for statement in ("SELECT * FROM entry_failure", "DELETE FROM entry_failure", "UPDATE entry_failure SET count = 0"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), service.transaction():
                service.execute(statement)
    assert counted(owner) == [("password", "chen", "-", 1)]
