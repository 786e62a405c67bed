"""Which areas are coloured inside the picked one."""

from typing import Any

from data.figures import levels
from layers.view import View

Report = dict[str, Any]


def levels_below(report: Report) -> list[str]:
    """Levels the city has below the picked area's own, from the top down."""
    return levels.levels_below(report["level"], report["city"].get("level_names") or {})


def coloured_level(view: View, report: Report) -> str | None:
    """The level whose areas the map colours: the one asked for, else the second below the picked area.

    The second level below shows where inside the next choice the differences lie (a city by its streets, a street by its cells);
    a click still opens the next level only. ``None`` means the direct children, or the leaf itself.
    """
    below = levels_below(report)
    if view.units in below:
        return view.units
    return below[1] if len(below) > 1 else (below[0] if below else None)


def neighbours_of(report: Report) -> str | None:
    """The area whose parts of the same level are drawn around the picked one: two levels up, so that the surroundings are named too."""
    above = [area for area in report.get("ancestors") or [] if area["seen"]]
    return str(above[-2]["code"] if len(above) > 1 else above[-1]["code"]) if above else None
