"""A body that comes too slowly, or never ends, is refused; one that comes in parts arrives whole."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from routes.middleware.request_limits import LONGEST_BODY, RequestLimits

POST: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "headers": [(b"transfer-encoding", b"chunked"), (b"accept-language", b"en")],
}


async def asked(parts: Iterator[bytes], ends: bool, longest_wait_s: float = 60) -> tuple[list[Message], list[Message]]:
    """What the app was given, and what was sent back, for a body in parts; where it does not end, nothing more ever comes."""
    given: list[Message] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        given.append(await receive())

    async def receive() -> Message:
        part = next(parts, None)
        if part is None and not ends:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: Message) -> None:
        sent.append(message)

    await RequestLimits(app, longest_wait_s)({**POST}, receive, send)
    return given, sent


def refusal(sent: list[Message]) -> tuple[int, Any]:
    assert (b"connection", b"close") in sent[0]["headers"], "the rest of the body is nobody's next request"
    return sent[0]["status"], orjson.loads(sent[1]["body"])["error"]["sentence"]


async def test_a_body_that_never_ends_is_given_up() -> None:
    given, sent = await asked(iter([b"a"]), ends=False, longest_wait_s=0.05)
    assert not given
    assert refusal(sent) == (408, "The request took longer than 0.05 seconds to arrive.")


async def test_a_body_without_a_length_is_counted_as_it_comes() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"a" * 100_000

    given, sent = await asked(endless(), ends=True)
    assert not given
    assert refusal(sent) == (413, f"The request is larger than {LONGEST_BODY} bytes.")
    assert taken == 11, "no more is read than is needed to know"


async def test_a_body_in_parts_arrives_whole() -> None:
    given, _ = await asked(iter([b"a", b"b", b"c"]), ends=True)
    assert given == [{"type": "http.request", "body": b"abc", "more_body": False}]


async def test_who_has_gone_while_sending_is_answered_by_nobody() -> None:
    async def never(*_: object) -> None:
        raise AssertionError("nobody is there any more")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await RequestLimits(never)({**POST}, receive, never)


@pytest.mark.parametrize("length", [b"", b"-1", b"1e3", b"+5", "５".encode(), b"\xb2", b"9" * 40])
async def test_a_length_that_is_no_number_is_refused(length: bytes) -> None:
    sent: list[Message] = []

    async def never(*_: object) -> Message:
        raise AssertionError("it is neither read nor passed on")

    async def send(message: Message) -> None:
        sent.append(message)

    await RequestLimits(never, 1)({**POST, "headers": [(b"content-length", length)]}, never, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 413
