"""The machine door for cases through the whole app: people who ask it, and a city in which a writer works."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import load_people
from whole_app import started_app

from data.accounts.guest import Guest, guest
from data.cases.writer import CaseWriter

SERVER = "http://grid.example:8050"


@contextmanager
def worked_city(fresh_database: FreshDatabase, *more: Callable[[psycopg.Connection[Any]], None]) -> Iterator[str]:
    """The small city, whose cases have numbers like ``i06``, with a writer at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database(city.load, load_people, *more) as url:
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE incident SET number = source_key")
            writer = CaseWriter()
            thread = threading.Thread(target=writer.run)
            thread.start()
            yield url
            writer.close()
            thread.join()


class Door:
    """The app, and people who ask it."""

    def __init__(self, client: httpx.AsyncClient, people: dict[str, Guest]) -> None:
        self.client, self.people = client, people

    async def get(self, who: str, path: str, **params: Any) -> httpx.Response:
        """Ask with a personal token."""
        return await self.client.get(path, params=params, headers=self.token(who))

    async def post(self, who: str, path: str, body: Any, key: str | None = None, **params: Any) -> httpx.Response:
        """Send with a personal token."""
        headers = {**self.token(who), **({"Idempotency-Key": key} if key else {})}
        return await self.client.post(path, json=body, params=params, headers=headers)

    async def step(self, who: str, number: str, step: str, version: int | None, key: str | None = None, **fields: Any) -> httpx.Response:
        """Take a step."""
        body = {"step": step, **({"version": version} if version is not None else {}), **fields}
        return await self.post(who, f"/api/cases/{number}/steps", body, key)

    def token(self, who: str) -> dict[str, str]:
        """The header by which somebody is known."""
        return {"authorization": f"Bearer {self.people[who].token}"}


@asynccontextmanager
async def open_door(roles: dict[str, tuple[str, str]]) -> AsyncIterator[Door]:
    """The whole app with people of several roles: name, role and scope."""
    async with started_app() as made:
        with ExitStack() as stack:
            people = {name: stack.enter_context(guest(role, scope)) for name, (role, scope) in roles.items()}
            transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
            headers = {"accept-language": "en"}
            async with httpx.AsyncClient(transport=transport, base_url=SERVER, headers=headers) as client:
                yield Door(client, people)
