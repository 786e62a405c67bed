"""The real ``./gridwell`` in a state folder of its own, for tests."""

import atexit
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psycopg
from serving import ROOT, free_port
from sqlalchemy import URL, make_url
from table_locks import until

from cli._serving.keeper import NAME as KEEPER
from cli._serving.printer import NAME as PRINTER
from cli._testing.memory_folder import memory_folder
from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.cluster import processes
from data.cluster.lease import borrow_cluster
from data.database.connections import connection_arguments
from data.database.migrate import migrate
from data.database.socket import PORT, paths

DOOR = str(ROOT / "gridwell")
START_S, END_S = 300, 120


@contextmanager
def made_home() -> Iterator[Path]:
    """A state folder with a virtual environment and a database that holds a city, so that no demo city is made.

    Its name has what names of folders can have. Its database server is made and migrated once in a process, and its files are copied.
    """
    folder = Path(tempfile.mkdtemp(prefix="gridwell-door-"))
    folder.chmod(0o755)
    made = folder / "井格 it's"
    _virtual_environment(made / "venv")
    subprocess.run(["cp", "-a", str(_kept_data()), str(paths(made).data)], check=True)
    yield made
    shutil.rmtree(folder)


@cache
def _kept_data() -> Path:
    """The data folder of a database server that has ended, with a migrated database that holds a city."""
    kept = Path(tempfile.mkdtemp(prefix="gridwell-kept-", dir=memory_folder()))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    kept.chmod(0o755)
    with borrow_cluster(kept, print) as where:
        migrate(address_of(kept))
        with psycopg.connect(host=str(where.socket), port=PORT, user="gridwell", dbname="gridwell") as connection:
            connection.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('990000', '小城', 'Littleton', 'Asia/Shanghai')")
    return where.data


@contextmanager
def filled_home() -> Iterator[Path]:
    """The same with the small city, in which the doctor finds nothing wrong."""
    import small_city

    with made_home() as made:
        with borrow_cluster(made, print), psycopg.connect(**connection_arguments(address_of(made), "test")) as connection:
            connection.execute("DELETE FROM city")
            small_city.load(connection)
        yield made


def address_of(home: Path) -> URL:
    """Address of the database in a state folder, as its owner."""
    query = {"host": str(paths(home).socket), "port": str(PORT)}
    return make_url("postgresql+psycopg://gridwell@/gridwell").update_query_dict(query)


def _virtual_environment(venv: Path) -> None:
    """This run's own environment in the place where the door looks for one, marked as complete."""
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (venv / ".made").write_text("{}.{}\n".format(*sys.version_info[:2]))
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest()
    (venv / ".installed-requirements.txt").write_text(f"{digest}  -\n")


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "GRIDWELL_HOME": str(home), "LC_ALL": "C.UTF-8", **more}


class Up:
    """A running ``./gridwell up``."""

    def __init__(self, home: Path, words: str = "", **more: str) -> None:
        port = more.pop("GRIDWELL_PORT", None) or str(free_port())
        self.home, self.url = home, f"http://127.0.0.1:{port}"
        self.log = home / "up.log"
        begin = time.monotonic()
        with self.log.open("wb") as output:
            settings = environment(home, GRIDWELL_PORT=port, **more)
            self.process = subprocess.Popen([DOOR, "up", *words.split()], cwd="/", env=settings, stdout=output, stderr=output)
        while "Gridwell is ready" not in self.said() or "http://" not in self.said():
            assert self.process.poll() is None and time.monotonic() < begin + START_S, self.said()
            time.sleep(0.05)
        self.start_s = time.monotonic() - begin

    def said(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def token(self) -> str:
        """A token of somebody who sees everything."""
        with owner_transaction(address_of(self.home)) as connection:
            name = f"tester-{secrets.token_hex(4)}"
            store.add(connection, Draft(name, role="steward"))
            return tokens.make(connection, name, "test", 1)

    @property
    def address(self) -> str:
        return next(word for word in self.said().split() if word.startswith("http://"))

    def workers(self) -> set[int]:
        """Ids of the processes that serve: our children, but for PostgreSQL, the keeper and the printer."""
        return {pid for pid in self._children() if name_of(pid) not in (KEEPER, PRINTER)}

    def keepers(self) -> set[int]:
        """Ids of the processes that keep the clock."""
        return {pid for pid in self._children() if name_of(pid) == KEEPER}

    def printers(self) -> set[int]:
        """Ids of the processes that make reports."""
        return {pid for pid in self._children() if name_of(pid) == PRINTER}

    def _children(self) -> set[int]:
        ours = Path(f"/proc/{self.process.pid}")
        children = [Path("/proc", pid) for pid in (ours / "task" / ours.name / "children").read_text().split()]
        return {int(child.name) for child in children if _command(child) == _command(ours)}

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(END_S)

    def fall(self) -> None:
        """The machine goes while it works: nothing of it runs any more, the database server neither."""
        children = self._children()
        self.process.kill()
        self.process.wait()
        kill_servers(self.home)
        until(lambda: not any(_command(Path(f"/proc/{pid}")) for pid in children), "workers end with their parent")


def kill_one(find: Callable[[], set[int]]) -> int:
    """Kill one of some processes as soon as there is one; returns its id. Each of them may end, or be replaced, at any moment."""
    killed: list[int] = []

    def kill() -> bool:
        for pid in sorted(find()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return True
        return False

    until(kill, "there is a process to be killed")
    return killed[0]


def name_of(pid: int) -> str:
    """The name of a process; empty where it has just ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # it has just ended


@contextmanager
def up(home: Path, words: str = "", **more: str) -> Iterator[Up]:
    running = Up(home, words, **more)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def door(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DOOR, *words], env=environment(home, **more), capture_output=True, text=True, timeout=START_S)


def status(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def servers(home: Path) -> list[int]:
    return processes.in_folder(paths(home).data)


def kill_servers(home: Path) -> None:
    """Kill all processes of a database server, whichever end by themselves meanwhile, until none is left."""
    data = paths(home).data
    until(lambda: processes.end(servers(home), signal.SIGKILL, END_S, data) and not servers(home), "the database server is gone")
