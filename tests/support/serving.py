"""The real ``./gridwell up`` as a process of its own, for tests."""

import itertools
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from data.accounts.guest import guest
from data.privacy.keys import key_file

ROOT = Path(__file__).resolve().parents[2]
_START_S, _END_S = 240, 60
PATIENT = {
    **{"GRIDWELL_QUEUE_WAIT_MS": "300000", "GRIDWELL_POOL_WAIT_S": "300", "GRIDWELL_STATEMENT_TIMEOUT_MS": "300000"},
    "GRIDWELL_SESSION_IDLE_MIN": "600",
}
"""A server with these settings refuses nobody, however busy the machine is, nor whoever was away for a while: for tests of other things.

The first tiles of a page wait for each other on a cold server, and two seconds are soon over where two tests share a core with a third.
"""
_PORTS, _PORTS_OF_ONE = range(20_000, 32_000), 1_500
"""Below those that the system gives to connections, so that none takes a port between two starts; each process of a run has its share."""
_next_port = itertools.count(random.randrange(_PORTS_OF_ONE))


@dataclass(frozen=True)
class Server:
    """A running Gridwell: ``url`` without a slash at its end, the token that opens it to programs, and the session for browsers.

    Both are of a steward who sees everything. ``stop`` ends the process, ``start`` begins another one at the same address. ``process`` is
    the number of the first one, which supervises the others.
    """

    url: str
    token: str
    session: str
    log: Path
    stop: Callable[[], None] = field(default=lambda: None, repr=False)
    start: Callable[[], None] = field(default=lambda: None, repr=False)
    process: int = 0

    @property
    def cookie(self) -> dict[str, str]:
        """The cookie that signs a browser in, as Playwright wants it."""
        return {"name": f"gridwell-session-{urlsplit(self.url).port}", "value": self.session, "url": self.url}


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens; another one each time."""
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) * _PORTS_OF_ONE
    for number in itertools.islice(_next_port, _PORTS_OF_ONE):
        port = _PORTS[(share + number % _PORTS_OF_ONE) % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def healthy(url: str) -> bool:
    """Whether ``/healthz`` answers 200."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=30) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def serving(database_url: str, *, descriptors: int | None = None, words: str = "", **environment: str) -> Iterator[Server]:
    """Serve one database; further settings as keyword arguments (``GRIDWELL_CITY="110000"``).

    Args:
        database_url: its address.
        descriptors: how many files and sockets a process of the server may open, and no more.
        words: arguments of ``up``.
        environment: the settings.
    """
    home = Path(tempfile.mkdtemp(prefix="gridwell-serve-"))
    port = free_port()
    # What tests sealed on their way into the database, the server opens.
    own = {"GRIDWELL_KEY_FILE": str(key_file()), "DATABASE_URL": database_url, "GRIDWELL_HOME": str(home), "GRIDWELL_PORT": str(port)}
    with guest(url=make_url(database_url).set(drivername="postgresql+psycopg")) as known:
        yield from _served(
            Server(f"http://127.0.0.1:{port}", known.token, known.session, home / "server.log"), {**own, **environment}, descriptors, words
        )


def _served(server: Server, environment: dict[str, str], descriptors: int | None, words: str) -> Iterator[Server]:
    limited = [] if descriptors is None else ["prlimit", f"--nofile={descriptors}:{descriptors}"]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        with server.log.open("ab") as output:
            command = [*limited, sys.executable, "-m", "cli", "up", *words.split()]
            running.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output))
        _wait(server, running[-1])

    def stop() -> None:
        while running:
            _end(running.pop())

    try:
        start()
        yield replace(server, start=start, stop=stop, process=running[-1].pid)
    finally:
        stop()
        shutil.rmtree(server.log.parent, ignore_errors=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while not healthy(server.url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{server.log.read_text('utf-8', 'replace')}")
        time.sleep(0.1)
