"""The map page: everything that changes when the address changes, put together."""

from dataclasses import dataclass, fields
from typing import Any

from data.errors import GridwellError
from data.i18n import t
from data.viewer import Lang
from layers.build import map_spec
from layers.view import View
from pages import area, bar, cards, flat, layer_panel, states, time_panel
from pages.scene import Scene


@dataclass(frozen=True, slots=True)
class Page:
    """What fills the frame, in the order of the callback's outputs.

    Attributes:
        shown: for the page's script: which address this is, its language and theme, and the document's title.
    """

    crumb: list[Any]
    tools: list[Any]
    layers: list[Any]
    panel: list[Any]
    time: list[Any]
    spec: dict[str, Any] | None
    shown: dict[str, Any]
    fallback: list[Any]
    without_fallback: bool
    legend: list[Any]
    placeholder: str

    def outputs(self) -> tuple[Any, ...]:
        """The fields as a tuple."""
        return tuple(getattr(self, field.name) for field in fields(self))


def page(scene: Scene, flat_map: bool = False) -> Page:
    """The page of a scene; with the plotly map where the browser has no WebGL."""
    view, lang = scene.view, scene.lang
    legends = layer_panel.rows(scene)
    report, coloured = dict(scene.report), [dict(unit) for unit in scene.coloured]
    spec = None if flat_map else map_spec(view, report, coloured, scene.viewer, lang, view.theme)
    return Page(
        crumb=bar.crumb(scene),
        tools=bar.tools(scene),
        layers=layer_panel.panel(scene, legends),
        panel=cards.panel(scene, *scene.card) if scene.card else area.panel(scene),
        time=time_panel.panel(scene),
        spec=spec,
        shown=_shown(view, lang, area.where(scene)),
        fallback=flat.panel(scene) if flat_map else [],
        without_fallback=not flat_map,
        legend=layer_panel.compact(legends),
        placeholder=_placeholder(lang),
    )


def failed(error: GridwellError, view: View, lang: Lang) -> Page:
    """The page when there is nothing to draw."""
    sentence = states.failed(error, view, lang)
    return Page([], [], [], sentence, [], None, _shown(view, lang, ""), [], True, [], _placeholder(lang))


def _placeholder(lang: Lang) -> str:
    return t(lang, "Search places, grid codes, case numbers")


def _shown(view: View, lang: Lang, where: str) -> dict[str, Any]:
    product = t(lang, "Gridwell")
    return {
        "search": view.search(),
        "lang": lang,
        "html_lang": "zh-CN" if lang == "zh" else lang,
        "theme": view.theme,
        "dim": view.dim,
        "place": "/".join(filter(None, (view.area, view.building, view.incident, view.facility))),
        "title": f"{where} · {product}" if where else product,
    }
