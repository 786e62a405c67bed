"""Role × area × every route, tile and download: allowed or refused, and no row of outside in any answer.

The questions are made from the route table: a new route without a declared right fails here, and so does a parameter that nobody thought
of. Callbacks are asked in ``test_matrix_callbacks.py``.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from string import Formatter
from urllib.parse import quote

import pytest
import small_city as small
import twin_city
from fastapi import FastAPI
from map_tools import tile_of
from planted_reports import report_of
from rights_matrix import ALL_EVENTS, AREAS, REPORTED, app, cities
from signed_in_viewers import MEMBERS, PARENT, SCOPES, Onlooker, inside, onlookers, read, without

from data.core.roles import may
from data.places.tiles import LAYERS
from routes import rights
from routes.middleware import guard
from routes.shared import csrf

pytestmark = pytest.mark.slow

__all__ = ["app", "cities"]  # fixtures

HERE_C1, HERE_C5, THERE_C1 = (120.005, 30.015), (120.025, 30.015), (121.005, 30.015)
TILES = [tile_of(*HERE_C1, 9), tile_of(*THERE_C1, 9), *(tile_of(*place, 14) for place in (HERE_C1, HERE_C5, THERE_C1))]
"""Sums of each whole city, and things one by one in the middle of three cells."""
PERIOD = f"from={small.FROM}&to={small.TO}"
WITHIN = "119,29,122,29,122,31,119,31"
"""A polygon around both cities."""
NO_ACCOUNT = "999999999"

REPORTS = {report_of(code): code for code in REPORTED}
"""Issued reports of figures, by id."""
FILL: dict[str, list[str]] = {
    "report": [*REPORTS, "nothing"],
    "form": ["pdf"],
    "area": list(AREAS),
    "code:path": list(AREAS),
    "level": ["self", "grid", "zone"],
    "layer": list(LAYERS),
    "number:id": [NO_ACCOUNT],
    "number": [f"Qi{cell}-{key}" for cell, key in ((small.C1, "i01"), (small.C5, "i17"), (twin_city.twin(small.C1), "i01"))],
    "digest": ["0"],
    "hash": ["a" * 64],
    "unit": ["u1"],
    "department": ["hrss"],
    "feed": ["labour.clues", "nothing"],
    "delivery": ["1", NO_ACCOUNT],
    "filter": ["1", NO_ACCOUNT],
    "screen": ["0" * 32, "nothing"],
    "package_name": ["dash"],
    "fingerprinted_path:path": ["none.js"],
    "token": ["nothing", "gwc_nothing"],
    "name:path": ["map_page.js", "nothing.js"],
    "name": ["react.js", "nothing.js"],
    "rest:path": ["nothing"],
    "path:path": ["nothing"],
}
"""Values for every parameter that a path may have; those of tiles go together."""
QUERIES: dict[str, list[str]] = {
    "GET /incidents/{area}.json": [PERIOD, f"{PERIOD}&state=all", f"{PERIOD}&state=all&cat=env"],
    "GET /api/search": [
        *(f"q={quote(text)}&city={twin_city.HERE}" for text in ("地", "Place", "长", "Qi", "Qb", "Qp", "30.005,120.035", "30.005,121.035")),
        *(f"q={quote(text)}&city={twin_city.THERE}" for text in ("地", "Qi", "30.005,121.035")),
    ],
    "GET /api/events": [f"wait=false&after={ALL_EVENTS}", "wait=false&after=x", "wait=false"],
    "GET /api/cases": [
        "limit=200",
        "limit=200&sort=due_at&placed=true",
        "limit=2&state=closed&counts=true",
        *(f"area={code}" for code in AREAS),
        *(f"q={word}&limit=200" for word in ("Qi", small.C1, small.C5, twin_city.twin(small.C1))),
        f"bbox=119,29,122,31&limit=200&category=env&{PERIOD}",
    ],
    "GET /api/cases/similar": [
        *(
            f"city={code}&category=env&lon={lon}&lat=30.005{more}"
            for code, lon in ((twin_city.HERE, 120.005), (twin_city.HERE, 120.025), (twin_city.THERE, 121.005))
            for more in ("", f"&number=Qi{small.C1}-i01")
        ),
    ],
    "GET /api/cases/places": ["", *(f"area={code}" for code in AREAS), "state=closed&sort=-reported_at", f"within={WITHIN}"],
    "GET /desk/map": ["", *(f"area={code}&dim=2d" for code in AREAS)],
    "GET /wall/map": ["", *(f"area={code}" for code in AREAS)],
    "GET /api/wall/figures": ["", *(f"area={code}" for code in AREAS)],
    "GET /api/remark-templates": [f"city={twin_city.HERE}", f"city={twin_city.THERE}"],
    "GET /api/indicators": [
        "",
        *(f"area={code}" for code in AREAS),
        *(f"area={code}&by=grid&{PERIOD}{form}" for code in (small.CITY, small.D1, twin_city.TWIN) for form in ("", "&format=csv")),
        *(
            f"by={by}&indicator=closing_rate&indicator=rework_rate&{PERIOD}"
            for by in ("unit", "department", "category", "source", "person")
        ),
    ],
    "GET /api/indicators/worse": ["level=grid", *(f"area={code}&level=grid&{PERIOD}" for code in (small.CITY, small.D1, twin_city.TWIN))],
    "GET /api/indicators/overdue": ["", *(f"area={code}" for code in AREAS)],
    "GET /api/indicators/coverage": ["", *(f"area={code}" for code in AREAS)],
    "GET /api/indicators/hours": ["", *(f"area={code}" for code in AREAS)],
    "GET /api/indicators/trend": ["indicator=rework_rate&points=2", *(f"area={code}&indicator=closing_rate&points=2" for code in AREAS)],
    "GET /api/categories": [f"city={twin_city.HERE}", f"city={twin_city.THERE}"],
    "GET /api/cases/export": ["format=csv", *(f"area={code}&format=csv" for code in AREAS)],
    "POST /map/sheet": [f"area={small.CITY}&format=png"],
    "GET /api/cases/facets": ["", *(f"area={code}" for code in AREAS)],
    "GET /api/units/{unit}/members": [f"city={small.CITY}", f"city={twin_city.THERE}"],
    "GET /api/wall/tour": ["", "wall=other"],
    "GET /api/wall/tour.toml": ["", "wall=other"],
    "GET /api/wall/tour/draft": ["", "wall=other"],
    "GET /api/wall/plays": ["", "format=csv"],
    "GET /api/reports": ["", *(f"area={code}" for code in REPORTED)],
    "GET /signin/code": ["next=/"],
}
SIGN_OUT = "POST /signout"


def addresses(route: str) -> Iterator[tuple[str, str | None]]:
    """Addresses of a route, each with the area it is about."""
    path = route.partition(" ")[2]
    names = [_whole(name, kind) for _, name, kind, _ in Formatter().parse(path) if name]
    for values in _values(names):
        address = path
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        about = values.get("area") or values.get("code:path") or REPORTS.get(values.get("report", ""))
        for query in QUERIES.get(route, [""]):
            yield f"{address}?{query}" if query else address, about or (query[5:].partition("&")[0] if query.startswith("area=") else None)


def _whole(name: str, kind: str | None) -> str:
    return f"{name}:{kind}" if kind else name


def _values(names: list[str]) -> Iterator[dict[str, str]]:
    if {"z", "x", "y"} <= set(names):
        for layer, tile in product(LAYERS, TILES):
            yield {"layer": layer, "z": str(tile.z), "x": str(tile.x), "y": str(tile.y)}
        return
    assert set(names) <= set(FILL), f"nobody thought of what to ask for as {set(names) - set(FILL)}"
    for values in product(*(FILL[name] for name in names)):
        yield dict(zip(names, values, strict=True))


# ---- Every route declares its right ----


def test_every_route_declares_its_right(app: FastAPI) -> None:
    declared = set(rights.list_routes(app))
    assert declared == set(rights.RIGHTS), "new ones have to be declared in routes/rights.py, and old ones taken out"


def test_a_route_without_a_right_is_open_to_nobody() -> None:
    assert "GET /new" not in rights.RIGHTS
    for way in ("session", "device", "token"):
        assert not rights.has_right(None, guard.Inside(None, None, way, ""))  # type: ignore[arg-type]


def test_the_guard_and_the_table_agree_on_what_is_open(app: FastAPI) -> None:
    open_ = {route.partition(" ")[2] for route, right in rights.RIGHTS.items() if right == "everybody"}
    assert open_ - {f"{guard.SEEN}{{token}}"} == set(guard.OPEN) - {"/assets/favicon.svg"}


# ---- Routes ----


async def test_who_is_not_signed_in_gets_nothing(app: FastAPI) -> None:
    stranger = Onlooker("nobody", "wall", "", "", "none")
    for route, right in rights.RIGHTS.items():
        method = route.partition(" ")[0]
        for address, _ in addresses(route):
            answer = await stranger.ask(app, method, address)
            refused = 404 if right == "calendar" else 401  # who knows no address is not told that there are any
            assert (answer.status_code == refused) == (right != "everybody"), (route, address, answer.status_code)
            assert answer.status_code != 500 and not stranger.leaked(without(read(answer), AREAS))


@pytest.mark.parametrize("scope", SCOPES)
async def test_routes_are_open_to_whom_they_belong(app: FastAPI, scope: str) -> None:
    for onlooker in onlookers(scope):
        for route in sorted(rights.RIGHTS, key=lambda route: route == SIGN_OUT):
            for address, about in addresses(route):
                await _ask_route(app, onlooker, route, address, about)


async def _ask_route(app: FastAPI, onlooker: Onlooker, route: str, address: str, about: str | None) -> None:
    method, right = route.partition(" ")[0], rights.RIGHTS[route]
    form = {csrf.FIELD: onlooker.headers.get(csrf.HEADER, "")} if method == "POST" and "dash" not in route else None
    answer = await onlooker.ask(app, method, address, **({"data": form} if form else {}))
    told = (onlooker.name, route, address, answer.status_code, answer.text[:300])
    assert answer.status_code != 500, told
    own = {"wall": rights.DISPLAYS, "hazard_feed": rights.FEEDS, "data_feed": rights.DATA_FEEDS}.get(onlooker.role)
    if own is not None and right not in ("everybody", "calendar") and route not in own:
        assert answer.status_code in ((403, 303) if route == "GET /" else (403,)), told
    elif right in ("area", "named"):
        reached = onlooker.compared if right == "area" else onlooker.called
        assert answer.status_code == (200 if about in reached else 403), told
    elif route in ("GET /api/cases", "GET /api/cases/places", "GET /api/cases/facets"):
        assert answer.status_code == (200 if _lists_cases(onlooker, about) else 403), told
    elif route == "GET /api/cases/export":
        takes = _lists_cases(onlooker, about) and may(onlooker.role, onlooker.detail, "export_cases")
        assert answer.status_code == (200 if takes else 403), told
    elif right == "calendar":
        assert answer.status_code == 404, told
    elif route in ("GET /api/indicators", "GET /api/indicators/worse", "GET /api/indicators/trend", "GET /api/indicators/coverage"):
        assert answer.status_code in _tells_indicators(onlooker, route, about), told
    elif route in ("GET /api/indicators/overdue", "GET /api/indicators/hours"):
        assert answer.status_code == (200 if _works_in(onlooker, about) else 403), told
    elif route == "GET /desk/map":
        drawn = onlooker.detail != "figures" and (about is None or about in onlooker.compared)
        assert answer.status_code == (200 if drawn else 403), told
    elif route in ("GET /wall/map", "GET /api/wall/figures"):
        assert answer.status_code == (200 if about is None or about in onlooker.compared else 403), told
    elif "/{report}" in route:
        opens = about in onlooker.compared
        assert answer.status_code == (422 if route.endswith(("/correct", "/seen")) else 200 if opens else 404), told
    elif route == "POST /api/attachments":
        works = onlooker.detail != "figures" and (may(onlooker.role, onlooker.detail, "remark_cases"))
        assert answer.status_code == (422 if works else 403), told
    elif right != "everybody" and "dash-update" not in route:  # what that is asked is the next test's
        # A page with a form says with 401 that what was filled in is wrong: that is an answer, too.
        assert (answer.status_code in (401, 403) and "json" in answer.headers["content-type"]) != _has(onlooker, right), told
    echoes = [about] if about and answer.status_code in (403, 404) else [_sought(address)]
    leaked = onlooker.leaked(without(read(answer), echoes))
    if right == "audit":
        return  # what everybody did, wherever: the log knows no areas
    # Accounts are told with the codes of their areas, to who looks after them; examples in the documentation have codes of their own.
    known = set(PARENT) if right == "accounts" else documented_codes(app) if route in ("GET /docs", "GET /openapi.json") else set()
    assert not leaked - known, (told, leaked)


@cache
def documented_codes(app: FastAPI) -> frozenset[str]:
    """Codes of areas that stand in the documentation's examples."""
    document = json.dumps(app.openapi())
    return frozenset(code for code in PARENT if code in document)


def _lists_cases(onlooker: Onlooker, about: str | None) -> bool:
    """Whether somebody gets a list: of cases in the own area, or in one of the tree that holds it."""
    holds = about is not None and about not in MEMBERS and onlooker.scope in inside(about)
    reached = about is None or about in inside(onlooker.scope) or holds
    return onlooker.detail != "figures" and reached


def _tells_indicators(onlooker: Onlooker, route: str, about: str | None) -> tuple[int, ...]:
    """The answers that somebody may get: a cell has no cells below it, and parts of a zone are no areas of their own."""
    if about is not None:
        return (200,) if about in onlooker.compared else (403,)
    of_parts = route.endswith("worse") and (onlooker.scope in MEMBERS or len(onlooker.scope) == len(small.C1))
    return (422,) if of_parts else (200,)


def _works_in(onlooker: Onlooker, about: str | None) -> bool:
    """Whether somebody may see the cases of an area one by one."""
    return onlooker.detail != "figures" and (about is None or about in inside(onlooker.scope))


def _has(onlooker: Onlooker, right: str) -> bool:
    if right == "inside":
        return True
    if right == "cases":
        return onlooker.detail != "figures"
    if right == "screens":
        return onlooker.role == "wall" or may(onlooker.role, onlooker.detail, "steer_walls")
    if right == "hazards":
        return onlooker.way in ("session", "token") and may(onlooker.role, onlooker.detail, "tell_hazards")
    if right == "feeds":
        return onlooker.way in ("session", "token") and may(onlooker.role, onlooker.detail, "deliver_feeds")
    if right in ("steering", "walls"):
        ability = "steer_walls" if right == "steering" else "manage_walls"
        return onlooker.way in ("session", "token") and may(onlooker.role, onlooker.detail, ability)
    if right == "hub":
        return onlooker.way == "session" and (onlooker.detail != "figures" or onlooker.role == "leader")
    if right == "schedules":
        return onlooker.way == "session" and may(onlooker.role, onlooker.detail, "schedule_reports")
    of_role = {"accounts": "administrator", "audit": "auditor", "imports": "steward"}.get(right, onlooker.role)
    return onlooker.way == "session" and onlooker.role == of_role


def _sought(address: str) -> str:
    if "&number=" in address:
        return address.partition("&number=")[2]
    if "/api/cases/" in address:
        return address.split("/")[3]
    return "Q" if "/search" in address else "\0"


# ---- What a display can be told at all ----

PLANTED = {
    "mark of a case, a person or a reporter": re.compile(r"Q[ipr]\d{15}"),
    "name or address of a building": re.compile(r"Qb\d{15}(?![-\d])"),
    "name or post of a head": re.compile(r"[长职](99|77)\d{4}"),
    "telephone": re.compile(r"13812345678|138\*{4}5678"),
    "identity number or day of birth": re.compile(r"3301\*{12}12|1980-05-06"),
    "title, address or remark": re.compile("暴露垃圾|柳荫路口"),
}
"""What stands in rows of both cities, and must never be told to a display; areas are called 地 and their code."""


def _told(text: str) -> list[str]:
    found = ((what, planted.search(text)) for what, planted in PLANTED.items())
    return [f"{what}: {text[max(0, one.start() - 40) : one.end() + 40]}" for what, one in found if one]


async def test_a_display_is_told_nothing_about_anybody(app: FastAPI) -> None:
    """Every route with every question, and every event, for wall accounts of every scope."""
    answered, heard = set(), set()
    for wall in (one for scope in SCOPES for one in onlookers(scope) if one.role == "wall"):
        for route, right in rights.RIGHTS.items():
            for address, _ in addresses(route):
                answer = await wall.ask(app, route.partition(" ")[0], address)
                if answer.status_code == 200:
                    answered.add(route)
                    assert right == "everybody" or route in rights.DISPLAYS, (route, address)
                    examples = route == "GET /openapi.json"  # its persons are invented
                    assert examples or not _told(read(answer)), (wall.name, address, _told(read(answer)))
        heard |= set(re.findall(r"^event: (\w+)$", (await _hear(app, wall)), re.MULTILINE))
    assert heard and "case" not in heard, heard
    assert {"GET /wall", "GET /wall/map", "GET /api/wall/figures", "GET /api/wall/tour", "GET /api/events"} <= answered
    supervisor = next(one for one in onlookers("city") if one.role == "supervisor")
    assert _told(await _hear(app, supervisor)), "there was something to hear"


async def _hear(app: FastAPI, onlooker: Onlooker) -> str:
    return read(await onlooker.ask(app, "GET", f"/api/events?wait=false&after={ALL_EVENTS}"))


# ---- That the test could see a leak ----


def test_marks_and_codes_of_outside_are_noticed() -> None:
    one = Onlooker("x", "dispatcher", small.S1, small.D1, "session")
    assert one.leaked(f"Qi{small.C3}-i10 {small.D2}") == {f"Qi{small.C3}", small.D2}, "a case and an area of outside"
    assert not one.leaked(f"Qi{small.C1} Qb{small.C3} {small.S2} {small.CITY}"), "own cases, the district's buildings, streets and names"
    assert one.leaked(f"Qp{small.C1}") == {f"Qp{small.C1}"}, "no people for who sees cases"
    assert inside(small.ZONE) == {small.ZONE, small.C3, small.C5}
    for planted in (f"Qi{small.C1}", f"长{small.D1}", "13812345678", "138****5678", "3301************12", "暴露垃圾"):
        assert _told(planted), planted
