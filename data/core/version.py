"""The product's version."""

import tomllib
from functools import lru_cache

from data.core.settings import ROOT


@lru_cache
def product_version() -> str:
    """Version as written in ``pyproject.toml``, the one place."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
