"""The machine interface of walls: the server's clock, and the tour that a wall shows."""

import asyncio
from datetime import UTC, datetime
from time import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from data.concurrency.per_loop import PerLoop
from data.core.errors import BadInput
from data.core.text import LARGEST_BIGINT
from data.core.viewer import Viewer
from data.wall.model import WALL, Reader
from data.wall.scenes import Tour, choose_city, read_tour, tell_tour
from data.wall.tour_types import TimeTold, TourTold
from routes.api.api import Asking, Lang
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api/wall", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["wall"])

WallName = Annotated[str, Query(description="Name of the wall: small letters, digits and hyphens", examples=["main"])]
City = Annotated[str | None, Query(description="Code of the city; otherwise the one with which the account starts")]
Preview = Annotated[int | None, Query(ge=-LARGEST_BIGINT, le=LARGEST_BIGINT, description="Number of a scene that is to stand alone")]

SCENE_EXAMPLE: dict[str, Any] = {
    **{"id": 3, "name": "全市", "name_en": "Whole city", "playlist": "day", "area": "110000", "area_name": "示范市"},
    **{"area_name_en": "Demo City", "level": "city", "zone": None, "bbox": [118.3, 30.8, 118.6, 31.1], "layers": ["grid"]},
    **{"measure": "overdue", "camera": {"zoom": None, "pitch": 57, "bearing": -22, "orbit_deg_per_s": 0.3}, "dwell_s": 40, "panels": []},
}
TOUR_EXAMPLE: dict[str, Any] = {
    **{"version": "7", "city": "110000", "wall": "main", "made": False, "timezone": "Asia/Shanghai"},
    **{"server_time_ms": 1796980000000, "scenes": [SCENE_EXAMPLE], "plan": [{"from_ms": 0, "playlist": "day"}], "epoch_ms": 1796970000000},
    **{"set_ms": 1796970000000, "turns": [], "hold": None, "pixel_shift": {"px": 2, "every_s": 60}},
    **{"interrupt": {"serious": True, "late_3": True, "stays_s": 25, "gap_s": 180}, "brightness": [1.0] * 24},
}


class _Shared:
    """Readings of one tour for viewers with the same rights."""

    def __init__(self) -> None:
        self.asking = 0
        self._lock = asyncio.Lock()
        self._begun = self._done = 0
        self._tour: Tour | None = None

    async def read(self, viewer: Viewer, city: str, wall: str) -> Tour:
        """The tour as it is at a moment after the call: whoever comes while it is read shares the next reading with all who wait."""
        seen = self._begun
        async with self._lock:
            if self._tour is None or self._done <= seen:
                self._begun += 1
                number = self._begun
                self._tour = await read_tour(viewer, city, wall)
                self._done = number
            return self._tour


_readings: PerLoop[dict[tuple[str, ...], _Shared]] = PerLoop(dict)


async def read_shared_tour(viewer: Viewer, city: str, wall: str) -> Tour:
    """The tour of a wall; many screens that ask at the same moment, as after a change, cost two readings.

    Raises:
        UnknownWallCity, NotReady, Busy, TooSlow: see ``data.wall.scenes.read_tour``.
    """
    held, key = _readings(), (viewer.rights, viewer.scope_code, city, wall)
    shared = held.setdefault(key, _Shared())
    shared.asking += 1
    try:
        return await shared.read(viewer, city, wall)
    finally:
        shared.asking -= 1
        if not shared.asking:
            held.pop(key, None)


def read_wall(given: str) -> str:
    """The name of a wall.

    Raises:
        BadInput: it cannot be one.
    """
    return Reader({"wall": given}, "").word("wall", WALL)


@router.get("/time", summary="The server's clock", responses=answer_example({"server_time_ms": 1796980000000.25}))
async def get_time(response: Response) -> TimeTold:
    """In milliseconds since 1970. Screens that show one picture together set their clocks by it."""
    response.headers["Cache-Control"] = "no-store"
    return {"server_time_ms": time() * 1000}


@router.get("/tour", summary="The tour of a wall", response_model=TourTold, responses=answer_example(TOUR_EXAMPLE))
async def get_tour(who: Asking, wall: WallName = WALL, city: City = None, preview: Preview = None, lang: Lang = None) -> Response:
    """Scenes, which playlist is shown when, and what breaks in; a wall that nobody has edited goes round its city."""
    # What is shown at a moment follows from this answer and the server's clock alone. Changes are told as live events of kind “wall”.
    tour = await read_shared_tour(who, await choose_city(who, city), read_wall(wall))
    if preview is not None and all(one["id"] != preview for one in tour.scenes):
        raise BadInput(field="preview", value=str(preview), reason="it is not known here")
    return JSONResponse(tell_tour(tour, datetime.now(UTC), preview), headers={"Cache-Control": "private, no-cache"})
