"""The guard in front of everything, driven as bare ASGI."""

from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from routes.signin import Guard, derived, own_address

TOKEN = "a token/with+odd=letters"
SERVER = "http://testserver"


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Says "inside" to whoever gets through."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await PlainTextResponse("inside")(scope, receive, send)


def client(**more: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Guard(inner, TOKEN)), base_url=SERVER, **more)


def session(token: str = TOKEN) -> dict[str, str]:
    guard = Guard(inner, token)
    return {guard.cookie: guard.session}


async def test_a_stranger_gets_a_sentence_and_401() -> None:
    async with client(headers={"Accept-Language": "en"}) as http:
        answer = await http.get("/api/areas/1")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "sign_in_needed"
    assert answer.json()["error"]["sentence"].startswith("Sign in first")


@pytest.mark.parametrize(("wanted", "word"), [("zh-CN,zh;q=0.9", "登录"), ("en-GB", "Sign in")])
async def test_a_browser_gets_a_page_in_its_language_without_outside_addresses(wanted: str, word: str) -> None:
    async with client(headers={"Accept": "text/html", "Accept-Language": wanted}) as http:
        answer = await http.get("/?area=1&token=wrong")
    assert answer.status_code == 401
    assert word in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="/?area=1"' in answer.text
    assert "http" not in unquote(answer.text).replace("http://www.w3.org/2000/svg", "")


async def test_the_token_in_the_address_becomes_a_cookie_and_goes_away() -> None:
    async with client() as http:
        answer = await http.get("/", params={"area": "京", "token": TOKEN})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/?area=%E4%BA%AC"
        kept = answer.headers["set-cookie"]
        assert "HttpOnly" in kept and "SameSite=lax" in kept
        assert TOKEN not in kept
        assert (await http.get("/")).text == "inside"


async def test_the_cookie_is_secure_on_https_and_good_after_a_restart() -> None:
    async with client() as http:
        assert "Secure" in (await http.get("https://testserver/", params={"token": TOKEN})).headers["set-cookie"]
    async with client(cookies=session()) as http:
        assert (await http.get("/")).text == "inside"


async def test_a_cookie_of_another_token_is_worth_nothing() -> None:
    mine = Guard(inner, TOKEN).cookie
    async with client(cookies={mine: derived("another", "session")}) as http:
        assert (await http.get("/")).status_code == 401


@pytest.mark.parametrize(("header", "status"), [(f"Bearer {TOKEN}", 200), (f"bearer  {TOKEN} ", 200), ("Bearer 不", 401), ("Basic x", 401)])
async def test_bearer(header: str, status: int) -> None:
    async with client() as http:
        assert (await http.get("/tiles/x", headers={"Authorization": header.encode()})).status_code == status


async def test_health_is_open_and_nothing_that_looks_like_it() -> None:
    async with client() as http:
        assert (await http.get("/healthz")).text == "inside"
        for path in ("/healthz/", "/healthz/../x", "//healthz", "/HEALTHZ", "/docs", "/openapi.json", "/signin/x"):
            assert (await http.get(path)).status_code == 401, path


async def test_the_form_signs_in_and_goes_on_only_within_this_server() -> None:
    async with client() as http:
        answer = await http.post("/signin", data={"token": f" {TOKEN} ", "next": "https://elsewhere.example//evil?x=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/evil?x=1")
        nonsense = await http.post("/signin", data={"token": TOKEN, "next": "http://[/a"})
        assert (nonsense.status_code, nonsense.headers["location"]) == (303, "/")
        wrong = await http.post("/signin", data={"token": "x", "next": "/a"})
        assert wrong.status_code == 401
        huge = await http.post("/signin", content=b"token=" + b"x" * 100_000)
        assert huge.status_code == 401


async def test_who_is_signed_in_does_not_see_the_form_or_keep_a_token_in_the_address() -> None:
    async with client(cookies=session()) as http:
        assert (await http.get("/signin")).headers["location"] == "/"
        assert (await http.get("/a?token=old&b=1")).headers["location"] == "/a?b=1"


async def test_another_port_of_this_machine_cannot_act_with_our_cookie() -> None:
    async with client(cookies=session()) as http:
        assert (await http.post("/x", headers={"Sec-Fetch-Site": "same-site"})).status_code == 401
        assert (await http.post("/x", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


@pytest.mark.parametrize(("query", "headers", "passes"), [
    (b"", [], False),
    (b"token=wrong", [], False),
    (b"", [(b"authorization", f"Bearer {TOKEN}".encode())], True),
    (b"", [(b"cookie", "; ".join(f"{k}={v}" for k, v in session().items()).encode())], True),
    (b"", [(b"cookie", "; ".join(f"{k}={v}" for k, v in session().items()).encode()), (b"sec-fetch-site", b"cross-site")], False),
])  # fmt: skip
async def test_websockets_are_guarded_too(query: bytes, headers: list[tuple[bytes, bytes]], passes: bool) -> None:
    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        raise AssertionError("nothing is read before signing in")

    scope = {"type": "websocket", "path": "/live", "raw_path": b"/live", "query_string": query, "headers": headers}
    await Guard(inner, TOKEN)(scope, receive, send)
    assert sent == (["websocket.accept"] if passes else ["websocket.close"])


@given(path=st.text(), query=st.text())
def test_an_address_to_go_on_to_never_leaves_the_server(path: str, query: str) -> None:
    address = own_address(path, query)
    parts = urlsplit(address)
    assert address.isascii() and address.startswith("/") and not address.startswith(("//", "/\\"))
    assert (parts.scheme, parts.netloc) == ("", "")
    assert not any(character in address for character in "\r\n\t \\")


def test_what_is_derived_differs_by_purpose_and_hides_the_token() -> None:
    assert derived(TOKEN, "session") != derived(TOKEN, "cookie") != derived("other", "cookie")
    assert TOKEN not in derived(TOKEN, "session")
