"""Which areas are coloured inside the picked one."""

from typing import Any
from urllib.parse import quote

from data.schema import LEVELS
from layers.view import View

Report = dict[str, Any]


def levels_below(report: Report) -> list[str]:
    """Levels the city has below the picked area's own, from the top down."""
    known = report["city"].get("level_names") or {}
    level = report["level"]
    below = LEVELS[LEVELS.index(level) + 1 :] if level in LEVELS else ("grid",)
    return [name for name in below if not known or name in known]


def coloured_level(view: View, report: Report) -> str | None:
    """The level whose areas the map colours: the one asked for, else the second below the picked area.

    The second level below shows where inside the next choice the differences lie (a city by its streets, a street by its cells);
    a click still opens the next level only. ``None`` means the direct children, or the leaf itself.
    """
    below = levels_below(report)
    if view.units in below:
        return view.units
    return below[1] if len(below) > 1 else (below[0] if below else None)


def shapes(report: Report, level: str, of: str | None = None) -> str:
    """Address of the polygons of one level inside an area (the picked one unless said otherwise); ``self`` is the area's own."""
    area = of or report["code"]
    part = "self" if area == report["code"] and level == report["level"] else level
    return f"/shapes/{quote(area, safe='')}/{part}.json?v={report['city']['data_version']}"


def neighbours_of(report: Report) -> str | None:
    """The area whose parts of the same level are drawn around the picked one: two levels up, so that the surroundings are named too."""
    above = report.get("ancestors") or []
    return str(above[-2]["code"] if len(above) > 1 else above[-1]["code"]) if above else None
