"""Buildings from vector tiles: extruded by height, coloured by their cell's class, use, floors or residents."""

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.types import AreaReport
from data.schema import area_label
from layers.context import MapContext, MapLayer
from layers.spec.addresses import tiles, zooms
from layers.spec.deck import LayerSpec, ink, layer
from layers.style import theme
from layers.style.legend import Legend
from layers.style.wording import format_count, local_label

NAME = "buildings"
COLOURINGS = ("grid", "use", "floors", "residents")
"""Ways to colour buildings, the usual one first."""
ROOFS_FROM_ZOOM = 13.9
"""From here on roofs are outlined."""
ELEVATION_SCALE = 1.15
"""Buildings are drawn a little higher than they are, because a city at true scale looks flat from far away."""

FLOOR_BREAKS = (4, 7, 11, 19, 34)
"""Numbers of floors at which the next class begins: walk-ups, buildings with lifts, high-rise, very high."""
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
"""Names of common uses, for cities that give no names."""


def list_uses(report: AreaReport, lang: Lang) -> list[tuple[str, str, int]]:
    """(code, label, colour index) of the uses of this city, at most eight; the others share the colour of 'other'."""
    given = report["uses"]
    if not given:
        return [(code, t(lang, title), place) for place, (code, title) in enumerate(USE_TITLES.items())]
    kinds = [(code, local_label(code, row, lang)) for code, row in given.items() if code != "other"][: len(theme.CATEGORICAL) - 1]
    named = [(code, title, place) for place, (code, title) in enumerate(kinds)]
    return [*named, ("other", t(lang, "Other use"), len(theme.CATEGORICAL) - 1)]


def draw(context: MapContext) -> list[LayerSpec]:
    """Draw the buildings' tiles, with everything the browser needs to colour them."""
    report = context.report
    own = area_label(report["code"])
    return [
        layer(
            "BuildingTiles",
            "buildings",
            tiles("buildings", report),
            roofs_from_zoom=ROOFS_FROM_ZOOM,
            elevation_scale=ELEVATION_SCALE,
            extruded=not context.is_flat,
            opacity=context.opacity(NAME),
            pickable=True,
            inside={"label": None if report["level"] == "city" else own, "zone": report["level"] == "zone"},
            classes=context.is_on("grid") or {},  # True: the classes that the specification holds
            **zooms("buildings"),
            **_colouring(context),
        )
    ]


def list_colourings(report: AreaReport) -> tuple[str, ...]:
    """The ways to colour buildings here. By residents only for viewers of the register: other tiles hold no residents."""
    known = report["seen"]["detail"] == "people"
    return tuple(key for key in COLOURINGS if known or key != "residents")


def _chosen(context: MapContext) -> str:
    colour = context.view.colour
    return colour if colour in list_colourings(context.report) else COLOURINGS[0]


def _colouring(context: MapContext) -> dict[str, object]:
    """Properties that tell the browser how to find a building's colour."""
    chosen = _chosen(context)
    if chosen == "use":
        found = list_uses(context.report, context.lang)
        tokens = [theme.CATEGORICAL[place] for _, _, place in found]
        return {"colour": {"by": "use", "of": {code: i for i, (code, _, _) in enumerate(found)}}, "inks": [ink(token) for token in tokens]}
    if chosen in ("floors", "residents"):
        breaks = FLOOR_BREAKS if chosen == "floors" else RESIDENT_BREAKS
        by = "floors" if chosen == "floors" else "res"
        return {"colour": {"by": by}, "breaks": list(breaks), "inks": [ink(token) for token in theme.RAMP]}
    return {"colour": {"by": "grid"}, "inks": []}


def legend(context: MapContext) -> Legend:
    """What the colours mean. Buildings coloured by cell use the cells' classes, which are not repeated here."""
    report, lang, chosen = context.report, context.lang, _chosen(context)
    classes: list[tuple[str, str]] = []
    breaks: list[str] = []
    if chosen == "use":
        classes = [(theme.css_variable(theme.CATEGORICAL[place]), title) for _, title, place in list_uses(report, lang)]
    elif chosen in ("floors", "residents"):
        edges = FLOOR_BREAKS if chosen == "floors" else RESIDENT_BREAKS
        classes, breaks = [(theme.css_variable(token), "") for token in theme.RAMP], [str(edge) for edge in edges]
    return Legend(
        title=t(lang, "Buildings"),
        count=format_count(report["buildings"]["total"], "buildings", lang),
        choices=[(key, t(lang, COLOUR_TITLES[key])) for key in list_colourings(report)],
        chosen=chosen,
        classes=classes,
        breaks=breaks,
        note=t(lang, NOTE_TITLES[chosen]) if chosen in NOTE_TITLES else "",
        far_note=t(lang, "Zoom in to see smaller buildings"),
    )


COLOUR_TITLES = {"grid": "Coloured like their area", "use": "By use", "floors": "By floors", "residents": "By residents"}
NOTE_TITLES = {
    "floors": "Number of floors",
    "residents": "Residents in the register",
}

LAYER = MapLayer(NAME, draw, legend, on_at_first=True)
