"""The rows of the table: one file each, with ``measure(order, row)``, which fills the row as it goes."""

from collections.abc import Callable
from importlib import import_module

from bench.model import Row
from bench.order import Order

ROWS = {
    "drill": "drill",
    "cold-tile": "cold_tile",
    "warm-tile": "warm_tile",
    "import": "importing",
    "page": "page",
    "memory": "memory",
    "mixed-load": "mixed_load",
    "live": "live",
    "walls": "walls",
    "steps": "steps",
    "case-list": "case_list",
    "reports": "reports",
    "hub": "hub",
}
"""Names of the rows, in the order in which they are measured, and their files."""

SOAKS = {"soak": "soak", "skew": "skew"}
"""Rows that watch a page for a long time: measured only with ``--soak``, and then alone."""

LIMITS_S = {
    "drill": 480,
    "cold-tile": 240,
    "warm-tile": 300,
    "import": 420,
    "page": 300,
    "memory": 420,
    "mixed-load": 180,
    "live": 240,
    "walls": 420,
    "steps": 480,
    "case-list": 240,
    "reports": 420,
    "hub": 120,
    "soak": 5_400,
    "skew": 900,
}
"""Longest time of a row in seconds; a row that takes longer is stopped, so that the others are still measured."""


def measure(name: str) -> Callable[[Order, Row], None]:
    """The function that measures a row; its module is imported only now, because some need packages that others do not."""
    found: Callable[[Order, Row], None] = import_module(f"bench.rows.{(ROWS | SOAKS)[name]}").measure
    return found
