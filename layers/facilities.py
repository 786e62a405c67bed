"""Facilities: small round icons by kind."""

from data.core.i18n import t
from data.places.outlines import MOST_FACILITIES
from layers.context import MapContext, MapLayer
from layers.spec import addresses
from layers.spec.deck import LayerSpec, ink, layer
from layers.style.legend import Legend
from layers.style.wording import format_count, local_label

NAME = "facilities"

FROM_ZOOM = 13
"""From here on facilities are drawn."""


def draw(context: MapContext) -> list[LayerSpec]:
    """Draw the icons."""
    return [
        layer(
            "FacilityPins",
            "fg-facilities",
            addresses.facilities(context.report),
            size=22,
            from_zoom=FROM_ZOOM,
            get_color=ink("muted"),
            opacity=context.opacity(NAME),
            pickable=True,
        )
    ]


def legend(context: MapContext) -> Legend:
    """How many facilities of how many kinds, with symbols for the kinds that the report names."""
    lang, facilities, kinds = context.lang, context.report["facilities"], context.report["kinds"]
    present = [code for code, n in facilities["by_kind"].items() if n]
    total, different = format_count(facilities["total"], "facilities", lang), format_count(len(present), "kinds", lang)
    count = t(lang, "{facilities} of {kinds}", facilities=total, kinds=different) if facilities["total"] else t(lang, "None")
    if facilities["total"] > MOST_FACILITIES:
        count += " · " + t(lang, "{n} of them not on the map", n=f"{facilities['total'] - MOST_FACILITIES:,}")
    return Legend(
        title=t(lang, "Facilities"),
        count=count,
        symbols=[(kinds[code]["symbol"] or "dot", local_label(code, kinds[code], lang)) for code in present if code in kinds],
    )


LAYER = MapLayer(NAME, draw, legend)
