"""The whole app, built once in a process and given to each test as if it had just been started, and who asks it something."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI
from signin_forms import account

from app import create_app
from callbacks.dash_internals import DashMiddleware
from data.accounts import identity
from data.accounts.guest import guest
from data.accounts.transactions import owner_transaction
from data.accounts.unknown_tokens import finish_counting
from data.core.settings import settings
from data.database import connections
from routes.middleware import stack

CALLBACK = "/_dash-update-component"


def fresh_app() -> FastAPI:
    """The whole app with a middleware stack of its own: nobody has been counted, nobody waits, and settings are read anew.

    It is the same object each time, because every new one prepares all its routes again. Whoever needs two at once calls ``create_app``.
    """
    made = _built()
    made.dependency_overrides.clear()
    made.user_middleware[:] = [one for one in made.user_middleware if one.cls is DashMiddleware]
    made.middleware_stack = None  # Starlette builds it at the next request
    stack.install(made)
    return made


@cache
def _built() -> FastAPI:
    return create_app()


@asynccontextmanager
async def started_app() -> AsyncIterator[FastAPI]:
    """The whole app over the database that the settings name; what it remembers of people is forgotten before and after."""
    identity.clear_cache()
    try:
        yield fresh_app()
    finally:
        await finish_counting()
        await connections.close_pools()
        identity.clear_cache()


@pytest_asyncio.fixture
async def app_with_boss(small: str) -> AsyncIterator[FastAPI]:
    """The whole app over the small city with one account: the administrator “boss”."""
    with owner_transaction() as connection:
        connection.exec_driver_sql("TRUNCATE account CASCADE")
    account("boss", role="administrator")
    async with started_app() as made:
        yield made
    settings.cache_clear()


@pytest_asyncio.fixture
async def program(small: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a steward's token, which reads English, at the whole app over the small city."""
    async with started_app() as made:
        with guest() as known:
            headers = {"accept-language": "en", "authorization": f"Bearer {known.token}"}
            transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
                yield client


async def asking(client: httpx.AsyncClient, search: object) -> dict[str, Any]:
    """The body with which Dash's own script asks for the page to be filled for an address."""
    known = (await client.get("/_dash-dependencies")).json()
    wired = next(one for one in known if "spec.data" in one["output"] and one["inputs"][0]["id"] == "url")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in wired["output"].strip(".").split("...")]
    values = (search, None)
    inputs = [{"id": one["id"], "property": one["property"], "value": value} for one, value in zip(wired["inputs"], values, strict=True)]
    return {"output": wired["output"], "outputs": outputs, "inputs": inputs, "changedPropIds": ["url.search"], "state": []}
