"""Steering a wall: what a presenter wants, from a phone, a desk or a program."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from data.core.viewer import Viewer
from data.wall.scenes import choose_city
from data.wall.steering import read_command, steer
from routes.api.case_bodies import read_body
from routes.shared.language import viewer
from routes.wall.known import KNOWN
from routes.wall.tour import read_wall

router = APIRouter(include_in_schema=False)


@router.post("/api/wall/remote")
async def post_command(request: Request) -> Response:
    """``wall``, ``city``, and what to ``do``: see ``data.wall.steering``. The answer is the new version of the tour."""
    who, body = viewer(request), await read_body(request)
    city = await read_city_of(who, body.get("city"))
    version = await steer(who, city, read_wall(body.get("wall") or ""), read_command(body, KNOWN), datetime.now(UTC))
    return JSONResponse({"version": str(version)}, headers={"Cache-Control": "no-store"})


async def read_city_of(who: Viewer, given: object) -> str:
    """The city that a body names, or the one with which the account starts."""
    return await choose_city(who, str(given) if given else None)
