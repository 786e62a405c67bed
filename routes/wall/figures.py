"""What a wall asks for while it runs: its figures, and the map behind them."""

from datetime import datetime
from time import time
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from data.core.errors import UnknownName
from data.core.text import LARGEST_BIGINT
from data.core.viewer import Viewer
from data.wall.assemble import seconds_left
from data.wall.coloured import choose_coloured
from data.wall.figures import fetch_wall_figures
from data.wall.shared import Made, share_answer
from data.wall.types import WallFigures
from layers import buildings, grid, incidents
from layers.build import build_legends, build_map_spec
from layers.context import MapContext
from layers.registry import LAYERS
from layers.style.legend import Legend
from layers.style.measures import MEASURES
from layers.view import View
from pages.scene import fetch_scene
from routes.api.api import Lang
from routes.api.examples import answer_example
from routes.api.indicators import check_area
from routes.doors.style_sheet import style_address
from routes.errors import DOCUMENTED
from routes.middleware.queued_requests import leave_queue
from routes.shared import scripts
from routes.shared.language import asking
from routes.shared.parameters import refuse_unread
from routes.wall.examples import FIGURES_EXAMPLE

router = APIRouter(dependencies=[Depends(refuse_unread)])

Asking = Annotated[Viewer, Depends(asking)]
Area = Annotated[str | None, Query(max_length=200, description="Code of an area or functional zone; otherwise the account's own")]
Heard = Annotated[
    int, Query(ge=0, le=LARGEST_BIGINT, description="Newest version that was heard of and is not shown yet: a newer answer is waited for")
]
Name = Annotated[str | None, Query(max_length=100)]

MEASURE = "incidents"
"""What colours the areas unless a scene says otherwise."""
METHOD = "natural"
"""Few areas are bright, those that stand out; with as many in each class the city would glitter."""
LEAST_NAME_PX = 16
"""No name on the map is smaller than the smallest text of the wall; the page scales them all alike, so that 17 px are 2.6 units."""
USUAL_LAYERS = (grid.NAME, buildings.NAME)
MAP_S = 60.0
"""Seconds for which a map is good while nothing changes."""
PITCH_DEG, BEARING_DEG = 57.0, -22.0
ELEVATION_SCALE = 1.5
"""From far away a city at true scale looks flat."""
SHADOW = [0.0, 0.01, 0.03, 0.38]
ROOFS_FROM_ZOOM = 14.6
_SHARE_SHOWN = 0.32
"""Share of the area's box that fills the screen: its edge may leave it, so that no border of the map is seen."""
LEFT_OUT = ("fg-water-names", "line-neighbours", "fg-beside")


def wall_version() -> str:
    """What a page of this server is made of; a page with another one loads again."""
    return f"{scripts.version(scripts.WALL)}-{style_address().rpartition('=')[2]}"


@router.get(
    "/api/wall/figures",
    summary="The figures of a wall",
    tags=["wall"],
    response_model=WallFigures,
    responses={**DOCUMENTED, **answer_example(FIGURES_EXAMPLE)},
)
async def get_wall_figures(request: Request, who: Asking, area: Area = None, heard: Heard = 0, lang: Lang = None) -> Response:
    """What the panels of a wall show for one area, made once for all that ask with the same rights; null where no source says it."""
    # Headers tell the server's time and the version of the page.
    check_area(area)
    leave_queue(request)  # all walls ask at the same moment, and wait for one answer
    body = await fetch_wall_figures(area, who, heard)
    headers = {"Cache-Control": "private, no-cache", "X-Gridwell-Time": str(round(time() * 1000)), "X-Gridwell-Page": wall_version()}
    return Response(body, media_type="application/json", headers=headers)


@router.get("/wall/map", include_in_schema=False)
async def get_wall_map(request: Request, who: Asking, area: Area = None, measure: Name = None, layers: Name = None) -> Response:
    """``spec`` for ``assets/scripts/map`` without cases, and the ``legend`` of the areas."""
    check_area(area)
    if measure not in (None, *MEASURES):
        raise UnknownName.among("measure", str(measure), tuple(MEASURES))
    drawn = _read_layers(layers)
    leave_queue(request)
    body = await share_answer(("map", area, measure, drawn, who.lang), who, lambda: _make_map(area, measure, drawn, who))
    return Response(body, media_type="application/json", headers={"Cache-Control": "private, no-cache"})


def _read_layers(named: str | None) -> tuple[str, ...]:
    """The layers to draw. Cases are not among them: a wall lights those that are overdue itself."""
    wanted = named.split(",") if named else []
    for one in wanted:
        if one not in LAYERS:
            raise UnknownName.among("layers", one, LAYERS)
    return tuple(one for one in LAYERS if one in wanted and one != incidents.NAME) if wanted else USUAL_LAYERS


async def _make_map(area: str | None, measure: str | None, drawn: tuple[str, ...], who: Viewer) -> Made:
    code, level = await choose_coloured(area, who)
    view = View(area=code, units=level, dim="3d", layers=drawn, measure=measure or MEASURE, method=METHOD, theme="dark")
    scene = await fetch_scene(view, who)
    legend = next(row for row in build_legends(scene.context) if row.layer == grid.NAME)
    body = orjson.dumps({"spec": _describe_map(scene.context), "legend": _describe_legend(legend)})
    city = scene.report["city"]
    return body, min(MAP_S, seconds_left(datetime.fromisoformat(city["as_of"]), city["timezone"]))  # its days end with today


def _describe_map(context: MapContext) -> dict[str, Any]:
    """The map's own specification, seen as a wall shows it: nearer, steeper, higher, and without what only a pointer finds."""
    spec = cast(dict[str, Any], dict(build_map_spec(context)))
    camera = dict(spec["camera"])
    west, south, east, north = camera["box"]
    east += 360 if east < west else 0
    across, up = (east - west) * (1 - _SHARE_SHOWN) / 2, (north - south) * (1 - _SHARE_SHOWN) / 2
    camera |= {"box": [west + across, south + up, east - across, north - up], "pitch": PITCH_DEG, "bearing": BEARING_DEG}
    layers = [dict(one) for one in spec["layers"] if one["id"] not in LEFT_OUT]
    for one in layers:
        if one["id"] == buildings.NAME:
            one |= {"elevationScale": ELEVATION_SCALE, "roofsFromZoom": ROOFS_FROM_ZOOM, "pickable": False}
        if one["@@type"] == "AreaLabels":
            one |= {"size": max(LEAST_NAME_PX, one["size"]), "smallest": LEAST_NAME_PX}
    return {
        **spec,
        "camera": camera,
        "layers": layers,
        "shadows": {"light": SHADOW, "dark": SHADOW},
        "tips": {**spec["tips"], "of": {}},
    }


def _describe_legend(legend: Legend) -> dict[str, Any]:
    return {
        "title": dict(legend.choices).get(legend.chosen or "", legend.title),
        "classes": legend.classes,
        "breaks": legend.breaks,
        "span": legend.measure_note,
        "note": legend.note,
    }
