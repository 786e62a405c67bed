"""A map: areas coloured by a measure, where cases are, or buildings in the colour of their area.

Options: ``view`` (``areas``, ``cases`` or ``buildings``), ``measure`` (a key of ``layers.style.measures.MEASURES``), ``level``, ``method``
(one of ``layers.style.breaks.METHODS``), ``half``: whether the map stands beside another block, ``title`` and
``title_en``: of the section.
"""

import asyncio
from typing import Annotated, Any, Literal, cast

from data.core.i18n import t
from data.figures.types import AreaReport, Unit
from data.places.ground import fetch_largest_buildings
from data.places.outlines import fetch_cases
from data.queries.figures import NO_FILTERS
from data.schema import area_label
from layers.style.breaks import METHODS
from layers.style.measures import CHANGES, MEASURES, format_break, list_measures, residents
from layers.style.wording import format_count
from reports.content import Section
from reports.context import Context
from reports.drawing.colours import colour
from reports.graphics import LegendClass, Map, MapArea
from reports.maps import words
from reports.maps.choropleth import draw_choropleth
from reports.maps.citing import cite_value
from reports.maps.density import Density, Spot, draw_density
from reports.maps.furniture import format_length
from reports.maps.gather import Coloured, Size, colour_areas, fetch_base, fetch_names_above, fetch_shapes, make_areas, place_of
from reports.maps.relief import Building, draw_relief
from reports.maps.sheet import HEIGHTS, MOST_NAMED, WIDTH, Area, Base
from reports.options import Level, SectionOptions, Title, one_of

USUAL = "on_time_closing_rate"
_HALF = 590.0
_CLOSE_LEVELS = ("street", "community", "grid", "zone")
"""Areas that are small enough for single buildings to be seen."""
_AROUND, _AROUND_STILL = 0.06, 0.7
"""How far water and roads reach beyond the picture, as a share of its size: a turned one shows more."""
_LOW = 620.0
"""Height of a map of a few areas: the page has other things to say."""
_MEASURES = tuple(name for name in MEASURES if name not in CHANGES)


class Options(SectionOptions):
    """See the module; ``half``: whether it stands beside another block."""

    view: Literal["areas", "cases", "buildings"] = "areas"
    measure: Annotated[str, one_of(_MEASURES)] = USUAL
    level: Level | None = None
    method: Annotated[str, one_of(METHODS)] = "quantile"
    half: bool = False
    title: Title = ""
    title_en: Title = ""


async def make(context: Context, options: Options) -> Section | None:
    """The section; ``None`` where nothing can be drawn: no area has a place, there is no such data, or no building can be seen.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    made = await make_map(context, options)
    title = options.title_en if context.lang == "en" else options.title
    return None if made is None else Section(title, (made,))


async def make_map(context: Context, options: Options) -> Map | None:
    """The map alone, for sections that show it beside something else."""
    report, view = await context.report(), options.view
    measure, method = options.measure, options.method
    if measure not in list_measures(report["city"]["has_cases"], residents(report) is not None):
        return None
    if view == "buildings" and report["level"] not in _CLOSE_LEVELS:
        return None
    coloured = await colour_areas(context, measure, method, options.level)
    names = await fetch_names_above(context, report, coloured.units)
    areas = make_areas(context, report, coloured, await fetch_shapes(context, coloured.level), names)
    if not any(area.shape is not None or area.at is not None for area in areas):
        return None
    size: Size = (_HALF, (200.0, 480.0)) if options.half else (WIDTH, (HEIGHTS[0], HEIGHTS[1] if len(areas) > 12 else _LOW))
    base = await fetch_base(context, report, areas, size, _AROUND_STILL if view == "buildings" else _AROUND)
    if view == "cases":
        return await _map_cases(context, report, areas, base, size)
    if view == "buildings":
        return await _map_buildings(context, report, coloured, areas, base, size[0])
    return await _map_areas(context, report, coloured, method, areas, base, size)


async def _map_areas(
    context: Context, report: AreaReport, coloured: Coloured, method: str, areas: list[Area], base: Base, size: Size
) -> Map:
    colours = [colour(token) for token in coloured.classes.tokens]
    named = "areas" if len(areas) <= MOST_NAMED else "above"
    drawn = await asyncio.to_thread(draw_choropleth, areas, colours, base, cast(Any, named), *size)
    return Map(
        title=words.write_title(report, coloured, context.lang),
        subtitle=words.write_subtitle(context, report, coloured.classes),
        svg=drawn.svg,
        width=drawn.width,
        height=drawn.height,
        classes=words.make_legend(report, coloured, context.lang),
        notes=await words.write_notes(context, report, coloured, method, drawn),
        alt=words.describe(context, report, coloured),
        view="areas",
        measure=coloured.classes.name,
        level=coloured.level,
        areas=tuple([await _tell_area(context, coloured, unit) for unit in coloured.units]),
        figure=await cite_value(context, coloured.classes.name, report),
    )


async def _tell_area(context: Context, coloured: Coloured, unit: Unit) -> MapArea:
    code, classes = unit["code"], coloured.classes
    return MapArea(code, classes.of[code], classes.format_value_of(code, context.lang), await cite_value(context, classes.name, unit))


async def _map_cases(context: Context, report: AreaReport, areas: list[Area], base: Base, size: Size) -> Map:
    """The density of the cases that were reported in the period."""
    lang = context.lang
    body = (await fetch_cases(context.area, context.period, NO_FILTERS, True, context.viewer)).body
    spots = [Spot(row["lon"], row["lat"], int(cast(Any, row).get("n", 1))) for row in body["rows"]]
    found = await asyncio.to_thread(draw_density, areas, spots, body["singly"], base, *size)
    count = format_count(body["total"], "cases", lang)
    notes = [t(lang, "Density of reported cases, smoothed over {radius} around each.", radius=format_length(found.radius_m))]
    if not body["singly"]:
        notes.append(t(lang, "Places with fewer than five cases around them have no colour."))
    notes.append(t(lang, "Classes: natural breaks.") if found.breaks else "")
    notes.append(words.tell_unplaced(report["incidents"]["unplaced"], lang))
    if body["left_out"]:
        notes.append(t(lang, "Further cases that count here and may not be shown by place: {n}.", n=f"{body['left_out']:,}"))
    notes.append(await context.source())
    return Map(
        title=t(lang, "Where cases were reported"),
        subtitle=t(lang, "cases per km²; {count} in all", count=count),
        svg=found.drawing.svg,
        width=found.drawing.width,
        height=found.drawing.height,
        classes=_list_densities(found),
        notes=tuple(filter(None, notes)),
        alt=t(lang, "Map of {area}: where {count} were reported, as a density.", area=context.name(report), count=count),
        view="cases",
    )


def _list_densities(found: Density) -> tuple[LegendClass, ...]:
    if not found.peak:
        return ()
    starts = ["", *map(format_break, found.breaks)] if found.breaks else [format_break(found.peak)]
    return tuple(LegendClass(one, start) for one, start in zip(found.colours, starts, strict=True))


async def _map_buildings(
    context: Context, report: AreaReport, coloured: Coloured, areas: list[Area], base: Base, width: float
) -> Map | None:
    """The buildings as prisms."""
    lang, classes = context.lang, coloured.classes
    standing, total = await fetch_largest_buildings(context.area, context.viewer)
    outlined = [area for area in areas if area.shape is not None]
    if not standing or not outlined:
        return None
    by_label = {area_label(code): place for code, place in classes.of.items()}
    buildings = [Building(one.shape, one.height_m, place_of(one.path, by_label)) for one in standing]
    drawn = await asyncio.to_thread(draw_relief, outlined, buildings, [colour(token) for token in classes.tokens], base, width)
    shown = format_count(drawn.shown, "buildings", lang)
    notes = [t(lang, "Seen from the south at a slant: lengths across the picture are true, depth is foreshortened.")]
    if total > drawn.shown:
        notes.append(t(lang, "The largest {shown} of {total}.", shown=shown, total=f"{total:,}"))
    notes.append(await context.source())
    return Map(
        title=t(lang, "Buildings in the colour of {measure}", measure=words.write_title(report, coloured, lang)),
        subtitle=words.write_subtitle(context, report, classes),
        svg=drawn.drawing.svg,
        width=drawn.drawing.width,
        height=drawn.drawing.height,
        classes=words.make_legend(report, coloured, lang),
        notes=tuple(notes),
        alt=t(lang, "Buildings of {area} seen at a slant: {count}.", area=context.name(report), count=shown),
        view="buildings",
        measure=classes.name,
        level=coloured.level,
    )
