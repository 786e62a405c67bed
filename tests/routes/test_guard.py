"""The guard: who is let in, with which credential, and where others are sent."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from data.accounts import identity, sessions, store, tokens
from data.accounts.guest import Guest, guest
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.accounts.unknown_tokens import finish_counting
from data.core.errors import NotOpen
from data.database import connections
from routes.middleware.guard import Guard, own_address, target_of
from routes.middleware.rate_limits import OPEN_FILES, Buckets, CredentialLookups
from routes.shared.language import viewer

SERVER = "http://testserver:8050"
COOKIE, DEVICE = "gridwell-session-8050", "gridwell-device-8050"
PAGE = {"accept": "text/html"}


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Says who got through."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    seen = viewer(Request(scope))
    await PlainTextResponse(f"{seen.role or 'nobody'} {seen.detail} {seen.scope!r} {seen.figures!r} {seen.zone!r}")(scope, receive, send)


def client(**more: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Guard(inner)), base_url=SERVER, **more)


@pytest_asyncio.fixture
async def known(small: str) -> AsyncIterator[Guest]:
    identity.clear_cache()
    with guest() as made:
        yield made
        await finish_counting()
    await connections.close_pools()
    identity.clear_cache()


def display() -> str:
    """A wall display's token."""
    with owner_transaction() as connection:
        name = f"wall{len(store.list_accounts(connection))}"
        store.add(connection, Draft(name, role="wall"))
        return tokens.make(connection, name, "lobby", 1)


async def test_a_stranger_gets_a_sentence_and_401(known: Guest) -> None:
    async with client(headers={"Accept-Language": "en"}) as http:
        answer = await http.get("/api/areas/1")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "sign_in_needed"


async def test_a_browser_is_sent_to_the_door_and_will_come_back_to_where_it_went(known: Guest) -> None:
    async with client(headers=PAGE) as http:
        answer = await http.get("/?area=京")
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2F%3Farea%3D%25E4%25BA%25AC")
        assert (await http.get("/")).headers["location"] == "/signin"
        assert (await http.post("/x")).status_code == 401


@pytest.mark.parametrize(
    ("way", "status"), [("Bearer {}", 200), ("bearer  {} ", 200), ("Bearer 不", 401), ("Basic {}", 401), ("Bearer gwp_x", 401)]
)
async def test_bearer(known: Guest, way: str, status: int) -> None:
    async with client() as http:
        header = way.format(known.token).encode()
        assert (await http.get("/tiles/x", headers={"Authorization": header})).status_code == status


async def test_a_wrong_bearer_is_not_made_good_by_a_cookie(known: Guest) -> None:
    async with client(cookies={COOKIE: known.session}) as http:
        assert (await http.get("/x")).status_code == 200
        assert (await http.get("/x", headers={"Authorization": "Bearer gwp_wrong"})).status_code == 401


async def test_a_session_is_its_account_with_its_rights(known: Guest) -> None:
    async with client(cookies={COOKIE: known.session}) as http:
        assert (await http.get("/x")).text == "steward people '*' '*' ''"


@pytest.mark.parametrize(("scope", "figures", "seen"), [
    ("990101", None, "'990000.990101' '990000.990101' ''"),
    ("990101001", "990101", "'990000.990101.990101001' '990000.990101' ''"),
    ("QUAY", None, "'990000' '990000.QUAY' 'QUAY'"),
    ("gone", None, "'' '' ''"),
])  # fmt: skip
async def test_the_area_of_an_account_becomes_paths(known: Guest, scope: str, figures: str | None, seen: str) -> None:
    with guest("supervisor", scope, figures=figures) as other:
        async with client(headers={"Authorization": f"Bearer {other.token}"}) as http:
            assert (await http.get("/x")).text == f"supervisor people {seen}"


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::7"])
async def test_a_person_comes_from_the_address_of_the_connection(known: Guest, address: str) -> None:
    """As the audit log writes it: without the port."""

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(viewer(Request(scope)).address)(scope, receive, send)

    transport = httpx.ASGITransport(Guard(tell), client=(address, 4321))
    async with httpx.AsyncClient(transport=transport, base_url=SERVER, cookies={COOKIE: known.session}) as http:
        assert (await http.get("/x")).text == address


async def test_health_and_what_the_door_needs_are_open_and_nothing_that_looks_like_it(known: Guest) -> None:
    async with client() as http:
        for path in ("/healthz", "/signin", "/signin/style.css", "/assets/favicon.svg", "/first", "/reset"):
            assert (await http.get(path)).text.startswith("nobody"), path
        for path in (
            "/healthz/",
            "/healthz/../x",
            "//healthz",
            "/HEALTHZ",
            "/docs",
            "/openapi.json",
            "/signin/x",
            "/signin/code",
            "/first/x",
        ):
            assert (await http.get(path)).status_code == 401, path


async def test_the_token_of_a_display_becomes_a_cookie_and_leaves_the_address(known: Guest) -> None:
    token = display()
    async with client(headers=PAGE) as http:
        answer = await http.get("/", params={"area": "京", "token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall?area=%E4%BA%AC"), "as addresses of earlier versions are"
        kept = answer.headers["set-cookie"]
        assert "HttpOnly" in kept and "SameSite=lax" in kept and "Secure" not in kept
        assert (await http.get("/wall")).text.startswith("wall figures")
        for given, then in (("/", "/wall"), ("/?area=1&theme=dark&lang=en&dim=2d", "/wall?area=1&lang=en"), ("/?next=//x", "/wall")):
            answer = await http.get(given)
            assert (answer.status_code, answer.headers["location"]) == (303, then), "a display shows the wall"
            assert answer.headers["cache-control"] == "no-store"
    async with client(headers=PAGE) as http:
        for path in ("/wall", "/wall?layout=tall&area=1"):
            address = f"{path}{'&' if '?' in path else '?'}token={token}"
            answer = await http.get(address)
            assert (answer.status_code, answer.headers["location"]) == (303, path), "with everything but the token"
            assert answer.headers["referrer-policy"] == "same-origin" and token not in str(answer.headers.get("location"))
            assert (await http.head(address)).status_code == 303


@pytest.mark.parametrize("odd", ["a b=c", "{}", 'x="y', "é=1", "=", ";;"])
async def test_an_odd_cookie_of_another_server_of_this_host_hides_none_of_ours(known: Guest, odd: str) -> None:
    async with client(headers={"cookie": f"{odd}; {COOKIE}={known.session}; {odd}".encode("latin-1")}) as http:
        assert (await http.get("/")).status_code == 200


async def test_over_https_cookies_are_of_this_host_alone(known: Guest) -> None:
    async with client() as http:
        kept = (await http.get("https://testserver/", params={"token": display()})).headers["set-cookie"]
    assert kept.startswith("__Host-gridwell-device=") and "Secure" in kept and "Path=/" in kept and "Domain" not in kept


async def test_a_personal_token_in_an_address_opens_nothing(known: Guest) -> None:
    async with client(headers=PAGE) as http:
        answer = await http.get("/", params={"token": known.token})
        assert answer.status_code == 401 and "set-cookie" not in answer.headers


async def test_no_session_gives_way_to_a_link_that_somebody_sent(known: Guest) -> None:
    async with client(cookies={COOKIE: known.session}) as http:
        answer = await http.get("/", params={"token": display(), "b": "1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/?b=1")
        assert "set-cookie" not in answer.headers
        assert (await http.get("/")).text.startswith("steward")


async def test_a_display_whose_token_is_withdrawn_says_so(known: Guest) -> None:
    token = display()
    async with client(headers={**PAGE, "accept-language": "en"}, cookies={DEVICE: token}) as http:
        assert (await http.get("/wall")).text.startswith("wall")
        with owner_transaction() as connection:
            for one in store.list_accounts(connection):
                for row in tokens.list_tokens(connection, one.id):
                    assert one.role != "wall" or tokens.withdraw(connection, row["id"], one.id)
        identity.clear_cache()
        answer = await http.get("/wall")
    assert answer.status_code == 401
    assert "may not show anything any more" in answer.text


@pytest.mark.parametrize(("before", "after"), [("wall", "steward"), ("steward", "wall")])
async def test_a_token_ends_with_the_kind_of_account_that_it_was_made_for(known: Guest, before: str, after: str) -> None:
    """A display's address lies about in browsers for a year; it opens nothing when its account becomes a person's."""
    with owner_transaction() as connection:
        name = f"{before}-{len(store.list_accounts(connection))}"
        made = store.add(connection, Draft(name, role=before))
        token = tokens.make(connection, name, "lobby", 1)
    async with client(headers={"authorization": f"Bearer {token}"}) as http:
        assert (await http.get("/x")).text.startswith(before)
        with owner_transaction() as connection:
            store.change(connection, made.id, Draft(name, role=after))
        identity.clear_cache()
        assert (await http.get("/x")).status_code == 401


async def test_the_switch_of_languages_stays_on_this_server(known: Guest) -> None:
    async with client(headers=PAGE) as http:
        answer = await http.get(f"{SERVER}//elsewhere.example/a b", params={"token": "x"})
    assert answer.status_code == 401 and "//elsewhere" not in answer.text
    assert 'href="/elsewhere.example/a%20b?token=x&amp;lang=en"' in answer.text


async def test_tokens_look_after_no_accounts(known: Guest) -> None:
    async with client() as http:
        for path in ("/account", "/accounts", "/accounts/1", "/signout"):
            assert (await http.get(path, headers={"Authorization": f"Bearer {known.token}"})).status_code == 403, path
            assert (await http.get(path, headers={"cookie": f"{DEVICE}={display()}"})).status_code == 403, path


async def test_a_token_is_no_session_although_it_was_just_used(known: Guest) -> None:
    async with client() as http:
        assert (await http.get("/x", headers={"Authorization": f"Bearer {known.token}"})).status_code == 200
        for path in ("/x", "/account"):
            assert (await http.get(path, headers={"cookie": f"{COOKIE}={known.token}"})).status_code == 401, path


async def test_what_is_remembered_of_a_person_follows_the_account(known: Guest) -> None:
    """The same credential at another address, and after its account was changed."""
    seen: list[tuple[str, str, str]] = []

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        told = viewer(Request(scope))
        seen.append((told.address, told.role, told.session))
        await PlainTextResponse("")(scope, receive, send)

    guard = Guard(tell)
    used = (("10.0.0.1", "steward"), ("10.0.0.2", "steward"), ("10.0.0.1", "steward"), ("10.0.0.1", "leader"))
    for address, role in used:
        with owner_transaction() as connection:
            store.change(connection, store.fetch_named(connection, known.name).id, Draft(known.name, role=role))
        identity.clear_cache()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard, client=(address, 1)), base_url=SERVER) as http:
            for _ in range(2):
                assert (await http.get("/x", headers={"cookie": f"{COOKIE}={known.session}"})).status_code == 200
    assert [one[:2] for one in seen] == [pair for pair in used for _ in "12"]
    assert len({one[2] for one in seen}) == 1 and seen[0][2], "the session is the same"


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
async def test_another_site_or_port_cannot_act_with_our_cookie(known: Guest, site: str) -> None:
    async with client(cookies={COOKIE: known.session}) as http:
        assert (await http.post("/x", headers={"Sec-Fetch-Site": site})).status_code == 401
        assert (await http.post("/x", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200
        assert (await http.post("/x", headers={"Origin": "http://elsewhere.example"})).status_code == 401
        assert (await http.post("/x", headers={"Origin": "null"})).status_code == 401
        assert (await http.post("/x", headers={"Origin": SERVER})).status_code == 200


@pytest.mark.parametrize(("state", "step"), [("second_factor", "/signin/code"), ("must_change", "/signin/password")])
async def test_half_a_session_opens_nothing_but_its_next_step(known: Guest, state: sessions.State, step: str) -> None:
    with owner_transaction() as connection:
        value = sessions.begin(connection, store.fetch_named(connection, known.name).id, state, "", "")
    async with client(cookies={COOKIE: value}, headers=PAGE) as http:
        assert (await http.get("/?a=1")).headers["location"] == f"{step}?next=%2F%3Fa%3D1"
        assert (await http.get(step)).status_code == (await http.get("/signout")).status_code == 200
        for path in ("/api/areas/1", "/account", "/tiles/x", "/_dash-layout"):
            assert (await http.get(path, headers={"accept": "*/*"})).status_code == 401, path
        other = {"/signin/code": "/signin/password", "/signin/password": "/signin/code"}[step]
        assert (await http.post(other)).status_code == 401


@pytest.mark.parametrize("way", ["nothing", "wrong", "bearer", "cookie", "cross-site"])
async def test_websockets_are_guarded_too(known: Guest, way: str) -> None:
    cookie = (b"cookie", f"{COOKIE}={known.session}".encode())
    headers = {
        "nothing": [],
        "wrong": [(b"cookie", f"{COOKIE}=wrong".encode())],
        "bearer": [(b"authorization", f"Bearer {known.token}".encode())],
        "cookie": [cookie],
        "cross-site": [cookie, (b"sec-fetch-site", b"cross-site")],
    }[way]
    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        raise AssertionError("nothing is read before signing in")

    scope = {
        "type": "websocket",
        "path": "/live",
        "raw_path": b"/live",
        "query_string": b"",
        "headers": headers,
        "server": ("testserver", 8050),
    }
    await Guard(inner)(scope, receive, send)
    assert sent == (["websocket.accept"] if way in {"bearer", "cookie"} else ["websocket.close"])


@given(path=st.text(), query=st.text())
def test_an_address_to_go_on_to_never_leaves_the_server(path: str, query: str) -> None:
    for address in (own_address(path, query), target_of(path), target_of(f"{path}?{query}")):
        parts = urlsplit(address)
        assert address.isascii() and address.startswith("/") and not address.startswith(("//", "/\\"))
        assert (parts.scheme, parts.netloc) == ("", "")
        assert not any(character in address for character in "\r\n\t \\")


@pytest.mark.parametrize(("wanted", "target"), [
    ("https://elsewhere.example//evil?x=1", "/evil?x=1"),
    ("//elsewhere.example/a", "/a"),
    ("javascript:alert(1)", "/alert(1)"),
    ("/\\elsewhere.example", "/elsewhere.example"),
    ("/a?token=gwd_x&b=1", "/a?b=1"),
    ("/signin?next=/signin", "/"),
    ("/signout", "/"),
    ("http://[", "/"),
])  # fmt: skip
def test_targets(wanted: str, target: str) -> None:
    assert target_of(wanted) == target


class NoDatabase(CredentialLookups):
    """Look-ups when the database does not answer."""

    async def find(self, *_: Any) -> None:  # type: ignore[override]  # it refuses whatever is asked
        raise NotOpen()


async def test_icon_and_style_sheet_need_no_database() -> None:
    guarded = Guard(PlainTextResponse("file"), NoDatabase(Buckets()))
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url=SERVER, cookies={COOKIE: "x"}) as http:
        answers = {path: (await http.get(path)).status_code for path in (*OPEN_FILES, "/assets/tokens.css", "/signin")}
    assert answers == {**dict.fromkeys(OPEN_FILES, 200), "/assets/tokens.css": 403, "/signin": 403}
