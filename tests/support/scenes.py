"""Scenes without a database, for tests of what stands on the page."""

from dataclasses import replace
from datetime import date
from typing import Any

from page_tools import links
from small_report import UNITS, report

from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.figures.snapshot import MapFigures
from layers.view import View
from pages.scene import Scene


def days(n: int, count: int = 1, first: date = date(2026, 1, 1)) -> list[tuple[str, int]]:
    """The same count on each of some days."""
    return [(date.fromordinal(first.toordinal() + i).isoformat(), count) for i in range(n)]


def targets(part: object) -> list[View]:
    """The views that the links of a part lead to."""
    return [View.parse(one) for one in links(part)]


PERIOD = Period.parse("2026-10-02", "2026-10-31")


def scene(view: View | None = None, viewer: Viewer | None = None, card: Any = None, coloured: Any = UNITS, **parts: Any) -> Scene:
    """A scene of the small report; ``parts`` change the report, and ``by_day``, ``by_category``, ``by_source``, ``cities`` the figures."""
    figures: dict[str, Any] = {"period": PERIOD, "by_day": days(30, 0, PERIOD.start), "by_category": {}, "by_source": {}, "cities": []}
    own = {name: parts.pop(name) for name in list(parts) if name in figures}
    figures_shown = MapFigures(report=report(**parts), coloured=list(coloured), **{**figures, **own})
    return Scene(view or View(), viewer or everything("en"), figures_shown, card)


def seen_by(role: str, detail: Any = None) -> Viewer:
    """Somebody of a role who reads English."""
    return replace(everything("en"), role=role, detail=detail, name="ann", shown="Ann")
