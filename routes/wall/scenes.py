"""The tour of a wall is changed as a whole, from its page or from a file."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response

from data.core.errors import BadInput, NotOpen
from data.core.viewer import Viewer
from data.wall.model import read_scenes, read_settings, settings_told
from data.wall.scenes import Tour, choose_city, is_reached, read_tour, save_tour
from data.wall.toml_form import read_toml, write_toml
from routes.api.case_bodies import read_body
from routes.doors.page import NO_STORE
from routes.shared.language import viewer
from routes.wall.known import KNOWN
from routes.wall.remote import read_city_of
from routes.wall.tour import City, WallName, read_wall

router = APIRouter(include_in_schema=False)


@router.post("/api/wall/tour")
async def post_tour(request: Request) -> Response:
    """All scenes and settings of a tour, as JSON, or as TOML in the field ``toml``; ``seen`` is the version that was changed.

    The answer is the tour as it is kept.
    """
    who, body = viewer(request), await read_body(request)
    city, wall = await read_city_of(who, body.get("city")), read_wall(body.get("wall") or "")
    seen, area = body.get("seen"), body.get("of_area") or None
    if not isinstance(seen, str | None) or not isinstance(area, str | None):
        raise BadInput(field="seen", value="", reason="it does not have the right form")
    if not await _may_change(who, city, wall):  # before anything of the file is parsed
        raise NotOpen
    scenes, settings = await _read_parts(body)
    await save_tour(who, city, wall, seen, read_scenes(scenes, KNOWN), read_settings(settings), area)
    return JSONResponse(await describe_tour(who, await read_tour(who, city, wall)), headers=NO_STORE)


async def _may_change(who: Viewer, city: str, wall: str) -> bool:
    return who.may("manage_walls") and await is_reached(who, city, wall)


async def _read_parts(body: dict[str, Any]) -> tuple[Any, Any]:
    if (given := body.get("toml")) is None:
        return body.get("scenes") or [], body.get("settings") or {}
    if not isinstance(given, str):
        raise BadInput(field="toml", value="", reason="it does not have the right form")
    return await asyncio.to_thread(read_toml, given.encode("utf-8", "surrogatepass"))


async def describe_tour(who: Viewer, tour: Tour) -> dict[str, Any]:
    """A tour as the page of scenes needs it."""
    may = await _may_change(who, tour.city, tour.wall)
    told = settings_told(tour.settings)
    if not may:
        told.pop("alarm")
    named = {"city": tour.city, "wall": tour.wall, "version": str(tour.version), "of_area": tour.area, "made": tour.made}
    return {**named, "scenes": list(tour.scenes), "settings": told, "may_change": may}


@router.get("/api/wall/tour/draft")
async def get_draft(request: Request, wall: WallName = "main", city: City = None) -> Response:
    """The tour as the page of scenes changes it."""
    who = viewer(request)
    return JSONResponse(await describe_tour(who, await read_tour(who, await choose_city(who, city), read_wall(wall))), headers=NO_STORE)


@router.get("/api/wall/tour.toml")
async def get_toml(request: Request, wall: WallName = "main", city: City = None) -> Response:
    """The tour as a file; addresses that are told of silent screens stand in it for who may change it alone."""
    who = viewer(request)
    tour = await read_tour(who, await choose_city(who, city), read_wall(wall))
    name = f"gridwell-wall-{tour.wall}.toml"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse(write_toml(tour), media_type="application/toml", headers=headers)
