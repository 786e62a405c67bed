"""The check for lost clients does not disturb uploads, streams, background tasks, and a server that ends."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from routes.middleware import disconnects
from routes.middleware.disconnects import CancelOnDisconnect

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Client:
    """The other end of an ASGI connection: sends a body in parts, takes the answer, and hangs up when told to."""

    def __init__(self, *body: bytes, length: bool = False) -> None:
        self.parts = list(body) or [b""]
        self.headers = [(b"content-length", b"1")] if body or length else []
        self.got: list[Message] = []
        self.hung_up = asyncio.Event()

    async def receive(self) -> Message:
        """The next part of the request; then nothing until the connection is closed."""
        if self.parts:
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts)}
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the answer; servers say that a client has gone once an answer is complete."""
        self.got.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.hung_up.set()

    async def ask(self, app: App) -> None:
        """Run the whole request."""
        scope = {"type": "http", "method": "POST", "path": "/", "headers": self.headers}
        await CancelOnDisconnect(app)(scope, self.receive, self.send)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disconnects, "PATIENCE_S", 0)


async def _a_moment() -> None:
    """Long enough for the lookout to begin and to hear what there is to hear."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_upload_arrives_part_by_part() -> None:
    read: list[bytes] = []

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            await _a_moment()
            part = await receive()
            read.append(part["body"])
            more = part["more_body"]
        await send({"type": "http.response.body"})

    await Client(b"one", b"two", b"three").ask(slowly)
    assert read == [b"one", b"two", b"three"]


async def test_a_request_without_a_body_is_told_as_one() -> None:
    async def once(scope: Scope, receive: Receive, send: Send) -> None:
        await _a_moment()
        await send({"type": "http.response.body", **await receive()})

    client = Client()
    await client.ask(once)
    assert client.got == [{"type": "http.request", "body": b"", "more_body": False}]


async def test_a_stream_is_sent_to_its_end_and_hears_of_the_closing() -> None:
    heard: list[str] = []

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        for n in range(3):
            await _a_moment()
            await send({"type": "http.response.body", "body": b"%d" % n, "more_body": n < 2})
        await receive()
        heard.append((await receive())["type"])

    client = Client()
    await client.ask(stream)
    assert [part["body"] for part in client.got] == [b"0", b"1", b"2"]
    assert heard == ["http.disconnect"]


async def test_what_follows_a_complete_answer_is_done() -> None:
    done: list[bool] = []

    async def answer_then_work(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body"})
        await _a_moment()
        done.append(True)

    await Client().ask(answer_then_work)
    assert done


async def test_an_answer_under_way_is_given_up() -> None:
    given_up: list[bool] = []

    async def long_work(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append(True)
            raise

    for client in (Client(), Client(b"a", b"b")):
        asking = asyncio.ensure_future(client.ask(long_work))
        await _a_moment()
        assert not asking.done()
        client.hung_up.set()
        await asking
    assert given_up == [True, True]


async def test_a_server_that_ends_is_not_held_up() -> None:
    async def long_work(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    asking = asyncio.ensure_future(Client().ask(long_work))
    await _a_moment()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
