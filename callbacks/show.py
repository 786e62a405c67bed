"""Turns an address into a page: the only place that fills the panels and gives the map its specification."""

import asyncio
from collections.abc import Mapping

from dash import Dash, Input, Output

from callbacks.current_viewer import ViewerOf, current_viewer
from data.core.errors import GridwellError, Passing
from data.core.viewer import Viewer
from layers.screen import Screen
from layers.view import View, find_unread
from pages import ids, map_page
from pages.scene import fetch_flat, fetch_scene
from pages.shell_texts import shell_texts

MANY = 500
"""With more areas than this on the map, the page is made in a thread, so that other requests need not wait."""


async def show_page(search: str | None, webgl: Mapping[str, object] | None, viewer: Viewer) -> map_page.Page:
    """Everything on the page for an address.

    Args:
        search: the address's query part.
        webgl: what the map knows about the browser: ``ok`` is false if it cannot draw; see ``layers.screen.Screen`` for the rest.
        viewer: who looks.

    Raises:
        Passing: nothing can be shown at the moment; the page's script keeps the present page and asks again.
    """
    view = View.parse(search)
    screen = None if not webgl or webgl.get("ok", True) else Screen.parse(webgl)
    try:
        scene = await fetch_scene(view, viewer)
        scene = await fetch_flat(scene) if screen else scene
    except Passing:
        raise
    except GridwellError as error:
        return map_page.build_error_page(error, view, viewer)
    unread = find_unread(search)
    if len(scene.coloured) > MANY:
        return await asyncio.to_thread(map_page.build_page, scene, screen, unread)
    return map_page.build_page(scene, screen, unread)


OUTPUTS = {
    "panel": Output(ids.PANEL, "children"),
    "shown": Output(ids.SHOWN, "data"),
    "crumb": Output(ids.CRUMB, "children"),
    "tools": Output(ids.TOOLS, "children"),
    "layers": Output(ids.LAYERS, "children"),
    "time": Output(ids.TIME, "children"),
    "legend": Output(ids.LEGEND, "children"),
    "spec": Output(ids.SPEC, "data"),
    "fallback": Output(ids.FALLBACK, "children"),
    "without_fallback": Output(ids.FALLBACK, "hidden"),
    "logo": Output(ids.LOGO, "children"),
    "skip": Output(ids.SKIP, "children"),
    "search_label": Output(ids.SEARCH_LABEL, "children"),
    "search_hint": Output(ids.SEARCH, "placeholder"),
    "notices": Output(ids.NOTICE, "children"),
    "map_buttons": Output(ids.NAV, "children"),
}
"""The component and property for each field of a page."""


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Register the callback."""

    async def answer(search: str | None, webgl: Mapping[str, object] | None) -> dict[str, object]:
        viewer = current_viewer(viewer_of, View.parse(search))
        page = await show_page(search, webgl, viewer)
        return page.outputs(shell_texts(viewer.lang))

    app.callback(output=OUTPUTS, inputs=[Input(ids.URL, "search"), Input(ids.WEBGL, "data")])(answer)
