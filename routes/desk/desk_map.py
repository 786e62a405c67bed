"""The map beside the desk's list: what the product's own map draws there, and what its colours mean."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from data.core.errors import UnknownName
from data.core.viewer import Viewer
from data.schema import LEVELS
from layers import grid, incidents
from layers.build import build_legends, build_map_spec
from layers.style.legend import Legend
from layers.style.measures import MEASURES
from layers.view import View
from pages.scene import fetch_scene
from routes.shared.language import asking

router = APIRouter(include_in_schema=False)

DRAWN = (grid.NAME, incidents.NAME, "buildings")
WASH_PERCENT = 38
"""The areas' colours are washed out, so that the pins lead."""
_DIMS = ("2d", "3d")


@router.get("/desk/map")
async def describe_map(
    who: Annotated[Viewer, Depends(asking)],
    area: Annotated[str | None, Query()] = None,
    dim: Annotated[str, Query()] = "2d",
    measure: Annotated[str | None, Query()] = None,
    level: Annotated[str | None, Query()] = None,
) -> Response:
    """``spec`` for ``assets/scripts/map``, without geometry and without cases, which the page brings; and the ``legend`` of the areas."""
    checked = (("dim", dim, _DIMS), ("measure", measure or "", ("", *MEASURES)), ("level", level or "", ("", *LEVELS[1:])))
    for field, value, names in checked:
        if value not in names:
            raise UnknownName.among(field, value, names)
    view = View(area=area, units=level, dim="3d" if dim == "3d" else "2d", layers=DRAWN, opacity={grid.NAME: WASH_PERCENT})
    scene = await fetch_scene(view if measure is None else view.but(measure=measure), who)
    rows = build_legends(scene.context)
    body = {"spec": build_map_spec(scene.context), "legend": _describe(next(row for row in rows if row.layer == grid.NAME))}
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "private, no-cache"})


def _describe(legend: Legend) -> Mapping[str, Any]:
    """What the colours mean: title, choices, classes as (colour, label), the values between them, and notes."""
    return {
        "title": dict(legend.choices).get(legend.chosen or "", legend.title),
        "chosen": legend.chosen,
        "choices": legend.choices,
        "span": legend.measure_note,
        "classes": legend.classes,
        "breaks": legend.breaks,
        "note": legend.note,
        "no_data": legend.no_data,
        "wash": WASH_PERCENT,
    }
