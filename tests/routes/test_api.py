"""The machine door, through an app made of its routers only, over the city that was counted by hand."""

import json
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import jsonschema_rs
import pytest
import pytest_asyncio
import small_city as city
from babel.messages.pofile import read_po
from fastapi import FastAPI
from sqlalchemy import make_url
from whole_app import fresh_app
from without_guard import let_in

from data.accounts import identity
from data.accounts.guest import guest
from data.core.i18n import catalogue_files
from data.database import connections
from routes import errors
from routes.api import api, docs, examples
from routes.api.docs_page import make_example
from routes.api.openapi import Schema, first_paragraph, list_operations, list_schemas
from routes.middleware.security_headers import SecurityHeaders

PERIOD = {"from": city.FROM, "to": city.TO}


def made_app() -> FastAPI:
    made = FastAPI(docs_url=None, redoc_url=None)
    made.include_router(api.router)
    made.include_router(docs.router)
    errors.install(made)
    let_in(made)
    made.add_middleware(SecurityHeaders)
    return made


@pytest_asyncio.fixture
async def client(small: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=made_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}) as made:
        yield made


async def test_an_area_is_answered_in_the_published_shape(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/api/areas/{city.D1}", params=PERIOD)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["version"], body["code"], body["name"], body["name_en"]) == ("1", city.D1, "西区", "West")
    assert (body["level"], body["path"]) == ("district", f"{city.CITY}.{city.D1}")
    assert body["period"] == PERIOD
    assert body["head"] == dict.fromkeys(("name", "name_en", "title", "title_en", "phone", "body", "body_en"))
    assert {"total", "households", "as_of"} <= set(body["population"])
    assert body["population"]["total"] == city.POPULATION[city.D1]
    assert body["buildings"]["total"] == city.BUILDING_COUNT[city.D1]
    assert (body["incidents"]["total"], body["incidents"]["open"], body["incidents"]["overdue"]) == (15, 5, 2)
    assert {"by_category", "by_source", "by_day"} <= set(body["incidents"])
    assert body["incidents"]["by_day"][0] == ["2026-10-02", 0]
    assert body["closing_rate"] == {"numerator": 7, "denominator": 9, "value": 7 / 9}
    assert body["on_time_closing_rate"] == {"numerator": 6, "denominator": 9, "value": 6 / 9}
    assert [child["code"] for child in body["children"]] == [city.S1, city.S2]
    assert {"population", "buildings", "incidents", "closing_rate", "on_time_closing_rate"} <= set(body["children"][0])


async def test_without_a_period_it_is_the_last_thirty_days_of_the_data(client: httpx.AsyncClient) -> None:
    body = (await client.get(f"/api/areas/{city.CITY}")).json()
    assert body["period"] == PERIOD
    assert body["incidents"]["total"] == city.TOTAL[city.CITY]


async def test_filters_may_be_repeated_and_leave_people_and_buildings_alone(client: httpx.AsyncClient) -> None:
    asked = [("category", "order"), ("category", "utility"), ("source", "hotline"), *PERIOD.items()]
    body = (await client.get(f"/api/areas/{city.CITY}", params=asked)).json()
    assert body["incidents"]["total"] == 2  # i08, i10
    assert (body["incidents"]["open"], body["incidents"]["paused"]) == (2, 1)  # i10, i26
    assert body["closing_rate"]["value"] is None
    assert (body["population"]["total"], body["buildings"]["total"]) == (2800, 12)


async def test_cities_and_roots(client: httpx.AsyncClient) -> None:
    cities = (await client.get("/api/cities")).json()
    assert [one["code"] for one in cities["cities"]] == [city.CITY]
    assert cities["cities"][0]["as_of"] == "2026-10-31T20:00:00+08:00"
    roots = (await client.get("/api/areas")).json()
    assert roots == {"version": "1", "areas": [{"code": city.CITY, "name": "小城市", "name_en": "Littleton", "level": "city"}]}


async def test_search(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/search", params={"q": "belfry"})).json()
    assert body["query"] == "belfry"
    assert [(found["kind"], found["code"]) for found in body["results"]] == [("area", city.S2)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/areas/nowhere", 404, "unknown_area"),
        ("/api/areas/%00", 404, "unknown_area"),
        ("/api/areas/990000%00", 404, "unknown_area"),
        ("/api/areas/%F0%9F%92%A9%E4%BA%95", 404, "unknown_area"),
        ("/api/areas/%FF%FE", 404, "unknown_area"),
        ("/api/areas/a%2Fb%2F..%2Fc", 404, "unknown_area"),
        ("/api/areas/'%3B%20DROP%20TABLE%20area--", 404, "unknown_area"),
        (f"/api/areas/{'9' * 5000}", 404, "unknown_area"),
        ("/api/areas/990000?from=2026-10-31&to=2026-10-02", 422, "bad_period"),
        ("/api/areas/990000?from=2026-10-02", 422, "bad_period"),
        ("/api/areas/990000?from=yesterday&to=today", 422, "bad_period"),
        ("/api/areas/990000?from=2026-02-30&to=2026-03-01", 422, "bad_period"),
        ("/api/areas/990000?from=0001-01-01&to=0001-01-02", 422, "bad_period"),
        ("/api/areas/990000?from=9999-12-31&to=9999-12-31", 422, "bad_period"),
        ("/api/areas/990000?from=1950-01-01&to=2026-01-01", 422, "bad_period"),
        ("/api/areas/990000?from=%00&to=%00", 422, "bad_period"),
        ("/api/areas/990000?category=%00", 422, "bad_input"),
        ("/api/areas/990000?" + "&".join(["source=x"] * 101), 422, "bad_input"),
        ("/api/areas/990000?source=x", 422, "unknown_name"),
        ("/api/areas/990000?category=envv", 422, "unknown_name"),
        ("/api/areas/990000?categroy=env", 422, "unknown_parameter"),
        ("/api/areas/990000?from=2026-10-02&to=2026-10-31&to=2026-10-30", 422, "repeated_parameter"),
        ("/api/areas/990000?lang=fr", 422, "unknown_name"),
        ("/api/cities?city=990000", 422, "unknown_parameter"),
        ("/api/nothing?x=1", 404, "nothing_here"),
        ("/api/search", 422, "bad_input"),
        ("/api/search?q=%00", 422, "bad_input"),
        ("/api/search?q=a&limit=99999999999999999999", 422, "bad_input"),
        (f"/api/search?q=a&limit={'9' * 5000}", 422, "bad_input"),
        ("/api/search?q=a&limit=ten", 422, "bad_input"),
        ("/api/search?q=a&city=%00", 404, "unknown_area"),
        ("/api/nothing", 404, "nothing_here"),
    ],
)
async def test_what_cannot_be_answered_is_told_in_a_sentence(client: httpx.AsyncClient, path: str, status: int, code: str) -> None:
    answer = await client.get(path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert len(error["sentence"]) < 700
    assert "{" not in error["sentence"]
    assert "Traceback" not in answer.text


async def test_sentences_follow_the_reader(client: httpx.AsyncClient) -> None:
    path = "/api/areas/990000?from=2026-10-02"
    english = (await client.get(path)).json()["error"]["sentence"]
    chinese = (await client.get(path, params={"from": "2026-10-02", "lang": "zh"})).json()["error"]["sentence"]
    cookie = (await client.get(path, headers={"cookie": "lang=zh"})).json()["error"]["sentence"]
    wished = (await client.get(path, headers={"accept-language": "fr, en;q=0.5, zh-CN;q=0.8"})).json()["error"]["sentence"]
    assert "give both days" in english
    assert chinese == cookie == wished != english
    assert "give both days" not in chinese


async def test_other_methods_are_refused_as_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/cities")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "not_this_way")


async def test_what_nobody_foresaw_is_not_shown() -> None:
    broken_app = made_app()

    @broken_app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the secret of the well")

    transport = httpx.ASGITransport(app=broken_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "unforeseen")
    assert "secret" not in answer.text


async def test_without_a_city_it_says_so(database: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=made_app()), base_url="http://test") as client:
        assert (await client.get("/api/cities")).json() == {"version": "1", "cities": []}
        answer = await client.get("/api/search?q=a&lang=en")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_data")


def list_sentences(document: Schema) -> Iterator[str]:
    """Every summary and description that the documentation page shows."""
    shown: list[Schema] = [operation for _, _, operation in list_operations(document)]
    for operation in list(shown):
        shown.extend([*operation.get("parameters", []), *operation["responses"].values()])
        yield operation.get("summary", "")
    for schema in list_schemas(document).values():
        shown.extend([schema, *schema.get("properties", {}).values()])
    yield from filter(None, (first_paragraph(part.get("description")) for part in shown))


def test_descriptions_of_the_door_are_told_in_both_languages() -> None:
    """Every sentence that the documentation page takes from the OpenAPI document has a Chinese translation."""
    told = set(list_sentences(fresh_app().openapi()))
    assert len(told) > 50
    chinese = {entry.id for path in catalogue_files("zh") for entry in read_po(path.open("rb"), locale="zh") if entry.string}
    assert told - chinese == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_documentation_needs_nothing_from_outside(client: httpx.AsyncClient, lang: str) -> None:
    answer = await client.get("/docs", params={"lang": lang})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    for path in ("/api/areas/{code}", "/api/search", "/api/cities"):
        assert path in answer.text
    assert "<script" not in answer.text
    assert '<link rel="stylesheet' not in answer.text
    assert re.findall(r'(?:src|href)="(https?:[^"]+)"', answer.text) == []
    assert ("机器接口" in answer.text) is (lang == "zh")


async def test_the_documentation_leads_back_to_the_map(client: httpx.AsyncClient) -> None:
    assert '<a href="/">Back to the map</a>' in (await client.get("/docs")).text


async def test_what_can_be_tried_answers(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    tried = re.findall(r'class="try" href="([^"]+)"', page)
    assert {f"/api/areas/{city.CITY}", f"/api/search?q={city.CITY}", "/api/areas", "/api/cities"} <= set(tried)
    for address in tried:
        assert (await client.get(address)).status_code == 200


# ---- Examples of the OpenAPI document ----


@pytest_asyncio.fixture
async def whole(mapped: str) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The real app, and a program that may see everything."""
    made = fresh_app()
    with guest(url=make_url(mapped).set(drivername="postgresql+psycopg")) as known:
        headers = {"accept-language": "en", "authorization": f"Bearer {known.token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=made), base_url="http://test", headers=headers) as http:
            yield made, http
    await connections.close_pools()
    identity.clear_cache()


async def test_every_example_is_true(whole: tuple[FastAPI, httpx.AsyncClient]) -> None:
    """Its address answers, and what it shows as the answer has the promised shape and the fields of the real one."""
    document, http = whole[0].openapi(), whole[1]
    shown: set[str] = set()
    for path, _, operation in list_operations(document):
        if (example := make_example(path, operation, city.CITY)) is None:
            continue
        answer = await http.get(example.address)
        assert answer.status_code == 200, example.address
        if not example.answer:
            assert answer.headers["content-type"] != "application/json", f"{path} has no example of its answer"
            continue
        schema = operation["responses"]["200"]["content"]["application/json"].get("schema", {})
        promised = jsonschema_rs.validator_for({**schema, "components": document["components"]})
        for body in (json.loads(example.answer), answer.json()):
            promised.validate(body)
        assert names(json.loads(example.answer)) == names(answer.json()), path
        shown.add(path)
    assert shown >= {"/healthz", "/api/cities", "/api/areas", "/api/areas/{code}", "/api/search", "/api/cases"}


BY_CODE = {
    "ages",
    "by_kind",
    "by_category",
    "by_severity",
    "by_source",
    "categories",
    "kinds",
    "uses",
    "versions",
    "level_names",
    "by_stage",
    "by_state",
    "by_stage_and_state",
}
"""Objects whose keys are data: each city has its own."""

MAY_BE_EMPTY = {"reports", "siblings", "ancestors", "zones", "notes", "units", "filters", "changes", "workers", "hazards"}
MAY_BE_EMPTY |= {"departments", "cells", "worst", "days"}


def names(body: object, below: str = "") -> set[str]:
    """Names of all fields of an answer, with those above them; of lists, of their first item where there is one."""
    if isinstance(body, list):
        return names(body[0], f"{below}[]") if body else set()
    if not isinstance(body, dict):
        return set()
    inner = [names(value, f"{below}.{name}") for name, value in body.items() if name not in BY_CODE | MAY_BE_EMPTY]
    return {f"{below}.{name}" for name in body}.union(*inner)


def test_examples_of_a_city_name_the_city_that_is_there() -> None:
    document = fresh_app().openapi()
    operations = list_operations(document)
    found = {path: make_example(path, operation, "42 / 7") for path, method, operation in operations if method.upper() == "GET"}
    assert {path: example.address for path, example in found.items() if example} == {
        "/healthz": "/healthz",
        "/api/cities": "/api/cities",
        "/api/areas": "/api/areas",
        "/api/areas/{code}": "/api/areas/42%20%2F%207",
        "/api/search": "/api/search?q=42+%2F+7",
        "/api/units": "/api/units",
        "/api/categories": "/api/categories?city=42+%2F+7",
        "/api/cases": "/api/cases?area=42+%2F+7&sort=-reported_at",
        "/api/cases/places": "/api/cases/places?area=42+%2F+7&sort=-reported_at",
        "/api/cases/export": "/api/cases/export?area=42+%2F+7&sort=-reported_at",
        "/api/cases/facets": "/api/cases/facets?area=42+%2F+7",
        "/api/filters": "/api/filters",
        "/api/indicators": "/api/indicators?area=42+%2F+7&by=none",
        "/api/indicators/coverage": "/api/indicators/coverage?area=42+%2F+7",
        "/api/indicators/hours": "/api/indicators/hours?area=42+%2F+7",
        "/api/indicators/trend": "/api/indicators/trend?indicator=closing_rate&area=42+%2F+7",
        "/api/indicators/overdue": "/api/indicators/overdue?area=42+%2F+7",
        "/api/indicators/worse": "/api/indicators/worse?area=42+%2F+7&level=street",
        "/api/events": "/api/events?wait=false",
        "/api/hub": "/api/hub",
        "/api/hub/history": "/api/hub/history",
        "/api/reports": "/api/reports",
        "/api/wall/time": "/api/wall/time",
        "/api/wall/figures": "/api/wall/figures",
        "/api/wall/tour": "/api/wall/tour",
        "/tiles/{layer}/{z}/{x}/{y}.mvt": "/tiles/base/11/1698/834.mvt",
    }
    assert {path for path, example in found.items() if example is None} == {
        "/api/attachments/{hash}",
        "/api/cases/similar",
        "/api/cases/{number}/earlier",
        "/api/remark-templates",
        "/api/rules/calendar",
        "/api/rules/calendar.csv",
        "/api/rules/deadlines",
        "/api/rules/duplicates",
        "/api/rules/routing",
        "/api/rules/weights",
        "/api/cases/{number}",
        "/api/hub/departments/{department}",
        "/api/feeds/{feed}",
        "/api/feeds/{feed}/deliveries/{delivery}",
        "/api/reports/{report}",
        "/api/reports/{report}/files/{form}",
        "/api/units/{unit}/members",
        "/facilities/{area}.json",
        "/incidents/{area}.json",
        "/places/{area}.json",
        "/shapes/{area}/{level}.json",
    }


def test_the_example_speaks_of_one_city() -> None:
    report = examples.AREA_REPORT
    assert report["code"] == report["city"]["code"] == report["children"][0]["parent"] == examples.DEMO_CITY
    cases = report["incidents"]
    assert cases["open"] == cases["overdue"] + cases["amber"] + cases["paused"] + cases["on_time"]
    ages, people = report["population"]["ages"], report["population"]
    assert ages is not None and sum(ages.values()) == people["total"] == (people["male"] or 0) + (people["female"] or 0)
