"""An address becomes a page: the one place that fills the panels and hands the map its specification."""

from typing import Any

from dash import Dash, Input, Output

from callbacks.who import ViewerOf, current
from data.errors import GridwellError
from data.viewer import Viewer
from layers.view import View
from pages import ids, map_page
from pages.scene import look


async def show(search: str | None, webgl: dict[str, Any] | None, viewer: Viewer) -> map_page.Page:
    """Everything on the page for an address.

    Args:
        search: the address's query part.
        webgl: what the map found out about the browser; ``{"ok": False}`` where it cannot draw.
        viewer: who looks.
    """
    view = View.parse(search)
    try:
        scene = await look(view, viewer)
    except GridwellError as error:
        return map_page.failed(error, view, viewer.lang)
    return map_page.page(scene, flat_map=bool(webgl) and not (webgl or {}).get("ok", True))


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Wire it; a page's fields are the outputs, in their order."""

    async def answer(search: str | None, webgl: dict[str, Any] | None) -> tuple[Any, ...]:
        page = await show(search, webgl, current(viewer_of, View.parse(search)))
        return page.outputs()

    app.callback(
        Output(ids.CRUMB, "children"),
        Output(ids.TOOLS, "children"),
        Output(ids.LAYERS, "children"),
        Output(ids.PANEL, "children"),
        Output(ids.TIME, "children"),
        Output(ids.SPEC, "data"),
        Output(ids.SHOWN, "data"),
        Output(ids.FALLBACK, "children"),
        Output(ids.FALLBACK, "hidden"),
        Output(ids.LEGEND, "children"),
        Output(ids.SEARCH, "placeholder"),
        Input(ids.URL, "search"),
        Input(ids.WEBGL, "data"),
    )(answer)
