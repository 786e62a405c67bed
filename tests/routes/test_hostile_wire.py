"""Hostile bytes sent to the real server: one refusal, never a second answer, and others are served as before."""

import re
import socket
from collections.abc import Iterator

import hostile_inputs as hostile
import httpx
import pytest
from serving import Server

from cli._serving.uvicorn_internals import LONGEST_HEAD, MOST_HEADERS

pytestmark = pytest.mark.slow


@pytest.fixture
def wire(server: Server) -> Iterator[socket.socket]:
    """A connection to the server."""
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as made:
        yield made


SILENT_S = 8


def answers(wire: socket.socket, sent: bytes, first_s: float = 60) -> list[int]:
    """Statuses of all that comes back until the server closes the connection or is silent; the first may take longer than the others."""
    wire.settimeout(first_s)
    got = b""
    try:
        wire.sendall(sent)
        while part := wire.recv(65_536):
            got += part
            wire.settimeout(SILENT_S)
    except (TimeoutError, ConnectionError):
        pass  # silent, or closed before everything was sent
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]


@pytest.mark.parametrize("sent", hostile.WIRE.values(), ids=hostile.WIRE)
def test_what_could_be_read_in_two_ways_is_refused(server: Server, wire: socket.socket, sent: bytes) -> None:
    found = answers(wire, sent, SILENT_S)
    assert len(found) <= 1, "nothing was smuggled in behind it"
    assert all(400 <= status < 500 for status in found) or found == [303], found
    assert httpx.get(f"{server.url}/healthz", timeout=60).status_code == 200


REFUSED = (
    *(name for name in hostile.WIRE if "host" in name),
    *("two lengths", "the same length twice", "lengths with a comma", "length and chunks", "chunks and a length"),
)


@pytest.mark.parametrize("name", REFUSED)
def test_hosts_and_lengths_that_contradict_each_other_are_told_at_once(wire: socket.socket, name: str) -> None:
    assert answers(wire, hostile.WIRE[name]) == [400]


@pytest.mark.parametrize("host", [b"x", b"x:80", b"grid_1.example.org:8443", b"127.0.0.1:8050", b"[::1]:8050", b"[fe80::1]"])
def test_one_host_is_taken(wire: socket.socket, host: bytes) -> None:
    assert answers(wire, b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n") == [200]


def test_the_old_protocol_needs_no_host(wire: socket.socket) -> None:
    assert answers(wire, b"GET /healthz HTTP/1.0\r\n\r\n") == [200]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (LONGEST_HEAD + 1) + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * (MOST_HEADERS + 1) + b"\r\n",
        b"GET /" + b"a" * (LONGEST_HEAD + 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["a long header", "many headers", "a long address"],
)
def test_a_head_that_is_too_long_is_told(wire: socket.socket, sent: bytes) -> None:
    assert answers(wire, sent) == [431]


def test_two_requests_in_one_breath_are_two_answers(wire: socket.socket) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    assert answers(wire, ask + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) == [200, 200]


def test_no_size_is_believed_before_it_came(wire: socket.socket, server: Server) -> None:
    head = f"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
    assert answers(wire, head.encode() + b"Content-Length: 1000000000\r\n\r\n{}") == [413]
