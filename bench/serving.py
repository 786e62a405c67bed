"""Runs the real ``./gridwell up`` as a separate process, on a free port of this machine."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from bench.databases import parts
from bench.model import Json, Unmeasured
from data.accounts.guest import guest
from data.core.roles import SERVICE
from data.core.settings import ROOT
from data.privacy.keys import key_file

_START_S = 90
_END_S = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        url: its address without a slash at its end.
        token, session: credentials for it.
        process: its main process.
        home: its state folder.
    """

    url: str
    token: str
    session: str
    process: int
    home: Path

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request: signed in, and accepting compression as a browser does."""
        return {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip"}

    @property
    def workers(self) -> list[int]:
        """Processes that answer requests: the children of the main process, or the main process if it has none."""
        return _serving_children(self.process) or [self.process]


@contextmanager
def gridwell(database: str, workers: int = 1) -> Iterator[Server]:
    """Serve one database."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="gridwell-bench-") as home:
        own = {**environment(database, home), "GRIDWELL_PORT": str(port), "GRIDWELL_WORKERS": str(workers)}
        command = [sys.executable, "-m", "cli", "up"]
        url, owner = f"http://127.0.0.1:{port}", make_url(database).set(drivername="postgresql+psycopg")
        with running(command, url, "/healthz", Path(home) / "server.log", own) as process, guest(url=owner) as known:
            yield Server(url, known.token, known.session, process, Path(home))


def service_parts(database: str, server: Server) -> Json:
    """How a running server itself signs in to its database, as libpq's parameters: as a role that sees what it is told that it may see."""
    password = server.home / "service-password"
    known = {**parts(database), "user": SERVICE}
    return {**known, "password": password.read_text("ascii").strip()} if password.exists() else known


def environment(database: str, home: str) -> dict[str, str]:
    """Settings of a measured server: the present environment, except its address and its database; with the keys of who filled it."""
    here = {"GRIDWELL_HOST": "127.0.0.1", "GRIDWELL_LOG_LEVEL": "warning", "GRIDWELL_CITY": "", "GRIDWELL_RATE_FACTOR": "0"}
    return {**here, "DATABASE_URL": database, "GRIDWELL_HOME": home, "GRIDWELL_KEY_FILE": str(key_file())}


@contextmanager
def running(command: list[str], url: str, health: str, log: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run a server process, wait until ``health`` answers, and end it afterwards. Yields its process id.

    Raises:
        Unmeasured: it does not start; the text holds the end of its log.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + _START_S
        while not _answers(url + health):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unmeasured(f"a server did not start: {_last_line(log)}")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _serving_children(parent: int) -> list[int]:
    """Children of a process that run Python code; not the helper that tracks shared resources."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:  # the process has ended meanwhile
            continue
        if int(status[1]) == parent and b"resource_tracker" not in command:
            found.append(int(folder.name))
    return sorted(found)
