"""What a request costs whose tile and whose viewer are in memory: counted, because a clock would measure the machine.

Most requests of a page and of a wall display are such ones. Nothing is replaced: the whole app answers, over what it keeps by itself.
"""

import gc
import sys
import tracemalloc
from collections.abc import AsyncIterator
from itertools import count
from types import FrameType
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from whole_app import fresh_app

from data.accounts import identity
from data.accounts.identity import Identity
from data.accounts.secret_values import hash_value, make_token, random_value
from data.concurrency.cache import CacheEntry
from data.core.viewer import everything
from data.live import changes
from data.places import tiles
from data.queries.tile_encoding import Tile
from routes.middleware import identification
from routes.middleware.identification import Identification
from routes.middleware.rate_limits import Buckets, CredentialLookups

pytestmark = pytest.mark.slow

MOST_CALLS = 230
"""Calls of functions for one request, those of built-in ones included: about 180 are made. With two statements it was 1,300."""
WHERE, VERSION = Tile(14, 13_000, 6_500), 7
TOKEN, SESSION = make_token("personal"), random_value()
CREDENTIALS = {
    "token": [(b"authorization", f"Bearer {TOKEN}".encode())],
    "session": [(b"cookie", f"lang=zh; gridwell-session-8050={SESSION}".encode())],
}


async def keep(known: Identity) -> None:
    """The credentials belong to this person, as if the database had just said so."""

    async def made() -> CacheEntry[Identity | None]:
        return CacheEntry(known, 1)

    identity.clear_cache()
    await identity._cache.get(("token", hash_value(TOKEN)), made)
    await identity._cache.get(("session", hash_value(SESSION)), made)


@pytest_asyncio.fixture
async def app() -> AsyncIterator[FastAPI]:
    """The app with one tile and one person in memory."""

    async def made() -> CacheEntry[tiles.TileAnswer]:
        return CacheEntry(tiles.TileAnswer(b"packed", VERSION, everything().rights), 1)

    changes._known().begin({"buildings": VERSION})
    await tiles._state().kept.get(("buildings", WHERE, VERSION, everything().rights), made)
    await keep(Identity(everything()))
    yield fresh_app()
    identity.clear_cache()


async def ask(app: ASGIApp, way: str, rights: str = everything().rights) -> list[Message]:
    """The messages of the answer for the tile."""
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nobody reads a body")

    async def send(message: Message) -> None:
        sent.append(message)

    path = f"/tiles/buildings/{WHERE.z}/{WHERE.x}/{WHERE.y}.mvt"
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": f"v={VERSION}&r={rights}".encode(),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "client": ("10.0.0.1", 1),
        "server": ("test", 8050),
        "headers": [(b"host", b"test"), (b"accept-encoding", b"gzip, br"), *CREDENTIALS[way]],
    }
    await app(scope, receive, send)
    return sent


async def count_calls(app: FastAPI, way: str) -> tuple[int, set[str]]:
    """How many functions one request calls, and the files of those that are Python's.

    The least of several counts: what other tests have left may be cleaned up during one of them.
    """
    return min([await _count_once(app, way) for _ in range(5)], key=lambda one: one[0])


async def _count_once(app: FastAPI, way: str) -> tuple[int, set[str]]:
    number, files = count(), set()

    def see(frame: FrameType, event: str, _: object) -> None:
        if event in {"call", "c_call"}:
            next(number)
            files.add(frame.f_code.co_filename)

    sys.setprofile(see)
    try:
        await ask(app, way)
    finally:
        sys.setprofile(None)
    return next(number), files


@pytest.mark.parametrize("way", ["token", "session"])
async def test_a_tile_from_memory_builds_no_statement_and_calls_little(app: FastAPI, way: str) -> None:
    start, body = await ask(app, way)
    assert (start["status"], body["body"]) == (200, b"packed")
    called, files = await count_calls(app, way)
    assert not [file for file in files if "/sqlalchemy/sql/" in file], "a statement was built"
    assert not [file for file in files if "/psycopg/" in file], "the database was asked"
    assert called <= MOST_CALLS


_ROUND, _ROUNDS, _WINDOW = 100, 8, 3
"""Requests of each way in a round, rounds, and rounds between two sizes that are compared."""
_LEAST_KEPT = 8
"""Bytes of one reference more: nothing that is kept for each request takes less."""


async def bytes_grown(app: ASGIApp) -> float:
    """Bytes of memory that one request leaves behind.

    The least over several windows: what grows with the requests does so in each, what other work of this process keeps once does not. A
    window is long enough that a list, which makes room for an eighth of its length at once, grows in it.
    """

    async def ask_often() -> int:
        for _ in range(_ROUND):
            await ask(app, "token")
            await ask(app, "session")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        sizes = [await ask_often() for _ in range(_ROUNDS)]
    finally:
        tracemalloc.stop()
    return min(after - before for before, after in zip(sizes, sizes[_WINDOW:], strict=False)) / (2 * _ROUND * _WINDOW)


async def test_what_is_kept_does_not_grow_with_the_requests(app: FastAPI) -> None:
    assert await bytes_grown(app) < _LEAST_KEPT / 2


async def test_a_single_reference_kept_for_each_request_would_be_seen(app: FastAPI) -> None:
    kept = []

    async def keeping(scope: Scope, receive: Receive, send: Send) -> None:
        kept.append(app)
        await app(scope, receive, send)

    assert await bytes_grown(keeping) > _LEAST_KEPT / 2


async def test_a_person_whose_rights_have_changed_gets_no_tile_of_the_old_rights(app: FastAPI) -> None:
    assert (await ask(app, "session"))[0]["status"] == 200
    await keep(Identity(everything(detail="figures")))
    asked: list[str] = []

    async def made_anew(layer: str, where: Tile, version: int | None, viewer: Any) -> tiles.TileAnswer:
        asked.append(viewer.rights)
        return tiles.TileAnswer(b"figures", VERSION, viewer.rights)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "fetch_tile", made_anew)
        start, body = await ask(app, "session")
    assert (body["body"], asked) == (b"figures", [everything(detail="figures").rights])
    assert (b"cache-control", b"private, no-store") in start["headers"]


async def test_viewers_are_remembered_up_to_a_number(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identification, "MOST_VIEWERS", 3)
    found = Identification(CredentialLookups(Buckets()))
    for number in range(10):
        address = f"10.0.0.{number}"
        inside = await found.identify(
            {"type": "http", "method": "GET", "path": "/", "headers": CREDENTIALS["token"], "client": (address, 1)}
        )
        assert inside is not None and inside.viewer.address == address and len(found._viewers) <= 3
