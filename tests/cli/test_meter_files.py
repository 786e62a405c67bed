"""A full disk ends no process that counts, and the terminal says what is wrong in one sentence."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from cli._serving import meter_files
from cli._serving.meter_files import KINDS, SIZE, VARIABLE, own_folder, release_files, reserve_files
from data.cluster.full_disk import find_full_disk
from data.core.settings import ROOT, settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems reserve no room")
_COUNT = """
import os
from cli._serving.meter_files import reserve_files
reserve_files()
from data.core import meters
meters.REQUESTS.labels("GET", "/", "200").inc()
meters.SECONDS.labels("/").observe(1)
meters.WAITING.set(1)
meters.TILES_MADE.labels("grid").inc()
print(os.getpid(), b'gridwell_http_requests_total{method="GET",route="/",status="200"} 1.0' in meters.read_meters())
"""


def test_every_file_that_a_process_counts_in_has_its_room(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=ROOT, env={**os.environ, VARIABLE: str(tmp_path)}, capture_output=True, text=True, check=True
    ).stdout.split()
    found = {path.name: path.stat() for path in tmp_path.iterdir()}
    assert told[1] == "True" and set(found) == {f"{kind}_{told[0]}.db" for kind in KINDS}
    assert {state.st_size for state in found.values()} == {SIZE}
    assert all(state.st_blocks * 512 >= SIZE for state in found.values()), "nothing of them is still to be found room for"


def test_without_room_a_process_counts_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(meter_files, "MEMORY", tmp_path / "memory")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "disk"))
    honest = os.posix_fallocate

    def full(opened: int, start: int, size: int) -> None:
        if str(tmp_path / "disk") in str(Path(f"/proc/self/fd/{opened}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        honest(opened, start, size)

    monkeypatch.setattr(os, "posix_fallocate", full)
    reserve_files()
    own = own_folder(os.getpid())
    assert os.environ[VARIABLE] == str(own) and len(list(own.iterdir())) == len(KINDS) and own.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "disk").iterdir()) == []
    release_files(os.getpid())
    assert not own.exists()


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path))
    settings.cache_clear()
    try:
        full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/backups/x")
        told = find_full_disk(full)
        assert told is not None and told.facts["folder"] == "/backups/x"
        refused = psycopg.errors.DiskFull("could not extend file")
        assert find_full_disk(refused) is not None and find_full_disk(DBAPIError("s", {}, refused)) is not None
        (tmp_path / "pg").mkdir()  # so that the data are here, whoever may pass the folders above
        connects_not = psycopg.OperationalError("FATAL:  could not write init file")
        assert find_full_disk(connects_not) is None, "where there is room, it has another reason"
        monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 0}))
        assert find_full_disk(connects_not) is not None
        assert find_full_disk(ValueError("x")) is None and find_full_disk(OSError(errno.EACCES, "no")) is None
    finally:
        monkeypatch.undo()
        settings.cache_clear()
