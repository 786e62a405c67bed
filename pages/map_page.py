"""The map page: everything that changes when the address changes, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from typing_extensions import TypedDict

from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.viewer import Viewer
from layers.build import MapSpec, build_legends, build_map_spec
from layers.screen import Screen
from layers.view import View
from pages import area_figures, area_panel, cards, fallback, layer_panel, messages, time_panel, top_bar
from pages.html import Child
from pages.scene import Scene
from pages.shell_texts import ShellTexts, labels


class Shown(TypedDict):
    """Data for the page's script: ``search`` is the address shown, ``place`` the picked object, ``labels`` the names of parts by id, and
    ``version`` the newest of the data that is shown."""

    search: str
    lang: str
    html_lang: str
    theme: str
    dim: str
    place: str
    version: int
    title: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The contents of the page's frame.

    Attributes:
        spec: what the map draws; ``None`` leaves the map unchanged.
        shown: for the page's script: which address this is, its language and theme, and the document's title.
        fallback: the plotly map if the browser has no WebGL.
        legend: the card over the map on a phone.
    """

    panel: list[Child]
    shown: Shown
    crumb: list[Child] = field(default_factory=list)
    tools: list[Child] = field(default_factory=list)
    layers: list[Child] = field(default_factory=list)
    time: list[Child] = field(default_factory=list)
    legend: list[Child] = field(default_factory=list)
    spec: MapSpec | None = None
    fallback: list[Child] = field(default_factory=list)

    def outputs(self, frame: ShellTexts) -> dict[str, object]:
        """The values of all fields by name."""
        both = [(part, one.name) for part in (self, frame) for one in fields(part)]
        return {**{name: getattr(part, name) for part, name in both}, "without_fallback": not self.fallback}


def build_page(scene: Scene, screen: Screen | None = None, unread: Sequence[tuple[str, str, str]] = ()) -> Page:
    """The page of a scene; with the plotly map, for a screen, if the browser has no WebGL, and what was not understood of its address."""
    rows = build_legends(scene.context)
    return Page(
        panel=[
            *messages.unread_message(unread, scene.lang),
            *(cards.panel(scene, scene.card) if scene.card else area_panel.panel(scene)),
        ],
        shown=_shown(scene.view, scene.viewer, area_figures.where(scene), max(scene.report["city"]["versions"].values())),
        crumb=top_bar.breadcrumb(scene),
        tools=top_bar.tools(scene),
        layers=layer_panel.panel(scene, rows),
        time=time_panel.panel(scene),
        legend=layer_panel.compact(rows),
        spec=None if screen else build_map_spec(scene.context),
        fallback=fallback.panel(scene, screen) if screen else [],
    )


def build_error_page(error: GridwellError, view: View, viewer: Viewer) -> Page:
    """The page if there is nothing to draw: a sentence, a link to go on, and the tools that need no figures."""
    lang = viewer.lang
    return Page(panel=messages.error_message(error, view, lang), shown=_shown(view, viewer, ""), tools=top_bar.tools_alone(view, viewer))


def _shown(view: View, viewer: Viewer, where: str, version: int = 0) -> Shown:
    lang = viewer.lang
    product = t(lang, "Gridwell")
    return {
        "search": view.search(),
        "lang": lang,
        "html_lang": "zh-CN" if lang == "zh" else lang,
        "theme": view.theme,
        "dim": view.dim,
        "place": "/".join(filter(None, (view.area, view.building, view.incident, view.facility))),
        "version": version,
        "title": f"{where} · {product}" if where else product,
        "labels": labels(lang),
    }
