"""Borders and names of areas: the coloured ones, the next level, the neighbours, and the picked area itself."""

from collections.abc import Sequence
from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from data.schema import area_label
from layers.grid import Classes, dark_classes, level_of
from layers.spec.addresses import shapes
from layers.spec.coloured_areas import levels_below, neighbours_of
from layers.spec.deck import ink, layer
from layers.style.measures import OF_PEOPLE, withheld, written
from layers.style.wording import Row, name
from layers.view import View

Spec = dict[str, Any]


def lines(view: View, report: Row, units: Sequence[Row]) -> list[Spec]:
    """Borders, faint to strong. Widths in pixels, each strong line on a halo."""
    drawn = _flat(report, units) if view.dim == "2d" else _deep(report, units)
    around = neighbours_of(report)
    if around:
        beside = shapes(report, report["level"], around)
        drawn.insert(0, _line("line-neighbours", beside, ink("muted", 90), 1.25, skip=[report["code"]]))
    if report.get("has_polygon", True) and report["level"] != "city":
        own = shapes(report, report["level"])
        drawn.append(_line("line-self", own, ink("accent"), 3.25, halo=ink("map-halo", 230), halo_width=8))
    return drawn


def _line(id: str, address: str, color: dict[str, Any], width: float, **props: Any) -> Spec:
    return layer("AreaLines", id, address, get_color=color, get_width=width, **props)


def _child_level(report: Row, units: Sequence[Row]) -> str | None:
    below = levels_below(report)
    return below[0] if below and below[0] != level_of(units, report) else None


def _flat(report: Row, units: Sequence[Row]) -> list[Spec]:
    drawn = [_line("line-units", shapes(report, level_of(units, report)), ink("map-unit-line", 220), 1)]
    child = _child_level(report, units)
    if child:
        halo = ink("map-halo", 220)
        drawn.append(_line("line-children", shapes(report, child), ink("map-district-line"), 2.25, halo=halo, halo_width=5.5))
    return drawn


def _deep(report: Row, units: Sequence[Row]) -> list[Spec]:
    drawn = [_line("line-units", shapes(report, level_of(units, report)), ink("map-cell-line", 70), 1)]
    child = _child_level(report, units)
    if child:
        halo = ink("map-halo", 200)
        drawn.append(_line("line-children", shapes(report, child), ink("map-child-line", 230), 1.75, halo=halo, halo_width=4.5))
    return drawn


def labels(view: View, report: Row, units: Sequence[Row], classes: Classes, lang: Lang) -> list[Spec]:
    """Names. In 2D each coloured area's value stands under its name; in 3D the next level is named, and the neighbours quietly."""
    level, child = level_of(units, report), _child_level(report, units)
    if view.dim == "2d" or child is None:
        named = [_valued(view, report, units, classes, lang)] if len(units) <= MOST_LABELS else []
    else:
        named = []
    if child and (view.dim == "3d" or not named):
        named.append(layer("AreaLabels", "fg-names", shapes(report, child), size=17, rank=10, get_color=ink("text")))
    around = neighbours_of(report)
    if around and level:
        beside = shapes(report, report["level"], around)
        named.append(layer("AreaLabels", "fg-beside", beside, size=14, rank=5, get_color=ink("muted"), skip=[report["code"]]))
    return named


MOST_LABELS = 400
"""Beyond this many areas values are not written on the map; tooltips hold them."""


def _valued(view: View, report: Row, units: Sequence[Row], classes: Classes, lang: Lang) -> Spec:
    shown = "grid" in view.layers
    nothing = t(lang, "too few") if classes.measure.diverging else t(lang, "no data")
    hidden = t(lang, "not shown") if classes.name in OF_PEOPLE else nothing
    texts = {}
    for unit in units:
        value = classes.values[unit["code"]]
        missing = hidden if withheld(unit) else nothing
        second = missing if value is None else written(classes.measure, value)
        texts[area_label(unit["code"])] = f"{name(unit, lang)}\n{second}" if shown else name(unit, lang)
    ends = dark_classes(classes)
    dark = [area_label(code) for code, index in classes.of.items() if index in ends and shown]
    size = 14 if view.dim == "2d" else 17
    address = shapes(report, level_of(units, report))
    return layer("AreaLabels", "fg-names", address, size=size, rank=10, get_color=ink("text"), texts=texts, invert=dark)
