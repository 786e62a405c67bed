"""uvicorn still has the parts that ``cli/_serving/uvicorn_internals.py`` relies on, and still calls them in the same order."""

import asyncio
import inspect
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cli._serving import uvicorn_internals
from cli._serving.connection_limits import Limits, OpenConnections
from cli._serving.uvicorn_internals import HEAD_WAIT_S, LimitedHttpProtocol, ServerWithoutSignals, limit_connections

CALLBACKS = ("on_message_begin", "on_url", "on_header", "on_headers_complete", "on_body", "on_message_complete")
REQUEST = b"POST /x?y=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"


class Recorded(LimitedHttpProtocol):
    """Notes which of uvicorn's callbacks are called, and in which order."""

    calls: list[str] = []  # noqa: RUF012 - one list for all connections of a test


def _recorder(name: str) -> Any:
    def call(self: Any, *args: Any) -> None:
        Recorded.calls.append(name)
        getattr(LimitedHttpProtocol, name)(self, *args)

    return call


for _name in ("connection_made", *CALLBACKS, "connection_lost"):
    setattr(Recorded, _name, _recorder(_name))


async def ask(protocol: type[HttpToolsProtocol], sent: bytes, waiting_s: float = 60) -> tuple[bytes, int]:
    """What comes back for some bytes, and how often the server reported that it is alive."""
    alive, listening = 0, asyncio.Event()

    def report() -> None:
        nonlocal alive
        alive += 1
        listening.set()

    listener = socket.create_server(("127.0.0.1", 0))
    app = PlainTextResponse("well")
    server = ServerWithoutSignals(uvicorn.Config(app, http=protocol, ws="none", log_level="warning", lifespan="off"), report)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait_for(listening.wait(), 30)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(sent)
    got = await asyncio.wait_for(reader.readuntil(b"well") if sent.endswith(b"hi") else reader.read(), waiting_s)
    writer.close()
    server.should_exit = True
    await serving
    return got, alive


async def test_uvicorn_calls_what_we_count_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recorded, "calls", [])
    got, alive = await ask(Recorded, REQUEST)
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert Recorded.calls == [
        "connection_made",
        "on_message_begin",
        "on_url",
        "on_header",
        "on_header",
        "on_headers_complete",
        "on_body",
        "on_message_complete",
        "connection_lost",
    ]
    assert alive >= 1


async def test_a_head_that_is_too_long_reaches_no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_internals, "LONGEST_HEAD", 100)
    got, _ = await ask(LimitedHttpProtocol, b"GET / HTTP/1.1\r\nX: " + b"a" * 101 + b"\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 431 ") and b"well" not in got


async def test_a_head_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LimitedHttpProtocol.head_wait_s == HEAD_WAIT_S <= 15, "what is served has the same, and nobody waits longer"
    monkeypatch.setattr(LimitedHttpProtocol, "head_wait_s", 0.05)
    got, _ = await ask(LimitedHttpProtocol, b"GET / HTTP/1.1\r\nX: ")
    assert got.startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_never_comes_keeps_nobody_out() -> None:
    listening, waiting = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        waiting.set()
        body = await Request(scope, receive).body()
        await PlainTextResponse(f"well {len(body)}")(scope, receive, send)

    connections = OpenConnections(Limits(total=1, of_one_address=1, backlog=8))
    listener = socket.create_server(("127.0.0.1", 0))
    protocol = limit_connections(connections)
    server = ServerWithoutSignals(uvicorn.Config(app, http=protocol, ws="none", log_level="warning", lifespan="off"), listening.set)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait_for(listening.wait(), 30)
    idle, theirs = await asyncio.open_connection(*listener.getsockname())
    theirs.write(REQUEST.removesuffix(b"hi"))
    await asyncio.wait_for(waiting.wait(), 30)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(REQUEST)
    assert await asyncio.wait_for(reader.readuntil(b"well 2"), 30)
    with suppress(ConnectionError):
        assert await asyncio.wait_for(idle.read(), 30) == b"", "it made room"
    for one in (theirs, writer):
        one.close()
    server.should_exit = True
    await serving


async def test_uvicorn_takes_its_signals_through_what_we_override(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = []

    @contextmanager
    def capture(self: uvicorn.Server) -> Iterator[None]:
        entered.append(self)
        yield

    monkeypatch.setattr(ServerWithoutSignals, "capture_signals", capture)
    await ask(LimitedHttpProtocol, REQUEST)
    assert len(entered) == 1


def test_what_is_overridden_takes_the_same_arguments() -> None:
    for ours, theirs in ((LimitedHttpProtocol, HttpToolsProtocol), (ServerWithoutSignals, uvicorn.Server)):
        shared = set(vars(ours)) & set(vars(theirs)) - {"__init__", "__doc__", "__module__"}
        for name in (name for name in shared if callable(getattr(ours, name))):  # Python 3.13 has further names for every class
            assert list(inspect.signature(getattr(ours, name)).parameters) == list(inspect.signature(getattr(theirs, name)).parameters), (
                name
            )
