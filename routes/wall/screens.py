"""Screens of walls: what they tell of themselves, the list of them, their pictures, and what they have shown."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from data.core.errors import BadInput, BadPeriod
from data.core.i18n import t
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.wall.model import WALL
from data.wall.plays import KEPT, fetch_plays
from data.wall.scenes import choose_city, read_tour
from data.wall.screens import (
    fetch_picture,
    forget_screen,
    keep_picture,
    list_screens,
    read_beat,
    read_screen,
    set_screen,
    take_beat,
    want_picture,
)
from routes.api.case_bodies import read_body
from routes.doors.page import NO_STORE
from routes.exports.answers import Exported, Format, Table, answer_file, common_facts, make_columns, read_format
from routes.shared.language import viewer
from routes.wall.remote import read_city_of
from routes.wall.tour import City, read_wall

router = APIRouter(include_in_schema=False)

PLAY_TITLES = {
    "wall": "Wall",
    "screen": "Screen",
    "part": "Part",
    "from": "Shown from",
    "until": "Shown until",
    "scene": "Scene",
    "kind": "Why it was shown",
    "tour_version": "Version of the tour",
    "data_version": "Version of the data",
}
KIND_TITLES = {"scene": "Tour", "hold": "Presenter", "serious": "Serious case", "late_3": "Case at three times its allowed time"}


@router.post("/api/wall/screens/heartbeat")
async def post_beat(request: Request) -> Response:
    """A screen tells how it is, and what it has shown; the answer says what is wanted of it."""
    who, body, now = viewer(request), await read_body(request), datetime.now(UTC)
    beat = read_beat(body, now)
    return JSONResponse(await take_beat(who, await read_city_of(who, body.get("city")), beat, now), headers=NO_STORE)


@router.post("/api/wall/screens/{screen}/picture")
async def post_picture(screen: str, request: Request) -> Response:
    """The picture that a screen was asked for: a JPEG."""
    await keep_picture(viewer(request), read_screen(screen), await request.body())
    return Response(status_code=204, headers=NO_STORE)


@router.get("/api/wall/screens")
async def get_screens(request: Request, city: City = None) -> Response:
    """The screens of a city's walls."""
    who = viewer(request)
    screens = await list_screens(who, await choose_city(who, city))
    return JSONResponse({"screens": screens, "may_change": who.may("manage_walls")}, headers=NO_STORE)


@router.get("/api/wall/screens/{screen}/picture")
async def get_picture(screen: str, request: Request) -> Response:
    """The last picture of a screen."""
    return Response(await fetch_picture(viewer(request), read_screen(screen)), media_type="image/jpeg", headers=NO_STORE)


@router.post("/api/wall/screens/{screen}/want-picture")
async def post_wish(screen: str, request: Request) -> Response:
    """Ask a screen for a picture; it comes with one of its next heartbeats."""
    await want_picture(viewer(request), read_screen(screen))
    return Response(status_code=204, headers=NO_STORE)


@router.post("/api/wall/screens/{screen}/forget")
async def post_gone(screen: str, request: Request) -> Response:
    """Delete a screen that is gone, with what it has shown."""
    await forget_screen(viewer(request), read_screen(screen))
    return Response(status_code=204, headers=NO_STORE)


@router.post("/api/wall/screens/{screen}")
async def post_settings(screen: str, request: Request) -> Response:
    """``title``, ``height_m``, ``distance_m``, ``layout``, ``part``, ``scenes``, ``watched``."""
    await set_screen(viewer(request), read_screen(screen), await read_body(request))
    return Response(status_code=204, headers=NO_STORE)


@router.get("/api/wall/plays")
async def get_plays(
    request: Request,
    wall: str | None = None,
    city: City = None,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
    form: Format = "json",
) -> Response:
    """What screens have shown on some days, both included; without days: today and yesterday."""
    who, wanted, code = viewer(request), read_format(form), await choose_city(viewer(request), city)
    timezone = (await read_tour(who, code, WALL)).timezone
    days = _read_days(first, last, datetime.now(zone(timezone)).date())
    rows = await fetch_plays(who, code, read_wall(wall) if wall else None, *days, timezone)
    told = [
        {
            **{name: row[name] for name in ("wall", "scene", "kind", "tour_version", "data_version")},
            **{"screen": row["title"] or row["screen"][:8], "part": row["part"] or "", "from": row["from_at"], "until": row["until_at"]},
        }
        for row in rows
    ]
    if wanted == "json":
        plays = [{**one, "from": one["from"].isoformat(), "until": one["until"].isoformat()} for one in told]
        return JSONResponse({"plays": plays}, headers=NO_STORE)
    made = _describe(who, [{**one, "kind": t(who.lang, KIND_TITLES[one["kind"]])} for one in told], timezone)
    return await answer_file(wanted, made, who, {"wall": wall, "from": days[0].isoformat(), "to": days[1].isoformat()})


def _read_days(first: str | None, last: str | None, today: date) -> tuple[date, date]:
    try:
        end = date.fromisoformat(last) if last else today
        begin = date.fromisoformat(first) if first else end - timedelta(days=1)
    except ValueError:
        raise BadInput(field="from", value=(first or last or "")[:60], reason="it does not have the right form") from None
    if begin > end or end - begin > KEPT:
        raise BadPeriod(start=begin.isoformat(), end=end.isoformat(), reason="at most 31 days, the first before the last")
    return begin, end


def _describe(who: Viewer, plays: list[dict[str, Any]], timezone: str) -> Exported:
    columns = make_columns(who.lang, PLAY_TITLES, {"scene": 28, "from": 20, "until": 20, "kind": 20})
    clock = zone(timezone)
    facts = common_facts(who, datetime.now(UTC).isoformat(), clock)
    rows = [[one[name] for name in PLAY_TITLES] for one in plays]
    return Exported("wall-plays", [Table(t(who.lang, "What screens have shown"), columns, rows)], facts, clock)
