"""Which areas are coloured inside the picked one."""

from typing import Any

from data.figures import levels

Report = dict[str, Any]


def levels_below(report: Report) -> list[str]:
    """Levels the city has below the picked area's own, from the top down."""
    return levels.levels_below(report["level"], report["city"].get("level_names") or {})


def neighbours_of(report: Report) -> str | None:
    """The area whose parts of the same level are drawn around the picked one: two levels up, so that the surroundings are named too."""
    above = [area for area in report.get("ancestors") or [] if area["seen"]]
    return str(above[-2]["code"] if len(above) > 1 else above[-1]["code"]) if above else None
