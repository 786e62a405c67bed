"""Icons as line paths on a 24 × 24 grid; one file serves the pages and the map."""

import json
from functools import lru_cache

from data.core.settings import ROOT

ICONS = ROOT / "assets" / "icons" / "icons.json"


@lru_cache
def load_icons() -> dict[str, str]:
    """Icon name to SVG path data; the paths are lines and must not be filled."""
    found: dict[str, str] = json.loads(ICONS.read_text(encoding="utf-8"))
    return found


def icon_path(symbol: str) -> str:
    """The path of a symbol; an unknown one is a dot."""
    return load_icons().get(symbol, load_icons()["dot"])
