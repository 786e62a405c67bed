"""The mutation run: where small bugs can be put, that they are plausible, and that a sample can be repeated."""

import py_compile
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from cli._mutation.operators import find_mutants
from cli._mutation.rooms import ROOMS
from cli._mutation.runner import choose_mutants
from cli._testing.bytecode import bytecode_environment, link_libraries
from cli._testing.coverage import room_lines
from cli._testing.memory_folder import memory_folder
from cli.test import checks, run_beside
from data.core.settings import ROOT

CODE = '''"""SELECT 1 < 2: a docstring is no statement."""
@dataclass(frozen=True)
class Case:
    limit = 5

def late(due, now):
    return due < now and not due.paused

STATE = """
SELECT CASE WHEN due_at < now() THEN 'late' END FROM incident WHERE closed_at IS NULL
"""
TEXT = "less than 1 < 2"
'''


def variants(tmp_path: Path, line: int) -> set[str]:
    """What the line can become."""
    (tmp_path / "case.py").write_text(CODE, "utf-8")
    made = [mutant.apply(CODE) for mutant in find_mutants(tmp_path, "case.py") if mutant.line == line]
    return {code.splitlines()[line - 1] for code in made}


def test_python_and_sql_are_changed_where_a_person_could_err(tmp_path: Path) -> None:
    assert variants(tmp_path, 7) >= {
        "    return due <= now and not due.paused",
        "    return due > now and not due.paused",
        "    return due < now or not due.paused",
    }
    assert variants(tmp_path, 10) == {
        "SELECT CASE WHEN due_at <= now() THEN 'late' END FROM incident WHERE closed_at IS NULL",
        "SELECT CASE WHEN due_at < now() THEN 'late' END FROM incident WHERE closed_at IS NOT NULL",
    }


@pytest.mark.parametrize("line", [1, 2, 12], ids=["a docstring", "a decorator", "a text that is no SQL"])
def test_what_is_no_rule_stays(tmp_path: Path, line: int) -> None:
    assert variants(tmp_path, line) == set()


@pytest.mark.parametrize("name", ROOMS)
def test_rooms_name_files_and_tests_that_are_there(name: str) -> None:
    room = ROOMS[name]
    assert all(list(ROOT.glob(pattern)) for pattern in room.sources), room.sources
    assert all((ROOT / words).exists() for words in room.tests), room.tests


def test_the_same_seed_chooses_the_same_mutants_on_lines_of_their_own() -> None:
    first, again, other = (choose_mutants(ROOT, ROOMS["deadlines"], 20, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len({(mutant.path, mutant.line) for mutant in first}) == len(first) == 20


def test_quick_and_words_choose_the_checks() -> None:
    scripts = ["deno lint", "deno fmt", "deno check", "deno test"]
    assert [name for name, _ in checks([])] == ["ruff check", "ruff format", "mypy", "bandit", "lint-imports", *scripts, "pytest"]
    assert [name for name, _ in checks(["tests/core"])] == ["ruff check", "ruff format", "mypy", "pytest"]
    command = checks([], quick=True)[-1][1]
    assert command[-2:] == ["-m", "not browser and not realdata and not slow"] and "-n" in command
    assert "-n" not in checks(["tests/core"])[-1][1]
    assert "--cov-branch" in checks([], coverage=True)[-1][1]


_MEETS = """
import pathlib, sys, time
mine, other, status = sys.argv[1:]
print("I am", pathlib.Path(mine).name, file=sys.stderr)
pathlib.Path(mine).touch()
end = time.monotonic() + 120
while not pathlib.Path(other).exists() and time.monotonic() < end:
    time.sleep(0.01)
sys.exit(int(status) if pathlib.Path(other).exists() else 9)
"""
"""A check that passes only if another one runs at the same time."""


def test_checks_run_beside_the_tests_and_each_tells_its_own_words(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def meets(name: str, other: str, status: int = 0) -> list[str]:
        return [sys.executable, "-c", _MEETS, str(tmp_path / name), str(tmp_path / other), str(status)]

    assert run_beside([("mypy", meets("mypy", "tests")), ("bandit", meets("bandit", "mypy", 1)), ("tests", meets("tests", "bandit"))]) == [
        "bandit"
    ]
    told = capfd.readouterr().out
    assert "── mypy\nI am mypy\n── mypy: ok" in told and "── bandit\nI am bandit\n── bandit: FAILED" in told and "── tests: ok" in told
    assert run_beside([("mypy", meets("mypy", "tests")), ("tests", meets("tests", "mypy", 2))]) == ["tests"]


def test_coverage_is_told_room_by_room() -> None:
    def file(lines: int, of: int) -> dict[str, dict[str, int]]:
        return {"summary": {"covered_lines": lines, "num_statements": of, "covered_branches": 1, "num_branches": 2}}

    report = {"files": {"data/rollup/a.py": file(7, 8), "data/rollup/b.py": file(0, 8), "app.py": file(8, 8)}}
    assert room_lines(report) == [" 90.0 %  app.py", " 45.0 %  data/rollup", " 60.0 %  total"]


def test_databases_are_kept_in_memory_only_where_there_is_room() -> None:
    assert memory_folder(0) in ("/dev/shm", None)
    assert memory_folder(1_000_000) is None


def test_compiled_modules_are_kept_also_where_they_should_not_lie_beside_the_sources(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = bytecode_environment(tmp_path)
    assert environment["PYTHONPYCACHEPREFIX"] == str(tmp_path)
    assert "PYTHONDONTWRITEBYTECODE" not in environment


def test_what_is_compiled_beside_a_library_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    library, kept = tmp_path / "library", tmp_path / "kept"
    (library / "inner").mkdir(parents=True)
    for name in ("a.py", "inner/b.py"):
        source = library / name
        source.write_text("x = 1\n")
        py_compile.compile(str(source), str(source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"))
    (library / "c.py").write_text("x = 1\n")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(library))
    link_libraries(kept)
    link_libraries(kept)
    code = f"import sys; sys.path.insert(0, {str(library)!r}); import a, c, inner.b"
    subprocess.run([sys.executable, "-c", code], env=bytecode_environment(kept), check=True)
    found = {path.name.split(".")[0]: path.is_symlink() for path in (kept / library.relative_to("/")).rglob("*.pyc")}
    assert found == {"a": True, "b": True, "c": False}, "only the third was compiled and written"
