"""The page of a wall. What it shows comes from ``routes.wall.figures``; this route gives the frame and its sentences."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.core.errors import GridwellError
from data.wall.screens import fetch_settings
from routes.map.document import reload_without_parts
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared import scripts
from routes.wall.figures import wall_version
from routes.wall.frame import WALL, describe_wall

router = APIRouter(include_in_schema=False)


@router.get(WALL)
async def show_wall(request: Request) -> Response:
    """The frame of the wall, for everybody. What it shows is in the address, which the page's script reads."""
    viewer = inside(request).viewer
    try:
        screen = await fetch_settings(viewer, request.query_params.get("id"))
    except GridwellError:
        screen = None  # the wall comes all the same, and hears of it later
    script, worker = scripts.address(scripts.WALL), scripts.address(scripts.LIVE_WORKER)
    view = describe_wall(reader_language(request), viewer, script, worker, wall_version(), reload_without_parts(request.scope), screen)
    return respond(request, view)
