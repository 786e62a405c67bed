"""Builds the whole app from the rooms: one ASGI app with Dash, the machine interface, tiles, sign-in and errors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dash import html
from fastapi import Depends, FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import WebSocketRoute

import callbacks
import routes.people.report_schedules as report_schedules
from callbacks.dash_internals import CheckedDash, current_request
from data.accounts.unknown_tokens import finish_counting
from data.core.settings import ROOT
from data.core.version import product_version
from data.core.viewer import Lang
from data.database import connections
from data.live import changes
from data.live.hub import run_hub
from pages.shell import shell
from routes import errors, rights
from routes.api import (
    api,
    attachments,
    calendar,
    case_bulk,
    case_export,
    case_list,
    case_places,
    case_preview,
    cases,
    docs,
    filters,
    health,
    indicators,
    metrics,
    openapi,
    similar,
    templates,
    units,
)
from routes.api.rules import doors as rules
from routes.api.rules import duplicates as duplicate_rules
from routes.desk import chart_files, columns, desk, desk_map, figures, reveal, table_files
from routes.desk import rules as rules_page
from routes.hub import api as hub_api
from routes.hub import page as hub_page
from routes.live import events
from routes.map import document, shapes, sheet, tiles, vendor
from routes.middleware import access_log, stack
from routes.people import accounts, audit, imports, links, oidc, own_account, second_factor, signin, status
from routes.report import api as report_api
from routes.report import files as report_files
from routes.report import page as report_page
from routes.shared import csrf, parameters, scripts
from routes.shared.language import viewer
from routes.wall import figures as wall_figures
from routes.wall import hazards as wall_hazards
from routes.wall import page as wall_page
from routes.wall import remote, scenes, screens, tour, work

ROUTERS = (
    tiles,
    shapes,
    health,
    signin,
    oidc,
    links,
    own_account,
    second_factor,
    accounts,
    status,
    audit,
    imports,
    report_schedules,
    desk,
    figures,
    wall_figures,
    wall_hazards,
    wall_page,
    chart_files,
    desk_map,
    rules_page,
    reveal,
    columns,
    events,
    attachments,
    case_list,
    similar,
    case_places,
    case_preview,
    case_export,
    case_bulk,
    cases,
    calendar,
    templates,
    units,
    filters,
    rules,
    duplicate_rules,
    indicators,
    hub_api,
    report_api,
    report_files,
    report_page,
    hub_page,
    tour,
    scenes,
    remote,
    screens,
    work,
    api,
    metrics,
    docs,
    vendor,
    table_files,
    scripts,
    sheet,
)
"""Routes are tried in this order, so those that are asked most come first."""
LOADED_BY_HAND = r"worker|\.LICENSE|doors\.css"
"""Files in ``assets/`` that Dash must not put into the page: the map starts the workers, and other pages have another style sheet."""


class Page(CheckedDash):
    """Dash, with the frame of the page in the reader's language."""

    def lang(self) -> Lang:
        """Language of the current request; Dash also makes the layout once before any request."""
        return viewer(current_request()).lang if self.backend.has_request_context() else "zh"

    def frame(self) -> html.Div:
        """The layout."""
        return shell(self.lang())

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]  # Dash calls it with keyword arguments only
        """The document around the page. Its own script would start Dash (``renderer``); our modules start it when they are ready."""
        request = current_request()
        who = viewer(request)
        return document.render_document(request.scope, self.lang(), csrf.token(who.session), parts)


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with run_hub(), changes.listen_for_changes():
        yield
    await finish_counting()
    await connections.close_pools()


def create_app() -> FastAPI:
    """The whole product as one ASGI app, for ``uvicorn --factory app:create_app``."""
    server = FastAPI(
        title="Gridwell",
        version=product_version(),
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        responses=errors.DOCUMENTED,
        dependencies=[Depends(rights.require_right), Depends(parameters.refuse_unread)],
    )
    for room in ROUTERS:
        server.include_router(room.router)
    errors.install(server)
    openapi.install(server)
    page = Page(
        "gridwell",
        server=server,  # type: ignore[arg-type]  # Dash annotates it for Flask, but accepts both
        assets_folder=str(ROOT / "assets"),
        assets_ignore=LOADED_BY_HAND,
        assets_path_ignore=["^scripts$"],  # modules, which routes.shared.scripts serves
        use_pages=False,  # our folder "pages/" is not a folder of Dash pages
        update_title="",
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1, viewport-fit=cover"}],
    )
    page.layout = page.frame
    # Callbacks over a WebSocket would bypass the middleware.
    server.router.routes[:] = [route for route in server.router.routes if not isinstance(route, WebSocketRoute)]
    callbacks.register(page, viewer)
    server.add_api_route("/{path:path}", _nothing_here, methods=["GET"], include_in_schema=False)
    stack.install(server)
    access_log.hide_queries()
    return server


async def _nothing_here(path: str) -> None:
    """Answer an unknown address with an error; Dash would answer every address with the page."""
    raise HTTPException(404)
