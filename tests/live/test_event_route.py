"""The stream of events over the whole app as it is served: who may listen, until when, and what a stream costs others."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
import small_city as city
from databases import FreshDatabase
from live_tools import Heard, hear, write
from serving import Server, serving
from sqlalchemy import update

from data.accounts import sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.live.hub import MOST_OF_ONE
from data.schema import session

pytestmark = pytest.mark.slow
PATIENCE_S = 60
EVENTS = "/api/events"


@pytest.fixture(scope="module")
def served(fresh_database: FreshDatabase) -> Iterator[Server]:
    """The small city, served with its keeper."""
    with fresh_database(city.load) as url, serving(url, GRIDWELL_RATE_FACTOR="0") as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept-language": "en"}


def add_account(name: str, role: str = "supervisor", scope: str = "*") -> int:
    with owner_transaction() as connection:
        return store.add(connection, Draft(name, role=role, scope=scope)).id


def make_token(name: str) -> str:
    with owner_transaction() as connection:
        return tokens.make(connection, name, "program", 30)


@asynccontextmanager
async def listening(server: Server, headers: dict[str, str], address: str = EVENTS) -> AsyncIterator[Heard]:
    """What somebody hears at a stream for as long as the block lasts; at its end the kind ``end`` is added."""
    heard, begun = Heard(), asyncio.Event()

    async def listen() -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=None, headers=headers) as client, client.stream("GET", address) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream") and "content-encoding" not in answer.headers
            async for _ in hear(answer.aiter_bytes(), heard):
                begun.set()
        heard.kinds.append("end")

    task = asyncio.create_task(listen())
    try:
        await until(lambda: begun.is_set() or task.done())
        if task.done():
            task.result()
        yield heard
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(true: object) -> None:
    assert callable(true)
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 -- what is waited for is in another process
            await asyncio.sleep(0.01)


async def test_a_program_and_a_browser_hear_of_a_change_and_go_on_where_they_were(served: Server) -> None:
    cookie = {"cookie": f"{served.cookie['name']}={served.session}"}
    async with listening(served, bearer(served.token)) as program, listening(served, cookie) as browser:
        write("one")
        await until(lambda: program.cases == browser.cases == ["one"])
    write("two")
    write("three")
    async with listening(served, {**cookie, "last-event-id": browser.ids[-1]}) as again:
        await until(lambda: again.cases == ["two", "three"])
    async with listening(served, bearer(served.token), f"{EVENTS}?after={again.ids[-2]}&wait=false") as once:
        await until(lambda: once.kinds[-1] == "end")
    assert once.cases == ["three"]


async def test_a_withdrawn_token_ends_its_stream_before_the_next_event(served: Server) -> None:
    number = add_account("leaver")
    async with listening(served, bearer(make_token("leaver"))) as leaver, listening(served, bearer(served.token)) as other:
        write("before")
        await until(lambda: leaver.cases == other.cases == ["before"])
        with owner_transaction() as connection:
            tokens.withdraw_all(connection, number)
        write("after")
        await until(lambda: leaver.kinds[-1] == "end" and other.cases == ["before", "after"])
    assert leaver.cases == ["before"]


async def test_narrower_rights_end_a_stream_and_the_next_one_has_them(served: Server) -> None:
    number = add_account("mover")
    token = make_token("mover")
    async with listening(served, bearer(token)) as wide:
        write("west", cell=city.C1)
        await until(lambda: wide.cases == ["west"])
        with owner_transaction() as connection:
            store.change(connection, number, Draft("mover", role="supervisor", scope=city.D2))
        await until(lambda: wide.kinds[-1] == "end")
    write("west again", cell=city.C1)
    write("east", cell=city.C5)
    async with listening(served, {**bearer(token), "last-event-id": wide.ids[-1]}) as narrow:
        await until(lambda: narrow.cases == ["east"])


async def test_a_session_that_ends_ends_its_stream_and_a_stream_keeps_none_in_use(served: Server) -> None:
    number = add_account("sitter")
    with owner_transaction() as connection:
        value = sessions.begin(connection, number, "full", "", "")
        long_ago = session.c.seen_at - timedelta(minutes=20)
        connection.execute(update(session).where(session.c.account_id == number).values(seen_at=long_ago))
        before = connection.execute(session.select().where(session.c.account_id == number)).one().seen_at
    cookie = {"cookie": f"{served.cookie['name']}={value}"}
    async with listening(served, cookie) as heard:
        async with httpx.AsyncClient(base_url=served.url, headers={**cookie, "x-gridwell-by-itself": "1"}, timeout=PATIENCE_S) as page:
            assert (await page.get("/api/cities")).status_code == 200
        with owner_transaction() as connection:
            assert connection.execute(session.select().where(session.c.account_id == number)).one().seen_at == before
            sessions.end_all(connection, number, "sitter")
        await until(lambda: heard.kinds[-1] == "end")
    async with httpx.AsyncClient(base_url=served.url, headers=cookie, timeout=PATIENCE_S) as gone:
        assert (await gone.get(EVENTS)).status_code == 401


async def test_head_has_no_body_and_no_stream(served: Server) -> None:
    async with httpx.AsyncClient(base_url=served.url, headers=bearer(served.token), timeout=PATIENCE_S) as client:
        answer = await client.head(EVENTS)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream") and not answer.content


async def test_a_browser_that_leaves_gives_its_place_back(served: Server) -> None:
    add_account("many")
    headers = bearer(make_token("many"))
    for _ in range(2):
        async with httpx.AsyncClient(base_url=served.url, timeout=None, headers=headers) as client:
            opened = [client.stream("GET", EVENTS) for _ in range(MOST_OF_ONE)]
            answers = [await one.__aenter__() for one in opened]
            assert {answer.status_code for answer in answers} == {200}
            refused = await client.get(EVENTS)
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_streams") and refused.headers["retry-after"]
            for answer in answers:
                await answer.aclose()
            async with asyncio.timeout(PATIENCE_S):
                while (await client.get(f"{EVENTS}?wait=false")).status_code != 200:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


async def test_streams_hold_no_turn_that_others_wait_for(served: Server) -> None:
    names = [f"crowd{n}" for n in range(4)]
    for name in names:
        add_account(name)
    ways = [bearer(make_token(name)) for name in names for _ in range(10)]
    async with asyncio.TaskGroup() as group:
        opened = [listening(served, way) for way in ways]
        told = [await group.create_task(one.__aenter__()) for one in opened]
        write("for all")
        await until(lambda: all(heard.cases == ["for all"] for heard in told))
        async with httpx.AsyncClient(base_url=served.url, headers=bearer(served.token), timeout=PATIENCE_S) as client:
            assert (await client.get(f"/api/areas/{city.CITY}")).status_code == 200
            async with asyncio.timeout(PATIENCE_S):  # the server notices a moment later that somebody before has left
                while "gridwell_streams 40.0" not in (await client.get("/metrics")).text:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
    for one in opened:
        await one.__aexit__(None, None, None)


async def test_who_reads_nothing_stops_nobody(served: Server) -> None:
    where = urlsplit(served.url)
    with socket.create_connection((where.hostname or "", where.port or 0)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(f"GET {EVENTS} HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {served.token}\r\n\r\n".encode())
        assert deaf.recv(12) == b"HTTP/1.1 200"
        async with listening(served, bearer(served.token)) as heard:
            for n in range(40):
                write(*(f"{n}-{part}-{'x' * 200}" for part in range(100)))
            await until(lambda: len(heard.cases) == 4000)
        assert len(set(heard.cases)) == 4000


async def test_a_server_that_ends_says_goodbye(fresh_database: FreshDatabase) -> None:
    with fresh_database(city.load) as url:
        running = serving(url)
        server = running.__enter__()
        async with listening(server, bearer(server.token)) as heard:
            await asyncio.to_thread(running.__exit__, None, None, None)
            await until(lambda: heard.kinds[-1] == "end")
        assert 1000 <= heard.retries[-1] <= 5000 and len(heard.retries) == 2
