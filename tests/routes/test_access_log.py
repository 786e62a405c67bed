"""The server's log holds no query string, at any level and however it is started: queries contain tokens, codes and names."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from serving import ROOT, free_port, healthy, serving
from table_locks import until

pytestmark = pytest.mark.slow

SECRET = "k7Jq-do-not-write-me-down"
ADDRESSES = (
    f"/reset?key={SECRET}",
    f"/first?key={SECRET}",
    f"/?token={SECRET}",
    f"/wall?token={SECRET}",
    f"/signin/provider?code={SECRET}&state={SECRET}",
    f"/signin?next=/%3Fkey%3D{SECRET}",
    f"/api/search?q={SECRET}",
    f"/nowhere?{SECRET}",
    f"/reset?a=%3F&key={SECRET}",
    f"/report/seen/{SECRET}",
    f"/report/%73een/{SECRET}?lang=en",
)


@contextmanager
def by_itself(database: str, log: Path) -> Iterator[tuple[str, Path]]:
    """The app under uvicorn's own command, as somebody may run it who goes round ours."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "app:create_app", "--port", str(port), "--log-level", "debug"]
    with log.open("wb") as output:
        environment = {**os.environ, "DATABASE_URL": database}
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 240
        while not healthy(url):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield url, log
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def by_our_command(database: str, log: Path) -> Iterator[tuple[str, Path]]:
    with serving(database, GRIDWELL_LOG_LEVEL="debug") as server:
        yield server.url, server.log


@pytest.mark.parametrize("started", [by_our_command, by_itself])
def test_no_secret_of_an_address_is_logged(demo_city: str, tmp_path: Path, started: object) -> None:
    with started(demo_city, tmp_path / "server.log") as (url, log):  # type: ignore[operator]
        for address in ADDRESSES:
            assert httpx.get(f"{url}{address}", headers={"accept": "text/html"}, timeout=60).status_code != 500
        assert httpx.head(f"{url}/reset?key={SECRET}", timeout=60).status_code != 500
        until(lambda: '"HEAD /reset HTTP/1.1"' in log.read_text("utf-8", "replace"), "the last request is logged")
        told = log.read_text("utf-8", "replace")
    assert SECRET not in told and SECRET[:4] not in told
    assert '"GET /reset HTTP/1.1"' in told and '"GET /api/search HTTP/1.1"' in told
