"""Turns a click on the map into an address: an area one level down, or a building, incident or facility."""

from collections.abc import Mapping
from time import monotonic_ns
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from callbacks.current_viewer import ViewerOf, current_viewer
from data.core.errors import GridwellError, Passing
from data.core.viewer import Viewer
from data.figures.reports import fetch_path, fetch_start
from layers.view import View
from pages import ids
from pages.area_sections import move_to_area
from pages.cards import pick_object

Pick = Mapping[str, object]


async def open_pick(pick: Pick, view: View, viewer: Viewer) -> View:
    """The view that a click on the map opens; the same view if it opens nothing."""
    kind = pick.get("kind")
    if kind == "area" and pick.get("code"):
        return await open_area(str(pick["code"]), view, viewer)
    return pick_object(view, str(kind), str(pick.get("key") or ""))


async def open_area(code: str, view: View, viewer: Viewer) -> View:
    """Go one level down towards the clicked area, which may be several levels below; go straight to an area outside the current one."""
    try:
        chain = await fetch_path(code, viewer)
    except Passing:
        raise
    except GridwellError:
        return view
    here = view.area or await fetch_start(viewer)
    step = find_step(chain, here)
    return view if step == here else move_to_area(view, step)


def find_step(chain: list[str], here: str) -> str:
    """The next area to open on the way to the last area of a chain (root first).

    It is the one below ``here``, or the last itself if ``here`` is not above it.
    """
    place = chain.index(here) if here in chain else -1
    return chain[min(place + 1, len(chain) - 1)] if place >= 0 else chain[-1]


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Register the callbacks: clicks on the deck.gl map and on the flat map open the same view."""

    async def answer(pick: Pick | None, click: Mapping[str, object] | None, search: str | None) -> Any:
        view = View.parse(search)
        asked = pick if ctx.triggered_id == ids.PICK else from_figure(click)
        if not asked:
            return no_update
        target = (await open_pick(asked, view, current_viewer(viewer_of, view))).search()
        return no_update if target == view.search() else {"search": target, "n": monotonic_ns()}  # the same goal again is an update too

    app.callback(
        Output(ids.GOAL, "data"),
        Input(ids.PICK, "data"),
        Input(ids.FALLBACK_FIGURE, "clickData", allow_optional=True),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )(answer)


def from_figure(click: Mapping[str, object] | None) -> Pick | None:
    """Turn a click on the plotly figure into a pick, which the figure's points carry as their ``customdata``."""
    match click:
        case {"points": [{"customdata": [str(kind), str(code), *_]}, *_]}:
            return {"kind": kind, "code": code, "key": code}
    return None
