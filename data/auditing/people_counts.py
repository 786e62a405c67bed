"""How many people the audit log speaks of: nobody reads exact numbers there, because who reads the log may not see the register."""

from collections.abc import Mapping
from typing import Any

from data.privacy.rounding import band

_LEFT_OUT = {
    "list_people": ("found",),
    "search_people": ("found",),
    "import": ("people_added", "people_changed", "people_gone"),
}
"""Facts in rows of earlier versions, which are never changed: they are left out where the log is read."""
_BANDED = {"retention": ("people", "reporters")}


def public_detail(action: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a row as auditors read them."""
    kept = {name: value for name, value in detail.items() if name not in _LEFT_OUT.get(action, ())}
    return {name: band(value) if name in _BANDED.get(action, ()) and isinstance(value, int) else value for name, value in kept.items()}
