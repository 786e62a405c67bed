"""The real ``./gridwell`` in a state folder of its own: start, end, kill, and start again."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from gridwell_command import door, made_home, servers, status, up
from psycopg import sql
from serving import free_port, healthy
from sqlalchemy import make_url

from data.cluster import processes
from data.cluster.errors import NotOurs
from data.cluster.lease import borrow_cluster
from data.database.drop import drop_database
from data.database.socket import PORT, paths

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A state folder with a virtual environment and a database that holds a city."""
    with made_home() as made:
        yield made


def test_it_starts_tells_one_address_and_ends_everything(home: Path) -> None:
    with up(home) as running:
        print(f"ready after {running.start_s:.1f} s")
        assert running.said().count("http://") == 1
        assert healthy(running.url)
        assert status(f"{running.url}/api/areas/990000") == 401
        assert status(f"{running.url}/?token=wrong") == 401
        assert status(f"{running.url}/openapi.json", Authorization=f"Bearer {running.token}") == 200
        assert "/first?key=" in running.address
        assert status(running.address) == 200
        second = door(home, "up")
        assert (second.returncode, running.address in second.stdout, "left as it is" in second.stdout) == (0, True, False)
        assert "left as it is" in door(home, "up", "--workers", "2").stdout
        assert running.end(signal.SIGTERM) == 0
    assert servers(home) == []
    assert not healthy(running.url)


def test_after_kill_9_the_next_start_takes_the_server_over(home: Path) -> None:
    with up(home) as first:
        before = first.address
        first.process.kill()
        first.process.wait()
    left = processes.postmaster(paths(home).data)
    assert left is not None
    with up(home) as second:
        assert healthy(second.url)
        assert processes.postmaster(paths(home).data) == left
        assert status(second.address) == 200
        assert status(f"{second.url}/first?key={before.split('key=')[1]}") == 410, "a newer link was made"
        assert second.end(signal.SIGINT) == 0
    assert servers(home) == []


def test_after_kill_9_of_everything_the_next_start_recovers(home: Path) -> None:
    data = paths(home).data
    with up(home) as first:
        first.fall()
    # After a restart of the machine the number in the lock file may belong to any other program.
    lock = data / "postmaster.pid"
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().split("\n")[1:]]))
    with up(home) as second:
        assert healthy(second.url)


def test_the_server_ends_with_its_last_user(home: Path) -> None:
    with borrow_cluster(home, print):
        with borrow_cluster(home, print):
            first = processes.postmaster(paths(home).data)
        assert first is not None
        assert processes.postmaster(paths(home).data) == first
    assert servers(home) == []


def test_a_port_in_use_is_told_in_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = door(home, "up", GRIDWELL_PORT=str(taken.getsockname()[1]))
    assert answer.returncode == 2
    assert "GRIDWELL_PORT" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert servers(home) == []


@pytest.mark.parametrize(("words", "settings", "sentence"), [
    (("up",), {"GRIDWELL_HOST": "0.0.0.0"}, "Make an administrator first"),
    (("up",), {"GRIDWELL_PORT": "99999"}, "GRIDWELL_PORT cannot be “99999”"),
    (("up", "--workers", "0"), {}, "the least is 1"),
    (("up", "--alive"), {}, "only in the demo city; this database holds 小城"),
    (("up", "--alive", "--speed", "0"), {}, "must be a number from 0.01"),
    (("up", "--speed", "60"), {}, "--speed goes with --alive"),
    (("up", "--until", "2026-02-30"), {}, "“2026-02-30” is none of them"),
    (("demo",), {"DATABASE_URL": "here"}, "DATABASE_URL must be the address"),
    (("doctor", "--city", "atlantis"), {}, "There is no city with the code “atlantis”"),
    (("bench", "--json", "/nowhere/bench.json"), {}, "There is no folder “/nowhere”"),
    (("demo",), {"DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere"}, "does not answer"),
    (("nonsense",), {}, "nonsense"),
])  # fmt: skip
def test_what_cannot_be_is_told_in_one_sentence(home: Path, words: tuple[str, ...], settings: dict[str, str], sentence: str) -> None:
    answer = door(home, *words, **{"GRIDWELL_PORT": str(free_port()), **settings})
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_database_without_postgis_is_told_in_one_sentence(home: Path, cluster: str) -> None:
    name = "gridwell_test_plain"
    with psycopg.connect(cluster, autocommit=True) as connection:
        if connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,):
            pytest.skip("the given test server's user may create extensions")
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            plain = make_url(cluster).set(database=name).render_as_string(hide_password=False)
            answer = door(home, "demo", DATABASE_URL=plain)
        finally:
            drop_database(connection, name)
    assert answer.returncode == 2
    assert "CREATE EXTENSION postgis" in answer.stderr


def test_a_state_folder_that_cannot_be_made_is_told_in_one_sentence() -> None:
    answer = door(Path("/dev/null/home"), "up")
    assert answer.returncode == 2
    assert "GRIDWELL_HOME" in answer.stderr


def test_a_socket_that_would_be_too_long_gets_a_short_folder() -> None:
    folder = Path(tempfile.mkdtemp(prefix="gridwell-long-"))
    folder.chmod(0o755)
    try:
        with borrow_cluster(folder / ("长" * 40), print, durable=False) as where:
            assert where.socket.parent == Path("/tmp")
            assert where.socket.stat().st_mode & 0o067 == 0
            psycopg.connect(host=str(where.socket), port=PORT, user="gridwell", dbname="gridwell").close()
        assert not where.socket.exists()
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("strange", ["a,b", 'a"b', "a\\b", "@a"])
def test_characters_that_mean_something_to_postgresql_never_reach_it(strange: str) -> None:
    assert strange not in str(paths(Path("/tmp") / strange).socket)


def test_where_the_server_account_cannot_pass_the_data_lies_elsewhere(tmp_path: Path, as_root: Callable[[], None]) -> None:
    as_root()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    where = paths(closed / "home")
    assert where.base.parent == Path("/var/lib/gridwell")
    assert paths(closed / "home") == where


def test_a_cluster_of_another_user_is_told_in_one_sentence(as_root: Callable[[], None]) -> None:
    as_root()
    folder = Path(tempfile.mkdtemp(prefix="gridwell-theirs-"))
    (folder / "pg").mkdir()
    os.chown(folder / "pg", 65534, 65534)
    try:
        with pytest.raises(NotOurs, match="belongs to the user"), borrow_cluster(folder, print):
            raise AssertionError("it is not ours")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def as_root() -> Callable[[], None]:
    def skip_otherwise() -> None:
        if os.geteuid() != 0:
            pytest.skip("only root runs its server under another account")

    return skip_otherwise


def test_version_and_help_need_nothing_else(home: Path) -> None:
    assert door(home, "--version").stdout.startswith("Gridwell ")
    helped = door(home)
    assert helped.returncode == 0
    for command in ("up", "test", "demo"):
        assert command in helped.stdout
