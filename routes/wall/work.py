"""The pages on which people look after walls: steering one, its screens, its scenes. Their scripts ask the machine door."""

import json
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.core.errors import NotOpen
from data.core.i18n import t
from data.core.viewer import Viewer
from data.wall.scenes import choose_city, list_walls
from layers.style.measures import MEASURES
from pages.wall_links import NEEDED, REMOTE, SCENES, SCREENS, WALL
from routes.doors.page import PageView
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared import csrf, scripts
from routes.wall.known import KNOWN
from routes.wall.words import LAYER_TITLES, PANEL_TITLES, WORK_WORDS

router = APIRouter(include_in_schema=False)

TITLES = {REMOTE: "Remote control", SCREENS: "Screens", SCENES: "Scenes"}


@dataclass(frozen=True, kw_only=True)
class WorkPage(PageView):
    """The frame of a page.

    Attributes:
        title: of the page.
        pages: address and name of each page about walls that is open to the reader.
        facts: what the script must know, as JSON.
        script: address of the page's module.
        live_worker: address of the worker that listens for events.
    """

    template: ClassVar[str] = "wall/work.html"
    title: str
    pages: list[tuple[str, str]]
    facts: str
    script: str
    live_worker: str


@router.get(REMOTE)
async def show_remote(request: Request) -> Response:
    """Steer a wall, from a phone or a desk."""
    return await _show(request, REMOTE, scripts.WALL_REMOTE)


@router.get(SCREENS)
async def show_screens(request: Request) -> Response:
    """The screens of all walls, and how they are."""
    return await _show(request, SCREENS, scripts.WALL_SCREENS)


@router.get(SCENES)
async def show_scenes(request: Request) -> Response:
    """The tour of a wall, to be changed."""
    return await _show(request, SCENES, scripts.WALL_SCENES)


async def _show(request: Request, address: str, script: str) -> Response:
    viewer, lang = inside(request).viewer, reader_language(request)
    if not viewer.may(NEEDED[address]):
        raise NotOpen
    city = await choose_city(viewer, request.query_params.get("city"))
    view = WorkPage(
        title=t(lang, TITLES[address]),
        pages=[(WALL, t(lang, "Wall")), *((one, t(lang, title)) for one, title in TITLES.items() if viewer.may(NEEDED[one]))],
        facts=json.dumps(await _tell_facts(viewer, lang, city), ensure_ascii=False, separators=(",", ":")),
        script=scripts.address(script),
        live_worker=scripts.address(scripts.LIVE_WORKER),
    )
    return respond(request, view)


async def _tell_facts(viewer: Viewer, lang: str, city: str) -> dict[str, object]:
    return {
        "lang": lang,
        "csrf": csrf.token(viewer.session),
        "me": viewer.name,
        "city": city,
        "walls": await list_walls(viewer, city),
        "measures": {name: t(lang, MEASURES[name].title) for name in KNOWN.measures},
        "layers": {name: t(lang, LAYER_TITLES[name]) for name in KNOWN.layers},
        "panels": {name: t(lang, PANEL_TITLES[name]) for name in KNOWN.panels},
        "can": {"manage": viewer.may("manage_walls")},
        "words": {name: t(lang, sentence) for name, sentence in WORK_WORDS.items()},
    }
