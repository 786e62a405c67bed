"""Flood zones, where the city publishes them."""

from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from layers.base import FIRST_ZOOM, LAST_ZOOM
from layers.spec.addresses import tiles
from layers.spec.deck import ink, layer
from layers.style import theme
from layers.style.legend import Legend
from layers.style.wording import Row
from layers.view import View


def zones(view: View, report: Row) -> list[dict[str, Any]]:
    """Translucent surfaces; nothing when switched off."""
    if "flood" not in view.layers:
        return []
    alpha = round(105 * view.opacity.get("flood", 100) / 100)
    return [
        layer(
            "FloodTiles", "flood", tiles("flood", report), get_fill_color=ink("map-flood", alpha), min_zoom=FIRST_ZOOM, max_zoom=LAST_ZOOM
        )
    ]


def legend(view: View, report: Row, lang: Lang) -> Legend:
    """One colour."""
    return Legend(
        layer="flood",
        title=t(lang, "Flood zones"),
        on="flood" in view.layers,
        opacity=view.opacity.get("flood", 100),
        classes=[(theme.css("map-flood"), t(lang, "Flood zone"))],
    )
