"""Builds the whole map from a view: every layer's specification and every layer's legend.

The specification holds no geometry: the browser fetches areas, incidents and tiles from versioned addresses. ``layers.registry`` lists the
layers.
"""

from dataclasses import replace

from typing_extensions import TypedDict

from data.core.i18n import t
from data.core.viewer import Lang
from data.schema import area_label
from layers.context import Draw, MapContext, MapLayer
from layers.registry import DRAWING_ORDER, PANEL_ORDER
from layers.spec.area_tree import levels_below
from layers.spec.browser_texts import build_browser_texts
from layers.spec.camera import CameraSpec, camera
from layers.spec.deck import LayerSpec
from layers.spec.icons import load_icons
from layers.spec.tooltips import AreaTips, build_area_tips
from layers.spec.vendor import bundle_address, worker_address
from layers.style.legend import Legend
from layers.style.wording import local_name

SHADOWS = {"light": [0.20, 0.24, 0.40, 0.17], "dark": [0.0, 0.0, 0.0, 0.32]}
"""Red, green, blue and opacity of shadows, 0–1."""


class PickedArea(TypedDict):
    """The picked area; ``leaf`` means that there is no level below it."""

    code: str
    label: str
    level: str
    leaf: bool
    title: str


class MapSpec(TypedDict):
    """What the browser draws. The map bridge in ``assets/`` reads it and relies on the names of the fields.

    ``classes`` holds the class of every coloured area by path label, ``words`` the texts of ``layers.spec.browser_texts``.
    """

    theme: str
    lang: str
    dim: str
    camera: CameraSpec
    area: PickedArea
    picked: dict[str, str | None]
    shadows: dict[str, list[float]]
    classes: dict[str, int]
    tips: AreaTips
    words: dict[str, object]
    icons: dict[str, str]
    vendor: dict[str, str]
    layers: list[LayerSpec]


def build_map_spec(context: MapContext) -> MapSpec:
    """Build what the browser draws, ready for JSON. Colours are token names, so the browser can change the theme without a new request."""
    view, report, lang = context.view, context.report, context.lang
    return {
        "theme": view.theme,
        "lang": lang,
        "dim": view.dim,
        "camera": camera(view, report),
        "area": {
            "code": report["code"],
            "label": area_label(report["code"]),
            "level": report["level"],
            "leaf": not levels_below(report),
            "title": local_name(report, lang),
        },
        "picked": {"building": view.building, "incident": view.incident},
        "shadows": SHADOWS,
        "classes": context.classes.by_label(),
        "tips": build_area_tips(context),
        "words": build_browser_texts(report, lang),
        "icons": load_icons(),
        "vendor": {"bundle": bundle_address(), "worker": worker_address()},
        "layers": [spec for part in DRAWING_ORDER for spec in _draw(part, context)],
    }


def _draw(part: MapLayer | Draw, context: MapContext) -> list[LayerSpec]:
    if not isinstance(part, MapLayer):
        return part(context)
    return part.draw(context) if context.is_on(part.name) else []


def build_legends(context: MapContext) -> list[Legend]:
    """One legend for each layer, in the order of the panel."""
    return [
        replace(layer.legend(context), layer=layer.name, on=context.is_on(layer.name), opacity=context.percent(layer.name))
        for layer in PANEL_ORDER
    ]


def webgl_notice(lang: Lang) -> str:
    """The sentence above the flat map for readers without WebGL."""
    return t(lang, "This browser cannot draw the 3D map (it has no WebGL). You can use this simpler map in the same way.")
