"""Buildings from vector tiles: extruded by height, coloured by their cell's class, use, floors or residents."""

from collections.abc import Mapping
from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from data.schema import area_label
from layers.spec.addresses import tiles
from layers.spec.deck import ink, layer
from layers.style import theme
from layers.style.legend import Legend
from layers.style.wording import Row, counted, name
from layers.view import BUILDING_COLOURS, View

FIRST_ZOOM, LAST_ZOOM = 10, 15
ELEVATION_SCALE = 1.15
"""Buildings are drawn a little higher than they are: from far away a true city looks flat."""

FLOOR_BREAKS = (4, 7, 11, 19, 34)
"""Floors that begin the next class: walk-ups, lifts, high-rise, very high."""
RESIDENT_BREAKS = (1, 20, 60, 150, 400)

USE_TITLES = {
    "residential": "Residential",
    "commercial": "Commercial",
    "office": "Office",
    "industrial": "Industrial",
    "public": "Public service",
    "education": "Education",
    "mixed": "Mixed use",
    "other": "Other use",
}
"""Common kinds of use, for cities that name none of their own."""


def uses(report: Row, lang: Lang) -> list[tuple[str, str, int]]:
    """(code, label, colour index) of the uses of this city, at most eight; the rest shares the colour of 'other'."""
    given: Mapping[str, Row] = report.get("uses") or {}
    if not given:
        return [(code, t(lang, label), place) for place, (code, label) in enumerate(USE_TITLES.items())]
    kinds = [(code, name({"code": code, **row}, lang)) for code, row in given.items() if code != "other"][: len(theme.CATEGORICAL) - 1]
    named = [(code, label, place) for place, (code, label) in enumerate(kinds)]
    return [*named, ("other", t(lang, "Other use"), len(theme.CATEGORICAL) - 1)]


def blocks(view: View, report: Row, lang: Lang) -> list[dict[str, Any]]:
    """The buildings' tiles with everything the browser needs to colour them."""
    if "buildings" not in view.layers:
        return []
    colouring = _colouring(view, report, lang)
    label = area_label(report["code"])
    return [
        layer(
            "BuildingTiles",
            "buildings",
            tiles("buildings", report),
            min_zoom=FIRST_ZOOM,
            max_zoom=LAST_ZOOM,
            elevation_scale=ELEVATION_SCALE,
            extruded=view.dim == "3d",
            opacity=view.opacity.get("buildings", 100) / 100,
            pickable=True,
            inside={"label": None if report["level"] == "city" else label, "zone": report["level"] == "zone"},
            classes="grid" in view.layers or {},  # the specification's own
            **colouring,
        )
    ]


def colours(report: Row) -> tuple[str, ...]:
    """Ways to colour buildings: by residents only for who may see the register, because tiles tell nobody else of them."""
    known = (report.get("seen") or {}).get("detail") == "people"
    return tuple(key for key in BUILDING_COLOURS if known or key != "residents")


def _colour(view: View, report: Row) -> str:
    return view.colour if view.colour in colours(report) else BUILDING_COLOURS[0]


def _colouring(view: View, report: Row, lang: Lang) -> dict[str, Any]:
    chosen = _colour(view, report)
    if chosen == "use":
        found = uses(report, lang)
        tokens = [theme.CATEGORICAL[place] for _, _, place in found]
        return {"colour": {"by": "use", "of": {code: i for i, (code, _, _) in enumerate(found)}}, "inks": [ink(token) for token in tokens]}
    if chosen in ("floors", "residents"):
        breaks = FLOOR_BREAKS if chosen == "floors" else RESIDENT_BREAKS
        by = "floors" if chosen == "floors" else "res"
        return {"colour": {"by": by}, "breaks": list(breaks), "inks": [ink(token) for token in theme.RAMP]}
    return {"colour": {"by": "grid"}, "inks": []}


def legend(view: View, report: Row, lang: Lang) -> Legend:
    """What the colouring says; by cell it repeats the cells' classes and needs no colours of its own."""
    total, chosen = report["buildings"]["total"], _colour(view, report)
    classes: list[tuple[str, str]] = []
    breaks: list[str] = []
    if chosen == "use":
        classes = [(theme.css(theme.CATEGORICAL[place]), label) for _, label, place in uses(report, lang)]
    elif chosen in ("floors", "residents"):
        edges = FLOOR_BREAKS if chosen == "floors" else RESIDENT_BREAKS
        classes, breaks = [(theme.css(token), "") for token in theme.RAMP], [str(edge) for edge in edges]
    return Legend(
        layer="buildings",
        title=t(lang, "Buildings"),
        count=counted(total, "buildings", lang),
        on="buildings" in view.layers,
        opacity=view.opacity.get("buildings", 100),
        choices=[(key, t(lang, COLOUR_TITLES[key])) for key in colours(report)],
        chosen=chosen,
        classes=classes,
        breaks=breaks,
        note=t(lang, NOTE_TITLES[chosen]),
    )


COLOUR_TITLES = {"grid": "By their area's class", "use": "By use", "floors": "By floors", "residents": "By residents"}
NOTE_TITLES = {
    "grid": "Seen from afar, only the largest are drawn",
    "use": "Seen from afar, only the largest are drawn",
    "floors": "Number of floors",
    "residents": "Residents in the register",
}
