"""The product's version."""

import tomllib
from functools import lru_cache

from data.core.settings import ROOT


@lru_cache
def product_version() -> str:
    """The version in ``pyproject.toml``, the only place that states it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
