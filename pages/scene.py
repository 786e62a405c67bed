"""Everything one look at the map needs, asked for once: the pages are drawn from it and ask nothing themselves."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from data import objects, shapes
from data.period import Period
from data.report import AreaReport, Filters, Unit, area_report, cities, unit_figures
from data.report_types import CityEntry
from data.viewer import Lang, Viewer
from layers import units
from layers.measures import offered, residents
from layers.view import View


@dataclass(frozen=True, slots=True)
class Scene:
    """What is looked at, with its figures.

    Attributes:
        report: the picked area for the days that count, all filters applied.
        whole: the same area for the whole period, without the slider's window.
        categories: the same without the filter on categories, so that the other categories can still be chosen.
        channels: the same without the filter on sources.
        coloured: the areas the map colours.
        card: the picked building, incident or facility, with its kind.
        outlines: polygons of the coloured areas, only where the server draws the map.
    """

    view: View
    viewer: Viewer
    report: AreaReport
    whole: AreaReport
    categories: AreaReport
    channels: AreaReport
    coloured: list[Unit]
    cities: list[CityEntry]
    card: tuple[str, dict[str, Any]] | None = None
    outlines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lang(self) -> Lang:
        """Language of everything on the page."""
        return self.viewer.lang

    @property
    def period(self) -> Period:
        """The whole period."""
        return period_of(self.whole)

    @property
    def counted(self) -> Period:
        """The days that count: the window, or the whole period."""
        return period_of(self.report)

    @property
    def today(self) -> date:
        """The city's day for which the figures stand."""
        return date.fromisoformat(self.report["city"]["today"])


def period_of(report: AreaReport) -> Period:
    """The period a report's figures stand for."""
    return Period.parse(report["period"]["from"], report["period"]["to"])


async def look(view: View, viewer: Viewer) -> Scene:
    """Ask for everything the view shows.

    Raises:
        NoData: the database holds no city.
        UnknownArea, UnknownObject: the address names something that is not there.
        NotReady, Busy, TooSlow: see ``data.db``.
    """
    chosen = Filters(view.categories, view.channels)
    report = await area_report(view.area, view.span, viewer, chosen)
    known_measures = offered(report["city"]["has_cases"], residents(dict(report)) is not None)
    if view.measure not in known_measures:
        view = view.but(measure=known_measures[0])

    async def also(period: Period | None, filters: Filters) -> AreaReport:
        same = filters == chosen and period == view.span
        return report if same else await area_report(report["code"], period, viewer, filters)

    whole, categories, channels, coloured, known, card = await asyncio.gather(
        also(view.period, chosen),
        also(view.span, Filters((), view.channels)),
        also(view.span, Filters(view.categories, ())),
        unit_figures(report["code"], units.coloured_level(view, dict(report)), view.span, chosen, viewer),
        cities(viewer),
        _card(view, viewer),
    )
    return Scene(view, viewer, report, whole, categories, channels, coloured, known, card)


async def outlined(scene: Scene) -> Scene:
    """The scene with the polygons of its coloured areas, for browsers that cannot fetch and draw them."""
    if not scene.coloured:
        return scene
    level = scene.coloured[0]["level"]
    own = scene.coloured[0]["code"] == scene.report["code"]
    drawn = await shapes.polygons(scene.report["code"], "self" if own else level, scene.viewer)
    return replace(scene, outlines=drawn["areas"])


async def _card(view: View, viewer: Viewer) -> tuple[str, dict[str, Any]] | None:
    if view.incident:
        return "incident", dict(await objects.incident_card(view.incident, viewer))
    if view.facility:
        return "facility", dict(await objects.facility_card(view.facility, viewer))
    if view.building:
        return "building", dict(await objects.building_card(view.building, viewer))
    return None
