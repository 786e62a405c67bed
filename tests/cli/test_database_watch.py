"""A database server that dies under a running Gridwell is started again, or ``up`` ends with an error."""

import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from gridwell_command import Up, address_of, made_home, servers, up
from table_locks import until

from cli._serving.database_watch import MOST_FALLS
from data.cluster import processes
from data.database.socket import paths

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with made_home() as made:
        yield made


def main_process(home: Path) -> int:
    found = processes.postmaster(paths(home).data)
    assert found is not None
    return found


def ask(running: Up, path: str, token: str) -> httpx.Response:
    return httpx.get(running.url + path, headers={"authorization": f"Bearer {token}"}, timeout=60)


def test_a_server_that_was_killed_runs_again_and_everything_serves(home: Path) -> None:
    with up(home, GRIDWELL_WORKERS="2") as running:
        token, first = running.token, main_process(home)
        workers = running.workers()
        assert ask(running, "/api/cities", token).status_code == 200
        os.kill(first, signal.SIGKILL)
        until(lambda: "The database server runs again." in running.said(), "the server is started")
        assert main_process(home) != first
        assert "The database server has ended by itself" in running.said() and "postgres.log" in running.said()
        for _ in range(8):
            until(lambda: ask(running, "/api/cities", token).status_code == 200, "workers connect again by themselves")
        assert ask(running, "/healthz", token).status_code == 200
        assert running.workers() == workers, "no worker had to be replaced"
        assert running.end(signal.SIGTERM) == 0
    assert servers(home) == []


def test_while_it_is_away_people_are_told_to_come_again(home: Path) -> None:
    with up(home) as running:
        token, first = running.token, main_process(home)
        held = paths(home).mutex.open("ab")
        fcntl.flock(held, fcntl.LOCK_EX)  # whoever starts a server waits for it
        try:
            os.kill(first, signal.SIGKILL)
            until(lambda: ask(running, "/healthz", token).status_code == 503, "the health check says it")
            for path in ("/healthz", "/api/cities"):
                answer = ask(running, path, token)
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        finally:
            held.close()
        until(lambda: ask(running, "/healthz", token).status_code == 200, "it is started once the lock is free")
        with psycopg.connect(address_of(home).set(drivername="postgresql").render_as_string()) as owner:
            assert owner.execute("SELECT count(*) FROM city").fetchone() == (1,)


def test_a_server_that_cannot_be_started_ends_up_with_an_error(home: Path) -> None:
    with up(home) as running:
        main, data = main_process(home), paths(home).data
        control = data / "global" / "pg_control"
        kept = control.read_bytes()
        control.write_bytes(b"")
        try:
            os.kill(main, signal.SIGKILL)
            assert running.process.wait(120) == 2
        finally:
            control.write_bytes(kept)
        assert f"{MOST_FALLS} failures in a row" in running.said().splitlines()[-1]
    assert servers(home) == []
    with up(home) as again:
        assert httpx.get(f"{again.url}/healthz", timeout=60).status_code == 200
