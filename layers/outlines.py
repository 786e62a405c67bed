"""Borders and names of areas: the coloured ones, the next level, the neighbours, and the picked area itself."""

from data.core.i18n import t
from data.figures.types import AreaReport
from data.schema import area_label
from layers import grid
from layers.context import MapContext
from layers.spec.addresses import shapes
from layers.spec.area_tree import levels_below, neighbours_of
from layers.spec.deck import Ink, LayerSpec, ink, layer
from layers.style.classes import dark_classes
from layers.style.measures import OF_PEOPLE, is_withheld
from layers.style.wording import local_name

MOST_LABELS = 400
"""With more areas than this, values are not written on the map, but only in tooltips."""

LEAST_DARK = 0.6
"""With colours paler than this even the darkest class is a light ground, on which white names could not be read."""


def draw_borders(context: MapContext) -> list[LayerSpec]:
    """Draw borders, faint to strong. Widths are in pixels; each strong line has a halo."""
    report = context.report
    drawn = _flat(context) if context.is_flat else _deep(context)
    around = neighbours_of(report)
    if around:
        beside = shapes(report, report["level"], around)
        drawn.insert(0, _line("line-neighbours", beside, ink("muted", 90), 1.25, skip=[report["code"]], opens="itself"))
    if not report["has_polygon"]:
        drawn += _borders_above(report)
    elif report["level"] != "city":
        own = shapes(report, report["level"])
        drawn.append(_line("line-self", own, ink("accent"), 3.25, halo=ink("map-halo", 230), halo_width=8, opens="nothing"))
    return drawn


def _borders_above(report: AreaReport) -> list[LayerSpec]:
    """For an area without an outline: the area that it lies in, and those beside that one, so that the map shows some place."""
    above = [area for area in report["ancestors"] if area["seen"]]
    if not above:
        return []
    around, parent = above[0], above[-1]
    return [
        _line("line-above-beside", shapes(report, parent["level"], around["code"]), ink("muted", 90), 1.25, opens="itself"),
        _line("line-self", shapes(report, parent["level"], parent["code"]), ink("accent"), 3.25, opens="nothing"),
    ]


def _line(id: str, address: str, color: Ink, width: float, **props: object) -> LayerSpec:
    """Borders of areas.

    ``hover`` outlines the area under the pointer with them. ``opens`` says what a click on such an area opens where no coloured area lies:
    a neighbour opens itself, the picked area opens nothing.
    """
    return layer("AreaLines", id, address, get_color=color, get_width=width, **props)


def _child_level(context: MapContext) -> str | None:
    """The next level below, unless it is the coloured one."""
    below = levels_below(context.report)
    return below[0] if below and below[0] != context.level else None


def _flat(context: MapContext) -> list[LayerSpec]:
    report, child = context.report, _child_level(context)
    drawn = [_line("line-units", shapes(report, context.level), ink("map-unit-line", 220), 1, hover=True)]
    if child:
        halo = ink("map-halo", 220)
        drawn.append(_line("line-children", shapes(report, child), ink("map-district-line"), 2.25, halo=halo, halo_width=5.5))
    return drawn


def _deep(context: MapContext) -> list[LayerSpec]:
    report, child = context.report, _child_level(context)
    drawn = [_line("line-units", shapes(report, context.level), ink("map-cell-line", 70), 1, hover=True)]
    if child:
        halo = ink("map-halo", 200)
        drawn.append(_line("line-children", shapes(report, child), ink("map-child-line", 230), 1.75, halo=halo, halo_width=4.5))
    return drawn


def draw_names(context: MapContext) -> list[LayerSpec]:
    """Draw names. In 2D each coloured area has its value under its name; in 3D the next level has names, and the neighbours paler ones."""
    report, child = context.report, _child_level(context)
    named: list[LayerSpec] = []
    if (context.is_flat or child is None) and len(context.units) <= MOST_LABELS:
        named.append(_values(context))
    if child and not named:
        named.append(layer("AreaLabels", "fg-names", shapes(report, child), size=17, rank=10, get_color=ink("text")))
    above = [area for area in report["ancestors"] if area["seen"]]
    if not report["has_polygon"] and above:
        beside = shapes(report, above[-1]["level"], above[0]["code"])
        named.append(layer("AreaLabels", "fg-above", beside, size=14, rank=5, get_color=ink("muted")))
    around = neighbours_of(report)
    if around:
        beside = shapes(report, report["level"], around)
        named.append(layer("AreaLabels", "fg-beside", beside, size=14, rank=5, get_color=ink("muted"), skip=[report["code"]]))
    return named


def _values(context: MapContext) -> LayerSpec:
    """Each coloured area's name with its value below it."""
    classes, lang, shown = context.classes, context.lang, context.is_on(grid.NAME)
    nothing = t(lang, "too few") if classes.measure.diverging else t(lang, "no data")
    hidden = t(lang, "not shown") if classes.name in OF_PEOPLE else nothing
    texts = {}
    for unit in context.units:
        missing = hidden if is_withheld(unit) else nothing
        second = classes.format_value_of(unit["code"], lang) or missing
        texts[area_label(unit["code"])] = f"{local_name(unit, lang)}\n{second}" if shown else local_name(unit, lang)
    ends = dark_classes(classes) if shown and context.opacity(grid.NAME) >= LEAST_DARK else ()
    dark = [area_label(code) for code, index in classes.of.items() if index in ends]
    address = shapes(context.report, context.level)
    size = 14 if context.is_flat else 17
    return layer("AreaLabels", "fg-names", address, size=size, rank=10, get_color=ink("text"), texts=texts, invert=dark)
