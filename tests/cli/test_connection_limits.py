"""Connections that ask for nothing make room for others; the drill “descriptors used up”."""

import resource
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import small_city
from databases import FreshDatabase
from serving import Server, healthy, serving
from table_locks import until

from cli._serving.connection_limits import (
    LEAST_CONNECTIONS,
    MOST_DESCRIPTORS,
    TELL_EVERY_S,
    Limits,
    OpenConnections,
    Phase,
    choose_limits,
    count_descriptors,
    raise_descriptor_limit,
)


class Line:
    """A connection that remembers whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def close_now(self) -> None:
        self.closed = True


def opened(connections: OpenConnections, count: int, address: str = "10.0.0.1") -> list[Line]:
    made = [Line() for _ in range(count)]
    assert all(connections.admit(line, address) for line in made)
    return made


def closed(lines: list[Line]) -> list[int]:
    return [number for number, line in enumerate(lines) if line.closed]


def test_the_one_that_is_worth_least_makes_room_and_of_these_the_oldest() -> None:
    connections = OpenConnections(Limits(total=5, of_one_address=9, backlog=8))
    busy, answered, head, silent, young = lines = opened(connections, 5)
    for line, phase in ((busy, Phase.BUSY), (answered, Phase.ANSWERED), (head, Phase.HEAD)):
        connections.set_phase(line, phase)
    order = []
    for _ in range(4):
        before = closed(lines)
        newest = opened(connections, 1)[0]
        connections.set_phase(newest, Phase.BUSY)
        order += [number for number in closed(lines) if number not in before]
    assert order == [3, 4, 2, 1] and not busy.closed and len(connections) == 5
    assert not connections.admit(Line(), "10.0.0.2"), "what is worked on is not closed"
    connections.remove(busy)
    assert connections.admit(Line(), "10.0.0.2")
    assert silent.closed and young.closed


def test_one_address_makes_room_for_itself_alone() -> None:
    connections = OpenConnections(Limits(total=100, of_one_address=3, backlog=8))
    others, mine = opened(connections, 3, "10.0.0.2"), opened(connections, 4)
    assert (closed(others), closed(mine), len(connections)) == ([], [0], 6)
    for line in mine[1:]:
        connections.set_phase(line, Phase.BUSY)
    assert not connections.admit(Line(), "10.0.0.1") and connections.admit(Line(), "10.0.0.2")


def test_a_subscriber_s_addresses_of_ipv6_are_one() -> None:
    connections = OpenConnections(Limits(total=100, of_one_address=2, backlog=8), "2001:db8:9::1")
    mine = [opened(connections, 1, f"2001:db8:1:2::{number:x}")[0] for number in range(3)]
    assert closed(mine) == [0]
    assert closed([*opened(connections, 1, "2001:db8:1:3::1"), mine[1]]) == [], "another network"
    assert closed(opened(connections, 3, "2001:db8:9::1")) == [], "a proxy"


def test_behind_a_proxy_all_clients_have_one_address() -> None:
    connections = OpenConnections(Limits(total=9, of_one_address=3, backlog=8), "10.0.0.1, 192.168.0.0/24")
    assert closed(opened(connections, 4) + opened(connections, 4, "192.168.0.7")) == []
    assert closed(opened(connections, 4, "192.168.1.7")) == [0]


def test_what_is_gone_is_forgotten() -> None:
    connections = OpenConnections(Limits(total=2, of_one_address=2, backlog=8))
    for line in opened(connections, 2):
        connections.remove(line)
        connections.remove(line)
    assert len(connections) == 0 and closed(opened(connections, 2)) == []
    stranger = Line()
    connections.set_phase(stranger, Phase.BUSY)
    assert len(connections) == 2


def test_it_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    passed = 0.0
    connections = OpenConnections(Limits(total=2, of_one_address=9, backlog=8), now=lambda: passed)
    opened(connections, 5)
    assert [record.args for record in caplog.records] == [(1, 1, "10.0.0.1", 1, 0)]
    passed = 60.0
    opened(connections, 1)
    assert [record.args for record in caplog.records][1:] == [(1, 1, "10.0.0.1", 3, 0)]


@pytest.mark.parametrize("descriptors", [128, 256, 1_024, 4_096, MOST_DESCRIPTORS])
def test_descriptors_for_files_and_the_database_are_left(descriptors: int) -> None:
    limits = choose_limits(descriptors, in_use=20, for_database=8)
    assert limits.total == LEAST_CONNECTIONS or limits.total + limits.backlog + 20 + 8 + 64 == descriptors
    assert limits.of_one_address <= limits.total


def test_the_limit_is_raised_as_far_as_the_system_lets_us() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lower = min(hard, 512) if hard != resource.RLIM_INFINITY else 512
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lower, hard))
        wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
        assert raise_descriptor_limit() == wanted == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert raise_descriptor_limit() == wanted and 0 < count_descriptors() < wanted
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# ---- The drill: descriptors used up ----

DESCRIPTORS, IDLE, ADDRESSES = 1_024, 1_300, 8


@pytest.fixture(scope="module")
def few(fresh_database: FreshDatabase) -> Iterator[tuple[Server, float]]:
    """A server that may open 1,024 descriptors and no more, and since when it runs."""
    with fresh_database(small_city.load) as url, serving(url, descriptors=DESCRIPTORS) as running:
        yield running, time.monotonic()


def idle(port: int, count: int, addresses: int, sent: bytes, stack: ExitStack) -> list[socket.socket]:
    """Connections from several addresses that say something unfinished, or nothing."""
    lines = []
    for number in range(count):
        source = (f"127.0.0.{2 + number % addresses}", 0)
        lines.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60, source_address=source)))
        if sent:
            lines[-1].sendall(sent)
    return lines


def count_closed(lines: list[socket.socket]) -> int:
    """How many the server has closed."""
    poll = select.poll()
    for line in lines:
        poll.register(line, select.POLLIN)
    return len(poll.poll(0))


@pytest.mark.slow
@pytest.mark.parametrize("addresses", [1, ADDRESSES])
@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"],
    ids=["silent", "unfinished", "without body"],
)
def test_idle_connections_of_strangers_shut_nobody_out(few: tuple[Server, float], addresses: int, sent: bytes) -> None:
    raise_descriptor_limit()
    server, began = few
    port = int(server.url.rsplit(":", 1)[1])
    with ExitStack() as stack:
        lines = idle(port, IDLE, addresses, sent, stack)
        for _ in range(20):  # also while they are held
            assert healthy(server.url), server.log.read_text()
        until(lambda: count_closed(lines) >= IDLE - DESCRIPTORS, "they make room")
    said = server.log.read_text()
    told = said.count("too many connections")
    assert 1 <= told <= 2 + (time.monotonic() - began) / TELL_EVERY_S, "once a minute, however many there are"
    assert "out of system resource" not in said and "Too many open files" not in said
