"""The plotly map for browsers without WebGL, with a sentence that says so."""

from typing import Any

from dash import dcc

from layers.build import notice
from pages import html, ids
from pages.components import icon
from pages.scene import Scene


def panel(scene: Scene) -> list[Any]:
    """The sentence, and the figure; a click on it drills as on the other map."""
    from layers.fallback import figure  # plotly takes a second to import, and most browsers never need it

    report, coloured = dict(scene.report), [dict(unit) for unit in scene.coloured]
    drawn = dcc.Graph(
        id=ids.FALLBACK_FIGURE,
        figure=figure(scene.view, report, coloured, scene.lang, scene.view.theme, scene.outlines),
        config={"displayModeBar": False, "scrollZoom": True},
        className="flat-figure",
    )
    return [html.Div([icon("info", 16), notice(scene.lang)], className="flat-note", role="status"), drawn]
