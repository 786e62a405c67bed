"""The second factor: required of roles, replaced by recovery codes, and removed by others only if its owner is told."""

import asyncio
import re
from collections.abc import Callable

import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx import AsyncClient
from signin_forms import PASSWORD, account, forms, hold, send, session, sign_in, visitor
from whole_app import app_with_boss as app

from cli.__main__ import main
from data.accounts import identity, links, passwords, recovery, second_factor, sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.core.roles import DEVICES, ROLES
from data.core.settings import settings
from data.live import changes

OTHER = "violet-kettle-horse-9"
CALLBACK = "/_dash-update-component"


__all__ = ["app"]  # a fixture


def require(patch: pytest.MonkeyPatch, roles: str, **more: str) -> None:
    for name, value in {"SECOND_FACTOR_ROLES": roles, **more}.items():
        patch.setenv(f"GRIDWELL_{name}", value)
    settings.cache_clear()
    identity.clear_cache()


async def until_true(condition: Callable[[], bool]) -> None:
    """Wait for what is told from elsewhere; the limit is far beyond what it takes."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what changes is in the product, which needs no event for it
            await asyncio.sleep(0.01)


def kept_codes(page: str) -> list[str]:
    return re.findall(r"<code>([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})</code>", page)


async def set_up(http: AsyncClient, page: str) -> tuple[pyotp.TOTP, list[str]]:
    """Set up the second factor as a person does; the app, and the recovery codes."""
    opened = (await http.get(page)).text
    app = pyotp.TOTP(opened.split("<code>")[1].split("</code>")[0].replace(" ", ""))
    where = page.split("?")[0]
    taken = await http.post(where, data={**forms(opened)[where], "code": app.now(), "password": PASSWORD})
    assert taken.status_code == 200, taken.text
    return app, kept_codes(taken.text)


def actions_on(name: str) -> list[tuple[str, str]]:
    """Who did what to an account, the oldest first."""
    with owner_transaction() as connection:
        rows = connection.exec_driver_sql("SELECT account, action FROM audit_log WHERE subject = %s ORDER BY no", (name,)).all()
    return [(row.account, row.action) for row in rows]


# ---- Who must have one ----


@pytest.mark.parametrize(("roles", "more", "those"), [
    ("", {}, set()),
    ("none", {"HOST": "0.0.0.0"}, set()),
    ("", {"HOST": "0.0.0.0"}, {"grid_worker", "supervisor", "steward", "auditor", "administrator"}),
    ("", {"PUBLIC_URL": "https://grid.example"}, {"grid_worker", "supervisor", "steward", "auditor", "administrator"}),
    ("", {"TRUSTED_PROXIES": "127.0.0.1"}, {"grid_worker", "supervisor", "steward", "auditor", "administrator"}),
    ("leader, steward", {}, {"leader", "steward"}),
    ("all", {}, set(ROLES) - set(DEVICES)),
])  # fmt: skip
def test_the_setting_says_who(monkeypatch: pytest.MonkeyPatch, roles: str, more: dict[str, str], those: set[str]) -> None:
    require(monkeypatch, roles, **more)
    try:
        assert {role for role in ROLES if second_factor.is_required(role, ROLES[role].highest)} == those
        assert not second_factor.is_required("supervisor", "cases") or roles == "all", "who was given less sees no personal data"
    finally:
        settings.cache_clear()


async def test_nothing_opens_before_it_is_set_up(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    account("chen", role="steward")
    with owner_transaction() as connection:
        token = tokens.make(connection, "chen", "x", 9)
    async with visitor(app) as http, visitor(app, accept="*/*", authorization=f"Bearer {token}") as program:
        await sign_in(http, "chen")
        assert (await http.get("/account")).status_code == (await program.get("/api/areas")).status_code == 200
        require(monkeypatch, "steward")  # as after a start with other settings: sessions and tokens of before are there
        for path in ("/", "/account", "/account/second-factor", "/docs", "/accounts"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/signin/second-factor"), path
        for path in ("/api/areas", "/tiles/areas/9/1/1.mvt", "/shapes/990101/self.json", "/assets/tokens.css", "/_dash-layout"):
            assert (await http.get(path, headers={"accept": "*/*"})).status_code == 401, path
            assert (refused := await program.get(path)).status_code == 403, path
            assert refused.json()["error"]["code"] == "second_factor_needed"
        assert (await http.post(CALLBACK, json={}, headers={"accept": "*/*"})).status_code == 401
        assert (await http.post("/account/tokens", data={"token_name": "x", "days": "9"})).status_code == 401
        _, codes = await set_up(http, "/signin/second-factor?next=/account")
        assert len(codes) == len(set(codes)) == recovery.MANY
        identity.clear_cache()
        assert (await http.get("/account")).status_code == (await program.get("/api/areas")).status_code == 200
        assert (await http.get("/signin/second-factor")).headers["location"] == "/"


async def test_a_display_and_whom_the_provider_vouches_for_need_none(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    account("hall", role="wall", password=None)
    account("chen", role="steward", password=None)
    with owner_transaction() as connection:
        made = {tokens.make(connection, name, "x", 9): place for name, place in (("hall", "/api/wall/time"), ("chen", "/api/areas"))}
    require(monkeypatch, "all")
    for token, place in made.items():
        async with visitor(app, accept="*/*", authorization=f"Bearer {token}") as program:
            assert (await program.get(place)).status_code == 200


async def test_setting_it_up_ends_sessions_that_began_without(app: FastAPI) -> None:
    account("chen")
    async with visitor(app) as http, visitor(app) as knows_the_password:
        await sign_in(knows_the_password, "chen")
        await sign_in(http, "chen")
        before = session(http)
        await set_up(http, "/account/second-factor")
        assert session(http) != before
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 200
        assert (await knows_the_password.get("/account")).status_code == 303
        hold(http, before)
        assert (await http.get("/account")).status_code == 303


# ---- Recovery codes ----


async def test_a_recovery_code_opens_once_is_written_down_and_counted(app: FastAPI) -> None:
    account("chen")
    async with visitor(app) as http:
        await sign_in(http, "chen")
        _, codes = await set_up(http, "/account/second-factor")
        assert "10 of 10" in (await http.get("/account")).text and codes[0] not in (await http.get("/account")).text
        http.cookies.clear()
        await sign_in(http, "chen", target="/account")
        typed = codes[0].upper().replace("-", " ").replace("0", "O").replace("1", "l")
        answer = await send(http, "/signin/code?next=/account", "/signin/code", recovery=typed)
        assert answer.headers["location"] == "/account"
        assert (await http.get("/account")).headers["location"] == "/signin/news?next=%2Faccount"
        assert "Used a recovery code" in (await http.get("/signin/news")).text
        assert (await send(http, "/signin/news?next=/account", "/signin/news")).headers["location"] == "/account"
        page = (await http.get("/account")).text
        assert "9 of 10" in page and "Used a recovery code" in page
        http.cookies.clear()
        await sign_in(http, "chen")
        again = await send(http, "/signin/code", recovery=codes[0])
        assert again.status_code == 401 and "used already" in again.text
    assert actions_on("chen")[-4:] == [
        ("chen", "recovery_code_used"), ("chen", "sign_in"), ("chen", "sign_in_half"), ("chen", "sign_in_failed"),
    ]  # fmt: skip
    with owner_transaction() as connection:
        held = str(connection.exec_driver_sql("SELECT * FROM recovery_code").all())
        logged = str(connection.exec_driver_sql("SELECT detail FROM audit_log").all())
    assert not any(code in held + logged or code.replace("-", "") in held + logged for code in codes)


async def test_new_codes_take_the_password_and_end_the_old_ones(app: FastAPI) -> None:
    account("chen")
    async with visitor(app) as http:
        await sign_in(http, "chen")
        _, old = await set_up(http, "/account/second-factor")
        refused = await send(http, "/account", "/account/recovery-codes", password=OTHER)
        assert refused.status_code == 422 and 'id="codes-password-error"' in refused.text
        new = kept_codes((await send(http, "/account", "/account/recovery-codes", password=PASSWORD)).text)
        assert len(new) == recovery.MANY and not set(new) & set(old)
    with owner_transaction() as connection:
        mine = store.fetch_named(connection, "chen")
        assert not recovery.use_code(connection, mine, old[0]) and recovery.use_code(connection, mine, new[0])
        assert not recovery.use_code(connection, store.fetch_named(connection, "boss"), new[1]), "they are of one account"


async def test_who_must_have_one_and_turns_it_off_sets_it_up_anew(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    require(monkeypatch, "supervisor")
    account("chen")
    async with visitor(app) as http:
        await sign_in(http, "chen")
        await set_up(http, "/signin/second-factor")
        answer = await send(http, "/account", "/account/second-factor/off", password=PASSWORD)
        assert answer.headers["location"].startswith("/signin/second-factor")
        identity.clear_cache()
        assert (await http.get("/account")).headers["location"].startswith("/signin/second-factor")
        with owner_transaction() as connection:
            assert recovery.count_left(connection, store.fetch_named(connection, "chen").id) == 0


@pytest.mark.parametrize("page", ["/account/second-factor", "/signin/second-factor"])
async def test_an_open_browser_alone_sets_up_no_second_factor(app: FastAPI, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    account("chen", role="steward")
    if page.startswith("/signin"):
        require(monkeypatch, "steward")
    async with visitor(app) as http:
        await sign_in(http, "chen")
        opened = (await http.get(page)).text
        code = pyotp.TOTP(opened.split("<code>")[1].split("</code>")[0].replace(" ", "")).now()
        for password in ("", OTHER):
            refused = await http.post(page, data={**forms(opened)[page], "code": code, "password": password})
            assert refused.status_code == 422 and 'id="password-error"' in refused.text
            with owner_transaction() as connection:
                assert store.fetch_named(connection, "chen").totp_secret is None
        taken = await http.post(page, data={**forms(opened)[page], "code": code, "password": PASSWORD})
        assert taken.status_code == 200 and kept_codes(taken.text)


async def test_who_has_no_password_is_not_asked_for_one(app: FastAPI) -> None:
    chen = account("chen", password=None, issuer="https://id.example", oidc_subject="chen")
    with owner_transaction() as connection:
        value = sessions.begin(connection, chen.id, "full", "", "")
    async with visitor(app) as http:
        hold(http, value)
        assert "password" not in forms((await http.get("/account")).text)["/account/tokens"]
        assert "gwp_" in (await send(http, "/account", "/account/tokens", token_name="mine", days="9")).text
        assert "password" not in forms((await http.get("/account/second-factor")).text)["/account/second-factor"]


# ---- What an administrator can do, and cannot do unseen ----


async def test_a_reset_link_asks_for_the_second_factor_and_leaves_it(app: FastAPI) -> None:
    mine = account("chen", role="steward")
    async with visitor(app) as http, visitor(app) as thief:
        await sign_in(http, "chen")
        _, codes = await set_up(http, "/account/second-factor")
        with owner_transaction() as connection:
            key = links.make(connection, "password", mine)
        for code in ("", "000000", "abcd-abcd-abcd"):
            refused = await send(thief, f"/reset?key={key}", password=OTHER, code=code)
            assert refused.status_code == 422 and 'id="code-error"' in refused.text
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 200, "nothing was changed, nobody was signed out"
        assert (await send(thief, f"/reset?key={key}", password=OTHER, code=codes[0])).status_code == 303
        identity.clear_cache()
        assert (await http.get("/account")).status_code == 303
        assert (await sign_in(http, "chen", OTHER)).headers["location"].startswith("/signin/code")
    assert ("-", "password_changed") in actions_on("chen") and ("-", "recovery_code_used") in actions_on("chen")


async def test_where_both_are_reset_the_owner_sees_it_and_the_log_has_it(app: FastAPI) -> None:
    mine = account("chen", role="steward")
    page = f"/accounts/{mine.id}"
    async with visitor(app) as boss, visitor(app) as chen, visitor(app) as taker:
        await sign_in(chen, "chen")
        await set_up(chen, "/account/second-factor")
        await sign_in(boss, "boss")
        assert "is told at the next sign-in" in (await send(boss, page, f"{page}/second-factor/off")).text
        identity.clear_cache()
        assert (await chen.get("/account")).status_code == 303, "the sessions of the lost telephone"
        link = (await send(boss, page, f"{page}/link")).text.split('class="code">')[1].split("<")[0]
        await send(taker, link, "/reset", password=OTHER)
        await sign_in(taker, "chen", OTHER)
        assert (await taker.get("/account")).headers["location"].startswith("/signin/news")
        assert (await taker.get("/", headers={"accept": "*/*"})).status_code == 401, "nothing else before it is read"
        await send(taker, "/signin/news")
        later = (await taker.get("/account")).text
        for said in ("Turned the second factor off", "Made a one-time link", "Changed a password"):
            assert said in later, "who reads it away does not take it away"
        assert later.count("boss") >= 2 and "the person who had the link" in later
    assert {("boss", "second_factor_off"), ("boss", "link_made"), ("-", "password_changed")} <= set(actions_on("chen"))


def test_another_person_at_the_provider_is_told(app: FastAPI) -> None:
    mine = account("chen")
    with owner_transaction() as connection:
        store.change(connection, mine.id, Draft("chen", role="leader"), "https://id.example")
        assert not store.fetch_named(connection, "chen").untold, "rights alone"
        store.change(connection, mine.id, Draft("chen", role="leader", oidc_subject="boss"), "https://id.example")
        assert store.fetch_named(connection, "chen").untold


async def test_of_others_accounts_nothing_is_told(app: FastAPI) -> None:
    account("wei")
    with owner_transaction() as connection:
        links.make(connection, "password", store.fetch_named(connection, "boss"))
    async with visitor(app) as http:
        await sign_in(http, "wei")
        assert "Made a one-time link" not in (await http.get("/account")).text


async def test_an_administrator_does_it_not_to_themselves(app: FastAPI) -> None:
    async with visitor(app) as boss:
        await sign_in(boss, "boss")
        await set_up(boss, "/account/second-factor")
        with owner_transaction() as connection:
            number = store.fetch_named(connection, "boss").id
        page = f"/accounts/{number}"
        csrf = forms((await boss.get(page)).text)[page]["csrf"]
        for path in ("link", "second-factor/off"):
            assert (await boss.post(f"{page}/{path}", data={"csrf": csrf})).status_code == 422
    with owner_transaction() as connection:
        assert store.fetch_named(connection, "boss").totp_secret


def test_the_owner_of_the_machine_takes_it_away_and_its_owner_is_told(app: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
    account("chen")
    assert main(["user", "second-factor-off", "chen"]) == 0
    with owner_transaction() as connection:
        assert store.fetch_named(connection, "chen").untold


# ---- Tokens and passwords ----


async def test_tokens_of_a_closed_account_stop_at_once(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "KEPT_S", 3600.0)  # what is known is believed until PostgreSQL tells of the change
    mine = account("chen")
    with owner_transaction() as connection:
        token = tokens.make(connection, "chen", "x", 9)
    async with changes.listen_for_changes(), visitor(app, accept="*/*", authorization=f"Bearer {token}") as program:
        await until_true(lambda: changes._known().listening)
        assert (await program.get("/api/areas")).status_code == 200
        with owner_transaction() as connection:
            store.disable(connection, mine.id)
        await until_true(lambda: not len(identity._cache))
        assert (await program.get("/api/areas")).status_code == 401


@pytest.mark.usefixtures("production_hasher")
async def test_a_password_costs_one_argon2_whether_there_is_such_an_account_or_not(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    account("chen", password=passwords.hash_password(PASSWORD))
    account("closed")
    account("hall", role="wall", password=None)
    with owner_transaction() as connection:
        store.disable(connection, store.fetch_named(connection, "closed").id)
    real, compared = PasswordHasher.verify, []

    def counting(self: PasswordHasher, kept: str, given: str) -> bool:
        compared.append(kept.split("$")[1:4])
        return bool(real(self, kept, given))

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    async with visitor(app) as http:
        for name in ("chen", "nobody", "closed", "hall", "\x00"):
            compared.clear()
            assert (await sign_in(http, name, OTHER)).status_code == 401
            assert compared == [["argon2id", "v=19", "m=65536,t=3,p=4"]], name
