"""``./gridwell test --coverage``: which lines and branches of the product the tests reach, in total and for each room."""

import json
import tempfile
from collections import defaultdict
from pathlib import Path, PurePath
from typing import Any

from cli._terminal import say
from data.core.settings import ROOT

COVERAGE = ("--cov", "--cov-branch", "--cov-report=")
"""Arguments for pytest; pyproject.toml says what is measured. This is an option, because Python 3.11 has no cheap way to measure it."""
_DEEP = ("data", "routes")
"""Folders whose subfolders are rooms; every other folder is one room."""


def report_coverage() -> None:
    """Print the share of lines and branches that the last run reached."""
    from coverage import Coverage

    measured = Coverage(data_file=str(ROOT / ".coverage"), config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        measured.json_report(outfile=str(path))
        say("\n".join(room_lines(json.loads(path.read_text("utf-8")))))


def room_lines(report: dict[str, Any]) -> list[str]:
    """A line for every room and one for the whole: covered and all lines and branches, and the share."""
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, file in report["files"].items():
        reached, there = _counts(file["summary"])
        for name in (_room_of(path), "total"):
            rooms[name][0] += reached
            rooms[name][1] += there
    total = rooms.pop("total", [0, 0])
    return [f"{share(*counts):>7}  {name}" for name, counts in [*sorted(rooms.items()), ("total", total)]]


def share(reached: int, there: int) -> str:
    """A share in per cent with one decimal; 100 if there is nothing to reach."""
    return f"{100 * reached / there:.1f} %" if there else "100.0 %"


def _counts(summary: dict[str, int]) -> tuple[int, int]:
    branches = (summary.get("covered_branches", 0), summary.get("num_branches", 0))
    return summary["covered_lines"] + branches[0], summary["num_statements"] + branches[1]


def _room_of(path: str) -> str:
    parts = PurePath(path).parts
    return "/".join(parts[: 2 if parts[0] in _DEEP and len(parts) > 2 else 1])
