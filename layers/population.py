"""Density of residents, one column (3D) or circle (2D) in each coloured area."""

import math
from collections.abc import Sequence

from data.core.i18n import t
from data.figures.types import Unit
from layers.context import MapContext, MapLayer
from layers.spec.deck import LayerSpec, field, ink, layer
from layers.style import theme
from layers.style.breaks import find_class, sequential_breaks, spread_colours
from layers.style.legend import Legend
from layers.style.measures import TOO_FEW_WORDS, density, format_break, is_withheld, residents
from layers.style.wording import format_area_count, format_count

NAME = "population"

TALLEST_SHARE = 0.22
"""Height of the tallest column as a share of the area's width."""


def draw(context: MapContext) -> list[LayerSpec]:
    """Draw columns in 3D, whose height is the density; circles in 2D, whose surface is the number of residents."""
    rows = _rows(context)
    alpha = round(235 * context.opacity(NAME))
    inks = {"@@function": "inkOf", "name": "class", "inks": [ink(token, alpha) for token in theme.RAMP]}
    if context.is_flat:
        return [
            layer(
                "ScatterplotLayer",
                "population-circles",
                rows,
                get_position=field("at"),
                get_radius=field("radius"),
                radius_units="meters",
                get_fill_color=inks,
                get_line_color=ink("map-halo"),
                get_line_width=1.5,
                line_width_units="pixels",
                stroked=True,
                pickable=True,
            )
        ]
    return [
        layer(
            "ColumnLayer",
            "population",
            rows,
            get_position=field("at"),
            get_elevation=field("height"),
            get_fill_color=inks,
            radius=_radius_m(context.units),
            disk_resolution=12,
            extruded=True,
            pickable=True,
        )
    ]


def _radius_m(units: Sequence[Unit]) -> float:
    """Radius of a column in metres: a sixth of the median area's width."""
    areas = sorted(unit["area_m2"] for unit in units if unit["area_m2"])
    return round(math.sqrt(areas[len(areas) // 2]) * 0.16, 1) if areas else 40.0


def _rows(context: MapContext) -> list[dict[str, object]]:
    known = [(unit, value) for unit in context.units if unit["label_point"] and (value := density(unit)) is not None]
    if not known:
        return []
    breaks = sequential_breaks([value for _, value in known], context.view.method)
    places = spread_colours(range(len(theme.RAMP)), len(breaks) + 1)
    top = max(value for _, value in known) or 1
    tallest = math.sqrt(context.report["area_m2"] or 1e6) * TALLEST_SHARE
    most = max(residents(unit) or 0 for unit, _ in known) or 1
    widest = _radius_m(context.units) * 3
    return [
        {
            "code": unit["code"],
            "at": unit["label_point"],
            "height": round(value / top * tallest, 1),
            "radius": round(math.sqrt((residents(unit) or 0) / most) * widest, 1),
            "class": places[find_class(value, breaks)],
        }
        for unit, value in known
    ]


def legend(context: MapContext) -> Legend:
    """Unit, classes, and how the residents were distributed over the areas."""
    report, units, lang = context.report, context.units, context.lang
    known = [value for unit in units if (value := density(unit)) is not None]
    breaks = sequential_breaks(known, context.view.method)
    tokens = spread_colours(theme.RAMP, len(breaks) + 1)
    total = residents(report)
    parts = [t(lang, "residents per km²"), format_area_count(len(known), report, context.level, lang)]
    method = METHOD_TITLES.get(report["population"]["method"] or "")
    if method:
        parts.append(t(lang, method))
    missing, few = len(units) - len(known), sum(1 for unit in units if is_withheld(unit))
    reason = t(lang, TOO_FEW_WORDS) if few and few == missing else t(lang, "No population known")
    return Legend(
        title=t(lang, "Population density"),
        count=None if total is None else format_count(total, "residents", lang),
        classes=[(theme.css_variable(token), "") for token in tokens] if known else [],
        breaks=[format_break(value) for value in breaks],
        note=t(lang, ", ").join(parts),
        no_data=t(lang, "{reason} ({n})", reason=reason, n=missing) if missing else None,
    )


METHOD_TITLES = {
    "register": "counted in the register",
    "published": "as published",
    "by_area": "published figures, distributed by area",
    "by_buildings": "published figures, distributed by floor area",
}

LAYER = MapLayer(NAME, draw, legend)
