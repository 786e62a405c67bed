"""The systemd unit is one that systemd understands, and ``up`` tells systemd when it is ready."""

import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest
from gridwell_command import made_home, up

from cli import service
from cli._serving.supervisor import extend_start, tell_supervisor
from cli._serving.workers import run_in_own_process
from data.core.settings import ROOT, settings


@pytest.mark.parametrize("user", ["root", "daemon"])
@pytest.mark.parametrize("folder", ["state", "井格 it's 100% of $HOME"])
def test_systemd_understands_the_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, folder: str) -> None:
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("there is no systemd-analyze")
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path / folder))
    settings.cache_clear()
    unit = tmp_path / "gridwell.service"
    unit.write_text(service.make_unit(user), "utf-8")
    monkeypatch.undo()
    settings.cache_clear()
    answer = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60)
    ours = [line for line in answer.stderr.splitlines() if "gridwell" in line]
    assert (answer.returncode, ours) == (0, [])
    words = unit.read_text("utf-8").splitlines()
    assert f"User={user}" in words and "Restart=on-failure" in words and "Type=notify" in words
    assert ("UMask=0022" in words) == (user == "root"), "another account reads what root installs"
    assert ("CAP_SETUID" in unit.read_text("utf-8")) == (user == "root"), "others need no right of root's"


def test_a_user_who_is_not_there_is_refused() -> None:
    with pytest.raises(service.NoSuchUser):
        service._user("no-such-user-here")


def test_words_of_a_unit_keep_their_characters() -> None:
    assert service._quoted('a "b" \\ 5%') == '"a \\"b\\" \\\\ 5%%"'


@pytest.mark.parametrize("folder", ["a\nExecStartPre=/bin/true", "a\rb", "a\tb", "a\x1b[2J"])
def test_a_folder_s_name_adds_nothing_to_a_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path / folder))
    settings.cache_clear()
    try:
        with pytest.raises(service.FolderUnnamable):
            service.make_unit("root")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_nothing_is_said_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for nowhere in ("", "relative", str(tmp_path / "gone")):
        monkeypatch.setenv("NOTIFY_SOCKET", nowhere)
        tell_supervisor("READY=1")


@pytest.mark.slow
def test_up_tells_when_it_is_ready_and_when_it_ends(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener, made_home() as home:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(60)
        with up(home, NOTIFY_SOCKET=str(tmp_path / "notify")) as running:
            assert listener.recv(100) == b"READY=1"
            assert running.end(signal.SIGTERM) == 0
        assert listener.recv(100) == b"STOPPING=1"


def test_the_compose_file_starts_it_again_and_the_image_says_how_it_is() -> None:
    compose, image = (ROOT / "compose.yaml").read_text(), (ROOT / "Dockerfile").read_text()
    services = compose.count("\n    image:") + compose.count("\n    build:")
    for each in ("\n    restart: unless-stopped", "\n    healthcheck:", "max-size:"):
        assert compose.count(each) == services, each
    assert "HEALTHCHECK" in image and "/healthz" in image


@pytest.mark.skipif(os.geteuid() == 0, reason="root may install it")
def test_only_root_installs_it() -> None:
    answer = subprocess.run([str(ROOT / "gridwell"), "service", "--install"], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 2 and "sudo" in answer.stderr


def test_a_long_start_asks_for_more_time_while_it_waits(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the database, as in a migration, and for another process, as in the backup before it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor, psycopg.connect(database) as other:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        other.execute("SELECT pg_advisory_lock(1)")
        told: list[bytes] = []

        def release() -> None:
            while len(told) < 4:  # the first comes at once
                told.append(supervisor.recv(100))
            other.close()

        # Not more often: psycopg looks for signals every 0.1 s, and begins to count anew at each of them.
        listener = threading.Thread(target=release)
        with extend_start(0.3), psycopg.connect(database) as waiting:
            listener.start()
            waiting.execute("SELECT pg_advisory_lock(1)")
            listener.join()
            run_in_own_process(lambda: [supervisor.recv(100) for _ in range(2)])
        assert set(told) == {b"EXTEND_TIMEOUT_USEC=300000000"}
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_where_no_supervisor_listens_no_timer_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    with extend_start():
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
