"""Broken, careless or hostile requests to the whole app: each is answered with a clear sentence."""

import json
import logging
from typing import Any

import httpx
import pytest
import small_city as city
from fastapi import FastAPI
from starlette.types import Message
from whole_app import CALLBACK, asking
from whole_app import program as client

from callbacks.drill import from_figure
from layers.view import View
from pages import ids
from routes import errors

pytestmark = pytest.mark.slow

__all__ = ["client"]  # a fixture

NINES = "9" * 5_000
"""More digits than Python's ``int`` takes."""


@pytest.mark.parametrize(
    "search",
    [
        "",
        "?opacity=grid:²",
        f"?opacity=grid:{NINES}",
        "?cat=%00",
        "?src=a%00b,%ED%A0%80",
        "?area=%00",
        "?incident=%C2%B2:1",
        f"?building={NINES}:x",
        f"?incident={NINES}:x",
        f"?facility={NINES}:x",
        "?building=2147483648:x",
        "?cam=nan,1,1,1,1",
    ],
)
async def test_a_broken_address_still_gives_a_page(client: httpx.AsyncClient, search: str) -> None:
    answer = await client.post(CALLBACK, json=await asking(client, search))
    assert answer.status_code == 200
    assert answer.json()["response"]["panel"]["children"]


@pytest.mark.parametrize(
    "change",
    [
        {"output": "nowhere.children"},
        {"output": None},
        {"outputs": []},
        {"outputs": 5},
        {"inputs": []},
        {"inputs": [5]},
        {"inputs": 5},
        {"state": 5},
        {"changedPropIds": 5},
    ],
)
async def test_a_callback_that_is_not_ours_is_told_so(client: httpx.AsyncClient, change: dict[str, Any]) -> None:
    await refused(client, json.dumps({**await asking(client, ""), **change}))


@pytest.mark.parametrize("value", [5, [], {}, True, ["x"] * 10_000, "?area=\ud800"])
async def test_values_of_the_wrong_kind_are_told_so(client: httpx.AsyncClient, value: object) -> None:
    await refused(client, json.dumps(await asking(client, value)))


@pytest.mark.parametrize("body", ["", "{", "null", "[]", "5", "[" * 100_000, NINES, f'{{"output": {NINES}}}'])
async def test_what_is_no_request_is_told_so(client: httpx.AsyncClient, body: str) -> None:
    await refused(client, body)


async def refused(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post(CALLBACK, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["sentence"].endswith("it does not have the right form")


async def test_more_than_a_page_ever_sends_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(CALLBACK, content=b" " * 2_000_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/tiles/base/10/{NINES}/1.mvt", 404),
        (f"/tiles/base/{NINES}/1/1.mvt", 404),
        (f"/tiles/base/12/3400/1600.mvt?v={NINES}", 200),
        (f"/api/search?q=x&limit={NINES}", 422),
        (f"/api/areas/{NINES}", 404),
        (f"/api/areas/{city.CITY}?from={NINES}-01-01&to=2026-01-01", 422),
        (f"/incidents/{city.CITY}.json?from=2026-01-01&to={NINES}", 422),
    ],
)
async def test_a_number_of_five_thousand_digits_is_told_so(client: httpx.AsyncClient, address: str, status: int) -> None:
    assert (await client.get(address)).status_code == status


@pytest.mark.parametrize(
    "question", [{"do": "list", "of": "building", "key": f"{NINES}:x"}, {"do": "reveal", "of": "reporter", "key": f"x:{NINES}"}]
)
async def test_a_register_key_of_five_thousand_digits_is_of_nobody(client: httpx.AsyncClient, question: dict[str, str]) -> None:
    part = {"id": ids.REGISTER, "property": "children"}
    body = {
        "output": f"{ids.REGISTER}.children",
        "outputs": part,
        "inputs": [{"id": ids.ASKED, "property": "data", "value": {"purpose": "asked for a test", **question}}],
        "state": [{"id": ids.URL, "property": "search", "value": ""}],
        "changedPropIds": [f"{ids.ASKED}.data"],
    }
    assert (await client.post(CALLBACK, json=body)).status_code == 200


@pytest.mark.parametrize("path", ["dash/nothing.js", "nothing/at-all.js", "dash/%00", "dash/"])
async def test_a_script_that_is_not_there_is_told_so(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/_dash-component-suites/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "nothing_here"


@pytest.mark.parametrize(("address", "status"), [("/nothing/<b>", 404), ("/api/search?limit=x&q=a", 422), ("/api/areas/nowhere", 404)])
async def test_who_looks_is_told_on_a_page_with_a_way_on(client: httpx.AsyncClient, address: str, status: int) -> None:
    answer = await client.get(address, headers={"accept": "text/html,*/*;q=0.8", "accept-language": "en"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert 'role="alert"' in answer.text and "To the map" in answer.text and "<b>" not in answer.text


async def test_what_nobody_foresaw_is_logged_and_told(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    body = await asking(client, f"?area={city.CITY}")
    monkeypatch.setattr("callbacks.show.map_page.build_page", fails)
    with caplog.at_level(logging.ERROR):
        answer = await client.post(CALLBACK, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "unforeseen")
    assert "secret" not in answer.text
    assert "a secret of ours" in caplog.text


async def test_an_answer_under_way_is_not_answered_twice() -> None:
    app = FastAPI()
    errors.install(app)

    async def half(scope: object, receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(RuntimeError):
        await errors.UnforeseenErrors(half)({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)  # type: ignore[arg-type]
    assert len(sent) == 1


@pytest.mark.parametrize(
    "click",
    [
        None,
        {},
        {"points": None},
        {"points": []},
        {"points": 5},
        {"points": [5]},
        {"points": [{}]},
        {"points": [{"customdata": []}]},
        {"points": [{"customdata": ["area"]}]},
        {"points": [{"customdata": "ab"}]},
    ],
)
def test_a_click_without_a_place_leads_nowhere(click: dict[str, Any] | None) -> None:
    assert from_figure(click) is None


def test_a_click_on_the_flat_map_is_a_pick() -> None:
    assert from_figure({"points": [{"customdata": ["area", "1"]}]}) == {"kind": "area", "code": "1", "key": "1"}


def test_filters_without_end_are_cut() -> None:
    assert len(View.parse("?cat=" + ",".join(map(str, range(5000)))).categories) == 100
