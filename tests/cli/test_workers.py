"""Several workers behind one port: all serve, a worker that dies is replaced, and none outlives the server."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from gridwell_command import Up, door, kill_one, made_home, servers, up
from serving import ROOT, Server, serving
from table_locks import until

from data.database.connections import connection_arguments, service_url
from data.database.socket import PORT, paths
from data.feeds.keeping import DayKeeper
from data.feeds.landing.queue import FeedKeeper
from data.live import changes
from data.live.versions import touch
from data.notices.sending import Sender
from data.reports.sending.keeping import ReportKeeper
from data.wall.keeping import WallKeeper

pytestmark = pytest.mark.slow

MANY = 24
"""The kernel shares out connections by their address: one in 2 ** 23 times all of so many come to the same one of two workers."""
TILE = "/tiles/facilities/11/1706/844.mvt"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with made_home() as made:
        yield made


@contextmanager
def connections(url: str, token: str) -> Iterator[list[httpx.Client]]:
    """Clients with a connection each, kept open."""
    with ExitStack() as opened:
        headers = {"authorization": f"Bearer {token}"}
        yield [opened.enter_context(httpx.Client(base_url=url, headers=headers, timeout=60)) for _ in range(MANY)]


def answers(running: Up) -> bool:
    with connections(running.url, running.token) as clients:
        return all(client.get("/healthz").status_code == 200 for client in clients)


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_both_serve_and_whoever_signed_in_with_one_is_signed_in_with_the_other(home: Path) -> None:
    with up(home, GRIDWELL_WORKERS="2") as running:
        workers = running.workers()
        assert len(workers) == 2
        assert running.said().count("http://") == 1
        for name in ("up.json", "log"):  # the first administrator's link; what PostgreSQL says of rows that it refused
            assert (home / name).stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"
        headers = {"authorization": f"Bearer {running.token}"}
        for _ in range(MANY):
            assert httpx.get(f"{running.url}/openapi.json", headers=headers, timeout=60).status_code == 200
        assert running.end(signal.SIGTERM) == 0
        assert all(map(gone, workers))
    assert servers(home) == []


def test_one_that_falls_is_replaced_and_all_end_with_the_server_however_that_ends(home: Path) -> None:
    with up(home, GRIDWELL_WORKERS="2") as running:
        workers = running.workers()
        first = kill_one(lambda: workers)
        until(lambda: len(running.workers() - {first}) == 2, "another worker starts")
        assert workers - {first} <= running.workers()
        assert "ended by itself (SIGKILL)" in running.said()
        assert answers(running)
        workers = running.workers()
        running.process.kill()
        running.process.wait()
        until(lambda: all(map(gone, workers)), "workers end with their parent")
    with up(home, GRIDWELL_WORKERS="2", GRIDWELL_PORT=running.url.rsplit(":", 1)[1]) as again:
        assert answers(again)


def test_one_process_keeps_the_clock_as_the_owner_and_those_that_serve_are_not(home: Path) -> None:
    with up(home, GRIDWELL_WORKERS="2") as running:
        (keeper,) = running.keepers()
        assert len(running.workers()) == 2 and keeper not in running.workers()
        where = paths(home)
        with psycopg.connect(host=str(where.socket), port=PORT, user="gridwell", dbname="gridwell", autocommit=True) as owner:
            sessions = (
                "SELECT DISTINCT application_name, usename FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL"
            )
            keeping = {"gridwell clock", "gridwell cases", "gridwell rules", "gridwell sequencer"}
            wanted = {*((name, "gridwell") for name in keeping), ("gridwell changes", "gridwell_service")}
            until(lambda: set(owner.execute(sessions).fetchall()) >= wanted, "the clock and the listeners are there")
            assert answers(running)
            at_times = {work.session for work in (Sender, WallKeeper, ReportKeeper, FeedKeeper, DayKeeper)} | {"gridwell status"}

            def owners() -> set[str]:
                return {name for name, who in owner.execute(sessions).fetchall() if who == "gridwell"}

            # Sessions that were closed just now, such as this test's own, are listed for a moment.
            until(lambda: keeping <= owners() <= keeping | at_times, "nobody else signs in as the owner")
        kill_one(lambda: {keeper})
        until(lambda: running.keepers() - {keeper}, "another keeper starts")
        assert running.end(signal.SIGTERM) == 0
    assert servers(home) == []


def supervised(work: str, look_s: float = 1.0) -> subprocess.CompletedProcess[str]:
    """Two workers that do the given work, watched without any pause."""
    script = f"""
        import os, signal, sys, time
        from cli._serving import workers as _workers
        from cli._terminal import complain, error_sentence, unwind_on_signals
        from data.core.errors import GridwellError

        def work(place, ready):
            {work}

        unwind_on_signals()
        _workers.FIRST_PAUSE_S, _workers.LOOK_S = 0.0, {look_s}
        def end(): os.kill(os.getpid(), signal.SIGTERM)
        try:
            _workers.Workers(2, work, end, lambda: print("closing"), 0.2).run()
        except KeyboardInterrupt:
            print("ended")
        except GridwellError as error:
            complain(error_sentence(error))
    """
    return python(script)


def python(script: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: this one has threads, which no fork survives."""
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=300)


def test_workers_that_cannot_stay_alive_end_the_whole_in_one_sentence() -> None:
    fallen = supervised("sys.exit(3)")
    assert "5 times in a row (exit code 3)" in fallen.stderr.splitlines()[-1]
    assert fallen.stdout == "closing\n"


def test_what_a_worker_died_of_is_told() -> None:
    fallen = supervised("raise ZeroDivisionError('no answer')")
    assert "ZeroDivisionError: no answer" in fallen.stderr
    assert "5 times in a row (exit code 1)" in fallen.stderr.splitlines()[-1]


def test_one_that_does_not_end_when_told_is_ended() -> None:
    stubborn = supervised("ready(); time.sleep(60)")  # no handlers: the signal stays held back
    assert (stubborn.stdout, stubborn.stderr) == ("closing\nended\n", "")


def test_one_that_is_stuck_is_ended_and_replaced_while_those_that_give_signs_of_life_stay() -> None:
    stopped = supervised("""
            while place == 0:
                ready()
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGSTOP)
    """, look_s=0.05)  # fmt: skip
    *before, last = stopped.stderr.splitlines()
    assert [line.split(". ")[0] for line in before] == ["gridwell: A worker process was stuck and has been ended (SIGKILL)"] * 4
    assert "5 times in a row (SIGKILL)" in last


def test_a_parent_that_was_stopped_blames_nobody() -> None:
    ended = supervised("""
            if place == 0:
                os.kill(os.getppid(), signal.SIGSTOP)
                time.sleep(1.5)  # longer than so many looks take
                os.kill(os.getppid(), signal.SIGCONT)
            ready()
            time.sleep(0.2)
            ready()
            time.sleep(60)
    """, look_s=0.05)  # fmt: skip
    assert (ended.stdout, ended.stderr) == ("closing\nended\n", "")


def test_a_server_gives_signs_of_life_from_its_event_loop() -> None:
    told = python("""
        import os, signal, socket
        from cli._serving.server import serve

        async def app(scope, receive, send): ...

        told = []
        def alive():
            told.append("alive")
            if len(told) == 3:
                os.kill(os.getpid(), signal.SIGTERM)

        serve(app, socket.create_server(("127.0.0.1", 0)), alive)
        print(*told)
    """)
    assert (told.stdout, told.stderr) == ("alive alive alive\n", "")


@pytest.mark.parametrize(("task", "said", "code"), [
    ("print('filled')", "filled", 0),
    ("sys.exit(7)", "", 7),
    ("os.kill(os.getpid(), signal.SIGKILL)", "ended from outside (SIGKILL)", 0),
    ("import data.core.errors; raise data.core.errors.NoData()", "There is no city in the database", 2),
])  # fmt: skip
def test_a_task_apart_tells_how_it_went(task: str, said: str, code: int) -> None:
    script = f"""
        import os, signal, sys
        from cli._serving import workers as _workers

        def task():
            {task}

        try:
            _workers.run_in_own_process(task)
        except _workers.CutShort as error:
            print(error)
    """
    done = python(script)
    assert (said in done.stdout + done.stderr, done.returncode) == (True, code)
    assert "Traceback" not in done.stderr


def test_a_number_of_workers_that_cannot_be_is_told_in_one_sentence(home: Path) -> None:
    answer = door(home, "up", "--workers", "0")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "GRIDWELL_WORKERS cannot be “0”" in answer.stderr


@pytest.fixture
def two_workers(fresh_database: FreshDatabase) -> Iterator[tuple[Server, str]]:
    with fresh_database(city.load) as url, serving(url, GRIDWELL_WORKERS="2") as running:
        yield running, url


def taken_down(url: str, facility: str) -> int:
    """Take a facility away; the version of what there is now."""
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM facility WHERE source_key = %s", (facility,))
        touch(connection, city.CITY, ["facilities"])
        (version,) = connection.execute("SELECT (versions ->> 'facilities')::bigint FROM city").fetchone() or (0,)
    return int(version)


def listeners(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        return [pid for (pid,) in connection.execute(query, (changes.SESSION,)).fetchall()]


def tags(clients: list[httpx.Client], version: int) -> set[str]:
    """Tags of one tile, as each of many connections gets it."""
    return {client.get(TILE, params={"v": version}).headers["etag"] for client in clients}


def test_both_workers_serve_what_is_new_at_once_also_while_their_news_is_interrupted(two_workers: tuple[Server, str]) -> None:
    server, url = two_workers
    until(lambda: len(listeners(url)) == 2, "both listen")
    with connections(server.url, server.token) as clients:
        seen = [tags(clients, 1)]
        seen.append(tags(clients, taken_down(url, "f1")))
        for pid in listeners(url):
            with psycopg.connect(**connection_arguments(service_url(), "test")) as connection:  # nobody else but a superuser may
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        seen.append(tags(clients, taken_down(url, "f2")))
        until(lambda: len(listeners(url)) == 2, "both listen again")
        seen.append(tags(clients, taken_down(url, "f3")))
    assert [len(each) for each in seen] == [1, 1, 1, 1], "all connections get the same"
    assert len(set.union(*seen)) == 4, "and every time what is there then"
