"""The levels below the picked area, and the area around it."""

from data.figures import levels
from data.figures.types import AreaReport


def levels_below(report: AreaReport) -> list[str]:
    """Levels of the city below the level of the picked area, from the top down."""
    return levels.levels_below(report["level"], report["city"]["level_names"])


def neighbours_of(report: AreaReport) -> str | None:
    """The area whose parts are drawn around the picked area: two levels up, so that the surroundings also have names."""
    above = [area for area in report["ancestors"] if area["seen"]]
    return (above[-2] if len(above) > 1 else above[-1])["code"] if above else None
