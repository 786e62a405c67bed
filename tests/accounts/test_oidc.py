"""Signing in at an identity provider: the whole way with a real one, and every way to cheat on it."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from identity_provider import CLIENT, SECRET, Provider, providing
from signin_forms import COOKIE, SERVER, account, visitor
from whole_app import started_app

from data.accounts import provider, store
from data.accounts.model import NameTaken
from data.accounts.transactions import owner_transaction
from data.core.settings import settings
from data.database import connections

pytestmark = pytest.mark.slow


@pytest.fixture
def city(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The city's provider, which knows somebody who has an account here."""
    with providing() as known:
        for name, value in {"ISSUER": known.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "NAME": "市统一认证"}.items():
            monkeypatch.setenv(f"GRIDWELL_OIDC_{name}", value)
        settings.cache_clear()
        provider.clear_cache()
        account("wang.min", password=None, oidc_subject="u-4711", issuer=known.issuer)
        yield known
    provider.clear_cache()


@pytest_asyncio.fixture
async def app(city: Provider) -> AsyncIterator[FastAPI]:
    async with started_app() as made:
        yield made


async def there(http: httpx.AsyncClient, target: str = "/") -> str:
    """From our door to the provider's."""
    answer = await http.get("/signin/provider", params={"next": target})
    assert answer.status_code == 303
    return answer.headers["location"]


async def through(address: str) -> str:
    """Signed in at the provider; the address that it sends the browser back to, without this server's name."""
    async with httpx.AsyncClient() as outside:
        back = urlsplit((await outside.get(address)).headers["location"])
    assert f"{back.scheme}://{back.netloc}" == SERVER
    return f"{back.path}?{back.query}"


async def there_and_back(http: httpx.AsyncClient, target: str = "/") -> httpx.Response:
    return await http.get(await through(await there(http, target)))


async def test_there_and_back(app: FastAPI, database: str) -> None:
    async with visitor(app) as http:
        assert "Continue with 市统一认证" in (await http.get("/signin")).text
        address = await there(http, "/account")
        asked = parse_qs(urlsplit(address).query)
        assert {"state", "nonce", "code_challenge"} <= set(asked) and asked["scope"] == ["openid"]
        answer = await http.get(await through(address))
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert (await http.get("/account")).status_code == 200
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT action, subject, detail->>'way' FROM audit_log ORDER BY no DESC LIMIT 1").fetchone()
    assert row == ("sign_in", "wang.min", "oidc")


async def test_every_way_has_secrets_of_its_own(app: FastAPI) -> None:
    async with visitor(app) as http:
        ways = [parse_qs(urlsplit(await there(http)).query) for _ in range(2)]
    for part in ("state", "nonce", "code_challenge"):
        assert ways[0][part] != ways[1][part]


async def test_where_to_go_afterwards_stays_on_this_server(app: FastAPI) -> None:
    async with visitor(app) as http:
        assert (await there_and_back(http, "https://elsewhere.example/x")).headers["location"] == "/x"


async def test_who_is_linked_to_no_account_does_not_come_in_and_learns_the_name_to_tell(app: FastAPI, city: Provider) -> None:
    city.person = "u-<0815>"
    async with visitor(app) as http:
        answer = await there_and_back(http)
        assert answer.status_code == 403 and "u-&lt;0815&gt;" in answer.text
        assert COOKIE not in http.cookies


async def test_a_closed_account_stays_closed(app: FastAPI) -> None:
    with owner_transaction() as connection:
        store.disable(connection, store.fetch_named(connection, "wang.min").id)
    async with visitor(app) as http:
        assert (await there_and_back(http)).status_code == 403


def now(later: int = 0) -> int:
    """Seconds since 1970, some seconds later."""
    return int(time.time()) + later


LIES: dict[str, Callable[[Provider], Any]] = {
    "wrong nonce": lambda city: city.claims.update(nonce="another"),
    "no nonce": lambda city: city.claims.update(nonce=None),
    "for somebody else": lambda city: city.claims.update(aud="another-client"),
    "for somebody else, by us": lambda city: city.claims.update(aud="another-client", azp=CLIENT),
    "for several, by another": lambda city: city.claims.update(aud=[CLIENT, "another-client"], azp="another-client"),
    "no audience": lambda city: city.claims.update(aud=None),
    "another issuer": lambda city: city.claims.update(iss="https://elsewhere.example"),
    "expired": lambda city: city.claims.update(exp=now(-600), iat=now(-900)),
    "never expires": lambda city: city.claims.update(exp=None),
    "not yet good": lambda city: city.claims.update(nbf=now(600)),
    "issued in the future": lambda city: city.claims.update(iat=now(600)),
    "nobody": lambda city: city.claims.update(sub=None),
    "nobody again": lambda city: city.claims.update(sub=""),
    "a list of people": lambda city: city.claims.update(sub=["u-4711"]),
    "another access token": lambda city: city.claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "unsigned": lambda city: setattr(city, "sign", city.unsigned),
    "signed with the public key": lambda city: setattr(city, "sign", city.by_public_key),
    "signed by a stranger": lambda city: setattr(city, "sign", city.by_stranger),
    "no token": lambda city: setattr(city, "sign", lambda _: None),
    "nonsense": lambda city: setattr(city, "sign", lambda _: "a.b.c"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_does_not_hold_lets_nobody_in(app: FastAPI, city: Provider, lie: str) -> None:
    LIES[lie](city)
    async with visitor(app) as http:
        answer = await there_and_back(http)
        assert answer.status_code == 502, answer.text
        assert "its answer is not valid" in answer.text
        assert COOKIE not in http.cookies


async def test_a_way_back_is_good_once(app: FastAPI) -> None:
    async with visitor(app) as http:
        back = await through(await there(http))
        assert (await http.get(back)).status_code == 303
        http.cookies.delete(COOKIE)
        again = await http.get(back)
        assert again.status_code == 502 and "in which it began" in again.text
        assert COOKIE not in http.cookies


async def test_a_way_back_is_good_in_the_browser_that_went(app: FastAPI) -> None:
    async with visitor(app) as mine, visitor(app) as victim:
        back = await through(await there(mine))
        assert (await victim.get(back)).status_code == 502, "nobody is signed in as somebody else by a link"
        await there(victim)
        assert (await victim.get(back)).status_code == 502
        assert COOKIE not in victim.cookies


@pytest.mark.parametrize("change", [("state=", "state=0"), ("code=", "code=0"), ("code=", "kode="), ("state=", "staat=")])
async def test_a_changed_way_back_leads_nowhere(app: FastAPI, change: tuple[str, str]) -> None:
    async with visitor(app) as http:
        back = await through(await there(http))
        assert (await http.get(back.replace(*change))).status_code == 502
        assert COOKIE not in http.cookies


async def test_a_code_of_another_browser_is_worth_nothing(app: FastAPI) -> None:
    """Code injection: PKCE ties the code to whoever asked for it."""
    async with visitor(app) as mine, visitor(app) as theirs:
        stolen = parse_qs(urlsplit(await through(await there(theirs))).query)["code"][0]
        back = urlsplit(await through(await there(mine)))
        state = parse_qs(back.query)["state"][0]
        answer = await mine.get(f"{back.path}?code={stolen}&state={state}")
        assert answer.status_code == 502 and "did not accept" in answer.text


async def test_a_provider_that_is_away_is_told_in_a_sentence(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_OIDC_ISSUER", "http://127.0.0.1:9")
    settings.cache_clear()
    async with visitor(app) as http:
        answer = await http.get("/signin/provider")
        assert answer.status_code == 502 and "does not answer" in answer.text
    await connections.close_pools()


@pytest.mark.parametrize("change", [
    {"issuer": "http://127.0.0.1:1"},
    {"token_endpoint": "http://elsewhere.example/token"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"jwks_uri": "file:///etc/passwd"},
    {"jwks_uri": None},
])  # fmt: skip
async def test_a_provider_that_describes_itself_wrongly_is_not_used(app: FastAPI, city: Provider, change: dict[str, str]) -> None:
    city.description.update(change)
    async with visitor(app) as http:
        answer = await http.get("/signin/provider")
    assert answer.status_code == 502 and "cannot be used" in answer.text


async def test_new_keys_are_believed_at_once(app: FastAPI, city: Provider) -> None:
    from joserfc.jwk import KeySet, RSAKey

    async with visitor(app) as http:
        assert (await there_and_back(http)).status_code == 303
        city.keys = KeySet([RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})])
        http.cookies.delete(COOKIE)
        assert (await there_and_back(http)).status_code == 303


async def test_without_a_provider_there_is_no_way(database: str) -> None:
    settings.cache_clear()
    async with started_app() as app, visitor(app) as http:
        account("wang.min")
        assert "/signin/provider" not in (await http.get("/signin")).text
        assert (await http.get("/signin/provider")).status_code == 502
        assert (await http.get("/signin/provider/back?code=x&state=y")).status_code == 502


def test_a_person_of_the_provider_has_one_account(city: Provider) -> None:
    with pytest.raises(NameTaken):
        account("chen", password=None, oidc_subject="u-4711", issuer=city.issuer)
