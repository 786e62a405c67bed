"""When the watch of the database server starts it again, and when it gives up; with a server that is only a file."""

import subprocess
import sys
import textwrap
from pathlib import Path

from serving import ROOT


def watched(folder: Path, start: str, looks: int, enough: str = "False") -> list[str]:
    """What the watch says of a server that lives while there is a file, and is looked at so often, or until it is enough."""
    script = f"""
        import os, sys, time
        from pathlib import Path
        from cli._serving import database_watch
        from cli._serving.database_watch import DatabaseLost, DatabaseWatch

        alive, starts = Path("alive"), Path("starts")

        def start():
            starts.open("a").write("x")
            {start}

        database_watch.FIRST_PAUSE_S = 0.0
        watch = DatabaseWatch(alive.exists, start, Path("postgres.log"))
        try:
            for _ in range({looks}):
                watch.look()
                if {enough}:
                    break
                time.sleep(0.02)
        except DatabaseLost as error:
            print(error, file=sys.stderr)
        watch.end()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    environment = {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    return answer.stderr.splitlines()


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text()) if (folder / "starts").exists() else 0


def test_one_that_lives_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "alive").touch()
    assert (watched(tmp_path, "alive.touch()", 20), starts(tmp_path)) == ([], 0)


def test_one_that_died_is_started_once(tmp_path: Path) -> None:
    said = watched(tmp_path, "alive.touch()", 1_000, enough="alive.exists() and watch._starter is None")
    assert ["ended by itself" in said[0], "runs again" in said[1], len(said), starts(tmp_path)] == [True, True, 2, 1]


def test_one_that_cannot_be_started_is_given_up_after_five_times(tmp_path: Path) -> None:
    said = watched(tmp_path, "raise SystemExit(2)", 1_000)
    assert sum("could not be started (exit code 2)" in line for line in said) == starts(tmp_path) == 5
    assert "5 failures in a row" in said[-1] and "postgres.log" in said[-1]


def test_one_that_dies_soon_after_each_start_is_given_up_too(tmp_path: Path) -> None:
    said = watched(tmp_path, "", 1_000)
    assert sum("runs again" in line for line in said) == starts(tmp_path) == 5
    assert "5 failures in a row" in said[-1]


def test_a_start_that_was_killed_is_told(tmp_path: Path) -> None:
    assert "could not be started (SIGKILL)" in watched(tmp_path, "os.kill(os.getpid(), 9)", 1_000)[1]


def test_a_start_that_is_under_way_ends_with_the_watch(tmp_path: Path) -> None:
    watched(tmp_path, "time.sleep(30); alive.touch()", 1_000, enough="starts.exists()")
    assert (starts(tmp_path), (tmp_path / "alive").exists()) == (1, False)
