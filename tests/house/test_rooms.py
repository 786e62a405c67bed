"""Import rules that import-linter cannot check: ``app.py`` is a module, and SQL is executed in one room."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from data.core.settings import ROOT

DRAWING_ROOMS = ("layers", "reports", "pages", "callbacks", "routes")
DATABASE_LIBRARIES = {"psycopg", "alembic", "geoalchemy2"}


@cache
def imported(path: Path) -> frozenset[str]:
    """Top-level names of the modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return frozenset(found)


@pytest.mark.parametrize("room", ["data", *DRAWING_ROOMS])
def test_only_the_commands_import_the_app(room: str) -> None:
    assert [path.name for path in (ROOT / room).rglob("*.py") if {"app", "cli"} & imported(path)] == []


@pytest.mark.parametrize("room", DRAWING_ROOMS)
def test_no_room_but_data_talks_to_the_database(room: str) -> None:
    assert [path.name for path in (ROOT / room).rglob("*.py") if DATABASE_LIBRARIES & imported(path)] == []


def test_what_is_installed_is_pinned_by_hash_and_names_no_place_to_fetch_it_from() -> None:
    for path in (ROOT / "requirements.txt", ROOT / "requirements-dev.txt"):
        text = path.read_text("utf-8").replace("\\\n", " ")  # one line a package
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert [line for line in lines if not re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) or "://" in line] == [], (
            path.name
        )
        assert len(lines) > 20


def test_installing_asks_for_the_hashes() -> None:
    for path in ("gridwell", "Dockerfile"):
        installs = [line for line in (ROOT / path).read_text("utf-8").splitlines() if re.search(r"\bpip install\b", line)]
        assert [line for line in installs if "--require-hashes" not in line] == [], path


MOST_MODULES = 25
"""More than these in one folder, and a reader searches instead of looking."""

CODE = ("data", *DRAWING_ROOMS, "cli", "bench", "tests")


def test_no_folder_is_too_full_to_look_through() -> None:
    folders = [folder for room in CODE for folder in (ROOT / room, *(ROOT / room).rglob("*")) if folder.is_dir()]
    folders.remove(ROOT / "data/migrations/versions")  # a list in order, which nobody looks through for a name
    modules = {folder.relative_to(ROOT): [path for path in folder.glob("*.py") if path.name != "__init__.py"] for folder in folders}
    assert {str(folder): len(found) for folder, found in modules.items() if len(found) > MOST_MODULES} == {}


def test_every_module_of_data_has_a_room() -> None:
    assert [path.name for path in (ROOT / "data").glob("*.py")] == ["__init__.py"]
