"""Private parts of libraries are touched in one adapter file for each library, and nowhere else.

A private name is one that begins with an underscore. Our own code may have private names too: one that no file of ours defines must be
a library's.
"""

import ast
import gc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from data.core.settings import ROOT

ROOMS = ("data", "layers", "reports", "pages", "callbacks", "routes", "cli", "bench", "tests")
ADAPTERS = {
    "callbacks/dash_internals.py": {"dash.backends._fastapi", "_initialize_context"},
    "data/database/sqlalchemy_internals.py": {"_has_row_limiting_clause"},
    "data/database/psycopg_internals.py": {"_WaitTimeout"},
    "cli/_serving/uvicorn_internals.py": {"uvicorn.protocols.http.httptools_impl"},
    "data/importing/files/openpyxl_internals.py": {
        *("openpyxl.worksheet._reader", "_get_source", "_shared_strings", "_date_formats", "_timedelta_formats", "_cell_styles"),
        "_number_formats",
    },
    # each holds that its library still is as the adapter expects
    "tests/callbacks/test_dash_internals.py": {"_initialize_context"},
    "tests/cli/test_uvicorn_internals.py": {"uvicorn.protocols.http.httptools_impl"},
}
"""Which private names each adapter, and its test, may touch."""
INTERNAL_MODULES = ("uvicorn.protocols",)
"""Modules without an underscore that their library does not document."""
DOCUMENTED = {
    "_exit",  # os
    "_asdict", "_fields", "_make", "_replace",  # named tuples
}  # fmt: skip
"""Names with an underscore that Python documents."""
Nodes = tuple[ast.AST, ...]
TOLD = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Name, ast.Attribute, ast.arg, ast.Import, ast.ImportFrom)
"""What a syntax tree tells about names."""


@pytest.fixture(scope="module")
def files() -> dict[str, Nodes]:
    """Every file of the project by its path, as the parts of its syntax tree that tell about names.

    Read once, because it takes seconds, and forgotten after the tests of this file: millions of nodes slow all later tests down.
    """
    found = [ROOT / "app.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]
    gc.disable()  # nothing here is garbage, and looking for it takes four times as long as the reading
    try:
        return {str(path.relative_to(ROOT)): parsed(path.read_text("utf-8")) for path in found}
    finally:
        gc.enable()


def parsed(text: str) -> Nodes:
    return tuple(node for node in ast.walk(ast.parse(text)) if isinstance(node, TOLD))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def defined(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Private names that a file defines: functions, classes, variables and attributes of its own objects."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg


def touched(nodes: Iterable[ast.AST], own_modules: set[str]) -> Iterator[str]:
    """Private names of whatever kind that a file imports or reads from an object."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node.attr
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] not in own_modules:
            modules = [node.module]
            yield from (alias.name for alias in node.names if is_private(alias.name))
        for module in modules:
            if any(map(is_private, module.split("."))) or module.startswith(INTERNAL_MODULES):
                yield module


def test_private_parts_of_libraries_are_touched_in_adapters_alone(files: dict[str, Nodes]) -> None:
    support = {path.stem for path in (ROOT / "tests/support").rglob("*.py")}
    own_names = {name for path, nodes in files.items() if path not in ADAPTERS for name in defined(nodes)} | DOCUMENTED
    own_modules = {"app", *ROOMS, *support, "__future__"}
    found = {
        path: names
        for path, nodes in files.items()
        if (names := {name for name in touched(nodes, own_modules) if name not in own_names} - ADAPTERS.get(path, set()))
    }
    adapters_own = {path: set(defined(files[path])) for path in ADAPTERS}
    assert {path: names - adapters_own.get(path, set()) for path, names in found.items() if names - adapters_own.get(path, set())} == {}


def test_every_adapter_touches_what_it_is_there_for(files: dict[str, Nodes]) -> None:
    for path, names in ADAPTERS.items():
        assert names <= set(touched(files[path], set(ROOMS))), path


def test_the_search_finds_a_private_name() -> None:
    nodes = parsed("import dash._x\nfrom dash import _y\nfrom dash._z import a\nb._c\nimport os.path\n__name__\nd.__dict__")
    assert set(touched(nodes, set())) == {"dash._x", "_y", "dash._z", "_c"}
    assert Path(ROOT / "callbacks").is_dir()
