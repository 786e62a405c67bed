"""Where the folder of real cities is, for tests that need it."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("GRIDWELL_REALDATA", Path(__file__).resolve().parents[2] / "shared" / "realdata"))


def folder(city: str) -> Path:
    """The folder of one real city; the test is skipped where it is absent."""
    path = ROOT / city
    if not path.is_dir():
        pytest.skip(f"no folder of real data for {city}")
    return path
