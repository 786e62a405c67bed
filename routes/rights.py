"""Which right each route needs. A route that is not in the table is closed to everybody, and the tests fail.

PostgreSQL decides what a person with the right then *sees*; ``callbacks/rights.py`` is the same table for the page's callbacks.
"""

from collections.abc import Iterator
from typing import Any, Literal

from fastapi import FastAPI
from starlette.requests import Request

from data.core.errors import NotOpen, SignInNeeded
from data.figures.scope import FiguresOnly
from pages.hub_link import may_open_hub
from routes.middleware.identification import Inside
from routes.shared.language import INSIDE

Right = Literal[
    "everybody",
    "inside",
    "area",
    "named",
    "cases",
    "calendar",
    "person",
    "accounts",
    "audit",
    "imports",
    "steering",
    "walls",
    "screens",
    "schedules",
    "hazards",
    "feeds",
    "hub",
]
"""``everybody``: without signing in; no data of any city. ``inside``: everybody signed in, with any credential. ``area``: the same, but
answered with 403 for areas whose figures the account may not see; ``named``: with 403 for areas whose name it may not see. ``cases``:
everybody signed in who may see single cases, with any credential. ``calendar``: whoever knows the address, which is a credential of an
account that may see single cases. ``person``: a person's session, not a display's or program's token.
``accounts``, ``audit``, ``imports``, ``schedules``: a person's session with this ability. ``steering``, ``walls``: a person or a program
whose account may steer walls, or change their tours; PostgreSQL decides which walls. ``screens``: a display, or whoever may steer walls,
with any credential. ``hazards``: a person or a program whose account brings in notices of hazards; PostgreSQL decides which cities.
``feeds``: a person or a program whose account delivers data; PostgreSQL decides of which departments.
``hub``: a person who may see single cases, or leads, with a session."""

RIGHTS: dict[str, Right] = {
    # signing in and out
    "GET /healthz": "everybody",
    "GET /metrics": "everybody",  # only from this machine, or with a secret: see routes/api/metrics.py
    "GET /signin": "everybody",
    "POST /signin": "everybody",
    "GET /signin/style.css": "everybody",
    "GET /signin/provider": "everybody",
    "GET /signin/provider/back": "everybody",
    "GET /first": "everybody",
    "POST /first": "everybody",
    "GET /reset": "everybody",
    "POST /reset": "everybody",
    "GET /signin/code": "person",
    "POST /signin/code": "person",
    "GET /signin/password": "person",
    "POST /signin/password": "person",
    "GET /signin/news": "person",
    "POST /signin/news": "person",
    "GET /signin/second-factor": "person",
    "POST /signin/second-factor": "person",
    "GET /signout": "person",
    "POST /signout": "person",
    # one's own account
    "GET /account": "person",
    "POST /account/password": "person",
    "GET /account/second-factor": "person",
    "POST /account/second-factor": "person",
    "POST /account/second-factor/off": "person",
    "POST /account/recovery-codes": "person",
    "POST /account/sessions/end": "person",
    "POST /account/sessions/end-all": "person",
    "POST /account/tokens": "person",
    "POST /account/calendar": "person",
    "POST /account/tokens/withdraw": "person",
    # everybody's accounts
    "GET /accounts": "accounts",
    "POST /accounts": "accounts",
    "GET /accounts/{number:id}": "accounts",
    "POST /accounts/{number:id}": "accounts",
    "POST /accounts/{number:id}/link": "accounts",
    "POST /accounts/{number:id}/second-factor/off": "accounts",
    "POST /accounts/{number:id}/sessions/end-all": "accounts",
    "POST /accounts/{number:id}/tokens": "accounts",
    "POST /accounts/{number:id}/tokens/withdraw": "accounts",
    "POST /accounts/{number:id}/disable": "accounts",
    "POST /accounts/{number:id}/enable": "accounts",
    "GET /status": "accounts",
    # the audit log
    "GET /audit": "audit",
    "POST /audit/export": "audit",
    "POST /audit/record": "audit",
    # reports of imports
    "GET /imports": "imports",
    "GET /imports/{number:id}": "imports",
    "POST /imports/{number:id}/rejected": "imports",
    # schedules of reports
    "GET /report/schedules": "schedules",
    "POST /report/schedules/act": "schedules",
    "GET /report/schedules/new": "schedules",
    "POST /report/schedules/new": "schedules",
    "GET /report/schedules/{number:id}": "schedules",
    "POST /report/schedules/{number:id}": "schedules",
    "POST /report/schedules/{number:id}/switch": "schedules",
    "GET /report/seen/{token}": "everybody",  # the key in the link is enough; it shows nothing and confirms nothing by itself
    "POST /report/seen/{token}": "everybody",
    # the machine interface
    "GET /openapi.json": "inside",
    "GET /docs": "inside",
    "GET /api/cities": "inside",
    "GET /api/areas": "inside",
    "GET /api/areas/{code:path}": "area",
    "GET /api/search": "inside",
    "GET /api/events": "inside",
    "POST /api/attachments": "cases",  # and the ability to report or remark on cases
    "GET /api/attachments/{hash}": "cases",
    "GET /api/cases": "cases",
    "POST /api/cases": "cases",
    "GET /api/cases/similar": "cases",
    "GET /api/cases/places": "cases",
    "POST /api/cases/preview": "cases",  # and the ability to report cases
    "GET /api/cases/export": "cases",  # and the ability to export cases
    "GET /api/cases/facets": "cases",
    "GET /api/cases/{number}": "cases",
    "GET /api/cases/{number}/earlier": "cases",
    "POST /api/cases/{number}/steps": "cases",
    "POST /api/cases/steps": "cases",
    "GET /api/calendar/{token}.ics": "calendar",
    "GET /api/remark-templates": "cases",
    "POST /api/remark-templates": "cases",  # and the ability to dispatch cases
    "POST /api/remark-templates/retire": "cases",  # likewise
    "GET /api/units": "inside",
    "GET /api/categories": "inside",
    "GET /api/units/{unit}/members": "cases",
    "GET /api/filters": "cases",
    "POST /api/filters": "cases",
    "POST /api/filters/order": "cases",
    "POST /api/filters/{filter}": "cases",
    "POST /api/filters/{filter}/delete": "cases",
    "GET /api/rules/routing": "cases",
    "GET /api/rules/deadlines": "cases",
    "GET /api/rules/calendar": "cases",
    "GET /api/rules/calendar.csv": "cases",
    "GET /api/rules/duplicates": "cases",
    "GET /api/rules/weights": "cases",
    "POST /api/rules/routing/try": "cases",  # and the ability to manage rules, in the whole city; likewise below
    "POST /api/rules/routing": "cases",
    "POST /api/rules/deadlines": "cases",
    "POST /api/rules/calendar": "cases",
    "POST /api/rules/duplicates": "cases",
    "POST /api/rules/duplicates/try": "cases",
    "POST /api/rules/hours": "cases",
    "POST /api/rules/weights": "cases",
    "GET /api/indicators": "inside",
    "GET /api/indicators/worse": "inside",
    "GET /api/indicators/overdue": "cases",
    "GET /api/indicators/trend": "inside",
    "GET /api/indicators/coverage": "inside",
    "GET /api/indicators/hours": "cases",
    # reports; of issuing and correcting PostgreSQL asks for the role and the area
    "POST /api/reports": "inside",
    "GET /api/reports": "inside",
    "GET /api/reports/{report}": "inside",
    "GET /api/reports/{report}/files/{form}": "inside",
    "POST /api/reports/{report}/issue": "inside",
    "POST /api/reports/{report}/correct": "inside",
    "POST /api/reports/{report}/seen": "inside",  # and the report was sent to the account
    "POST /api/hazards": "hazards",
    # the data hub; PostgreSQL decides whose feeds are told
    "GET /api/hub": "inside",
    "GET /api/hub/history": "inside",
    "GET /api/hub/departments/{department}": "inside",
    "GET /api/feeds/{feed}": "inside",
    "GET /api/feeds/{feed}/deliveries/{delivery}": "inside",
    "POST /api/feeds/{feed}": "feeds",
    # walls
    "GET /api/wall/time": "inside",
    "GET /api/wall/tour": "inside",
    "POST /api/wall/tour": "walls",
    "GET /api/wall/tour.toml": "inside",
    "GET /api/wall/tour/draft": "walls",
    "POST /api/wall/remote": "steering",
    "POST /api/wall/screens/heartbeat": "screens",
    "POST /api/wall/screens/{screen}/picture": "screens",  # of a screen of this account, that was asked for
    "GET /api/wall/screens": "steering",
    "GET /api/wall/screens/{screen}/picture": "steering",
    "POST /api/wall/screens/{screen}/want-picture": "steering",
    "POST /api/wall/screens/{screen}": "walls",
    "POST /api/wall/screens/{screen}/forget": "walls",
    "GET /api/wall/plays": "steering",
    "GET /wall/remote": "steering",
    "GET /wall/screens": "steering",
    "GET /wall/scenes": "walls",
    "GET /api/{rest:path}": "inside",
    # the desk
    "GET /desk": "cases",
    "GET /desk/figures": "inside",
    "GET /hub": "hub",
    "GET /report": "inside",
    "GET /report/{report}": "inside",
    "GET /vendor/plotly-{digest}.js": "inside",
    "GET /desk/map": "cases",
    "GET /desk/sign-out.js": "person",
    "POST /desk/columns": "cases",
    "GET /desk/rules": "cases",
    "POST /desk/reveal": "person",  # and the ability to open records, or to call
    "GET /vendor/table-{digest}/{name}": "inside",
    # the wall
    "GET /wall": "inside",
    "GET /wall/map": "inside",
    "GET /api/wall/figures": "inside",
    # the map
    "GET /tiles/{layer}/{z}/{x}/{y}.mvt": "inside",
    "GET /shapes/{area}/{level}.json": "area",
    "GET /incidents/{area}.json": "area",
    "GET /facilities/{area}.json": "area",
    "GET /places/{area}.json": "named",
    "POST /map/sheet": "inside",  # what is on the sheet, the browser has already
    "GET /vendor/deck-{digest}.js": "inside",
    "GET /vendor/mvt-worker-{digest}.js": "inside",
    "GET /scripts/{digest}/{name:path}": "inside",
    # the page, and Dash's own routes
    "GET /": "inside",
    "GET /assets": "inside",
    "GET /_dash-component-suites/{package_name}/{fingerprinted_path:path}": "inside",
    "GET /_dash-layout": "inside",
    "GET /_dash-dependencies": "inside",
    "POST /_dash-update-component": "inside",
    "GET /_reload-hash": "inside",
    "GET /_favicon.ico": "inside",
    "GET /{path:path}": "inside",
}
"""The right of each route, by method and path as the route declares them."""


DISPLAYS = frozenset(
    {
        "GET /wall",
        "GET /wall/map",
        "GET /api/wall/figures",
        "GET /api/wall/tour",
        "GET /api/wall/time",
        "POST /api/wall/screens/heartbeat",
        "POST /api/wall/screens/{screen}/picture",
        "GET /api/events",
        "GET /tiles/{layer}/{z}/{x}/{y}.mvt",
        "GET /shapes/{area}/{level}.json",
        "GET /facilities/{area}.json",
        "GET /places/{area}.json",
        "GET /vendor/deck-{digest}.js",
        "GET /vendor/mvt-worker-{digest}.js",
        "GET /scripts/{digest}/{name:path}",
        "GET /openapi.json",  # without data of any city
    }
)
"""All that is open to a wall account beside what is open to everybody. Its token lies in a browser in a room that many people enter."""

DATA_FEEDS = frozenset({"POST /api/feeds/{feed}", "GET /api/feeds/{feed}/deliveries/{delivery}", "GET /openapi.json"})
"""All that is open to the account of a department's feed."""
FEEDS = frozenset({"POST /api/hazards", "GET /openapi.json"})
"""All that is open to the account of a feed of hazard notices."""
_OF_DEVICES = {"wall": DISPLAYS, "hazard_feed": FEEDS, "data_feed": DATA_FEEDS}


async def require_right(request: Request) -> None:
    """Refuse a request without the right that its route declares; this is a dependency of the whole app.

    Raises:
        SignInNeeded: nobody is signed in, but the route requires it.
        NotOpen: the person lacks the right, or the route declares none.
        FiguresOnly: the route needs the right to see single cases.
    """
    right = RIGHTS.get(f"{request.method} {request.scope['route'].path}")
    inside: Inside | None = request.scope.get(INSIDE)
    if right == "everybody":
        return
    if inside is None:
        raise SignInNeeded()
    if not has_right(right, inside):
        raise FiguresOnly(who=inside.viewer.shown) if right in ("cases", "calendar") else NotOpen()
    if f"{request.method} {request.scope['route'].path}" not in _OF_DEVICES.get(inside.viewer.role, RIGHTS):
        raise NotOpen()


def has_right(right: Right | None, inside: Inside) -> bool:
    """Whether a signed-in person has a right; PostgreSQL decides for which areas."""
    if right == "calendar" or inside.way == "calendar":
        return right == inside.way and inside.viewer.detail in ("cases", "people")
    if right in ("inside", "area", "named"):
        return True
    if right == "cases":
        return inside.viewer.detail in ("cases", "people")
    if right == "screens":
        return inside.viewer.shows_walls
    if right in ("steering", "walls"):
        return inside.way in ("session", "token") and inside.viewer.may("steer_walls" if right == "steering" else "manage_walls")
    if right == "hazards":
        return inside.way in ("session", "token") and inside.viewer.may("tell_hazards")
    if right == "feeds":
        return inside.way in ("session", "token") and inside.viewer.may("deliver_feeds")
    if inside.way != "session":
        return False
    if right == "hub":
        return may_open_hub(inside.viewer)
    if right == "schedules":
        return inside.viewer.may("schedule_reports")
    return right == "person" or (right in ("accounts", "audit", "imports") and inside.viewer.may(right))


def list_routes(app: FastAPI) -> Iterator[str]:
    """Every route of an app by the name that the table uses, including routes that the table lacks."""
    yield from _named(app.routes)


def _named(routes: list[Any], prefix: str = "") -> Iterator[str]:
    for route in routes:
        if (included := getattr(route, "original_router", None)) is not None:
            yield from _named(included.routes, prefix)
        else:
            for method in sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD"}):
                yield f"{method} {prefix}{route.path}"
