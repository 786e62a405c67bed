"""Role × area × every route, callback, tile and download: allowed or refused, and no row of outside in any answer.

The questions are made from the route table and from Dash's callback map: a new route or callback without a declared right fails here, and
so does a parameter that nobody thought of.
"""

import gc
import inspect
from collections.abc import Iterator
from itertools import product
from string import Formatter
from typing import Any
from urllib.parse import quote

import dash
import psycopg
import pytest
import small_city as small
import twin_city
from fastapi import FastAPI
from map_tools import load_base, tile_of
from onlookers import PARENT, SCOPES, Onlooker, inside, onlookers, read, without

from app import create_app
from callbacks import rights as of_callbacks
from data.settings import settings
from data.tiles import LAYERS
from routes import csrf, docs_example, guard, rights

AREAS = (small.CITY, small.D1, small.D2, small.S1, small.C1, small.C5, small.ZONE, twin_city.TWIN, twin_city.twin(small.C1))
PLACES = ((120.005, 30.015), (120.025, 30.015), (121.005, 30.015))
"""In the middle of c1, of c5, and of the other city's c1."""
TILES = [tile_of(*place, zoom) for place in PLACES for zoom in (9, 14)]  # sums, and things one by one
PERIOD = f"from={small.FROM}&to={small.TO}"
NO_ACCOUNT = "999999999"

FILL: dict[str, list[str]] = {
    "area": list(AREAS),
    "code:path": list(AREAS),
    "level": ["self", "grid", "zone"],
    "layer": list(LAYERS),
    "number:int": [NO_ACCOUNT],
    "digest": ["0"],
    "package_name": ["dash"],
    "fingerprinted_path:path": ["none.js"],
    "rest:path": ["nothing"],
    "path:path": ["nothing"],
}
"""Values for every parameter that a path may have; those of tiles go together."""
QUERIES: dict[str, list[str]] = {
    "GET /incidents/{area}.json": [PERIOD, f"{PERIOD}&state=all", f"{PERIOD}&state=all&cat=env"],
    "GET /api/search": [
        f"q={quote(text)}&city={city}"
        for city in (twin_city.HERE, twin_city.THERE)
        for text in ("地", "Place", "长", "Qi", "Qb", "Qp", "30.005,120.035", "30.005,121.035")
    ],
    "GET /signin/code": ["next=/"],
}
SIGN_OUT = "POST /signout"


@pytest.fixture(scope="module")
def cities(fresh_database: Any) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database() as url:
            with psycopg.connect(url) as connection:
                twin_city.load(connection)
                load_base(connection)
                connection.execute("UPDATE rate_limit SET most = 1000000")
            yield url
    settings.cache_clear()


@pytest.fixture
def app(cities: str) -> FastAPI:
    return create_app()


def addresses(route: str) -> Iterator[tuple[str, str | None]]:
    """Addresses of a route, each with the area it is about."""
    path = route.partition(" ")[2]
    names = [_whole(name, kind) for _, name, kind, _ in Formatter().parse(path) if name]
    for values in _values(names):
        address = path
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        about = values.get("area") or values.get("code:path")
        for query in QUERIES.get(route, [""]):
            yield f"{address}?{query}" if query else address, about


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


# ---- Every route and callback declares its right ----


def test_every_route_declares_its_right(app: FastAPI) -> None:
    declared = set(rights.declared(app))
    assert declared == set(rights.RIGHTS), "new ones have to be declared in routes/rights.py, and old ones taken out"


def test_a_route_without_a_right_is_open_to_nobody() -> None:
    assert "GET /new" not in rights.RIGHTS
    for way in ("session", "device", "token"):
        assert not rights.allowed(None, guard.Inside(None, None, way, ""))  # type: ignore[arg-type]


def test_the_guard_and_the_table_agree_on_what_is_open(app: FastAPI) -> None:
    open_ = {route.partition(" ")[2] for route, right in rights.RIGHTS.items() if right == "everybody"}
    assert open_ == set(guard.OPEN) - {"/assets/favicon.svg"}


def callback_map(app: FastAPI) -> dict[str, Any]:
    """Of the one Dash in an app."""
    found = [one for one in gc.get_objects() if isinstance(one, dash.Dash) and one.server is app]
    return dict(found[0].callback_map)


def test_every_callback_declares_its_right(app: FastAPI) -> None:
    known = callback_map(app)
    assert known and not of_callbacks.undeclared(known)
    asked = {output for output, one in known.items() if of_callbacks.right_of(output) != "browser"}
    assert asked == {output for output, one in known.items() if "callback" in one}, (
        "what the server answers is not called the browser's own"
    )


# ---- Routes ----


async def test_who_is_not_signed_in_gets_nothing(app: FastAPI) -> None:
    stranger = Onlooker("nobody", "wall", "", "", "none")
    for route, right in rights.RIGHTS.items():
        method = route.partition(" ")[0]
        for address, _ in addresses(route):
            answer = await stranger.ask(app, method, address)
            assert (answer.status_code == 401) == (right != "everybody"), (route, address, answer.status_code)
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
    if right in ("area", "named"):
        reached = onlooker.compared if right == "area" else onlooker.called
        assert answer.status_code == (200 if about in reached else 403), told
    elif right != "everybody" and "dash-update" not in route:  # what that is asked is the next test's
        # A page with a form says with 401 that what was filled in is wrong: that is an answer, too.
        assert (answer.status_code in (401, 403) and "json" in answer.headers["content-type"]) != _has(onlooker, right), told
    echoes = [about] if about and answer.status_code in (403, 404) else [_sought(address)]
    leaked = onlooker.leaked(without(read(answer), echoes))
    if right == "audit":
        return  # what everybody did, wherever: the log knows no areas
    # Accounts are told with the codes of their areas, to who looks after them; examples in the documentation have codes of their own.
    known = {code for code in PARENT if right == "accounts" or (route == "GET /docs" and code in inspect.getsource(docs_example))}
    assert not leaked - known, (told, leaked)


def _has(onlooker: Onlooker, right: str) -> bool:
    if right == "inside":
        return True
    of_role = {"accounts": "administrator", "audit": "auditor"}.get(right, onlooker.role)
    return onlooker.way == "session" and onlooker.role == of_role


def _sought(address: str) -> str:
    return "Q" if "/search" in address else "\0"


# ---- Callbacks ----


def questions(output: str, onlooker: Onlooker, keys: list[tuple[str, str]]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """What the page may ask of a callback, as values of its inputs by name, each with what the answer may repeat of it."""
    first = output.strip(".").split("...")[0]
    if first == "panel.children":
        for code in AREAS:
            yield {"url.search": f"?area={code}&lang=en&layers=grid,incidents,buildings,population,facilities,flood"}, [code]
            yield {"url.search": f"?area={code}&lang=en&dim=2d", "webgl.data": {"ok": False}}, [code]
        yield {"url.search": "?lang=en"}, []
        for kind, key in keys:
            yield {"url.search": f"?lang=en&{kind}={quote(key)}"}, [key]
    elif first == "goal.data":
        for code in AREAS:
            yield {"pick.data": {"kind": "area", "code": code}, "url.search": "?lang=en"}, [code]
        for kind, key in keys:
            yield {"pick.data": {"kind": kind, "key": key}, "url.search": "?lang=en"}, [key]
    elif first == "results.children":
        for text in ("地", "Place", "长", "Qi", "Qb", "30.005,120.035"):
            yield {"sought.data": text, "url.search": "?lang=en"}, [text]
    elif first == "register.children":
        for code in (small.C1, small.C5, twin_city.twin(small.C1)):
            yield {"asked-people.data": {"do": "list", "of": "area", "key": code}, "url.search": ""}, [code]
            yield {"asked-people.data": {"do": "find", "text": f"甲Qp{code}丁"}, "url.search": ""}, []
            yield {"asked-people.data": {"do": "reveal", "of": "head", "key": code, "purpose": "visit"}, "url.search": ""}, [code]
        for kind, key in keys:
            if kind == "building":
                yield {"asked-people.data": {"do": "list", "of": "building", "key": key}, "url.search": ""}, [key]
    else:
        pytest.fail(f"nobody thought of what to ask of {output}")


@pytest.mark.parametrize("scope", SCOPES)
async def test_callbacks_answer_within_rights(app: FastAPI, cities: str, scope: str) -> None:
    keys, known = list(twin_city.keys(cities)), callback_map(app)
    for onlooker in onlookers(scope):
        for output, callback in known.items():
            if of_callbacks.right_of(output) != "browser":
                for values, echoes in questions(output, onlooker, keys):
                    await _ask_callback(app, onlooker, output, callback, values, echoes)


async def _ask_callback(
    app: FastAPI, onlooker: Onlooker, output: str, callback: dict[str, Any], values: dict[str, Any], echoes: list[str]
) -> None:
    def given(parts: list[dict[str, str]]) -> list[dict[str, Any]]:
        named = [(part["id"], part["property"]) for part in parts]
        return [{"id": id_, "property": name, "value": values.get(f"{id_}.{name}")} for id_, name in named]

    filled = [dict(zip(("id", "property"), one.rsplit(".", 1), strict=True)) for one in output.strip(".").split("...")]
    body = {
        "output": output,
        "outputs": filled if output.startswith("..") else filled[0],
        "inputs": given(callback["inputs"]),
        "state": given(callback["state"]),
        "changedPropIds": [next(iter(values))],
    }
    answer = await onlooker.ask(app, "POST", "/_dash-update-component", json=body)
    told = (onlooker.name, values, answer.status_code, answer.text[:300])
    assert answer.status_code in (200, 204), told
    text = read(answer)
    outside = "url.search" in values and echoes and echoes[0] in PARENT and echoes[0] not in onlooker.compared
    if outside and output.startswith("..panel"):
        assert "The rights of" in text, told
    if of_callbacks.right_of(output) == "people" and onlooker.detail != "people":
        assert "Qp" not in without(text, echoes), told
    assert not onlooker.leaked(without(text, echoes)), (told, onlooker.leaked(without(text, echoes)))


# ---- That the test could see a leak ----


def test_marks_and_codes_of_outside_are_noticed() -> None:
    one = Onlooker("x", "dispatcher", small.S1, small.D1, "session")
    assert one.leaked(f"Qi{small.C3}-i10 {small.D2}") == {f"Qi{small.C3}", small.D2}, "a case and an area of outside"
    assert not one.leaked(f"Qi{small.C1} Qb{small.C3} {small.S2} {small.CITY}"), "own cases, the district's buildings, streets and names"
    assert one.leaked(f"Qp{small.C1}") == {f"Qp{small.C1}"}, "no people for who sees cases"
    assert inside(small.ZONE) == {small.ZONE, small.C3, small.C5}
