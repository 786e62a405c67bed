"""``./gridwell test --mutants ROOM``: puts small bugs into a copy of the project, one at a time, and checks whether the tests notice.

Why not ``cosmic-ray exec`` or mutmut: both change only Python, but half of the rules are in SQL texts; mutmut changes only functions and
cannot take a sample; cosmic-ray changes the files in place. Both restart everything for every mutant, including a database server.
So this uses cosmic-ray's operators, and runs mutants in copies with one server and one migrated database for all of them.
"""

import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import psycopg

from cli._mutation.rooms import ROOMS, Room
from cli._terminal import say
from cli._testing.bytecode import bytecode_environment
from cli._testing.memory_folder import memory_folder
from data.cluster.lease import borrow_cluster
from data.core.settings import ROOT
from data.database.migrate import migrate

if TYPE_CHECKING:
    from cli._mutation.operators import Mutant

_TEMPLATE = "gridwell_mutants"
_LEAST_TIME_S = 120
_NOTICED_CODES = (1, 2, 3, 4)
"""pytest's exit codes: tests failed, interrupted, internal error, could not begin. 5 means that no test was found."""
_QUICK = "not browser and not realdata and not slow"
_SLOW = "slow and not browser and not realdata"
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "venv", ".gridwell", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "node_modules"
)


@dataclass(frozen=True)
class _Copy:
    """A copy of the project for one mutant at a time, and the database address for its tests."""

    folder: Path
    server: str

    def test(self, tests: Sequence[str], template: str, timeout_s: float, marks: str = _QUICK) -> int | None:
        """Run the tests with these marks and return pytest's exit code; ``None`` if they took too long."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            marks,
            *tests,
        ]
        databases = {"GRIDWELL_TEST_DATABASE_URL": self.server, "GRIDWELL_TEST_TEMPLATE": template}
        environment = {**bytecode_environment(self.folder.parent / "pyc"), **databases}
        try:
            return subprocess.run(command, cwd=self.folder, env=environment, timeout=timeout_s, capture_output=True, check=False).returncode
        except subprocess.TimeoutExpired:
            return None


def run_mutants(name: str, sample: int, seed: int) -> int:
    """Try a sample of a room's mutants and print which survived; returns 0 unless the tests fail without any mutant.

    Args:
        name: one of ``ROOMS``.
        sample: how many mutants, each on another line.
        seed: the same seed chooses the same mutants as long as the files stay the same.
    """
    room = ROOMS[name]
    chosen = choose_mutants(ROOT, room, sample, seed)
    with tempfile.TemporaryDirectory(prefix="gridwell-mutants-", dir=memory_folder(2)) as folder, _server(Path(folder)) as server:
        copies = [_Copy(_copied(Path(folder) / f"copy{n}"), server) for n in range(min(os.cpu_count() or 1, 4))]
        begin = time.monotonic()
        if copies[0].test(room.tests, _TEMPLATE, 3600) != 0 or (
            room.slow_tests and copies[0].test(room.slow_tests, _TEMPLATE, 3600, _SLOW) != 0
        ):
            say("The tests of this room fail as they are: mutants would prove nothing.")
            return 1
        timeout_s = max(_LEAST_TIME_S, 3 * (time.monotonic() - begin))
        say(f"{name}: {len(chosen)} mutants, seed {seed}; the tests alone take {time.monotonic() - begin:.0f} s")
        survivors = _try_all(chosen, copies, room, timeout_s)
    share = 1 - len(survivors) / len(chosen) if chosen else 1.0
    say(f"{name}: {len(chosen) - len(survivors)} of {len(chosen)} noticed ({share:.0%}), seed {seed}")
    return 0


def choose_mutants(root: Path, room: Room, sample: int, seed: int) -> list["Mutant"]:
    """A sample of the mutants of a room, at most one on each line."""
    from cli._mutation.operators import find_mutants

    paths = sorted({str(path.relative_to(root)) for pattern in room.sources for path in root.glob(pattern)})
    found = sorted(mutant for path in paths for mutant in find_mutants(root, path))
    random.Random(seed).shuffle(found)  # nosec B311  # a sample, not a secret
    by_line: dict[tuple[str, int], Mutant] = {}
    for mutant in found:
        by_line.setdefault((mutant.path, mutant.line), mutant)
    return list(by_line.values())[:sample]


def _try_all(chosen: Sequence["Mutant"], copies: Sequence[_Copy], room: Room, timeout_s: float) -> list["Mutant"]:
    """Try all mutants, one at a time in each copy, and return those that survived."""
    free: SimpleQueue[_Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def attempt(mutant: "Mutant") -> bool:
        copy = free.get()
        try:
            return _survives(mutant, copy, room, timeout_s)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        return [mutant for mutant, survived in zip(chosen, pool.map(attempt, chosen), strict=True) if survived]


def _survives(mutant: "Mutant", copy: _Copy, room: Room, timeout_s: float) -> bool:
    """Whether no test notices a mutant; prints the result."""
    path, begin = copy.folder / mutant.path, time.monotonic()
    original = path.read_text("utf-8")
    changed = mutant.apply(original)
    path.write_text(changed, "utf-8")
    try:
        # The migrated database contains the results of migrations, so a mutant in a migration needs a new database.
        template = "gridwell" if mutant.path.startswith(("data/migrations/", "data/schema/")) else _TEMPLATE
        code = copy.test(room.tests, template, timeout_s)
        if room.slow_tests and not _is_noticed(code):
            code = copy.test(room.slow_tests, template, timeout_s, _SLOW)
    finally:
        path.write_text(original, "utf-8")
    survived = not _is_noticed(code)
    outcome = "SURVIVED" if survived else "noticed" if code is not None else "noticed (took too long)"
    difference = "\n" + _difference(original, changed) if survived else ""
    say(f"{outcome}  {mutant.path}:{mutant.line}  {mutant.operator}  {time.monotonic() - begin:.0f} s{difference}")
    return survived


def _is_noticed(code: int | None) -> bool:
    return code is None or code in _NOTICED_CODES


def _difference(original: str, changed: str) -> str:
    lines = difflib.unified_diff(original.splitlines(), changed.splitlines(), n=0, lineterm="")
    return "\n".join(f"    {line}" for line in lines if not line.startswith(("---", "+++", "@@")))


def _copied(folder: Path) -> Path:
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT)
    # Checked by hash, because a mutant may have the same time and the same length as the file before it.
    compiling = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", str(folder)]
    subprocess.run(compiling, check=False, capture_output=True, env=bytecode_environment(folder.parent / "pyc"))
    return folder


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A database server for all mutants, with a migrated database in it; yields the address of another database."""
    home = folder / "home"
    home.mkdir()
    for one in (folder, home):
        one.chmod(0o755)  # under root the database server has another account, which must be able to pass through these folders
    with borrow_cluster(home, say, durable=False) as where:
        address = f"postgresql://gridwell@/gridwell?host={where.socket}&port=5432"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_TEMPLATE} TEMPLATE gridwell")
        from sqlalchemy import make_url

        migrate(make_url(address).set(drivername="postgresql+psycopg", database=_TEMPLATE))
        yield address
