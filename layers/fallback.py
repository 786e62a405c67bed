"""The flat map for browsers without WebGL: the same areas, classes and colours as SVG polygons in a plotly figure.

``customdata`` holds what a click opens: one value for a surface, which has no points to click, or one for each point.
"""

import math
from collections.abc import Sequence
from typing import cast

import plotly.graph_objects as go
import shapely

from data.core.viewer import Lang
from data.figures.types import AreaReport, Unit
from data.places.outlines import CaseCircle, CasePoint, Cases, Outline
from layers.context import MapContext
from layers.incidents import STATE_TOKENS
from layers.screen import USUAL_SCREEN, Screen
from layers.style import theme as colours
from layers.style.classes import Classes, dark_classes
from layers.style.theme import Theme
from layers.style.wording import local_name

NAME_PX = 12
MOST_PINS = 300
"""With more open cases than this only the overdue ones are drawn: this map cannot count them in circles."""
_PIN_PX = {"overdue": 11, "amber": 10}


def build_figure(
    context: MapContext, shapes: Sequence[Outline] = (), cases: Cases | None = None, screen: Screen = USUAL_SCREEN
) -> go.Figure:
    """Build the figure.

    Args:
        context: the view with its figures.
        shapes: ``areas`` of ``data.places.outlines.polygons`` for the units; an area without a polygon is drawn as a dot at its label.
        cases: the open cases, if they are shown.
        screen: the reader's browser, for the theme ``auto`` and for the names that have room.
    """
    shown = colours.resolve_theme(context.view.theme, screen.dark)
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
    if cases:
        drawn.add_trace(_cases(cases, shown))
    if shapes:
        drawn.add_trace(_names(_with_room(shapes, screen, lang), by_code, classes, shown, lang))
    return drawn


def _colour(code: str, classes: Classes, theme: Theme) -> str:
    index = classes.of.get(code)
    return colours.load_tokens(theme)[colours.NO_DATA if index is None else classes.tokens[index]]


def _hover_text(unit: Unit, classes: Classes, lang: Lang) -> str:
    value = classes.format_value_of(unit["code"], lang)
    return f"{local_name(unit, lang)}<br>{value}" if value else local_name(unit, lang)


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


def _with_room(shapes: Sequence[Outline], screen: Screen, lang: Lang) -> list[Outline]:
    """The areas whose name fits inside them when the whole figure is seen: elsewhere it would lie on another one."""
    outlines = {shape["code"]: shapely.MultiPolygon([(part[0], part[1:]) for part in shape["polygons"]]) for shape in shapes}
    west, south, east, north = shapely.total_bounds(list(outlines.values()))
    narrow = math.cos(math.radians((south + north) / 2))
    width, height = screen.map_px
    per_px = max((east - west) * narrow / width, (north - south) / height)
    found = []
    for shape in shapes:
        lon, lat = shape["at"]
        if lon is None or lat is None:
            continue
        text = local_name(shape, lang)
        half_x = sum(NAME_PX * (1.0 if ord(letter) > 255 else 0.6) for letter in text) / 2 * per_px / narrow
        half_y = NAME_PX / 2 * per_px
        if outlines[shape["code"]].contains(shapely.box(lon - half_x, lat - half_y, lon + half_x, lat + half_y)):
            found.append(shape)
    return found


def _cases(cases: Cases, theme: Theme) -> go.Scatter:
    if cases["kind"] == "points":
        return _pins(cast(Sequence[CasePoint], cases["rows"]), theme)
    return _circles(cast(Sequence[CaseCircle], cases["rows"]), theme)


def _pins(rows: Sequence[CasePoint], theme: Theme) -> go.Scatter:
    """Single cases in the colours of their deadlines, urgent ones above the others. They are only seen: a click opens the area below."""
    tokens = colours.load_tokens(theme)
    shown = [row for row in rows if row["state"] == "overdue"] if len(rows) > MOST_PINS else rows
    ordered = list(reversed(shown))
    return go.Scatter(
        x=[row["lon"] for row in ordered],
        y=[row["lat"] for row in ordered],
        mode="markers",
        marker={
            "size": [_PIN_PX.get(row["state"], 7) for row in ordered],
            "color": [tokens[f"pin-{STATE_TOKENS.get(row['state'], 'closed')}"] for row in ordered],
            "line": {"color": tokens["pin-rim"], "width": 1},
        },
        hoverinfo="skip",
        showlegend=False,
    )


def _circles(rows: Sequence[CaseCircle], theme: Theme) -> go.Scatter:
    """Cases counted together; the rim is red where any of them is overdue."""
    tokens = colours.load_tokens(theme)
    return go.Scatter(
        x=[row["lon"] for row in rows],
        y=[row["lat"] for row in rows],
        mode="markers+text",
        marker={
            "size": [16 + 2 * math.log2(row["n"]) for row in rows],
            "color": tokens["raised"],
            "line": {"color": [tokens["pin-overdue" if row["overdue"] else "paused"] for row in rows], "width": 2},
        },
        text=[f"{row['n']:,}" for row in rows],
        textfont={"size": 10, "color": tokens["text"]},
        hoverinfo="skip",
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
