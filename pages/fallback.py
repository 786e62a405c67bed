"""The plotly map for browsers without WebGL, with a sentence that says so."""

from dash import dcc

from layers.build import webgl_notice
from layers.screen import Screen
from pages import html, ids
from pages.components import icon
from pages.html import Child
from pages.scene import Scene


def panel(scene: Scene, screen: Screen) -> list[Child]:
    """The sentence and the figure; a click on the figure opens the same view as on the other map."""
    from layers.fallback import build_figure  # plotly takes a second to import, and most browsers never need it

    drawn = dcc.Graph(
        id=ids.FALLBACK_FIGURE,
        figure=build_figure(scene.context, scene.outlines, scene.cases, screen),
        config={"displayModeBar": False, "scrollZoom": True},
        className="flat-figure",
    )
    return [html.Div([icon("info", 16), webgl_notice(scene.lang)], className="flat-note", role="status"), drawn]
