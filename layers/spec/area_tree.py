"""The levels below the picked area, and the area around it."""

from data.figures import levels
from data.figures.types import AreaReport


def levels_below(report: AreaReport) -> list[str]:
    """Levels that the city has below the picked area's own, from the top down."""
    return levels.levels_below(report["level"], report["city"]["level_names"])


def neighbours_of(report: AreaReport) -> str | None:
    """The area whose parts of the same level are drawn around the picked one: two levels up, so that the surroundings are named too."""
    above = [area for area in report["ancestors"] if area["seen"]]
    return (above[-2] if len(above) > 1 else above[-1])["code"] if above else None
