"""The whole map from a view: every layer's specification, and every layer's legend.

``map_spec`` holds no geometry: areas, incidents and tiles are fetched by the browser from versioned addresses.
A new layer is added here, in the two lists, and nowhere else.
"""

from collections.abc import Sequence
from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang, Viewer
from data.schema import area_label
from layers import base, buildings, facilities, flood, grid, incidents, outlines, population
from layers.grid import Classes
from layers.spec import tooltips
from layers.spec.browser_texts import words
from layers.spec.camera import camera
from layers.spec.coloured_areas import levels_below
from layers.spec.icons import icons
from layers.spec.vendor import bundle_address, worker_address
from layers.style.legend import Legend
from layers.style.wording import Row, name
from layers.view import View

SHADOWS = {"light": [0.20, 0.24, 0.40, 0.17], "dark": [0.0, 0.0, 0.0, 0.32]}


def map_spec(
    view: View, report: Row, units: Sequence[Row], viewer: Viewer, lang: Lang, theme: str, classes: Classes | None = None
) -> dict[str, Any]:
    """What the browser draws, ready for JSON.

    Args:
        view: what is looked at.
        report: answer of ``data.figures.reports.area_report`` for the picked area.
        units: answer of ``data.figures.reports.unit_figures`` for the coloured areas.
        viewer: who looks.
        lang: language of labels and tooltips.
        theme: ``light``, ``dark`` or ``auto``; colours are named by token, so the browser can switch without asking again.
        classes: of the units, where they are known already.
    """
    classes = classes or grid.classify(view, report, units)
    coloured = grid.fills(view, report, units, classes) if "grid" in view.layers else []
    return {
        "theme": theme,
        "lang": lang,
        "dim": view.dim,
        "camera": camera(view, report),
        "area": {
            "code": report["code"],
            "label": area_label(report["code"]),
            "level": report["level"],
            "leaf": not levels_below(report),
            "title": name(report, lang),
        },
        "picked": {"building": view.building, "incident": view.incident},
        "shadows": SHADOWS,
        "classes": classes.by_label(),
        "tips": tooltips.areas(report, units, classes, lang),
        "words": words(report, lang),
        "icons": icons(),
        "vendor": {"bundle": bundle_address(), "worker": worker_address()},
        "layers": [
            *base.below(view, report),
            *coloured,
            *base.above(view, report),
            *flood.zones(view, report),
            *outlines.lines(view, report, units),
            *population.columns(view, report, units),
            *buildings.blocks(view, report, lang),
            *facilities.icons(view, report),
            *incidents.pins(view, report),
            *outlines.labels(view, report, units, classes, lang),
        ],
    }


def legends(view: View, report: Row, units: Sequence[Row], lang: Lang, theme: str, classes: Classes | None = None) -> list[Legend]:
    """One legend for each layer, in the order of the panel; the arguments are those of ``map_spec``."""
    return [
        grid.legend(view, report, units, classes or grid.classify(view, report, units), lang),
        incidents.legend(view, report, lang),
        buildings.legend(view, report, lang),
        population.legend(view, report, units, lang),
        facilities.legend(view, report, lang),
        flood.legend(view, report, lang),
    ]


def notice(lang: Lang) -> str:
    """What a reader without WebGL is told above the flat map."""
    return t(lang, "This browser cannot draw the 3D map (WebGL is missing). The flat map below drills down in the same way.")
