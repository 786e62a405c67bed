"""Hostile addresses, forms, headers and callbacks, sent to the whole app over a real database: none works, each is answered clearly."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

import hostile_inputs as hostile
import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from fastapi import FastAPI
from whole_app import CALLBACK, asking, started_app
from whole_app import program as client

from routes.middleware.rate_limits import STRANGER, Buckets, RateLimits

pytestmark = pytest.mark.slow

__all__ = ["client"]  # a fixture; the limits of rate are those that people get

HELD = ("area", "incident", "building", "person", "account")
_INSIDES = re.compile(r"Traceback|psycopg|sqlalchemy|site-packages|syntax error|root:x:|def create_app", re.IGNORECASE)


@pytest_asyncio.fixture
async def stranger(small: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    async with started_app() as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}) as made:
            yield made


@pytest.fixture
def unharmed(small: str) -> Any:
    """After the test the tables hold as many rows as before, nothing is called “owned”, and nobody has more rights."""

    def state() -> list[Any]:
        with psycopg.connect(small) as connection:
            counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in HELD[:-1]]
            owned = connection.execute("SELECT count(*) FROM area WHERE name = 'owned'").fetchone()
            roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY 1").fetchall()
        return [counts, owned, roles]

    before = state()
    yield
    assert state() == before


def told(answer: httpx.Response, *statuses: int) -> str:
    """The sentence of a refusal; fails where the answer has another status, says nothing, or tells of our insides."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert not _INSIDES.search(answer.text), answer.text[:300]
    sentence: str = answer.json()["error"]["sentence"]
    assert sentence
    return sentence


def harmless(answer: httpx.Response) -> None:
    """An answer that is no failure of ours, and runs nothing in a browser."""
    assert answer.status_code < 500, answer.text[:300]
    assert not _INSIDES.search(answer.text), answer.text[:300]
    assert not answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"


ENTERED = [*hostile.SQL, *hostile.SCRIPTS]
OURS = pytest.mark.usefixtures("unharmed")


@OURS
@pytest.mark.parametrize("text", ENTERED)
async def test_a_search_finds_nothing_more_for_it(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get("/api/search", params={"q": text})
    harmless(answer)
    assert answer.json()["results"] == []


@OURS
@pytest.mark.parametrize("text", ENTERED)
async def test_an_area_by_that_code_is_unknown(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get(f"/api/areas/{quote(text, safe='')}")
    assert told(answer, 404).startswith(("There is no area with the code", "There is nothing at the address"))


@OURS
@pytest.mark.parametrize("text", ENTERED)
@pytest.mark.parametrize("field", ["category", "source"])
async def test_a_filter_is_a_value(client: httpx.AsyncClient, text: str, field: str) -> None:
    answer = await client.get(f"/api/areas/{city.CITY}", params={field: text})
    harmless(answer)
    assert answer.status_code in {200, 422}


@OURS
@pytest.mark.parametrize("text", [*ENTERED, *(text for text in hostile.TEXTS.values() if len(text) < 10_000)])
async def test_an_address_of_the_page_gives_a_page(client: httpx.AsyncClient, text: str) -> None:
    search = "?" + "&".join(
        f"{name}={quote(text, safe='', errors='replace')}" for name in ("area", "cat", "src", "from", "cam", "incident")
    )
    answer = await client.post(CALLBACK, json=await asking(client, search))
    harmless(answer)
    assert answer.status_code == 200 and answer.json()["response"]["panel"]["children"]
    assert not re.search(r"dangerouslySetInnerHTML|dangerously_allow_html", answer.text)


@OURS
@pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=hostile.TEXTS)
async def test_odd_characters_are_told_or_taken_as_they_are(client: httpx.AsyncClient, text: str) -> None:
    sent = quote(text, safe="", errors="surrogatepass")
    for address in (f"/api/search?q={sent}", f"/api/areas/{sent}", f"/shapes/{sent}/grid.json", f"/tiles/{sent}/10/1/1.mvt"):
        answer = await client.get(address)
        harmless(answer)
        if answer.status_code != 200:
            told(answer, 404, 414, 422)


@OURS
@pytest.mark.parametrize("value", hostile.NUMBERS)
async def test_a_number_that_is_none_is_told(client: httpx.AsyncClient, value: str) -> None:
    sent = quote(value, safe="")
    told(await client.get(f"/api/search?q=a&limit={sent}"), 422)
    told(await client.get(f"/tiles/buildings/{sent}/1/1.mvt"), 404, 422)
    told(await client.get(f"/api/areas/{city.CITY}?from={sent}&to={sent}"), 422)
    harmless(await client.get(f"/tiles/buildings/10/1/1.mvt?v={sent}"))


@OURS
@pytest.mark.parametrize("value", hostile.COORDINATES)
async def test_coordinates_that_are_none_lead_nowhere(client: httpx.AsyncClient, value: str) -> None:
    harmless(await client.get("/api/search", params={"q": value}))
    answer = await client.post(CALLBACK, json=await asking(client, f"?cam={value},14,0,0"))
    assert answer.status_code == 200
    json.loads(answer.text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize("path", hostile.PATHS)
async def test_no_address_leads_to_a_file_of_ours(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"http://test{path}")
    harmless(answer)
    if answer.status_code == 200:  # an older address of the map's own files is answered with the present one
        assert path.startswith("/vendor/") and "javascript" in answer.headers["content-type"]
        return
    told(answer, 404)


@pytest.mark.parametrize("wanted", hostile.REDIRECTS)
async def test_nobody_is_sent_elsewhere_after_signing_in(stranger: httpx.AsyncClient, wanted: str) -> None:
    page = await stranger.get("/signin", params={"next": wanted}, headers={"accept": "text/html"})
    (target,) = re.findall(r'name="next" value="([^"]*)"', page.text) or ["/"]
    target = unescape(target)
    assert target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target
    assert not urlsplit(target).netloc and not urlsplit(target).scheme


@pytest.mark.parametrize("value", hostile.FORGED)
async def test_a_forged_cookie_or_token_opens_nothing(stranger: httpx.AsyncClient, value: str) -> None:
    raw = value.encode("latin-1")
    sent = (
        {b"authorization": b"Bearer " + raw},
        {b"authorization": raw},
        {b"cookie": b"gridwell-session-80=" + raw},
        {b"cookie": b"gridwell-device-80=" + raw},
        {b"cookie": b"gridwell-session-80=" + raw + b"; gridwell-session-80=" + raw},
    )
    for headers in sent:
        answer = await stranger.get("/api/cities", headers=list({**headers, b"accept-language": b"en"}.items()))
        assert "Sign in first" in told(answer, 401)


@pytest.mark.parametrize(
    "name", ["x-forwarded-for", "x-real-ip", "forwarded", "x-forwarded-host", "x-original-url", "x-rewrite-url", "x-http-method-override"]
)
async def test_a_header_gives_nobody_more_rights(stranger: httpx.AsyncClient, name: str) -> None:
    answer = await stranger.get("/api/cities", headers={name: "127.0.0.1"})
    assert "Sign in first" in told(answer, 401)
    assert "127.0.0.1" not in str(answer.headers)


@pytest.mark.parametrize("host", ["elsewhere.example", 'x"><script>', "127.0.0.1@elsewhere.example"])
async def test_a_host_of_somebody_else_is_not_told_as_ours(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/docs", headers={"host": host, "accept": "text/html"})
    assert "<script" not in answer.text
    assert answer.headers.get("location", "/").startswith("/")


async def test_a_body_that_is_too_large_is_not_read(client: httpx.AsyncClient) -> None:
    for headers in ({"content-type": "application/json"}, {"content-type": "application/json", "content-length": "9" * 30}):
        answer = await client.post(CALLBACK, content=b"1" * 1_000_001, headers=headers)
        assert told(answer, 413) == "The request is larger than 1000000 bytes."


async def test_an_address_that_is_too_long_is_told(client: httpx.AsyncClient) -> None:
    assert told(await client.get("/api/search?q=" + "a" * 20_000), 414) == "The address is longer than 16000 characters."


async def test_who_asks_too_often_is_told_when_to_come_again() -> None:
    moment = [0.0]
    app = RateLimits(FastAPI(), buckets=Buckets(now=lambda: moment[0]))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test", headers={"accept-language": "en"}
    ) as client:
        for _ in range(int(STRANGER.at_once)):
            assert (await client.get("/signin")).status_code == 404, "let through"
        refused = await client.get("/signin")
        assert told(refused, 429) == "Too many requests in a short time. Try again in 1 s."
        assert refused.headers["retry-after"] == "1"
        assert (await client.get("/healthz")).status_code == 404, "let through"
        moment[0] += 1 / STRANGER.per_s
        assert (await client.get("/signin")).status_code == 404, "let through again"


def test_made_up_callers_take_no_memory() -> None:
    buckets = Buckets(now=lambda: 0.0, most=10)
    assert not any(buckets.take("stranger", str(n), STRANGER) for n in range(1_000))
    assert len(buckets) == 10


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "OWN"])
async def test_other_methods_do_nothing(client: httpx.AsyncClient, method: str) -> None:
    for path in ("/", "/api/cities", CALLBACK, "/accounts/1"):
        told(await client.request(method, path), 403, 405, 404)
