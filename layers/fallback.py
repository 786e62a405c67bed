"""The flat map for browsers without WebGL: the same areas, classes and colours as SVG polygons in a plotly figure.

``customdata`` holds what a click opens: one value for a surface, which has no points to click, or one for each point.
"""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from data.core.viewer import Lang
from data.figures.types import AreaReport, Unit
from data.places.outlines import Outline
from layers.context import MapContext
from layers.style import theme as colours
from layers.style.classes import Classes, dark_classes
from layers.style.measures import format_value
from layers.style.theme import Theme
from layers.style.wording import local_name

MOST_NAMES = 60


def build_figure(context: MapContext, shapes: Sequence[Outline] = ()) -> go.Figure:
    """Build the figure.

    Args:
        context: the view with its figures. The theme ``auto`` is drawn light, because the server cannot ask the reader's browser.
        shapes: ``areas`` of ``data.places.outlines.polygons`` for the units; an area without a polygon is drawn as a dot at its label.
    """
    shown = colours.resolve_theme(context.view.theme)
    report, units, classes, lang = context.report, context.units, context.classes, context.lang
    by_code = {unit["code"]: unit for unit in units}
    drawn = go.Figure(layout=_layout(report, shown))
    for shape in shapes:
        if shape["code"] in by_code:
            drawn.add_trace(_polygon(shape, by_code[shape["code"]], classes, shown, lang))
    outlined = {shape["code"] for shape in shapes}
    rest = [unit for unit in units if unit["code"] not in outlined and unit["label_point"]]
    if rest:
        drawn.add_trace(_dots(rest, classes, shown, lang))
    if shapes and len(shapes) <= MOST_NAMES:
        drawn.add_trace(_names(shapes, by_code, classes, shown, lang))
    return drawn


def _colour(code: str, classes: Classes, theme: Theme) -> str:
    index = classes.of.get(code)
    return colours.load_tokens(theme)[colours.NO_DATA if index is None else classes.tokens[index]]


def _hover_text(unit: Unit, classes: Classes, lang: Lang) -> str:
    value = classes.values[unit["code"]]
    return local_name(unit, lang) if value is None else f"{local_name(unit, lang)}<br>{format_value(classes.measure, value)}"


def _polygon(shape: Outline, unit: Unit, classes: Classes, theme: Theme, lang: Lang) -> go.Scatter:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for ring in (ring for part in shape["polygons"] for ring in part):
        # A gap between rings lets SVG's even-odd rule cut holes.
        xs += [*([None] if xs else []), *(point[0] for point in ring)]
        ys += [*([None] if ys else []), *(point[1] for point in ring)]
    missing = classes.of.get(shape["code"]) is None
    pattern = {"shape": "/", "size": 8, "solidity": 0.25, "fgcolor": colours.load_tokens(theme)["nodata-line"]} if missing else None
    return go.Scatter(
        x=xs,
        y=ys,
        mode="lines",
        fill="toself",
        fillcolor=_colour(shape["code"], classes, theme),
        fillpattern=pattern,
        line={"color": colours.load_tokens(theme)["map-halo"], "width": 1},
        hoveron="fills",
        name=shape["drill"],
        text=_hover_text(unit, classes, lang),
        hoverinfo="text",
        customdata=["area", shape["drill"]],
        showlegend=False,
    )


def _dots(units: Sequence[Unit], classes: Classes, theme: Theme, lang: Lang) -> go.Scatter:
    points = [unit["label_point"] or [0.0, 0.0] for unit in units]
    return go.Scatter(
        x=[point[0] for point in points],
        y=[point[1] for point in points],
        mode="markers",
        marker={
            "size": 18,
            "color": [_colour(unit["code"], classes, theme) for unit in units],
            "line": {"color": colours.load_tokens(theme)["muted"], "width": 1},
        },
        text=[_hover_text(unit, classes, lang) for unit in units],
        hoverinfo="text",
        customdata=[["area", unit["code"]] for unit in units],
        showlegend=False,
    )


def _names(shapes: Sequence[Outline], units: dict[str, Unit], classes: Classes, theme: Theme, lang: Lang) -> go.Scatter:
    placed = [(shape, shape["at"]) for shape in shapes if shape["code"] in units and shape["at"]]
    named = [shape for shape, _ in placed]
    text = colours.load_tokens(theme)["text"]
    pale = "#FFFFFF" if theme == "light" else text
    dark = dark_classes(classes)
    return go.Scatter(
        x=[at[0] for _, at in placed],
        y=[at[1] for _, at in placed],
        mode="text",
        text=[local_name(shape, lang) for shape in named],
        textfont={"size": 12, "color": [pale if classes.of.get(shape["code"]) in dark else text for shape in named]},
        hoverinfo="skip",
        customdata=[["area", shape["drill"]] for shape in named],
        showlegend=False,
    )


def _layout(report: AreaReport, theme: Theme) -> dict[str, object]:
    lat = (report["label_point"] or [0.0, 0.0])[1]
    hidden = {"visible": False, "showgrid": False, "zeroline": False}
    land = colours.load_tokens(theme)["map-land"]
    return {
        "xaxis": hidden,
        # Degrees of longitude are shorter than those of latitude by the cosine of the latitude.
        "yaxis": {**hidden, "scaleanchor": "x", "scaleratio": 1 / math.cos(math.radians(lat))},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": land,
        "plot_bgcolor": land,
        "dragmode": "pan",
        "hovermode": "closest",
        "clickmode": "event",
        "showlegend": False,
    }
