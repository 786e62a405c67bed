"""No process of a running server shows a secret in the environment that it was started with, and all secrets still reach their users."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_city
from databases import FreshDatabase
from gridwell_command import status
from serving import Server, serving
from sqlalchemy import make_url
from table_locks import until

from cli._serving.keeper import NAME as KEEPER
from cli._serving.secrets import hide_secrets, secret_names
from data.core.settings import ROOT

TOKEN = "a token of sixteen letters or more"
SECRETS = {"GRIDWELL_OIDC_CLIENT_SECRET": "hidden-from-oidc", "GRIDWELL_METRICS_TOKEN": TOKEN, "PGPASSWORD": "hidden-from-libpq"}
OWNERS = "hidden-owner"


def processes(server: Server) -> dict[str, bytes | None]:
    """The environment of each process of a server, by name and number; ``None`` where the system does not show it to this account."""
    parents, names = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:  # everybody may read these; the name may hold spaces and parentheses
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(entry.name)] = (entry / "comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
    ours = {server.process}
    while more := {one for one, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return {f"{names[one]} {one}": environment(one) for one in ours if one in names}


def sees_everything() -> bool:
    """Whether the system shows this process the environment of every other: root has ``CAP_SYS_PTRACE``, but not in every container."""
    told = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return bool(int(told["CapEff"], 16) >> 19 & 1)


def environment(process: int) -> bytes | None:
    try:
        return Path(f"/proc/{process}/environ").read_bytes()
    except (PermissionError, FileNotFoundError, ProcessLookupError):
        return None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows environments of processes")
def test_no_process_that_runs_for_long_shows_a_secret(city_served: Server) -> None:
    until(lambda: any(name.startswith(KEEPER) for name in processes(city_served)), "the keeper runs")
    running = processes(city_served)
    assert len(running) >= 3, "parent, worker and keeper"
    if sees_everything():
        assert None not in running.values()
    for name, shown in running.items():
        for secret in (OWNERS, *SECRETS.values()):
            assert shown is None or secret.encode() not in shown, (name, secret)
    assert status(f"{city_served.url}/metrics") == 403
    assert status(f"{city_served.url}/metrics", Authorization=f"Bearer {TOKEN}") == 200, "they still reach who needs them"


@pytest.fixture
def city_served(fresh_database: FreshDatabase) -> Iterator[Server]:
    with fresh_database(small_city.load) as url:
        address = make_url(url).set(password=OWNERS).render_as_string(hide_password=False)
        with serving(address, **SECRETS) as server:
            yield server


def test_every_secret_setting_is_among_them() -> None:
    named = {"DATABASE_URL", "GRIDWELL_SERVICE_URL", "GRIDWELL_OIDC_CLIENT_SECRET", "GRIDWELL_METRICS_TOKEN", "PGPASSWORD"}
    assert named <= set(secret_names())


def test_without_secrets_nothing_is_started_anew() -> None:
    held = {"PATH": "/bin", "DATABASE_URL": ""}
    hide_secrets(held)
    assert held == {"PATH": "/bin", "DATABASE_URL": ""}


def test_any_text_comes_through_the_pipe() -> None:
    """Also bytes that are no text, and quotes; the second start has everything again, and its own environment has nothing of it."""
    script = (
        "import json, os, pathlib\nfrom cli._serving.secrets import hide_secrets\nhide_secrets()\n"
        "print(json.dumps([os.environ['PGPASSWORD'], os.environ['DATABASE_URL'], 'GRIDWELL_SECRETS_FD' in os.environ,"
        " 'geheim' in pathlib.Path('/proc/self/environ').read_text(errors='replace')]))"
    )
    secret = os.fsdecode(b"geheim \"'\\ \xff \xe4\xba\x95")
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PGPASSWORD": secret, "DATABASE_URL": "postgresql://a:geheim@b/c"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == [secret, "postgresql://a:geheim@b/c", False, False]
