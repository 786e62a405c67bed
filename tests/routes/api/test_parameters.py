"""What nothing reads is refused with the nearest name, at every address: parameters, and values that must be one of some names."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from page_tools import links, text
from whole_app import CALLBACK, asking, started_app
from whole_app import program as client

from callbacks.show import show_page
from data import rollup
from data.accounts.guest import guest
from data.core.viewer import everything
from data.schema import CHANNELS
from layers.style.measures import MEASURES
from layers.view import KEYS, View, find_unread
from routes.rights import list_routes
from routes.shared.parameters import READ_BY_HAND, is_checked

__all__ = ["client"]  # a fixture

AREA = f"/api/areas/{city.CITY}"
CASES = f"/incidents/{city.CITY}.json"
TILE = "/tiles/incidents/14/13653/6758.mvt"


@pytest.mark.parametrize(
    ("address", "name", "nearest"),
    [
        (f"{AREA}?categroy=env", "categroy", "category"),
        (f"{AREA}?cat=env", "cat", "category"),
        (f"{AREA}?channel=hotline", "channel", "lang"),
        (f"{AREA}?From=2026-10-01&to=2026-10-31", "From", "from"),
        (f"{AREA}?period=2026", "period", "from"),
        (f"{AREA}?status=open", "status", "source"),
        (f"{CASES}?category=env", "category", "cat"),
        (f"{CASES}?status=open", "status", "state"),
        (f"{TILE}?version=7", "version", "r"),
        (f"/shapes/{city.CITY}/grid.json?level=grid", "level", "lang"),
        (f"/facilities/{city.CITY}.json?kind=school", "kind", "lang"),
        ("/api/search?query=dock&q=dock", "query", "q"),
        ("/api/search?q=dock&limits=3", "limits", "limit"),
        ("/docs?language=en", "language", "lang"),
    ],
)
async def test_a_parameter_that_nothing_reads_is_refused(client: httpx.AsyncClient, address: str, name: str, nearest: str) -> None:
    answer = await client.get(address)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["facts"]["name"]) == (422, "unknown_parameter", name)
    assert f"“{name}”" in error["sentence"] and error["facts"]["nearest"] in error["facts"]["known"].split(", ")
    if nearest not in ("lang", "r", "from"):  # where nothing is near, any known name will do
        assert error["facts"]["nearest"] == nearest


@pytest.mark.parametrize(
    ("address", "field", "nearest"),
    [
        (f"{AREA}?category=envv", "category", "env"),
        (f"{AREA}?category=env&category=oder", "category", "order"),
        (f"{AREA}?category=school", "category", ""),
        (f"{AREA}?source=hotlin", "source", "hotline"),
        (f"{CASES}?cat=utilty", "category", "utility"),
        (f"{CASES}?cat=env,ordr&state=all", "category", "order"),
        (f"{CASES}?src=vidio", "source", "video"),
        (f"{CASES}?state=opne", "state", "open"),
        (f"{CASES}?state=closed", "state", ""),
        (f"/shapes/{city.CITY}/distrct.json", "level", "district"),
        (f"{AREA}?lang=eng", "lang", "en"),
        (f"{TILE}?lang=cn", "lang", ""),
    ],
)
async def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
    client: httpx.AsyncClient, address: str, field: str, nearest: str
) -> None:
    answer = await client.get(address)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["facts"]["field"]) == (422, "unknown_name", field)
    assert nearest in ("", error["facts"]["nearest"]) and f"“{error['facts']['nearest']}”" in error["sentence"]


async def test_a_tile_layer_that_does_not_exist_names_the_nearest(client: httpx.AsyncClient) -> None:
    answer = await client.get("/tiles/incidnts/14/13653/6758.mvt")
    assert answer.status_code == 404 and answer.json()["error"]["facts"]["nearest"] == "incidents"


async def test_what_exists_is_answered(client: httpx.AsyncClient, small: str) -> None:
    for channel in CHANNELS:
        assert (await client.get(AREA, params={"source": channel})).status_code == 200
    for address in (
        f"{AREA}?category=env&category=order&source=hotline&source=video&lang=zh",
        f"{CASES}?cat=env,order&src=hotline&state=all&v=1&r=x&from={city.FROM}&to={city.TO}",
        f"{TILE}?v=1&r=x",
        f"{AREA}?category=utility&from=2020-01-01&to=2020-01-02",
    ):
        assert (await client.get(address)).status_code == 200, address


async def test_a_category_of_cases_that_the_city_does_not_name_exists(client: httpx.AsyncClient, small: str) -> None:
    with psycopg.connect(small) as connection:
        rows = connection.execute("SELECT district, id FROM incident WHERE source_key = 'i01'").fetchall()
        with rollup.changing_incidents(connection, city.CITY, rows):
            connection.execute("UPDATE incident SET category = 'unnamed' WHERE source_key = 'i01'")
        connection.commit()
        try:
            answer = await client.get(f"{AREA}?category=unnamed&from={city.FROM}&to={city.TO}")
            assert answer.json()["incidents"]["total"] == 1
        finally:
            with rollup.changing_incidents(connection, city.CITY, rows):
                connection.execute("UPDATE incident SET category = 'env' WHERE source_key = 'i01'")


@pytest.mark.parametrize("given", [f"{AREA}?lang=en&lang=zh", f"{CASES}?state=open&state=all", f"{TILE}?v=1&v=2", "/api/search?q=a&q=b"])
async def test_one_value_is_not_chosen_among_several(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get(given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "repeated_parameter")


# ---- Every address ----


@pytest_asyncio.fixture
async def everywhere(small: str) -> AsyncIterator[tuple[httpx.AsyncClient, list[str]]]:
    """A program, and the path of every route that may be asked with GET."""
    async with started_app() as made:
        with guest() as known:
            headers = {"accept-language": "en", "authorization": f"Bearer {known.token}"}
            transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as program:
                yield program, [name.removeprefix("GET ") for name in list_routes(made) if name.startswith("GET ")]


def filled(path: str) -> str:
    """An address of a route, with a value for each part of its path."""
    values: dict[str, Any] = {"code:path": city.CITY, "area": city.CITY, "level": "grid", "layer": "base", "z": 14, "x": 13653, "y": 6758}
    for name, value in {**values, "number:id": 1, "digest": "x", "name:path": "x"}.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


async def test_every_address_refuses_what_it_does_not_read_or_is_known_not_to(
    everywhere: tuple[httpx.AsyncClient, list[str]],
) -> None:
    program, routes = everywhere
    refused = set()
    for path in routes:
        answer = await program.get(filled(path), params={"zzz": "1"}, follow_redirects=False)
        code = answer.json()["error"]["code"] if answer.headers["content-type"] == "application/json" and answer.is_error else ""
        refusals = ("unknown_parameter", "not_open", "no_such_calendar") if is_checked(path) else ("not_open", "nothing_here", "")
        assert code in refusals, (path, answer.text[:200])
        refused |= {path} if code == "unknown_parameter" else set()
    # Closed to programs before their parameters are looked at.
    for_people = {"/audit", "/imports", "/imports/{number:id}", "/wall/scenes", "/wall/screens", "/wall/remote", "/hub"}
    for_people |= {"/report/schedules", "/report/schedules/{number:id}"}
    assert refused >= {"/api/cities", "/api/areas", "/api/areas/{code:path}", "/api/search", "/docs", *(set(READ_BY_HAND) - for_people)}


# ---- The page ----


@pytest.mark.parametrize(
    ("search", "unread"),
    [
        ("?area=1&measure=overdue&layers=grid,flood&from=2026-10-01&to=2026-10-31&cat=env&dim=2d", []),
        ("?layers=none", []),
        ("?mesure=overdue", [("mesure", "", "measure")]),
        ("?measure=overdeu", [("measure", "overdeu", "overdue")]),
        ("?layers=grid,floods", [("layers", "floods", "flood")]),
        ("?from=2026-10-01", [("from", "2026-10-01 – ", "")]),
        ("?wfrom=2026-10-09&wto=2026-10-01", [("wfrom", "2026-10-09 – 2026-10-01", "")]),
        ("?theme=darkk&zoom=3", [("zoom", "", None), ("theme", "darkk", "dark")]),
    ],
)
def test_what_the_page_does_not_understand_of_its_address_is_found(search: str, unread: list[tuple[str, str, str | None]]) -> None:
    found = find_unread(search)
    assert [(name, value) for name, value, _ in found] == [(name, value) for name, value, _ in unread]
    assert all(nearest in (None, told) for (_, _, told), (_, _, nearest) in zip(found, unread, strict=True))


def test_whatever_a_view_writes_into_its_address_is_understood() -> None:
    views = [View(), *(View(measure=measure, method="natural", dim="2d", theme="dark", lang="en", units="grid") for measure in MEASURES)]
    assert all(find_unread(view.search()) == [] for view in views)
    assert len(KEYS) == len(set(KEYS))


async def test_the_page_says_what_it_left_out(small: str) -> None:
    page = await show_page("?mesure=overdue&theme=darkk", None, everything("en"))
    told = text(page.panel)
    assert told.startswith("The address has an unknown parameter “mesure” (did you mean “measure”?). “theme” cannot be “darkk”")
    assert told.count("They were left out.") == 1 and "It was left out." not in told
    assert "It was left out." in text((await show_page("?mesure=overdue", None, everything("en"))).panel)
    assert "did you mean" not in text((await show_page("?measure=overdue", None, everything("en"))).panel)


@pytest.mark.parametrize(("search", "nearest"), [("?cat=envv", "env"), ("?src=hotlin", "hotline")])
async def test_a_filter_that_matches_nothing_in_any_city_shows_a_sentence_instead_of_zeros(small: str, search: str, nearest: str) -> None:
    page = await show_page(search, None, everything("en"))
    assert f"The nearest is “{nearest}”." in text(page.panel) and "Show all cases" in text(page.panel)
    assert links(page.panel) == ["?"] or links(page.panel) == [""]


async def test_the_page_s_own_requests_are_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post(CALLBACK, json=await asking(client, "?cat=env&measure=open"))
    assert answer.status_code == 200
