"""Dash still has the private parts that ``callbacks/dash_internals.py`` relies on, and still uses them in the same way."""

import inspect
from typing import Any

import httpx
import pytest
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI

from callbacks import dash_internals
from callbacks.dash_internals import CheckedDash, DashMiddleware, current_request


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Bodies that were checked; one that says so is refused."""
    bodies: list[Any] = []

    def check(body: Any, known: Any) -> None:
        bodies.append((body, set(known)))
        if body is None:
            raise LookupError("no body")

    monkeypatch.setattr(dash_internals, "check_request", check)
    return bodies


@pytest.fixture
def app(checked: list[Any]) -> FastAPI:
    """A page that says at which address it was asked for, and a callback that says where its request came from."""
    server = FastAPI()
    page = CheckedDash("tiny", server=server, add_log_handler=False)  # type: ignore[arg-type]
    page.layout = lambda: html.Div([dcc.Store(id="in"), html.P(id="out")], title=current_path(page))

    async def answer(value: str) -> str:
        return f"{value} from {current_request().url.path}"

    page.callback(Output("out", "children"), Input("in", "data"))(answer)
    return server


def current_path(page: Dash) -> str:
    return current_request().url.path if page.backend.has_request_context() else "nowhere"


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test")


BODY = {
    "output": "out.children",
    "outputs": {"id": "out", "property": "children"},
    "inputs": [{"id": "in", "property": "data", "value": "hello"}],
    "changedPropIds": ["in.data"],
}


async def test_a_layout_knows_the_request_it_is_made_for(app: FastAPI) -> None:
    async with client(app) as browser:
        layout = (await browser.get("/_dash-layout")).json()
    assert layout["props"]["title"] == "/_dash-layout"


def test_outside_of_a_request_there_is_none() -> None:
    with pytest.raises(RuntimeError):
        current_request()
    assert CheckedDash("other", server=FastAPI(), add_log_handler=False).backend.has_request_context() is False  # type: ignore[arg-type]


async def test_a_callbacks_body_is_checked_before_dash_uses_it(app: FastAPI, checked: list[Any]) -> None:
    async with client(app) as browser:
        answer = await browser.post("/_dash-update-component", json=BODY)
        refused = await browser.post("/_dash-update-component", content=b"{", headers={"content-type": "application/json"})
    assert answer.json()["response"]["out"]["children"] == "hello from /_dash-update-component"
    assert checked == [(BODY, {"out.children"}), (None, {"out.children"})]
    assert refused.status_code == 500, "what the check raises is not swallowed"


def test_dash_hands_the_body_alone_to_what_we_override() -> None:
    assert list(inspect.signature(Dash._initialize_context).parameters) == ["self", "body"]


def test_dash_puts_one_middleware_of_its_own_in_front(app: FastAPI) -> None:
    assert [one.cls for one in app.user_middleware] == [DashMiddleware]
