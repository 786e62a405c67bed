"""All data for one view of the map, fetched once: the pages are drawn from it and fetch nothing themselves."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from data.core.period import Period
from data.core.viewer import Lang, Viewer
from data.figures.reports import AreaReport, Filters, Unit
from data.figures.snapshot import MapFigures, MapRequest, fetch_map_figures
from data.places import cards
from data.places import outlines as shapes
from data.places.cards import AnyCard
from data.places.outlines import Cases, Outline
from data.queries.case_circles import OpenFilters
from layers import incidents
from layers.context import MapContext
from layers.style.measures import CHANGES, list_measures, residents
from layers.view import View


@dataclass(frozen=True)
class Scene:
    """A view with its figures.

    Attributes:
        figures: all figures, of one moment. Other viewers share this object, so it must never be changed.
        card: the picked building, incident or facility.
        outlines: polygons of the coloured areas, only if the server draws the map.
        cases: the open cases, likewise.
    """

    view: View
    viewer: Viewer
    figures: MapFigures
    card: AnyCard | None = None
    outlines: list[Outline] = field(default_factory=list)
    cases: Cases | None = None

    @property
    def lang(self) -> Lang:
        """Language of everything on the page."""
        return self.viewer.lang

    @property
    def report(self) -> AreaReport:
        """The report of the picked area for the selected days, with all filters."""
        return self.figures.report

    @property
    def coloured(self) -> list[Unit]:
        """The areas the map colours."""
        return self.figures.coloured

    @cached_property
    def context(self) -> MapContext:
        """The same data in the form that the map's layers take; the areas are classified only once."""
        return MapContext.of(self.view, self.report, self.coloured, self.lang, self.figures.changes)

    @property
    def period(self) -> Period:
        """The whole period of the view."""
        return self.figures.period

    @property
    def selected_period(self) -> Period:
        """The selected days: the window, or the whole period."""
        span = self.report["period"]
        return Period.parse(span["from"], span["to"])

    @property
    def today(self) -> date:
        """The day, in the city's time zone, for which the figures are valid."""
        return date.fromisoformat(self.report["city"]["today"])


async def fetch_scene(view: View, viewer: Viewer) -> Scene:
    """Fetch everything that the view shows.

    Raises:
        NoData: the database holds no city.
        UnknownArea, UnknownObject: the address names something that does not exist.
        NotReady, Busy, TooSlow: see ``data.database.transactions``.
    """
    filters = Filters(view.categories, view.channels)
    asked = MapRequest(view.area, view.period, view.window, filters, view.units, CHANGES.get(view.measure), view.states)
    seen = await fetch_map_figures(asked, viewer)
    known_measures = list_measures(seen.report["city"]["has_cases"], residents(seen.report) is not None)
    if view.measure not in known_measures:
        view = view.but(measure=known_measures[0])
    return Scene(view, viewer, seen, await _fetch_card(view, viewer))


async def fetch_flat(scene: Scene) -> Scene:
    """The scene with the polygons of its coloured areas and its open cases, for browsers that cannot draw the map themselves."""
    view, code = scene.view, scene.report["code"]
    if scene.coloured:
        own = scene.coloured[0]["code"] == code
        drawn = await shapes.fetch_polygons(code, "self" if own else scene.coloured[0]["level"], scene.viewer)
        scene = replace(scene, outlines=drawn.body["areas"])
    if incidents.NAME not in view.layers or not scene.report["city"]["has_cases"]:
        return scene
    only = OpenFilters(view.states, incidents.shown_severities(scene.report, view.severities))
    found = await shapes.fetch_cases(code, None, Filters(view.categories, view.channels), False, scene.viewer, only)
    return replace(scene, cases=found.body)


async def _fetch_card(view: View, viewer: Viewer) -> AnyCard | None:
    if view.incident:
        return await cards.fetch_incident_card(view.incident, viewer)
    if view.facility:
        return await cards.fetch_facility_card(view.facility, viewer)
    if view.building:
        return await cards.fetch_building_card(view.building, viewer)
    return None
