"""No answer blocks another: every route and callback is asynchronous, and never holds the event loop."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dash import get_app
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

import app

QUICK = {"_redirect", "serve_layout", "dependencies", "serve_reload_hash", "_serve_default_favicon"}
"""Dash's own plain functions. FastAPI runs them in a thread; none of them waits for anything."""


@pytest.fixture(scope="module")
def server() -> FastAPI:
    return app.create_app()


def routes(server: FastAPI) -> list[APIRoute]:
    own = [route for room in app.ROUTERS for route in room.router.routes]
    return [route for route in (*own, *server.routes) if isinstance(route, APIRoute)]


def asked_before(needs: Dependant) -> Iterator[Callable[..., Any]]:
    """Functions that FastAPI calls before a route's own."""
    for need in needs.dependencies:
        if need.call:
            yield need.call
        yield from asked_before(need)


def test_every_callback_is_a_coroutine(server: FastAPI) -> None:
    registered = {output: one["callback"] for output, one in get_app().callback_map.items() if "callback" in one}
    assert len(registered) >= 3
    assert [output for output, function in registered.items() if not inspect.iscoroutinefunction(function)] == []


def test_every_route_is_a_coroutine_and_so_is_what_it_depends_on(server: FastAPI) -> None:
    found = routes(server)
    assert len(found) > 12
    functions = [function for route in found for function in (route.endpoint, *asked_before(route.dependant))]
    plain = {function.__name__ for function in functions if not inspect.iscoroutinefunction(function)}
    assert plain <= QUICK
