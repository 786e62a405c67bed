"""Turns the text in the search field into a list of places to open."""

from dash import Dash, Input, Output, State

from callbacks.current_viewer import ViewerOf, current_viewer
from data.core.errors import GridwellError, Passing
from data.core.viewer import Viewer
from data.figures.reports import fetch_default_city, fetch_path
from data.places.search import search
from layers.view import View
from pages import ids, messages, search_results
from pages.html import Child


async def find_places(text: str | None, view: View, viewer: Viewer) -> list[Child]:
    """The list of results; empty if nothing was typed."""
    wanted = (text or "").strip()
    if not wanted:
        return []
    try:
        city = await _city(view, viewer)
        return search_results.result_list(wanted, await search(wanted, city, viewer), view, viewer.lang)
    except Passing:
        raise
    except GridwellError as error:
        return messages.error_message(error, view, viewer.lang)


async def _city(view: View, viewer: Viewer) -> str:
    if view.area is None:
        return await fetch_default_city(viewer)
    return (await fetch_path(view.area, viewer))[0]


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Register the callback."""

    async def answer(text: str | None, address: str | None) -> list[Child]:
        view = View.parse(address)
        return await find_places(text, view, current_viewer(viewer_of, view))

    app.callback(
        Output(ids.RESULTS, "children"),
        Input(ids.SOUGHT, "data"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )(answer)
