"""More requests than the server can answer: over real HTTP, with one database connection and a locked table."""

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import small_city as city
from serving import Server, serving
from sqlalchemy import make_url
from table_locks import held, slowed, statements, until, waiting

from data.accounts.guest import guest

pytestmark = pytest.mark.slow

FIGURES = "incident_daily"
"""What every look at an area reads."""
TILE = "/tiles/buildings/14/13654/6765.mvt"
FOREVER_MS = "300000"
_numbers = count(1)


def area() -> str:
    """Address of figures that nobody has asked for yet: the server keeps what it has answered."""
    return f"/api/areas/{city.D1}?{another_period()}"


def another_period() -> str:
    """Days that nobody has asked for yet."""
    return f"from={date(2024, 1, 1) + timedelta(days=next(_numbers))}&to={city.TO}"


Ask = Callable[..., "Future[httpx.Response]"]


@pytest.fixture(scope="module")
def narrow(small: str) -> Iterator[Server]:
    """One answer at a time, one place in the queue, and nobody's patience ends."""
    limits = {"POOL_SIZE": "1", "QUEUE_LENGTH": "1", "QUEUE_WAIT_MS": FOREVER_MS, "STATEMENT_TIMEOUT_MS": FOREVER_MS}
    with serving(small, **{f"GRIDWELL_{name}": value for name, value in limits.items()}) as running:
        yield running


@pytest.fixture(scope="module")
def hasty(small: str) -> Iterator[Server]:
    """One answer at a time, and everybody's patience ends soon."""
    limits = {"POOL_SIZE": "1", "QUEUE_LENGTH": "9", "QUEUE_WAIT_MS": "100", "STATEMENT_TIMEOUT_MS": "2000"}
    with serving(small, **{f"GRIDWELL_{name}": value for name, value in limits.items()}) as running:
        yield running


@contextmanager
def asking(server: Server) -> Iterator[tuple[httpx.Client, Ask]]:
    """A client, and a way to ask without waiting for the answer."""
    headers = {"authorization": f"Bearer {server.token}", "accept-language": "en"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client, ThreadPoolExecutor(8) as pool:
        yield client, lambda path, **more: pool.submit(client.get, path, **more)


def health(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    return dict(answer.json())


def test_beyond_the_queue_the_answer_is_no_at_once_and_afterwards_all_is_well(narrow: Server, small: str) -> None:
    with asking(narrow) as (client, ask):
        with held(small, FIGURES):
            first = ask(area())
            until(lambda: waiting(small) == 1, "the first one reads")
            second = ask(area())
            until(lambda: health(client)["waiting"] == 1, "the second one has a place in the queue")
            refused = client.get(area())
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
            assert 1 <= int(refused.headers["retry-after"]) <= 3
            assert refused.headers["cache-control"] == "no-store"
            assert not first.done() and not second.done(), "answered while the others still wait"
            assert waiting(small) == 1, "and nothing was asked for it"
            state = health(client)
            assert (state["full"], state["database"]) == (True, "ok"), "full is not ill"
        assert first.result().status_code == second.result().status_code == 200
        assert client.get(area()).status_code == 200
        until(lambda: not health(client)["full"], "the queue is empty again")


def test_the_page_and_readers_are_told_in_their_language(narrow: Server, small: str) -> None:
    with asking(narrow) as (client, ask), held(small, FIGURES):
        pending = [ask(area()), ask(area())]
        until(lambda: health(client)["full"], "it is full")
        page = client.post("/_dash-update-component", json={}, headers={"accept-language": "zh"})
        assert (page.status_code, page.headers["content-type"]) == (503, "application/json")
        assert page.json()["error"]["sentence"] == "同时访问的人太多，请稍后再试。"
        assert client.get(area()).json()["error"]["sentence"].startswith("The server is busy")
        assert not any(one.done() for one in pending)
        for free in ("/", "/_dash-layout", "/_dash-dependencies", "/assets/tokens.css"):
            assert client.get(free).status_code == 200, f"{free} never waits"


def test_whoever_was_never_seen_before_is_let_in_while_the_server_is_full(narrow: Server, small: str) -> None:
    url = make_url(small).set(drivername="postgresql+psycopg")
    with asking(narrow) as (client, ask), guest(url=url) as person, held(small, FIGURES):
        ask(area())
        until(lambda: waiting(small) == 1, "every connection for figures is taken")
        for headers in ({"authorization": f"Bearer {person.token}"}, {"cookie": f"{narrow.cookie['name']}={person.session}"}):
            with httpx.Client(base_url=narrow.url, headers=headers, timeout=60) as new:
                assert new.get("/", headers={"accept": "text/html"}).status_code == 200
        assert client.get("/", headers={"authorization": "Bearer gwp_nobody"}).status_code == 401, "and nobody else"


def test_nobody_waits_longer_than_the_setting_says(hasty: Server, small: str) -> None:
    with asking(hasty) as (client, ask), held(small, FIGURES):

        def refused_while_the_first_reads() -> bool:
            first = ask(area())
            until(lambda: waiting(small) == 1 or first.done(), "the first one reads")
            assert client.get(area()).json()["error"]["code"] == "busy"
            return not first.done()

        # The first one does not wait long for the table, either: on a busy machine it may have given up before.
        until(refused_while_the_first_reads, "the second gives up before the first")


def test_a_statement_that_takes_too_long_is_told_so(hasty: Server, small: str) -> None:
    with asking(hasty) as (client, _):
        with slowed(small, FIGURES):
            answer = client.get(area())
            assert answer.status_code == 503
            assert answer.json()["error"] == {
                "code": "too_slow",
                "sentence": "The answer took longer than 2000 ms and was stopped.",
                "facts": {"limit_ms": 2000},
            }
            assert int(answer.headers["retry-after"]) >= 10, "not soon: it would be too slow again"
        assert client.get(area()).status_code == 200


@contextmanager
def connected(server: Server, method: str, path: str, body: bytes = b"") -> Iterator[socket.socket]:
    """A connection that has sent a request and does not read the answer."""
    where = urlsplit(server.url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {where.netloc}", f"Authorization: Bearer {server.token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    with socket.create_connection((where.hostname or "", where.port or 0)) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        yield line


def look(server: Server) -> bytes:
    """What the page sends to be filled."""
    with asking(server) as (client, _):
        known = client.get("/_dash-dependencies").json()
    wired = next(one for one in known if "spec.data" in one["output"] and one["inputs"][0]["id"] == "url")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in wired["output"].strip(".").split("...")]
    values = (f"?area={city.D1}&{another_period()}", None)
    inputs = [{"id": one["id"], "property": one["property"], "value": value} for one, value in zip(wired["inputs"], values, strict=True)]
    return json.dumps({"output": wired["output"], "outputs": outputs, "inputs": inputs, "changedPropIds": [], "state": []}).encode()


@pytest.mark.parametrize("door", ["machine", "page"])
def test_who_goes_away_stops_the_statement(narrow: Server, small: str, door: str) -> None:
    body = look(narrow) if door == "page" else b""
    method, path = ("POST", "/_dash-update-component") if body else ("GET", area())
    with asking(narrow) as (client, _), held(small, FIGURES):
        with connected(narrow, method, path, body):
            until(lambda: waiting(small) == 1, "the statement runs")
        until(lambda: waiting(small) == 0, "nobody waits for it any more, and the server has stopped")
        assert health(client)["data_version"], "the only connection is free again"


def test_who_goes_away_from_the_queue_leaves_the_place_to_another(narrow: Server, small: str) -> None:
    with asking(narrow) as (client, ask):
        with held(small, FIGURES):
            first = ask(area())
            until(lambda: waiting(small) == 1, "the first one reads")
            with connected(narrow, "GET", area()):
                until(lambda: health(client)["full"], "the queue is full")
            until(lambda: health(client)["waiting"] == 0, "the place is free")
            second = ask(area())
            until(lambda: health(client)["waiting"] == 1, "and taken again")
        assert first.result().status_code == second.result().status_code == 200


def test_a_tile_is_made_for_whoever_still_waits_for_it(narrow: Server, small: str) -> None:
    with asking(narrow) as (client, _), ExitStack() as later:
        with held(small, "building"):
            with connected(narrow, "GET", TILE):
                until(lambda: waiting(small) == 1, "the tile is being made")
                made = statements(small)
                second = later.enter_context(connected(narrow, "GET", TILE))
                health(client)
            health(client)
            assert statements(small) == made, "one statement for both, and it goes on for the one who stays"
        assert second.recv(12) == b"HTTP/1.1 200"


def test_a_tile_that_nobody_waits_for_is_given_up(narrow: Server, small: str) -> None:
    with held(small, "building"):
        with connected(narrow, "GET", TILE.replace("13654", "13655")):
            until(lambda: waiting(small) == 1, "the tile is being made")
        until(lambda: waiting(small) == 0, "and the server has stopped")
